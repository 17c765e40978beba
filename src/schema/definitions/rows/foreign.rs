//! What is read of foreigns. See `kinds::foreign`.

use bstr::BString;

use super::super::acl::Rights;
use super::super::object::Node;

/// A foreign-data wrapper. Functions that it does not have are `-`.
#[derive(Debug)]
pub(crate) struct Wrapper {
    pub(crate) node: Node,
    pub(crate) owner: BString,
    pub(crate) rights: Rights,
    pub(crate) handler: BString,
    pub(crate) validator: BString,
    pub(crate) connection: BString,
    /// As SQL.
    pub(crate) options: BString,
}

/// A server.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) node: Node,
    pub(crate) owner: BString,
    pub(crate) rights: Rights,
    pub(crate) wrapper: BString,
    pub(crate) kind: Option<BString>,
    pub(crate) version: Option<BString>,
    /// As SQL.
    pub(crate) options: BString,
    pub(crate) mappings: Vec<Mapping>,
}

/// Who a user is on a server.
#[derive(Debug)]
pub(crate) struct Mapping {
    pub(crate) user: BString,
    /// As SQL.
    pub(crate) options: BString,
}
