//! The columns of one row, read from left to right.
//!
//! An answer that cannot be read names its statement. Not here: the statements ([`super::statements`]).

use bstr::{BString, ByteSlice};

use super::acl::{self, Rights};
use super::array::array;
use super::error::Error;
use super::letters::Letter;
use crate::pg::{self, PackedRow, PackedRows, Value};
use crate::toc::CatalogId;

/// Rows of one statement.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) statement: &'static str,
    pub(super) rows: PackedRows,
}

impl Rows {
    /// Each row as its fields.
    pub(super) fn iter(&self) -> impl Iterator<Item = Fields<'_>> {
        self.rows.iter().map(|row| Fields {
            row,
            statement: self.statement,
        })
    }
}

/// What is left of a row.
pub(super) struct Fields<'a> {
    row: PackedRow<'a>,
    statement: &'static str,
}

impl<'a> Fields<'a> {
    fn answer<T>(&self, value: Result<T, pg::Error>) -> Result<T, Error> {
        value.map_err(|source| Error::Answer {
            statement: self.statement,
            source,
        })
    }

    /// The next value, read in this way unless it is null.
    fn unless_null<T>(
        &mut self,
        read: impl FnOnce(Value<'a>) -> Result<T, pg::Error>,
    ) -> Result<Option<T>, Error> {
        let value = self.row.value();
        match value.get() {
            Some(_) => self.answer(read(value)).map(Some),
            None => Ok(None),
        }
    }

    pub(super) fn text(&mut self) -> Result<BString, Error> {
        let value = self.row.value();
        self.answer(value.text()).map(BString::from)
    }

    pub(super) fn optional(&mut self) -> Option<BString> {
        self.row.value().get().map(BString::from)
    }

    /// The catalog and OID of the row's object.
    pub(super) fn catalog(&mut self) -> Result<CatalogId, Error> {
        Ok(CatalogId {
            table_oid: self.oid()?,
            oid: self.oid()?,
        })
    }

    /// The rights on an object, and those of a new one.
    pub(super) fn rights(&mut self) -> Result<Rights, Error> {
        let (current, default) = (self.optional(), self.text()?);
        for items in current.iter().chain([&default]) {
            acl::check(items)?;
        }
        Ok(Rights {
            current,
            default,
            initial: None,
        })
    }

    /// A text that a function of the server wrote. Null means that the object is not there any more.
    pub(super) fn written(&mut self, object: &[u8]) -> Result<BString, Error> {
        self.optional().ok_or_else(|| Error::Gone {
            object: object.into(),
        })
    }

    pub(super) fn oid(&mut self) -> Result<u32, Error> {
        let value = self.row.value();
        self.answer(value.u32())
    }

    /// Null is zero.
    pub(super) fn oid_or_zero(&mut self) -> Result<u32, Error> {
        Ok(self.unless_null(Value::u32)?.unwrap_or(0))
    }

    pub(super) fn number(&mut self) -> Result<i64, Error> {
        let value = self.row.value();
        self.answer(value.i64())
    }

    pub(super) fn small(&mut self) -> Result<i32, Error> {
        let value = self.row.value();
        self.answer(value.i32())
    }

    pub(super) fn optional_small(&mut self) -> Result<Option<i32>, Error> {
        self.unless_null(Value::i32)
    }

    pub(super) fn flag(&mut self) -> Result<bool, Error> {
        let value = self.row.value();
        self.answer(value.bool())
    }

    /// Null is false.
    pub(super) fn flag_or_false(&mut self) -> Result<bool, Error> {
        Ok(self.unless_null(Value::bool)?.unwrap_or(false))
    }

    pub(super) fn letter<L: Letter>(&mut self) -> Result<L, Error> {
        let value = self.row.value();
        L::read(self.answer(value.text())?)
    }

    /// A letter that is null where there is nothing.
    pub(super) fn optional_letter<L: Letter>(&mut self) -> Result<Option<L>, Error> {
        self.row.value().get().map(L::read).transpose()
    }

    /// Numbers apart by blanks (`oidvector`, `int2vector`), or an array of them; null is none.
    pub(super) fn numbers<T: std::str::FromStr>(&mut self) -> Vec<T> {
        let text = self.row.value().get().unwrap_or_default();
        text.split(|byte| b" ,{}".contains(byte))
            .filter_map(|number| number.to_str().ok()?.parse().ok())
            .collect()
    }

    /// An array of texts; null is an empty one.
    pub(super) fn texts(&mut self) -> Vec<BString> {
        self.row.value().get().map(array).unwrap_or_default()
    }
}
