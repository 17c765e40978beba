//! `-` as an archive's name: standard output for dump, standard input for verify. And outputs that lead to
//! the archive itself.

use std::fs::File;
use std::io::{self, IsTerminal as _};
use std::os::fd::{AsFd, BorrowedFd};

use crate::cli::args::PaceFlag;
use crate::cli::screen::report::{Exit, Failure};
use crate::storage::{PipeReader, PipeWriter, Store};

/// Standard output, for an archive and nothing else.
pub(crate) fn standard_output(pace: &PaceFlag) -> Result<PipeWriter, Failure> {
    let output = io::stdout();
    if output.is_terminal() {
        let message = "an archive cannot be written to a terminal";
        return Err(Failure::usage(message).with_hint(
            "Name a file with -f, or read the archive from standard output: \
             pgark dump ... -f - | ssh host 'cat > snap.tar'.",
        ));
    }
    // Past the buffer that belongs to the handle of the standard library.
    let output = file(output.as_fd())?;
    Ok(PipeWriter::new(output, pace.bandwidth_limit))
}

/// Standard input, for an archive.
pub(crate) fn standard_input(pace: &PaceFlag) -> Result<PipeReader, Failure> {
    let input = io::stdin();
    if input.is_terminal() {
        let message = "no archive comes from a terminal";
        return Err(Failure::usage(message).with_hint(
            "Name a file, or give the archive on standard input: ssh host 'cat snap.tar' | pgark verify -.",
        ));
    }
    let input = file(input.as_fd())?;
    Ok(PipeReader::new(input, pace.bandwidth_limit))
}

/// Whether one of this process's own outputs goes to the archive: `>> snap.tar`.
pub(crate) fn refuse_own_output(archive: &Store) -> Result<(), Failure> {
    let (stdout, stderr) = (io::stdout(), io::stderr());
    let outputs: [(&str, BorrowedFd<'_>); 2] = [
        ("standard output", stdout.as_fd()),
        ("standard error", stderr.as_fd()),
    ];
    for (name, output) in outputs {
        let meta = output
            .try_clone_to_owned()
            .and_then(|fd| File::from(fd).metadata());
        // An output that is closed leads nowhere.
        let Ok(meta) = meta else {
            continue;
        };
        if archive.holds(&meta) {
            let message = format!(
                "{name} goes to the archive itself, \"{}\"",
                archive.describe()
            );
            let hint = match meta.len() {
                0 => {
                    "The shell has emptied it before pgark began, if it was more: `>` does that. Take another copy."
                }
                _ => "Nothing was written to it. Direct the output to another file.",
            };
            return Err(Failure::usage(message).with_hint(hint));
        }
    }
    Ok(())
}

fn file(handle: BorrowedFd<'_>) -> Result<tokio::fs::File, Failure> {
    let owned = handle.try_clone_to_owned();
    let owned = owned.map_err(|error| Failure::of(Exit::Failed, &error))?;
    Ok(tokio::fs::File::from_std(File::from(owned)))
}
