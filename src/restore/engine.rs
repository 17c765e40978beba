//! What all workers of a restore share, and the way from the plan to its outcome.
//!
//! One task per worker, each with one session at a time; the queue is `schedule`, the work on a task
//! is `worker`'s. [`finish`] is what comes when the queue is empty.

mod facts;
mod finish;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::contents::{Contents, DatabaseContents};
use super::error::Error;
use super::firing::Firing;
use super::lock::{self, Lock};
use super::maintenance::Maintenance;
use super::options::RestoreOptions;
use super::outcome::DatabaseOutcome;
use super::plan::DatabaseWork;
use super::preflight::Target;
use super::read_ahead::ReadAhead;
use super::report::Report;
use super::schedule::{Next, Schedule};
use super::sessions::{Place, Sessions};
use super::statements::{Defaults, Owners, joined, prelude};
use super::stop::{MOMENT, Stop, Stopped};
use super::timing::Timing;
use super::worker::{Halt, Worker};
use crate::digest::Sha256;
use crate::monitor::{Event, Monitor};
use crate::pg::{Canceller, ServerConfig, Session};
use crate::source::Source;

/// Everything that workers share.
pub(super) struct Engine {
    /// The data of the archive.
    pub(super) data: ReadAhead,
    /// For progress: what each entry is worth beside its data, by database.
    pub(super) other_work: Vec<Vec<u64>>,
    pub(super) contents: Contents,
    pub(super) work: Vec<DatabaseWork>,
    pub(super) options: RestoreOptions,
    pub(super) target: Target,
    pub(super) sessions: Sessions,
    /// The session that creates and drops databases.
    pub(super) maintenance: tokio::sync::Mutex<Session>,
    pub(super) stop: Stop,
    lock: Lock,
    pub(super) monitor: Monitor,
    /// The archive's digest.
    pub(super) archive: Sha256,
    /// What would see rows although no trigger should, by database, once that was asked.
    firing: Vec<OnceLock<Firing>>,
    /// What the server said when a session was lost.
    last_words: Mutex<Option<String>>,
    /// What index builds are given.
    index_builds: Maintenance,
    /// Workers that wait for others.
    idle: AtomicUsize,
    pub(super) timing: Timing,
    schedule: Mutex<Schedule>,
    report: Mutex<Report>,
    journals: Mutex<Vec<Journal>>,
    /// Told whenever the schedule changed.
    changed: Notify,
}

/// What there is of a database's journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Journal {
    /// Nothing was done yet.
    NotBegun,
    /// Everything is noted.
    Kept,
    /// It could not be created, or nobody wants one.
    None,
    /// Nothing is done in this database.
    NotNeeded,
}

/// What an engine is made of.
pub(super) struct Parts {
    pub(super) source: Source,
    pub(super) contents: Contents,
    pub(super) work: Vec<DatabaseWork>,
    pub(super) options: RestoreOptions,
    pub(super) target: Target,
    pub(super) server: ServerConfig,
    pub(super) maintenance: Session,
    pub(super) report: Report,
    pub(super) lock: Lock,
    pub(super) monitor: Monitor,
    /// The archive's digest.
    pub(super) archive: Sha256,
}

