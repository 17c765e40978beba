//! Where the PostgreSQL programs are that the tests use: the installed ones, and those that the
//! `get-postgres-*` scripts fetch into `target/peers`.
//!
//! A test that needs what is not there says so and counts as skipped: [`need!`]. Where
//! `PGARK_REQUIRE_PEERS` is 1, as in CI, it fails instead.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use super::run::{Running, run};

/// How long fetching or building a peer may take, where it was not done before.
const PATIENCE: Duration = Duration::from_secs(3600);

/// A program that a test needs and that could not be had: why.
#[derive(Debug, Clone)]
pub struct Missing(pub String);

/// The major versions that a server can be had of, beside the installed one.
pub const SERVER_MAJORS: [u32; 7] = [13, 14, 15, 16, 17, 18, 19];

/// Unwraps what may be [`Missing`]: then the test ends here, skipped (or failed, see the module).
#[macro_export]
macro_rules! need {
    ($peer:expr) => {
        match $peer {
            Ok(peer) => peer,
            Err(missing) => return $crate::support::peers::skip(&missing),
        }
    };
}

/// Says that a test is skipped, and counts it in the file that `PGARK_SKIPPED_LOG` names.
pub fn skip(missing: &Missing) {
    assert!(
        std::env::var("PGARK_REQUIRE_PEERS").as_deref() != Ok("1"),
        "a peer is required here and missing: {}",
        missing.0
    );
    let test = std::thread::current().name().unwrap_or("?").to_owned();
    let line = format!("skipped: {test}: {}\n", missing.0);
    // Straight to the terminal: the test harness would keep the words of a test that passes.
    std::io::stderr().write_all(line.as_bytes()).unwrap();
    if let Some(log) = std::env::var_os("PGARK_SKIPPED_LOG") {
        let mut log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(log)
            .unwrap();
        log.write_all(line.as_bytes()).unwrap();
    }
}

/// A script of `tests/support`.
pub fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/support")
        .join(name)
}

/// The major version of the installed server.
pub fn installed_major() -> Result<u32, Missing> {
    let bin = installed("server")?;
    major_of(&bin.join("postgres"))
}

/// The program folder of a server of this major version: the installed one, or one that is fetched.
pub fn server(major: u32) -> Result<PathBuf, Missing> {
    if installed_major().is_ok_and(|installed| installed == major) {
        return installed("server");
    }
    fetched_server(major)
}

/// The program folder of a fetched server, be there an installed one of this version or not: the fetched
/// ones are all built in the same way, so that what one of them has the others have too.
pub fn fetched_server(major: u32) -> Result<PathBuf, Missing> {
    remember(&format!("fetched server {major}"), || {
        ask(Command::new(script("get-postgres-server")).arg(major.to_string()))
    })
}

/// The program folder of the installed client tools: psql, pg_dump, pg_restore, pg_dumpall.
pub fn installed_client() -> Result<PathBuf, Missing> {
    installed("client")
}

/// The major versions that stock client tools can be had of, beside the installed ones.
pub const CLIENT_MAJORS: [u32; 3] = [17, 18, 19];

/// The program folder of stock client tools of one of [`CLIENT_MAJORS`].
pub fn client(major: u32) -> Result<PathBuf, Missing> {
    remember(&format!("client {major}"), || {
        ask(Command::new(script("get-postgres-client")).arg(major.to_string()))
    })
}

/// An S3 server over a folder, which is no work of ours.
pub fn s3_server() -> Result<PathBuf, Missing> {
    remember("s3 server", || {
        ask(&mut Command::new(script("get-s3-server")))
    })
}

/// pgark as the static program that `make dist` makes, built with the profile of the tests.
pub fn static_pgark() -> Result<PathBuf, Missing> {
    remember("static pgark", || {
        ask(Command::new(script("dist")).arg("--test"))
    })
}

/// The connection pooler of most installations.
pub fn pgbouncer() -> Result<PathBuf, Missing> {
    // Debian keeps it out of an ordinary user's PATH.
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    let mut programs = folders.map(|folder| folder.join("pgbouncer"));
    let found = programs.find(|program| program.is_file());
    found.ok_or_else(|| Missing("no pgbouncer is installed".to_owned()))
}

/// Garage, a replicated S3 store.
pub fn garage() -> Result<PathBuf, Missing> {
    remember("garage", || ask(&mut Command::new(script("get-garage"))))
}

/// The oldest client tools at hand that are not older than a server of version `major`: pg_dump
/// refuses a newer server.
pub fn client_for(major: u32) -> Result<PathBuf, Missing> {
    if let Ok(bin) = installed_client()
        && major_of(&bin.join("pg_dump")).is_ok_and(|installed| installed >= major)
    {
        return Ok(bin);
    }
    client(major.max(CLIENT_MAJORS[0]))
}

fn installed(part: &str) -> Result<PathBuf, Missing> {
    remember(part, || {
        ask(Command::new(script("find-postgres")).arg(part))
            .map_err(|_| Missing(format!("no PostgreSQL {part} is installed")))
    })
}

/// Asks `PROGRAM --version`, whose answer reads `pg_dump (PostgreSQL) 15.18 (Debian ...)`.
fn major_of(program: &Path) -> Result<u32, Missing> {
    let answer = run(Command::new(program).arg("--version"), b"")
        .success()
        .stdout();
    let number = answer.split(") ").nth(1).unwrap_or_default();
    let major: String = number.chars().take_while(char::is_ascii_digit).collect();
    major
        .parse()
        .map_err(|_| Missing(format!("{} has no version: {answer}", program.display())))
}

/// The folder that a script prints, or its complaint.
fn ask(command: &mut Command) -> Result<PathBuf, Missing> {
    let finished = Running::start(command, b"").finish(PATIENCE);
    if finished.status.success() {
        return Ok(PathBuf::from(finished.stdout().trim_end()));
    }
    Err(Missing(finished.stderr().trim_end().replace('\n', "; ")))
}

/// Each question is asked once in a process, and by one test at a time.
fn remember(
    question: &str,
    answer: impl FnOnce() -> Result<PathBuf, Missing>,
) -> Result<PathBuf, Missing> {
    static ANSWERS: Mutex<BTreeMap<String, Result<PathBuf, Missing>>> = Mutex::new(BTreeMap::new());
    let mut answers = ANSWERS
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    answers
        .entry(question.to_owned())
        .or_insert_with(answer)
        .clone()
}
