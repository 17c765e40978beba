//! Several entries in one transaction: `--transaction-size`, and `-1` for a whole database.
//!
//! Both end at the first error, as in pg_restore. What is not committed is not told to the queue, so that
//! no other session counts on what it cannot see; under `-1` there is no other session.

use super::{Halt, Worker};
use crate::pg::{self, TransactionStatus};
use crate::restore::apply::Loaded;
use crate::restore::options::Transactions;
use crate::restore::report::{Cause, Failed};
use crate::restore::schedule::Verdict;
use crate::restore::sessions::Seat;
use crate::toc::ObjectKind;

/// What was done in a transaction that is not committed, by the positions of the entries.
#[derive(Debug, Default)]
pub(super) struct Uncommitted {
    pub(super) settled: Vec<(usize, Verdict)>,
    pub(super) loaded: Vec<(usize, Loaded)>,
}

impl Worker<'_> {
    /// The entries of each transaction.
    pub(super) fn groups<'e>(&self, entries: &'e [usize]) -> std::slice::Chunks<'e, usize> {
        match self.engine.options.transactions {
            Transactions::UpTo(count) => entries.chunks(count.get()),
            Transactions::Each | Transactions::Database => entries.chunks(entries.len().max(1)),
        }
    }

    /// Whether several entries are committed together by this worker.
    pub(super) fn is_grouping(&self) -> bool {
        matches!(self.engine.options.transactions, Transactions::UpTo(_))
    }

    /// Begins the transaction of a group.
    pub(super) async fn begin(&self, seat: &mut Seat, database: usize) -> Result<(), Halt> {
        if !self.is_grouping() {
            return Ok(());
        }
        match seat.session.execute(b"BEGIN").await {
            Ok(()) => Ok(()),
            Err(error) => self.give_up(database, "BEGIN", error),
        }
    }

    /// Commits the transaction of a group, and tells the queue what was done in it.
    pub(super) async fn commit(&self, seat: &mut Seat, database: usize) -> Result<(), Halt> {
        if !self.is_grouping() {
            return Ok(());
        }
        let canceller = seat.session.canceller();
        let work = seat.session.execute(b"COMMIT");
        if let Err(error) = self.engine.stop.guard(&canceller, work).await? {
            return self.give_up(database, "COMMIT", error);
        }
        let done = std::mem::take(&mut *self.uncommitted());
        for (position, loaded) in done.loaded {
            self.count_now(database, position, loaded);
        }
        for (position, verdict) in done.settled {
            self.settle_now(database, position, verdict);
        }
        self.engine.changed();
        Ok(())
    }

    /// Under `-1`: commits a database in which nothing is left to be done.
    pub(super) async fn commit_if_done(&self, database: usize) -> Result<(), Halt> {
        let is_single = self.engine.options.transactions == Transactions::Database;
        if !is_single || !self.engine.schedule().is_done(database) {
            return Ok(());
        }
        let mut seat = self.engine.seat(database).await?;
        let canceller = seat.session.canceller();
        let work = seat.session.execute(b"COMMIT");
        if let Err(error) = self.engine.stop.guard(&canceller, work).await? {
            return self.give_up(database, "COMMIT", error);
        }
        self.engine.report().committed.push(database);
        Ok(())
    }

    /// Executes a batch so that, where it fails, the transaction that it is in can go on.
    pub(super) async fn execute_batch(&self, seat: &mut Seat, sql: &[u8]) -> Result<(), pg::Error> {
        if seat.session.transaction_status() == TransactionStatus::Idle {
            return seat.session.execute(sql).await;
        }
        let whole = [b"SAVEPOINT pgark;\n", sql, b"RELEASE SAVEPOINT pgark;\n"].concat();
        let done = seat.session.execute(&whole).await;
        if done.is_err() {
            // Where this fails too, every statement that follows does, and says so.
            let _ = seat.session.execute(b"ROLLBACK TO SAVEPOINT pgark").await;
        }
        done
    }

    /// Whether the session is in a transaction, or is not, as the options have it.
    pub(super) fn is_as_it_should_be(&self, seat: &Seat) -> bool {
        let expected = match self.engine.options.transactions {
            Transactions::Each => TransactionStatus::Idle,
            Transactions::UpTo(_) | Transactions::Database => TransactionStatus::InTransaction,
        };
        seat.session.transaction_status() == expected
    }

    /// A transaction that could not be begun or committed ends the restore.
    fn give_up(&self, database: usize, statement: &str, error: pg::Error) -> Result<(), Halt> {
        let target = self.engine.database(database).target.clone();
        self.engine.report().fail(
            target,
            Failed {
                object: statement.to_owned(),
                kind: &ObjectKind::Database,
                statement: statement.as_bytes(),
                cause: Cause::Server(error),
            },
        );
        self.engine.halt();
        Err(Halt::Stopped)
    }
}
