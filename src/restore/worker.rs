//! One worker: takes up a task, does it entry by entry, and says what became of each.
//!
//! What a failure leads to is decided here, as pg_restore decides it: it is reported and the restore
//! goes on. How one entry is restored is `apply`'s business, what comes next `schedule`'s.

use bstr::BString;

use super::apply::{Failing, Loaded, Progress, define, load};
use super::batch::{self, Batch};
use super::engine::Engine;
use super::error::Error;
use super::prepare;
use super::report::Failed;
use super::schedule::{Task, Verdict};
use super::sessions::Seat;
use super::statements::joined;
use super::stop::Stopped;
use crate::monitor::Event;
use crate::pg::TransactionStatus;
use crate::toc::{ObjectKind, TocEntry, quote};

const RELATION_EXISTS: &[u8] = include_bytes!("sql/relation_exists.sql");

/// Why a worker ends before the queue does.
pub(super) enum Halt {
    /// A stop was asked for.
    Stopped,
    /// Nobody can go on.
    Fatal(Box<Error>),
}

impl From<Stopped> for Halt {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Fatal(Box::new(error))
    }
}

/// A worker of a restore.
pub(super) struct Worker<'a> {
    engine: &'a Engine,
    number: usize,
    near: Option<usize>,
}

impl<'a> Worker<'a> {
    /// A worker with nothing to do.
    pub(super) fn new(engine: &'a Engine, number: usize) -> Self {
        Self {
            engine,
            number,
            near: None,
        }
    }

    /// The database that it worked in last.
    pub(super) fn near(&self) -> Option<usize> {
        self.near
    }

    /// Does a task to its end.
    pub(super) async fn perform(&mut self, task: Task) -> Result<(), Halt> {
        match task {
            Task::Prepare { database } => {
                let target = &self.engine.database(database).target;
                self.started(format!("{target}: DATABASE"));
                prepare::prepare(self.engine, database).await?;
                self.engine.monitor.event(Event::Finished {
                    worker: self.number,
                });
            }
            Task::Entries { database, entries } => {
                self.near = Some(database);
                let mut seat = self.seat(database).await?;
                self.restore(&mut seat, database, &entries).await?;
                self.engine.sessions.give_back(seat);
            }
            Task::Analyze { database, entry } => {
                self.near = Some(database);
                let mut seat = self.seat(database).await?;
                self.analyze(&mut seat, database, entry).await?;
                self.engine.sessions.give_back(seat);
            }
        }
        Ok(())
    }

    async fn seat(&self, database: usize) -> Result<Seat, Halt> {
        tokio::select! {
            seat = self.engine.sessions.take(database) => Ok(seat?),
            () = self.engine.stop.asked() => Err(Halt::Stopped),
        }
    }

    fn started(&self, subject: String) {
        let worker = self.number;
        self.engine
            .monitor
            .event(Event::Started { worker, subject });
    }

    /// Restores entries in their order: small definitions many at a time, all else one by one.
    async fn restore(
        &self,
        seat: &mut Seat,
        database: usize,
        entries: &[usize],
    ) -> Result<(), Halt> {
        let mut rest = entries;
        while !rest.is_empty() {
            let taken = match self.try_batch(seat, database, rest).await? {
                0 => {
                    self.hint_next(database, rest);
                    self.restore_entry(seat, database, rest[0]).await?;
                    1
                }
                restored => restored,
            };
            rest = &rest[taken..];
        }
        Ok(())
    }

    /// While data is loaded, the data that is probably next is read from the archive.
    fn hint_next(&self, database: usize, entries: &[usize]) {
        let data_of = |database: usize, position: usize| {
            let contents = self.engine.database(database);
            let entry = &contents.toc.entries[position];
            let data = contents.chunks.get(&entry.dump_id)?;
            let is_wanted = self.engine.work[database].needs[position].data;
            is_wanted.then_some(data)
        };
        if data_of(database, entries[0]).is_none() {
            return;
        }
        let next = match entries.get(1) {
            Some(&position) => Some((database, position)),
            None => self.engine.schedule().peek(database),
        };
        if let Some((database, position)) = next
            && let Some(data) = data_of(database, position)
        {
            self.engine.data.hint(database, data);
        }
    }

