//! One worker: takes up a task and does it to its end.
//!
//! [`entries`] restores entries and judges their failures, [`transaction`] puts several of them into one
//! transaction, [`attempt`] tries an entry again whose session was lost, [`apply`] restores it,
//! [`maintenance`] analyzes. `define` and `apply` restore one entry; `schedule` chooses the next.

mod apply;
mod attempt;
mod entries;
mod maintenance;
mod transaction;
mod uncommitted;

use crate::restore::run::failing::Halt;

use super::engine::Engine;
use super::prepare;
use super::schedule::{Task, Verdict};
use super::timing::StepKind;
use crate::monitor::Event;
use crate::restore::journal::Notes;
use crate::restore::run::failing::Loaded;
use crate::restore::run::worker::uncommitted::Uncommitted;

/// A worker of a restore.
pub(crate) struct Worker<'a> {
    engine: &'a Engine,
    number: usize,
    near: Option<usize>,
    uncommitted: Uncommitted,
}

impl<'a> Worker<'a> {
    /// A worker with nothing to do.
    pub(crate) fn new(engine: &'a Engine, number: usize) -> Self {
        Self {
            engine,
            number,
            near: None,
            uncommitted: Uncommitted::default(),
        }
    }

    /// The database that it worked in last.
    pub(crate) fn near(&self) -> Option<usize> {
        self.near
    }

    /// Does a task to its end.
    pub(crate) async fn perform(&mut self, task: Task) -> Result<(), Halt> {
        match task {
            Task::Prepare { database } => {
                let target = &self.engine.database(database).target;
                self.started(format!("{target}: DATABASE"));
                prepare::prepare(self.engine, database).await?;
                let timing = &self.engine.timing;
                timing.ended(self.number, database, StepKind::Prepare);
                self.finished();
                self.commit_if_done(database).await
            }
            Task::Entries { database, entries } => {
                self.near = Some(database);
                let mut seat = self.engine.seat(database).await?;
                self.restore(&mut seat, &entries).await?;
                self.engine.sessions.give_back(seat);
                self.commit_if_done(database).await
            }
            Task::Analyze { database, analyses } => {
                self.near = Some(database);
                let mut seat = self.engine.seat(database).await?;
                self.analyze(&mut seat, &analyses).await?;
                self.engine.sessions.give_back(seat);
                self.commit_if_done(database).await
            }
        }
    }

    fn started(&self, subject: String) {
        let worker = self.number;
        self.engine.timing.begun(worker);
        self.engine
            .monitor
            .event(Event::Started { worker, subject });
    }

    fn finished(&self) {
        let worker = self.number;
        self.engine.monitor.event(Event::Finished { worker });
    }

    /// Says how an entry ended, or will say it when its transaction is committed.
    fn settle(&mut self, database: usize, position: usize, verdict: Verdict) {
        if self.is_grouping() {
            self.uncommitted.settled.push((position, verdict))
        } else {
            self.settle_now(database, position, verdict)
        }
    }

    fn settle_now(&self, database: usize, position: usize, verdict: Verdict) {
        if verdict == Verdict::Done {
            self.engine.report().entry_done(database);
        }
        self.engine.schedule().settle(database, position, verdict);
        match self.engine.other_work[database][position] {
            0 => {}
            work => self.engine.monitor.event(Event::OtherWork(work)),
        }
        let entry = &self.engine.database(database).toc.entries[position];
        if let Some(kind) = StepKind::of(entry) {
            self.engine.timing.ended(self.number, database, kind);
        }
        self.finished();
    }

    /// Counts data that was loaded, or will count it when its transaction is committed.
    fn count(&mut self, database: usize, position: usize, loaded: Loaded) {
        if self.is_grouping() {
            self.uncommitted.loaded.push((position, loaded))
        } else {
            self.count_now(database, position, loaded)
        }
    }

    fn count_now(&self, database: usize, position: usize, loaded: Loaded) {
        let contents = self.engine.database(database);
        let entry = &contents.toc.entries[position];
        let of = contents.chunks.get(&entry.dump_id);
        let of = of.map_or(1, |chunk| chunk.chunk_count);
        self.engine.report().loaded(database, entry, of, loaded);
    }

    /// The journal's name for an entry, and the parts of it that are known to be done.
    fn notes(&self, database: usize, position: usize) -> Notes {
        let entry = &self.engine.database(database).toc.entries[position];
        let earlier = &self.engine.work[database].earlier;
        Notes {
            dump_id: self.engine.keeps_journal(database).then_some(entry.dump_id),
            done: earlier.parts.get(&position).cloned().unwrap_or_default(),
        }
    }
}
