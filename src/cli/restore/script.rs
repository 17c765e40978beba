//! `-f` and `-l`: a script or a list instead of a restore. It goes to a file, which appears when it is
//! complete, or to standard output.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read as _, Write as _};
use std::num::NonZeroUsize;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::cli::args::RestoreArgs;
use crate::cli::output;
use crate::cli::report::{Exit, Failure};
use crate::cli::run::Run;
use crate::restore::{self, Detail, RestoreOptions, RestrictKey};
use crate::storage::Store;

/// Bytes of randomness in a key, as many as pg_dump takes.
const KEY_BYTES: usize = 32;

/// Prints the list, or writes it to the file that was named.
pub(super) fn list(
    args: &RestoreArgs,
    run: &mut Run,
    (store, options): (&Store, &RestoreOptions),
) -> Result<Exit, Failure> {
    let detail = match args.output.verbose {
        true => Detail::Everything,
        false => Detail::Wanted,
    };
    let list = run.finish(NonZeroUsize::MIN, restore::list(store, options, detail))?;
    let list = list.map_err(|error| run.failure(&error))?;
    let Some(file) = &args.output_as.file else {
        return output::print_bytes(&list).map(|()| Exit::Done);
    };
    let written = Place::open(file, Permissions::Usual).and_then(|mut place| {
        place.writer().write_all(&list)?;
        place.complete()
    });
    written.map_err(|error| unwritten(file, &error))?;
    Ok(Exit::Done)
}

fn unwritten(file: &Path, error: &io::Error) -> Failure {
    Failure {
        causes: vec![error.to_string()],
        ..Failure::new(Exit::Failed, format!("cannot write {}", file.display()))
    }
}

/// Writes the script.
pub(super) fn script(
    args: &RestoreArgs,
    run: &mut Run,
    (store, options): (&Store, &RestoreOptions),
) -> Result<Exit, Failure> {
    let key = key(args.output_as.restrict_key.as_deref())?;
    let file = args.output_as.file.as_deref().unwrap_or(Path::new("-"));
    let failed = |error: io::Error| unwritten(file, &error);
    // Rows, and the hashes of passwords.
    let permissions = Permissions::Own(args.output_as.file_mode.file_mode);
    let mut place = Place::open(file, permissions).map_err(failed)?;
    let monitor = run.monitor.clone();
    let written = run.finish(
        NonZeroUsize::MIN,
        restore::script(store, options, &key, place.writer(), &monitor),
    )?;
    match written {
        Ok(()) => place.complete().map_err(failed).map(|()| Exit::Done),
        Err(restore::Error::Script(error)) if error.kind() == io::ErrorKind::BrokenPipe => {
            // Whoever reads it has had enough of it.
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

/// Who may read a file.
#[derive(Clone, Copy)]
enum Permissions {
    /// As the umask has it.
    Usual,
    /// While it is written its owner alone, and then as was said, or no other.
    Own(Option<u32>),
}

impl Permissions {
    /// What the file is created with, of which the umask may take more away.
    fn at_first(self) -> u32 {
        match self {
            Self::Usual => 0o666,
            Self::Own(_) => 0o600,
        }
    }
}

/// Where the script goes.
struct Place {
    permissions: Permissions,
    writer: BufWriter<Box<dyn io::Write + Send>>,
    /// The file under its temporary name, and the name it gets when it is complete.
    file: Option<(PathBuf, PathBuf)>,
}

impl Place {
    fn open(name: &Path, permissions: Permissions) -> io::Result<Self> {
        if name == Path::new("-") {
            return Ok(Self::new(io::stdout(), None, permissions));
        }
        // A pipe or a device has no other name to be written under.
        if fs::metadata(name).is_ok_and(|found| !found.is_file()) {
            let file = OpenOptions::new().write(true).open(name)?;
            return Ok(Self::new(file, None, permissions));
        }
        let mut partial = name.as_os_str().to_owned();
        partial.push(format!(".{}.partial", std::process::id()));
        let partial = PathBuf::from(partial);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(permissions.at_first())
            .open(&partial)?;
        Ok(Self::new(
            file,
            Some((partial, name.to_owned())),
            permissions,
        ))
    }

    fn new(
        writer: impl io::Write + Send + 'static,
        file: Option<(PathBuf, PathBuf)>,
        permissions: Permissions,
    ) -> Self {
        Self {
            permissions,
            writer: BufWriter::new(Box::new(writer)),
            file,
        }
    }

    fn writer(&mut self) -> &mut (dyn io::Write + Send) {
        &mut self.writer
    }

    fn complete(mut self) -> io::Result<()> {
        self.writer.flush()?;
        if let Some((partial, name)) = &self.file {
            if let Permissions::Own(Some(mode)) = self.permissions {
                fs::set_permissions(partial, fs::Permissions::from_mode(mode))?;
            }
            fs::rename(partial, name)?;
            self.file = None;
        }
        Ok(())
    }
}

impl Drop for Place {
    /// What was not completed is gone.
    fn drop(&mut self) {
        if let Some((partial, _)) = &self.file {
            // There is nobody left to tell that it stays.
            let _ = fs::remove_file(partial);
        }
    }
}
