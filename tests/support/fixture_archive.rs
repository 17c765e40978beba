//! The fixtures of one server version as an archive, dumped once for all tests that restore it.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock};

use super::archive::Archive;
use super::cluster::Cluster;
use super::fixtures::{self, DATABASES, HOSTILE, LATIN1, SQL_ASCII};
use super::peers::{self, Missing};

/// A server with all fixtures that no other test touches, and its archive.
pub struct FixtureArchive {
    /// The server.
    pub source: Cluster,
    /// All databases of the fixtures, in small chunks.
    pub archive: Archive,
}

/// The databases in it, in the order in which they were named.
pub fn databases() -> Vec<&'static str> {
    let all = DATABASES.iter().chain(&[LATIN1, SQL_ASCII, HOSTILE]);
    all.copied().collect()
}

/// The archive of the installed server.
pub fn of_installed() -> Result<&'static FixtureArchive, Missing> {
    let major = peers::installed_major()?;
    remember(0, || make(Cluster::start(major)?))
}

/// The archive of a fetched server of this version.
pub fn of_fetched(major: u32) -> Result<&'static FixtureArchive, Missing> {
    peers::client_for(major)?;
    remember(major, || make(Cluster::start_fetched(major)?))
}

fn remember(
    key: u32,
    make: impl FnOnce() -> Result<FixtureArchive, Missing>,
) -> Result<&'static FixtureArchive, Missing> {
    type Slot = OnceLock<Result<FixtureArchive, Missing>>;
    static SLOTS: Mutex<BTreeMap<u32, &'static Slot>> = Mutex::new(BTreeMap::new());
    let slot: &'static Slot = SLOTS
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
        .entry(key)
        .or_insert_with(|| Box::leak(Box::default()));
    slot.get_or_init(make).as_ref().map_err(Clone::clone)
}

fn make(source: Cluster) -> Result<FixtureArchive, Missing> {
    fixtures::load(&source, &["--extra", "1"]);
    let options = ["--chunk-size", "64kB", "-j", "3"];
    let archive = Archive::dump(&source, &[&databases()[..], &options].concat());
    Ok(FixtureArchive { source, archive })
}
