//! What the writer has written, as the manifest needs it.

use crate::archive::manifest::Chunk;

/// Where a chunk belongs. The order is the order of rows in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ChunkKey {
    pub database: usize,
    /// Index of the table; none for large objects.
    pub table: Option<usize>,
    pub part: u32,
    pub sequence: u32,
}

/// The members written of one database.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub chunks: Vec<(ChunkKey, Chunk)>,
    pub large_object_bytes: u64,
}