    /// Restores the first few of `entries` in one transaction, if they allow it and nothing fails.
    /// Returns how many; zero if nothing was done.
    async fn try_batch(
        &self,
        seat: &mut Seat,
        database: usize,
        entries: &[usize],
    ) -> Result<usize, Halt> {
        let contents = self.engine.database(database);
        let needs = &self.engine.work[database].needs;
        let mut batch = Batch::new(seat.defaults.clone(), self.engine.owners());
        for &position in entries {
            let entry = &contents.toc.entries[position];
            let is_definition = needs[position].definition && !needs[position].data;
            if !is_definition
                || !batch::can_share(entry)
                || self.cause(database, position).is_some()
                || !batch.add(&contents.toc, entry)
            {
                break;
            }
        }
        if batch.len() < 2 {
            return Ok(0);
        }
        let subject = contents.describe(&contents.toc.entries[entries[0]]);
        self.started(format!("{}: {subject} and others", contents.target));
        let canceller = seat.session.canceller();
        let sql = batch.sql();
        let work = seat.session.execute(sql);
        if let Err(error) = self.engine.stop.guard(&canceller, work).await? {
            // Nothing of it remains; one by one shows which entry it was.
            if error.is_connection_lost() {
                *seat = self.seat(database).await?;
            }
            return Ok(0);
        }
        seat.defaults = batch.defaults().clone();
        for &position in &entries[..batch.len()] {
            self.settle(database, position, Verdict::Done);
        }
        self.engine.changed();
        Ok(batch.len())
    }

    async fn restore_entry(
        &self,
        seat: &mut Seat,
        database: usize,
        position: usize,
    ) -> Result<(), Halt> {
        let contents = self.engine.database(database);
        let entry = &contents.toc.entries[position];
        if let Some(cause) = self.cause(database, position) {
            // A table's chunks count as one.
            let chunk = contents.chunks.get(&entry.dump_id);
            if chunk.is_none_or(|chunk| chunk.number == 1) {
                let object = contents.describe_whole(entry);
                self.engine.report().skip_entry(database, cause, object);
            }
            self.settle(database, position, Verdict::Skipped(cause));
            self.engine.changed();
            return Ok(());
        }
        let object = contents.describe(entry);
        self.started(format!("{}: {object}", contents.target));
        let canceller = seat.session.canceller();
        let work = self.apply(seat, database, position);
        let failures = self.engine.stop.guard(&canceller, work).await?;
        let mut verdict = Verdict::Done;
        for failing in failures {
            let failed = self.fail(seat, database, position, failing).await?;
            if verdict != Verdict::Missing {
                verdict = failed;
            }
        }
        self.settle(database, position, verdict);
        self.engine.changed();
        if verdict != Verdict::Done && self.engine.options.exit_on_error {
            self.engine.halt();
            return Err(Halt::Stopped);
        }
        // A definition may leave a transaction open, and a server may end a session.
        if seat.session.transaction_status() != TransactionStatus::Idle || seat.is_lost {
            *seat = self.seat(database).await?;
        }
        Ok(())
    }

    /// The definition, then the data. An entry that has both, from an archive of another tool, gets
    /// its data also where the definition failed, as in pg_restore.
    async fn apply(&self, seat: &mut Seat, database: usize, position: usize) -> Vec<Failing> {
        let contents = self.engine.database(database);
        let entry = &contents.toc.entries[position];
        let need = self.engine.work[database].needs[position];
        let mut failures = Vec::new();
        if need.definition || !entry.had_dumper {
            failures = define(seat, &contents.toc, entry, self.engine.owners()).await;
        }
        if need.data && entry.had_dumper {
            let progress = Progress {
                monitor: &self.engine.monitor,
                worker: self.number,
            };
            match load(seat, self.engine, database, entry, progress).await {
                Ok(loaded) => self.count(database, entry, loaded),
                Err(failing) => failures.push(failing),
            }
        }
        failures
    }

