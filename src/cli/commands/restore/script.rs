//! `-f` and `-l`: a script or a list instead of a restore. It goes to a file, which appears when it is
//! complete, or to standard output.

use std::fs::File;
use std::io::{self, Read as _};
use std::num::NonZeroUsize;
use std::path::Path;

use super::place::{Inputs, Permissions, Place};
use crate::cli::args::RestoreArgs;
use crate::cli::run::Run;
use crate::cli::screen::output;
use crate::cli::screen::report::{Exit, Failure};
use crate::restore::{self, Detail, RestoreOptions, RestrictKey};
use crate::storage::Store;

/// Bytes of randomness in a key, as many as pg_dump takes.
const KEY_BYTES: usize = 32;

/// Prints the list, or writes it to the file that was named.
pub(crate) fn list(
    args: &RestoreArgs,
    run: &mut Run,
    (store, options): (&Store, &RestoreOptions),
) -> Result<Exit, Failure> {
    let detail = if args.output.verbose {
        Detail::Everything
    } else {
        Detail::Wanted
    };
    run.listen()?;
    let monitor = run.monitor.clone();
    let listing = restore::list(store, options, detail, &monitor);
    let list = run.finish(NonZeroUsize::MIN, listing)?;
    let list = list.map_err(|error| run.failure(&error))?;
    let Some(file) = &args.output_as.file else {
        return output::print_bytes(&list).map(|()| Exit::Done);
    };
    let mut place = Place::open(
        file,
        args.output_as.force,
        Inputs::new(store, args),
        Permissions::Usual,
        &monitor,
    )?;
    let written = place.writer().write_all(&list);
    written.map_err(|error| run.failure(&restore::Error::Script(error)))?;
    place.complete().map(|()| Exit::Done)
}

/// Writes the script.
pub(crate) fn script(
    args: &RestoreArgs,
    run: &mut Run,
    (store, options): (&Store, &RestoreOptions),
) -> Result<Exit, Failure> {
    let key = key(args.output_as.restrict_key.as_deref())?;
    let file = args.output_as.file.as_deref().unwrap_or(Path::new("-"));
    // Rows, and the hashes of passwords.
    let permissions = Permissions::Own(args.output_as.file_mode.file_mode);
    let inputs = Inputs::new(store, args);
    // A pipe that nobody reads keeps its opening; a signal then just ends the process.
    let mut place = Place::open(
        file,
        args.output_as.force,
        inputs,
        permissions,
        &run.monitor,
    )?;
    run.listen()?;
    let monitor = run.monitor.clone();
    let written = run.finish(
        NonZeroUsize::MIN,
        restore::script(store, options, &key, place.writer(), &monitor),
    )?;
    match written {
        Ok(()) => place.complete().map(|()| Exit::Done),
        Err(restore::Error::Script(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            // The reader of the pipe has closed it.
            Ok(Exit::Done)
        }
        Err(error) => Err(run.failure(&error)),
    }
}

/// The key that was given, or one that nobody can guess.
fn key(given: Option<&str>) -> Result<RestrictKey, Failure> {
    if let Some(given) = given {
        return RestrictKey::new(given.to_owned()).ok_or_else(|| {
            Failure::usage("--restrict-key takes letters and digits and nothing else")
        });
    }
    let mut random = [0; KEY_BYTES];
    File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut random))
        .map_err(|error| Failure::of(Exit::Failed, &error))?;
    let digits: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    RestrictKey::new(digits).ok_or_else(|| Failure::new(Exit::Failed, "no key for the script"))
}
