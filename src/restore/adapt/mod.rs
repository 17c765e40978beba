//! The archive's contents made to fit the target: renamed roles, older servers, plain users, damaged data.
//!
//! Changes contents and tells the losses. It does not judge: [`preflight`](super::preflight) finds what the
//! target lacks and what the user may not do, and [`leave_out`] takes it away.

pub(crate) mod damage;
pub(crate) mod leave_out;
pub(crate) mod older;
pub(crate) mod plain_user;
pub(crate) mod roles;
