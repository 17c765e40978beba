//! What is read of rules. See `kinds::rule`.

use bstr::BString;

use super::super::letters::Firing;
use super::super::object::Node;

/// A rule.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) node: Node,
    pub(crate) table: usize,
    /// Whether it is what a view does.
    pub(crate) is_view: bool,
    pub(crate) firing: Firing,
    pub(crate) definition: Option<BString>,
    /// Whether it is a statement of its own.
    pub(crate) is_separate: bool,
}
