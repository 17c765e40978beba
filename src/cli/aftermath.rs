//! What follows an operation, however it ended: a file with metrics, and a command.
//!
//! Neither changes the exit status: the archive is as good as it is. Where one of them fails, a notice says
//! so.

use std::cell::RefCell;
use std::fs::{OpenOptions, Permissions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value, json};

use super::args::AfterFlags;
use super::screen::metrics::{self, End};
use super::screen::output;
use super::screen::report::{Exit, Failure};
use crate::storage::Location;

/// The most of an older file of metrics that is looked into.
const BEFORE_BYTES_MAX: u64 = 1 << 20;

/// Who is to be told of an operation's end, and what.
pub(crate) struct Aftermath<'a> {
    command: &'a str,
    archive: &'a Location,
    flags: &'a AfterFlags,
    begun: Instant,
    result: RefCell<Option<Value>>,
}

impl<'a> Aftermath<'a> {
    /// Of an operation that begins now.
    pub(crate) fn new(command: &'a str, archive: &'a Location, flags: &'a AfterFlags) -> Self {
        Self {
            command,
            archive,
            flags,
            begun: Instant::now(),
            result: RefCell::new(None),
        }
    }

    /// Keeps the outcome, as `--json` prints it.
    pub(crate) fn keep(&self, result: &Value) {
        *self.result.borrow_mut() = Some(result.clone());
    }

    /// Runs the operation, and tells its end.
    pub(crate) fn told(
        self,
        operation: impl FnOnce(&Self) -> Result<Exit, Failure>,
    ) -> Result<Exit, Failure> {
        let ended = operation(&self);
        self.tell(&ended);
        ended
    }

    fn tell(self, ended: &Result<Exit, Failure>) {
        let exit = match ended {
            Ok(exit) => *exit,
            Err(failure) => failure.exit,
        };
        let elapsed = self.begun.elapsed();
        let result = self.result.take();
        if let Some(path) = &self.flags.metrics_file {
            let written = self.write_metrics(path, (exit, elapsed), result.as_ref());
            if let Err(error) = written {
                notice(&format!("cannot write \"{}\": {error}", path.display()));
            }
        }
        let (option, command) = match exit {
            Exit::Done => ("--on-success", &self.flags.on_success),
            _ => ("--on-failure", &self.flags.on_failure),
        };
        let Some(command) = command else { return };
        let told = json!({
            "command": self.command,
            "archive": self.archive,
            "status": exit.status(),
            "elapsed_s": elapsed.as_secs_f64(),
            "error": ended.as_ref().err().map(Failure::to_json),
            "result": result,
        });
        if let Err(why) = run(command, &told) {
            notice(&format!("the command of {option} failed: {why}"));
        }
    }

    fn write_metrics(
        &self,
        path: &Path,
        (exit, elapsed): (Exit, Duration),
        result: Option<&Value>,
    ) -> std::io::Result<()> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let archive = self.archive.to_string();
        let end = End {
            command: self.command,
            archive: &archive,
            exit,
            ended_unix: now.map_or(0, |since| since.as_secs()),
            elapsed_s: elapsed.as_secs_f64(),
            result,
        };
        let text = metrics::render(&end, &before(path));
        replace(path, text.as_bytes())
    }
}

/// Nothing else can be done about it.
fn notice(text: &str) {
    let _ = output::print_aside(&format!("pgark: notice: {text}\n"));
}

/// The file that is replaced; nothing where there is none that can be read.
fn before(path: &Path) -> String {
    let is_small = std::fs::metadata(path).is_ok_and(|file| file.len() <= BEFORE_BYTES_MAX);
    let text = is_small.then(|| std::fs::read_to_string(path).ok());
    text.flatten().unwrap_or_default()
}

/// Whoever reads the file meanwhile reads the old one or the new one. The collector runs as another user, and
/// takes only files whose names end in `.prom`.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let name = path.file_name().ok_or(ErrorKind::InvalidFilename)?;
    let partial = format!(".{}.{}", name.to_string_lossy(), std::process::id());
    let partial = folder.join(partial);
    let written = write(&partial, bytes).and_then(|()| std::fs::rename(&partial, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&partial);
    }
    written
}

fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.set_permissions(Permissions::from_mode(0o644))?;
    file.write_all(bytes)
}

/// Runs a command by `sh -c` to its end. What it prints goes where our messages go.
fn run(command: &str, told: &Value) -> Result<(), String> {
    let mut child = Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::piped())
        .stdout(std::io::stderr())
        .spawn()
        .map_err(|error| error.to_string())?;
    if let Some(mut stdin) = child.stdin.take() {
        // One that does not read it ends all the same.
        let _ = writeln!(stdin, "{told}");
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    if status.success() {
        Ok(())
    } else {
        Err(status.to_string())
    }
}
