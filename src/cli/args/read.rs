//! `pgark inspect` and `pgark verify`: their arguments. Neither needs a server.

use clap::Args;

use super::common::{ConnectionFlags, JobsFlag, OutputFlags, PaceFlag};
use super::values::DatabaseArg;
use crate::digest::Sha256;
use crate::storage::Location;

const INSPECT_AFTER_HELP: &str = "\
Only the end of the archive, its manifest and the tables of contents are read: that is quick for
an archive of any size, and no proof that the rest is whole. For that there is `pgark verify`.
Archives of pg_dump are described too: custom, tar, or the folder of a directory archive.

Example:
  pgark inspect snap.tar
  pgark inspect snap.tar --list > contents.txt

Exit status:
    0  printed
    1  the archive cannot be read
    2  the command line is wrong
    3  the archive is damaged";

/// What the user typed after `pgark inspect`.
#[derive(Debug, Args)]
#[command(
    after_help = INSPECT_AFTER_HELP,
    override_usage = "pgark inspect ARCHIVE [OPTIONS]",
    next_help_heading = "Output options"
)]
pub(crate) struct InspectArgs {
    /// The archive to look at
    #[arg(value_name = "ARCHIVE", help_heading = "Arguments")]
    pub archive: Location,

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

const VERIFY_AFTER_HELP: &str = "\
The archive's digest is printed at the end of a dump and by every verify. Kept elsewhere and given
to --digest, it proves that this is that very archive, down to the last byte.
Archives of pg_dump carry no checksums: they are decoded from end to end, which shows most damage
and proves nothing, so the best that comes out is status 4.
Standard input (-) is read once, to its end, without a temporary file; the verdict is the same as that on a
file. --quick and --against need a file or an object, and so do archives of pg_dump.

Example:
  pgark verify snap.tar
  pgark verify snap.tar --deep -j 8
  ssh backup cat snap.tar | pgark verify -
  pgark verify snap.tar --against postgres -h dst -U admin -j 8

--against reads each database in one snapshot. pg_dump, where there is one, reads the definitions; of
different versions only the names are compared, since every version words some definitions differently.

Exit status:
    0  whole, and equal to the server with --against
    2  the command line is wrong
    3  damaged, or the server differs; every damaged place and every different object is named
    4  could not be verified: it could not be read, carries no checksums, or could not be compared
  130  interrupted";

/// What the user typed after `pgark verify`.
#[derive(Debug, Args)]
#[command(
    after_help = VERIFY_AFTER_HELP,
    override_usage = "pgark verify ARCHIVE [OPTIONS]\n       pgark verify ARCHIVE [DBNAME[=NEWNAME]]... --against DBNAME [CONNECTION] [OPTIONS]",
    next_help_heading = "Verification options"
)]
pub(crate) struct VerifyArgs {
    /// The archive to verify: a path, a URL of an object store, or - for standard input
    #[arg(value_name = "ARCHIVE", help_heading = "Arguments")]
    pub archive: Location,

    /// With --against: which databases, and their names on the server
    #[arg(
        value_name = "DBNAME[=NEWNAME]",
        help_heading = "Arguments",
        requires = "against"
    )]
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
