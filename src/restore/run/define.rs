//! The definition of one entry onto one session, statement by statement.
//!
//! Each statement is a transaction of its own, together with its note in the journal. No decisions are made
//! here: `schedule` chooses the entry and the time, `worker` judges a failure. `apply` restores data.

use crate::restore::statements::parts::statements;

use super::extension_schema;
use super::sessions::Seat;
use crate::pg::{self, TransactionStatus};
use crate::restore::journal::{Notes, Part, is_done_already};
use crate::restore::run::failing::{Cause, Failing};
use crate::restore::statements::Owners;
use crate::restore::statements::foreign_keys::Split;
use crate::toc::{Toc, TocEntry};

/// Gives the session the defaults that the entry was dumped under.
pub(crate) async fn switch(seat: &mut Seat, entry: &TocEntry) -> Vec<Failing> {
    let mut failures = Vec::new();
    for sql in seat.defaults.switch_to(entry) {
        if let Err(error) = seat.session.execute(&sql).await {
            let is_lost = error.is_connection_lost();
            failures.push(Failing::server(&sql, error));
            if is_lost {
                break;
            }
        }
    }
    failures
}

/// Executes the remaining statements of an entry, one after the other. All are tried, and all failures
/// returned.
pub(crate) async fn define(
    seat: &mut Seat,
    toc: &Toc,
    entry: &TocEntry,
    owners: Owners,
    notes: &Notes,
) -> Vec<Failing> {
    let mut failures = Vec::new();
    for (position, statement) in statements(toc, entry, owners).into_iter().enumerate() {
        let part = Part::statement(position);
        if notes.is_done(part) {
            continue;
        }
        let is_definition = statement.is_definition;
        if is_definition && extension_schema::is_there_already(seat, entry, None).await {
            continue;
        }
        let Err(error) = execute(seat, notes, part, &statement.sql).await else {
            continue;
        };
        if is_definition && extension_schema::is_there_already(seat, entry, Some(&error)).await {
            continue;
        }
        let is_lost = error.is_connection_lost();
        failures.push(Failing::Entry {
            statement: statement.sql,
            cause: Cause::Server(error),
            is_definition,
        });
        // Without the object, or without the server, there is nothing to say about it.
        if is_definition || is_lost {
            break;
        }
    }
    failures
}

/// A foreign key in two steps, of which `added` is told the first. One that rows violate is taken
/// away again.
pub(crate) async fn add_and_check(
    seat: &mut Seat,
    split: Split,
    notes: &Notes,
    added: impl FnOnce(),
) -> Vec<Failing> {
    let failing = |statement, error| {
        vec![Failing::Entry {
            statement,
            cause: Cause::Server(error),
            is_definition: true,
        }]
    };
    if !notes.is_done(Part::Added)
        && let Err(error) = execute(seat, notes, Part::Added, &split.add).await
    {
        return failing(split.add, error);
    }
    added();
    let Err(error) = execute(seat, notes, Part::Statement(0), &split.validate).await else {
        return Vec::new();
    };
    // The fault of the rows is the error to report. Where the key cannot be taken away, the connection is
    // lost, or the key is not there.
    if error.is_connection_lost() {
        let validate = split.validate.clone();
        return vec![Failing::Entry {
            statement: split.validate,
            cause: Cause::Unchecked { error, validate },
            is_definition: true,
        }];
    }
    let withdrawn = notes.without(Part::Added, &split.drop);
    let _ = seat.session.execute(&withdrawn).await;
    failing(split.validate, error)
}

/// Executes a statement together with its note.
async fn execute(seat: &mut Seat, notes: &Notes, part: Part, sql: &[u8]) -> Result<(), pg::Error> {
    let is_alone = seat.session.transaction_status() == TransactionStatus::Idle;
    match seat.session.execute(&notes.with(part, sql)).await {
        Err(error) if is_alone && is_done_already(&error) => Ok(()),
        // ACTIVE_SQL_TRANSACTION: it must come alone, so its note comes afterwards.
        Err(error) if notes.dump_id.is_some() && error.sqlstate() == Some("25001") => {
            seat.session.execute(sql).await?;
            seat.session.execute(&notes.note(part)).await
        }
        done => done,
    }
}
