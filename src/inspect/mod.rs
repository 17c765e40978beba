//! The content of an archive, from its tail, its manifest and its tables of contents; for an archive of
//! pg_dump's, from its table of contents.
//!
//! [`inspect`] returns what it [`Inspected`], which can be had as text, as JSON and as the list that
//! `pg_restore -l` would print. [`describe`] sums up an archive of ours, `render` and `list` say it,
//! [`pg_dump`] does all that for pg_dump's; `columns` lines up tables. [`rows`] prints rows of a table
//! ([`copy_text`] says how), [`sql()`] the statements that make an object; `named` is what the user types,
//! `find` looks for it. [`diff()`] holds two archives against each other. Whether the archive is whole is not
//! asked here: see `verify`.

mod columns;
mod contents;
pub mod copy_text;
pub mod describe;
mod diff;
mod find;
mod list;
mod named;
pub mod pg_dump;
mod render;
mod rows;
mod sql;

use bstr::BString;

use crate::archive::ArchiveReader;
use crate::monitor::Monitor;
use crate::pgdump;
use crate::source::{self, Origin, Source};
use crate::storage::Store;
use crate::toc::Toc;

pub use contents::Contents;
pub use describe::{DatabaseSummary, Description, TableSummary, Totals};
pub use diff::{Change, Difference, Differences, diff};
pub use named::ObjectName;
pub use pg_dump::{PgDumpDescription, PgDumpTable};
pub use rows::{RowsOptions, rows};
pub use sql::sql;

/// The parts to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Depth {
    /// Tail and manifest.
    #[default]
    Summary,
    /// Every table of contents too, for [`list`].
    Contents,
}

/// How to inspect.
#[derive(Debug, Clone, Copy, Default)]
pub struct InspectOptions {
    /// The parts to read.
    pub depth: Depth,
}

/// Why there is no description.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The archive cannot be read.
    #[error(transparent)]
    Source(#[from] source::Error),
    /// A table of contents is whole but makes no sense.
    #[error("the table of contents of {what} cannot be read")]
    Toc {
        /// `database "name"`, or `globals`.
        what: String,
        /// Why.
        #[source]
        source: pgdump::Error,
    },
    /// What only archives of ours have is asked of one of pg_dump's.
    #[error("\"{location}\" is an archive of pg_dump's, which has no digests of rows")]
    NotOurs {
        /// The archive.
        location: String,
    },
    /// The archive has several databases.
    #[error("the archive holds several databases: {}", listed(databases))]
    WhichDatabase {
        /// Their names.
        databases: Vec<BString>,
    },
    /// Objects of the name are in several schemas.
    #[error("\"{name}\" is in several schemas: {}", listed(schemas))]
    WhichSchema {
        /// The name.
        name: ObjectName,
        /// The schemas.
        schemas: Vec<BString>,
    },
    /// No object has the name.
    #[error("database \"{database}\" has no {what} \"{name}\"")]
    NoObject {
        /// `table` or `object`.
        what: &'static str,
        /// The name.
        name: ObjectName,
        /// The database.
        database: BString,
        /// A name that is near.
        near: Option<BString>,
    },
    /// The table has no rows in the archive.
    #[error("the archive holds no rows of table \"{table}\" of database \"{database}\"")]
    NoRows {
        /// The table.
        table: ObjectName,
        /// The database.
        database: BString,
    },
    /// The rows are statements, not COPY's text.
    #[error("the rows of table \"{table}\" are INSERT statements")]
    NoCopy {
        /// The table.
        table: ObjectName,
    },
    /// A row is longer than PostgreSQL makes any.
    #[error("a row of table \"{table}\" does not end")]
    LongRow {
        /// The table.
        table: ObjectName,
    },
    /// JSON is UTF-8.
    #[error("row {row} of table \"{table}\" is no UTF-8 in column {column}")]
    NotUtf8 {
        /// The table.
        table: ObjectName,
        /// The row, from 1.
        row: u64,
        /// The column, from 1.
        column: usize,
    },
    /// The rows cannot be printed.
    #[error("cannot write to standard output")]
    Write(#[source] std::io::Error),
    /// The user asked for a stop.
    #[error("interrupted")]
    Interrupted,
}

fn listed(names: &[BString]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    names.join(", ")
}

impl Error {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Source(error) => error.hint(),
            Self::Toc { .. } => Some("Run pgark verify --deep on the archive.".to_owned()),
            Self::WhichDatabase { .. } => {
                Some("Name one: DATABASE:SCHEMA.NAME. pgark inspect lists them.".to_owned())
            }
            Self::WhichSchema { .. } => Some("Name one: SCHEMA.NAME.".to_owned()),
            Self::NoObject { near, .. } => near
                .as_ref()
                .map(|near| format!("Did you mean \"{near}\"?")),
            Self::NoCopy { .. } => Some("pgark restore -f prints them as a script.".to_owned()),
            Self::NotUtf8 { .. } => {
                Some("The database is in another encoding: use --format copy or csv.".to_owned())
            }
            Self::NotOurs { .. }
            | Self::NoRows { .. }
            | Self::LongRow { .. }
            | Self::Write(_)
            | Self::Interrupted => None,
        }
    }
}

