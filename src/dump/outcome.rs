//! The outcome of a dump.

use std::time::Duration;

use bstr::BString;

use crate::archive::Finished;
use crate::archive::manifest::{Database, LeftOut, Manifest};
use crate::digest::Sha256;

/// What a finished dump is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DumpOutcome {
    /// The archive's digest: the SHA-256 of its manifest, which pins every byte.
    pub digest: Sha256,
    /// The size of the archive.
    pub archive_bytes: u64,
    /// Bytes of rows, and of large objects as SQL, before compression.
    pub raw_bytes: u64,
    /// Rows.
    pub rows: u64,
    /// The databases, in the archive's order.
    pub databases: Vec<DatabaseOutcome>,
    /// Of a dump of all databases: those that it left out.
    pub left_out: Vec<LeftOut>,
    /// The time between the first and the last snapshot.
    pub snapshot_spread: Duration,
    /// Where the archive is, if something had got its name meanwhile.
    pub elsewhere: Option<String>,
}

/// One database of a finished dump.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct DatabaseOutcome {
    pub name: BString,
    pub tables: u64,
    pub rows: u64,
    pub raw_bytes: u64,
    pub large_objects: u64,
}

/// The facts known before an archive is published, whose manifest is gone by then.
pub(super) struct Ended {
    databases: Vec<DatabaseOutcome>,
    left_out: Vec<LeftOut>,
    snapshot_spread: Duration,
}

impl Ended {
    pub(super) fn of(manifest: &Manifest) -> Self {
        Self {
            databases: manifest
                .databases
                .iter()
                .map(DatabaseOutcome::new)
                .collect(),
            left_out: manifest.left_out.clone(),
            snapshot_spread: Duration::from_micros(manifest.snapshot_spread_us),
        }
    }
}

impl DumpOutcome {
    /// Of an archive that is published.
    pub(super) fn new(finished: Finished, ended: Ended) -> Self {
        let databases = ended.databases;
        Self {
            digest: finished.digest,
            archive_bytes: finished.bytes,
            raw_bytes: databases.iter().map(|database| database.raw_bytes).sum(),
            rows: databases.iter().map(|database| database.rows).sum(),
            databases,
            left_out: ended.left_out,
            snapshot_spread: ended.snapshot_spread,
            elsewhere: finished.elsewhere,
        }
    }
}

impl DatabaseOutcome {
    fn new(database: &Database) -> Self {
        let of_tables: u64 = database.tables.iter().map(|table| table.raw_bytes).sum();
        let objects = database.large_objects.as_ref();
        let of_objects: u64 = objects
            .into_iter()
            .flat_map(|objects| &objects.chunks)
            .map(|chunk| chunk.raw_bytes)
            .sum();
        Self {
            name: database.name.0.clone(),
            tables: database.tables.len() as u64,
            rows: database.tables.iter().map(|table| table.rows).sum(),
            raw_bytes: of_tables + of_objects,
            large_objects: objects.map_or(0, |objects| objects.count),
        }
    }
}
