//! What is read of sequences. See `kinds::sequence`.

use bstr::BString;

/// What makes a sequence; its name and owner are a relation's.
#[derive(Debug)]
pub(crate) struct Sequence {
    pub(crate) type_sql: BString,
    pub(crate) start: i64,
    pub(crate) increment: i64,
    pub(crate) max: i64,
    pub(crate) min: i64,
    pub(crate) cache: i64,
    pub(crate) is_cycle: bool,
}
