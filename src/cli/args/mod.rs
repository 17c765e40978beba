//! The command line as clap sees it: only what the user typed, nothing resolved.
//!
//! `check` refuses what contradicts itself, `unsupported` knows the options of PostgreSQL's programs that
//! pgark does not have, `typed` what somebody may have meant, `values` parses single values. `help` and
//! `pages` are the manual. Turning arguments into an operation's options is the business of the subcommand's
//! own file in `cli`.

mod after;
pub(crate) mod again;
mod check;
mod common;
mod dump;
mod filters;
mod headings;
mod help;
mod pages;
mod read;
mod restore;
mod selection;
mod typed;
mod unsupported;
mod values;

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgAction, CommandFactory as _, Parser, Subcommand};

pub(crate) use after::AfterFlags;
pub(crate) use check::several_archives;
pub(crate) use common::{ConnectionFlags, OutputFlags, PaceFlag, ProgressChoice};
pub(crate) use dump::{DumpArgs, DumpSelection, SchemaReaderChoice};
pub(crate) use read::{InspectArgs, RowFormat, VerifyArgs};
pub(crate) use restore::RestoreArgs;
pub(crate) use selection::{RestoreSelection, SectionChoice};
pub(crate) use values::{DatabaseArg, RoleArg, bytes};

use super::screen::report::Failure;
use headings::GENERAL;
use typed::Typed;

const ABOUT: &str = "Portable, checksummed snapshots of PostgreSQL databases in one file";

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "pgark",
    version,
    about = ABOUT,
    disable_help_flag = true,
    disable_help_subcommand = true,
    disable_version_flag = true,
    propagate_version = true
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
        help_heading = GENERAL
    )]
    help: Option<bool>,

    /// Print the version and exit
    #[arg(
        short = 'V',
        long,
        global = true,
        action = ArgAction::Version,
        help_heading = GENERAL
    )]
    version: Option<bool>,
}

/// One variant per operation.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write databases of one server to an archive
    Dump(Box<DumpArgs>),
    /// Say what is in an archive
    Inspect(Box<InspectArgs>),
    /// Prove that an archive is whole; needs no server
    Verify(Box<VerifyArgs>),
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
    /// Nothing at all: the help goes to standard error.
    Nothing(String),
}

/// The definition of the command line.
pub(crate) fn definition() -> clap::Command {
    Cli::command()
}

/// Parses and checks `args`, the program's name first.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Request, Failure> {
    let args: Vec<OsString> = args.into_iter().collect();
    let mut program = Cli::command();
    program.build();
    if let Some(request) = asks_for_help(&program, &args)? {
        return Ok(request);
    }
    let typed = Typed::new(&program, &args);
    match Cli::try_parse_from(&args) {
        Ok(cli) => {
            if let Some(failure) = typed.dash() {
                return Err(failure);
            }
            cli.command.check()?;
            Ok(Request::Run(cli.command))
        }
        Err(error) => match error.kind() {
            ErrorKind::DisplayHelp => {
                let command = args.iter().find_map(|word| program.find_subcommand(word));
                Ok(Request::Print(page(&program, command)))
            }
            ErrorKind::DisplayVersion => {
                let version = env!("CARGO_PKG_VERSION");
                Ok(Request::Print(format!("pgark {version}\n")))
            }
            _ => Err(usage_failure(&error, &typed)),
        },
    }
}

/// The page of a command, or of the program.
fn page(program: &clap::Command, command: Option<&clap::Command>) -> String {
    let page = command.and_then(|command| Some((command, pages::of(command.get_name())?)));
    match page {
        Some((command, page)) => help::command(command, page),
        None => help::program(program, &pages::PROGRAM),
    }
}

/// The ways to ask for help that are no options: `pgark`, `pgark help [COMMAND]`, and `pgark -h`, which asks
/// for nothing else as long as no host stands behind it.
fn asks_for_help(program: &clap::Command, args: &[OsString]) -> Result<Option<Request>, Failure> {
    let words: Vec<&OsString> = args.iter().skip(1).collect();
    match words.as_slice() {
        [] => Ok(Some(Request::Nothing(page(program, None)))),
        [only] if *only == "-h" => Ok(Some(Request::Print(page(program, None)))),
        [first] if *first == "help" => Ok(Some(Request::Print(page(program, None)))),
        [first, word, ..] if *first == "help" => match program.find_subcommand(word) {
            Some(command) => Ok(Some(Request::Print(page(program, Some(command))))),
            None if word.as_encoded_bytes().starts_with(b"-") || *word == "help" => {
                Ok(Some(Request::Print(page(program, None))))
            }
            None => {
                let failure = Failure::usage(format!("there is no command \"{}\"", word.display()));
                let typed = Typed::new(program, args.get(1..).unwrap_or_default());
                Err(failure.with_hint_if(typed.command_hint()))
            }
        },
        _ => Ok(None),
    }
}

