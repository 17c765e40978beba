//! The definition of one entry onto one session, statement by statement.
//!
//! Each statement is a transaction of its own, together with its note in the journal. Nothing is decided
//! here, neither what nor when (`schedule`), nor what a failure means (`worker`); data is `apply`'s.

use bstr::{BString, ByteSlice};

use super::apply::Failing;
use super::extension_schema;
use super::foreign_keys::Split;
use super::journal::{ADDED, Notes, Part, is_done_already};
use super::report::Cause;
use super::sessions::Seat;
use super::statements::{Owners, creation_by_owner};
use crate::pg::{self, TransactionStatus};
use crate::toc::{ObjectKind, Toc, TocEntry};

/// Statements about large objects are sent this many at a time: each takes a lock, and a transaction
/// has room for only so many (`max_locks_per_transaction`).
const STATEMENTS_AT_ONCE: usize = 1000;

/// What is sent at once of an entry's definition.
pub(super) struct Statement {
    pub(super) sql: BString,
    /// Whether it makes the object itself, and does not say something about it afterwards.
    pub(super) is_definition: bool,
}

/// The statements of an entry's definition. Their positions are the journal's parts.
pub(super) fn statements(toc: &Toc, entry: &TocEntry, owners: Owners) -> Vec<Statement> {
    let mut statements = Vec::new();
    for (index, sql) in creation_by_owner(toc, entry, owners)
        .into_iter()
        .enumerate()
    {
        let is_definition = index == 0;
        if is_about_large_objects(entry) {
            statements.extend(pieces(&sql).into_iter().map(|piece| Statement {
                sql: piece.into(),
                is_definition,
            }));
        } else {
            statements.push(Statement { sql, is_definition });
        }
    }
    statements
}

/// Gives the session the defaults that the entry was dumped under.
pub(super) async fn switch(seat: &mut Seat, entry: &TocEntry) -> Vec<Failing> {
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

/// Executes what is left of an entry's statements, one after the other. All are tried, and the failures
/// of all returned.
pub(super) async fn define(
    seat: &mut Seat,
    toc: &Toc,
    entry: &TocEntry,
    owners: Owners,
    notes: &Notes,
) -> Vec<Failing> {
    let mut failures = Vec::new();
    for (part, statement) in (0..).zip(statements(toc, entry, owners)) {
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
pub(super) async fn add_and_check(
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
    if !notes.is_done(ADDED)
        && let Err(error) = execute(seat, notes, ADDED, &split.add).await
    {
        return failing(split.add, error);
    }
    added();
    let Err(error) = execute(seat, notes, 0, &split.validate).await else {
        return Vec::new();
    };
    // What is wrong with the rows is the error to report; where the key cannot be taken away, the
    // connection is lost, or the key is not there.
    if error.is_connection_lost() {
        let validate = split.validate.clone();
        return vec![Failing::Entry {
            statement: split.validate,
            cause: Cause::Unchecked { error, validate },
            is_definition: true,
        }];
    }
    let withdrawn = notes.without(ADDED, &split.drop);
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

fn is_about_large_objects(entry: &TocEntry) -> bool {
    match entry.kind {
        ObjectKind::Blob | ObjectKind::BlobMetadata | ObjectKind::LargeObjectData => true,
        ObjectKind::Acl | ObjectKind::Comment | ObjectKind::SecurityLabel => {
            entry.tag.starts_with(b"LARGE OBJECT")
        }
        _ => false,
    }
}

/// `sql` in pieces of whole statements. Statements about large objects are built of OIDs, role names
/// and literals; a piece may end only where a line ends with a semicolon outside all quotes.
fn pieces(sql: &[u8]) -> Vec<&[u8]> {
    use super::lex::{TokenKind, tokens};
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut statements = 0;
    for token in tokens(sql).filter(|token| token.kind == TokenKind::Semicolon) {
        statements += 1;
        if statements == STATEMENTS_AT_ONCE {
            pieces.push(&sql[start..token.range.end]);
            start = token.range.end;
            statements = 0;
        }
    }
    if !sql[start..].trim().is_empty() {
        pieces.push(&sql[start..]);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_end_between_statements() {
        let one = "ALTER LARGE OBJECT 1 OWNER TO \"a;\nb\";\n";
        let sql = one.repeat(2 * STATEMENTS_AT_ONCE + 1);
        let pieces = pieces(sql.as_bytes());
        assert_eq!(pieces.len(), 3);
        assert_eq!(pieces.concat(), sql.as_bytes());
        assert!(pieces.iter().all(|piece| piece.trim().ends_with(b";")));
        assert!(super::pieces(b"\n").is_empty());
    }
}
