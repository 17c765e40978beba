//! `pgark inspect` and `pgark verify`: their arguments. Neither needs a server.

use clap::Args;

use super::common::{ConnectionFlags, JobsFlag, OutputFlags, PaceFlag};
use super::values::DatabaseArg;
use crate::digest::Sha256;
use crate::storage::Location;

/// What the user typed after `pgark inspect`.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output options")]
pub(crate) struct InspectArgs {
    /// The archive to look at
    #[arg(value_name = "ARCHIVE", help_heading = "Arguments")]
    pub archive: Location,

    /// What `inspect *.tar` says more.
    #[arg(hide = true)]
    pub others: Vec<String>,

    /// Print everything the archive says about itself as JSON
    #[arg(long, conflicts_with = "list")]
    pub json: bool,

    /// Print the tables of contents as pg_restore -l does
    #[arg(short, long)]
    pub list: bool,

    /// How fast.
    #[command(flatten)]
    pub pace: PaceFlag,

    /// What is printed.
    #[command(flatten)]
    pub output: OutputFlags,
}

/// What the user typed after `pgark verify`.
#[derive(Debug, Args)]
#[command(next_help_heading = "Verification options")]
pub(crate) struct VerifyArgs {
    /// The archive to verify: a path, a URL of an object store, or - for standard input
    #[arg(value_name = "ARCHIVE", help_heading = "Arguments")]
    pub archive: Location,

    /// With --against: which databases, and their names on the server
    #[arg(value_name = "DBNAME[=NEWNAME]", help_heading = "Arguments")]
    pub databases: Vec<DatabaseArg>,

    /// Check the end, the manifest and the tables of contents only, not the data
    #[arg(long, conflicts_with = "deep")]
    pub quick: bool,

    /// Also decode every chunk: row counts, sizes, row digests, columns
    #[arg(long)]
    pub deep: bool,

    /// Read these databases of a server back and compare them with the archive: rows, sequences, large
    /// objects and definitions. DBNAME is as in other commands: a name, a URI or a conninfo string
    #[arg(long, value_name = "DBNAME")]
    pub against: Option<String>,

    /// Demand the archive with this digest: the 64 digits that the dump printed
    #[arg(long, value_name = "SHA256")]
    pub digest: Option<Sha256>,

    /// Workers.
    #[command(flatten)]
    pub jobs: JobsFlag,

    /// Print the verdict and all findings as JSON
    #[arg(long)]
    pub json: bool,

    /// With --against: where the server is.
    #[command(flatten)]
    pub connection: ConnectionFlags,

    /// How fast.
    #[command(flatten)]
    pub pace: PaceFlag,

    /// What is printed.
    #[command(flatten)]
    pub output: OutputFlags,
}