impl Engine {
    /// An engine that has done nothing yet.
    pub(super) fn new(mut parts: Parts) -> Self {
        let maintenance = Maintenance::new(&parts.target.limits, parts.options.jobs.get());
        let databases = parts.contents.databases.iter().zip(&parts.work);
        let places: Vec<Place> = databases
            .map(|(database, work)| Place {
                name: database.target.clone(),
                defaults: Defaults::of(&database.toc),
                prelude: joined(&[
                    &lock::mark(&database.target),
                    &prelude(
                        &database.toc,
                        parts.target.version_num,
                        &parts.options,
                        work.triggers,
                    ),
                    &maintenance.prelude(),
                    &lock::wait(&parts.options),
                ]),
            })
            .collect();
        let entries = parts
            .contents
            .databases
            .iter()
            .map(|database| &database.toc.entries);
        let other_work = entries.zip(&parts.work).map(|(entries, work)| {
            let nodes = entries.iter().zip(&work.graph.nodes);
            nodes.map(|(entry, node)| node.other_work(entry)).collect()
        });
        let other_work = other_work.collect();
        // From here on only the queue needs the graphs.
        let queue = parts
            .work
            .iter_mut()
            .map(|work| (std::mem::take(&mut work.graph), work.analyses.clone()));
        Self {
            data: ReadAhead::new(parts.source, parts.options.jobs.get()),
            sessions: Sessions::new(parts.server, places, parts.options.transactions),
            journals: Mutex::new(vec![Journal::NotBegun; parts.contents.databases.len()]),
            archive: parts.archive,
            last_words: Mutex::default(),
            firing: vec![OnceLock::new(); parts.contents.databases.len()],
            schedule: Mutex::new(Schedule::new(queue.collect())),
            maintenance: tokio::sync::Mutex::new(parts.maintenance),
            stop: Stop::new(parts.monitor.clone()),
            lock: parts.lock,
            report: Mutex::new(parts.report),
            changed: Notify::new(),
            timing: Timing::new(parts.options.jobs.get(), parts.contents.databases.len()),
            index_builds: maintenance,
            idle: AtomicUsize::new(0),
            other_work,
            contents: parts.contents,
            work: parts.work,
            options: parts.options,
            target: parts.target,
            monitor: parts.monitor,
        }
    }

    /// Restores all databases. Returns the report with what was not attempted.
    pub(super) async fn run(self) -> Result<Report, Error> {
        let (mut tasks, mut bytes) = (0, 0);
        for (work, database) in self.work.iter().zip(&self.contents.databases) {
            tasks += 1 + work.count() + work.analyses.len() as u64;
            bytes += work.volume(database).1;
        }
        self.monitor.event(Event::Total { tasks, bytes });
        let other = self.other_work.iter().flatten().sum();
        self.monitor.event(Event::OtherTotal(other));
        let jobs = self.options.jobs.get();
        let engine = Arc::new(self);
        let mut workers = JoinSet::new();
        for number in 0..jobs {
            workers.spawn(run_worker(Arc::clone(&engine), number));
        }
        let working = async {
            tokio::select! {
                error = end_of(&mut workers) => error,
                why = engine.lock.lost() => {
                    engine.halt();
                    // Nothing of ours may go on beside a restore that has the lock now.
                    end_of(&mut workers).await;
                    Some(engine.lock_lost(why).await)
                }
            }
        };
        let error = tokio::select! {
            error = working => error,
            // Whoever is still at work waits for somebody who does not answer.
            () = engine.monitor.interrupted_for(MOMENT) => None,
        };
        if engine.monitor.is_interrupted() {
            return Err(engine.interrupted());
        }
        let ending = async {
            let ended = match error {
                Some(Error::Source(error)) if error.is_damage() => Err(engine.damaged(error)),
                Some(error) => Err(error),
                None => tokio::select! {
                    ended = engine.finish() => ended,
                    why = engine.lock.lost() => Err(engine.lock_lost(why).await),
                },
            };
            engine.sessions.close().await;
            ended
        };
        tokio::select! {
            ended = ending => ended,
            () = engine.monitor.interrupted_for(MOMENT) => Err(engine.interrupted()),
        }
    }

    /// The lock is lost: by itself, or with the whole server.
    async fn lock_lost(&self, why: String) -> Error {
        match self.check_server().await {
            Err(Halt::ServerLost(error)) => self.lost(error),
            _ => Error::LockLost {
                why,
                can_go_on: self.is_all_noted(),
            },
        }
    }

    fn interrupted(&self) -> Error {
        match self.journals().contains(&Journal::Kept) {
            true => Error::InterruptedMidway,
            false => Error::Interrupted,
        }
    }

