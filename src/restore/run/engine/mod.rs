//! The state that all workers of a restore share.
//!
//! The queue is [`schedule`](super::schedule). [`facts`] is the news that workers tell one another, [`seats`]
//! gives them sessions. Not here: the workers themselves ([`crew`](super::crew)).

mod facts;
mod seats;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::Notify;

use super::maintenance::Maintenance;
use super::read_ahead::ReadAhead;
use super::report::Report;
use super::schedule::Schedule;
use super::sessions::{Place, Sessions};
use super::stop::{Stop, Stopped};
use super::timing::Timing;
use crate::digest::Sha256;
use crate::monitor::Monitor;
use crate::pg::{Canceller, Session};
use crate::restore::begin::Begun;
use crate::restore::contents::{Contents, DatabaseContents};
use crate::restore::error::Error;
use crate::restore::lock::{self, Lock};
use crate::restore::options::RestoreOptions;
use crate::restore::outcome::DatabaseOutcome;
use crate::restore::plan::DatabaseWork;
use crate::restore::statements::{Defaults, Owners, joined, lock_timeout, prelude};
use crate::restore::target::facts::Target;
use crate::restore::target::firing::Firing;

/// Everything that workers share.
pub(crate) struct Engine {
    /// The data of the archive.
    pub(crate) data: ReadAhead,
    /// For progress: the weight of each entry beside its data, by database.
    pub(crate) other_work: Vec<Vec<u64>>,
    pub(crate) contents: Contents,
    pub(crate) work: Vec<DatabaseWork>,
    pub(crate) options: RestoreOptions,
    pub(crate) target: Target,
    pub(crate) sessions: Sessions,
    /// The session that creates and drops databases.
    pub(crate) maintenance: tokio::sync::Mutex<Session>,
    pub(crate) stop: Stop,
    pub(crate) lock: Lock,
    pub(crate) monitor: Monitor,
    /// The archive's digest.
    pub(crate) archive: Sha256,
    /// The triggers that would fire although none should, by database, once asked for.
    firing: Vec<OnceLock<Firing>>,
    /// What the server said when a session was lost.
    last_words: Mutex<Option<String>>,
    /// The resources for index builds.
    index_builds: Maintenance,
    /// Workers that wait for others.
    pub(crate) idle: AtomicUsize,
    pub(crate) timing: Timing,
    schedule: Mutex<Schedule>,
    report: Mutex<Report>,
    journals: Mutex<Vec<Journal>>,
    /// Told whenever the schedule changed.
    pub(crate) changed: Notify,
}

/// The state of a database's journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Journal {
    /// Nothing was done yet.
    NotBegun,
    /// Everything is noted.
    Kept,
    /// It could not be created, or nobody wants one.
    None,
    /// Nothing is done in this database.
    NotNeeded,
}

impl Engine {
    /// An engine that has done nothing yet.
    pub(crate) fn new(
        mut begun: Begun,
        report: Report,
        options: &RestoreOptions,
        monitor: &Monitor,
    ) -> Self {
        let maintenance = Maintenance::new(&begun.target.limits, options.jobs.get());
        let databases = begun.contents.databases.iter().zip(&begun.work);
        let places: Vec<Place> = databases
            .map(|(database, work)| Place {
                name: database.target.clone(),
                defaults: Defaults::of(&database.toc),
                prelude: joined(&[
                    &lock::mark(&database.target),
                    &prelude(
                        &database.toc,
                        begun.target.version_num,
                        options,
                        work.triggers,
                    ),
                    &maintenance.prelude(),
                    &lock_timeout(options),
                ]),
            })
            .collect();
        let entries = begun
            .contents
            .databases
            .iter()
            .map(|database| &database.toc.entries);
        let other_work = entries.zip(&begun.work).map(|(entries, work)| {
            let nodes = entries.iter().zip(&work.graph.nodes);
            nodes.map(|(entry, node)| node.other_work(entry)).collect()
        });
        let other_work = other_work.collect();
        // From here on only the queue needs the graphs.
        let queue = begun
            .work
            .iter_mut()
            .map(|work| (std::mem::take(&mut work.graph), work.analyses.clone()));
        Self {
            archive: begun.source.identity(),
            data: ReadAhead::new(begun.source, options.jobs.get()),
            sessions: Sessions::new(begun.server, places, options.transactions),
            journals: Mutex::new(vec![Journal::NotBegun; begun.contents.databases.len()]),
            last_words: Mutex::default(),
            firing: vec![OnceLock::new(); begun.contents.databases.len()],
            schedule: Mutex::new(Schedule::new(queue.collect())),
            maintenance: tokio::sync::Mutex::new(begun.session),
            stop: Stop::new(monitor.clone()),
            lock: begun.lock,
            report: Mutex::new(report),
            changed: Notify::new(),
            timing: Timing::new(options.jobs.get(), begun.contents.databases.len()),
            index_builds: maintenance,
            idle: AtomicUsize::new(0),
            other_work,
            contents: begun.contents,
            work: begun.work,
            options: options.clone(),
            target: begun.target,
            monitor: monitor.clone(),
        }
    }

