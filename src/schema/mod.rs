//! From a server's catalogs to a table of contents.
//!
//! [`definitions`] reads the definitions from the catalogs, or [`program`] has a pg_dump write them, in which
//! [`not_null`] mends what pg_dump does wrong ([`reader`] says who of both). [`older`] fits them to the
//! server. [`catalog`] reads what a schema-only dump leaves out (rows, sequence values, materialized views,
//! large objects, extension configuration) as the plain values of [`contents`]; [`entries`] and
//! `large_objects` turn those into TOC entries, purely. [`globals`] does the same for roles and tablespaces;
//! [`grants`] are statements of both. [`selection`] and [`pattern`] resolve the user's filters into what is
//! [`chosen`]. [`journal`] knows the journal of a restore, which is never taken along.
//!
//! Not here: the time of each step, and the data (`dump`).
//!
//! **Where pgark reads objects that users made**, often as a superuser, and why none of their code runs. All
//! these sessions have an empty search path, `row_security = off`, and `restrict_nonsystem_relation_kind`
//! where the server has it, so that a view or foreign table put in a table's place is an error
//! (CVE-2024-7348; older minor releases have nothing against it but the locks, and pg_dump on them neither).
//!
//! - rows, in a dump (`contents`) and in a comparison: `COPY` of a table's stored columns, or a query with
//!   `ONLY` and a range of ctid. No expression, no default and no policy is evaluated; only the types' output
//!   functions are, which only superusers can define. A dump has locked the table, and looks afterwards
//!   whether it is the same
//! - configuration tables of extensions: the same with the condition of the extension's script, as in pg_dump
//! - sequences (`catalog`): `last_value` of the relation of that name
//! - large objects: PostgreSQL's own catalog, or its own functions
//! - a restore's journal (`journal`): the catalogs first prove that it is one and name its owner
//! - definitions: PostgreSQL's catalogs and functions ([`definitions`] says which), or pg_dump, which guards
//!   itself in the same way.
//!
//! A restore runs the archive's code, and takes the restriction back: materialized views read views.
//! `UPSTREAM.md` says which function of pg_dump each piece follows.

pub mod beside;
pub mod catalog;
pub mod chosen;
mod columns;
pub mod contents;
pub mod definitions;
pub mod entries;
pub mod globals;
pub mod globals_toc;
pub mod grants;
pub mod hidden_rows;
pub mod ids;
pub mod journal;
pub mod large_object_rows;
mod large_objects;
pub mod not_null;
pub mod older;
pub mod pattern;
mod privilege;
pub mod program;
pub mod reader;
pub mod selection;
pub mod setting;
pub mod snapshot;
mod waits;

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
    #[error("role {role} may not read {}", list(.objects))]
    Privilege {
        kind: &'static str,
        /// As SQL, like the next ones.
        role: BString,
        objects: Vec<BString>,
        /// Those of their schemas that the role may not use.
        schemas: Vec<BString>,
    },
    #[error(
        "pg_dump writes NOT NULL constraint \"{constraint}\" of table {table} without quotes, and not where it \
         was expected"
    )]
    UnquotedConstraint {
        constraint: BString,
        /// As SQL.
        table: BString,
    },
    #[error("row-level security would hide rows of {}", list(.tables))]
    RowSecurity { tables: Vec<BString> },
}

impl Error {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Error::Query(error) => error.hint(),
            Error::Privilege {
                kind,
                role,
                objects,
                schemas,
            } => Some(grants(kind, role, objects, schemas)),
            Error::RowSecurity { .. } => {
                Some("Dump as a superuser, as the tables' owner or as a role with BYPASSRLS, or exclude them with -T.".into())
            }
            Error::UnquotedConstraint { .. } => {
                Some("Give the constraint a name of small letters, or exclude the table with -T.".into())
            }
            _ => None,
        }
    }
}

/// The statements that would help, to be pasted; with many objects one that helps with all of them.
fn grants(kind: &str, role: &BString, objects: &[BString], schemas: &[BString]) -> String {
    let mut statements = vec![];
    if objects.len() > OBJECTS_LISTED_MAX {
        statements.push(format!("GRANT pg_read_all_data TO {role};"));
    } else {
        if !schemas.is_empty() {
            let schemas = list(schemas);
            statements.push(format!("GRANT USAGE ON SCHEMA {schemas} TO {role};"));
        }
        let objects = list(objects);
        statements.push(format!("GRANT SELECT ON {kind} {objects} TO {role};"));
    }
    let statements = statements.join(" ");
    format!("Run {statements} or leave them out with -T, or dump as another role.")
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
