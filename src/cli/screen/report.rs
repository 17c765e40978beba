//! How the program ends: exit statuses, and the only printer of errors.
//!
//! An error is printed as `pgark: error: ..`, then its causes line by line, then `hint: ..`.

use std::error::Error;
use std::fmt::Write as _;
use std::process::ExitCode;

use super::colour::{self, Label};
use super::text::printable;
use crate::storage::{self, redacted};

/// The exit statuses. They are part of the command line's contract: README.md and every
/// subcommand's `--help` list them, and a new meaning needs a new number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// All done.
    Done = 0,
    /// Failed, or finished with errors that were reported.
    Failed = 1,
    /// The command line is wrong; nothing was done.
    Usage = 2,
    /// The archive is damaged.
    Damaged = 3,
    /// The archive could not be verified: it could not be read, or carries no checksums.
    Unverified = 4,
    /// Stopped by a signal: 128 + SIGINT, as shells have it.
    Interrupted = 130,
}

impl Exit {
    /// The number the process ends with.
    pub(crate) fn status(self) -> u8 {
        self as u8
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.status())
    }
}

/// What the errors of all operations can be asked.
pub(crate) trait OperationError: Error {
    /// The status to end with.
    fn exit(&self) -> Exit;
    /// What the user can do about it, a sentence.
    fn hint(&self) -> Option<String>;
}

impl OperationError for storage::Error {
    fn exit(&self) -> Exit {
        Exit::Failed
    }

    fn hint(&self) -> Option<String> {
        self.hint()
    }
}

/// Why the program ends without having done what it was asked for, in words for the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The status to end with.
    pub exit: Exit,
    /// The fault: lower case, no full stop.
    pub message: String,
    /// Why, outermost cause first.
    pub causes: Vec<String>,
    /// The advice, a sentence.
    pub hint: Option<String>,
}

impl Failure {
    /// A failure without causes.
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            causes: Vec::new(),
            hint: None,
        }
    }

    /// The command line is wrong.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// An error with the chain of its sources.
    pub(crate) fn of(exit: Exit, error: &dyn Error) -> Self {
        let mut failure = Self::new(exit, error.to_string());
        let mut source = error.source();
        while let Some(cause) = source {
            failure.push_cause(cause.to_string());
            source = cause.source();
        }
        failure
    }

    /// An operation's error, with its chain, its status and its hint.
    pub(crate) fn from_operation(error: &dyn OperationError) -> Self {
        Self::of(error.exit(), error).with_hint_if(error.hint())
    }

    /// Many libraries print their source inside their own message: such a cause says nothing new.
    fn push_cause(&mut self, cause: String) {
        let said = self.causes.last().unwrap_or(&self.message);
        if !cause.is_empty() && !said.contains(&cause) {
            self.causes.push(cause);
        }
    }

    /// Adds the advice.
    #[must_use]
    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same where there may be nothing to do.
    #[must_use]
    pub(crate) fn with_hint_if(self, hint: Option<String>) -> Self {
        Self { hint, ..self }
    }

    /// The lines that standard error gets, each ended.
    pub(crate) fn render(&self, is_coloured: bool) -> String {
        let error = Label::Error.render(is_coloured);
        let mut text = format!("pgark: {error} {}\n", indented(&self.message));
        for cause in &self.causes {
            let _ = writeln!(text, "  caused by: {}", indented(cause));
        }
        if let Some(hint) = &self.hint {
            let label = Label::Hint.render(is_coloured);
            let _ = writeln!(text, "{label} {}", indented(hint));
        }
        text
    }

    /// The same as one JSON object, for `--progress json`.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        serde_json::json!({
            "event": "error",
            "exit_status": self.exit.status(),
            "message": redacted(&self.message),
            "causes": self.causes.iter().map(|cause| redacted(cause)).collect::<Vec<_>>(),
            "hint": self.hint,
        })
    }
}

/// Continuation lines stand under the text, so that no line of it can pass for one of ours. What the user
/// typed may come back in it, with the password of a URL.
fn indented(text: &str) -> String {
    printable(redacted(text.trim_end()).as_str()).replace('\n', "\n    ")
}

/// Prints a failure on standard error. An error of standard error itself is ignored: nothing is left to tell
/// it.
#[expect(clippy::print_stderr, reason = "the one printer of errors")]
pub(crate) fn print(failure: &Failure, json: bool) {
    if json {
        eprintln!("{}", failure.to_json());
    } else {
        eprint!("{}", failure.render(colour::is_wanted()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct Layer(&'static str, #[source] Option<Box<Layer>>);

    #[test]
    fn the_chain_is_printed_once_per_cause() {
        let inner = Layer("permission denied", None);
        let repeated = Layer("cannot open: permission denied", Some(Box::new(inner)));
        let outer = Layer("archive \"x\" cannot be written", Some(Box::new(repeated)));
        let failure = Failure::of(Exit::Failed, &outer).with_hint("Choose another folder.");
        assert_eq!(
            failure.render(false),
            "pgark: error: archive \"x\" cannot be written\n\
             \x20 caused by: cannot open: permission denied\n\
             hint: Choose another folder.\n"
        );
    }

    #[test]
    fn a_name_cannot_forge_a_line_or_drive_the_terminal() {
        let failure = Failure::new(Exit::Failed, "database \"a\npgark: done\x1b[2J\" is gone");
        assert_eq!(
            failure.render(false),
            "pgark: error: database \"a\n    pgark: done\\x1b[2J\" is gone\n"
        );
    }
}
