//! Why a dump failed, in the user's terms.

use bstr::{BStr, BString, ByteSlice};

use super::options::ATTEMPTS;
use crate::monitor::nearest;
use crate::monitor::units::counted;
use crate::schema::program;
use crate::{archive, pg, pgdump, schema, storage};

/// SQLSTATE of a lock that could not be had in time.
const LOCK_NOT_AVAILABLE: &str = "55P03";
const BEHIND_A_LOCK: &str = "Another session holds or waits for an exclusive lock; see pg_locks. Try again when it is \
                             done, or raise --lock-wait-timeout.";
/// The advice about a session too many.
const TOO_MANY_HINT: &str = "A dump needs one connection for each database and one for each job: use a smaller -j, \
    fewer databases, or raise the role's connection limit or max_connections.";
/// SQLSTATE of a session too many.
const TOO_MANY_CONNECTIONS: &str = "53300";

/// Why there is no archive.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum Error {
    #[error(transparent)]
    Connection(#[from] pg::Error),
    #[error("database \"{database}\" cannot be dumped")]
    Database {
        database: BString,
        source: pg::Error,
    },
    #[error("no such database: {}", names(.missing))]
    UnknownDatabases {
        missing: Vec<BString>,
        /// Those that the server has.
        present: Vec<BString>,
    },
    #[error("there is no database to dump")]
    NoDatabases,
    #[error(
        "{} and a worker take a session each, and the server has room for {free} more \
         (max_connections is {sessions_max}, and some are left to others)",
        counted(*databases as u64, "database", "databases")
    )]
    NoRoom {
        databases: usize,
        free: i64,
        sessions_max: i64,
    },
    #[error(
        "database \"{database}\" takes {free} more sessions by its connection limit, and a dump needs two"
    )]
    NoRoomIn { database: BString, free: i64 },
    #[error("{option} {}: no {} has such a name", sql_names(.patterns), named_by(option))]
    NothingMatches {
        option: &'static str,
        patterns: Vec<BString>,
    },
    #[error("{option} {pattern}: this is about a database that is not dumped")]
    OtherDatabase {
        option: &'static str,
        pattern: BString,
    },
    #[error("the tables of database \"{database}\" could not be locked")]
    Locks {
        database: BString,
        source: pg::Error,
    },
    #[error("other sessions truncated or rewrote tables of database \"{database}\" after its snapshot was taken: {}", sql_names(.tables))]
    Rewritten {
        database: BString,
        /// As SQL.
        tables: Vec<BString>,
    },
    #[error("another session renamed labels of enums in database \"{database}\" while their rows were read: {}", sql_names(.enums))]
    Relabelled {
        database: BString,
        /// As SQL.
        enums: Vec<BString>,
    },
    #[error(
        "the session that kept the snapshot and the locks of database \"{database}\" ended early"
    )]
    LeaderLost {
        database: BString,
        source: pg::Error,
    },
    #[error("table {table} of database \"{database}\" could not be read")]
    Table {
        database: BString,
        table: BString,
        source: pg::Error,
    },
    #[error("the large objects of database \"{database}\" could not be read")]
    LargeObjects {
        database: BString,
        source: pg::Error,
    },
    #[error("the large objects of database \"{database}\" came in an unexpected form: {what}")]
    LargeObjectRow {
        database: BString,
        what: &'static str,
    },
    #[error("database \"{database}\" cannot be dumped")]
    Catalog {
        database: BString,
        source: schema::Error,
    },
    #[error("the roles and tablespaces could not be read")]
    Globals { source: schema::Error },
    #[error(transparent)]
    Program(#[from] program::Error),
    #[error("the schema of database \"{database}\" could not be read")]
    Definitions {
        database: BString,
        source: schema::definitions::Error,
    },
    #[error("the schema of database \"{database}\" could not be understood")]
    Schema {
        database: BString,
        source: pgdump::Error,
    },
    #[error("the table of contents of database \"{database}\" could not be written")]
    Toc {
        database: BString,
        source: pgdump::Error,
    },
    #[error(transparent)]
    Archive(#[from] archive::Error),
    #[error(transparent)]
    Storage(#[from] storage::Error),
    #[error("a worker ended unexpectedly")]
    Worker,
    #[error("this should not happen: {0}")]
    Internal(&'static str),
    #[error("interrupted")]
    Interrupted,
}

impl Error {
    /// Whether a worker did not get at a table because somebody waits for a lock on it. That shows before the
    /// first row.
    pub(super) fn is_table_behind_a_lock(&self) -> bool {
        match self {
            Error::Table { source, .. } => source.sqlstate() == Some(LOCK_NOT_AVAILABLE),
            _ => false,
        }
    }

    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Error::Connection(source) => too_many(source).or_else(|| source.hint()),
            Error::Database { source, .. } => too_many(source).or_else(|| source.hint()),
            Error::Locks { source, .. } | Error::Table { source, .. }
                if source.sqlstate() == Some(LOCK_NOT_AVAILABLE) =>
            {
                Some(BEHIND_A_LOCK.into())
            }
            Error::Locks { source, .. }
            | Error::Table { source, .. }
            | Error::LargeObjects { source, .. } => too_many(source).or_else(|| source.hint()),
            Error::Rewritten { .. } => {
                Some("Their rows are out of the snapshot's reach. Run the dump again when those sessions are done.".into())
            }
            Error::Relabelled { .. } => Some(
                "The rows have new labels where the definition has the old ones. Run the dump again.".into(),
            ),
            Error::NoRoom { databases: 1, .. } => Some(
                "End other sessions, or raise max_connections.".into(),
            ),
            Error::NoRoom { .. } => Some(
                "Each database's snapshot needs a session of its own until its last row is read. Dump them into \
                 several archives, by lists or with --exclude-database, or raise max_connections."
                    .into(),
            ),
            Error::NoRoomIn { .. } => Some(
                "End other sessions in it, or raise its limit: ALTER DATABASE .. CONNECTION LIMIT. It does not \
                 hold for superusers."
                    .into(),
            ),
            Error::NothingMatches { .. } => Some(
                "Nothing was dumped. Patterns follow psql: letters are folded to lower case unless in double \
                 quotes, and a dot separates the schema from the table."
                    .into(),
            ),
            Error::UnknownDatabases { missing, present } => Some(present_hint(missing, present)),
            Error::Catalog { source, .. } | Error::Globals { source } => source.hint(),
            Error::LeaderLost { .. } => Some(
                "Somebody ended it, or the server did: on a standby a conflict with recovery does. \
                 Run the dump again."
                    .into(),
            ),
            Error::Program(source) if source.is_too_many_connections() => {
                Some(TOO_MANY_HINT.into())
            }
            Error::Program(source) => source.hint(),
            Error::Definitions { source, .. } if source.is_beside_changes() => Some(format!(
                "It was tried {ATTEMPTS} times, each with a new snapshot. Run it again when nobody changes definitions."
            )),
            Error::Definitions { source, .. } if source.sqlstate() == Some(LOCK_NOT_AVAILABLE) => {
                Some(BEHIND_A_LOCK.into())
            }
            Error::Definitions { source, .. } => source.hint(),
            Error::Archive(source) => source.hint(),
            Error::Storage(source) => source.hint(),
            _ => None,
        }
    }

    /// Whether this may come of somebody who changed definitions since the snapshot: things that it has are
    /// gone, or their rows are out of its reach.
    pub(super) fn is_beside_changes(&self) -> bool {
        match self {
            Error::Rewritten { .. } => true,
            Error::Locks { source, .. }
            | Error::Database { source, .. }
            | Error::Catalog {
                source: schema::Error::Query(source),
                ..
            } => source.is_of_changes(),
            Error::Program(source) => source.is_beside_changes(),
            Error::Definitions { source, .. } => source.is_beside_changes(),
            _ => false,
        }
    }

    /// Whether the user asked for the stop.
    pub fn is_interrupted(&self) -> bool {
        matches!(self, Error::Interrupted)
    }

    pub(super) fn database(database: &BStr) -> impl FnOnce(pg::Error) -> Error + use<> {
        let database = database.into();
        move |source| Error::Database { database, source }
    }

    pub(super) fn catalog(database: &BStr) -> impl FnOnce(schema::Error) -> Error + use<> {
        let database = database.into();
        move |source| Error::Catalog { database, source }
    }
}

fn present_hint(missing: &[BString], present: &[BString]) -> String {
    let missing = missing.iter().map(|name| name.as_slice());
    let present: Vec<&[u8]> = present.iter().map(|name| name.as_slice()).collect();
    let meant = nearest::did_you_mean(missing, &present).map(|question| question + " ");
    let all = nearest::listed(present);
    format!("{}The server has {all}.", meant.unwrap_or_default())
}

fn too_many(error: &pg::Error) -> Option<String> {
    (error.sqlstate() == Some(TOO_MANY_CONNECTIONS)).then(|| TOO_MANY_HINT.into())
}

/// What the patterns of an option name.
fn named_by(option: &str) -> &'static str {
    match option {
        "-n" | "-N" => "schema",
        "--exclude-database" => "database",
        "-e" | "--exclude-extension" => "extension",
        _ => "table",
    }
}

fn sql_names(names: &[BString]) -> String {
    let texts: Vec<_> = names.iter().map(|name| name.to_str_lossy()).collect();
    texts.join(", ")
}

fn names(names: &[BString]) -> String {
    let quoted: Vec<String> = names
        .iter()
        .map(|name| format!("\"{}\"", name.to_str_lossy()))
        .collect();
    quoted.join(", ")
}
