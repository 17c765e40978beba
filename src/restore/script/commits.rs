//! What a script commits together: `-1` and `--transaction-size`.
//!
//! Actions are counted as pg_restore counts them (`restore_toc_entry` and `_printTocEntry`): an entry is one,
//! its definition as many as it has semicolons, a function's but one. A database and its properties cannot be
//! in a transaction and stay outside.

use super::Script;
use crate::restore::error::Error;
use crate::restore::options::Transactions;
use crate::toc::{ObjectKind, TocEntry};

impl Script<'_> {
    /// Before the first statement to a database, and so before anything is set: what the database itself says
    /// of its transactions must not hold.
    pub(crate) fn begin_database(&mut self) -> Result<(), Error> {
        match self.options.transactions {
            Transactions::Database => self
                .out
                .sql(b"BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE;"),
            Transactions::Each | Transactions::UpTo(_) => Ok(()),
        }
    }

    /// After the last one.
    pub(crate) fn end_database(&mut self) -> Result<(), Error> {
        match self.options.transactions {
            Transactions::Database | Transactions::UpTo(_) => self.out.sql(b"COMMIT;"),
            Transactions::Each => self.out.end_rows(),
        }
    }

    /// In a fresh session.
    pub(crate) fn begin_counting(&mut self) -> Result<(), Error> {
        self.actions = 0;
        match self.options.transactions {
            Transactions::UpTo(_) => self.out.sql(b"BEGIN;"),
            Transactions::Each | Transactions::Database => Ok(()),
        }
    }

    /// Before a statement about the database itself.
    pub(crate) fn step_out(&mut self) -> Result<(), Error> {
        match self.options.transactions {
            Transactions::UpTo(_) => self.out.sql(b"COMMIT;"),
            Transactions::Each | Transactions::Database => Ok(()),
        }
    }

    /// After an entry was dropped.
    pub(crate) fn dropped(&mut self, entry: &TocEntry) -> Result<(), Error> {
        if entry.kind.is_database() {
            self.begin_counting()
        } else {
            self.acted()
        }
    }

    /// After an entry's definition.
    pub(crate) fn defined(&mut self, entry: &TocEntry) {
        let is_whole = matches!(entry.kind, ObjectKind::Function | ObjectKind::Procedure);
        let semicolons = entry.definition().iter().filter(|byte| **byte == b';');
        if !is_whole {
            self.actions += semicolons.count().saturating_sub(1);
        }
    }

    /// After an entry: commits if it is time to.
    pub(crate) fn acted(&mut self) -> Result<(), Error> {
        self.actions += 1;
        match self.options.transactions {
            Transactions::UpTo(size) if self.actions >= size.get() => {
                self.actions = 0;
                self.out.sql(b"COMMIT;\nBEGIN;")
            }
            _ => Ok(()),
        }
    }
}
