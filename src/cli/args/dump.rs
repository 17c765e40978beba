//! `pgark dump`: its arguments. Short options are those of `pg_dump`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::after::AfterFlags;
use super::common::{ConnectionFlags, FileModeFlag, JobsFlag, OutputFlags, PaceFlag};
use super::filters::FilterFlags;
use super::values;
use crate::archive::chunk::Compression;
use crate::storage::Location;

/// What the user typed after `pgark dump`.
#[derive(Debug, Args)]
pub(crate) struct DumpArgs {
    /// Databases to dump, by their exact names
    #[arg(value_name = "DBNAME")]
    pub databases: Vec<OsString>,

    /// The archive to write: a path, a URL of an object store, or - for standard output
    #[arg(short, long, value_name = "ARCHIVE", help_heading = "Output options")]
    pub file: Location,

    /// Replace an archive that exists, once the new one is complete
    #[arg(long, help_heading = "Output options")]
    pub force: bool,

    /// Compression: zstd, zstd:LEVEL or none
    #[arg(short = 'Z', long, value_name = "METHOD", value_parser = values::compression)]
    #[arg(help_heading = "Output options")]
    pub compress: Option<Compression>,

    /// Raw size at which a table's rows are cut into chunks: 8MB, 512kB, 1GB (powers of 1024)
    /// [default: 16MB, and 8MB without compression]
    #[arg(long, value_name = "SIZE", value_parser = values::chunk_bytes)]
    #[arg(help_heading = "Output options")]
    pub chunk_size: Option<u64>,

    /// In an object store: the smallest size of a part of the upload; larger ones are taken where the
    /// archive would have too many [default: 8MB]
    #[arg(long, value_name = "SIZE", value_parser = values::part_bytes)]
    #[arg(help_heading = "Output options")]
    pub part_size: Option<usize>,

    /// In an object store: how many parts it takes [default: 10000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    #[arg(help_heading = "Output options")]
    pub max_parts: Option<u64>,

    /// Do not wait until the archive is on the disk
    #[arg(long, help_heading = "Output options")]
    pub no_sync: bool,

    /// Who may read the archive.
    #[command(flatten)]
    pub file_mode: FileModeFlag,

    /// Workers.
    #[command(flatten, next_help_heading = "Output options")]
    pub jobs: JobsFlag,

    /// What is dumped.
    #[command(flatten)]
    pub selection: DumpSelection,

    /// How the source is read.
    #[command(flatten)]
    pub source: DumpSource,

    /// Where the server is.
    #[command(flatten)]
    pub connection: ConnectionFlags,

    /// Database to connect to first, a postgresql:// URI, or a conninfo string
    #[arg(
        short,
        long,
        value_name = "DBNAME",
        help_heading = "Connection options"
    )]
    pub dbname: Option<String>,

    /// Print what would be dumped and stop
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

/// What is dumped.
#[derive(Debug, Args, Default)]
#[command(next_help_heading = "Selection options")]
pub(crate) struct DumpSelection {
    /// Dump every database that allows connections, templates too; template1 only if somebody filled it
    #[arg(long)]
    pub all_databases: bool,

    /// With --all-databases: leave out databases that match
    #[arg(long, value_name = "PATTERN")]
    pub exclude_database: Vec<OsString>,

    /// Names, and what of them.
    #[command(flatten)]
    pub filters: FilterFlags,

    /// Leave out tables that match
    #[arg(short = 'T', long, value_name = "PATTERN")]
    pub exclude_table: Vec<OsString>,

    /// As -t, with partitions and tables that inherit
    #[arg(long, value_name = "PATTERN")]
    pub table_and_children: Vec<OsString>,

    /// As -T, with partitions and tables that inherit
    #[arg(long, value_name = "PATTERN")]
    pub exclude_table_and_children: Vec<OsString>,

    /// Leave out the rows of tables that match
    #[arg(long, value_name = "PATTERN")]
    pub exclude_table_data: Vec<OsString>,

    /// The same, with partitions and tables that inherit
    #[arg(long, value_name = "PATTERN")]
    pub exclude_table_data_and_children: Vec<OsString>,

    /// Only extensions that match
    #[arg(short = 'e', long, value_name = "PATTERN")]
    pub extension: Vec<OsString>,

    /// Leave out extensions that match
    #[arg(long, value_name = "PATTERN")]
    pub exclude_extension: Vec<OsString>,

    /// Read patterns from a file, in the format of pg_dump's --filter; - is standard input
    #[arg(long, value_name = "FILE")]
    pub filter: Vec<OsString>,

    /// Dump large objects even where -n or -t would leave them out
    #[arg(short = 'b', long, alias = "blobs")]
    pub large_objects: bool,

    /// Leave out large objects
    #[arg(short = 'B', long, alias = "no-blobs")]
    pub no_large_objects: bool,

    /// Dump the planner's statistics even where -s or -a would leave them out
    #[arg(long, conflicts_with = "no_statistics")]
    pub statistics: bool,

    /// Leave out the planner's statistics
    #[arg(long)]
    pub no_statistics: bool,
}

/// How the source is read.
#[derive(Debug, Args, Default)]
#[command(next_help_heading = "Source options")]
pub(crate) struct DumpSource {
    /// Give up when a table's lock is not granted in this time: milliseconds, or 10s, 2min
    #[arg(long, value_name = "TIMEOUT", value_parser = values::timeout_ms)]
    pub lock_wait_timeout: Option<u64>,

    /// Wait for a snapshot that no serialization anomaly can reach
    #[arg(long)]
    pub serializable_deferrable: bool,

    /// Become this role (SET ROLE) in every session
    #[arg(long, value_name = "ROLENAME")]
    pub role: Option<OsString>,

    /// What the schema is read from: catalogs (the default), or pg_dump, not older than the server
    #[arg(long, value_name = "READER", value_enum)]
    pub schema_reader: Option<SchemaReaderChoice>,

    /// Have this pg_dump read the schema [env: PGARK_PG_DUMP, beside --schema-reader pg_dump]
    #[arg(long, value_name = "PATH")]
    pub pg_dump: Option<PathBuf>,
}

/// `--schema-reader`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaReaderChoice {
    /// pgark itself.
    Catalogs,
    /// A pg_dump.
    #[value(name = "pg_dump")]
    PgDump,
}
