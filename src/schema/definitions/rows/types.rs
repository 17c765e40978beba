//! What is read of types. See `kinds::types`.

use bstr::BString;

use super::super::acl::Rights;
use super::super::letters::{Alignment, Storage, TypeKind};
use super::super::object::Node;

/// A type.
#[derive(Debug)]
pub(crate) struct Type {
    pub(crate) node: Node,
    pub(crate) owner: BString,
    pub(crate) rights: Rights,
    pub(crate) element_oid: u32,
    /// The relation that it is the row of, or zero.
    pub(crate) relation_oid: u32,
    pub(crate) kind: TypeKind,
    pub(crate) is_defined: bool,
    /// Its name as SQL.
    pub(crate) sql: BString,
    /// The name of the type before it has functions, which breaks their loop.
    pub(crate) shell: Option<Node>,
    pub(crate) form: Form,
    /// The places of a domain's constraints, by name.
    pub(crate) constraints: Vec<usize>,
}

/// The details of one form.
#[derive(Debug)]
pub(crate) enum Form {
    /// Not read: nobody wants the type, or it is one of another kind.
    None,
    Base(Box<Base>),
    Domain(Domain),
    Range(Range),
    Enum(Vec<BString>),
    Composite(Vec<Attribute>),
}

/// A base type.
#[derive(Debug)]
pub(crate) struct Base {
    pub(crate) length: i32,
    /// Clause and function; `-` for none.
    pub(crate) functions: [(&'static str, BString); 7],
    pub(crate) subscript: BString,
    pub(crate) category: BString,
    pub(crate) is_preferred: bool,
    pub(crate) delimiter: BString,
    pub(crate) is_by_value: bool,
    pub(crate) alignment: Alignment,
    pub(crate) storage: Storage,
    pub(crate) is_collatable: bool,
    /// An expression.
    pub(crate) default_expression: Option<BString>,
    /// A text.
    pub(crate) default_text: Option<BString>,
}

/// A domain.
#[derive(Debug)]
pub(crate) struct Domain {
    pub(crate) is_not_null: bool,
    pub(crate) base_sql: BString,
    pub(crate) default_expression: Option<BString>,
    pub(crate) default_text: Option<BString>,
    pub(crate) collation: u32,
}

/// A range.
#[derive(Debug)]
pub(crate) struct Range {
    pub(crate) multirange: Option<BString>,
    pub(crate) subtype: BString,
    pub(crate) class: BString,
    pub(crate) class_schema: BString,
    pub(crate) is_default_class: bool,
    pub(crate) collation: u32,
    pub(crate) canonical: BString,
    pub(crate) difference: BString,
}

/// An attribute of a composite type.
#[derive(Debug)]
pub(crate) struct Attribute {
    pub(crate) number: i32,
    pub(crate) name: BString,
    pub(crate) type_sql: BString,
    pub(crate) is_dropped: bool,
    pub(crate) collation: u32,
}
