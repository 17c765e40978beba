//! Data that is not rows, as statements: SQL that comes in blocks which end anywhere, and large objects.
//!
//! Pure. `run::load` executes them; `source` defines a block.

use std::io::Write as _;

use bstr::ByteSlice;

use super::standard_strings;
use crate::source::Content;
use crate::toc::lex::{Strings, TokenKind, tokens_under};

/// Statements are put together until they have about this size.
const SQL_BYTES: usize = 1 << 20;

/// A statement as long as this is not waited for to end: the server takes none that is longer
/// (`MaxAllocSize`), and says so.
const STATEMENT_BYTES_MAX: usize = 1 << 30;

/// Content of a large object in one value. Hexadecimal doubles it.
const VALUE_BYTES: usize = 256 << 10;

/// SQL on its way: blocks in, whole statements out.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    sql: Vec<u8>,
    /// How long it must become before it is worth while to look for an end again: a long statement is
    /// gone through a few times, not once for each block.
    worth_looking: usize,
}

impl Pending {
    /// Takes the next block.
    pub(crate) fn push(&mut self, block: &[u8]) {
        self.sql.extend_from_slice(block);
    }

    /// The statements that are whole, if it is time to execute them.
    pub(crate) fn take(&mut self, content: Content) -> Option<Vec<u8>> {
        if self.sql.len() < SQL_BYTES.max(self.worth_looking) {
            return None;
        }
        let end = match content {
            // Literals in them are hexadecimal, so this ends one and nothing else.
            Content::Sql => self.sql.rfind(b";\n").map(|at| at + 2),
            _ => last_end(&self.sql, strings(content)),
        };
        let is_too_long = self.sql.len() >= STATEMENT_BYTES_MAX;
        let Some(end) = end.or(is_too_long.then_some(self.sql.len())) else {
            self.worth_looking = self.sql.len() * 2;
            return None;
        };
        self.worth_looking = 0;
        let rest = self.sql.split_off(end);
        Some(in_standard_strings(
            std::mem::replace(&mut self.sql, rest),
            content,
        ))
    }

    /// All that is left, if that is more than blanks.
    pub(crate) fn rest(&mut self, content: Content) -> Option<Vec<u8>> {
        let rest = std::mem::take(&mut self.sql);
        (!rest.trim().is_empty()).then(|| in_standard_strings(rest, content))
    }
}

fn strings(content: Content) -> Strings {
    match content {
        Content::EscapedStatements => Strings::Escaped,
        _ => Strings::Standard,
    }
}

/// Rows as statements hold string constants of known forms only, so each can be put otherwise; one that
/// cannot is no row of pg_dump's, and is left for the server to refuse.
fn in_standard_strings(sql: Vec<u8>, content: Content) -> Vec<u8> {
    if content != Content::EscapedStatements {
        return sql;
    }
    match standard_strings::rewritten(&sql) {
        Some(rewritten) => rewritten.into(),
        None => sql,
    }
}

/// Where the last statement ends that is whole.
fn last_end(sql: &[u8], strings: Strings) -> Option<usize> {
    let ends = tokens_under(sql, strings).filter(|token| token.kind == TokenKind::Semicolon);
    ends.last().map(|token| token.range.end)
}

/// Large objects on their way: content in, `lo_put` over lists of values out. Like pg_restore's
/// `lowrite`, it writes into objects that are there.
#[derive(Debug, Default)]
pub(crate) struct Puts {
    sql: Vec<u8>,
    oid: u32,
    offset: u64,
}

impl Puts {
    /// From here on the content is that of another object.
    pub(crate) fn object(&mut self, oid: u32) {
        (self.oid, self.offset) = (oid, 0);
    }

    /// Takes the next piece of the object's content.
    pub(crate) fn push(&mut self, block: &[u8]) {
        for value in block.chunks(VALUE_BYTES) {
            let begin = if self.sql.is_empty() {
                "SELECT pg_catalog.lo_put(v.o, v.p, v.d) FROM (VALUES\n"
            } else {
                ",\n"
            };
            self.sql.extend_from_slice(begin.as_bytes());
            let (oid, offset) = (self.oid, self.offset);
            // Writing to a Vec cannot fail.
            let _ = write!(
                self.sql,
                "({oid}::pg_catalog.oid, {offset}::pg_catalog.int8, pg_catalog.decode('"
            );
            push_hex(&mut self.sql, value);
            self.sql.extend_from_slice(b"', 'hex'))");
            self.offset += value.len() as u64;
        }
    }

