//! Why the definitions of a database could not be read.

use bstr::{BString, ByteSlice};

use crate::pg;

/// How many objects an error names before it only counts.
const OBJECTS_LISTED_MAX: usize = 20;

/// The two ways out of a refusal.
const WAYS_OUT: &str = "Drop or exclude what is named, or have a pg_dump of the server's version read the schema \
                        (--schema-reader pg_dump).";

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum Error {
    #[error("the catalog query {statement} failed")]
    Query {
        statement: &'static str,
        source: pg::Error,
    },
    #[error("an answer of the catalog query {statement} was not understood")]
    Answer {
        statement: &'static str,
        source: pg::Error,
    },
    #[error("{column} is {letter:?}, which this pgark does not know")]
    Letter {
        column: &'static str,
        letter: BString,
    },
    #[error("{what} {oid}, which {of} names, was not found")]
    Missing {
        what: &'static str,
        oid: u32,
        of: BString,
    },
    #[error("the definition of {object} is gone: it was dropped or changed while it was read")]
    Gone { object: BString },
    #[error("definitions changed while they were read: {}", list(.objects))]
    Changed { objects: Vec<BString> },
    #[error(
        "the server is a PostgreSQL {major}; this pgark reads the schema of {oldest} to {newest}"
    )]
    Version {
        major: u32,
        oldest: u32,
        newest: u32,
    },
    #[error(
        "the catalogs of this server are not those of PostgreSQL {major}: {}",
        list(.differences)
    )]
    Shape {
        major: u32,
        differences: Vec<BString>,
    },
    #[error("objects that this pgark does not understand: {}", list(.objects))]
    Unaccounted { objects: Vec<BString> },
    #[error("{}: the catalogs contradict themselves: {what}", object.to_str_lossy())]
    Corrupt { object: BString, what: String },
}

impl Error {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Error::Query { source, .. } => source.hint(),
            Error::Letter { .. } | Error::Shape { .. } | Error::Unaccounted { .. } => {
                Some(WAYS_OUT.into())
            }
            Error::Version { .. } => Some(
                "Use a newer pgark, or a pg_dump of the server's version (--schema-reader pg_dump)."
                    .into(),
            ),
            Error::Gone { .. } | Error::Changed { .. } => {
                Some("Run it again when nobody changes definitions.".into())
            }
            Error::Answer { .. } | Error::Missing { .. } | Error::Corrupt { .. } => None,
        }
    }

    /// The server's code, where it refused a query.
    pub fn sqlstate(&self) -> Option<&str> {
        match self {
            Error::Query { source, .. } => source.sqlstate(),
            _ => None,
        }
    }

    /// Whether something was dropped or changed since the snapshot, so that a later snapshot may do.
    pub fn is_beside_changes(&self) -> bool {
        match self {
            Error::Gone { .. } | Error::Changed { .. } | Error::Missing { .. } => true,
            Error::Query { source, .. } => source.is_of_changes(),
            _ => false,
        }
    }
}

fn list(names: &[BString]) -> String {
    let shown = names.iter().take(OBJECTS_LISTED_MAX);
    let mut shown: Vec<_> = shown.map(|name| name.to_str_lossy()).collect();
    if names.len() > OBJECTS_LISTED_MAX {
        shown.push(format!("... ({} in all)", names.len()).into());
    }
    shown.join(", ")
}
