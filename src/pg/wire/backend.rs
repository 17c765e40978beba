//! Messages from the server: their header, the limits on their length, and a reader over a body.
//!
//! Only what pgark needs of the protocol, version 3.0 (PostgreSQL documentation, "Message
//! Formats"). Bodies are bytes because the texts in them are in the database's encoding; that is why
//! the parser of the postgres-protocol crate, which wants UTF-8 in names and statements, is not used
//! here. Not here: reading from a socket ([`super::stream`]) and errors ([`crate::pg::db_error`]).

use std::ops::Range;

use bstr::BString;

use crate::monitor::units::counted;
use crate::pg::error::Error;

/// The bytes of a message's header: its tag and its length.
pub(crate) const HEADER_BYTES: usize = 5;

/// The longest message of a kind that has no reason to be long, as in libpq (`pqParseInput3`).
const SHORT_MESSAGE_BYTES_MAX: usize = 30_000;

/// The longest message of all: the server cannot build a larger one (`MaxAllocSize`, 1 GiB).
const LONG_MESSAGE_BYTES_MAX: usize = (1 << 30) + 1024;

/// The kinds of message that pgark tells apart, by their first byte.
pub(crate) mod tag {
    pub(crate) const AUTHENTICATION: u8 = b'R';
    pub(crate) const BACKEND_KEY_DATA: u8 = b'K';
    pub(crate) const BIND_COMPLETE: u8 = b'2';
    pub(crate) const COMMAND_COMPLETE: u8 = b'C';
    pub(crate) const COPY_BOTH: u8 = b'W';
    pub(crate) const COPY_DATA: u8 = b'd';
    pub(crate) const COPY_DONE: u8 = b'c';
    pub(crate) const COPY_IN: u8 = b'G';
    pub(crate) const COPY_OUT: u8 = b'H';
    pub(crate) const DATA_ROW: u8 = b'D';
    pub(crate) const EMPTY_QUERY: u8 = b'I';
    pub(crate) const ERROR: u8 = b'E';
    pub(crate) const NEGOTIATE_PROTOCOL_VERSION: u8 = b'v';
    pub(crate) const NO_DATA: u8 = b'n';
    pub(crate) const NOTICE: u8 = b'N';
    pub(crate) const NOTIFICATION: u8 = b'A';
    pub(crate) const PARAMETER_STATUS: u8 = b'S';
    pub(crate) const PARSE_COMPLETE: u8 = b'1';
    pub(crate) const READY_FOR_QUERY: u8 = b'Z';
    pub(crate) const ROW_DESCRIPTION: u8 = b'T';
}

/// A message's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    /// What kind of message it is.
    pub(crate) tag: u8,
    /// The bytes that follow the header.
    pub(crate) body_bytes: usize,
}

/// Whether the server has let us in. Before that it is a stranger and may not send long messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    Stranger,
    LetIn,
}

impl Header {
    /// Reads a header from the front of `bytes`; `None` when there are too few.
    pub(crate) fn parse(bytes: &[u8], trust: Trust) -> Result<Option<Self>, Error> {
        let Some((&[tag, a, b, c, d], _)) = bytes.split_first_chunk::<HEADER_BYTES>() else {
            return Ok(None);
        };
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        let long = matches!(
            tag,
            tag::COPY_DATA
                | tag::DATA_ROW
                | tag::ERROR
                | tag::NOTICE
                | tag::NOTIFICATION
                | tag::ROW_DESCRIPTION
        );
        let longest = match trust {
            Trust::LetIn if long => LONG_MESSAGE_BYTES_MAX,
            _ => SHORT_MESSAGE_BYTES_MAX,
        };
        // The length counts itself, four bytes, but not the tag.
        if !(4..=longest).contains(&length) {
            return Err(absurd_length(tag, length));
        }
        let body_bytes = length - 4;
        Ok(Some(Self { tag, body_bytes }))
    }
}

/// Apart from [`Header::parse`], which is called for every row of a COPY.
#[cold]
fn absurd_length(tag: u8, length: usize) -> Error {
    let tag = char::from(tag);
    Error::protocol(format!(
        "a message of kind {tag:?} claims a length of {}",
        counted(length as u64, "byte", "bytes")
    ))
}

/// A whole message.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) tag: u8,
    pub(crate) body: Vec<u8>,
}

/// A reader over a message's body that never reads past its end.
#[derive(Debug)]
pub(crate) struct Body<'a> {
    whole: &'a [u8],
    at: usize,
    message: &'static str,
}

impl<'a> Body<'a> {
    /// Begins to read; `message` is the message's name, for errors.
    pub(crate) fn new(whole: &'a [u8], message: &'static str) -> Self {
        Self {
            whole,
            at: 0,
            message,
        }
    }

