//! From a server's catalogs to a table of contents.
//!
//! [`program`] has pg_dump write the definitions; [`catalog`] reads what a schema-only dump leaves out
//! (rows, sequence values, materialized views, large objects, extension configuration) as the plain
//! values of [`contents`]; [`entries`] turns those into TOC entries, purely. [`globals`] does the same for roles
//! and tablespaces. [`selection`] and [`pattern`] resolve the user's filters.
//!
//! Not here: when any of it happens, and what becomes of the data (`dump`).

pub mod catalog;
pub mod contents;
pub mod entries;
pub mod globals;
pub mod globals_toc;
pub mod pattern;
pub mod program;
pub mod selection;

use bstr::{BString, ByteSlice};

use crate::pg;

/// How many objects an error lists before it only counts.
const OBJECTS_LISTED_MAX: usize = 20;

/// Why the catalogs could not be read.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum Error {
    #[error("a catalog query failed")]
    Query(#[from] pg::Error),
    #[error("the current database has no row in pg_database")]
    NoDatabase,
    #[error(transparent)]
    Pattern(#[from] pattern::Error),
    #[error("cross-database references are not possible: {pattern}")]
    CrossDatabase { pattern: BString },
    #[error("no matching {kind} was found for {}", list(.patterns))]
    NothingMatches {
        kind: &'static str,
        patterns: Vec<BString>,
    },
    #[error("permission denied to read {}", list(.objects))]
    Privilege {
        kind: &'static str,
        objects: Vec<BString>,
    },
    #[error("row-level security would hide rows of {}", list(.tables))]
    RowSecurity { tables: Vec<BString> },
}

impl Error {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Error::Query(error) => error.hint(),
            Error::Privilege { kind, objects } => {
                let objects = list(objects);
                Some(format!("GRANT SELECT ON {kind} {objects} TO the dumping role (and USAGE on their schemas), or exclude them with -T."))
            }
            Error::RowSecurity { .. } => {
                Some("Dump as a superuser, as the tables' owner or as a role with BYPASSRLS, or exclude them with -T.".into())
            }
            Error::NothingMatches { .. } => {
                Some("Patterns follow psql: letters are folded to lower case unless in double quotes.".into())
            }
            _ => None,
        }
    }
}

fn list(names: &[BString]) -> String {
    let mut shown: Vec<_> = names
        .iter()
        .take(OBJECTS_LISTED_MAX)
        .map(|name| name.to_str_lossy())
        .collect();
    if names.len() > OBJECTS_LISTED_MAX {
        shown.push(format!("... ({} in all)", names.len()).into());
    }
    shown.join(", ")
}
