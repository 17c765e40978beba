//! Reaching a server and getting in: addresses, TLS, the startup packet, passwords, poolers.
//!
//! [`attempt`] tries the hosts in turn, [`startup`] opens one connection, [`tls`] secures it, [`auth`] gets
//! us in, [`opening`] is what every session is told first, [`pooler`] finds out who is between us and the
//! server. What the options mean is [`options`](super::options)'s.

pub(crate) mod attempt;
pub(crate) mod auth;
pub(crate) mod cancel;
pub(crate) mod config;
pub(crate) mod opening;
mod password_command;
pub(crate) mod pooler;
pub(crate) mod startup;
pub(crate) mod target;
pub(crate) mod tls;
