//! What is read of operators. See `kinds::operator`.

use bstr::BString;

use super::super::letters::OperatorKind;
use super::super::object::Node;

/// An operator.
#[derive(Debug)]
pub(crate) struct Operator {
    pub(crate) node: Node,
    pub(crate) owner: BString,
    pub(crate) kind: OperatorKind,
    pub(crate) left_oid: u32,
    pub(crate) right_oid: u32,
    /// Whether it is more than a name that another operator mentioned.
    pub(crate) has_function: bool,
    pub(crate) details: Option<Details>,
}

#[derive(Debug)]
pub(crate) struct Details {
    pub(crate) function: BString,
    pub(crate) left: BString,
    pub(crate) right: BString,
    pub(crate) commutator: u32,
    pub(crate) negator: u32,
    pub(crate) restrict: BString,
    pub(crate) join: BString,
    pub(crate) is_merging: bool,
    pub(crate) is_hashing: bool,
}
