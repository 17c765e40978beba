//! One value of a row, in text format, read as one of the few types that catalog queries return.

use std::str::FromStr;

use bstr::{BString, ByteSlice};

use crate::pg::error::Error;

/// A value, with the place that errors name.
#[derive(Debug, Clone, Copy)]
pub struct Value<'a> {
    /// The names of the row's columns.
    pub(super) columns: &'a [BString],
    /// How many values the row has.
    pub(super) count: usize,
    /// The value's place, from zero.
    pub(super) index: usize,
    pub(super) bytes: Option<&'a [u8]>,
}

impl<'a> Value<'a> {
    /// The bytes; `None` for NULL and for a column that is not there.
    pub fn get(self) -> Option<&'a [u8]> {
        self.bytes
    }

    /// The bytes; NULL and a missing column are errors.
    pub fn text(self) -> Result<&'a [u8], Error> {
        if self.index >= self.count {
            return Err(Error::NoColumn {
                index: self.index,
                columns: self.count,
            });
        }
        self.bytes.ok_or_else(|| Error::Null {
            column: self.column(),
        })
    }

    /// The text, which must be UTF-8.
    pub fn str(self) -> Result<&'a str, Error> {
        let text = self.text()?;
        std::str::from_utf8(text).map_err(|_| self.unreadable("UTF-8 text", text))
    }

    /// A `smallint`, `integer` or `bigint`.
    pub fn i64(self) -> Result<i64, Error> {
        self.number("a whole number")
    }

    /// A `smallint` or `integer`.
    pub fn i32(self) -> Result<i32, Error> {
        self.number("a whole number of 32 bits")
    }

    /// An `oid` or `xid`.
    pub fn u32(self) -> Result<u32, Error> {
        self.number("an unsigned number of 32 bits")
    }

    /// A `boolean`, which the server writes as `t` or `f`.
    pub fn bool(self) -> Result<bool, Error> {
        match self.text()? {
            b"t" => Ok(true),
            b"f" => Ok(false),
            other => Err(self.unreadable("a boolean", other)),
        }
    }

    fn number<T: FromStr>(self, wanted: &'static str) -> Result<T, Error> {
        let text = self.text()?;
        let number = std::str::from_utf8(text)
            .ok()
            .and_then(|text| text.parse().ok());
        number.ok_or_else(|| self.unreadable(wanted, text))
    }

    fn column(self) -> String {
        match self.columns.get(self.index) {
            Some(name) => name.to_str_lossy().into_owned(),
            None => self.index.to_string(),
        }
    }

    fn unreadable(self, wanted: &'static str, value: &[u8]) -> Error {
        Error::Unreadable {
            column: self.column().into(),
            wanted,
            value: value.as_bstr().chars().take(80).collect::<String>().into(),
        }
    }
}
