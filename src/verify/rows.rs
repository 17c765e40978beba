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
pub(super) struct RowCounter {
    columns: u64,
    rows: u64,
    raw_bytes: u64,
    digest: RowDigest,
    partial: Option<Partial>,
    wrong: Option<WrongRow>,
}

/// A row of which some was seen.
#[derive(Default)]
struct Partial {
    hasher: RowHasher,
    tabs: u64,
    empty: bool,
}

impl RowCounter {
    /// A counter for rows of so many columns.
    pub(super) fn new(columns: u32) -> Self {
        Self {
            columns: u64::from(columns),
            rows: 0,
            raw_bytes: 0,
            digest: RowDigest::default(),
            partial: None,
            wrong: None,
        }
    }

    /// Takes the next block.
    pub(super) fn push(&mut self, block: &[u8]) {
        self.raw_bytes += block.len() as u64;
        let mut rest = block;
        while let Some(end) = rest.find_byte(b'\n') {
            let row = &rest[..end];
            match self.partial.take() {
                None => {
                    self.digest.add_row(row);
                    self.end_row(tabs(row), row.is_empty());
                }
                Some(mut partial) => {
                    partial.push(row);
                    self.digest.add_pieces(&partial.hasher);
                    self.end_row(partial.tabs, partial.empty);
                }
            }
            rest = &rest[end + 1..];
        }
        if !rest.is_empty() {
            self.partial.get_or_insert_with(Partial::new).push(rest);
        }
    }

    fn end_row(&mut self, tabs: u64, empty: bool) {
        self.rows += 1;
        // A row of one column may be empty too: an empty string is no NULL.
        let columns = match self.columns {
            0 if empty => 0,
            _ => tabs + 1,
        };
        if columns != self.columns {
            let number = self.rows;
            self.wrong.get_or_insert(WrongRow { number, columns });
        }
    }

    /// Rows that ended.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Bytes with newlines.
    pub(super) fn raw_bytes(&self) -> u64 {
        self.raw_bytes
    }

    /// The digest of the rows that ended.
    pub(super) fn digest(&self) -> RowDigest {
        self.digest
    }

    /// The first row with a wrong number of columns.
    pub(super) fn wrong(&self) -> Option<WrongRow> {
        self.wrong
    }

    /// Whether the last row has no newline.
    pub(super) fn is_cut(&self) -> bool {
        self.partial.is_some()
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

    fn counted(columns: u32, blocks: &[&[u8]]) -> RowCounter {
        let mut counter = RowCounter::new(columns);
        blocks.iter().for_each(|block| counter.push(block));
        counter
    }

    #[test]
    fn columns_are_tabs_and_one_more() {
        let wrong = |columns, text: &[u8]| counted(columns, &[text]).wrong();
        assert_eq!(wrong(2, b"a\tb\n\t\n"), None);
        assert_eq!(wrong(1, b"a\n\n"), None);
        assert_eq!(wrong(0, b"\n\n"), None);
        let found = |number, columns| Some(WrongRow { number, columns });
        assert_eq!(wrong(0, b"\nx\n"), found(2, 1));
        assert_eq!(wrong(2, b"a\tb\nc\nd\n"), found(2, 1));
        assert_eq!(wrong(1, b"a\tb\n"), found(1, 2));
        let many = ["\t".repeat(1000), "\n".to_owned()].concat();
        assert_eq!(wrong(1, many.as_bytes()), found(1, 1001));
        assert!(counted(1, &[b"a"]).is_cut() && !counted(1, &[b"a\n"]).is_cut());
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
            let (whole, pieces) = (counted(2, &[text]), counted(2, &blocks));
            prop_assert_eq!(whole.digest(), pieces.digest());
            prop_assert_eq!(whole.rows(), pieces.rows());
            prop_assert_eq!(whole.wrong(), pieces.wrong());
            prop_assert_eq!(whole.is_cut(), pieces.is_cut());
            prop_assert_eq!(pieces.raw_bytes(), text.len() as u64);
        }
    }
}
