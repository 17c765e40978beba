//! A local archive before it has its name: a file beside its place, of which everybody can tell who writes
//! it.
//!
//! The writer holds a lock on it (flock), which ends with the process, however that ends. So nobody has to
//! guess from a file's age whether it is still being written. A lock on the folder makes looking for others
//! and beginning one step. Where a file system knows no locks, two writers are only told apart at the end.

use std::fs::{File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use rustix::fs::{FlockOperation, flock};
use tokio::io::AsyncWriteExt as _;

use super::error::{self, Error};
use super::location::LocalFile;
use super::partial_name::{PartialName, other};
use crate::storage::Store;
use crate::storage::upload_options::{OTHER_NAMES_MAX, Replace, UploadOptions};

/// Who may read a file that holds rows and the hashes of passwords; the umask may take more away.
const MODE: u32 = 0o600;
/// How long and how often another process that looks into the same folder is waited for.
const FOLDER_PAUSE: Duration = Duration::from_millis(10);
const FOLDER_TRIES: u32 = 200;

/// A partial file whose writer has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    /// Where it is.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// How long ago it was last written to.
    pub age: Duration,
}

/// A file that is no archive yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartialFile {
    /// The parts of its name.
    pub name: PartialName,
    /// Whether it is being written; none where that cannot be told.
    pub is_being_written: Option<bool>,
}

/// A file under way.
pub(super) struct Partial {
    given: String,
    folder: PathBuf,
    target: String,
    path: PathBuf,
    file: tokio::fs::File,
    is_published: bool,
    leftovers: Vec<Leftover>,
}

impl Store {
    /// The facts about a file whose name is that of a partial one.
    pub fn partial(&self) -> Option<PartialFile> {
        let local = self.local.as_ref()?;
        let name = PartialName::parse(local.name()).filter(|_| local.path().is_file())?;
        Some(PartialFile {
            name,
            is_being_written: is_being_written(&local.path()),
        })
    }
}

