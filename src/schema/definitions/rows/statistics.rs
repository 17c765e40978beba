//! What is read of statistics. See `kinds::statistics`.

use bstr::BString;

use super::super::object::Node;

/// An extended statistics object.
#[derive(Debug)]
pub(crate) struct Statistics {
    pub(crate) node: Node,
    pub(crate) owner: BString,
    pub(crate) target: Option<i32>,
    pub(crate) definition: Option<BString>,
}
