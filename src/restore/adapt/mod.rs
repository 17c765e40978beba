//! adapt

pub(crate) mod damage;
pub(crate) mod leave_out;
pub(crate) mod older;
pub(crate) mod plain_user;
pub(crate) mod roles;
