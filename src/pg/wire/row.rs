//! Rows of a query's result, in text format.
//!
//! A value is the bytes the server sent, in the session's `client_encoding`; the helpers read the
//! few types that catalog queries return. Not here: rows of a COPY, which stay raw bytes
//! ([`crate::pg::CopyOut`]); many rows that are read from left to right ([`super::packed`]).

use std::num::NonZeroU32;
use std::ops::Range;
use std::sync::Arc;

use bstr::BString;

use super::backend::Body;
use super::value::Value;
use crate::pg::error::Error;

/// The names of a result's columns, shared by its rows.
pub(crate) type Columns = Arc<[BString]>;

/// One row; columns are counted from zero.
#[derive(Debug, Clone)]
pub struct Row {
    columns: Columns,
    body: Vec<u8>,
    values: Box<[Option<Span>]>,
}

/// Where a value stands in a row's message, which is shorter than 2 GiB.
#[derive(Debug, Clone, Copy)]
struct Span {
    from: u32,
    to: NonZeroU32,
}

impl Span {
    /// None for what no message holds. A value has its length before it, so it never ends at zero.
    fn of(range: &Range<usize>) -> Option<Self> {
        Some(Self {
            from: u32::try_from(range.start).ok()?,
            to: NonZeroU32::new(u32::try_from(range.end).ok()?)?,
        })
    }
}

impl Row {
    /// Reads a DataRow message.
    pub(crate) fn parse(columns: &Columns, body: Vec<u8>) -> Result<Self, Error> {
        let mut reader = Body::new(&body, "DataRow");
        let count = usize::from(reader.u16()?);
        let mut values = Vec::with_capacity(count);
        for _ in 0..count {
            values.push(reader.value()?.as_ref().and_then(Span::of));
        }
        Ok(Self {
            columns: Arc::clone(columns),
            body,
            values: values.into(),
        })
    }

    /// A row of these values, for tests.
    #[cfg(test)]
    pub(crate) fn of(values: &[Option<&[u8]>]) -> Self {
        let body = body_of(values);
        let columns: Columns = values.iter().map(|_| BString::from("relname")).collect();
        Self::parse(&columns, body).unwrap()
    }

    /// The number of columns.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether the row has no columns at all.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The value of column `index`; `None` for NULL and for a column that is not there.
    pub fn get(&self, index: usize) -> Option<&[u8]> {
        let span = (*self.values.get(index)?)?;
        let (from, to) = (usize::try_from(span.from), usize::try_from(span.to.get()));
        self.body.get(from.ok()?..to.ok()?)
    }

    fn value(&self, index: usize) -> Value<'_> {
        Value {
            columns: &self.columns,
            count: self.values.len(),
            index,
            bytes: self.get(index),
        }
    }

    /// The bytes of column `index`; NULL and a missing column are errors.
    pub fn text(&self, index: usize) -> Result<&[u8], Error> {
        self.value(index).text()
    }

    /// The text of column `index`, which must be UTF-8.
    pub fn str(&self, index: usize) -> Result<&str, Error> {
        self.value(index).str()
    }

    /// Column `index` as a number: `smallint`, `integer` or `bigint`.
    pub fn i64(&self, index: usize) -> Result<i64, Error> {
        self.value(index).i64()
    }

    /// Column `index` as a `smallint` or `integer`.
    pub fn i32(&self, index: usize) -> Result<i32, Error> {
        self.value(index).i32()
    }

    /// Column `index` as an `oid` or `xid`.
    pub fn u32(&self, index: usize) -> Result<u32, Error> {
        self.value(index).u32()
    }

    /// Column `index` as a `boolean`, which the server writes as `t` or `f`.
    pub fn bool(&self, index: usize) -> Result<bool, Error> {
        self.value(index).bool()
    }
}

/// The body of a DataRow message with these values.
#[cfg(test)]
pub(super) fn body_of(values: &[Option<&[u8]>]) -> Vec<u8> {
    let mut body = u16::try_from(values.len()).unwrap().to_be_bytes().to_vec();
    for value in values {
        let length = value.map_or(-1, |value| i32::try_from(value.len()).unwrap());
        body.extend(length.to_be_bytes());
        body.extend(value.unwrap_or_default());
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_what_they_are() {
        let row = Row::of(&[
            Some(b"-7"),
            Some(b"t"),
            None,
            Some(b"\xff"),
            Some(b"4294967295"),
        ]);
        assert_eq!(row.i64(0).unwrap(), -7);
        assert!(row.bool(1).unwrap());
        assert_eq!(row.get(2), None);
        assert_eq!(row.text(3).unwrap(), b"\xff");
        assert_eq!(row.u32(4).unwrap(), u32::MAX);
    }

    #[test]
    fn what_cannot_be_read_names_the_column() {
        let row = Row::of(&[None, Some(b"x\xff")]);
        assert_eq!(
            row.text(0).unwrap_err().to_string(),
            "column \"relname\" is NULL"
        );
        let error = row.i64(1).unwrap_err().to_string();
        assert_eq!(
            error,
            "column \"relname\" holds \"x\u{fffd}\", not a whole number"
        );
        assert!(row.text(2).is_err());
    }

    #[test]
    fn a_body_that_lies_about_its_lengths_is_refused() {
        let columns: Columns = Arc::new([]);
        for body in [
            &b""[..],
            b"\0",
            b"\0\x01",
            b"\0\x01\0\0\0\x05ab",
            b"\0\x01\xff\xff\xff\xfe",
        ] {
            assert!(Row::parse(&columns, body.to_vec()).is_err(), "{body:?}");
        }
    }
}