    fn cut(&self) -> Error {
        Error::protocol(format!("a {} message ends too early", self.message))
    }

    /// The next `count` bytes.
    pub(crate) fn bytes(&mut self, count: usize) -> Result<&'a [u8], Error> {
        let rest = &self.whole[self.at..];
        let bytes = rest.get(..count).ok_or_else(|| self.cut())?;
        self.at += count;
        Ok(bytes)
    }

    /// Everything that is left.
    pub(crate) fn rest(self) -> &'a [u8] {
        &self.whole[self.at..]
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let rest = &self.whole[self.at..];
        let array = rest.first_chunk::<N>().ok_or_else(|| self.cut())?;
        self.at += N;
        Ok(*array)
    }

    /// A number of one byte.
    pub(crate) fn u8(&mut self) -> Result<u8, Error> {
        self.array().map(u8::from_be_bytes)
    }

    /// A number of two bytes.
    pub(crate) fn u16(&mut self) -> Result<u16, Error> {
        self.array().map(u16::from_be_bytes)
    }

    /// A number of four bytes.
    pub(crate) fn u32(&mut self) -> Result<u32, Error> {
        self.array().map(u32::from_be_bytes)
    }

    /// A text up to, and without, the zero byte that ends it.
    pub(crate) fn text(&mut self) -> Result<&'a [u8], Error> {
        let rest = &self.whole[self.at..];
        let end = rest.iter().position(|byte| *byte == 0);
        let end = end.ok_or_else(|| self.cut())?;
        self.at += end + 1;
        Ok(&rest[..end])
    }

    /// A DataRow's value: a length and that many bytes, or the length -1 for NULL. Returns where it
    /// is in the body.
    pub(crate) fn value(&mut self) -> Result<Option<Range<usize>>, Error> {
        let bytes = self.value_bytes()?;
        Ok(bytes.map(|bytes| self.at - bytes.len()..self.at))
    }

    /// The same, as the bytes themselves.
    pub(crate) fn value_bytes(&mut self) -> Result<Option<&'a [u8]>, Error> {
        let length = self.u32()?;
        if length == u32::MAX {
            return Ok(None);
        }
        self.bytes(length as usize).map(Some)
    }
}

/// The column names of a RowDescription.
pub(crate) fn column_names(body: &[u8]) -> Result<Vec<BString>, Error> {
    /// Table, attribute number, type, type's size, type modifier and format of a column.
    const COLUMN_BYTES: usize = 18;
    let mut reader = Body::new(body, "RowDescription");
    let count = reader.u16()?;
    (0..count)
        .map(|_| {
            let name = BString::from(reader.text()?);
            reader.bytes(COLUMN_BYTES)?;
            Ok(name)
        })
        .collect()
}

/// The number of rows in a command tag such as `COPY 1000` or `INSERT 0 5`; zero where it has none.
pub(crate) fn rows_in_command_tag(body: &[u8]) -> u64 {
    let text = body.strip_suffix(&[0]).unwrap_or(body);
    let last = text.rsplit(|byte| *byte == b' ').next().unwrap_or_default();
    let number = std::str::from_utf8(last).ok();
    number.and_then(|text| text.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn headers_within_limits() {
        let header = |bytes: &[u8], trust| Header::parse(bytes, trust);
        let expected = Header {
            tag: b'Z',
            body_bytes: 1,
        };
        assert_eq!(
            header(b"Z\0\0\0\x05I", Trust::Stranger).unwrap(),
            Some(expected)
        );
        assert_eq!(header(b"Z\0\0\0", Trust::LetIn).unwrap(), None);
        assert!(header(b"Z\0\0\0\x03", Trust::LetIn).is_err());
        assert!(header(b"Z\x7f\0\0\0", Trust::LetIn).is_err());
        assert!(header(b"d\x40\0\0\0", Trust::LetIn).is_ok());
        assert!(header(b"d\x40\0\0\0", Trust::Stranger).is_err());
        assert!(header(b"d\x41\0\0\0", Trust::LetIn).is_err());
        assert!(header(b"HTTP/1.1", Trust::Stranger).is_err());
    }

    #[test]
    fn command_tags() {
        assert_eq!(rows_in_command_tag(b"COPY 1000\0"), 1000);
        assert_eq!(rows_in_command_tag(b"INSERT 0 5\0"), 5);
        assert_eq!(rows_in_command_tag(b"BEGIN\0"), 0);
        assert_eq!(rows_in_command_tag(b""), 0);
    }

    proptest! {
        #[test]
        fn no_body_makes_a_reader_panic(body in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = column_names(&body);
            let _ = rows_in_command_tag(&body);
            let _ = Header::parse(&body, Trust::LetIn);
            let mut reader = Body::new(&body, "test");
            while reader.value().is_ok() {}
        }
    }
}
