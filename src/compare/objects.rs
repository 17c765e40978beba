//! Large objects in a form that can be compared. Pure.
//!
//! The archive and the server cut large objects differently, and may write or leave out zeros. So each object
//! is cut into pages of one size. Zeros at the end of a page do not count; the object's length does.

use std::collections::HashMap;

use bstr::ByteSlice;

use crate::digest::RowDigest;

/// Everything that is stored or read begins and ends at a multiple of this, but for an object's end:
/// the smallest page of large objects there is (`LOBLKSIZE` in blocks of 1 KiB).
const PAGE_BYTES: usize = 256;

/// A line of an archive's SQL is not longer than a value and the statement around it.
const LINE_BYTES_MAX: usize = 8 << 20;

/// Large objects by their OID.
pub(super) type Objects = HashMap<u32, Sum>;

/// The content of a large object.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sum {
    digest: RowDigest,
    bytes: u64,
}

impl Sum {
    /// Adds more content of the same object.
    pub(super) fn merge(&mut self, other: Self) {
        self.digest.merge(other.digest);
        self.bytes = self.bytes.max(other.bytes);
    }
}

/// Adds some content in hexadecimal. `None` where that is not even.
pub(super) fn add(objects: &mut Objects, oid: u32, offset: u64, hex: &[u8]) -> Option<()> {
    add_bytes(objects, oid, offset, &decode(hex)?)
}

/// Adds some content.
fn add_bytes(objects: &mut Objects, oid: u32, offset: u64, bytes: &[u8]) -> Option<()> {
    let end = offset.checked_add(bytes.len() as u64)?;
    let sum = objects.entry(oid).or_default();
    sum.bytes = sum.bytes.max(end);
    let first_end = PAGE_BYTES - usize::try_from(offset % PAGE_BYTES as u64).ok()?;
    let (head, rest) = bytes.split_at(first_end.min(bytes.len()));
    let mut at = offset;
    for page in std::iter::once(head).chain(rest.chunks(PAGE_BYTES)) {
        let content = page.trim_end_with(|c| c == '\0');
        if !content.is_empty() {
            sum.digest.add_row(&[&at.to_be_bytes(), content].concat());
        }
        at += page.len() as u64;
    }
    Some(())
}

fn decode(hex: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|n| u8::try_from(n).ok())
    };
    if !hex.len().is_multiple_of(2) {
        return None;
    }
    let pairs = hex.chunks_exact(2);
    pairs
        .map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?))
        .collect()
}

/// Takes an object's content from its beginning to its end, in pieces that end anywhere.
pub(super) struct ObjectReader {
    oid: u32,
    offset: u64,
    open: Vec<u8>,
}

impl ObjectReader {
    /// A reader of this object, which exists even if it is empty.
    pub(super) fn new(oid: u32) -> Self {
        Self {
            oid,
            offset: 0,
            open: Vec::new(),
        }
    }

    /// Adds the next piece.
    pub(super) fn push(&mut self, objects: &mut Objects, piece: &[u8]) -> Option<()> {
        self.open.extend_from_slice(piece);
        let whole = self.open.len() / PAGE_BYTES * PAGE_BYTES;
        add_bytes(objects, self.oid, self.offset, &self.open[..whole])?;
        self.open.drain(..whole);
        self.offset += whole as u64;
        Some(())
    }

    /// Adds the remaining bytes.
    pub(super) fn finish(self, objects: &mut Objects) -> Option<()> {
        if self.open.is_empty() {
            Some(())
        } else {
            add_bytes(objects, self.oid, self.offset, &self.open)
        }
    }
}

/// Reads the SQL that an archive of ours stores large objects as (see FORMAT.md): a value a line.
#[derive(Default)]
pub(super) struct SqlReader {
    line: Vec<u8>,
}

impl SqlReader {
    /// Adds the content of a block. `None` where the SQL is not of that form.
    pub(super) fn push(&mut self, objects: &mut Objects, block: &[u8]) -> Option<()> {
        let mut rest = block;
        while let Some(end) = rest.find_byte(b'\n') {
            self.line.extend_from_slice(&rest[..end]);
            add_line(objects, &self.line)?;
            self.line.clear();
            rest = &rest[end + 1..];
        }
        self.line.extend_from_slice(rest);
        (self.line.len() <= LINE_BYTES_MAX).then_some(())
    }
}

/// `(5::pg_catalog.oid, 0::pg_catalog.int8, pg_catalog.decode('00ff', 'hex')),`: other lines hold no content.
fn add_line(objects: &mut Objects, line: &[u8]) -> Option<()> {
    let Some(line) = line.strip_prefix(b"(") else {
        return Some(());
    };
    let mut parts = line.splitn(3, |&byte| byte == b',');
    let oid = leading_number(parts.next()?)?;
    let offset = leading_number(parts.next()?)?;
    let hex = parts.next()?.split(|&byte| byte == b'\'').nth(1)?;
    add(objects, u32::try_from(oid).ok()?, offset, hex)
}

fn leading_number(text: &[u8]) -> Option<u64> {
    let text = text.trim_ascii_start();
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    text[..digits].to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_content_is_cut_and_which_zeros_are_written_does_not_matter() {
        let mut hex = "ab".repeat(300);
        hex.push_str(&"00".repeat(724));
        let mut whole = Objects::new();
        add(&mut whole, 7, 2048, hex.as_bytes()).unwrap();
        let mut pieces = Objects::new();
        add(&mut pieces, 7, 2048 + 1023, b"00").unwrap();
        add(&mut pieces, 7, 2048 + 256, &hex.as_bytes()[512..600]).unwrap();
        add(&mut pieces, 7, 2048, &hex.as_bytes()[..512]).unwrap();
        assert_eq!(whole, pieces);
        add(&mut pieces, 7, 4096, b"00").unwrap();
        assert_ne!(whole, pieces);
        assert_eq!(add(&mut pieces, 7, 0, b"0"), None);
    }

    #[test]
    fn an_object_may_come_in_pieces_of_any_size() {
        let content: Vec<u8> = (0..1000_u32).map(|n| n.to_le_bytes()[0]).collect();
        let hex: String = content.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut expected = Objects::new();
        add(&mut expected, 7, 0, hex.as_bytes()).unwrap();
        for size in [1, 255, 256, 700, 5000] {
            let mut objects = Objects::new();
            let mut reader = ObjectReader::new(7);
            for piece in content.chunks(size) {
                reader.push(&mut objects, piece).unwrap();
            }
            reader.finish(&mut objects).unwrap();
            assert_eq!(objects, expected, "{size}");
        }
    }

    #[test]
    fn an_archive_s_sql_is_read_however_it_arrives() {
        let sql = b"SELECT pg_catalog.lo_put(v.o, v.p, v.d) FROM (VALUES\n\
            (7::pg_catalog.oid, 0::pg_catalog.int8, pg_catalog.decode('0102', 'hex')),\n\
            (8, 2048, pg_catalog.decode('ff', 'hex'))\n) AS v(o, p, d);\n";
        let mut expected = Objects::new();
        add(&mut expected, 7, 0, b"0102").unwrap();
        add(&mut expected, 8, 2048, b"ff").unwrap();
        for size in [1, 7, 1000] {
            let (mut reader, mut objects) = (SqlReader::default(), Objects::new());
            for block in sql.chunks(size) {
                reader.push(&mut objects, block).unwrap();
            }
            assert_eq!(objects, expected);
        }
        assert_eq!(
            SqlReader::default().push(&mut Objects::new(), b"(x, y)\n"),
            None
        );
    }
}
