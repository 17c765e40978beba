//! The target server: its facts about itself and its databases, and our user's rights there.
//!
//! Asks only; [`preflight`](super::preflight) judges the answers. [`facts`] is the answers, [`server`] asks
//! for them, [`session`] opens sessions on a maintenance database.

pub(crate) mod facts;
pub(crate) mod firing;
pub(crate) mod limits;
pub(crate) mod locale;
pub(crate) mod rights;
pub(crate) mod server;
pub(crate) mod session;
pub(crate) mod visitors;
