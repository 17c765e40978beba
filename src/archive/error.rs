//! The ways in which an archive can be wrong.
//!
//! Damage is an own variant with its place, so that callers can tell "this file is damaged" from
//! "this file could not be read".

use std::fmt;
use std::io;

use serde::Serialize;

use crate::storage;

use super::foreign::Foreign;
use super::place::Place;

/// One thing that is wrong with an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Damage {
    /// Where.
    #[serde(flatten)]
    pub place: Place,
    /// The fault as a sentence without its subject, for instance `its SHA-256 is not the manifest's`.
    pub what: String,
    /// The expected value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// The value found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actual: Option<String>,
}

impl Damage {
    /// Damage that its sentence describes completely.
    pub fn new(place: Place, what: impl Into<String>) -> Self {
        Self {
            place,
            what: what.into(),
            expected: None,
            actual: None,
        }
    }

    /// The same with both values.
    pub fn compared(mut self, expected: impl fmt::Display, actual: impl fmt::Display) -> Self {
        self.expected = Some(expected.to_string());
        self.actual = Some(actual.to_string());
        self
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)?;
        match (&self.expected, &self.actual) {
            (Some(expected), Some(actual)) => write!(f, " (expected {expected}, found {actual})"),
            _ => Ok(()),
        }
    }
}

/// A failure to write or read an archive.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields are")]
pub enum Error {
    /// The store failed.
    #[error(transparent)]
    Storage(#[from] storage::Error),
    /// The file is no pgark archive.
    #[error("\"{location}\" is not a pgark archive{foreign}")]
    NotAnArchive { location: String, foreign: Foreign },
    /// The file is an archive of a later format.
    #[error(
        "\"{location}\" is of format {format}; this version reads format {}",
        super::FORMAT_VERSION
    )]
    NewerFormat { location: String, format: u32 },
    /// The file is damaged.
    #[error("\"{location}\" is damaged: {damage}")]
    Damaged {
        location: String,
        damage: Box<Damage>,
    },
    /// The archive has no such member.
    #[error("\"{location}\" has no member {member}")]
    NoMember { location: String, member: String },
    /// A member that tar's header cannot describe, or that one read cannot return.
    #[error("{member} would have {bytes} bytes, more than an archive can hold in one member")]
    TooLarge { member: String, bytes: u64 },
    /// A member name that is used twice, that is not ASCII, or that is too long.
    #[error("{member} cannot be the name of another member")]
    MemberName { member: String },
    /// A date that tar's header cannot hold.
    #[error("{created_unix} seconds since 1970 cannot be an archive's date")]
    Time { created_unix: i64 },
    /// Rows that were handed over without the last one's newline.
    #[error("a chunk was given a row that does not end")]
    PartialRow,
    /// The compressor failed.
    #[error("cannot compress")]
    Compress {
        #[source]
        source: io::Error,
    },
    /// The manifest could not be written as JSON.
    #[error("cannot write the manifest")]
    Manifest {
        #[source]
        source: serde_json::Error,
    },
}

impl Error {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        let text = match self {
            Self::Storage(error) => return error.hint(),
            Self::NotAnArchive { location, foreign } => return Some(foreign.hint(location)),
            Self::NewerFormat { .. } => {
                "Use the version of pgark that wrote it, or a later one; or unpack it with tar and \
                 restore it with pg_restore, as its README.txt says."
            }
            Self::Damaged { .. } => {
                "Take another copy of the file. What is whole in this one can be found by unpacking \
                 it with tar and running sha256sum -c SHA256SUMS."
            }
            Self::TooLarge { .. } => "Use a smaller --chunk-size.",
            _ => return None,
        };
        Some(text.to_owned())
    }
}
