//! Whether the schema `pgark_restore` of a database is the journal that a restore keeps until its end, or
//! somebody's own.
//!
//! A journal is no part of a database: it is not dumped, and a database that holds nothing else is empty.
//! The owner of a database can create a schema of that name, with views instead of tables that call his
//! function, and wait for a superuser to read them. So the catalogs are asked first, and alone. Not here:
//! what a journal says (`restore::journal`).

use bstr::BString;

use crate::pg::{Error, Session};

/// The state of the schema.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Schema {
    /// The schema does not exist.
    #[default]
    Absent,
    /// The schema is a restore's journal, and holds nothing else.
    Journal {
        /// Its oid.
        oid: u32,
        /// The role that owns it.
        owner: BString,
        /// Whether it may be read: it belongs to this user or a superuser, and to nobody else in any way.
        is_trusted: bool,
    },
    /// Somebody has made it for himself, or put something into a journal.
    Other,
}

impl Schema {
    /// The oid of a journal; zero, which no object has, where there is none.
    pub fn journal_oid(&self) -> u32 {
        match self {
            Self::Journal { oid, .. } => *oid,
            Self::Absent | Self::Other => 0,
        }
    }
}

/// Asks the session's database.
pub async fn find(session: &mut Session) -> Result<Schema, Error> {
    // The long question takes the server longer to plan than all else that a small database is asked.
    let is_there = session
        .query(include_bytes!("sql/journal_schema.sql"), &[])
        .await?;
    if is_there.is_empty() {
        return Ok(Schema::Absent);
    }
    let rows = session
        .query(include_bytes!("sql/journal.sql"), &[])
        .await?;
    let Some(row) = rows.first() else {
        return Ok(Schema::Absent);
    };
    if !row.bool(2)? {
        return Ok(Schema::Other);
    }
    Ok(Schema::Journal {
        oid: row.u32(0)?,
        owner: row.text(1)?.into(),
        is_trusted: row.bool(3)?,
    })
}