/// clap's message as one sentence of ours, with our own hint where we know better.
fn usage_failure(error: &clap::Error, typed: &Typed<'_>) -> Failure {
    let better = typed.dash().or_else(|| match error.kind() {
        _ if typed.command().is_none() => typed.misplaced(),
        ErrorKind::MissingRequiredArgument if lacks_archive(error) => typed.missing_archive(),
        _ => None,
    });
    if let Some(failure) = better {
        return failure;
    }
    let rendered = error.render().to_string();
    let message = first_paragraph(&rendered);
    Failure::usage(message).with_hint_if(hint(error, typed))
}

/// clap prints "error: " and a sentence, sometimes continued by an indented list, before the first
/// empty line; after it come tips and a usage line.
fn first_paragraph(rendered: &str) -> String {
    let paragraph = rendered.split("\n\n").next().unwrap_or(rendered);
    let lines: Vec<&str> = paragraph.lines().map(str::trim).collect();
    let text = lines.join(" ");
    text.strip_prefix("error: ").unwrap_or(&text).to_owned()
}

fn contexts(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    }
}

fn lacks_archive(error: &clap::Error) -> bool {
    let missing = contexts(error, ContextKind::InvalidArg);
    missing
        .iter()
        .any(|argument| argument.ends_with("<ARCHIVE>"))
}

