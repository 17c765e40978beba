//! What is read of subscriptions. See `kinds::subscription`.

use bstr::BString;

use super::super::letters::{Streaming, TwoPhase};
use super::super::object::Node;

/// A subscription.
#[derive(Debug)]
pub(crate) struct Subscription {
    pub(crate) node: Node,
    pub(crate) owner: BString,
    pub(crate) connection: Option<BString>,
    pub(crate) slot: Option<BString>,
    pub(crate) synchronous_commit: BString,
    pub(crate) publications: Vec<BString>,
    pub(crate) is_binary: bool,
    pub(crate) streaming: Streaming,
    pub(crate) two_phase: TwoPhase,
    pub(crate) is_disabled_on_error: bool,
    pub(crate) needs_password: bool,
    pub(crate) runs_as_owner: bool,
    pub(crate) origin: BString,
    pub(crate) is_failover: bool,
    pub(crate) server: Option<BString>,
    pub(crate) retains_dead_tuples: bool,
    pub(crate) max_retention_ms: i32,
    /// `-1` for the server's own.
    pub(crate) receiver_timeout: Option<BString>,
}
