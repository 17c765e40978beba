//! What is read of transforms. See `kinds::transform`.

use bstr::BString;

use super::super::object::Node;

/// A transform.
#[derive(Debug)]
pub(crate) struct Transform {
    pub(crate) node: Node,
    pub(crate) type_oid: u32,
    pub(crate) language: BString,
    /// OIDs of functions, or zero.
    pub(crate) from_sql: u32,
    pub(crate) to_sql: u32,
}
