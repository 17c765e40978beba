//! The target server: what it says about itself and its databases, and what our user may do there.
//!
//! Asks only; what follows from the answers is [`preflight`](super::preflight)'s business. [`facts`] is the
//! answers, [`server`] asks for them, [`session`] opens sessions on any database that lets us in.

pub(crate) mod facts;
pub(crate) mod firing;
pub(crate) mod limits;
pub(crate) mod locale;
pub(crate) mod rights;
pub(crate) mod server;
pub(crate) mod session;
pub(crate) mod visitors;
