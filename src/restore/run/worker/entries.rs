//! Restoring entries in their order, and what a failure leads to: it is reported and the restore goes
//! on, as in pg_restore.

use super::Worker;
use crate::monitor::units::counted;
use crate::pg;
use crate::restore::journal::{self};
use crate::restore::run::batch::{self, Batch};
use crate::restore::run::failed::Failed;
use crate::restore::run::failing::{Cause, Failing, Halt};
use crate::restore::run::schedule::Verdict;
use crate::restore::run::sessions::Seat;
use crate::toc::{ObjectKind, TocEntry, quote};

const RELATION_EXISTS: &[u8] = include_bytes!("../sql/relation_exists.sql");

impl Worker<'_> {
    /// Restores entries in their order, in transactions as the options say.
    pub(crate) async fn restore(&mut self, seat: &mut Seat, entries: &[usize]) -> Result<(), Halt> {
        let database = seat.database();
        for group in self.groups(entries) {
            self.begin(seat).await?;
            let mut rest = group;
            while !rest.is_empty() {
                let taken = match self.try_batch(seat, rest).await? {
                    0 => {
                        self.hint_next(database, rest);
                        self.restore_entry(seat, rest[0]).await?;
                        1
                    }
                    restored => restored,
                };
                self.stay_as_it_should_be(seat).await?;
                rest = &rest[taken..];
            }
            self.commit(seat).await?;
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

    /// The first few of `entries` that may be defined in one transaction.
    fn batch(&self, seat: &Seat, entries: &[usize]) -> Batch {
        let database = seat.database();
        let contents = self.engine.database(database);
        let work = &self.engine.work[database];
        let mut batch = Batch::new(seat.defaults.clone(), self.engine.owners());
        for &position in entries {
            let entry = &contents.toc.entries[position];
            let need = work.needs[position];
            let is_definition = need.definition && !need.data;
            if !is_definition
                || !batch::can_share(entry)
                || work.earlier.parts.contains_key(&position)
                || self.cause(database, position).is_some()
                || !batch.add(&contents.toc, entry)
            {
                break;
            }
        }
        batch
    }

    /// Restores the first few of `entries` in one transaction, if they allow it and nothing fails.
    /// Returns how many; zero if nothing was done.
    async fn try_batch(&mut self, seat: &mut Seat, entries: &[usize]) -> Result<usize, Halt> {
        let database = seat.database();
        let batch = self.batch(seat, entries);
        if batch.len() < 2 {
            return Ok(0);
        }
        let batched = &entries[..batch.len()];
        let contents = self.engine.database(database);
        let object = contents.describe(&contents.toc.entries[batched[0]]);
        let others = counted(batch.len() as u64 - 1, "other", "others");
        let object = format!("{object} and {others}");
        self.started(format!("{}: {object}", contents.target));
        let mut sql = if self.engine.keeps_journal(database) {
            journal::note(batch.parts())
        } else {
            Vec::new()
        };
        sql.extend_from_slice(batch.sql());
        let canceller = seat.session.canceller();
        let work = self.execute_batch(seat, &sql);
        match self.engine.stop.guard(&canceller, work).await? {
            Ok(()) => {}
            Err(error) if error.is_connection_lost() => {
                return self.after_lost_batch(seat, batched, &object, error).await;
            }
            // Nothing of it remains; one by one shows which entry it was.
            Err(_) => return Ok(0),
        }
        seat.defaults = batch.defaults().clone();
        for &position in batched {
            self.settle(database, position, Verdict::Done);
        }
        self.engine.changed();
        Ok(batch.len())
    }

    async fn restore_entry(&mut self, seat: &mut Seat, position: usize) -> Result<(), Halt> {
        let database = seat.database();
        let contents = self.engine.database(database);
        let entry = &contents.toc.entries[position];
        if let Some(cause) = self.cause(database, position) {
            self.skip(database, position, cause);
            return Ok(());
        }
        let object = contents.describe(entry);
        self.started(format!("{}: {object}", contents.target));
        let failures = self.apply_until_known(seat, position).await?;
        let mut verdict = Verdict::Done;
        for failing in failures {
            let failed = self.fail(seat, position, failing).await?;
            if !matches!(verdict, Verdict::Missing | Verdict::Unfed) {
                verdict = failed;
            }
        }
        self.settle(database, position, verdict);
        self.engine.changed();
        match verdict {
            Verdict::Done => Ok(()),
            _ => self.engine.stop_after_error(),
        }
    }

    fn skip(&mut self, database: usize, position: usize, cause: usize) {
        let contents = self.engine.database(database);
        let entry = &contents.toc.entries[position];
        // A table's chunks count as one.
        let chunk = contents.chunks.get(&entry.dump_id);
        if chunk.is_none_or(|chunk| chunk.chunk_number == 1) {
            let object = contents.describe_whole(entry);
            self.engine.report().skip_entry(database, cause, object);
        }
        self.settle(database, position, Verdict::Skipped(cause));
        self.engine.changed();
    }

    /// Reports a failure and decides the fate of the entry's dependants.
    async fn fail(
        &self,
        seat: &mut Seat,
        position: usize,
        failing: Failing,
    ) -> Result<Verdict, Halt> {
        let database = seat.database();
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
            && entry.kind.is_relation()
            && !relation_exists(seat, entry).await
        {
            return Ok(Verdict::Missing);
        }
        let is_unfed = is_definition
            && entry.kind == ObjectKind::Table
            && self.engine.options.no_data_for_failed_tables;
        Ok(if is_unfed {
            Verdict::Unfed
        } else {
            Verdict::Failed
        })
    }

    /// Reports that a session was lost with several entries whose state nobody knows.
    pub(crate) fn fail_batch(
        &mut self,
        database: usize,
        batched: &[usize],
        object: &str,
        error: pg::Error,
    ) {
        let entry = &self.engine.database(database).toc.entries[batched[0]];
        let failed = Failed {
            object: object.to_owned(),
            kind: &entry.kind,
            statement: entry.definition(),
            cause: Cause::Server(error),
        };
        self.engine
            .report()
            .fail_entry(database, batched[0], failed);
        for &position in batched {
            self.settle(database, position, Verdict::Failed);
        }
    }

    fn cause(&self, database: usize, position: usize) -> Option<usize> {
        self.engine.schedule().cause(database, position)
    }
}

/// Whether the relation is there although it could not be created. Where that cannot be found out, its
/// dependants are tried.
async fn relation_exists(seat: &mut Seat, entry: &TocEntry) -> bool {
    let name = quote::qualified(entry.schema(), &entry.tag);
    let answer = seat.session.query(RELATION_EXISTS, &[Some(&name)]).await;
    let exists = answer.ok().and_then(|rows| rows.first()?.bool(0).ok());
    exists != Some(false)
}
