//! One object in some store: the beginning of every read and write.
//!
//! Reads are in `read`, writes in [`upload`](super::upload).

use super::given::scheme_of;
use super::traffic::Traffic;
use super::{cloud, error};
use crate::monitor::Monitor;
use crate::storage::cloud::Surroundings;
use crate::storage::error::Error;
use crate::storage::given::Location;
use crate::storage::location::LocalFile;
use crate::storage::pace::Pace;
use crate::storage::seen::Seen;
use crate::storage::traffic::Counters;
use object_store::DynObjectStore;
use object_store::path::Path;
use std::num::NonZeroU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The most that one [`Store::read_range`] returns: a row's COPY text can reach 1 GiB, and a chunk
/// may hold one such row beside others.
pub const READ_BYTES_MAX: u64 = 2 << 30;

/// One object in some store: an archive that exists or is about to. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(super) objects: Arc<DynObjectStore>,
    pub(super) path: Path,
    pub(super) local: Option<Arc<LocalFile>>,
    /// The identity of the object when it was first looked at.
    pub(super) seen: Arc<Mutex<Option<Seen>>>,
    pub(super) counters: Arc<Counters>,
    pub(super) pace: Pace,
    pub(super) description: Arc<str>,
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
        match scheme_of(location.exposed()) {
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

    pub(super) fn seen(&self) -> MutexGuard<'_, Option<Seen>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn error(&self, doing: &'static str, source: object_store::Error) -> Error {
        error::of(doing, self.describe(), source)
    }

    /// The traffic of all clones of this store so far.
    pub fn traffic(&self) -> Traffic {
        self.counters.read()
    }

    /// Notes that something is read once more, because it did not come whole.
    pub fn repeats(&self) {
        self.counters.repeat();
    }
}
