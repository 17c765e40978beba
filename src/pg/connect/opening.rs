//! The first statements of every session, so that each later statement means the same everywhere.
//!
//! **The search path** decides whose operators and functions a statement means (CVE-2018-1058). PostgreSQL
//! prefers an exact match of argument types anywhere on the search path to an operator of `pg_catalog` that
//! needs a cast, and a database's owner may put a schema before `pg_catalog`. So the path is empty before the
//! first statement: the startup message says so, which outranks what was set for database and role
//! (`process_startup_options` after `process_settings` in postinit.c, and PGC_S_CLIENT over both), and the
//! user's own `options` as well, because it comes after them. The first statement says so again, for a pooler
//! that took the parameter and forgot it. Where a pooler refuses the parameter, the first statement alone
//! does.
//!
//! **Parameters** that a database or a role has of its own would change what statements mean or whether they
//! succeed: `PARAMETERS.md` goes through all of them.
//!
//! `Session::connect` is the one way to a session, and `tests/tidy.rs` holds that. Not here: the attempts
//! ([`super::attempt`]).

use crate::pg::db_error::DbError;
use crate::pg::error::Error;
use crate::pg::wire::query::simple;
use crate::pg::wire::stream::Wire;

const EMPTY_PATH: &str = include_str!("sql/empty_path.sql");
/// Behind a pooler, once a server process is known to be ours for good.
const KEEP_PATH_EMPTY: &[u8] = include_bytes!("sql/keep_path_empty.sql");
const SESSION: &str = include_str!("sql/session.sql");

/// The parameters of every session, as statements that a script can have too: it runs in sessions of psql's.
pub const PARAMETERS: &str = include_str!("sql/parameters.sql");
/// A library that is to be loaded is not there.
const UNDEFINED_FILE: &str = "58P01";
/// That the caller's own parameters stay. To look for them costs a session about two milliseconds.
const CALLERS_STAY: &str = "\n  AND wanted.name OPERATOR(pg_catalog.<>) ALL (SELECT own.name \
    FROM pg_catalog.pg_settings AS own WHERE own.source OPERATOR(pg_catalog.=) 'client')";
/// Who a session is, where the caller did not say that: not what a role's or a database's settings make it.
const NO_ROLE: &str = "SET ROLE NONE;\n";

/// What the startup message says about the search path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PathAtStart {
    /// That it is empty.
    Empty,
    /// Nothing: the first statement empties it. `RESET` then finds the path that the user has.
    Users,
}

/// Which libraries the server is to load before the session begins. A database's settings may name some that
/// are not there, and then nobody gets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Libraries {
    AsSet,
    NoLocal,
    /// Only a superuser may say so.
    None,
}

/// What the startup message says beyond what the caller wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AtStart {
    path: PathAtStart,
    libraries: Libraries,
}

impl AtStart {
    pub(crate) fn new(path: PathAtStart) -> Self {
        let libraries = Libraries::AsSet;
        Self { path, libraries }
    }

    /// The parameters that say so.
    pub(crate) fn parameters(self) -> Vec<(&'static [u8], &'static [u8])> {
        let path = (self.path == PathAtStart::Empty).then_some("search_path");
        let local = (self.libraries != Libraries::AsSet).then_some("local_preload_libraries");
        let session = (self.libraries == Libraries::None).then_some("session_preload_libraries");
        let names = [path, local, session].into_iter().flatten();
        names.map(|name| (name.as_bytes(), &b""[..])).collect()
    }

    /// What to say after the server has answered with this error; `None` where it would not help.
    pub(crate) fn after(self, error: &DbError) -> Option<Self> {
        let libraries = match self.libraries {
            Libraries::AsSet => Libraries::NoLocal,
            Libraries::NoLocal | Libraries::None => Libraries::None,
        };
        if error.code == UNDEFINED_FILE {
            return (libraries != self.libraries).then_some(Self { libraries, ..self });
        }
        let path = PathAtStart::Users;
        (self.path != path && refuses_parameters(error)).then_some(Self { path, ..self })
    }

    /// Whether it is the first statement that empties the path.
    pub(crate) fn has_no_path(self) -> bool {
        self.path == PathAtStart::Users
    }

    /// Whether libraries are left out that somebody wanted.
    pub(crate) fn lacks_libraries(self) -> bool {
        self.libraries != Libraries::AsSet
    }
}

/// Whether it is the parameter in the startup message that was refused. No server of PostgreSQL's refuses it,
/// but pgbouncer does (08P01, `unsupported startup parameter`) and so may others. A mistake costs one more
/// attempt, whose error is the one that is told.
fn refuses_parameters(error: &DbError) -> bool {
    matches!(error.code.as_str(), "08P01" | "0A000" | "42704" | "22023")
        || error.message.contains("search_path")
}

