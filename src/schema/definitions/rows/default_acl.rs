//! What is read of default acls. See `kinds::default_acl`.

use bstr::BString;

use super::super::acl::Rights;
use super::super::letters::DefaultPrivileges;
use super::super::object::Node;

/// The rights that a role's new objects of one kind get.
#[derive(Debug)]
pub(crate) struct DefaultAcl {
    pub(crate) node: Node,
    pub(crate) role: BString,
    pub(crate) kind: DefaultPrivileges,
    pub(crate) rights: Rights,
}
