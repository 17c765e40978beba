//! What a restore did, and what it could not do.
//!
//! Plain data; `cli` prints it.

use std::time::Duration;

use bstr::BString;

use crate::storage::Traffic;
use crate::toc::DumpId;

/// The result of a restore that came to its end.
#[derive(Debug, Clone, Default)]
pub struct RestoreOutcome {
    /// What was restored, one for each database in the order of the choice.
    pub databases: Vec<DatabaseOutcome>,
    /// What failed. Where there are any, the restore is not complete.
    pub failures: Vec<Failure>,
    /// What was not tried, and why.
    pub skipped: Vec<Skipped>,
    /// What the user should know although nothing failed.
    pub notices: Vec<String>,
    /// Roles, memberships, tablespaces and what is said about them: entries restored.
    pub globals: u64,
    /// Tablespaces that were created.
    pub tablespaces: Vec<BString>,
    /// What became of the archive's roles.
    pub roles: RoleOutcome,
    /// Bytes of data members read from the archive.
    pub archive_bytes_read: u64,
    /// All that was read of the archive.
    pub reads: Traffic,
    /// What on the target is full, where that ended the restore.
    pub full: Option<String>,
    /// What is missing because the archive is damaged (`--skip-damaged`).
    pub damaged: Vec<Skipped>,
    /// Whether `--resume` would do what was not done, and only that: there are journals left.
    pub is_resumable: bool,
}

/// What became of roles. None of them is ever dropped, nor given another attribute or password than it had.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleOutcome {
    /// Those that the target lacked.
    pub created: Vec<BString>,
    /// Those that were there and stay as they are.
    pub existed: Vec<BString>,
    /// Those among them that were made members of roles that the restore created.
    pub changed: Vec<BString>,
}

/// What was restored of one database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DatabaseOutcome {
    /// Its name in the archive.
    pub source: BString,
    /// Its name on the target.
    pub target: BString,
    /// Tables whose rows were all loaded.
    pub tables: u64,
    /// Rows loaded.
    pub rows: u64,
    /// Bytes of COPY text and of large objects' SQL loaded.
    pub raw_bytes: u64,
    /// Entries of the table of contents restored.
    pub entries: u64,
    /// How many of them an earlier restore had restored, which this one went on with.
    pub earlier: u64,
    /// Whether nothing of it was committed (`-1`).
    pub is_rolled_back: bool,
    /// The entries that were to be restored.
    pub wanted: Vec<DumpId>,
    /// The time of each phase, in the usual order.
    pub phases: Vec<PhaseTime>,
    /// What all of them together took.
    pub elapsed: Duration,
}

/// How long a phase of a database took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhaseTime {
    /// Its name, for instance `data`.
    pub phase: &'static str,
    /// From its first step's beginning to its last one's end.
    pub elapsed: Duration,
    /// What its steps took, those that went on at once added up.
    pub busy: Duration,
}

/// One object that could not be restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The database on the target; empty for roles and tablespaces.
    pub database: BString,
    /// What, for instance `TABLE DATA public.t (chunk 2 of 5)`.
    pub object: String,
    /// The first line of the statement that failed, without passwords.
    pub statement: String,
    /// The server's code, where the server said it.
    pub sqlstate: Option<String>,
    /// What went wrong.
    pub message: String,
    /// More about it.
    pub detail: Option<String>,
    /// What might help.
    pub hint: Option<String>,
    /// Where in the data, for instance `COPY t, line 3, column a: "x"`.
    pub context: Option<String>,
    /// What was skipped because of it.
    pub skipped: Vec<String>,
}

/// Something that was not tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The database on the target; empty for roles and tablespaces.
    pub database: BString,
    /// What.
    pub object: String,
    /// Why.
    pub because: String,
}
