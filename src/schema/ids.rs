//! Dump ids of the entries that come to those of pg_dump.

use crate::toc::{DumpId, Toc};

/// Hands out dump ids that are not in use yet.
#[derive(Debug)]
pub struct DumpIds(i32);

impl DumpIds {
    /// Ids after those of `toc`.
    pub fn after(toc: &Toc) -> Self {
        Self(toc.max_dump_id().0)
    }

    /// Ids after `last`.
    pub(super) fn from_last(last: i32) -> Self {
        Self(last)
    }

    /// The next id.
    pub fn next_id(&mut self) -> DumpId {
        self.0 += 1;
        DumpId(self.0)
    }
}

/// Which data entries there are: dump ids of a table's chunks, in table order, and of the large objects'.
#[derive(Debug, Clone, Default)]
pub struct DataIds {
    /// As many lists as [`Contents::tables`](super::contents::Contents::tables), each in the order in which
    /// its chunks must be loaded.
    pub tables: Vec<Vec<DumpId>>,
    /// The large-object data entries.
    pub large_objects: Vec<DumpId>,
}
