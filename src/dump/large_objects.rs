//! Large objects as SQL: `lo_put` over a VALUES list, many objects to a statement.
//!
//! Pure text building over the rows that `schema::large_object_rows` reads: object, offset, bytes. Stock
//! pg_restore executes the result the way it executes `--inserts` data. [`worker`](super::worker) runs the
//! COPY.

use bstr::ByteSlice;

use crate::schema::large_object_rows::parse;

/// A statement ends when it is this long.
const STATEMENT_BYTES: usize = 1 << 20;
/// Neighbouring pages of one object become one value up to this many hexadecimal digits.
const VALUE_DIGITS: usize = 512 << 10;
/// Builds statements from rows.
#[derive(Debug, Default)]
pub(super) struct Statements {
    sql: Vec<u8>,
    /// The value under way: object, offset of its end, digits so far.
    open: Option<(u32, u64, usize)>,
    bytes: u64,
}

impl Statements {
    /// Adds the rows of a block of COPY text. False when a row is not object, offset and bytes.
    pub(super) fn push_rows(&mut self, block: &[u8]) -> bool {
        block
            .lines()
            .all(|line| parse(line).is_some_and(|(oid, offset, hex)| self.push(oid, offset, hex)))
    }

    fn push(&mut self, oid: u32, offset: u64, hex: &[u8]) -> bool {
        let length = hex.len() as u64 / 2;
        self.bytes += length;
        match &mut self.open {
            Some((open, end, digits))
                if *open == oid && *end == offset && *digits < VALUE_DIGITS =>
            {
                *end += length;
                *digits += hex.len();
            }
            _ => {
                self.close_value();
                let first = self.sql.is_empty();
                let head = if first {
                    format!(
                        "SELECT pg_catalog.lo_put(v.o, v.p, v.d) FROM (VALUES\n({oid}::pg_catalog.oid, {offset}::pg_catalog.int8, pg_catalog.decode('"
                    )
                } else {
                    format!(",\n({oid}, {offset}, pg_catalog.decode('")
                };
                self.sql.extend_from_slice(head.as_bytes());
                self.open = Some((oid, offset + length, hex.len()));
            }
        }
        self.sql.extend_from_slice(hex);
        true
    }

    /// `decode` and not a literal of type bytea, whose backslash would mean something else in a database with
    /// `standard_conforming_strings` off.
    fn close_value(&mut self) {
        if self.open.take().is_some() {
            self.sql.extend_from_slice(b"', 'hex'))");
        }
    }

    /// Whether the statement is long enough.
    pub(super) fn is_full(&self) -> bool {
        self.sql.len() >= STATEMENT_BYTES
    }

    /// Ends the statement and moves it out; empty when there were no rows.
    pub(super) fn take(&mut self) -> Vec<u8> {
        self.close_value();
        if !self.sql.is_empty() {
            self.sql.extend_from_slice(b"\n) AS v(o, p, d);\n");
        }
        std::mem::take(&mut self.sql)
    }

    /// Bytes of large objects seen so far.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_pages_become_one_value_and_holes_do_not() {
        let mut statements = Statements::default();
        assert!(
            statements
                .push_rows(b"7\t0\t\\\\x0102\n7\t2\t\\\\x03\n7\t2048\t\\\\x04\n8\t0\t\\\\xff\n")
        );
        assert_eq!(statements.bytes(), 5);
        let sql = String::from_utf8(statements.take()).unwrap();
        let expected = "SELECT pg_catalog.lo_put(v.o, v.p, v.d) FROM (VALUES\n\
            (7::pg_catalog.oid, 0::pg_catalog.int8, pg_catalog.decode('010203', 'hex')),\n\
            (7, 2048, pg_catalog.decode('04', 'hex')),\n(8, 0, pg_catalog.decode('ff', 'hex'))\n) AS v(o, p, d);\n";
        assert_eq!(sql, expected);
        assert!(statements.take().is_empty());
    }

    #[test]
    fn what_is_no_row_is_refused() {
        for line in [
            "",
            "7",
            "7\t0",
            "x\t0\t\\\\x00",
            "7\t0\t\\\\x0",
            "7\t0\t'); DROP TABLE t; --",
        ] {
            assert!(
                !Statements::default().push_rows(format!("{line}\n").as_bytes()),
                "{line}"
            );
        }
    }
}
