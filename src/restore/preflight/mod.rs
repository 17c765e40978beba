//! What would go wrong, found before the first statement: one list, not the first item of it.
//!
//! [`target`] asks the server, [`check`] compares its answers with the archive and the options, and is
//! pure. [`names`] finds the roles that entries speak of, [`journal`] what earlier restores left.

mod check;
mod journal;
mod names;
mod target;

pub(super) use check::check;
pub(super) use journal::check_journals;
pub(super) use target::{Target, maintenance_session};

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
    fn problem(text: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            severity: Severity::Problem,
            text: text.into(),
            hint: Some(hint.into()),
        }
    }

    fn notice(text: impl Into<String>) -> Self {
        Self {
            severity: Severity::Notice,
            text: text.into(),
            hint: None,
        }
    }
}
