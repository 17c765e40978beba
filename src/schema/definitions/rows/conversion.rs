//! What is read of conversions. See `kinds::conversion`.

use bstr::BString;

use super::super::object::Node;

/// A conversion.
#[derive(Debug)]
pub(crate) struct Conversion {
    pub(crate) node: Node,
    pub(crate) owner: BString,
    pub(crate) from: BString,
    pub(crate) to: BString,
    pub(crate) function: BString,
    pub(crate) is_default: bool,
}
