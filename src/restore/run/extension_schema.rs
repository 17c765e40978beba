//! Schemas that hold an extension: they can be there before a restore creates them, and stay where it would
//! drop them, because the extension is the server's or belongs to another schema's owner.
//!
//! To find one is no failure: what the archive wants is there.

use super::sessions::Seat;
use crate::pg::{self, TransactionStatus};
use crate::toc::{ObjectKind, TocEntry};

const SCHEMA_OF_EXTENSION: &[u8] = include_bytes!("sql/schema_of_extension.sql");

/// What a schema of the target holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Held {
    /// An extension, or the schema is part of one.
    pub(crate) extension: bool,
    /// Something that belongs to no extension.
    pub(crate) others: bool,
}

/// The content of the schema that the entry describes; none where the entry is no schema or the schema is not
/// there.
pub(crate) async fn held(seat: &mut Seat, entry: &TocEntry) -> Result<Option<Held>, pg::Error> {
    if entry.kind != ObjectKind::Schema {
        return Ok(None);
    }
    let rows = seat
        .session
        .query(SCHEMA_OF_EXTENSION, &[Some(&entry.tag)])
        .await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    Ok(Some(Held {
        extension: row.bool(0)?,
        others: row.bool(1)?,
    }))
}

/// Whether the schema need not be created. In a transaction that is asked beforehand, as a failed statement
/// would end it; outside of one, once `failed` says that the schema is there.
pub(crate) async fn is_there_already(
    seat: &mut Seat,
    entry: &TocEntry,
    failed: Option<&pg::Error>,
) -> bool {
    let is_in_transaction = seat.session.transaction_status() == TransactionStatus::InTransaction;
    let is_asked = match failed {
        // duplicate_schema
        Some(error) => error.sqlstate() == Some("42P06") && !is_in_transaction,
        None => is_in_transaction,
    };
    // Where it cannot be found out, CREATE SCHEMA has the word.
    is_asked && matches!(held(seat, entry).await, Ok(Some(held)) if held.extension)
}
