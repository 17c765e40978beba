//! What a location given by the user means: a path, or a URL.
//!
//! On local disk the folder is resolved at once, so that `..` and symbolic links cannot change their
//! meaning during a dump, and every file name goes to `object_store` as one path segment below it.

use crate::storage::given::scheme_of;
use std::ffi::OsStr;
use std::path::{Path as FsPath, PathBuf};
use std::sync::Arc;

use object_store::DynObjectStore;
use object_store::local::LocalFileSystem;
use object_store::path::Path;

use super::error::{self, Error};
use super::given::Location;
use super::mistaken;

/// A file on local disk that may or may not exist: its real folder, and its name in there.
pub(super) struct LocalFile {
    shown: String,
    folder: PathBuf,
    name: String,
}

impl LocalFile {
    /// Takes a path or a `file://` URL apart.
    pub(super) fn resolve(given: &Location) -> Result<Self, Error> {
        let (location, shown) = (given.exposed(), given.shown());
        let path = match scheme_of(location) {
            None => PathBuf::from(location),
            Some("file") => file_url_path(location).ok_or_else(|| Error::FileUrl {
                location: shown.to_owned(),
            })?,
            Some(scheme) => {
                return Err(Error::Scheme {
                    location: shown.to_owned(),
                    scheme: scheme.to_owned(),
                });
            }
        };
        if path.symlink_metadata().is_err() {
            refuse_mistaken(shown, &path)?;
        }
        // A link is followed here: publishing renames, and must replace the file it leads to.
        let path = match path.symlink_metadata() {
            Ok(meta) if meta.is_symlink() => path.canonicalize().unwrap_or(path),
            _ => path,
        };
        // `.` and `..` have no name of their own.
        let path = match path.file_name() {
            None => path.canonicalize().unwrap_or(path),
            Some(_) => path,
        };
        let name = path
            .file_name()
            .and_then(OsStr::to_str)
            .ok_or_else(|| Error::NotAFile {
                location: shown.to_owned(),
                kind: "a folder",
            })?;
        let parent = match path.parent() {
            Some(parent) if parent != FsPath::new("") => parent,
            _ => FsPath::new("."),
        };
        let folder = parent.canonicalize().map_err(|source| Error::Folder {
            location: shown.to_owned(),
            source,
        })?;
        Ok(Self {
            shown: shown.to_owned(),
            folder,
            name: name.to_owned(),
        })
    }

    pub(super) fn description(&self) -> &str {
        &self.shown
    }

    /// The folder as a store, and the file's path in it.
    pub(super) fn objects(&self) -> Result<(Arc<DynObjectStore>, Path), Error> {
        let name = |error| error::of_name(&self.shown, &error);
        let objects = LocalFileSystem::new_with_prefix(&self.folder).map_err(name)?;
        let path = Path::parse(&self.name).map_err(|error| name(error.into()))?;
        // object_store keeps names like `archive#1` for itself.
        objects.path_to_filesystem(&path).map_err(name)?;
        Ok((Arc::new(objects), path))
    }

    /// Its folder, links resolved.
    pub(super) fn folder(&self) -> &FsPath {
        &self.folder
    }

    /// Its name in there.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Where it is.
    pub(super) fn path(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    /// Whether it is a folder, or a link to one.
    pub(super) fn is_folder(&self) -> bool {
        self.path().is_dir()
    }

    /// A link that leads nowhere counts: nothing may be written under its name either.
    pub(super) fn exists(&self) -> bool {
        self.path().symlink_metadata().is_ok()
    }

    /// Refuses a folder, a device or a pipe; `object_store` would report some of them as missing,
    /// and publishing an archive over `/dev/null` would replace the device.
    pub(super) fn refuse_what_is_no_file(&self) -> Result<(), Error> {
        let Ok(meta) = self.path().symlink_metadata() else {
            return Ok(());
        };
        let kind = match meta.file_type() {
            kind if kind.is_file() => return Ok(()),
            kind if kind.is_dir() => "a folder",
            kind if kind.is_symlink() => "a symbolic link that leads nowhere",
            _ => "a device, a pipe or a socket",
        };
        Err(Error::NotAFile {
            location: self.shown.clone(),
            kind,
        })
    }
}

/// Refuses a location that is no file and looks like something else. A name with a colon is a file's where
/// its folder is there.
fn refuse_mistaken(shown: &str, path: &FsPath) -> Result<(), Error> {
    if let Some(meant) = mistaken::meant(shown) {
        let location = shown.to_owned();
        return Err(Error::AlmostUrl { location, meant });
    }
    let has_folder = match path.parent() {
        Some(parent) if parent != FsPath::new("") => parent.exists(),
        _ => true,
    };
    match mistaken::on_another_host(shown) {
        Some((host, path)) if !has_folder => Err(Error::OtherHost {
            location: shown.to_owned(),
            host: host.to_owned(),
            path: path.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// The path of a `file://` URL: RFC 8089, no host or `localhost`.
fn file_url_path(location: &str) -> Option<PathBuf> {
    let rest = location.strip_prefix("file://")?;
    let path = rest.strip_prefix("localhost").unwrap_or(rest);
    let path = path.starts_with('/').then_some(path)?;
    let decoded = String::from_utf8(percent_decoded(path)?).ok()?;
    Some(PathBuf::from(decoded))
}

/// The bytes that `%XX` stand for; none where something else follows a `%`.
pub(crate) fn percent_decoded(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        out.push(u8::from_str_radix(digits, 16).ok()?);
        rest = &rest[2..];
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_needs_its_slashes_and_its_letters() {
        assert_eq!(scheme_of("s3://bucket/key"), Some("s3"));
        for path in ["a.tar", "c:a.tar", "/a://b", "://x", "1s://x", "./s3://x"] {
            assert_eq!(scheme_of(path), None, "{path}");
        }
    }

    #[test]
    fn a_file_url_is_decoded() {
        let path = file_url_path;
        assert_eq!(path("file:///a%20b/%23c"), Some("/a b/#c".into()));
        assert_eq!(path("file://localhost/a"), Some("/a".into()));
        for bad in [
            "file://host/a",
            "file://a",
            "file:///%4",
            "file:///%zz",
            "file:///%ff",
        ] {
            assert_eq!(path(bad), None, "{bad}");
        }
    }
}
