//! What is read of constraints. See `kinds::constraint`.

use bstr::BString;

use super::super::letters::KeyKind;
use super::super::object::Node;

/// What has the constraint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum On {
    /// The place of a table.
    Table(usize),
    /// The place of a domain among the types.
    Domain(usize),
}

/// What a constraint demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Check,
    NotNull,
    ForeignKey,
    /// A key or an exclusion, with the place of its index.
    Key(KeyKind, usize),
}

/// A constraint.
#[derive(Debug)]
pub(crate) struct Constraint {
    pub(crate) node: Node,
    pub(crate) on: On,
    pub(crate) kind: Kind,
    /// As the server writes it; none of keys, which are put together.
    pub(crate) definition: BString,
    pub(crate) is_local: bool,
    /// Whether it is a statement of its own, after the data.
    pub(crate) is_separate: bool,
    pub(crate) is_deferrable: bool,
    pub(crate) is_deferred: bool,
    pub(crate) is_without_overlaps: bool,
}

impl Constraint {
    pub(crate) fn new(node: Node, on: On, kind: Kind, definition: BString) -> Self {
        Self {
            node,
            on,
            kind,
            definition,
            is_local: true,
            is_separate: true,
            is_deferrable: false,
            is_deferred: false,
            is_without_overlaps: false,
        }
    }
}
