//! Why nothing can be said about a server and an archive.

use bstr::BString;

use crate::{pg, source};

/// A failure of the whole comparison.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields are")]
pub enum Error {
    /// The archive could not be read, or is damaged.
    #[error(transparent)]
    Source(#[from] source::Error),
    /// The server could not be asked, or went away.
    #[error("cannot read database \"{database}\" back")]
    Database {
        database: BString,
        #[source]
        source: pg::Error,
    },
    /// The user asked for a stop.
    #[error("interrupted")]
    Interrupted,
    /// A worker died.
    #[error("a worker failed")]
    Worker(#[source] tokio::task::JoinError),
}

impl Error {
    pub(super) fn database(name: &BString) -> impl Fn(pg::Error) -> Self {
        let database = name.clone();
        move |source| Self::Database {
            database: database.clone(),
            source,
        }
    }

    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Source(error) => error.hint(),
            Self::Database { source, .. } => source.hint(),
            Self::Interrupted | Self::Worker(_) => None,
        }
    }

    /// Whether the archive is damaged.
    pub fn is_damage(&self) -> bool {
        matches!(self, Self::Source(error) if error.is_damage())
    }

    /// Whether the user asked for the stop.
    pub fn is_interrupted(&self) -> bool {
        matches!(self, Self::Interrupted)
    }
}
