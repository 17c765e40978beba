//! pg_dump as the reader of the schema: which one, and how it is run.
//!
//! A pg_dump reads servers of its own major version and older, never newer ones. Its output is returned
//! unchanged; `pgdump` knows its meaning.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use bstr::{BStr, BString, ByteSlice};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;

use crate::pg::ServerVersion;

/// The most a schema may weigh. A million tables make about 2 GiB.
const SCHEMA_BYTES_MAX: u64 = 4 << 30;
/// The most that is kept of pg_dump's standard error.
const MESSAGES_BYTES_MAX: u64 = 1 << 20;
/// The first pg_dump that takes the planner's statistics along.
const SINCE_STATISTICS: u32 = 18;
/// pg_dump of Debian's `postgresql-client-common`: a script that picks one of several by rules of its own.
const DEBIAN_WRAPPER: &str = "pg_wrapper";

/// The pg_dump to use.
#[derive(Debug, Clone)]
pub enum PgDump {
    /// The program at this path.
    Path(PathBuf),
    /// The pg_dump in these folders whose version is nearest to the server's, but not older.
    SearchIn(Vec<PathBuf>),
}

/// A pg_dump that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Where it is.
    pub path: PathBuf,
    /// Its version as it calls itself, for instance `17.11 (Debian 17.11-1)`.
    pub version: String,
    /// Its major version.
    pub major: u32,
}

/// Why the schema could not be read.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum Error {
    #[error("no pg_dump of version {needed} or newer was found{}", found_list(.found))]
    NoneNewEnough { needed: u32, found: Vec<Program> },
    #[error("could not run {}", path.display())]
    Run {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{} does not say its version: {answer:?}", path.display())]
    Version { path: PathBuf, answer: String },
    #[error("pg_dump failed on database \"{database}\" ({status}): {messages}")]
    Failed {
        database: BString,
        status: ExitStatus,
        messages: String,
    },
    #[error("the schema of database \"{database}\" is larger than {SCHEMA_BYTES_MAX} bytes")]
    TooLarge { database: BString },
}

impl Error {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Error::NoneNewEnough { needed, .. } => Some(format!(
                "Install the PostgreSQL {needed} client programs on this host, or name a pg_dump with --pg-dump PATH."
            )),
            Error::Run { .. } | Error::Version { .. } => {
                Some("--pg-dump and PGARK_PG_DUMP take the path of a pg_dump program.".into())
            }
            _ => None,
        }
    }

    /// Whether pg_dump stumbled over a lock: its message quotes the statement that failed.
    pub fn is_lock_timeout(&self) -> bool {
        matches!(self, Error::Failed { messages, .. } if messages.contains("LOCK TABLE"))
    }

    /// Whether pg_dump looked for something that was dropped since the snapshot. Its own messages are English
    /// ([`command`]); the server's are in its `lc_messages`, which only superusers may set. A query that
    /// failed in another language may have failed for that reason: to begin again costs time, and no more.
    pub fn is_beside_changes(&self) -> bool {
        const WORDS: [&str; 7] = [
            "appears to be empty",
            "instead of one",
            "returned no data",
            "does not exist",
            "cache lookup failed",
            "could not open relation with OID",
            "could not find tuple for",
        ];
        let Error::Failed { messages, .. } = self else {
            return false;
        };
        let is_foreign = messages.contains("query failed: ") && !messages.contains("ERROR: ");
        is_foreign || WORDS.iter().any(|words| messages.contains(words))
    }

    /// Whether pg_dump got no connection because there are too many. libpq's messages have no SQLSTATE.
    pub fn is_too_many_connections(&self) -> bool {
        const WORDS: [&str; 3] = [
            "too many connections",
            "too many clients",
            "remaining connection slots",
        ];
        let Error::Failed { messages, .. } = self else {
            return false;
        };
        WORDS.iter().any(|words| messages.contains(words))
    }
}

fn found_list(found: &[Program]) -> String {
    if found.is_empty() {
        return String::new();
    }
    let list: Vec<_> = found
        .iter()
        .map(|p| format!("{} is {}", p.path.display(), p.version))
        .collect();
    format!(" ({})", list.join(", "))
}

/// Lines of pg_dump's complaint are cut here: it quotes the statement that failed, which may name every table
/// of a database.
const LINE_CHARS_MAX: usize = 200;

/// The most lines of pg_dump's output that an error repeats.
const LINES_MAX: usize = 10;

