//! What is read of casts. See `kinds::cast`.

use super::super::letters::{CastContext, CastMethod};
use super::super::object::Node;

/// A cast.
#[derive(Debug)]
pub(crate) struct Cast {
    pub(crate) node: Node,
    pub(crate) source: u32,
    pub(crate) target: u32,
    pub(crate) function: u32,
    pub(crate) context: CastContext,
    pub(crate) method: CastMethod,
}
