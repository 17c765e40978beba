//! The command line as clap sees it: only what the user typed, nothing resolved.
//!
//! `check` refuses what contradicts itself, `unsupported` knows the options of `pg_dump` and
//! `pg_restore` that pgark does not have, `values` parses single values. Turning arguments into an
//! operation's options is the business of the subcommand's own file in `cli`.

mod check;
mod common;
mod dump;
mod filters;
mod read;
mod restore;
mod selection;
mod unsupported;
mod values;

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgAction, Parser, Subcommand};

pub(crate) use common::{ConnectionFlags, OutputFlags, PaceFlag, ProgressChoice};
pub(crate) use dump::{DumpArgs, DumpSelection};
pub(crate) use read::{InspectArgs, VerifyArgs};
pub(crate) use restore::RestoreArgs;
pub(crate) use selection::{RestoreSelection, SectionChoice};
pub(crate) use values::{RoleArg, bytes};

use super::report::Failure;

const ABOUT: &str = "Portable, checksummed snapshots of PostgreSQL databases in one file";

const GENERAL: &str = "General options";

/// Behind all options that are listed in the order of their definition.
const LAST: usize = 1000;

const EXAMPLES: &str = "\
Example:
  pgark dump -h src -U admin accounts jobs -j 4 -f snap.tar
  pgark inspect snap.tar
  pgark verify snap.tar
  pgark restore snap.tar -h dst -U admin --create -j 8

-h is the host, as in every PostgreSQL tool; help is --help or -?.";

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "pgark",
    version,
    about = ABOUT,
    after_help = EXAMPLES,
    disable_help_flag = true,
    disable_help_subcommand = true,
    disable_version_flag = true,
    max_term_width = 100
)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,

    /// Print this help and exit
    #[arg(
        short = '?',
        long,
        global = true,
        action = ArgAction::Help,
        help_heading = GENERAL,
        display_order = LAST
    )]
    help: Option<bool>,

    /// Print the version and exit
    #[arg(short = 'V', long, action = ArgAction::Version, help_heading = GENERAL)]
    version: Option<bool>,
}

/// One variant per operation.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write databases of one server to an archive
    Dump(Box<DumpArgs>),
    /// Say what is in an archive
    Inspect(InspectArgs),
    /// Prove that an archive is whole; needs no server
    Verify(VerifyArgs),
    /// Load databases from an archive into a server
    Restore(Box<RestoreArgs>),
}

impl Command {
    /// The options every subcommand has.
    pub(crate) fn output(&self) -> &OutputFlags {
        match self {
            Self::Dump(args) => &args.output,
            Self::Inspect(args) => &args.output,
            Self::Verify(args) => &args.output,
            Self::Restore(args) => &args.output,
        }
    }

    fn check(&self) -> Result<(), Failure> {
        match self {
            Self::Dump(args) => check::dump(args),
            Self::Inspect(args) => check::inspect(args),
            Self::Verify(args) => check::verify(args),
            Self::Restore(args) => check::restore(args),
        }
    }
}

/// What the command line asks for.
#[derive(Debug)]
pub(crate) enum Request {
    /// Run an operation.
    Run(Command),
    /// Print a text (help, version) to standard output.
    Print(String),
}

/// Parses and checks `args`, the program's name first.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Request, Failure> {
    match Cli::try_parse_from(args) {
        Ok(cli) => {
            cli.command.check()?;
            Ok(Request::Run(cli.command))
        }
        Err(error) => match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
                Ok(Request::Print(error.render().to_string()))
            }
            _ => Err(usage_failure(&error)),
        },
    }
}

/// clap's message as one sentence of ours, with our own hint where we know better.
fn usage_failure(error: &clap::Error) -> Failure {
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return Failure::usage("no command given")
            .with_hint("The commands are dump, inspect, verify and restore; see `pgark --help`.");
    }
    let rendered = error.render().to_string();
    let message = first_paragraph(&rendered);
    Failure::usage(message).with_hint_if(hint(error))
}

/// clap prints "error: " and a sentence, sometimes continued by an indented list, before the first
/// empty line; after it come tips and a usage line.
fn first_paragraph(rendered: &str) -> String {
    let paragraph = rendered.split("\n\n").next().unwrap_or(rendered);
    let lines: Vec<&str> = paragraph.lines().map(str::trim).collect();
    let text = lines.join(" ");
    text.strip_prefix("error: ").unwrap_or(&text).to_owned()
}

fn hint(error: &clap::Error) -> Option<String> {
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => texts.first().cloned(),
        _ => None,
    };
    let argument = context(ContextKind::InvalidArg).unwrap_or_default();
    if argument == "-h" || argument.starts_with("--host") {
        return Some("-h is the host, as in every PostgreSQL tool; help is --help or -?.".into());
    }
    if error.kind() == ErrorKind::UnknownArgument
        && let Some(hint) = unsupported::hint(&argument)
    {
        return Some(hint.to_owned());
    }
    if error.kind() == ErrorKind::MissingRequiredArgument {
        return match error.get(ContextKind::Usage) {
            Some(ContextValue::StyledStr(usage)) => Some(usage.to_string()),
            _ => None,
        };
    }
    let meant = context(ContextKind::SuggestedArg)
        .or_else(|| context(ContextKind::SuggestedValue))
        .or_else(|| context(ContextKind::SuggestedSubcommand));
    meant.map(|name| format!("Did you mean \"{name}\"?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(line: &str) -> Failure {
        let args = line.split(' ').map(OsString::from);
        match parse(args) {
            Err(failure) => failure,
            Ok(request) => panic!("{line}: {request:?}"),
        }
    }

    #[test]
    fn claps_definition_holds_together() {
        use clap::CommandFactory as _;
        Cli::command().debug_assert();
    }

    #[test]
    fn h_is_the_host_and_says_so() {
        for line in ["pgark -h", "pgark dump -h"] {
            let hint = failure(line).hint.unwrap_or_default();
            assert!(hint.contains("help is --help"), "{line}: {hint}");
        }
    }

    #[test]
    fn help_is_a_text_to_print() {
        for line in [
            "pgark --help",
            "pgark -?",
            "pgark dump -?",
            "pgark restore --help",
        ] {
            let request = parse(line.split(' ').map(OsString::from));
            assert!(
                matches!(request, Ok(Request::Print(_))),
                "{line}: {request:?}"
            );
        }
    }

    #[test]
    fn an_option_of_a_later_release_is_named_and_explained() {
        let failure = failure("pgark dump a -f x -e x");
        assert!(failure.message.contains("'-e'"), "{}", failure.message);
        assert!(
            failure
                .hint
                .unwrap_or_default()
                .contains("not in pgark yet")
        );
    }

    #[test]
    fn a_typing_error_gets_the_nearest_option() {
        let failure = failure("pgark restore snap.tar --creat");
        assert_eq!(failure.hint.as_deref(), Some("Did you mean \"--create\"?"));
    }
}
