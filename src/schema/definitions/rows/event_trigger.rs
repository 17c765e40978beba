//! What is read of event triggers. See `kinds::event_trigger`.

use bstr::BString;

use super::super::letters::Firing;
use super::super::object::Node;

/// An event trigger.
#[derive(Debug)]
pub(crate) struct EventTrigger {
    pub(crate) node: Node,
    pub(crate) owner: BString,
    pub(crate) event: BString,
    pub(crate) firing: Firing,
    pub(crate) function: BString,
    /// Literals apart by commas; empty for all.
    pub(crate) tags: BString,
}
