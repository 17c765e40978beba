//! What every session is told before anything else, so that no statement of ours means what somebody else
//! has planted (CVE-2018-1058).
//!
//! PostgreSQL prefers an exact match of argument types anywhere on the search path to an operator of
//! `pg_catalog` that needs a cast, and a database's owner may put a schema before `pg_catalog`. So the path is
//! empty before the first statement: the startup message says so, which outranks what was set for database and
//! role (`process_startup_options` after `process_settings` in postinit.c, and PGC_S_CLIENT over both), and the
//! user's own `options` as well, because it comes after them. The first statement says so again, for a pooler
//! that took the parameter and forgot it. Where a pooler refuses the parameter, the first statement alone does.
//!
//! `Session::connect` is the one way to a session, and `tests/tidy.rs` holds that. Not here: the attempts
//! ([`super::connect`]).

use super::db_error::DbError;
use super::error::Error;
use super::query::simple;
use super::wire::Wire;

const EMPTY_PATH: &[u8] = include_bytes!("sql/empty_path.sql");

/// What the startup message says about the search path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PathAtStart {
    /// That it is empty.
    Empty,
    /// Nothing: the first statement empties it. `RESET` then finds the path that the user has.
    Users,
}

impl PathAtStart {
    /// The parameters that say so.
    pub(super) fn parameters(self) -> &'static [(&'static [u8], &'static [u8])] {
        match self {
            Self::Empty => &[(b"search_path", b"")],
            Self::Users => &[],
        }
    }
}

/// Whether it is the parameter in the startup message that was refused. No server of PostgreSQL's refuses it,
/// but pgbouncer does (08P01, `unsupported startup parameter`) and so may others. A mistake costs one more
/// attempt, whose error is the one that is told.
pub(super) fn refuses_parameters(error: &DbError) -> bool {
    matches!(error.code.as_str(), "08P01" | "0A000" | "42704" | "22023")
        || error.message.contains("search_path")
}

/// The first statement of a session.
pub(super) async fn empty_path(wire: &mut Wire) -> Result<(), Error> {
    let rows = simple(wire, EMPTY_PATH).await?;
    match rows.first().and_then(|row| row.get(0)) {
        Some(b"") => Ok(()),
        _ => Err(Error::protocol("the search path could not be emptied")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_pooler_says_to_the_parameter_is_known() {
        let error = |code: &str, message: &str| DbError {
            code: code.to_owned(),
            message: message.to_owned(),
            ..DbError::default()
        };
        let pgbouncer = error("08P01", "unsupported startup parameter: search_path");
        assert!(refuses_parameters(&pgbouncer));
        assert!(refuses_parameters(&error("XX000", "no search_path here")));
        assert!(!refuses_parameters(&error("28P01", "no such user")));
    }
}
