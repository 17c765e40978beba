//! Options that several subcommands share: the connection, as libpq's programs take it, and what is
//! printed while working.

use std::num::{NonZeroU64, NonZeroUsize};

use clap::{ArgAction, Args, ValueEnum};

use super::values;

/// Where the server is. Named and spelled as in every program of PostgreSQL.
#[derive(Debug, Args, Default)]
#[command(next_help_heading = "Connection options")]
pub(crate) struct ConnectionFlags {
    /// Server host, or the folder of its Unix-domain socket
    #[arg(short = 'h', long, value_name = "HOSTNAME")]
    pub host: Option<String>,

    /// Server port
    #[arg(short = 'p', long, value_name = "PORT")]
    pub port: Option<String>,

    /// User to connect as
    #[arg(short = 'U', long, value_name = "NAME")]
    pub username: Option<String>,

    /// Never ask for a password
    #[arg(short = 'w', long, overrides_with = "password")]
    pub no_password: bool,

    /// Ask for a password before connecting
    #[arg(short = 'W', long, overrides_with = "no_password")]
    pub password: bool,

    /// Have a command print the password, anew for each connection, for tokens that expire. It finds PGHOST,
    /// PGPORT, PGUSER and PGDATABASE in its environment
    #[arg(long, value_name = "COMMAND", conflicts_with = "password")]
    pub password_command: Option<String>,
}

/// What is said while working. Results go to standard output, all of this to standard error.
#[derive(Debug, Args, Default)]
#[command(next_help_heading = "General options")]
pub(crate) struct OutputFlags {
    /// Progress: auto (bars on a terminal, else plain), plain (a line every ten seconds), json (one
    /// event a line) or none
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "HOW",
        hide_possible_values = true
    )]
    pub progress: ProgressChoice,

    /// Say more: every task as it begins and ends
    #[arg(short, long, conflicts_with = "quiet")]
    pub verbose: bool,

    /// Print errors, notices and asked-for results only
    #[arg(short, long)]
    pub quiet: bool,
}

/// The values of `--progress`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProgressChoice {
    /// Bars on a terminal, else plain.
    #[default]
    Auto,
    /// A line every ten seconds.
    Plain,
    /// One event a line.
    Json,
    /// Nothing but notices and problems.
    None,
}

/// How fast archives may be read and written, the same everywhere.
#[derive(Debug, Args, Default)]
#[command(next_help_heading = "General options")]
pub(crate) struct PaceFlag {
    /// Write or read no more than this of the archive per second, all workers together: 20MB, 512kB
    #[arg(long, value_name = "RATE", value_parser = values::bandwidth)]
    pub bandwidth_limit: Option<NonZeroU64>,
}

/// Who may read what is written.
#[derive(Debug, Args, Default)]
#[command(next_help_heading = "Output options")]
pub(crate) struct FileModeFlag {
    /// Permissions of the file that is written, as chmod takes them in octal: 0640 [default: 0600, and less
    /// where the umask says so]
    #[arg(long, value_name = "MODE", value_parser = values::file_mode)]
    pub file_mode: Option<u32>,
}

/// `-j`, the same everywhere.
#[derive(Debug, Args)]
pub(crate) struct JobsFlag {
    /// How many workers run at once [default: one per CPU, 8 at most]
    #[arg(short, long, value_name = "N", value_parser = values::jobs, action = ArgAction::Set)]
    pub jobs: Option<NonZeroUsize>,
}

/// Without `-j`: what this host has, but no more than a server at work should be asked for unasked.
const JOBS_DEFAULT_MAX: usize = 8;

impl JobsFlag {
    /// The number of workers, the default resolved.
    pub(crate) fn number(&self) -> NonZeroUsize {
        let cpus = || {
            let cpus = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
            NonZeroUsize::new(cpus.min(JOBS_DEFAULT_MAX)).unwrap_or(NonZeroUsize::MIN)
        };
        self.jobs.unwrap_or_else(cpus)
    }
}
