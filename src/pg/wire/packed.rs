//! Many rows of one statement, one behind the other in one buffer.
//!
//! A hundred thousand small rows, each with its own memory, cost more in bookkeeping than in text, and leave
//! the heap in pieces. These are read from left to right and let go together. Not here: rows that are looked
//! into in any order ([`super::row`]).

use std::sync::Arc;

use super::backend::Body;
use super::row::Columns;
use super::value::Value;
use crate::pg::error::Error;

/// The rows of one statement.
#[derive(Debug, Clone)]
pub struct PackedRows {
    columns: Columns,
    /// The bodies of the DataRow messages.
    bodies: Vec<u8>,
    /// Where each body ends.
    ends: Vec<usize>,
}

impl Default for PackedRows {
    fn default() -> Self {
        Self::new(Arc::new([]))
    }
}

impl PackedRows {
    /// None yet.
    pub(crate) fn new(columns: Columns) -> Self {
        Self {
            columns,
            bodies: vec![],
            ends: vec![],
        }
    }

    /// One row of these values, for tests.
    #[cfg(test)]
    pub(crate) fn of(values: &[Option<&[u8]>]) -> Self {
        let mut rows = Self::default();
        rows.push(&super::row::body_of(values)).unwrap();
        rows
    }

    /// Adds the body of a DataRow message, if it holds what it says.
    pub(crate) fn push(&mut self, body: &[u8]) -> Result<(), Error> {
        let mut reader = Body::new(body, "DataRow");
        for _ in 0..reader.u16()? {
            reader.value()?;
        }
        self.bodies.extend_from_slice(body);
        self.ends.push(self.bodies.len());
        Ok(())
    }

    /// Adds the rows of the same statement about other objects.
    pub(crate) fn append(&mut self, others: Self) {
        if self.ends.is_empty() {
            *self = others;
            return;
        }
        let before = self.bodies.len();
        self.bodies.extend_from_slice(&others.bodies);
        self.ends.extend(others.ends.iter().map(|end| before + end));
    }

    /// The rows in their order.
    pub fn iter(&self) -> impl Iterator<Item = PackedRow<'_>> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| {
            let mut body = Body::new(&self.bodies[start..end], "DataRow");
            PackedRow {
                columns: &self.columns,
                count: usize::from(body.u16().unwrap_or(0)),
                next: 0,
                body,
            }
        })
    }
}

/// A row of which some values were read.
#[derive(Debug)]
pub struct PackedRow<'a> {
    columns: &'a Columns,
    count: usize,
    next: usize,
    body: Body<'a>,
}

impl<'a> PackedRow<'a> {
    /// The next value. Behind the last one there are only missing ones.
    pub fn value(&mut self) -> Value<'a> {
        let index = self.next;
        self.next += 1;
        let is_there = index < self.count;
        // The body was read once, when it came.
        let bytes = is_there.then(|| self.body.value_bytes().ok().flatten());
        Value {
            columns: self.columns,
            count: self.count,
            index,
            bytes: bytes.flatten(),
        }
    }
}

#[cfg(test)]
mod tests {
    use bstr::BString;

    use super::super::row::body_of;
    use super::*;

    fn columns() -> Columns {
        ["oid", "relname"].map(BString::from).into()
    }

    #[test]
    fn rows_come_back_in_their_order_value_by_value() {
        let mut rows = PackedRows::new(columns());
        rows.push(&body_of(&[Some(b"1"), None])).unwrap();
        let mut others = PackedRows::new(columns());
        others
            .push(&body_of(&[Some(b"2"), Some(b"t\xff")]))
            .unwrap();
        others.push(&body_of(&[])).unwrap();
        rows.append(others);
        let mut all = rows.iter();
        let mut first = all.next().unwrap();
        assert_eq!(first.value().u32().unwrap(), 1);
        let null = first.value();
        assert_eq!(null.get(), None);
        let error = null.text().unwrap_err().to_string();
        assert_eq!(error, "column \"relname\" is NULL");
        let mut second = all.next().unwrap();
        assert_eq!(second.value().i64().unwrap(), 2);
        assert_eq!(second.value().get(), Some(&b"t\xff"[..]));
        assert_eq!(second.value().get(), None);
        assert!(second.value().text().is_err());
        assert!(all.next().unwrap().value().text().is_err());
        assert!(all.next().is_none());
    }

    #[test]
    fn a_body_that_lies_about_its_lengths_is_refused() {
        for body in [&b""[..], b"\0", b"\0\x01", b"\0\x01\0\0\0\x05ab"] {
            assert!(PackedRows::new(columns()).push(body).is_err(), "{body:?}");
        }
    }
}
