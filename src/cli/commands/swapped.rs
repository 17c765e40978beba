//! The archive and a database in each other's place, or archives in databases' places: `pgark restore
//! accounts snap.tar`, `pgark restore *.tar`.
//!
//! Looks at names on the disk and opens nothing.

use std::path::Path;

use crate::cli::args::{DatabaseArg, again, several_archives};
use crate::cli::screen::report::Failure;

/// Refuses arguments of which the first is no file and a later one is. `arguments` are all of the process's.
pub(crate) fn refuse(
    archive: &str,
    databases: &[DatabaseArg],
    arguments: impl Iterator<Item = std::ffi::OsString>,
) -> Result<(), Failure> {
    if is_place(archive) {
        return if databases.iter().any(is_another_archive) {
            Err(several_archives("restore"))
        } else {
            Ok(())
        };
    }
    let meant = databases.iter().find_map(|database| {
        let name = std::str::from_utf8(&database.source).ok()?;
        (database.target.is_none() && is_place(name)).then_some(name)
    });
    let Some(meant) = meant else {
        return Ok(());
    };
    let mut words: Vec<_> = arguments.skip(1).collect();
    let place = |words: &[std::ffi::OsString], word: &str| words.iter().position(|w| w == word);
    if let (Some(first), Some(second)) = (place(&words, archive), place(&words, meant)) {
        words.swap(first, second);
    }
    let message = format!("there is no archive \"{archive}\", and \"{meant}\" is one");
    let line = again::line(words.iter());
    Err(Failure::usage(message).with_hint(match line {
        Some(line) => format!("The archive comes first: {line}"),
        None => "The archive comes first, then the databases.".to_owned(),
    }))
}

/// Whether this is no name of a database but a file's. A database may be called like a file: with `=NAME` it
/// is no file.
fn is_another_archive(database: &DatabaseArg) -> bool {
    let Ok(name) = std::str::from_utf8(&database.source) else {
        return false;
    };
    let path = Path::new(name);
    let looks_like_a_file = name.contains('/') || path.extension().is_some();
    database.target.is_none() && looks_like_a_file && path.is_file()
}

/// Whether an archive can be there: a file, a folder, or something of another host.
fn is_place(name: &str) -> bool {
    name.contains("://") || Path::new(name).exists()
}
