//! Where archives live: one object, read by ranges and written once.
//!
//! Everything goes through `object_store`, local disk included, so that a path and a URL behave
//! alike. [`location`] tells the two apart and names the temporary file, [`upload`] is the bounded
//! write with its one commit point, [`folder`] what lies in a folder, [`range_reader`] an object for
//! readers that block, [`error`] turns the store's errors into sentences about a path, [`refusal`] an
//! object store's answers into reasons.
//! Not here: what the bytes mean (`archive`).

pub mod cloud;
pub mod error;
pub mod folder;
pub mod location;
pub mod range_reader;
pub mod refusal;
pub mod upload;

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use object_store::path::Path;
use object_store::{DynObjectStore, GetOptions, GetRange, ObjectMeta, ObjectStoreExt};

pub use cloud::Surroundings;
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
    /// What told the object from any other when it was first looked at; only of object stores.
    etag: Arc<Mutex<Option<String>>>,
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
            etag: Arc::default(),
        })
    }

    /// Opens a path or a URL of any store that there is. No request is sent yet.
    pub fn open_in(location: &str, surroundings: &Surroundings) -> Result<Self, Error> {
        match location::scheme_of(location) {
            Some(scheme) if cloud::is_cloud(scheme) => {
                let (objects, path) = cloud::open(location, scheme, surroundings)?;
                Ok(Self {
                    objects,
                    path,
                    local: None,
                    etag: Arc::default(),
                    description: cloud::shown(location, scheme).into(),
                })
            }
            _ => Self::open(location),
        }
    }

    /// The object at `path` of a store that the caller made, for instance one in memory.
    pub fn over(objects: Arc<DynObjectStore>, path: &str) -> Result<Self, Error> {
        let parsed = Path::parse(path);
        let parsed = parsed.map_err(|error| error::of_name(path, &error.into()))?;
        Ok(Self {
            objects,
            path: parsed,
            local: None,
            etag: Arc::default(),
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
        let meta = meta.map_err(|source| self.error("read", source))?;
        self.remember(&meta);
        Ok(meta.size)
    }

    /// The last `bytes` of the object, or all of it, and its size: one request where the store can answer
    /// it (Azure cannot).
    pub async fn tail(&self, bytes: u64) -> Result<(Bytes, u64), Error> {
        if self.local.is_none() {
            let options = GetOptions {
                range: Some(GetRange::Suffix(bytes)),
                ..GetOptions::default()
            };
            if let Ok(answer) = self.objects.get_opts(&self.path, options).await {
                self.remember(&answer.meta);
                let size = answer.meta.size;
                let tail = answer.bytes().await;
                return Ok((tail.map_err(|source| self.error("read", source))?, size));
            }
        }
        let size = self.size().await?;
        let tail = self.read_range(size.saturating_sub(bytes)..size).await?;
        Ok((tail, size))
    }

    /// Whatever is read from now on has to be of the same object.
    fn remember(&self, meta: &ObjectMeta) {
        if self.local.is_none() {
            let mut etag = self.etag();
            if etag.is_none() {
                etag.clone_from(&meta.e_tag);
            }
        }
    }

    /// The object is about to become another one, by our own hand.
    fn forget(&self) {
        *self.etag() = None;
    }

    fn etag(&self) -> MutexGuard<'_, Option<String>> {
        self.etag.lock().unwrap_or_else(PoisonError::into_inner)
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
        let etag = self.etag().clone();
        let part = match etag {
            Some(etag) => self.read_same(range.clone(), etag).await,
            None => {
                let ranges = [range.clone()];
                let parts = self.objects.get_ranges(&self.path, &ranges).await;
                parts.map(|mut parts| parts.pop().unwrap_or_default())
            }
        };
        match part {
            Ok(part) if part.len() as u64 == bytes => Ok(part),
            Ok(_) => Err(short()),
            Err(object_store::Error::Precondition { .. }) => Err(Error::Changed {
                location: self.description.to_string(),
            }),
            Err(source) => Err(error::of_read(self.describe(), source, short())),
        }
    }

    async fn read_same(&self, range: Range<u64>, etag: String) -> object_store::Result<Bytes> {
        let options = GetOptions {
            range: Some(GetRange::Bounded(range)),
            if_match: Some(etag),
            ..GetOptions::default()
        };
        let answer = self.objects.get_opts(&self.path, options).await?;
        answer.bytes().await
    }

    fn error(&self, doing: &'static str, source: object_store::Error) -> Error {
        error::of(doing, self.describe(), source)
    }
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
