//! What is read of namespaces. See `kinds::namespace`.

use bstr::BString;

use super::super::acl::Rights;
use super::super::object::{Node, Parts};

/// A schema.
#[derive(Debug)]
pub(crate) struct Namespace {
    pub(crate) node: Node,
    pub(crate) oid: u32,
    /// What is wanted of the objects in it.
    pub(crate) contains: Parts,
    /// Whether it is there before a restore, as `public` is.
    pub(crate) is_created: bool,
    pub(crate) owner: BString,
    pub(crate) rights: Rights,
}
