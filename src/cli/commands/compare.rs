//! Holding a server against an archive, for the commands that offer it: `restore --verify` and
//! `verify --against`.

use crate::cli::screen::report::{Exit, Failure, OperationError};
use crate::cli::screen::summary;
use crate::compare::{self, Comparison, Verdict};

/// The status to end with: by the comparison alone.
pub(crate) fn judge(comparison: &Comparison) -> Result<Exit, Failure> {
    let exit = match comparison.verdict() {
        Verdict::Equal => return Ok(Exit::Done),
        Verdict::Different => Exit::Damaged,
        Verdict::NotComparable => Exit::Unverified,
    };
    let message = summary::compare::verdict(comparison).unwrap_or_default();
    Err(Failure::new(exit, message))
}

impl OperationError for compare::Error {
    fn exit(&self) -> Exit {
        if self.is_interrupted() {
            Exit::Interrupted
        } else if self.is_damage() {
            Exit::Damaged
        } else {
            Exit::Unverified
        }
    }

    fn hint(&self) -> Option<String> {
        self.hint()
    }
}
