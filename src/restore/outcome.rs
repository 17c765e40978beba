//! The results of a restore and its failures.
//!
//! Plain data; `cli` prints it.

use std::time::Duration;

use bstr::BString;

use crate::storage::Traffic;
use crate::toc::DumpId;

/// The result of a restore that came to its end.
#[derive(Debug, Clone, Default)]
pub struct RestoreOutcome {
    /// The results, one for each database in the order of the choice.
    pub databases: Vec<DatabaseOutcome>,
    /// The failures. With any of them the restore is not complete.
    pub failures: Vec<Failure>,
    /// The objects that were not tried, and why.
    pub skipped: Vec<Skipped>,
    /// What the user should know although nothing failed.
    pub notices: Vec<String>,
    /// Roles, memberships and tablespaces, with their settings and comments: entries restored.
    pub globals: u64,
    /// Tablespaces that were created.
    pub tablespaces: Vec<BString>,
    /// The fate of the archive's roles.
    pub roles: RoleOutcome,
    /// Bytes of data members read from the archive.
    pub archive_bytes_read: u64,
    /// All that was read of the archive.
    pub reads: Traffic,
    /// The full disk or quota of the target, where that ended the restore.
    pub full: Option<String>,
    /// Objects that are missing because the archive is damaged (`--skip-damaged`).
    pub damaged: Vec<Skipped>,
    /// Whether `--resume` would do the rest and only the rest: journals are left.
    pub is_resumable: bool,
}

/// The fate of roles. None is ever dropped or given another attribute or password.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleOutcome {
    /// Those that the target lacked.
    pub created: Vec<BString>,
    /// Those that were there and stay as they are.
    pub existed: Vec<BString>,
    /// Those among them that were made members of roles that the restore created.
    pub changed: Vec<BString>,
}

/// The results of one database.
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
    /// The time that all of them together took.
    pub elapsed: Duration,
}

/// How long a phase of a database took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhaseTime {
    /// Its name, for instance `data`.
    pub phase: &'static str,
    /// From its first step's beginning to its last one's end.
    pub elapsed: Duration,
    /// The time of its steps. Steps that ran at once are added up.
    pub busy: Duration,
}

/// One object that could not be restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The database on the target; empty for roles and tablespaces.
    pub database: BString,
    /// The object, for instance `TABLE DATA public.t (chunk 2 of 5)`.
    pub object: String,
    /// The first line of the statement that failed, without passwords.
    pub statement: String,
    /// The server's code, where the server said it.
    pub sqlstate: Option<String>,
    /// The fault.
    pub message: String,
    /// More about it.
    pub detail: Option<String>,
    /// The advice.
    pub hint: Option<String>,
    /// Where in the data, for instance `COPY t, line 3, column a: "x"`.
    pub context: Option<String>,
    /// The objects that were skipped because of it.
    pub skipped: Vec<String>,
}

/// Something that was not tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The database on the target; empty for roles and tablespaces.
    pub database: BString,
    /// The object.
    pub object: String,
    /// Why.
    pub because: String,
}
