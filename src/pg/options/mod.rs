//! The meaning of libpq's connection options, by their own names and defaults (documentation, 34.1.2).
//!
//! Where they come from is [`resolve`](super::resolve)'s.

pub(crate) mod host;
pub(crate) mod passfile;
pub(crate) mod password;
pub(crate) mod require_auth;
pub(crate) mod secret;
pub(crate) mod settings;
pub(crate) mod text;
