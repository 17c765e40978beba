//! The archive's facts about one database's data, for the graph of dependencies.

use crate::toc::DumpId;
use std::collections::HashMap;

/// What the archive knows about one database's data.
#[derive(Debug, Clone, Default)]
pub(crate) struct DataFacts {
    /// Raw bytes of each TABLE DATA entry and each entry of large objects.
    pub(crate) raw_bytes: HashMap<DumpId, u64>,
    /// The chunks of each table whose rows must arrive in order.
    pub(crate) in_order: Vec<Vec<DumpId>>,
}
