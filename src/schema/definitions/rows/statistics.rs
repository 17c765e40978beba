//! What is read of statistics. See `kinds::statistics`.

use bstr::BString;

use super::super::object::Node;

/// An extended statistics object.
#[derive(Debug)]
pub(crate) struct Statistics {
    pub(crate) node: Node,
    pub(crate) owner: BString,
    /// The place of their table; none where it is not read.
    pub(crate) table: Option<usize>,
    pub(crate) target: Option<i32>,
    pub(crate) definition: Option<BString>,
    /// What the planner knows by them.
    pub(crate) known: Vec<Known>,
}

/// What the planner knows by extended statistics: of a table alone, or with those that inherit from it.
#[derive(Debug)]
pub(crate) struct Known {
    /// Places in `kinds::statistics::ARGUMENTS`, and the values.
    pub(crate) values: Vec<(usize, BString)>,
}
