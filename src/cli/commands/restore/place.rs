//! Where a script or a list goes: standard output, or a file that appears when it is complete.
//!
//! A file that exists is replaced only with `--force`, and what the command reads (the archive, a list, a
//! file of filters) never, whatever name it has. Archives are written elsewhere, by `storage`.

use std::ffi::OsStr;
use std::fs::{self, Metadata, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::patient::Patient;
use crate::cli::args::RestoreArgs;
use crate::cli::screen::report::{Exit, Failure};
use crate::monitor::Monitor;
use crate::storage::Store;

/// What the command reads, which nothing may replace.
pub(crate) struct Inputs<'a> {
    archive: &'a Store,
    files: Vec<&'a OsStr>,
}

impl<'a> Inputs<'a> {
    /// All that `pgark restore` reads.
    pub(crate) fn new(archive: &'a Store, args: &'a RestoreArgs) -> Self {
        let selection = &args.selection;
        let list = selection.use_list.iter().map(AsRef::as_ref);
        let filters = selection.filter.iter().map(AsRef::as_ref);
        Self {
            archive,
            files: list.chain(filters).collect(),
        }
    }

    /// The part of the archive that this file has, in words.
    fn role_of(&self, file: &Metadata) -> Option<&'static str> {
        if self.archive.holds(file) {
            return Some("the archive itself, or a part of it");
        }
        let mut files = self.files.iter().filter_map(|name| fs::metadata(name).ok());
        let is_same = |found: Metadata| (found.dev(), found.ino()) == (file.dev(), file.ino());
        files
            .any(is_same)
            .then_some("a file that the command reads")
    }
}

/// Who may read a file.
#[derive(Clone, Copy)]
pub(crate) enum Permissions {
    /// As the umask has it.
    Usual,
    /// While it is written its owner alone, and then as was said, or no other.
    Own(Option<u32>),
}

impl Permissions {
    /// What the file is created with, of which the umask may take more away.
    fn at_first(self) -> u32 {
        match self {
            Self::Usual => 0o666,
            Self::Own(_) => 0o600,
        }
    }
}

/// An output under way.
pub(crate) struct Place<'a> {
    writer: BufWriter<Box<dyn io::Write + Send>>,
    inputs: Inputs<'a>,
    /// None for standard output, a device or a pipe.
    file: Option<Pending>,
}

/// A file that has its temporary name.
struct Pending {
    partial: PathBuf,
    name: PathBuf,
    replaces: bool,
    permissions: Permissions,
}

impl<'a> Place<'a> {
    /// Opens the output. `replaces` says that a file that exists may be replaced.
    pub(crate) fn open(
        name: &Path,
        replaces: bool,
        inputs: Inputs<'a>,
        permissions: Permissions,
        monitor: &Monitor,
    ) -> Result<Self, Failure> {
        let failed = |error| unwritten(name, &error);
        if name == Path::new("-") {
            let stdout = Patient::new(io::stdout(), monitor.clone()).map_err(failed)?;
            return Ok(Self::new(stdout, inputs, None));
        }
        let name = match fs::metadata(name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                match name.symlink_metadata() {
                    Ok(_) => {
                        let what = "is a symbolic link that leads nowhere";
                        return Err(refused(Exit::Failed, name, what));
                    }
                    Err(_) => name.to_owned(),
                }
            }
            Err(error) => return Err(failed(error)),
            // A pipe or a device has no other name to be written under.
            Ok(found) if !found.is_file() && !found.is_dir() => {
                let file = OpenOptions::new().write(true).open(name).map_err(failed)?;
                let patient = Patient::new(file, monitor.clone()).map_err(failed)?;
                return Ok(Self::new(patient, inputs, None));
            }
            Ok(found) => {
                refuse_existing(name, &found, replaces, &inputs)?;
                // What a link leads to is replaced, not the link.
                name.canonicalize().map_err(failed)?
            }
        };
        let mut partial = name.as_os_str().to_owned();
        partial.push(format!(".{}.partial", std::process::id()));
        let partial = PathBuf::from(partial);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(permissions.at_first())
            .open(&partial);
        let pending = Pending {
            partial,
            name,
            replaces,
            permissions,
        };
        Ok(Self::new(file.map_err(failed)?, inputs, Some(pending)))
    }

    fn new(
        writer: impl io::Write + Send + 'static,
        inputs: Inputs<'a>,
        file: Option<Pending>,
    ) -> Self {
        Self {
            writer: BufWriter::new(Box::new(writer)),
            inputs,
            file,
        }
    }

    /// The output goes here.
    pub(crate) fn writer(&mut self) -> &mut (dyn io::Write + Send) {
        &mut self.writer
    }

    /// The output is complete: the file gets its name.
    pub(crate) fn complete(mut self) -> Result<(), Failure> {
        let shown = self.file.as_ref().map_or(Path::new("-"), |file| &file.name);
        let flushed = self.writer.flush();
        flushed.map_err(|error| unwritten(shown, &error))?;
        let Some(file) = &self.file else {
            return Ok(());
        };
        let name = &file.name;
        if let Permissions::Own(Some(mode)) = file.permissions {
            let set = fs::set_permissions(&file.partial, fs::Permissions::from_mode(mode));
            set.map_err(|error| unwritten(name, &error))?;
        }
        // The file checked at the beginning may have got this name in the meantime.
        if let Ok(found) = fs::metadata(name) {
            refuse_existing(name, &found, file.replaces, &self.inputs)?;
        }
        publish(file).map_err(|error| unwritten(name, &error))?;
        self.file = None;
        Ok(())
    }
}

impl Drop for Place<'_> {
    /// The incomplete file is gone.
    fn drop(&mut self) {
        if let Some(file) = &self.file {
            // There is nobody left to tell that it stays.
            let _ = fs::remove_file(&file.partial);
        }
    }
}

/// A hard link fails where something has the name by now; a rename would replace it.
fn publish(file: &Pending) -> io::Result<()> {
    if !file.replaces {
        match fs::hard_link(&file.partial, &file.name) {
            Ok(()) => return fs::remove_file(&file.partial),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
            // A file system without hard links: nothing was there a moment ago.
            Err(_) => {}
        }
    }
    fs::rename(&file.partial, &file.name)
}

fn refuse_existing(
    name: &Path,
    found: &Metadata,
    replaces: bool,
    inputs: &Inputs<'_>,
) -> Result<(), Failure> {
    if let Some(role) = inputs.role_of(found) {
        let failure = refused(Exit::Usage, name, &format!("is {role}"));
        return Err(failure.with_hint("Name another file with -f; - is standard output."));
    }
    if found.is_dir() {
        let hint = "Name a file in it.";
        return Err(refused(Exit::Failed, name, "is a folder").with_hint(hint));
    }
    if !replaces {
        let hint = "Choose another name, or say --force to replace the existing file.";
        return Err(refused(Exit::Failed, name, "exists already").with_hint(hint));
    }
    Ok(())
}

fn refused(exit: Exit, name: &Path, what: &str) -> Failure {
    Failure::new(exit, format!("\"{}\" {what}", name.display()))
}

fn unwritten(file: &Path, error: &io::Error) -> Failure {
    Failure {
        causes: vec![error.to_string()],
        ..Failure::new(Exit::Failed, format!("cannot write {}", file.display()))
    }
}
