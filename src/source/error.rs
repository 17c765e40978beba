//! Why an archive cannot be read: it is damaged, it is none, or its store fails.

use crate::archive::decode::DecodeError;
use crate::archive::{self, Place};
use crate::pgdump::{self, header::FORMAT_TAR};
use crate::storage;

/// A failure to read an archive.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields are")]
pub enum Error {
    /// The archive could not be read, or is damaged.
    #[error(transparent)]
    Archive(#[from] archive::Error),
    /// The file of a dump that has not come to its end.
    #[error("\"{location}\" is no archive but the partial file of a dump to \"{}\" by {}, {}", partial.name.of,
        partial.name.writer(), is_at_work(.partial))]
    Partial {
        location: String,
        partial: storage::PartialFile,
    },
    /// A table of contents whose hash is right and that cannot be understood.
    #[error("the table of contents {member} cannot be read")]
    Toc {
        member: String,
        #[source]
        source: pgdump::Error,
    },
    /// An archive of pg_dump's that could not be read, or is damaged.
    #[error("\"{location}\"{} cannot be read", of(what))]
    PgDump {
        location: String,
        what: Option<String>,
        #[source]
        source: pgdump::Error,
    },
    /// An archive of pg_dump's that the store fails to read.
    #[error(transparent)]
    Storage(#[from] storage::Error),
    /// Rows in an archive of pg_dump's without the mark that ends them.
    #[error("\"{location}\", {what}: the rows are cut off, the mark at their end is missing")]
    CutOff { location: String, what: String },
    /// A database that the archive does not hold.
    #[error("the archive holds no database \"{name}\"")]
    NoDatabase { name: bstr::BString },
    /// A caller reads data of an archive of ours without having fetched it.
    #[error("data is read that was not fetched")]
    NotFetched,
    /// A data entry without data.
    #[error("{place}: the table of contents names data that the archive does not hold")]
    NoData { place: Box<Place> },
    /// Data whose hash is right and that contradicts the manifest.
    #[error("{place} cannot be decoded")]
    Data {
        place: Box<Place>,
        #[source]
        source: DecodeError,
    },
}

fn of(what: &Option<String>) -> String {
    let what = what.iter().map(|what| format!(", {what}"));
    what.collect()
}

impl Error {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Archive(error) => error.hint(),
            Self::Storage(error) => error.hint(),
            Self::Partial { partial, .. } => Some(match partial.is_being_written {
                Some(false) => "Remove it and dump again.".to_owned(),
                _ => "The archive gets its name when it is complete.".to_owned(),
            }),
            Self::PgDump {
                source:
                    pgdump::Error::Format {
                        found: FORMAT_TAR, ..
                    },
                ..
            } => Some(
                "It is the toc.dat of an archive in directory format: name its folder.".to_owned(),
            ),
            Self::PgDump { source, .. } if source.hint().is_some() => source.hint(),
            Self::Toc { .. } | Self::NoData { .. } | Self::Data { .. } => {
                Some("Run pgark verify --deep on the archive.".to_owned())
            }
            Self::PgDump { .. } | Self::CutOff { .. } => Some(
                "pgark verify tells what else is damaged. Take another copy of the archive."
                    .to_owned(),
            ),
            Self::NotFetched => Some("This is a fault of pgark. Please report it.".to_owned()),
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
            Self::PgDump { source, .. } => is_damage(source),
            Self::Toc { .. } | Self::NoData { .. } | Self::Data { .. } | Self::CutOff { .. } => {
                true
            }
            Self::Storage(storage::Error::Short { .. }) => true,
            Self::Storage(_)
            | Self::Partial { .. }
            | Self::NoDatabase { .. }
            | Self::NotFetched => false,
        }
    }
}

fn is_at_work(partial: &storage::PartialFile) -> &'static str {
    match partial.is_being_written {
        Some(true) => "which is at work",
        Some(false) => "which ended before it was complete",
        None => "of which nobody can tell here whether it is at work",
    }
}

/// A stream that does not decompress is damage, one that the store fails to read is not.
fn is_damage(error: &pgdump::Error) -> bool {
    let is_storage = |error: &std::io::Error| {
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
        inner.is_some_and(|error| !matches!(error, storage::Error::Short { .. }))
    };
    match error {
        pgdump::Error::Read { source, .. } => !is_storage(source) && source.get_ref().is_some(),
        pgdump::Error::File { source, .. } => !is_storage(source),
        pgdump::Error::Version { .. } => false,
        pgdump::Error::Format { found, .. } => *found != FORMAT_TAR,
        _ => true,
    }
}
