//! What is read of functions. See `kinds::function`.

use bstr::BString;

use super::super::acl::Rights;
use super::super::letters::{Parallel, ProcedureKind, Volatility};
use super::super::object::Node;

/// A function or procedure.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) node: Node,
    pub(crate) owner: BString,
    pub(crate) rights: Rights,
    pub(crate) argument_types: Vec<u32>,
    pub(crate) result_type: u32,
    pub(crate) is_set: bool,
    pub(crate) source: BString,
    pub(crate) library: Option<BString>,
    pub(crate) volatility: Volatility,
    pub(crate) is_strict: bool,
    pub(crate) is_security_definer: bool,
    pub(crate) language: BString,
    pub(crate) settings: Vec<BString>,
    pub(crate) cost: BString,
    pub(crate) rows: BString,
    /// As in CREATE; null if the function was dropped meanwhile.
    pub(crate) arguments: Option<BString>,
    /// As in DROP.
    pub(crate) identity: Option<BString>,
    /// None of a procedure.
    pub(crate) result: Option<BString>,
    pub(crate) is_leakproof: bool,
    pub(crate) transform_types: Vec<u32>,
    pub(crate) parallel: Parallel,
    pub(crate) kind: ProcedureKind,
    /// `-` for none.
    pub(crate) support: BString,
    /// A body of SQL, with its word.
    pub(crate) body: Option<BString>,
    /// Whether it must wait until after the data.
    pub(crate) is_postponed: bool,
}
