//! What the tasks of one dump share.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bstr::BString;
use futures::future::join_all;

use super::leader::{Leader, Snapshot};
use super::options::DumpOptions;
use super::plan::Cut;
use super::queue::Queue;
use crate::monitor::Monitor;
use crate::pg::{Canceller, ServerConfig};
use crate::schema::contents::{Contents, DatabaseFacts};
use crate::schema::entries::DumpIds;
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

/// What is known to be ahead.
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
    /// It only keeps snapshot and locks.
    pub leader: tokio::sync::Mutex<Leader>,
    pub prepared: Prepared,
}

/// What the schema of a database told.
pub(super) struct Prepared {
    pub facts: DatabaseFacts,
    pub toc: Toc,
    pub contents: Contents,
    ids: Mutex<DumpIds>,
}

impl Source {
    pub(super) fn new(leader: Leader, prepared: Prepared) -> Self {
        Self {
            name: leader.database.clone(),
            server: leader.server.clone(),
            snapshot: leader.snapshot.clone(),
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
            toc,
            contents,
            ids,
        }
    }

    pub(super) fn next_id(&self) -> DumpId {
        self.with_ids(DumpIds::next_id)
    }

    pub(super) fn with_ids<T>(&self, act: impl FnOnce(&mut DumpIds) -> T) -> T {
        act(&mut self.ids.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// How long a server may take to answer requests to cancel; one that is gone never does.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(5);

/// How long after a wish to stop the servers, the workers and the store are waited for, each until then: together
/// they keep nobody for more than a second.
const CANCELLED_BY: Duration = Duration::from_millis(300);
pub(super) const ENDED_BY: Duration = Duration::from_millis(450);
pub(super) const ABORTED_BY: Duration = Duration::from_millis(900);

/// Handles on what every session is doing, for an interrupt: a server whose client is gone goes on waiting
/// for a lock.
#[derive(Default)]
pub(super) struct Cancellers(Mutex<Vec<(Holder, Canceller)>>);

/// Whose session it is, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    Leader(usize),
    Worker(usize),
}

impl Cancellers {
    pub(super) fn set(&self, holder: Holder, canceller: Canceller) {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        list.retain(|(other, _)| *other != holder);
        list.push((holder, canceller));
    }

    /// Cancels whatever is running. Failures do not matter: the connections are closed too. A user who asked for
    /// the stop does not wait for servers that do not answer.
    pub(super) async fn cancel_all(&self, monitor: &Monitor) {
        let list = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let all = join_all(list.iter().map(|(_, canceller)| canceller.cancel()));
        tokio::select! {
            _ = tokio::time::timeout(CANCEL_TIMEOUT, all) => {}
            () = monitor.interrupted_for(CANCELLED_BY) => {}
        }
    }
}
