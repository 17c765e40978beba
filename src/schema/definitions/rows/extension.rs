//! What is read of extensions. See `kinds::extension`.

use bstr::BString;

use super::super::object::{Node, Parts};

/// An extension.
#[derive(Debug)]
pub(crate) struct Extension {
    pub(crate) node: Node,
    /// What is wanted of its members.
    pub(crate) contains: Parts,
    pub(crate) schema: BString,
    /// The OIDs of its configuration tables, whose rows are users'.
    pub(crate) config_oids: Vec<u32>,
}
