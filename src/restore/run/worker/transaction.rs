//! Several entries in one transaction: `--transaction-size`, and `-1` for a whole database.
//!
//! Both end at the first error, as in pg_restore. The queue is not told of uncommitted work, so that no other
//! session counts on objects it cannot see; under `-1` there is no other session.

use super::Worker;
use crate::pg::{self, TransactionStatus};
use crate::restore::options::Transactions;
use crate::restore::run::failed::Failed;
use crate::restore::run::failing::{Cause, Halt};
use crate::restore::run::sessions::Seat;
use crate::toc::ObjectKind;

impl Worker<'_> {
    /// The entries of each transaction.
    pub(crate) fn groups<'e>(&self, entries: &'e [usize]) -> std::slice::Chunks<'e, usize> {
        match self.engine.options.transactions {
            Transactions::UpTo(count) => entries.chunks(count.get()),
            Transactions::Each | Transactions::Database => entries.chunks(entries.len().max(1)),
        }
    }

    /// Whether several entries are committed together by this worker.
    pub(crate) fn is_grouping(&self) -> bool {
        matches!(self.engine.options.transactions, Transactions::UpTo(_))
    }

    /// Begins the transaction of a group.
    pub(crate) async fn begin(&self, seat: &mut Seat) -> Result<(), Halt> {
        let database = seat.database();
        if !self.is_grouping() {
            return Ok(());
        }
        match seat.session.execute(b"BEGIN").await {
            Ok(()) => Ok(()),
            Err(error) => self.give_up(database, "BEGIN", Cause::Server(error)),
        }
    }

    /// Commits the transaction of a group, and tells the queue of its work.
    pub(crate) async fn commit(&mut self, seat: &mut Seat) -> Result<(), Halt> {
        let database = seat.database();
        if !self.is_grouping() {
            return Ok(());
        }
        self.commit_on(seat).await?;
        let done = std::mem::take(&mut self.uncommitted);
        for (position, loaded) in done.loaded {
            self.count_now(database, position, loaded);
        }
        for (position, verdict) in done.settled {
            self.settle_now(database, position, verdict);
        }
        self.engine.changed();
        Ok(())
    }

    /// Under `-1`: commits a database whose entries are all restored. Statistics come afterwards: a failing
    /// ANALYZE would undo everything.
    pub(crate) async fn commit_if_done(&self, database: usize) -> Result<(), Halt> {
        let is_single = self.engine.options.transactions == Transactions::Database;
        let is_committed = self.engine.report().is_committed(database);
        if !is_single || is_committed || !self.engine.schedule().is_settled(database) {
            return Ok(());
        }
        // Where nothing was begun, there is nothing to commit.
        if self.engine.sessions.has_open_transaction(database) {
            let mut seat = self.engine.seat(database).await?;
            self.commit_on(&mut seat).await?;
            self.engine.sessions.committed(database);
            self.engine.sessions.give_back(seat);
        }
        self.engine.report().committed(database);
        Ok(())
    }

    /// Commits the transaction that the session is in. In one that failed, or without one, the server
    /// accepts COMMIT too, and commits nothing (documentation of COMMIT).
    async fn commit_on(&self, seat: &mut Seat) -> Result<(), Halt> {
        let database = seat.database();
        if seat.session.transaction_status() != TransactionStatus::InTransaction {
            return self.give_up(database, "COMMIT", Cause::NoTransaction);
        }
        let canceller = seat.session.canceller();
        let work = seat.session.execute(b"COMMIT");
        match self.engine.stop.guard(&canceller, work).await? {
            Ok(()) => Ok(()),
            Err(error) => self.give_up(database, "COMMIT", Cause::Server(error)),
        }
    }

    /// The remaining work goes on in the same surroundings: in the same transaction, or on a session without
    /// one. A definition may end a transaction or leave one open, and a server may end a session.
    pub(crate) async fn stay_as_it_should_be(&self, seat: &mut Seat) -> Result<(), Halt> {
        let database = seat.database();
        if !seat.is_lost && self.is_as_it_should_be(seat) {
            return Ok(());
        }
        if self.engine.options.transactions != Transactions::Each {
            return self.give_up(database, "COMMIT", Cause::NoTransaction);
        }
        *seat = self.engine.seat(database).await?;
        Ok(())
    }

    /// Executes a batch so that, where it fails, the transaction that it is in can go on.
    pub(crate) async fn execute_batch(&self, seat: &mut Seat, sql: &[u8]) -> Result<(), pg::Error> {
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
    fn is_as_it_should_be(&self, seat: &Seat) -> bool {
        let expected = match self.engine.options.transactions {
            Transactions::Each => TransactionStatus::Idle,
            Transactions::UpTo(_) | Transactions::Database => TransactionStatus::InTransaction,
        };
        seat.session.transaction_status() == expected
    }

    /// A transaction that could not be begun or committed ends the restore.
    fn give_up(&self, database: usize, statement: &str, cause: Cause) -> Result<(), Halt> {
        let target = self.engine.database(database).target.clone();
        self.engine.report().fail(
            target,
            Failed {
                object: statement.to_owned(),
                kind: &ObjectKind::Database,
                statement: statement.as_bytes(),
                cause,
            },
        );
        self.engine.halt();
        Err(Halt::Stopped)
    }
}
