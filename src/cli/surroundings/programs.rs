//! PostgreSQL's own programs: which `pg_dump` to run, or where to look for one, where the schema is not read
//! without.

use std::fs;
use std::path::{Path, PathBuf};

use super::environment::Environment;
use crate::schema::program::PgDump;

/// The `pg_dump` that was named, or where to look for one: `PATH`, then where packages put it.
pub(crate) fn pg_dump(named: Option<&PathBuf>, environment: &Environment) -> PgDump {
    if let Some(path) = named.or(environment.pg_dump.as_ref()) {
        return PgDump::Path(path.clone());
    }
    let mut folders = environment.path.clone();
    folders.extend(installed());
    PgDump::SearchIn(folders)
}

/// Folders of installed versions: Debian's, the PostgreSQL project's RPMs, Homebrew's.
fn installed() -> Vec<PathBuf> {
    const PLACES: [(&str, &str); 4] = [
        ("/usr/lib/postgresql", ""),
        ("/usr", "pgsql-"),
        ("/opt/homebrew/opt", "postgresql@"),
        ("/usr/local/opt", "postgresql@"),
    ];
    let mut folders: Vec<_> = PLACES
        .iter()
        .flat_map(|(parent, prefix)| {
            let entries = fs::read_dir(Path::new(parent))
                .into_iter()
                .flatten()
                .flatten();
            entries
                .filter(move |entry| entry.file_name().to_string_lossy().starts_with(prefix))
                .map(|entry| entry.path().join("bin"))
        })
        .collect();
    folders.sort();
    folders
}
