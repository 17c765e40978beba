//! What is read of indexes. See `kinds::index`.

use bstr::BString;

use super::super::object::Node;

/// An index.
#[derive(Debug)]
pub(crate) struct Index {
    pub(crate) node: Node,
    pub(crate) table: usize,
    /// The statement that makes it; empty where a constraint does.
    pub(crate) definition: BString,
    /// Numbers of the table's columns, zero for an expression.
    pub(crate) key: Vec<i32>,
    pub(crate) key_count: usize,
    pub(crate) is_clustered: bool,
    pub(crate) is_replica_identity: bool,
    /// The partitioned index that it belongs to, or zero.
    pub(crate) parent_oid: u32,
    /// The constraint that it serves.
    pub(crate) constraint: Option<Node>,
    pub(crate) tablespace: BString,
    pub(crate) options: Vec<BString>,
    /// Column numbers and statistics targets.
    pub(crate) targets: Vec<(i32, i32)>,
    pub(crate) is_nulls_not_distinct: bool,
    /// The places of the attachments to it.
    pub(crate) attaches: Vec<usize>,
}

/// That an index belongs to a partitioned one.
#[derive(Debug)]
pub(crate) struct IndexAttach {
    pub(crate) node: Node,
    pub(crate) parent: usize,
    pub(crate) partition: usize,
}
