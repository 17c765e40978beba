//! `pgark inspect` and `pgark verify`: their arguments. Neither needs a server.

use clap::{Args, ValueEnum};

use super::after::AfterFlags;
use super::common::{ConnectionFlags, JobsFlag, OutputFlags, PaceFlag};
use super::values::DatabaseArg;
use crate::digest::Sha256;
use crate::inspect::ObjectName;
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

    /// Compare with another archive: databases, settings, definitions, rows by number and digest, roles.
    /// Status 1 says that something differs
    #[arg(long, value_name = "ARCHIVE", conflicts_with_all = ["list", "sql", "rows"])]
    pub diff: Option<Location>,

    /// Print the statements that make an object: [DATABASE:][SCHEMA.]NAME
    #[arg(long, value_name = "NAME", conflicts_with_all = ["json", "list"])]
    pub sql: Option<ObjectName>,

    /// Print the rows of a table: [DATABASE:][SCHEMA.]NAME
    #[arg(long, value_name = "TABLE", conflicts_with_all = ["json", "list", "sql"])]
    pub rows: Option<ObjectName>,

    /// With --rows: copy (as COPY writes them), csv (with a line of names) or jsonl (an object a line)
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        hide_possible_values = true,
        requires = "rows"
    )]
    pub format: RowFormat,

    /// With --rows: print so many at most
    #[arg(long, value_name = "N", requires = "rows")]
    pub limit: Option<u64>,

    /// How fast.
    #[command(flatten)]
    pub pace: PaceFlag,

    /// What is printed.
    #[command(flatten)]
    pub output: OutputFlags,
}

/// The values of `--format`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum RowFormat {
    /// As COPY writes them.
    #[default]
    Copy,
    /// COPY's CSV, with a line of names.
    Csv,
    /// A JSON object on each line.
    Jsonl,
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

    /// Who is told of the end.
    #[command(flatten)]
    pub after: AfterFlags,

    /// What is printed.
    #[command(flatten)]
    pub output: OutputFlags,
}