/// The complaint of pg_dump, on one line that a person can read.
fn brief(messages: &str) -> String {
    let cut = |line: &str| match line.char_indices().nth(LINE_CHARS_MAX) {
        Some((at, _)) => format!("{}...", &line[..at]),
        None => line.to_owned(),
    };
    let lines = messages.trim().lines().take(LINES_MAX);
    let lines: Vec<String> = lines
        .map(|line| cut(line.strip_prefix("pg_dump: error: ").unwrap_or(line)))
        .collect();
    lines.join("; ")
}

/// Finds a pg_dump that can read a server of version `server`.
pub async fn find(choice: &PgDump, server: ServerVersion) -> Result<Program, Error> {
    let mut found = vec![];
    match choice {
        PgDump::Path(path) => found.push(version_of(path).await?),
        PgDump::SearchIn(folders) => {
            for path in candidates(folders) {
                if let Ok(program) = version_of(&path).await {
                    found.push(program);
                }
            }
        }
    }
    choose(&found, server.major())
        .cloned()
        .ok_or_else(|| Error::NoneNewEnough {
            needed: server.major(),
            found,
        })
}

/// The nearest major version that is not older; of equals the first.
fn choose(found: &[Program], server_major: u32) -> Option<&Program> {
    found
        .iter()
        .filter(|program| program.major >= server_major)
        .min_by_key(|program| program.major)
}

/// Existing programs, each once; Debian's wrapper last, because which version it runs depends on its
/// own configuration.
fn candidates(folders: &[PathBuf]) -> Vec<PathBuf> {
    let mut real: Vec<PathBuf> = vec![];
    let mut wrappers = vec![];
    for folder in folders {
        let path = folder.join("pg_dump");
        let Ok(target) = path.canonicalize() else {
            continue;
        };
        if target
            .file_name()
            .is_some_and(|name| name == DEBIAN_WRAPPER)
        {
            wrappers.push(path);
        } else if !real.contains(&target) {
            real.push(target);
        }
    }
    real.extend(wrappers);
    real
}

async fn version_of(path: &Path) -> Result<Program, Error> {
    let run = |source| Error::Run {
        path: path.into(),
        source,
    };
    let output = Command::new(path)
        .arg("--version")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .map_err(run)?;
    let answer = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    parse_version(&answer)
        .map(|(version, major)| Program {
            path: path.into(),
            version,
            major,
        })
        .ok_or_else(|| Error::Version {
            path: path.into(),
            answer: answer.chars().take(200).collect(),
        })
}

/// `pg_dump (PostgreSQL) 17.11 (Debian 17.11-1)` and `... 19beta1`.
fn parse_version(answer: &str) -> Option<(String, u32)> {
    let version = answer.strip_prefix("pg_dump (PostgreSQL) ")?;
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    Some((version.to_owned(), digits.parse().ok()?))
}

/// The database to read, and how to reach it.
pub struct Request<'a> {
    /// The database, for messages.
    pub database: &'a BStr,
    /// Environment variables to set, or to remove, so that pg_dump connects where we did.
    pub environment: Vec<(OsString, Option<OsString>)>,
    /// The exported snapshot to read.
    pub snapshot: &'a str,
    /// The encoding of every text, which must be the one rows are read in. Without it pg_dump takes
    /// what the database, the role or the environment set for clients.
    pub encoding: &'a BStr,
    /// How long pg_dump may wait for a table's lock.
    pub lock_wait_timeout_ms: u64,
    /// The role that pg_dump becomes.
    pub role: Option<&'a BStr>,
    /// Whether the planner's statistics come along, which pg_dump reads since 18.
    pub planner_statistics: bool,
    /// Options before their pattern, for instance (`-n`, `public`).
    pub filters: Vec<(&'static str, BString)>,
}

/// The schema of one database.
pub struct Schema {
    /// A custom-format archive without data.
    pub archive: Vec<u8>,
    /// The messages of pg_dump about it, a line each: for instance the objects it left out.
    pub warnings: Vec<String>,
}

