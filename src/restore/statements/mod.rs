//! The SQL for one entry and for a session, rendered for the server it goes to.
//!
//! Pure. The rules are those of `_printTocEntry` and `_getObjectDescription` in PostgreSQL's
//! `pg_backup_archiver.c`. [`creation`] has an entry's statements, [`parts`] cuts them into the texts that
//! are sent at once, [`drops`] drops objects, [`owner`] gives them owners. [`settings`] has the statements
//! that sessions begin with. [`rename`], [`sql_data`], [`standard_strings`] and [`tablespace`] read and
//! change SQL that pg_dump wrote. `select` chooses the entries, `graph` their order.

mod creation;
mod drops;
pub(crate) mod foreign_keys;
mod owner;
pub(crate) mod parts;
pub(crate) mod rename;
mod settings;
pub(crate) mod sql_data;
pub(crate) mod standard_strings;
mod tablespace;
mod text;

pub(crate) use creation::{creation, creation_by_owner};
pub(crate) use drops::{IfExists, drop};
pub(crate) use owner::{Owners, SESSION_USER_AGAIN, by_owner, owner_to_become, session_user};
pub(crate) use settings::{Defaults, Triggers, lock_timeout, prelude, script_prelude};
pub(crate) use tablespace::tablespace_folder;
pub(crate) use text::{first_line, joined, text_array};

#[cfg(test)]
mod tests;
