//! The ways in which work can fail: one object, an entry, everything. Also the rows loaded where it did not
//! fail.

use crate::pg;
use crate::restore::error::Error;
use crate::restore::run::stop::Stopped;
use crate::source::{self, Data};
use bstr::BString;

/// Why one object failed.
#[derive(Debug)]
pub(crate) enum Cause {
    /// The server said so.
    Server(pg::Error),
    /// The server took another number of rows than were sent.
    Rows { sent: u64, taken: u64 },
    /// The session was lost while the rows of a foreign key were checked, which is there without.
    Unchecked { error: pg::Error, validate: BString },
    /// The session is not in the transaction any more that it began.
    NoTransaction,
}

impl Cause {
    /// Whether the session is gone.
    pub(crate) fn is_connection_lost(&self) -> bool {
        self.server().is_some_and(pg::Error::is_connection_lost)
    }

    /// What the server, or the connection to it, had to say.
    pub(crate) fn server(&self) -> Option<&pg::Error> {
        match self {
            Self::Server(error) | Self::Unchecked { error, .. } => Some(error),
            Self::Rows { .. } | Self::NoTransaction => None,
        }
    }
}

/// Why an entry was not restored.
pub(crate) enum Failing {
    /// The object failed; the restore goes on.
    Entry {
        /// The statement that did.
        statement: BString,
        cause: Cause,
        /// Whether the definition itself failed, not a later statement about the object.
        is_definition: bool,
    },
    /// The restore cannot go on: the archive is damaged or cannot be read.
    Everything(Error),
}

impl Failing {
    pub(crate) fn source(error: source::Error) -> Self {
        Self::Everything(error.into())
    }

    /// The error with which the session was lost, where it was.
    pub(crate) fn lost(&self) -> Option<&pg::Error> {
        match self {
            Self::Entry { cause, .. } => cause.server().filter(|error| error.is_connection_lost()),
            Self::Everything(_) => None,
        }
    }

    pub(crate) fn server(statement: &[u8], error: pg::Error) -> Self {
        Self::Entry {
            statement: statement.into(),
            cause: Cause::Server(error),
            is_definition: false,
        }
    }
}

/// Rows and bytes that were loaded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Loaded {
    pub(crate) rows: u64,
    pub(crate) raw_bytes: u64,
    pub(crate) stored_bytes: u64,
}

impl Loaded {
    /// The rows that an earlier restore loaded, as far as the archive says how many.
    pub(crate) fn before(data: &Data) -> Self {
        Self {
            rows: data.rows.unwrap_or(0),
            raw_bytes: data.raw_bytes.unwrap_or(0),
            stored_bytes: 0,
        }
    }
}

/// Why a worker ends before the queue does.
pub(crate) enum Halt {
    /// A stop was asked for.
    Stopped,
    /// The server is gone. Commits that it confirmed may be lost with it.
    ServerLost(pg::Error),
    /// The restore cannot go on.
    Fatal(Box<Error>),
}

impl From<Stopped> for Halt {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Fatal(Box::new(error))
    }
}
