//! What is read of operator_class. See `kinds::operator_class`.

use bstr::BString;

use super::super::object::Node;

/// A class.
#[derive(Debug)]
pub(crate) struct OperatorClass {
    pub(crate) node: Node,
    pub(crate) owner: BString,
    pub(crate) method: BString,
    pub(crate) type_sql: BString,
    /// `-` for the type itself.
    pub(crate) key_type: BString,
    pub(crate) is_default: bool,
    /// Schema and name.
    pub(crate) family: Option<(BString, BString)>,
    pub(crate) members: Vec<BString>,
}

/// A family, with the members that belong to none of its classes.
#[derive(Debug)]
pub(crate) struct Family {
    pub(crate) node: Node,
    pub(crate) owner: BString,
    pub(crate) method: BString,
    pub(crate) members: Vec<BString>,
}
