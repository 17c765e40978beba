//! Why an archive cannot be read: it is damaged, it is none, or its store fails.

use crate::archive::decode::DecodeError;
use crate::archive::{self, Place};
use crate::pgdump;

/// A failure to read an archive.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields are")]
pub enum Error {
    /// The archive could not be read, or is damaged.
    #[error(transparent)]
    Archive(#[from] archive::Error),
    /// A table of contents whose hash is right and that cannot be understood.
    #[error("the table of contents {member} cannot be read")]
    Toc {
        member: String,
        #[source]
        source: pgdump::Error,
    },
    /// A database that the archive does not hold.
    #[error("the archive holds no database \"{name}\"")]
    NoDatabase { name: bstr::BString },
    /// A data entry without data.
    #[error("{place}: the table of contents names data that the archive does not hold")]
    NoData { place: Box<Place> },
    /// Data whose hash is right and that is not what the manifest says.
    #[error("{place} cannot be decoded")]
    Data {
        place: Box<Place>,
        #[source]
        source: DecodeError,
    },
}

impl Error {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Archive(error) => error.hint(),
            Self::Toc { .. } | Self::NoData { .. } | Self::Data { .. } => {
                Some("Run pgark verify --deep on the archive.".to_owned())
            }
            Self::NoDatabase { .. } => {
                Some("Names are compared exactly; pgark inspect lists them.".to_owned())
            }
        }
    }

    /// Whether the archive is damaged, in contrast to one that could not be read.
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Archive(error) => matches!(
                error,
                archive::Error::Damaged { .. } | archive::Error::NoMember { .. }
            ),
            Self::Toc { .. } | Self::NoData { .. } | Self::Data { .. } => true,
            Self::NoDatabase { .. } => false,
        }
    }
}
