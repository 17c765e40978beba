//! The protocol on a connection: bytes, messages, rows (documentation, chapter 55).
//!
//! [`stream`] reads and writes, [`frontend`] and [`backend`] are the messages, [`query`] is one statement.

pub(crate) mod backend;
pub(crate) mod frontend;
pub(crate) mod packed;
pub(crate) mod query;
pub(crate) mod row;
pub(crate) mod socket;
pub(crate) mod stream;
pub(crate) mod transaction;
pub(crate) mod value;
pub(crate) mod version;
