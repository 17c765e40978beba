//! Everything the program reads from its surroundings, in one place: variables, the system user,
//! whether there is a terminal. Nothing below `cli` reads any of it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::path::PathBuf;

use crate::cli::screen::report::Failure;
use crate::pg;
use crate::storage::Surroundings;

/// A snapshot of the surroundings, taken once.
#[derive(Clone, Default)]
pub(crate) struct Environment {
    /// The variables that libpq would read.
    pub pg: pg::Environment,
    /// `PGARK_PG_DUMP`: the `pg_dump` to use.
    pub pg_dump: Option<PathBuf>,
    /// The folders of `PATH`, in order.
    pub path: Vec<PathBuf>,
    /// The settings that object stores need.
    pub stores: Surroundings,
    /// `TERM` says that the terminal cannot move its cursor.
    pub dumb_terminal: bool,
    /// A terminal is there to ask for a password.
    pub has_terminal: bool,
}

impl Environment {
    /// Reads the process's surroundings.
    pub(crate) fn read() -> Result<Self, Failure> {
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        // libpq asks the system for the user, not the environment (fe-auth.c, pg_fe_getusername),
        // and takes the home folder from HOME first (fe-connect.c, pqGetHomeDirectory)
        let user = nix::unistd::User::from_uid(nix::unistd::geteuid())
            .ok()
            .flatten();
        let home = variable("HOME").map(PathBuf::from);
        let (os_user, os_home) = user.map(|user| (user.name, user.dir)).unzip();
        let home = home.or(os_home);
        let variables = std::env::vars_os();
        let variables = variables.filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        Ok(Self {
            stores: Surroundings {
                variables: variables.collect(),
                home: home.clone(),
            },
            pg: pg::Environment {
                vars: pg_variables(std::env::vars_os())?,
                home,
                os_user,
            },
            pg_dump: variable("PGARK_PG_DUMP").map(PathBuf::from),
            path: variable("PATH")
                .map(|path| std::env::split_paths(&path).collect())
                .unwrap_or_default(),
            dumb_terminal: variable("TERM").is_none_or(|term| term == "dumb"),
            has_terminal: OpenOptions::new()
                .read(true)
                .write(true)
                .open("/dev/tty")
                .is_ok(),
        })
    }
}

/// The `PG*` variables. One that is not UTF-8 cannot be meant for a connection.
fn pg_variables(
    all: impl Iterator<Item = (OsString, OsString)>,
) -> Result<BTreeMap<String, String>, Failure> {
    all.filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
        .filter(|(name, _)| name.starts_with("PG") && !name.starts_with("PGARK_"))
        .map(|(name, value)| match value.into_string() {
            Ok(value) => Ok((name, value)),
            Err(_) => Err(Failure::usage(format!(
                "the environment variable {name} is not UTF-8"
            ))),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt as _;

    use super::*;

    #[test]
    fn only_libpq_s_variables_are_taken_and_a_broken_one_is_named() {
        let pair =
            |name: &str, value: &[u8]| (OsString::from(name), OsString::from_vec(value.to_vec()));
        let good = [
            pair("PGHOST", b"h"),
            pair("PGARK_PG_DUMP", b"x"),
            pair("HOME", b"\xff"),
        ];
        let variables = pg_variables(good.into_iter()).unwrap();
        assert_eq!(variables.into_keys().collect::<Vec<_>>(), ["PGHOST"]);
        let failure = pg_variables([pair("PGUSER", b"\xff")].into_iter()).unwrap_err();
        assert!(failure.message.contains("PGUSER"), "{}", failure.message);
    }
}
