//! What would go wrong, found before the first statement: one list, not the first item of it.
//!
//! [`target`] asks the server, and [`rights`] what a user that is no superuser may do there; [`check`],
//! [`forbidden`] and [`unavailable`] compare the answers with the archive and the options, and [`journal`] judges
//! what earlier restores left; all four are pure.

mod check;
pub(super) mod forbidden;
mod journal;
mod locale;
mod rights;
mod target;
pub(super) mod unavailable;
mod visitors;

pub(super) use check::check;
pub(super) use journal::check_journals;
pub(super) use target::{Target, any_session, maintenance_session};

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whether it stops the restore.
    pub severity: Severity,
    /// What, without a full stop.
    pub text: String,
    /// What the user can do about it, as a sentence.
    pub hint: Option<String>,
}

/// Whether a finding stops the restore.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// It does.
    Problem,
    /// It does not, but the user should know.
    Notice,
}

impl Finding {
    pub(super) fn problem(text: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            severity: Severity::Problem,
            text: text.into(),
            hint: Some(hint.into()),
        }
    }

    pub(super) fn notice(text: impl Into<String>) -> Self {
        Self {
            severity: Severity::Notice,
            text: text.into(),
            hint: None,
        }
    }
}