    /// Whether whatever was done is noted.
    fn is_all_noted(&self) -> bool {
        let journals = self.journals();
        journals.contains(&Journal::Kept) && !journals.contains(&Journal::None)
    }

    /// Does `work` unless the user asks for a stop; that the restore itself stops is no reason here.
    async fn guard<T>(
        &self,
        canceller: &Canceller,
        work: impl Future<Output = T>,
    ) -> Result<T, Error> {
        let guarded = Stop::new(self.monitor.clone());
        let done = guarded.guard(canceller, work).await;
        done.map_err(|Stopped| self.interrupted())
    }

    /// The queue. Never held across an await.
    pub(super) fn schedule(&self) -> MutexGuard<'_, Schedule> {
        self.schedule.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The report. Never held across an await, nor while the queue is.
    pub(super) fn report(&self) -> MutexGuard<'_, Report> {
        self.report.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether what is done in this database is noted.
    pub(super) fn keeps_journal(&self, database: usize) -> bool {
        self.journals()[database] == Journal::Kept
    }

    /// What there is of each database's journal. Never held across an await.
    pub(super) fn journals(&self) -> MutexGuard<'_, Vec<Journal>> {
        self.journals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells everybody who waits that the queue has changed.
    pub(super) fn changed(&self) {
        self.changed.notify_waiters();
    }

    /// Nobody takes up anything new, and what is under way is cancelled.
    pub(super) fn halt(&self) {
        self.schedule().stop();
        self.stop.ask();
        self.changed();
    }

    /// A database of the restore.
    pub(super) fn database(&self, position: usize) -> &DatabaseContents {
        &self.contents.databases[position]
    }

    /// How many parallel workers an index that is begun now gets, where the restore decides that.
    pub(super) fn index_workers(&self) -> Option<u64> {
        self.index_builds.workers(self.idle.load(Ordering::Relaxed))
    }

    /// Whether ownership is restored.
    pub(super) fn owners(&self) -> Owners {
        Owners::of(&self.options)
    }
}

/// Waits for all workers. Returns the first error.
async fn end_of(workers: &mut JoinSet<Result<(), Error>>) -> Option<Error> {
    let mut first_error = None;
    while let Some(ended) = workers.join_next().await {
        match ended {
            Ok(Ok(())) => {}
            Ok(Err(error)) => first_error = first_error.or(Some(error)),
            // A worker that panicked has broken its promise; nobody can go on for it.
            Err(panic) => std::panic::resume_unwind(panic.into_panic()),
        }
    }
    first_error
}

/// Takes tasks until there are none. An error is one that nobody can go on after.
async fn run_worker(engine: Arc<Engine>, number: usize) -> Result<(), Error> {
    let mut worker = Worker::new(&engine, number);
    loop {
        // Registered before the queue is looked at, so that no change in between is missed.
        let mut changed = std::pin::pin!(engine.changed.notified());
        changed.as_mut().enable();
        let next = engine.schedule().next(worker.near());
        match next {
            Next::Finished => {
                engine.changed();
                return Ok(());
            }
            Next::Wait => {
                engine.idle.fetch_add(1, Ordering::Relaxed);
                let is_stopped = tokio::select! {
                    () = changed => false,
                    () = engine.stop.asked() => true,
                };
                engine.idle.fetch_sub(1, Ordering::Relaxed);
                if is_stopped {
                    return Ok(());
                }
            }
            Next::Task(task) => match worker.perform(task).await {
                Ok(()) => engine.changed(),
                Err(Halt::Stopped) => return Ok(()),
                Err(Halt::ServerLost(error)) => {
                    engine.halt();
                    return Err(engine.lost(error));
                }
                Err(Halt::Fatal(error)) => {
                    engine.halt();
                    return Err(*error);
                }
            },
        }
    }
}

/// The rows of an empty report, one for each database.
pub(super) fn empty_outcomes(contents: &Contents, work: &[DatabaseWork]) -> Vec<DatabaseOutcome> {
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
