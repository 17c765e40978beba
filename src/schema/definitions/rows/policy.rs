//! What is read of policys. See `kinds::policy`.

use bstr::BString;

use super::super::letters::PolicyCommand;
use super::super::object::Node;

/// A policy, or that its table has row security.
#[derive(Debug)]
pub(crate) struct Policy {
    pub(crate) node: Node,
    pub(crate) table: usize,
    /// None where it only says that the table has row security.
    pub(crate) rule: Option<Rule>,
}

#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) command: PolicyCommand,
    pub(crate) is_permissive: bool,
    /// As SQL; none for everybody.
    pub(crate) roles: Option<BString>,
    pub(crate) using: Option<BString>,
    pub(crate) check: Option<BString>,
}
