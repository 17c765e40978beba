//! What came of a dump.

use std::time::Duration;

use bstr::BString;

use crate::archive::Finished;
use crate::archive::manifest::{Database, Manifest};
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
    /// The time between the first and the last snapshot.
    pub snapshot_spread: Duration,
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

impl DumpOutcome {
    /// Of an archive that is published.
    pub(super) fn new(
        finished: &Finished,
        databases: Vec<DatabaseOutcome>,
        snapshot_spread: Duration,
    ) -> Self {
        Self {
            digest: finished.digest,
            archive_bytes: finished.bytes,
            raw_bytes: databases.iter().map(|database| database.raw_bytes).sum(),
            rows: databases.iter().map(|database| database.rows).sum(),
            databases,
            snapshot_spread,
        }
    }
}

impl DatabaseOutcome {
    /// All databases of an archive.
    pub(super) fn all(manifest: &Manifest) -> Vec<Self> {
        manifest.databases.iter().map(Self::new).collect()
    }

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
