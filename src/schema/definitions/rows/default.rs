//! What is read of defaults. See `kinds::default`.

use bstr::BString;

use super::super::object::Node;

/// A default.
#[derive(Debug)]
pub(crate) struct Default {
    pub(crate) node: Node,
    /// The table's place, and the column's in it.
    pub(crate) table: usize,
    pub(crate) column: usize,
    pub(crate) expression: BString,
    /// Whether it is a statement of its own.
    pub(crate) is_separate: bool,
}
