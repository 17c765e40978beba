//! What is read of aggregates. See `kinds::aggregate`.

use bstr::BString;

use super::super::acl::Rights;
use super::super::letters::{AggregateKind, Modify, Parallel};
use super::super::object::Node;

/// An aggregate. Functions that it does not have are `-`.
#[derive(Debug)]
pub(crate) struct Aggregate {
    pub(crate) node: Node,
    pub(crate) owner: BString,
    pub(crate) rights: Rights,
    pub(crate) argument_types: Vec<u32>,
    pub(crate) transition: BString,
    pub(crate) last: Final,
    pub(crate) combine: BString,
    pub(crate) serialize: BString,
    pub(crate) deserialize: BString,
    /// The functions of a moving aggregate.
    pub(crate) moving: BString,
    pub(crate) moving_back: BString,
    pub(crate) moving_last: Final,
    pub(crate) sort_operator: u32,
    pub(crate) kind: AggregateKind,
    pub(crate) state: State,
    pub(crate) moving_state: State,
    pub(crate) parallel: Parallel,
    pub(crate) arguments: Option<BString>,
    pub(crate) identity: Option<BString>,
}

/// A final function.
#[derive(Debug)]
pub(crate) struct Final {
    pub(crate) function: BString,
    pub(crate) has_extra: bool,
    pub(crate) modify: Modify,
}

/// A state: its type, size and first value.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) type_sql: BString,
    pub(crate) bytes: i32,
    pub(crate) first: Option<BString>,
}
