//! What the tasks of one dump share.

use std::sync::{Arc, Mutex, PoisonError};

use bstr::BString;

use super::cancel::Cancellers;
use super::leader::Leader;
use super::options::DumpOptions;
use super::plan::Cut;
use super::queue::Queue;
use crate::monitor::Monitor;
use crate::pg::ServerConfig;
use crate::schema::contents::{Contents, DatabaseFacts};
use crate::schema::ids::DumpIds;
use crate::schema::snapshot::Snapshot;
use crate::toc::{DumpId, Toc};

/// Everything workers need.
pub(super) struct Shared {
    pub options: DumpOptions,
    pub monitor: Monitor,
    pub queue: Queue,
    pub databases: Vec<Source>,
    pub cancellers: Arc<Cancellers>,
    /// How tables are cut into parts.
    pub cut: Cut,
    /// The server's major version.
    pub major: u32,
    pub total: Mutex<Total>,
}

/// The work ahead, as far as it is known.
#[derive(Debug, Default)]
pub(super) struct Total {
    pub tasks: u64,
    pub bytes: u64,
}

/// One database that is dumped.
pub(super) struct Source {
    pub name: BString,
    pub server: ServerConfig,
    pub snapshot: Snapshot,
    /// `pg_database_size`.
    pub size_bytes: u64,
    /// It only keeps snapshot and locks.
    pub leader: tokio::sync::Mutex<Leader>,
    pub prepared: Prepared,
}

/// What the schema of a database told.
pub(super) struct Prepared {
    pub facts: DatabaseFacts,
    pub contents: Contents,
    /// `server_version` as the database's own TOC has it.
    pub server_version: BString,
    /// How many entries the TOC has without those of data.
    pub entries: usize,
    /// Until it is written, once. A copy of a large one would double the memory of the dump.
    toc: Mutex<Toc>,
    ids: Mutex<DumpIds>,
}

impl Source {
    pub(super) fn new(leader: Leader, prepared: Prepared) -> Self {
        Self {
            name: leader.database.clone(),
            server: leader.server.clone(),
            snapshot: leader.snapshot.clone(),
            size_bytes: leader.size_bytes,
            leader: tokio::sync::Mutex::new(leader),
            prepared,
        }
    }
}

impl Prepared {
    pub(super) fn new(facts: DatabaseFacts, toc: Toc, contents: Contents) -> Self {
        let ids = Mutex::new(DumpIds::after(&toc));
        Self {
            facts,
            contents,
            server_version: toc.server_version.clone(),
            entries: toc.entries.len(),
            toc: Mutex::new(toc),
            ids,
        }
    }

    /// Hands out the TOC, to be completed and written.
    pub(super) fn take_toc(&self) -> Toc {
        std::mem::take(&mut *self.toc.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn next_id(&self) -> DumpId {
        self.with_ids(DumpIds::next_id)
    }

    pub(super) fn with_ids<T>(&self, act: impl FnOnce(&mut DumpIds) -> T) -> T {
        act(&mut self.ids.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
