//! What would go wrong, found before the first statement: one list, not the first item of it.
//!
//! [`target`] asks the server, and [`rights`] what a user that is no superuser may do there; [`check`],
//! [`forbidden`] and [`unavailable`] compare the answers with the archive and the options, and [`journal`]
//! judges what earlier restores left; all four are pure.

mod check;
pub(crate) mod forbidden;
mod journal;
pub(crate) mod unavailable;

pub(crate) use check::check;
pub(crate) use journal::check_journals;
