//! The data of an entry: the facts known beforehand. Its content is [`super::data_reader`]'s.

use bytes::Bytes;

use crate::digest::RowDigest;
use crate::toc::DumpId;

/// What an entry's data consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// COPY text, for the entry's COPY statement.
    Rows,
    /// Statements of ours about large objects: whatever ends a line with a semicolon ends one of them.
    Sql,
    /// Statements of any sort: a semicolon ends one of them where it is in no literal, name or comment.
    Statements,
    /// The same, written with `standard_conforming_strings = off`: a backslash in a literal is an escape.
    EscapedStatements,
    /// Large objects that exist, each with its OID.
    LargeObjects,
}

/// The data of one entry, or of one chunk of a table. What the archive's format does not say is absent.
#[derive(Debug, Clone)]
pub struct Data {
    /// Its entry.
    pub dump_id: DumpId,
    /// The form that the data has.
    pub content: Content,
    /// Rows; zero where there are none in it.
    pub rows: Option<u64>,
    /// Bytes of COPY text or SQL, without an end marker.
    pub raw_bytes: Option<u64>,
    /// Bytes that it takes in the archive.
    pub stored_bytes: Option<u64>,
    /// The digest of its rows.
    pub digest: Option<RowDigest>,
    /// Its place among its table's chunks, from 1.
    pub chunk_number: usize,
    /// How many chunks the table has.
    pub chunk_count: usize,
    /// Where it is.
    pub(super) location: DataLocation,
}

/// Where data is.
#[derive(Debug, Clone)]
pub(super) enum DataLocation {
    /// In the member of this name.
    Member(String),
    /// With the entry at this position of the table of contents.
    Entry(usize),
}

impl Data {
    /// How much work it is beside other data of the same archive: raw bytes where they are known.
    pub fn weight(&self) -> u64 {
        self.raw_bytes.or(self.stored_bytes).unwrap_or(0)
    }
}

/// Data that was fetched before it is read.
#[derive(Debug)]
pub enum Fetched {
    /// All of it as it is stored, compared with its hash.
    Whole(Bytes),
    /// Nothing: it is read from the archive piece by piece.
    Piecewise,
}

/// Some content in the order of the data. It may end inside a row or a statement.
#[derive(Debug, Clone, Copy)]
pub struct Block<'a> {
    /// The bytes.
    pub content: &'a [u8],
    /// How much of [`Data::weight`] they stand for.
    pub weight: u64,
}
