//! Where archives live: one object, read by ranges and written once; or a [`pipe`], for them to go through.
//!
//! Everything is read through `object_store`, local disk included, so that a path and a URL behave
//! alike. `given` is a location that shows no secrets, [`location`] tells the two apart, `mistaken` what else was
//! meant, `read` reads ranges of one and
//! the same object, `pace` says how fast, [`upload`] is the bounded write with its one commit point, `partial` the
//! local file that is written first and `partial_name` what it is called, `parts` the same in an object store,
//! [`folder`] what lies in a folder, `identity` whether a file is the object, `kept` an object of which only some was
//! kept, `read_only` what it has in
//! common with files behind a URL, [`range_reader`] an object for readers that block; [`traffic`] counts what
//! was read, [`error`] turns the store's errors into sentences about a path, [`refusal`] an object store's
//! answers into reasons.
//! Not here: what the bytes mean (`archive`).

pub mod cloud;
pub mod error;
pub mod folder;
mod given;
mod identity;
mod kept;
pub mod location;
mod mistaken;
mod pace;
mod partial;
mod partial_name;
mod parts;
pub mod pipe;
pub mod range_reader;
mod read;
mod read_only;
pub mod refusal;
pub mod traffic;
pub mod upload;

use std::num::NonZeroU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use object_store::DynObjectStore;
use object_store::path::Path;

use crate::monitor::Monitor;

pub use cloud::Surroundings;
pub use error::Error;
pub use folder::Folder;
pub use given::{Location, redacted};
pub use partial::{Leftover, PartialFile};
pub use partial_name::PartialName;
pub use pipe::{PipeReader, PipeWriter, Sink};
pub use range_reader::RangeReader;
pub use traffic::Traffic;
pub use upload::{Published, Replace, Upload, UploadOptions};

use location::LocalFile;
use pace::Pace;
use read::Seen;
use traffic::Counters;

/// The most that one [`Store::read_range`] returns: a row's COPY text can reach 1 GiB, and a chunk
/// may hold one such row beside others.
pub const READ_BYTES_MAX: u64 = 2 << 30;

/// One object in some store: an archive that exists or is about to. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    objects: Arc<DynObjectStore>,
    path: Path,
    local: Option<Arc<LocalFile>>,
    /// What told the object from any other when it was first looked at.
    seen: Arc<Mutex<Option<Seen>>>,
    counters: Arc<Counters>,
    pace: Pace,
    description: Arc<str>,
}

impl Store {
    /// Opens a path or a `file://` URL. Nothing is read or created yet; only the folder must exist.
    pub fn open(location: impl Into<Location>) -> Result<Self, Error> {
        let local = LocalFile::resolve(&location.into())?;
        let (objects, path) = local.objects()?;
        Ok(Self {
            objects,
            path,
            description: local.description().into(),
            local: Some(Arc::new(local)),
            seen: Arc::default(),
            counters: Arc::default(),
            pace: Pace::default(),
        })
    }

    /// Opens a path or a URL of any store that there is. No request is sent yet.
    pub fn open_in(
        location: impl Into<Location>,
        surroundings: &Surroundings,
    ) -> Result<Self, Error> {
        let location = location.into();
        match location::scheme_of(location.exposed()) {
            Some(scheme) if cloud::is_cloud(scheme) => {
                let (objects, path) = cloud::open(&location, scheme, surroundings)?;
                Ok(Self {
                    objects,
                    path,
                    local: None,
                    seen: Arc::default(),
                    counters: Arc::default(),
                    pace: Pace::default(),
                    description: location.shown().into(),
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
            seen: Arc::default(),
            counters: Arc::default(),
            pace: Pace::default(),
            description: path.into(),
        })
    }

    /// The same object, of which no more than this is read and written per second, by all clones together. An
    /// upload's part goes at once where a store takes parts: it is the parts that keep to the limit.
    /// Once `monitor` is asked to stop nobody waits any more.
    pub fn paced(self, bytes_per_second: NonZeroU64, monitor: &Monitor) -> Self {
        Self {
            pace: Pace::limited(bytes_per_second, monitor.clone()),
            ..self
        }
    }

    /// The location as the user gave it, without secrets: for messages.
    pub fn describe(&self) -> &str {
        &self.description
    }

    fn seen(&self) -> MutexGuard<'_, Option<Seen>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn error(&self, doing: &'static str, source: object_store::Error) -> Error {
        error::of(doing, self.describe(), source)
    }
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