/// The first statement of a session. Returns the server process that answered. Where that is not the one of
/// the startup, whose BackendKeyData this is, the path is empty no longer than the statement: see
/// [`super::pooler`].
pub(crate) async fn empty_path(wire: &mut Wire, cancel_key: &[u8]) -> Result<i32, Error> {
    let known = key_pid(cancel_key).unwrap_or_default();
    let sql = EMPTY_PATH.replace("KNOWN_PID", &known.to_string());
    let rows = simple(wire, sql.as_bytes()).await?;
    match rows.first() {
        Some(row) if row.get(0) == Some(b"") => row.i32(1),
        _ => Err(no_empty_path()),
    }
}

/// Empties the path of a session behind a pooler, which is ours for good.
pub(crate) async fn keep_path_empty(wire: &mut Wire) -> Result<(), Error> {
    let rows = simple(wire, KEEP_PATH_EMPTY).await?;
    match rows.first().and_then(|row| row.get(0)) {
        Some(b"") => Ok(()),
        _ => Err(no_empty_path()),
    }
}

fn no_empty_path() -> Error {
    Error::protocol("the search path could not be emptied")
}

/// The process that BackendKeyData names. No server process has the number 0.
pub(crate) fn key_pid(cancel_key: &[u8]) -> Option<i32> {
    Some(i32::from_be_bytes(*cancel_key.first_chunk()?))
}

/// The parameters that every session has, whatever database, role and server say: see `PARAMETERS.md`. What
/// the caller has said, in `options` and as the encoding, stays.
pub(crate) async fn set_parameters(
    wire: &mut Wire,
    options: Option<&str>,
    encoding: Option<&str>,
) -> Result<(), Error> {
    let mut sql = format!("{PARAMETERS}{SESSION}");
    if options.is_some_and(names_role) {
        sql = sql.replace(NO_ROLE, "");
    }
    if options.is_none_or(|options| options.trim_ascii().is_empty()) && encoding.is_none() {
        sql = sql.replace(CALLERS_STAY, "");
    }
    simple(wire, sql.as_bytes()).await?;
    Ok(())
}

/// Whether the `options` of a connection say which role the session is: `-c role=x`, `-crole=x`, `--role=x`.
fn names_role(options: &str) -> bool {
    let words: Vec<&str> = options.split_ascii_whitespace().collect();
    let assigns = |word: &str| word.to_ascii_lowercase().starts_with("role=");
    let in_one = words.iter().any(|word| {
        let rest = word.strip_prefix("--").or_else(|| word.strip_prefix("-c"));
        rest.is_some_and(assigns)
    });
    in_one
        || words
            .windows(2)
            .any(|pair| pair[0] == "-c" && assigns(pair[1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_callers_role_is_known_among_the_options() {
        for options in [
            "-c role=x",
            "-c geqo=off -crole=x",
            "--role=x",
            "  -c  ROLE=x",
        ] {
            assert!(names_role(options), "{options}");
        }
        for options in ["", "-c a.role=x", "-c geqo=off", "role=x", "--roles=x"] {
            assert!(!names_role(options), "{options}");
        }
        assert_eq!(PARAMETERS.matches(NO_ROLE).count(), 1);
    }

    #[test]
    fn whether_callers_parameters_stay_is_asked_once_in_each_statement() {
        for sql in [PARAMETERS, SESSION] {
            assert_eq!(sql.matches(CALLERS_STAY).count(), 1, "{sql}");
        }
    }

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
        let start = AtStart::new(PathAtStart::Empty);
        let without = start.after(&pgbouncer).unwrap();
        assert_eq!(without.parameters(), []);
        assert_eq!(without.after(&pgbouncer), None);
        assert_eq!(start.after(&error("28P01", "no such user")), None);
    }

    #[test]
    fn libraries_that_are_missing_are_left_out_step_by_step() {
        let missing = DbError {
            code: UNDEFINED_FILE.to_owned(),
            ..DbError::default()
        };
        let start = AtStart::new(PathAtStart::Empty);
        let names = |start: AtStart| {
            let names = start.parameters().into_iter();
            let names = names.map(|(name, _)| String::from_utf8_lossy(name));
            names.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(names(start), "search_path");
        let local = start.after(&missing).unwrap();
        assert_eq!(names(local), "search_path local_preload_libraries");
        let all = local.after(&missing).unwrap();
        assert_eq!(
            names(all),
            "search_path local_preload_libraries session_preload_libraries"
        );
        assert_eq!(all.after(&missing), None);
    }
}
