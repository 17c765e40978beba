//! Hashes: SHA-256 over stored bytes, and the order-independent digest over a table's rows.
//!
//! Not here: the choice of bytes to hash (`archive`). The row digest is defined in `src/archive/FORMAT.md`; a
//! table read back from a server can be compared with it.

use std::fmt;
use std::str::FromStr;

use bstr::ByteSlice as _;
use sha2::Digest as _;
use xxhash_rust::xxh3::{Xxh3Default, xxh3_128};

/// A SHA-256, printed and parsed as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sha256([u8; 32]);

impl Sha256 {
    /// Hashes `bytes` in one go.
    pub fn of(bytes: &[u8]) -> Self {
        Self(sha2::Sha256::digest(bytes).into())
    }

    /// The 32 raw bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is not a digest of the expected length in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is not {digits} hexadecimal digits")]
pub struct ParseError {
    text: String,
    digits: usize,
}

fn hex_bytes<const N: usize>(text: &str) -> Result<[u8; N], ParseError> {
    let error = || ParseError {
        text: text.chars().take(80).collect(),
        digits: N * 2,
    };
    if text.len() != N * 2 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(error());
    }
    let mut out = [0; N];
    for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let pair = std::str::from_utf8(pair).map_err(|_| error())?;
        *byte = u8::from_str_radix(pair, 16).map_err(|_| error())?;
    }
    Ok(out)
}

impl FromStr for Sha256 {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        hex_bytes(text).map(Self)
    }
}

/// SHA-256 over bytes that arrive in pieces.
#[derive(Clone, Default)]
pub struct Sha256Hasher(sha2::Sha256);

impl Sha256Hasher {
    /// A hasher that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next piece.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all pieces.
    pub fn finish(self) -> Sha256 {
        Sha256(self.0.finalize().into())
    }
}

/// The digest of a set of rows: the sum modulo 2^128 of XXH3-128 over each row's COPY text without
/// its newline. The sum does not depend on order, so chunks add up to tables.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct RowDigest(u128);

impl RowDigest {
    /// Adds one row, given without its newline.
    pub fn add_row(&mut self, row: &[u8]) {
        self.0 = self.0.wrapping_add(xxh3_128(row));
    }

    /// Adds the rows of another digest.
    pub fn merge(&mut self, other: Self) {
        self.0 = self.0.wrapping_add(other.0);
    }
}

/// Counts and digests the rows of COPY text that arrives in blocks, which may end within a row.
#[derive(Clone, Default)]
pub struct TextRows {
    rows: u64,
    digest: RowDigest,
    open: Option<RowHasher>,
}

impl TextRows {
    /// Adds a block.
    pub fn push(&mut self, block: &[u8]) {
        let mut rest = block;
        while let Some(end) = rest.find_byte(b'\n') {
            match self.open.take() {
                Some(mut row) => {
                    row.update(&rest[..end]);
                    self.digest.add_pieces(&row);
                }
                None => self.digest.add_row(&rest[..end]),
            }
            self.rows += 1;
            rest = &rest[end + 1..];
        }
        if !rest.is_empty() {
            self.open.get_or_insert_default().update(rest);
        }
    }

    /// Rows that have ended.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Their digest.
    pub fn digest(&self) -> RowDigest {
        self.digest
    }
}

/// One row that arrives in pieces, for [`RowDigest::add_pieces`].
#[derive(Clone, Default)]
pub struct RowHasher(Xxh3Default);

impl RowHasher {
    /// Adds the row's next piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }
}

impl RowDigest {
    /// Adds one row that came in pieces: the same as [`add_row`](Self::add_row) over all of them.
    pub fn add_pieces(&mut self, row: &RowHasher) {
        self.0 = self.0.wrapping_add(row.0.digest128());
    }
}

impl fmt::Display for RowDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for RowDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for RowDigest {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        hex_bytes(text).map(|bytes| Self(u128::from_be_bytes(bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sha256_in_pieces_equals_sha256_in_one_go_and_the_published_vector() {
        let mut hasher = Sha256Hasher::new();
        hasher.update(b"a");
        hasher.update(b"bc");
        // FIPS 180-2, appendix B.1
        let vector = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hasher.finish().to_string(), vector);
        assert_eq!(vector.parse(), Ok(Sha256::of(b"abc")));
    }

    #[test]
    fn row_digest_ignores_order_but_not_repetition() {
        let sum = |rows: &[&[u8]]| {
            let mut digest = RowDigest::default();
            rows.iter().for_each(|row| digest.add_row(row));
            digest
        };
        assert_eq!(sum(&[b"1\ta", b"2\tb"]), sum(&[b"2\tb", b"1\ta"]));
        assert_ne!(sum(&[b"1\ta"]), sum(&[b"1\ta", b"1\ta"]));
        let digest = sum(&[b"x"]);
        assert_eq!(digest.to_string().parse(), Ok(digest));
    }

    #[test]
    fn blocks_may_end_anywhere() {
        let text = b"a\tb\n\nccc\n";
        let mut whole = RowDigest::default();
        [&b"a\tb"[..], b"", b"ccc"]
            .into_iter()
            .for_each(|row| whole.add_row(row));
        for size in 1..=text.len() {
            let mut rows = TextRows::default();
            text.chunks(size).for_each(|block| rows.push(block));
            assert_eq!((rows.rows(), rows.digest()), (3, whole), "{size}");
        }
    }

    #[test]
    fn a_row_in_pieces_is_the_row() {
        for length in [0, 1, 16, 17, 128, 129, 240, 241, 1000, 5000] {
            let row: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
            let mut whole = RowDigest::default();
            whole.add_row(&row);
            for piece_bytes in [1, 7, 64, 300, 4999] {
                let mut hasher = RowHasher::default();
                row.chunks(piece_bytes)
                    .for_each(|piece| hasher.update(piece));
                let mut pieces = RowDigest::default();
                pieces.add_pieces(&hasher);
                assert_eq!(pieces, whole, "{length} {piece_bytes}");
            }
        }
    }

    #[test]
    fn what_is_not_a_digest_is_refused() {
        for text in ["", "zz", "+a", &"é".repeat(32), &"0".repeat(63)] {
            assert!(text.parse::<Sha256>().is_err(), "{text:?}");
        }
    }
}