    fn count(&self, database: usize, entry: &TocEntry, loaded: Loaded) {
        let of = self.engine.database(database).chunks.get(&entry.dump_id);
        let of = of.map_or(1, |chunk| chunk.of);
        self.engine.report().loaded(database, entry, of, loaded);
    }

    /// Reports a failure and says what it means for what depends on the entry.
    async fn fail(
        &self,
        seat: &mut Seat,
        database: usize,
        position: usize,
        failing: Failing,
    ) -> Result<Verdict, Halt> {
        let (statement, cause, is_definition) = match failing {
            Failing::Everything(error) => return Err(error.into()),
            Failing::Entry {
                statement,
                cause,
                is_definition,
            } => (statement, cause, is_definition),
        };
        seat.is_lost |= cause.is_connection_lost();
        let contents = self.engine.database(database);
        let entry = &contents.toc.entries[position];
        let failed = Failed {
            object: contents.describe(entry),
            kind: &entry.kind,
            statement: &statement,
            cause,
        };
        self.engine.report().fail_entry(database, position, failed);
        if is_definition
            && !seat.is_lost
            && is_relation(&entry.kind)
            && !relation_exists(seat, entry).await
        {
            return Ok(Verdict::Missing);
        }
        Ok(Verdict::Failed)
    }

    fn cause(&self, database: usize, position: usize) -> Option<usize> {
        self.engine.schedule().cause(database, position)
    }

    fn settle(&self, database: usize, position: usize, verdict: Verdict) {
        if verdict == Verdict::Done {
            self.engine.report().databases[database].entries += 1;
        }
        self.engine.schedule().settle(database, position, verdict);
        let worker = self.number;
        self.engine.monitor.event(Event::Finished { worker });
    }

    async fn analyze(&self, seat: &mut Seat, database: usize, entry: usize) -> Result<(), Halt> {
        let contents = self.engine.database(database);
        let entry = &contents.toc.entries[entry];
        let object = format!("ANALYZE {}.{}", BString::from(entry.schema()), entry.tag);
        self.started(format!("{}: {object}", contents.target));
        let name = quote::qualified(entry.schema(), &entry.tag);
        let sql = joined(&[b"ANALYZE ", &name]);
        let canceller = seat.session.canceller();
        let work = seat.session.execute(&sql);
        let done = self.engine.stop.guard(&canceller, work).await?;
        if let Err(error) = done {
            self.engine.report().fail(
                contents.target.clone(),
                Failed {
                    object,
                    kind: &entry.kind,
                    statement: &sql,
                    cause: super::report::Cause::Server(error),
                },
            );
        }
        self.engine.schedule().analyzed(database);
        let worker = self.number;
        self.engine.monitor.event(Event::Finished { worker });
        Ok(())
    }
}

fn is_relation(kind: &ObjectKind) -> bool {
    matches!(
        kind,
        ObjectKind::Table
            | ObjectKind::ForeignTable
            | ObjectKind::MaterializedView
            | ObjectKind::Sequence
            | ObjectKind::View
    )
}

/// Whether the relation is there although it could not be created. Where that cannot be found out,
/// what depends on it is tried.
async fn relation_exists(seat: &mut Seat, entry: &TocEntry) -> bool {
    let name = quote::qualified(entry.schema(), &entry.tag);
    let answer = seat.session.query(RELATION_EXISTS, &[Some(&name)]).await;
    let exists = answer.ok().and_then(|rows| rows.first()?.bool(0).ok());
    exists != Some(false)
}
