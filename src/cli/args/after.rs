//! What follows an operation, however it ended.

use std::path::PathBuf;

use clap::Args;

/// Who is told of the end.
#[derive(Debug, Args, Default)]
#[command(next_help_heading = "General options")]
pub(crate) struct AfterFlags {
    /// Write how it ended to this file, as node_exporter's textfile collector reads it
    #[arg(long, value_name = "FILE")]
    pub metrics_file: Option<PathBuf>,

    /// Run this by sh when all is done, with the result as JSON on its standard input
    #[arg(long, value_name = "COMMAND")]
    pub on_success: Option<String>,

    /// Run this by sh when it failed, was refused or was stopped, with the error as JSON on its standard
    /// input
    #[arg(long, value_name = "COMMAND")]
    pub on_failure: Option<String>,
}
