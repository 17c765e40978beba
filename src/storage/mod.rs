//! Where archives live: one object, read by ranges and written once.
//!
//! Everything goes through `object_store`, local disk included, so that a path and a URL behave
//! alike. [`location`] tells the two apart and names the temporary file, [`upload`] is the bounded
//! write with its one commit point, [`folder`] what lies in a folder, [`range_reader`] an object for
//! readers that block, [`error`] turns the store's errors into sentences about a path.
//! Not here: what the bytes mean (`archive`).

pub mod error;
pub mod folder;
pub mod location;
pub mod range_reader;
pub mod upload;

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use object_store::path::Path;
use object_store::{DynObjectStore, ObjectStoreExt};

pub use error::Error;
pub use folder::Folder;
pub use range_reader::RangeReader;
pub use upload::{Replace, Upload, UploadOptions};

use location::LocalFile;

/// The most that one [`Store::read_range`] returns: a row's COPY text can reach 1 GiB, and a chunk
/// may hold one such row beside others.
pub const READ_BYTES_MAX: u64 = 2 << 30;

/// One object in some store: an archive that exists or is about to. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    objects: Arc<DynObjectStore>,
    path: Path,
    local: Option<Arc<LocalFile>>,
    description: Arc<str>,
}

impl Store {
    /// Opens a path or a `file://` URL. Nothing is read or created yet; only the folder must exist.
    pub fn open(location: &str) -> Result<Self, Error> {
        let local = LocalFile::resolve(location)?;
        let (objects, path) = local.objects()?;
        Ok(Self {
            objects,
            path,
            description: local.description().into(),
            local: Some(Arc::new(local)),
        })
    }

    /// The object at `path` of a store that the caller made, for instance one in memory.
    pub fn over(objects: Arc<DynObjectStore>, path: &str) -> Result<Self, Error> {
        let parsed = Path::parse(path);
        let parsed = parsed.map_err(|error| error::of_name(path, &error.into()))?;
        Ok(Self {
            objects,
            path: parsed,
            local: None,
            description: path.into(),
        })
    }

    /// The location as the user gave it, for messages.
    pub fn describe(&self) -> &str {
        &self.description
    }

    /// The object's size in bytes.
    pub async fn size(&self) -> Result<u64, Error> {
        if let Some(local) = &self.local {
            local.refuse_what_is_no_file()?;
        }
        let meta = self.objects.head(&self.path).await;
        Ok(meta.map_err(|source| self.error("read", source))?.size)
    }

    /// Whether the object exists.
    pub async fn exists(&self) -> Result<bool, Error> {
        if let Some(local) = &self.local {
            return Ok(local.exists());
        }
        match self.objects.head(&self.path).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(source) => Err(self.error("look for", source)),
        }
    }

    /// Reads exactly `range`, at most [`READ_BYTES_MAX`] bytes of it; a shorter object is an error.
    pub async fn read_range(&self, range: Range<u64>) -> Result<Bytes, Error> {
        let bytes = range.end.saturating_sub(range.start);
        if bytes == 0 {
            return Ok(Bytes::new());
        }
        if bytes > READ_BYTES_MAX {
            return Err(Error::ReadTooLarge {
                location: self.description.to_string(),
                bytes,
            });
        }
        let short = || Error::Short {
            location: self.description.to_string(),
            start: range.start,
            end: range.end,
        };
        let ranges = [range.clone()];
        let parts = self.objects.get_ranges(&self.path, &ranges).await;
        let part = parts
            .map_err(|source| error::of_read(self.describe(), source, short()))?
            .pop();
        part.filter(|part| part.len() as u64 == bytes)
            .ok_or_else(short)
    }

    fn error(&self, doing: &'static str, source: object_store::Error) -> Error {
        error::of(doing, self.describe(), source)
    }
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
