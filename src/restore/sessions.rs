//! Sessions on the target, kept for whoever works in the same database next.
//!
//! A worker takes a session for one task and gives it back. Of those that nobody uses, a few are kept,
//! the latest ones.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bstr::BString;

use super::error::Error;
use super::options::Transactions;
use super::statements::Defaults;
use crate::pg::{ServerConfig, Session, TransactionStatus};

/// How many sessions are kept open that nobody uses.
pub(super) const IDLE_MAX: usize = 4;

/// A session and what it was told.
pub(super) struct Seat {
    pub(super) session: Session,
    pub(super) defaults: Defaults,
    /// Whether the connection is gone.
    pub(super) is_lost: bool,
    /// How many parallel workers an index gets, where the restore decides that.
    pub(super) index_workers: u64,
    database: usize,
}

/// One database as sessions see it.
pub(super) struct Place {
    /// Its name on the target.
    pub(super) name: BString,
    /// What every session is told first.
    pub(super) prelude: BString,
}

/// All sessions of a restore but the one that creates databases and roles.
pub(super) struct Sessions {
    server: ServerConfig,
    transactions: Transactions,
    places: Vec<Place>,
    idle: Mutex<Vec<Seat>>,
}

impl Sessions {
    /// Sessions on these databases of `server`.
    pub(super) fn new(
        server: ServerConfig,
        places: Vec<Place>,
        transactions: Transactions,
    ) -> Self {
        Self {
            server,
            transactions,
            places,
            idle: Mutex::new(Vec::new()),
        }
    }

    /// A session on this database, ready for its entries.
    pub(super) async fn take(&self, database: usize) -> Result<Seat, Error> {
        if let Some(seat) = self.take_idle(database) {
            return Ok(seat);
        }
        let place = &self.places[database];
        let doing = || format!("open a session on database \"{}\"", place.name);
        let config = self.server.with_dbname(&place.name);
        let mut session = Session::connect(&config)
            .await
            .map_err(Error::server(doing()))?;
        session
            .execute(&place.prelude)
            .await
            .map_err(Error::server(format!(
                "set up a session on \"{}\"",
                place.name
            )))?;
        if self.is_single() {
            let begun = session.execute(b"BEGIN").await;
            begun.map_err(Error::server("begin the transaction of a database"))?;
        }
        Ok(Seat {
            session,
            defaults: Defaults::default(),
            is_lost: false,
            index_workers: 0,
            database,
        })
    }

    /// Under `-1` each database has one session from its first entry to its last.
    fn is_single(&self) -> bool {
        self.transactions == Transactions::Database
    }

    fn take_idle(&self, database: usize) -> Option<Seat> {
        let mut idle = self.lock();
        let position = idle.iter().rposition(|seat| seat.database == database)?;
        Some(idle.remove(position))
    }

    /// Keeps a session for the next task, unless it is of no use any more.
    pub(super) fn give_back(&self, seat: Seat) {
        let expected = match self.is_single() {
            true => TransactionStatus::InTransaction,
            false => TransactionStatus::Idle,
        };
        if seat.is_lost || seat.session.transaction_status() != expected {
            return;
        }
        let mut idle = self.lock();
        idle.push(seat);
        if idle.len() > IDLE_MAX && !self.is_single() {
            idle.remove(0);
        }
    }

    /// Says goodbye on every session that nobody uses.
    pub(super) async fn close(&self) {
        let idle = std::mem::take(&mut *self.lock());
        for seat in idle {
            seat.session.close().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Seat>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
