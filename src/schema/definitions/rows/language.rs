//! What is read of languages. See `kinds::language`.

use bstr::BString;

use super::super::acl::Rights;
use super::super::object::Node;

/// A language.
#[derive(Debug)]
pub(crate) struct Language {
    pub(crate) node: Node,
    pub(crate) is_trusted: bool,
    /// OIDs of its functions, or zero.
    pub(crate) handler: u32,
    pub(crate) inline: u32,
    pub(crate) validator: u32,
    pub(crate) owner: BString,
    pub(crate) rights: Rights,
}
