//! Counts and digests rows that come in blocks which end anywhere, and counts their columns.
//!
//! COPY's text format escapes tabs and newlines within values (PostgreSQL documentation, COPY, "Text
//! Format"), so every tab separates two columns and every newline ends a row.

use bstr::ByteSlice;

use crate::digest::{RowDigest, RowHasher};

/// The first row with another number of columns than the table has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WrongRow {
    /// Its number in the chunk, from 1.
    pub(super) number: u64,
    pub(super) columns: u64,
}

/// Sees a chunk's rows.
#[derive(Default)]
pub(super) struct RowCounter {
    counted: Counted,
    partial: Option<Partial>,
}

/// The facts seen of a chunk's rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counted {
    /// Rows that ended.
    pub(super) rows: u64,
    /// Bytes with newlines.
    pub(super) raw_bytes: u64,
    /// The digest of the rows that ended.
    pub(super) digest: RowDigest,
    /// Whether the last row has no newline.
    pub(super) is_cut: bool,
    /// The columns of the first row, were it of a table that has any.
    first_columns: Option<u64>,
    /// The first row that has another number of them than the first.
    other: Option<WrongRow>,
    /// The first row that is not empty.
    filled: Option<WrongRow>,
}

/// A row of which some was seen.
#[derive(Default)]
struct Partial {
    hasher: RowHasher,
    tabs: u64,
    empty: bool,
}

impl RowCounter {
    /// Takes the next block.
    pub(super) fn push(&mut self, block: &[u8]) {
        self.counted.raw_bytes += block.len() as u64;
        let mut rest = block;
        while let Some(end) = rest.find_byte(b'\n') {
            let row = &rest[..end];
            match self.partial.take() {
                None => {
                    self.counted.digest.add_row(row);
                    self.counted.end_row(tabs(row), row.is_empty());
                }
                Some(mut partial) => {
                    partial.push(row);
                    self.counted.digest.add_pieces(&partial.hasher);
                    self.counted.end_row(partial.tabs, partial.empty);
                }
            }
            rest = &rest[end + 1..];
        }
        if !rest.is_empty() {
            self.partial.get_or_insert_with(Partial::new).push(rest);
        }
    }

    /// The facts seen so far.
    pub(super) fn counted(&self) -> Counted {
        Counted {
            is_cut: self.partial.is_some(),
            ..self.counted
        }
    }
}

impl Counted {
    fn end_row(&mut self, tabs: u64, empty: bool) {
        self.rows += 1;
        let (number, columns) = (self.rows, tabs + 1);
        if *self.first_columns.get_or_insert(columns) != columns {
            self.other.get_or_insert(WrongRow { number, columns });
        }
        if !empty {
            self.filled.get_or_insert(WrongRow { number, columns });
        }
    }

    /// The first row that has another number of columns than this. A row of one column may be empty too: an
    /// empty string is no NULL.
    pub(super) fn wrong(&self, columns: u32) -> Option<WrongRow> {
        match (columns, self.first_columns) {
            (0, _) => self.filled,
            (_, Some(first)) if first != u64::from(columns) => Some(WrongRow {
                number: 1,
                columns: first,
            }),
            _ => self.other,
        }
    }
}

impl Partial {
    fn new() -> Self {
        Self {
            empty: true,
            ..Self::default()
        }
    }

    fn push(&mut self, piece: &[u8]) {
        self.hasher.update(piece);
        self.tabs += tabs(piece);
        self.empty &= piece.is_empty();
    }
}

/// Counts in bytes, which the processor does many at a time; no piece can have more than fit.
fn tabs(row: &[u8]) -> u64 {
    let pieces = row.chunks(usize::from(u8::MAX));
    pieces
        .map(|piece| {
            piece
                .iter()
                .map(|&byte| u8::from(byte == b'\t'))
                .sum::<u8>()
        })
        .map(u64::from)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn counted(blocks: &[&[u8]]) -> Counted {
        let mut counter = RowCounter::default();
        blocks.iter().for_each(|block| counter.push(block));
        counter.counted()
    }

    #[test]
    fn columns_are_tabs_and_one_more() {
        let wrong = |columns, text: &[u8]| counted(&[text]).wrong(columns);
        assert_eq!(wrong(2, b"a\tb\n\t\n"), None);
        assert_eq!(wrong(1, b"a\n\n"), None);
        assert_eq!(wrong(0, b"\n\n"), None);
        let found = |number, columns| Some(WrongRow { number, columns });
        assert_eq!(wrong(0, b"\nx\n"), found(2, 1));
        assert_eq!(wrong(2, b"a\tb\nc\nd\n"), found(2, 1));
        assert_eq!(wrong(1, b"a\tb\n"), found(1, 2));
        let many = ["\t".repeat(1000), "\n".to_owned()].concat();
        assert_eq!(wrong(1, many.as_bytes()), found(1, 1001));
        assert!(counted(&[b"a"]).is_cut && !counted(&[b"a\n"]).is_cut);
    }

    proptest! {
        #[test]
        fn blocks_may_end_anywhere(
            text in "[a\t\n]{0,60}",
            cuts in prop::collection::vec(0usize..60, 0..5),
        ) {
            let text = text.as_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|at| at.min(text.len())).collect();
            cuts.extend([0, text.len()]);
            cuts.sort_unstable();
            let blocks: Vec<&[u8]> = cuts.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect();
            let (whole, pieces) = (counted(&[text]), counted(&blocks));
            prop_assert_eq!(whole, pieces);
            prop_assert_eq!(pieces.raw_bytes, text.len() as u64);
        }
    }
}
