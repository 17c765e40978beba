//! A table of contents by dump id. Tables of contents may be large and refer to themselves often.

use std::collections::HashMap;

use crate::toc::{DumpId, Toc};

/// A table of contents and where its entries are.
#[derive(Debug, Clone)]
pub(crate) struct Lookup<'a> {
    pub(crate) toc: &'a Toc,
    positions: HashMap<DumpId, usize>,
}

impl<'a> Lookup<'a> {
    pub(crate) fn new(toc: &'a Toc) -> Self {
        let entries = toc.entries.iter().enumerate();
        Self {
            toc,
            positions: entries
                .map(|(position, entry)| (entry.dump_id, position))
                .collect(),
        }
    }

    /// Where the entry with this dump id is; none where the archive does not hold it.
    pub(crate) fn position(&self, id: DumpId) -> Option<usize> {
        self.positions.get(&id).copied()
    }
}
