//! The fixtures on the shared servers, loaded once per server.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

use super::cluster::Cluster;
use super::peers::{self, Missing};
use super::run::run;

/// The seven databases of an installation.
pub const DATABASES: [&str; 7] = [
    "accounts",
    "analysis",
    "filestore",
    "jobs",
    "metrics",
    "results",
    "results201709",
];

/// A database in LATIN1, with bytes above 127 in names and rows.
pub const LATIN1: &str = "fixture_latin1";
/// A database in SQL_ASCII, whose names and rows are valid in no encoding.
pub const SQL_ASCII: &str = "fixture_ascii";
/// A database whose name is hostile, and its settings too.
pub const HOSTILE: &str = "we\"ird/ %name";

/// The two servers per major version that all tests share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Shared {
    Source,
    Target,
}

/// The shared server of this version with all fixtures at scale 1, to dump from. A test may add
/// databases and roles with names of its own, and leaves alone what is there.
pub fn source(major: u32) -> Result<&'static Cluster, Missing> {
    shared(Shared::Source, major, |cluster| {
        load(cluster, &["--extra", "1"]);
    })
}

/// The shared server of this version with the fixtures' roles and no database, to restore into. A
/// test uses database names of its own; one that restores roles starts its own server.
pub fn target(major: u32) -> Result<&'static Cluster, Missing> {
    shared(Shared::Target, major, load_roles)
}

/// Runs `fixtures/load.sh` with these arguments: `--extra`, scale, databases.
#[track_caller]
pub fn load(cluster: &Cluster, arguments: &[&str]) {
    let psql_bin = peers::installed_client().unwrap();
    let path = std::env::var("PATH").unwrap();
    let mut command = cluster.command(folder().join("load.sh"));
    command
        .args(arguments)
        .env("PATH", format!("{}:{path}", psql_bin.display()));
    run(&mut command, b"").success();
}

/// Makes the roles that the fixtures' objects belong to.
#[track_caller]
pub fn load_roles(cluster: &Cluster) {
    let file = folder().join("roles.sql");
    cluster.psql("postgres", format!("\\i '{}'\n", file.display()));
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// Servers outlive the tests that share them, and end with the process (see `cluster`).
fn shared(
    which: Shared,
    major: u32,
    prepare: impl FnOnce(&Cluster),
) -> Result<&'static Cluster, Missing> {
    type Slot = OnceLock<Result<Cluster, Missing>>;
    static SLOTS: Mutex<BTreeMap<(Shared, u32), &'static Slot>> = Mutex::new(BTreeMap::new());
    let slot: &'static Slot = SLOTS
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
        .entry((which, major))
        .or_insert_with(|| Box::leak(Box::default()));
    slot.get_or_init(|| Cluster::start(major).inspect(prepare))
        .as_ref()
        .map_err(Clone::clone)
}
