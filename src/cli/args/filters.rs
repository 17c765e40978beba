//! The filters that `dump` and `restore` share, with the spelling of `pg_dump` and `pg_restore`.

use std::ffi::OsString;

use clap::Args;

/// Options that choose schemas and tables, and their contents.
#[derive(Debug, Args, Default)]
#[command(next_help_heading = "Selection options")]
pub(crate) struct FilterFlags {
    /// Only schemas that match
    #[arg(short = 'n', long, value_name = "PATTERN")]
    pub schema: Vec<OsString>,

    /// Leave out schemas that match
    #[arg(short = 'N', long, value_name = "PATTERN")]
    pub exclude_schema: Vec<OsString>,

    /// Only tables, views, sequences and foreign tables that match
    #[arg(short = 't', long, value_name = "PATTERN")]
    pub table: Vec<OsString>,

    /// Rows, large objects and sequence values, no definitions
    #[arg(short = 'a', long)]
    pub data_only: bool,

    /// Definitions, no rows
    #[arg(short = 's', long)]
    pub schema_only: bool,

    /// Leave out roles, memberships and tablespaces
    #[arg(long)]
    pub no_globals: bool,

    /// Leave out the roles' passwords
    #[arg(long)]
    pub no_role_passwords: bool,
}
