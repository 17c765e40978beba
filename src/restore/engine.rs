//! What all workers of a restore share, and the way from the plan to its outcome.
//!
//! One task per worker, each with one session at a time; the queue is `schedule`, the work on a task
//! is `worker`'s.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::contents::{Contents, DatabaseContents};
use super::error::Error;
use super::firing::{Firing, Silencing};
use super::journal;
use super::maintenance::Maintenance;
use super::options::{RestoreOptions, Transactions};
use super::outcome::DatabaseOutcome;
use super::plan::DatabaseWork;
use super::preflight::Target;
use super::read_ahead::ReadAhead;
use super::report::{Cause, Failed, Report};
use super::schedule::{Next, Schedule};
use super::sessions::{Place, Sessions};
use super::statements::{Owners, joined, prelude};
use super::stop::{Stop, Stopped};
use super::timing::Timing;
use super::worker::{Halt, Worker};
use crate::digest::Sha256;
use crate::monitor::{Event, Monitor};
use crate::pg::{self, Canceller, ServerConfig, Session};
use crate::source::Source;
use crate::toc::{DumpId, ObjectKind};

/// Everything that workers share.
pub(super) struct Engine {
    /// The data of the archive.
    pub(super) data: ReadAhead,
    pub(super) contents: Contents,
    pub(super) work: Vec<DatabaseWork>,
    pub(super) options: RestoreOptions,
    pub(super) target: Target,
    pub(super) sessions: Sessions,
    /// The session that creates and drops databases.
    pub(super) maintenance: tokio::sync::Mutex<Session>,
    pub(super) stop: Stop,
    pub(super) monitor: Monitor,
    /// The archive's digest.
    pub(super) archive: Sha256,
    /// What would see rows although no trigger should, by database, once that was asked.
    firing: Vec<OnceLock<Firing>>,
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
                prelude: joined(&[
                    &prelude(
                        &database.toc,
                        parts.target.version_num,
                        &parts.options,
                        work.triggers,
                    ),
                    &maintenance.prelude(),
                ]),
            })
            .collect();
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
            firing: vec![OnceLock::new(); parts.contents.databases.len()],
            schedule: Mutex::new(Schedule::new(queue.collect())),
            maintenance: tokio::sync::Mutex::new(parts.maintenance),
            stop: Stop::new(parts.monitor.clone()),
            report: Mutex::new(parts.report),
            changed: Notify::new(),
            timing: Timing::new(parts.options.jobs.get(), parts.contents.databases.len()),
            index_builds: maintenance,
            idle: AtomicUsize::new(0),
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
        let jobs = self.options.jobs.get();
        let engine = Arc::new(self);
        let mut workers = JoinSet::new();
        for number in 0..jobs {
            workers.spawn(run_worker(Arc::clone(&engine), number));
        }
        let mut first_error = None;
        while let Some(ended) = workers.join_next().await {
            match ended {
                Ok(Ok(())) => {}
                Ok(Err(error)) => first_error = first_error.or(Some(error)),
                // A worker that panicked has broken its promise; nobody can go on for it.
                Err(panic) => std::panic::resume_unwind(panic.into_panic()),
            }
        }
        if engine.monitor.is_interrupted() {
            return Err(engine.interrupted());
        }
        let ended = match first_error {
            Some(error) => Err(error),
            None => engine.finish().await,
        };
        engine.sessions.close().await;
        ended
    }

    fn interrupted(&self) -> Error {
        match self.journals().contains(&Journal::Kept) {
            true => Error::InterruptedMidway,
            false => Error::Interrupted,
        }
    }

    /// The server is gone: whether the restore can go on once it is back shows in its journals.
    fn lost(&self, source: pg::Error) -> Error {
        let journals = self.journals();
        let is_known = journals.contains(&Journal::Kept) && !journals.contains(&Journal::None);
        Error::ServerLost {
            can_go_on: is_known,
            source,
        }
    }

    /// Makes everything durable and counts what was left out.
    async fn finish(&self) -> Result<Report, Error> {
        let flush = include_bytes!("sql/flush.sql");
        let mut maintenance = self.maintenance.lock().await;
        let canceller = maintenance.canceller();
        match self.guard(&canceller, maintenance.execute(flush)).await? {
            Err(error) if error.is_connection_lost() => return Err(self.lost(error)),
            done => done.map_err(Error::server(
                "wait until everything is on the server's disk",
            ))?,
        }
        drop(maintenance);
        self.count_left_out();
        self.report().tell_unasked();
        let is_complete = self.is_complete();
        if is_complete {
            self.forget_journals().await?;
        }
        let mut report = self.report();
        report.is_resumable = !is_complete && self.journals().contains(&Journal::Kept);
        Ok(std::mem::replace(
            &mut *report,
            Report::new(self.monitor.clone(), Vec::new()),
        ))
    }

    fn count_left_out(&self) {
        let mut report = self.report();
        for (position, database) in self.contents.databases.iter().enumerate() {
            let (phases, elapsed) = self.timing.of(position);
            let outcome = &mut report.databases[position];
            (outcome.phases, outcome.elapsed) = (phases, elapsed);
            let left = self.schedule().unattempted(position);
            let is_reported = report.abandoned.contains(&position);
            let is_committed = report.committed.contains(&position);
            if self.options.transactions == Transactions::Database && !is_committed {
                report.roll_back(position);
                continue;
            }
            if left > 0 && !is_reported {
                report.skip(
                    database.target.clone(),
                    format!("{left} entries"),
                    "the restore stops at the first error (-e)".to_owned(),
                );
            }
        }
    }

    /// Whether everything was restored that was asked for.
    fn is_complete(&self) -> bool {
        let databases = 0..self.contents.databases.len();
        let left = databases.map(|database| self.schedule().unattempted(database));
        left.sum::<usize>() == 0 && self.report().failures.is_empty()
    }

    /// Drops all journals. That everything is done is noted in the first one, which is dropped last: whoever
    /// finds it knows that the others are not missing.
    async fn forget_journals(&self) -> Result<(), Error> {
        let kept: Vec<usize> = (0..self.contents.databases.len())
            .filter(|&database| self.keeps_journal(database))
            .collect();
        let Some(&first) = kept.first() else {
            return Ok(());
        };
        let doing = |database: usize| {
            let target = &self.database(database).target;
            format!("drop the journal, schema pgark_restore, in database \"{target}\"")
        };
        let mut seat = self.sessions.take(first).await?;
        let plans: Vec<Sha256> = self.work.iter().map(|work| work.plan).collect();
        let canceller = seat.session.canceller();
        let noting = journal::store::complete(&mut seat.session, &plans);
        let noted = self.guard(&canceller, noting).await?;
        noted.map_err(Error::server(doing(first)))?;
        for &database in kept.iter().skip(1) {
            let mut seat = self.sessions.take(database).await?;
            let canceller = seat.session.canceller();
            let dropping = journal::store::forget(&mut seat.session);
            let dropped = self.guard(&canceller, dropping).await?;
            dropped.map_err(Error::server(doing(database)))?;
            self.sessions.give_back(seat);
        }
        let dropping = journal::store::forget(&mut seat.session);
        let dropped = self.guard(&canceller, dropping).await?;
        dropped.map_err(Error::server(doing(first)))?;
        self.sessions.give_back(seat);
        Ok(())
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

    /// Reports a failure before the entries' turn; where the first error ends everything, it was the last.
    pub(super) fn failed(
        &self,
        database: usize,
        (object, kind): (String, &ObjectKind),
        statement: &[u8],
        error: pg::Error,
    ) -> Result<(), Halt> {
        let failed = Failed {
            object,
            kind,
            statement,
            cause: Cause::Server(error),
        };
        self.report()
            .fail(self.database(database).target.clone(), failed);
        if self.options.stops_at_errors() {
            self.halt();
            return Err(Halt::Stopped);
        }
        Ok(())
    }

    /// A database of the restore.
    pub(super) fn database(&self, position: usize) -> &DatabaseContents {
        &self.contents.databases[position]
    }

    /// `--disable-triggers`: what would see the rows of these entries all the same. They are loaded alone, because
    /// whoever switches triggers off locks out others.
    pub(super) fn silence(&self, database: usize, firing: Firing) {
        let entries = self.database(database).toc.entries.iter().enumerate();
        let alone = entries.filter(|(_, entry)| firing.contains_key(&entry.dump_id));
        let alone: Vec<usize> = alone.map(|(position, _)| position).collect();
        self.schedule().alone(database, &alone);
        // Each database is prepared once.
        let _ = self.firing[database].set(firing);
    }

    /// What is switched off while these rows are loaded.
    pub(super) fn silencing(&self, database: usize, entry: DumpId) -> Option<&Silencing> {
        self.firing[database].get()?.get(&entry)
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
