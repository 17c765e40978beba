//! `pgark restore`: its arguments. Short options are those of `pg_restore`.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;

use super::after::AfterFlags;
use super::common::{ConnectionFlags, FileModeFlag, JobsFlag, OutputFlags, PaceFlag};
use super::selection::RestoreSelection;
use super::values::{self, DatabaseArg, RoleArg};
use crate::storage::Location;

/// What the user typed after `pgark restore`.
#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// The archive to restore from
    #[arg(value_name = "ARCHIVE")]
    pub archive: Location,

    /// Databases to restore, and the names to restore them under
    #[arg(value_name = "DBNAME[=NEWNAME]")]
    pub databases: Vec<DatabaseArg>,

    /// What is written instead.
    #[command(flatten)]
    pub output_as: RestoreOutput,

    /// How the target is treated.
    #[command(flatten)]
    pub target: RestoreTarget,

    /// What is restored.
    #[command(flatten)]
    pub selection: RestoreSelection,

    /// pg_restore's `-F`: formats are recognized, so it says nothing.
    #[arg(short = 'F', long, value_parser = values::format, hide = true)]
    pub format: Option<String>,

    /// Where the server is.
    #[command(flatten)]
    pub connection: ConnectionFlags,

    /// Database, a postgresql:// URI, or a conninfo string; see below
    #[arg(
        short,
        long,
        value_name = "DBNAME",
        help_heading = "Connection options"
    )]
    pub dbname: Option<String>,

    /// Print what would be done, and what stands in its way, and stop
    #[arg(long, help_heading = "General options",
        conflicts_with_all = ["json", "metrics_file", "on_success", "on_failure"])]
    pub dry_run: bool,

    /// Print the outcome as JSON
    #[arg(long, help_heading = "General options")]
    pub json: bool,

    /// How fast.
    #[command(flatten)]
    pub pace: PaceFlag,

    /// Who is told of the end.
    #[command(flatten)]
    pub after: AfterFlags,

    /// What is printed.
    #[command(flatten)]
    pub output: OutputFlags,
}

/// What is written instead of restoring into a server.
#[derive(Debug, Args, Default)]
#[command(next_help_heading = "Output options")]
pub(crate) struct RestoreOutput {
    /// Write a script for psql instead of restoring into a server; - is standard output
    #[arg(short, long, value_name = "FILE")]
    pub file: Option<PathBuf>,

    /// Replace a file that exists, once the new one is complete; the archive itself never
    #[arg(long, requires = "file")]
    pub force: bool,

    /// Print the list of what would be restored, as pg_restore -l does, for -L
    #[arg(short, long)]
    pub list: bool,

    /// The word for the script's \restrict [default: a random one]
    #[arg(long, value_name = "WORD", requires = "file")]
    pub restrict_key: Option<String>,

    /// Who may read the script.
    #[command(flatten)]
    pub file_mode: FileModeFlag,
}

/// How the target is treated.
#[derive(Debug, Args)]
#[command(next_help_heading = "Target options")]
pub(crate) struct RestoreTarget {
    /// Create the databases
    #[arg(short = 'C', long)]
    pub create: bool,

    /// Drop what is to be restored first; with --create, the databases themselves
    #[arg(short = 'c', long)]
    pub clean: bool,

    /// With --clean: do not complain about what is not there to drop
    #[arg(long)]
    pub if_exists: bool,

    /// With --create --clean: end the sessions of others in the databases that are dropped
    #[arg(long)]
    pub force_drop: bool,

    /// Restore into databases that already hold something
    #[arg(long)]
    pub allow_non_empty: bool,

    /// Put role NEW wherever the archive names role OLD: as owner, in grants, policies, memberships and
    /// settings in databases. OLD is not created; NEW must be there or in the archive. May be repeated
    #[arg(long, value_name = "OLD=NEW", value_parser = values::role_parser())]
    pub map_role: Vec<RoleArg>,

    /// Leave out, and list, what takes rights that the user does not have, and what depends on it.
    /// Without this nothing is restored if there is any
    #[arg(long)]
    pub skip_forbidden: bool,

    /// Leave out, and list, what needs a role, an extension or a tablespace that the target lacks, and what
    /// depends on it. Without this nothing is restored if there is any
    #[arg(long)]
    pub skip_unavailable: bool,

    /// Read everything first, and leave out, and list, the tables that are damaged in the archive; they
    /// come empty. Exit status 3 if there are any
    #[arg(long, conflicts_with_all = ["file", "list"])]
    pub skip_damaged: bool,

    /// SET ROLE to this role after connecting
    #[arg(long, value_name = "ROLENAME")]
    pub role: Option<OsString>,

    /// Create objects as their owners, by SET SESSION AUTHORIZATION, instead of giving them away afterwards;
    /// needs a superuser
    #[arg(long)]
    pub use_set_session_authorization: bool,

    /// With -a: no trigger sees the rows, foreign keys are not checked; needs a superuser
    #[arg(long)]
    pub disable_triggers: bool,

    /// The superuser to become for --disable-triggers
    #[arg(short = 'S', long, value_name = "NAME")]
    pub superuser: Option<OsString>,

    /// Load rows under the row security of their tables
    #[arg(long)]
    pub enable_row_security: bool,

    /// Leave out the rows of tables that could not be created, though they are there
    #[arg(long)]
    pub no_data_for_failed_tables: bool,

    /// Stop at the first error instead of going on and reporting all at the end
    #[arg(short = 'e', long)]
    pub exit_on_error: bool,

    /// Go on where an earlier restore of the same into the same databases stopped
    #[arg(long)]
    pub resume: bool,

    /// Restore each database in one transaction: whole, or not at all; implies -e
    #[arg(short = '1', long)]
    pub single_transaction: bool,

    /// Restore up to N objects in one transaction; implies -e
    #[arg(long, value_name = "N", value_parser = values::transaction_size)]
    pub transaction_size: Option<NonZeroUsize>,

    /// Leave out ANALYZE, which every table gets whose statistics are not in the archive
    #[arg(long, overrides_with = "analyze")]
    pub no_analyze: bool,

    /// ANALYZE every table once its rows are in
    #[arg(long)]
    pub analyze: bool,

    /// Restore into scratch databases on the server, report every error and what each phase took, and drop
    /// them. Roles that the server lacks are made without a login, and dropped too
    #[arg(long)]
    pub rehearse: bool,

    /// Afterwards read everything back and compare it with the archive, as verify --against does
    #[arg(long)]
    pub verify: bool,

    /// VACUUM every table too, for visibility maps, which index-only scans need
    #[arg(long, conflicts_with = "no_analyze")]
    pub vacuum: bool,

    /// Give up an object when a lock that it needs is not granted in this time: milliseconds, or 10s, 2min
    #[arg(long, value_name = "TIMEOUT", value_parser = values::timeout_ms)]
    pub lock_wait_timeout: Option<u64>,

    /// Get statistics of tables with foreign partitions or children too: that asks the foreign servers
    #[arg(long, conflicts_with = "no_analyze")]
    pub foreign_statistics: bool,

    /// Workers.
    #[command(flatten)]
    pub jobs: JobsFlag,
}
