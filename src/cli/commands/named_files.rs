//! Files that options name: lists and filters.

use std::ffi::OsStr;
use std::fmt::Display;
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;

use crate::cli::screen::report::{Exit, Failure};

/// The content of a file; `-` is standard input.
pub(crate) fn read(name: &OsStr) -> Result<Vec<u8>, Failure> {
    let mut text = Vec::new();
    let read = match name.as_bytes() {
        b"-" => std::io::stdin().lock().read_to_end(&mut text).map(drop),
        _ => std::fs::read(name).map(|content| text = content),
    };
    read.map_err(|error| Failure {
        causes: vec![error.to_string()],
        ..Failure::new(Exit::Failed, format!("cannot read {}", name.display()))
    })?;
    Ok(text)
}

/// Gives the text of each file of `--filter` to `add`.
pub(crate) fn filters<E: Display>(
    files: &[impl AsRef<OsStr>],
    mut add: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), Failure> {
    for file in files {
        let file = file.as_ref();
        add(&read(file)?).map_err(|error| {
            Failure::usage(format!(
                "the filter file {} is wrong: {error}",
                file.display()
            ))
        })?;
    }
    Ok(())
}
