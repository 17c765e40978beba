//! Sessions on the target, kept for the next task in the same database.
//!
//! A worker takes a session for one task and gives it back. Of those that nobody uses, a few are kept,
//! the latest ones.

use crate::restore::target::limits::IDLE_MAX;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bstr::BString;

use crate::pg::{ServerConfig, Session, TransactionStatus};
use crate::restore::error::Error;
use crate::restore::options::Transactions;
use crate::restore::statements::Defaults;

/// A session and its settings.
pub(crate) struct Seat {
    pub(crate) session: Session,
    pub(crate) defaults: Defaults,
    /// Whether the connection is gone.
    pub(crate) is_lost: bool,
    /// How many parallel workers an index gets, where the restore decides that.
    pub(crate) index_workers: u64,
    database: usize,
}

impl Seat {
    /// The position of its database among the archive's.
    pub(crate) fn database(&self) -> usize {
        self.database
    }
}

/// One database as sessions see it.
pub(crate) struct Place {
    /// Its name on the target.
    pub(crate) name: BString,
    /// The first statements of every session.
    pub(crate) prelude: BString,
    /// What the session's defaults are after that.
    pub(crate) defaults: Defaults,
}

/// Under `-1`: where the only transaction of a database is. It belongs to one session, and when that is
/// gone, so is all that was done in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OnlyTransaction {
    NotBegun,
    Open,
    Committed,
}

/// All sessions of a restore but the one that creates databases and roles.
pub(crate) struct Sessions {
    server: ServerConfig,
    places: Vec<Place>,
    idle: Mutex<Vec<Seat>>,
    /// One for each database; none without `-1`.
    only: Mutex<Option<Vec<OnlyTransaction>>>,
}

impl Sessions {
    /// Sessions on these databases of `server`.
    pub(crate) fn new(
        server: ServerConfig,
        places: Vec<Place>,
        transactions: Transactions,
    ) -> Self {
        let is_single = transactions == Transactions::Database;
        let only = is_single.then(|| vec![OnlyTransaction::NotBegun; places.len()]);
        Self {
            server,
            places,
            idle: Mutex::new(Vec::new()),
            only: Mutex::new(only),
        }
    }

    /// A session on this database, ready for its entries.
    pub(crate) async fn take(&self, database: usize) -> Result<Seat, Error> {
        if let Some(seat) = self.take_idle(database) {
            return Ok(seat);
        }
        let place = &self.places[database];
        if self.has_open_transaction(database) {
            return Err(Error::TransactionLost {
                database: place.name.to_string(),
            });
        }
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
        if self.only_transaction(database) == Some(OnlyTransaction::NotBegun) {
            let begun = session.execute(b"BEGIN").await;
            begun.map_err(Error::server("begin the transaction of a database"))?;
            self.set_only_transaction(database, OnlyTransaction::Open);
        }
        Ok(Seat {
            session,
            defaults: place.defaults.clone(),
            is_lost: false,
            index_workers: 0,
            database,
        })
    }

    /// Under `-1`: whether something was begun in a database and is not committed.
    pub(crate) fn has_open_transaction(&self, database: usize) -> bool {
        self.only_transaction(database) == Some(OnlyTransaction::Open)
    }

    /// Under `-1`: the only transaction of a database is committed, and later work goes without one.
    pub(crate) fn committed(&self, database: usize) {
        self.set_only_transaction(database, OnlyTransaction::Committed);
    }

    fn only_transaction(&self, database: usize) -> Option<OnlyTransaction> {
        let only = self.only.lock().unwrap_or_else(PoisonError::into_inner);
        only.as_ref().map(|only| only[database])
    }

    fn set_only_transaction(&self, database: usize, now: OnlyTransaction) {
        let mut only = self.only.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(only) = only.as_mut() {
            only[database] = now;
        }
    }

    fn take_idle(&self, database: usize) -> Option<Seat> {
        let mut idle = self.lock();
        let position = idle.iter().rposition(|seat| seat.database == database)?;
        Some(idle.remove(position))
    }

    /// Keeps a session for the next task, unless it is of no use any more.
    pub(crate) fn give_back(&self, seat: Seat) {
        let expected = if self.has_open_transaction(seat.database) {
            TransactionStatus::InTransaction
        } else {
            TransactionStatus::Idle
        };
        if seat.is_lost || seat.session.transaction_status() != expected {
            return;
        }
        let mut idle = self.lock();
        idle.push(seat);
        let is_spare = |seat: &Seat| !self.has_open_transaction(seat.database);
        if idle.len() > IDLE_MAX
            && let Some(spare) = idle.iter().position(is_spare)
        {
            idle.remove(spare);
        }
    }

    /// Says goodbye on every session that nobody uses.
    pub(crate) async fn close(&self) {
        let idle = std::mem::take(&mut *self.lock());
        for seat in idle {
            seat.session.close().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Seat>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
