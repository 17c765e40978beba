//! Facts that workers tell the engine and one another on the way: failures, lost sessions, damage, triggers
//! that see rows.
//!
//! The engine itself draws the conclusions at the end.

use std::sync::PoisonError;

use super::{Engine, Journal};
use crate::restore::error::Error;
use crate::restore::options::Transactions;
use crate::restore::run::failed::Failed;
use crate::restore::run::failing::{Cause, Halt};
use crate::restore::target::firing::{Firing, Silencing};
use crate::toc::{DumpId, ObjectKind};
use crate::{pg, source};

impl Engine {
    /// The server is gone: whether the restore can go on once it is back shows in its journals.
    pub(crate) fn lost(&self, source: pg::Error) -> Error {
        let last_words = self.last_words.lock();
        let last_words = last_words.unwrap_or_else(PoisonError::into_inner);
        Error::ServerLost {
            last_words: last_words.clone().filter(|_| source.db().is_none()),
            can_go_on: self.is_all_noted(),
            source,
        }
    }

    /// Keeps what the server said before a session was lost: the others often learn no more than that.
    pub(crate) fn keep_last_words(&self, error: &pg::Error) {
        if let Some(db) = error.db() {
            let words = format!("{} ({})", db.message, db.code);
            let last_words = self.last_words.lock();
            *last_words.unwrap_or_else(PoisonError::into_inner) = Some(words);
        }
    }

    /// Reports a failure before the entries' turn; where the first error ends everything, it was the last.
    pub(crate) fn failed(
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
        self.stop_after_error()
    }

    /// After an error was reported: ends the restore where the first one does, and where the target's disk is
    /// full.
    pub(crate) fn stop_after_error(&self) -> Result<(), Halt> {
        if self.options.stops_at_errors() || self.report().full().is_some() {
            self.halt();
            return Err(Halt::Stopped);
        }
        Ok(())
    }

    /// `--disable-triggers`: the triggers that would fire on the rows of these entries all the same. The
    /// entries are loaded alone, because switching triggers off locks out others.
    pub(crate) fn silence(&self, database: usize, firing: Firing) {
        let entries = self.database(database).toc.entries.iter().enumerate();
        let alone = entries.filter(|(_, entry)| firing.contains_key(&entry.dump_id));
        let alone: Vec<usize> = alone.map(|(position, _)| position).collect();
        self.schedule().alone(database, &alone);
        // Each database is prepared once.
        let _ = self.firing[database].set(firing);
    }

    /// The triggers that are switched off while these rows are loaded.
    pub(crate) fn silencing(&self, database: usize, entry: DumpId) -> Option<&Silencing> {
        self.firing[database].get()?.get(&entry)
    }

    /// The archive was found damaged: which databases that leaves filled in part.
    pub(crate) fn damaged(&self, source: source::Error) -> Error {
        let databases = self.contents.databases.iter().enumerate();
        let journals = self.journals().clone();
        let is_partial = |position: usize| {
            let is_begun = matches!(journals[position], Journal::Kept | Journal::None);
            let is_rolled_back = self.options.transactions == Transactions::Database
                && !self.report().is_committed(position);
            is_begun && !is_rolled_back && self.schedule().unattempted(position) > 0
        };
        let partial = databases.filter(|(position, _)| is_partial(*position));
        Error::DamagedMidway {
            partial: partial
                .map(|(_, database)| database.target.clone())
                .collect(),
            can_go_on: journals.contains(&Journal::Kept),
            source: Box::new(source),
        }
    }
}
