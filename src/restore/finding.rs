//! One thing that was found before a restore, for its user to read.

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whether it stops the restore.
    pub severity: Severity,
    /// The finding, without a full stop.
    pub text: String,
    /// What the user can do about it, as a sentence.
    pub hint: Option<String>,
}

/// Whether a finding stops the restore.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The finding stops the restore.
    Problem,
    /// The restore goes on; the user should know.
    Notice,
}

impl Finding {
    pub(crate) fn problem(text: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            severity: Severity::Problem,
            text: text.into(),
            hint: Some(hint.into()),
        }
    }

    pub(crate) fn notice(text: impl Into<String>) -> Self {
        Self {
            severity: Severity::Notice,
            text: text.into(),
            hint: None,
        }
    }
}