/// What an archive turned out to be.
#[derive(Debug, Clone, PartialEq)]
pub enum Inspected {
    /// One of ours.
    Ours(Box<Description>),
    /// One of pg_dump's.
    PgDump(Box<PgDumpDescription>),
}

impl Inspected {
    /// A summary of some lines.
    pub fn summary(&self) -> String {
        match self {
            Self::Ours(description) => render::summary(description),
            Self::PgDump(description) => description.summary(),
        }
    }

    /// All of it as one JSON object, ended by a newline.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        match self {
            Self::Ours(description) => render::json(description),
            Self::PgDump(description) => render::json(description),
        }
    }

    /// The tables of contents as `pg_restore -l` prints them. Bytes, because names are.
    pub fn list(&self) -> BString {
        match self {
            Self::Ours(description) => list::list(description),
            Self::PgDump(description) => description.list(),
        }
    }
}

/// Reads the parts that `options` ask for and describes them.
pub async fn inspect(
    store: &Store,
    options: &InspectOptions,
    monitor: &Monitor,
) -> Result<Inspected, Error> {
    // A read may take long: from afar, or at a limited rate.
    tokio::select! {
        inspected = read(store, options, monitor) => inspected,
        () = monitor.interrupted() => Err(Error::Interrupted),
    }
}

async fn read(
    store: &Store,
    options: &InspectOptions,
    monitor: &Monitor,
) -> Result<Inspected, Error> {
    let source = Source::open(store.clone()).await?;
    match source.origin() {
        Origin::Ours(reader) => {
            let contents = match options.depth {
                Depth::Summary => Vec::new(),
                Depth::Contents => read_contents(reader, monitor).await?,
            };
            let description = describe::describe(reader, contents);
            Ok(Inspected::Ours(Box::new(description)))
        }
        Origin::PgDump { facts, database } => {
            let contents = source.contents(&database.name).await?;
            let location = store.describe();
            let mut description = pg_dump::describe(location, facts, database, contents);
            description.reads = store.traffic();
            Ok(Inspected::PgDump(Box::new(description)))
        }
    }
}

async fn read_contents(reader: &ArchiveReader, monitor: &Monitor) -> Result<Vec<Contents>, Error> {
    let mut contents = Vec::new();
    if let Some(toc) = reader.globals_toc().await.map_err(source::Error::from)? {
        contents.push(Contents {
            database: None,
            folder: "globals".to_owned(),
            toc: parse(&toc, || "globals".to_owned())?,
        });
    }
    for database in &reader.manifest().databases {
        if monitor.is_interrupted() {
            return Err(Error::Interrupted);
        }
        let bytes = reader.toc(&database.directory).await;
        let bytes = bytes.map_err(source::Error::from)?;
        contents.push(Contents {
            database: Some(database.name.clone()),
            folder: format!("databases/{}", database.directory),
            toc: parse(&bytes, || format!("database \"{}\"", database.name))?,
        });
    }
    Ok(contents)
}

fn parse(bytes: &[u8], what: impl FnOnce() -> String) -> Result<Toc, Error> {
    pgdump::read_toc_dat(bytes).map_err(|source| Error::Toc {
        what: what(),
        source,
    })
}

#[cfg(test)]
mod tests;