    /// The statement, if it is time to execute it.
    pub(crate) fn take(&mut self) -> Option<Vec<u8>> {
        (self.sql.len() >= SQL_BYTES).then(|| self.rest())?
    }

    /// The statement, if there is one.
    pub(crate) fn rest(&mut self) -> Option<Vec<u8>> {
        if self.sql.is_empty() {
            return None;
        }
        self.sql.extend_from_slice(b"\n) AS v(o, p, d);\n");
        Some(std::mem::take(&mut self.sql))
    }
}

fn push_hex(out: &mut Vec<u8>, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.reserve(2 * bytes.len());
    for &byte in bytes {
        out.push(DIGITS[usize::from(byte >> 4)]);
        out.push(DIGITS[usize::from(byte & 15)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The output for `sql` that comes in blocks of this size, executed as soon as possible.
    fn cut(sql: &[u8], block: usize, content: Content) -> Vec<Vec<u8>> {
        let mut pending = Pending::default();
        let mut out = Vec::new();
        for block in sql.chunks(block) {
            pending.push(block);
            out.extend(pending.take(content));
        }
        out.extend(pending.rest(content));
        out
    }

    #[test]
    fn statements_are_cut_where_they_end() {
        let value = "a;\nb''c\"$x$;\n--;".repeat(20_000);
        let sql = format!("INSERT INTO t VALUES ('{value}');\n").repeat(12) + "\n\n";
        let out = cut(sql.as_bytes(), 100_000, Content::Statements);
        assert!(out.len() > 2);
        assert!(out.concat().trim_end() == sql.trim_end().as_bytes());
        for piece in &out {
            assert!(piece.trim().starts_with(b"INSERT INTO"));
            assert!(piece.trim().ends_with(b");"));
        }
    }

    #[test]
    fn a_statement_longer_than_all_others_is_waited_for() {
        let long = format!("INSERT INTO t VALUES ('{}');", "x".repeat(5 * SQL_BYTES));
        let out = cut(long.as_bytes(), 10_000, Content::Statements);
        assert!(out == [long.into_bytes()]);
        assert!(cut(b" \n\n", 1, Content::Statements).is_empty());
    }

    #[test]
    fn large_objects_are_put_piece_by_piece() {
        let mut puts = Puts::default();
        puts.object(7);
        puts.push(b"\x01\xff");
        puts.push(b"a");
        puts.object(8);
        puts.object(9);
        puts.push(b"b");
        let sql = puts.rest().unwrap_or_default();
        let value = |oid, at, hex| {
            format!(
                "({oid}::pg_catalog.oid, {at}::pg_catalog.int8, pg_catalog.decode('{hex}', 'hex'))"
            )
        };
        let values = [value(7, 0, "01ff"), value(7, 2, "61"), value(9, 0, "62")];
        let expected = format!(
            "SELECT pg_catalog.lo_put(v.o, v.p, v.d) FROM (VALUES\n{}\n) AS v(o, p, d);\n",
            values.join(",\n")
        );
        assert_eq!(sql.as_bstr(), expected.as_bytes());
        assert_eq!(puts.rest(), None);
    }

    #[test]
    fn what_is_put_at_once_is_bounded() {
        let mut puts = Puts::default();
        puts.object(1);
        let mut pieces = 0;
        for _ in 0..40 {
            puts.push(&[0; 256 << 10]);
            if let Some(sql) = puts.take() {
                assert!(sql.len() < 2 * SQL_BYTES);
                pieces += 1;
            }
        }
        assert_eq!(pieces, 20);
    }

    proptest! {
        #[test]
        fn no_byte_is_lost(sql in "[a;'\"$ \n/*-]{0,300}", block in 1_usize..50) {
            let out = cut(sql.as_bytes(), block, Content::Statements).concat();
            prop_assert!(sql.as_bytes() == out || sql.trim().is_empty());
        }
    }
}
