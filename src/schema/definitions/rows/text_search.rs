//! What is read of text searchs. See `kinds::text_search`.

use bstr::BString;

use super::super::object::Node;

/// A parser.
#[derive(Debug)]
pub(crate) struct Parser {
    pub(crate) node: Node,
    pub(crate) start: BString,
    pub(crate) token: BString,
    pub(crate) end: BString,
    /// `-` for none.
    pub(crate) headline: BString,
    pub(crate) types: BString,
}

/// A template.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) node: Node,
    /// `-` for none.
    pub(crate) init: BString,
    pub(crate) lexize: BString,
}

/// A dictionary.
#[derive(Debug)]
pub(crate) struct Dictionary {
    pub(crate) node: Node,
    pub(crate) owner: BString,
    /// As SQL.
    pub(crate) template: BString,
    /// As SQL.
    pub(crate) options: Option<BString>,
}

/// A configuration.
#[derive(Debug)]
pub(crate) struct Configuration {
    pub(crate) node: Node,
    pub(crate) owner: BString,
    /// As SQL.
    pub(crate) parser: BString,
    /// Token types, and dictionaries as SQL, in their order.
    pub(crate) mappings: Vec<(BString, BString)>,
}