    pub(crate) fn interrupted(&self) -> Error {
        if self.journals().contains(&Journal::Kept) {
            Error::InterruptedMidway
        } else {
            Error::Interrupted
        }
    }

    /// Whether whatever was done is noted.
    pub(crate) fn is_all_noted(&self) -> bool {
        let journals = self.journals();
        journals.contains(&Journal::Kept) && !journals.contains(&Journal::None)
    }

    /// Does `work` unless the user asks for a stop; that the restore itself stops is no reason here.
    pub(crate) async fn guard<T>(
        &self,
        canceller: &Canceller,
        work: impl Future<Output = T>,
    ) -> Result<T, Error> {
        let guarded = Stop::new(self.monitor.clone());
        let done = guarded.guard(canceller, work).await;
        done.map_err(|Stopped| self.interrupted())
    }

    /// The queue. Never held across an await.
    pub(crate) fn schedule(&self) -> MutexGuard<'_, Schedule> {
        self.schedule.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The report. Never held across an await, nor while the queue is.
    pub(crate) fn report(&self) -> MutexGuard<'_, Report> {
        self.report.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the work in this database is noted.
    pub(crate) fn keeps_journal(&self, database: usize) -> bool {
        self.journals()[database] == Journal::Kept
    }

    /// The state of each database's journal. Never locked across an await.
    pub(crate) fn journals(&self) -> MutexGuard<'_, Vec<Journal>> {
        self.journals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells everybody who waits that the queue has changed.
    pub(crate) fn changed(&self) {
        self.changed.notify_waiters();
    }

    /// Nobody takes up new work, and running work is cancelled.
    pub(crate) fn halt(&self) {
        self.schedule().stop();
        self.stop.ask();
        self.changed();
    }

    /// A database of the restore.
    pub(crate) fn database(&self, position: usize) -> &DatabaseContents {
        &self.contents.databases[position]
    }

    /// How many parallel workers an index that is begun now gets, where the restore decides that.
    pub(crate) fn index_workers(&self) -> Option<u64> {
        self.index_builds.workers(self.idle.load(Ordering::Relaxed))
    }

    /// Whether ownership is restored.
    pub(crate) fn owners(&self) -> Owners {
        Owners::of(&self.options)
    }
}

/// The rows of an empty report, one for each database.
pub(crate) fn empty_outcomes(contents: &Contents, work: &[DatabaseWork]) -> Vec<DatabaseOutcome> {
    let databases = contents.databases.iter().zip(work);
    databases
        .map(|(database, work)| DatabaseOutcome {
            source: database.source.clone(),
            target: database.target.clone(),
            wanted: (0..database.toc.entries.len())
                .filter(|&at| work.needs[at].any() || work.earlier.restored.contains(&at))
                .map(|at| database.toc.entries[at].dump_id)
                .collect(),
            ..DatabaseOutcome::default()
        })
        .collect()
}
