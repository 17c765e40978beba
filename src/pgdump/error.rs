//! The faults of a pg_dump archive, and their places.
//!
//! Whatever is read is a field at an offset ([`Place`]) with a [`Problem`]; the rest are archives of
//! another kind, and TOCs that cannot be written.

use std::fmt;
use std::io;

use bstr::BString;

use crate::toc::DumpId;

/// The part of an archive that a field belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The part before the entries, or the archive as a whole.
    Header,
    /// The entry with this position in the TOC, from 1. Its dump id may not be known yet.
    Entry(u64),
    /// The data blocks of a custom archive.
    Blocks,
    /// The data of this entry.
    Data(DumpId),
}

/// Where something is: how an error says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Offset from the start of the input, in bytes.
    pub offset: u64,
    /// The part of the archive that the field is in.
    pub part: Part,
    /// The field, in the words of pg_dump's source.
    pub field: &'static str,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}, {}", self.offset, self.field)?;
        match self.part {
            Part::Header | Part::Blocks => Ok(()),
            Part::Entry(number) => write!(f, " of the TOC's entry no. {number}"),
            Part::Data(id) => write!(f, " in the data of entry {id}"),
        }
    }
}

/// The fault of a field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The input ends inside the field.
    #[error("the input ends")]
    End,
    /// A length that leads past the end of the input.
    #[error("a length of {bytes} B where the input has {left} B left")]
    PastEnd {
        /// The length as read.
        bytes: u64,
        /// The bytes left of the input.
        left: u64,
    },
    /// More than a constant of [`super::limits`] allows.
    #[error("{found} exceeds the limit of {limit}")]
    Limit {
        /// The field that was being read.
        found: u64,
        /// The largest value that is allowed.
        limit: u64,
    },
    /// A number outside what the field can hold.
    #[error("{0} is not a possible value")]
    Value(i64),
    /// An integer wider than 64 bits.
    #[error("an integer that does not fit in 64 bits")]
    Wide,
    /// A text that should be a number.
    #[error("\"{0}\" is not a number")]
    NotANumber(BString),
    /// A zero byte inside a text, which pg_dump's strings cannot have.
    #[error("a text with a zero byte in it")]
    ZeroByte,
    /// A dump id that an earlier entry has.
    #[error("dump id {0} occurs twice")]
    DuplicateId(DumpId),
    /// Bytes after the last entry of a toc.dat.
    #[error("{0} B follow the last entry")]
    Trailing(u64),
    /// A position that the TOC gives, outside the archive.
    #[error("position {0} is outside the archive")]
    Outside(u64),
    /// A data block that is not the one the TOC announces there.
    #[error("the data of entry {found} where that of entry {expected} should be")]
    OtherData {
        /// The dump id at that place.
        found: i32,
        /// The dump id that was looked for.
        expected: DumpId,
    },
    /// No data block for an entry that should have one.
    #[error("there are no blocks of it")]
    NoBlocks,
    /// A tar header whose checksum does not match it.
    #[error("not a header of a tar member")]
    TarHeader,
}

/// An archive that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The first five bytes are not `PGDMP`.
    #[error("not an archive of pg_dump: it does not begin with \"PGDMP\"")]
    NotAnArchive,
    /// A version outside 1.12 to 1.16.
    #[error("archive version {major}.{minor} is not supported, only 1.12 to 1.16 are")]
    Version {
        /// First version byte.
        major: u8,
        /// Second version byte.
        minor: u8,
    },
    /// A format code (`ArchiveFormat`) other than the one that belongs here.
    #[error("format code {found} where {expected} is expected")]
    Format {
        /// The code in the header.
        found: u8,
        /// The code of the part that was being read.
        expected: u8,
    },
    /// A compression code (`pg_compress_algorithm`) that no known version writes.
    #[error("unknown compression code {0}")]
    Compression(u8),
    /// A field that makes no sense.
    #[error("{place}: {problem}")]
    Damaged {
        /// Where.
        place: Place,
        /// What.
        problem: Problem,
    },
    /// Reading failed.
    #[error("could not read the archive: {place}")]
    Read {
        /// Where.
        place: Place,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Data that does not decompress, or not to its end.
    #[error("{place}: the compressed data is not whole")]
    Stream {
        /// Where the decompressor stood.
        place: Place,
        /// The error of the decompressor.
        #[source]
        source: io::Error,
    },
    /// A date that is none; `struct tm`'s fields.
    #[error("the date of creation cannot be written: {field} is {value}")]
    Date {
        /// The field of `struct tm`.
        field: &'static str,
        /// Its value.
        value: i32,
    },
    /// An entry that version 1.15 has no way to express.
    #[error("entry {id} ({kind} \"{tag}\") cannot be written: {reason}")]
    Unwritable {
        /// The entry's number.
        id: DumpId,
        /// Its `desc`.
        kind: BString,
        /// Its name.
        tag: BString,
        /// Why not.
        reason: &'static str,
    },
    /// A text of the header that cannot be written.
    #[error("the {field} cannot be written: {reason}")]
    UnwritableHeader {
        /// The field.
        field: &'static str,
        /// Why not.
        reason: &'static str,
    },
    /// A name in an archive of several files that leads elsewhere.
    #[error("\"{0}\" is not the name of a file of an archive")]
    FileName(BString),
    /// A file that the TOC names and that is not there.
    #[error("the archive has no file \"{0}\"")]
    NoFile(BString),
    /// A file that could not be read or decompressed.
    #[error("could not read the file \"{name}\" of the archive")]
    File {
        /// Its name.
        name: BString,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A line in a list of large objects that is not "oid name".
    #[error("line {line} of \"{name}\" does not name a large object")]
    LargeObjectList {
        /// The list's name.
        name: BString,
        /// The line, from 1.
        line: u64,
    },
    /// A table of contents larger than [`super::limits::MAX_TOC_BYTES`].
    #[error("the table of contents is larger than {0} bytes")]
    TooLarge(u64),
}

impl Error {
    /// The error of this module inside one that came through [`io::Read`], if there is one.
    pub fn within(error: io::Error) -> Result<Self, io::Error> {
        error.downcast()
    }

    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Error::Version { major, minor } if (*major, *minor) > (1, 16) => {
                Some("The archive was made by a newer pg_dump; use a newer pgark.".into())
            }
            Error::Version { .. } => Some(
                "Restore it with the pg_restore that belongs to it, and dump the result again."
                    .into(),
            ),
            _ => None,
        }
    }
}
