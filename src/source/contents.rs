//! One database's part of an archive: its table of contents, and the facts about its data.

use std::collections::HashMap;

use super::data::Data;
use crate::toc::{DumpId, Toc};

/// One database's part of an archive.
#[derive(Debug, Clone, Default)]
pub struct Contents {
    /// Its table of contents.
    pub toc: Toc,
    /// The data of every entry that has some.
    pub data: HashMap<DumpId, Data>,
    /// The entries of each table whose rows must arrive in order, in that order.
    pub in_order: Vec<Vec<DumpId>>,
}
