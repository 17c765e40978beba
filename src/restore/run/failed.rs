//! One object's failure: as a worker meets it, and as the outcome lists it.
//!
//! Pure. [`super::report`] collects failures, [`super::failing`] has their causes.

use bstr::{BString, ByteSlice};

use crate::monitor::chain;
use crate::monitor::units::counted;
use crate::restore::outcome::Failure;
use crate::restore::run::failing::Cause;
use crate::restore::statements::first_line;
use crate::toc::ObjectKind;

/// `disk_full`: the object at which it happens is not the cause, and the next one fails too.
pub(crate) const DISK_FULL: &str = "53100";

/// One object's failure as the worker sees it.
pub(crate) struct Failed<'a> {
    pub(crate) object: String,
    pub(crate) kind: &'a ObjectKind,
    pub(crate) statement: &'a [u8],
    pub(crate) cause: Cause,
}

impl Failed<'_> {
    /// The failure as the outcome of the restore lists it, for a database by its name on the target.
    pub(crate) fn into_failure(self, database: BString) -> Failure {
        let mut failure = Failure {
            database,
            object: self.object,
            statement: first_line(self.kind, self.statement),
            sqlstate: None,
            message: String::new(),
            detail: None,
            hint: None,
            context: None,
            skipped: Vec::new(),
        };
        match self.cause {
            Cause::Rows { sent, taken } => {
                let sent = counted(sent, "row was", "rows were");
                failure.message = format!("{sent} sent, the server took {taken}");
                failure.hint =
                    Some("A trigger or rule on the table may drop or add rows.".to_owned());
            }
            Cause::Unchecked { error, validate } => {
                failure.message = chain(&error);
                failure.detail = Some("The key may be there, but NOT VALID.".to_owned());
                failure.hint = Some(format!("Check its rows with {}", validate.trim().as_bstr()));
            }
            Cause::NoTransaction => {
                failure.message = "the transaction had ended before: nothing of it is known to be \
                               committed"
                    .to_owned();
            }
            Cause::Server(error) => match error.db() {
                Some(db) => {
                    failure.sqlstate = Some(db.code.clone());
                    failure.message = db.message.clone();
                    failure.detail = db.detail.clone();
                    failure.hint = db.hint.clone();
                    failure.context = db.context.clone();
                }
                None => {
                    failure.message = chain(&error);
                    failure.hint = error.hint();
                }
            },
        }
        failure
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pg;

    #[test]
    fn a_key_whose_check_was_cut_off_is_said_to_be_there() {
        let validate = "ALTER TABLE ONLY s.t VALIDATE CONSTRAINT k;\n";
        let cause = Cause::Unchecked {
            error: pg::Error::Closed,
            validate: validate.into(),
        };
        assert!(cause.is_connection_lost());
        let failed = Failed {
            object: "FK CONSTRAINT s.t k".to_owned(),
            kind: &ObjectKind::FkConstraint,
            statement: validate.as_bytes(),
            cause,
        };
        let failure = failed.into_failure("d".into());
        let detail = failure.detail.as_deref().unwrap_or_default();
        assert!(detail.ends_with("NOT VALID."), "{detail}");
        let hint = failure.hint.as_deref().unwrap_or_default();
        assert!(hint.ends_with(validate.trim()), "{hint}");
    }
}
