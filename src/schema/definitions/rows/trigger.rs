//! What is read of triggers. See `kinds::trigger`.

use bstr::BString;

use super::super::letters::Firing;
use super::super::object::Node;

/// A trigger.
#[derive(Debug)]
pub(crate) struct Trigger {
    pub(crate) node: Node,
    pub(crate) table: usize,
    pub(crate) definition: BString,
    pub(crate) firing: Firing,
    /// Whether a parent's trigger brought it along, so that only its being enabled is its own.
    pub(crate) is_of_parent: bool,
}
