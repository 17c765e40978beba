//! The directory format: [`super::files`] in a folder of the file system.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::PathBuf;

use bstr::ByteSlice;

use super::files::Files;

/// A folder with a toc.dat in it.
#[derive(Debug, Clone)]
pub struct Folder(pub PathBuf);

impl Folder {
    fn path(&self, name: &[u8]) -> io::Result<PathBuf> {
        let name = name.to_path().map_err(io::Error::other)?;
        Ok(self.0.join(name))
    }
}

impl Files for Folder {
    type File = BufReader<File>;

    fn open(&self, name: &[u8]) -> io::Result<Option<Self::File>> {
        match File::open(self.path(name)?) {
            Ok(file) => Ok(Some(BufReader::new(file))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn size(&self, name: &[u8]) -> Option<u64> {
        let meta = self.path(name).ok()?.metadata().ok()?;
        meta.is_file().then_some(meta.len())
    }
}
