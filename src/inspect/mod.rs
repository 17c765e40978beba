//! What is in this archive? Answered from its tail, its manifest and its tables of contents.
//!
//! [`inspect`] returns a [`Description`]; [`render`] makes text and JSON of it, [`list`] what
//! `pg_restore -l` would print, [`columns`] lines up tables. Whether the archive is whole is not asked
//! here: see `verify`.

mod columns;
pub mod describe;
pub mod list;
pub mod render;

use crate::archive::manifest::Name;
use crate::archive::{ArchiveReader, Error as ArchiveError};
use crate::monitor::Monitor;
use crate::pgdump;
use crate::storage::Store;
use crate::toc::Toc;

pub use describe::{DatabaseSummary, Description, TableSummary, Totals};

/// What to read.
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
    /// What to read.
    pub depth: Depth,
}

/// Why there is no description.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The archive cannot be read.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A table of contents is whole but makes no sense.
    #[error("the table of contents of {what} cannot be read")]
    Toc {
        /// `database "name"`, or `globals`.
        what: String,
        /// Why.
        #[source]
        source: pgdump::Error,
    },
    /// The user asked for a stop.
    #[error("interrupted")]
    Interrupted,
}

impl Error {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Archive(error) => error.hint(),
            Self::Toc { .. } => Some("Run pgark verify --deep on the archive.".to_owned()),
            Self::Interrupted => None,
        }
    }
}

/// A table of contents of the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// The database; `None` for globals.
    pub database: Option<Name>,
    /// Its folder in the archive.
    pub folder: String,
    /// What is in it.
    pub toc: Toc,
}

/// Reads what `options` ask for and describes it.
pub async fn inspect(
    store: &Store,
    options: &InspectOptions,
    monitor: &Monitor,
) -> Result<Description, Error> {
    let reader = ArchiveReader::open(store.clone()).await?;
    let contents = match options.depth {
        Depth::Summary => Vec::new(),
        Depth::Contents => read_contents(&reader, monitor).await?,
    };
    Ok(describe::describe(&reader, contents))
}

async fn read_contents(reader: &ArchiveReader, monitor: &Monitor) -> Result<Vec<Contents>, Error> {
    let mut contents = Vec::new();
    if let Some(bytes) = reader.globals_toc().await? {
        contents.push(Contents {
            database: None,
            folder: "globals".to_owned(),
            toc: parse(&bytes, || "globals".to_owned())?,
        });
    }
    for database in &reader.manifest().databases {
        if monitor.is_interrupted() {
            return Err(Error::Interrupted);
        }
        let bytes = reader.toc(&database.directory).await?;
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
