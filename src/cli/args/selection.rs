//! What `pgark restore` restores: the options that choose and leave out, with pg_restore's spelling.

use std::ffi::OsString;

use clap::{Args, ValueEnum};

use super::filters::FilterFlags;

/// What is restored.
#[derive(Debug, Args, Default)]
#[command(next_help_heading = "Selection options")]
pub(crate) struct RestoreSelection {
    /// Names, and what of them.
    #[command(flatten)]
    pub filters: FilterFlags,

    /// Only indexes that match
    #[arg(short = 'I', long, value_name = "PATTERN")]
    pub index: Vec<OsString>,

    /// Only functions, procedures and aggregates that match: NAME or NAME(ARGUMENTS)
    #[arg(short = 'P', long, value_name = "PATTERN")]
    pub function: Vec<OsString>,

    /// Only triggers that match
    #[arg(short = 'T', long, value_name = "PATTERN")]
    pub trigger: Vec<OsString>,

    /// Read names from a file, in the format of pg_restore's --filter; - is standard input
    #[arg(long, value_name = "FILE")]
    pub filter: Vec<OsString>,

    /// Restore what is left in this list, in its order; -l prints one. - is standard input
    #[arg(short = 'L', long, value_name = "FILE")]
    pub use_list: Option<OsString>,

    /// With names: bring along what they need and own: types, sequences, indexes, constraints,
    /// triggers, policies, comments, grants, schemas, and foreign keys whose other end is there
    #[arg(long)]
    pub with_dependants: bool,

    /// Fail if a name matches nothing
    #[arg(long)]
    pub strict_names: bool,

    /// Restore this section: pre-data, data or post-data
    #[arg(long, value_enum, value_name = "SECTION", hide_possible_values = true)]
    pub section: Vec<SectionChoice>,

    /// Leave out rows, large objects and sequence values
    #[arg(long)]
    pub no_data: bool,

    /// Leave out definitions
    #[arg(long)]
    pub no_schema: bool,

    /// Restore the planner's statistics; the default but with -s, -a and -f
    #[arg(long)]
    pub statistics: bool,

    /// Restore nothing but them
    #[arg(long)]
    pub statistics_only: bool,

    /// Leave them out
    #[arg(long)]
    pub no_statistics: bool,

    /// Restore roles, memberships and tablespaces only, no database
    #[arg(long)]
    pub globals_only: bool,

    /// The `--no-...` family.
    #[command(flatten)]
    pub omissions: Omissions,
}

/// The `--no-...` family: sorts of objects, and properties of objects, that are left out.
#[derive(Debug, Args, Default)]
pub(crate) struct Omissions {
    /// Leave objects to the role that restores them
    #[arg(short = 'O', long)]
    pub no_owner: bool,

    /// Leave out GRANT and REVOKE
    #[arg(short = 'x', long, alias = "no-acl")]
    pub no_privileges: bool,

    /// Leave out comments
    #[arg(long)]
    pub no_comments: bool,

    /// Leave out row security and its policies
    #[arg(long)]
    pub no_policies: bool,

    /// Leave out publications
    #[arg(long)]
    pub no_publications: bool,

    /// Leave out subscriptions
    #[arg(long)]
    pub no_subscriptions: bool,

    /// Leave out security labels
    #[arg(long)]
    pub no_security_labels: bool,

    /// Leave the choice of tablespaces to the target
    #[arg(long)]
    pub no_tablespaces: bool,

    /// Leave the choice of table access methods to the target
    #[arg(long)]
    pub no_table_access_method: bool,
}

/// The values of `--section`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SectionChoice {
    /// Definitions that rows need.
    PreData,
    /// Rows, large objects, sequence values.
    Data,
    /// Indexes, constraints, triggers, rules.
    PostData,
}
