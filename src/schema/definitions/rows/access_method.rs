//! What is read of access methods. See `kinds::access_method`.

use bstr::BString;

use super::super::letters::AccessMethodKind;
use super::super::object::Node;

/// An access method.
#[derive(Debug)]
pub(crate) struct AccessMethod {
    pub(crate) node: Node,
    pub(crate) kind: AccessMethodKind,
    pub(crate) handler: BString,
}
