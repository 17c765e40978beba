//! All obstacles to the restore, found before its first statement: the whole list, not the first item.
//!
//! [`target`](super::target) asks the server; its `rights` asks for the rights of a user who is no superuser.
//! [`check`], [`forbidden`] and [`unavailable`] compare the answers with the archive and the options.
//! [`journal`] judges the journals of earlier restores. These four are pure.

mod check;
pub(crate) mod forbidden;
mod journal;
pub(crate) mod unavailable;

pub(crate) use check::check;
pub(crate) use journal::check_journals;