impl Partial {
    /// Begins the file. Refuses where another one for the same name is being written.
    pub(super) async fn begin(local: &LocalFile) -> Result<Self, Error> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let folder = local.folder().to_owned();
        let failed = |source| error::of_io("write", local.description(), source);
        let alone = lock_folder(&folder).await;
        let leftovers = look(local)?;
        let name = PartialName::new(
            local.name(),
            &rustix::system::uname().nodename().to_string_lossy(),
            std::process::id(),
            chrono::Utc::now().timestamp(),
            NEXT.fetch_add(1, Ordering::Relaxed),
        );
        let path = folder.join(name.to_string());
        let mut options = OpenOptions::new();
        let file = options.write(true).create_new(true).mode(MODE).open(&path);
        let file = file.map_err(failed)?;
        // Where there are no locks, the archive is written all the same.
        let _ = flock(&file, FlockOperation::NonBlockingLockExclusive);
        drop(alone);
        Ok(Self {
            given: local.description().to_owned(),
            target: local.name().to_owned(),
            folder,
            path,
            file: file.into(),
            is_published: false,
            leftovers,
        })
    }

    pub(super) fn leftovers(&self) -> &[Leftover] {
        &self.leftovers
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let written = self.file.write_all(bytes).await;
        written.map_err(|source| self.failed(source))
    }

    fn failed(&self, source: io::Error) -> Error {
        error::of_io("write", &self.given, source)
    }

    /// Gives the file its name. Returns where it is, if that is not where it was to be.
    pub(super) async fn publish(
        mut self,
        replace: Replace,
        options: UploadOptions,
    ) -> Result<Option<String>, Error> {
        let finish = async {
            self.file.flush().await?;
            if let Some(mode) = options.file_mode {
                let permissions = Permissions::from_mode(mode);
                self.file.set_permissions(permissions).await?;
            }
            if options.sync {
                self.file.sync_all().await?;
            }
            let name = match replace {
                Replace::Existing => {
                    std::fs::rename(&self.path, self.folder.join(&self.target))?;
                    None
                }
                Replace::Never => self.name_anew()?,
            };
            if options.sync {
                File::open(&self.folder)?.sync_all()?;
            }
            Ok(name)
        };
        let named = finish.await;
        let name = named.map_err(|source: io::Error| self.failed(source))?;
        self.is_published = true;
        let elsewhere = |name| {
            Path::new(&self.given)
                .with_file_name(name)
                .display()
                .to_string()
        };
        Ok(name.map(elsewhere))
    }

    /// A hard link fails where something has appeared meanwhile, a rename would replace it. Returns the name,
    /// if it is another one than was asked for.
    fn name_anew(&self) -> io::Result<Option<String>> {
        let others = (2..OTHER_NAMES_MAX).map(|number| Some(other(&self.target, number)));
        for name in std::iter::once(None).chain(others) {
            let path = self.folder.join(name.as_ref().unwrap_or(&self.target));
            match std::fs::hard_link(&self.path, &path) {
                Ok(()) => {
                    std::fs::remove_file(&self.path)?;
                    return Ok(name);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                // A file system without hard links: look, then rename.
                Err(_) if path.symlink_metadata().is_ok() => {}
                Err(_) => {
                    std::fs::rename(&self.path, &path)?;
                    return Ok(name);
                }
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// Removes the file.
    pub(super) fn abort(mut self) -> Result<(), Error> {
        self.is_published = true;
        let removed = std::fs::remove_file(&self.path);
        removed.map_err(|source| error::of_io("abort", &self.given, source))
    }
}

impl Drop for Partial {
    /// A file without a name is gone. There is nobody to tell if that fails; the next dump will find it.
    fn drop(&mut self) {
        if !self.is_published {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Waits until no other process looks for partial files in the folder and begins one. A file system without
/// locks on folders is no reason to fail, and neither is somebody who never lets go.
async fn lock_folder(folder: &Path) -> Option<File> {
    let file = File::open(folder).ok()?;
    for _ in 0..FOLDER_TRIES {
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Some(file),
            Err(rustix::io::Errno::WOULDBLOCK) => tokio::time::sleep(FOLDER_PAUSE).await,
            Err(_) => return None,
        }
    }
    None
}

/// Looks at all partial files in the folder. One for the same archive that is being written is an error;
/// those that nobody writes any more are returned.
fn look(local: &LocalFile) -> Result<Vec<Leftover>, Error> {
    let mut leftovers = vec![];
    let entries = std::fs::read_dir(local.folder());
    let entries = entries.map_err(|source| error::of_io("write", local.description(), source))?;
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str().and_then(PartialName::parse) else {
            continue;
        };
        let path = entry.path();
        match is_being_written(&path) {
            Some(true) if name.is_of(local.name()) => {
                return Err(Error::BeingWritten {
                    location: local.description().to_owned(),
                    writer: name.writer(),
                    partial: path.display().to_string(),
                });
            }
            Some(false) => leftovers.extend(leftover(path)),
            _ => {}
        }
    }
    leftovers.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(leftovers)
}

fn leftover(path: PathBuf) -> Option<Leftover> {
    let meta = path.symlink_metadata().ok()?;
    let modified = meta.modified().ok()?;
    Some(Leftover {
        bytes: meta.len(),
        age: SystemTime::now()
            .duration_since(modified)
            .unwrap_or_default(),
        path,
    })
}

/// Whether somebody holds the writer's lock; none where that cannot be told. The lock that is tried goes with
/// the file that was opened for it.
fn is_being_written(path: &Path) -> Option<bool> {
    // A pipe of such a name would keep who opens it.
    if !path.symlink_metadata().ok()?.is_file() {
        return None;
    }
    let file = File::open(path).ok()?;
    match flock(&file, FlockOperation::NonBlockingLockShared) {
        Ok(()) => Some(false),
        Err(rustix::io::Errno::WOULDBLOCK) => Some(true),
        Err(_) => None,
    }
}
