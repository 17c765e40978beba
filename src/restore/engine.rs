//! What all workers of a restore share, and the way from the plan to its outcome.
//!
//! One task per worker, each with one session at a time; the queue is `schedule`, the work on a task
//! is `worker`'s.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::contents::{Contents, DatabaseContents};
use super::error::Error;
use super::options::RestoreOptions;
use super::outcome::DatabaseOutcome;
use super::plan::DatabaseWork;
use super::preflight::Target;
use super::read_ahead::ReadAhead;
use super::report::Report;
use super::schedule::{Next, Schedule};
use super::sessions::{Place, Sessions};
use super::statements::{Owners, prelude};
use super::stop::Stop;
use super::worker::{Halt, Worker};
use crate::monitor::{Event, Monitor};
use crate::pg::{ServerConfig, Session};
use crate::source::Source;

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
    schedule: Mutex<Schedule>,
    report: Mutex<Report>,
    /// Told whenever the schedule changed.
    changed: Notify,
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
}

impl Engine {
    /// An engine that has done nothing yet.
    pub(super) fn new(mut parts: Parts) -> Self {
        let places = parts.contents.databases.iter().map(|database| Place {
            name: database.target.clone(),
            prelude: prelude(
                &database.toc,
                parts.target.version_num,
                parts.options.role.as_ref(),
            ),
        });
        // From here on only the queue needs the graphs.
        let queue = parts
            .work
            .iter_mut()
            .map(|work| (std::mem::take(&mut work.graph), work.analyze.clone()));
        Self {
            data: ReadAhead::new(parts.source, parts.options.jobs.get()),
            sessions: Sessions::new(parts.server, places.collect()),
            schedule: Mutex::new(Schedule::new(queue.collect())),
            maintenance: tokio::sync::Mutex::new(parts.maintenance),
            stop: Stop::new(parts.monitor.clone()),
            report: Mutex::new(parts.report),
            changed: Notify::new(),
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
            tasks += 1 + work.count() + work.analyze.len() as u64;
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
        engine.sessions.close().await;
        if engine.monitor.is_interrupted() {
            return Err(Error::Interrupted);
        }
        match first_error {
            Some(error) => Err(error),
            None => engine.finish().await,
        }
    }

    /// Makes everything durable and counts what was left out.
    async fn finish(&self) -> Result<Report, Error> {
        let flush = include_bytes!("sql/flush.sql");
        let mut session = self.maintenance.lock().await;
        let flushed = session.execute(flush).await;
        flushed.map_err(Error::server(
            "wait until everything is on the server's disk",
        ))?;
        let mut report = self.report();
        for (position, database) in self.contents.databases.iter().enumerate() {
            let left = self.schedule().unattempted(position);
            let is_reported = report.abandoned.contains(&position);
            if left > 0 && !is_reported {
                report.skip(
                    database.target.clone(),
                    format!("{left} entries"),
                    "the restore stops at the first error (-e)".to_owned(),
                );
            }
        }
        Ok(std::mem::replace(
            &mut *report,
            Report::new(self.monitor.clone(), Vec::new()),
        ))
    }

    /// The queue. Never held across an await.
    pub(super) fn schedule(&self) -> MutexGuard<'_, Schedule> {
        self.schedule.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The report. Never held across an await, nor while the queue is.
    pub(super) fn report(&self) -> MutexGuard<'_, Report> {
        self.report.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// Whether ownership is restored.
    pub(super) fn owners(&self) -> Owners {
        match self.options.selection.owners {
            true => Owners::Restore,
            false => Owners::Skip,
        }
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
            Next::Wait => tokio::select! {
                () = changed => {}
                () = engine.stop.asked() => return Ok(()),
            },
            Next::Task(task) => match worker.perform(task).await {
                Ok(()) => engine.changed(),
                Err(Halt::Stopped) => return Ok(()),
                Err(Halt::Fatal(error)) => {
                    engine.halt();
                    return Err(*error);
                }
            },
        }
    }
}

/// The rows of an empty report, one for each database.
pub(super) fn empty_outcomes(contents: &Contents) -> Vec<DatabaseOutcome> {
    let databases = contents.databases.iter();
    databases
        .map(|database| DatabaseOutcome {
            source: database.source.clone(),
            target: database.target.clone(),
            ..DatabaseOutcome::default()
        })
        .collect()
}
