//! What is read of collations. See `kinds::collation`.

use bstr::BString;

use super::super::letters::CollationProvider;
use super::super::object::Node;

/// A collation.
#[derive(Debug)]
pub(crate) struct Collation {
    pub(crate) node: Node,
    pub(crate) owner: BString,
    pub(crate) encoding: i32,
    pub(crate) provider: CollationProvider,
    pub(crate) is_deterministic: bool,
    pub(crate) collate: Option<BString>,
    pub(crate) ctype: Option<BString>,
    pub(crate) locale: Option<BString>,
    pub(crate) rules: Option<BString>,
}