/// pg_dump with the options and the environment for `request`.
fn command(program: &Program, request: &Request<'_>) -> Command {
    let mut command = Command::new(&program.path);
    let has_statistics = request.planner_statistics && program.major >= SINCE_STATISTICS;
    let content: &[&str] = if has_statistics {
        // pg_dump refuses them beside --schema-only.
        &["--no-data", "--statistics"]
    } else {
        &["--schema-only"]
    };
    command
        .args(content)
        .args([
            "--format=custom",
            "--compress=0",
            "--no-password",
            "--no-sync",
        ])
        .arg(format!("--snapshot={}", request.snapshot))
        .arg(format!("--encoding={}", request.encoding))
        .arg(format!(
            "--lock-wait-timeout={}",
            request.lock_wait_timeout_ms
        ))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        // Messages in English: some are told apart by their words.
        .env("LC_ALL", "C")
        .env_remove("LANGUAGE");
    if let Some(role) = request.role {
        command.arg("--role").arg(OsString::from_vec(role.to_vec()));
    }
    for (option, pattern) in &request.filters {
        command
            .arg(option)
            .arg(OsString::from_vec(pattern.to_vec()));
    }
    for (name, value) in &request.environment {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

/// Reads the schema of one database.
pub async fn read_schema(program: &Program, request: Request<'_>) -> Result<Schema, Error> {
    let run = |source| Error::Run {
        path: program.path.clone(),
        source,
    };
    let mut command = command(program, &request);
    let mut child = command.spawn().map_err(run)?;
    let (schema, messages) = tokio::join!(
        read_up_to(child.stdout.take(), SCHEMA_BYTES_MAX + 1),
        read_up_to(child.stderr.take(), MESSAGES_BYTES_MAX)
    );
    let (schema, messages) = (schema.map_err(run)?, messages.map_err(run)?);
    if schema.len() as u64 > SCHEMA_BYTES_MAX {
        return Err(Error::TooLarge {
            database: request.database.into(),
        });
    }
    let status = child.wait().await.map_err(run)?;
    if !status.success() {
        let messages = brief(&messages.to_str_lossy());
        return Err(Error::Failed {
            database: request.database.into(),
            status,
            messages,
        });
    }
    let warnings = messages.lines().map(|line| {
        let line = line.to_str_lossy();
        line.trim_start_matches("pg_dump: ")
            .trim_start_matches("warning: ")
            .to_owned()
    });
    Ok(Schema {
        archive: schema,
        warnings: warnings.collect(),
    })
}

async fn read_up_to(
    pipe: Option<impl AsyncRead + Unpin>,
    limit_bytes: u64,
) -> std::io::Result<Vec<u8>> {
    let mut out = vec![];
    if let Some(pipe) = pipe {
        pipe.take(limit_bytes).read_to_end(&mut out).await?;
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(major: u32) -> Program {
        Program {
            path: PathBuf::from(format!("/{major}/pg_dump")),
            version: format!("{major}.1"),
            major,
        }
    }

    #[test]
    fn a_complaint_is_told_without_all_that_it_quotes() {
        let query = format!(
            "pg_dump: detail: Query was: LOCK TABLE {}",
            "public.t, ".repeat(20_000)
        );
        let said = brief(&format!("pg_dump: error: query failed: no\n{query}\n"));
        assert!(
            said.starts_with("query failed: no; pg_dump: detail: Query was: LOCK TABLE public.t, ")
        );
        assert!(said.ends_with("...") && said.len() < 300, "{said}");
    }

    #[test]
    fn changes_beside_the_dump_are_known_in_any_language_of_the_server() {
        let failed = |messages: &str| Error::Failed {
            database: "d".into(),
            status: ExitStatus::default(),
            messages: messages.to_owned(),
        };
        for changed in [
            "query failed: ERROR:  relation \"public.t\" does not exist",
            "query returned 0 rows instead of one: SELECT 1",
            "query failed: FEHLER:  Relation »public.t« existiert nicht",
        ] {
            assert!(failed(changed).is_beside_changes(), "{changed}");
        }
        for refused in [
            "query failed: ERROR:  permission denied for table t",
            "connection to server failed: FATAL:  out of memory",
        ] {
            assert!(!failed(refused).is_beside_changes(), "{refused}");
        }
    }

    #[test]
    fn the_nearest_version_that_is_not_older_is_chosen() {
        let found = [program(18), program(15), program(16)];
        assert_eq!(choose(&found, 13), Some(&found[1]));
        assert_eq!(choose(&found, 16), Some(&found[2]));
        assert_eq!(choose(&found, 19), None);
    }

    #[test]
    fn versions_are_read_from_what_pg_dump_prints() {
        let parse = |text| parse_version(text).map(|(_, major)| major);
        assert_eq!(
            parse("pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"),
            Some(15)
        );
        assert_eq!(parse("pg_dump (PostgreSQL) 19beta1"), Some(19));
        assert_eq!(parse("pg_dump: command not found"), None);
    }

    #[test]
    fn the_message_lists_what_was_found() {
        let error = Error::NoneNewEnough {
            needed: 18,
            found: vec![program(15)],
        };
        assert_eq!(
            error.to_string(),
            "no pg_dump of version 18 or newer was found (/15/pg_dump is 15.1)"
        );
        assert!(error.hint().is_some_and(|hint| hint.contains("--pg-dump")));
    }
}