fn hint(error: &clap::Error, typed: &Typed<'_>) -> Option<String> {
    let argument = contexts(error, ContextKind::InvalidArg).into_iter().next();
    let argument = argument.unwrap_or_default();
    match error.kind() {
        ErrorKind::InvalidSubcommand => typed.command_hint(),
        ErrorKind::UnknownArgument => typed.option_hint(&argument),
        _ if argument.starts_with("--host") => {
            Some("-h is the host, as in every PostgreSQL tool; help is --help or -?.".to_owned())
        }
        ErrorKind::InvalidValue if typed.has_empty_word() => {
            Some("If it came from a variable of a script, that one is not set.".to_owned())
        }
        _ => {
            let meant = contexts(error, ContextKind::SuggestedValue)
                .into_iter()
                .next()?;
            Some(format!("Did you mean \"{meant}\"?"))
        }
    }
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

    fn printed(line: &str) -> String {
        match parse(line.split(' ').map(OsString::from)) {
            Ok(Request::Print(text)) => text,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn h_is_the_host_and_says_so() {
        let failure = failure("pgark dump -h");
        let hint = failure.hint.unwrap_or_default();
        assert!(hint.contains("help is --help"), "{hint}");
    }

    #[test]
    fn help_is_asked_for_in_many_ways() {
        let program = printed("pgark --help");
        for line in [
            "pgark -?",
            "pgark -h",
            "pgark help",
            "pgark help help",
            "pgark help -x",
        ] {
            assert_eq!(printed(line), program, "{line}");
        }
        let restore = printed("pgark restore --help");
        assert!(restore.starts_with("Load databases"), "{restore}");
        for line in [
            "pgark restore -?",
            "pgark help restore",
            "pgark --help restore",
        ] {
            assert_eq!(printed(line), restore, "{line}");
        }
        let nothing = parse([OsString::from("pgark")]);
        assert!(matches!(nothing, Ok(Request::Nothing(text)) if text == program));
        let failure = failure("pgark help restor");
        assert_eq!(failure.message, "there is no command \"restor\"");
        assert_eq!(failure.hint.as_deref(), Some("Did you mean \"restore\"?"));
    }

    #[test]
    fn every_command_knows_its_version() {
        let version = printed("pgark --version");
        for line in ["pgark -V", "pgark dump -V", "pgark restore x --version"] {
            assert_eq!(printed(line), version, "{line}");
        }
    }

    #[test]
    fn an_option_of_pg_dump_alone_is_named_and_explained() {
        let failure = failure("pgark dump a -f x -E x");
        assert!(failure.message.contains("'-E'"), "{}", failure.message);
        let hint = failure.hint.unwrap_or_default();
        assert!(
            hint.starts_with("Each database is dumped in its own encoding"),
            "{hint}"
        );
    }

    /// What is said about a command line, and what is advised.
    fn said(line: &str) -> (String, String) {
        let failure = failure(&format!("pgark {line}"));
        (failure.message, failure.hint.unwrap_or_default())
    }

    #[test]
    fn a_typing_error_gets_the_nearest_option_that_means_no_contrary() {
        let hint = |line: &str| said(line).1;
        assert_eq!(
            hint("restore snap.tar --creat"),
            "Did you mean \"--create\"?"
        );
        assert_eq!(
            hint("dump -f x --al-databases"),
            "Did you mean \"--all-databases\"?"
        );
        assert_eq!(
            hint("restore x --single-trans"),
            "Did you mean \"--single-transaction\"?"
        );
        assert_eq!(
            hint("restore x --no-comment"),
            "Did you mean \"--no-comments\"?"
        );
        assert_eq!(hint("restore x --glob"), "Did you mean \"--globals-only\"?");
        // The contrary of one that is near.
        assert_eq!(hint("restore x --comments"), "");
        assert_eq!(
            hint("restore x --no-role"),
            "Did you mean \"--no-role-passwords\"?"
        );
        assert_eq!(hint("dump -f x --globals"), "");
        assert_eq!(hint("restore x --sync"), "");
        assert_eq!(
            hint("dump a -f x --resume"),
            "restore takes --resume, dump does not."
        );
        assert_eq!(
            hint("inspect x -h src"),
            "inspect needs no server; help is --help or -?."
        );
    }

    #[test]
    fn options_before_the_command_are_put_behind_it() {
        let (message, hint) = said("-h src -U admin dump accounts -f snap.tar");
        assert_eq!(message, "\"-h\" stands before the command");
        assert_eq!(
            hint,
            "Options stand behind it: pgark dump -h src -U admin accounts -f snap.tar"
        );
        let (message, hint) = said("-d postgresql://u:secret@h/d dump");
        assert_eq!(message, "\"-d\" stands before the command");
        assert_eq!(hint, "Options stand behind it: pgark dump ..");
        let (message, hint) = said("-j 4");
        assert_eq!(message, "no command is given");
        assert!(
            hint.starts_with("The commands are dump, inspect, verify and restore"),
            "{hint}"
        );
    }

    #[test]
    fn a_forgotten_f_is_put_before_the_archive() {
        let (message, hint) = said("dump -h /var/run accounts snap.tar -j 4");
        assert_eq!(
            message,
            "\"snap.tar\" is taken for a database: the archive has an option, -f"
        );
        assert_eq!(
            hint,
            "Did you mean this? pgark dump -h /var/run accounts -f snap.tar -j 4"
        );
        let (message, hint) = said("dump -h /var/run accounts");
        assert_eq!(message, "no archive is named to write to");
        assert!(hint.starts_with("-f says where it goes"), "{hint}");
        let (message, hint) = said("verify");
        assert_eq!(message, "no archive is named");
        assert!(hint.starts_with("Usage: pgark verify ARCHIVE"), "{hint}");
    }

    #[test]
    fn a_dash_that_is_no_hyphen_is_found_where_an_option_should_be() {
        for (line, typed) in [
            ("restore snap.tar \u{2013}create", "--create"),
            ("restore snap.tar \u{2014}create -j 8", "--create"),
            ("dump accounts \u{2013}f snap.tar", "-f"),
            (
                "dump -f snap.tar \u{2212}\u{2212}all-databases",
                "--all-databases",
            ),
            ("\u{2013}help", "--help"),
        ] {
            let (message, hint) = said(line);
            assert!(
                message.ends_with("begins with a dash that is no hyphen"),
                "{message}"
            );
            assert!(
                hint.ends_with(&format!("Type it: {typed}")),
                "{line}: {hint}"
            );
        }
        // As a value, and behind --, it is a name.
        for line in ["dump a -f x -t \u{2013}t", "dump -f x -- \u{2013}t"] {
            let words = format!("pgark {line}");
            let request = parse(words.split(' ').map(OsString::from));
            assert!(matches!(request, Ok(Request::Run(_))), "{request:?}");
        }
    }

    #[test]
    fn words_of_other_programs_are_understood() {
        let hint = |line: &str| said(line).1;
        assert_eq!(hint("backup accounts"), "Did you mean \"dump\"?");
        assert_eq!(hint("pg_restore x"), "Did you mean \"restore\"?");
        assert_eq!(hint("verfy x"), "Did you mean \"verify\"?");
        assert!(hint("snap.tar").starts_with("The commands are dump, "));
    }
}
