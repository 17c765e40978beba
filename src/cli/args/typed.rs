//! The words of a command line that cannot be parsed, for the sentence that helps.
//!
//! Pure. Nothing is ever run because of what is found here: it only chooses what to advise.

use std::ffi::OsString;

use clap::{Arg, ArgAction, Command};

use super::{again, unsupported};
use crate::cli::screen::report::Failure;
use crate::monitor::nearest::nearest;

/// What users of other programs type for our commands.
const OTHER_NAMES: [(&str, &[&str]); 4] = [
    (
        "dump",
        &[
            "backup",
            "save",
            "export",
            "create",
            "pg_dump",
            "pg_dumpall",
        ],
    ),
    (
        "inspect",
        &["list", "ls", "show", "info", "describe", "contents"],
    ),
    ("verify", &["check", "test", "validate", "compare", "diff"]),
    (
        "restore",
        &["load", "import", "recover", "extract", "pg_restore"],
    ),
];

/// Characters that documents and keyboards put in the place of a hyphen: hyphen, non-breaking hyphen, figure
/// dash, en dash, em dash, horizontal bar, minus sign.
const DASHES: [char; 7] = [
    '\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2014}', '\u{2015}', '\u{2212}',
];

/// The command line, word by word, the program's name left out.
pub(crate) struct Typed<'a> {
    program: &'a Command,
    words: &'a [OsString],
}

impl<'a> Typed<'a> {
    pub(crate) fn new(program: &'a Command, args: &'a [OsString]) -> Self {
        let words = args.get(1..).unwrap_or_default();
        Self { program, words }
    }

    /// Whether a word is empty, as an unset variable of a script leaves it.
    pub(crate) fn has_empty_word(&self) -> bool {
        self.words.iter().any(|word| word.is_empty())
    }

    /// The command, if the first word is one.
    pub(crate) fn command(&self) -> Option<&'a Command> {
        self.program.find_subcommand(self.words.first()?)
    }

    /// Words that are neither options nor their values, the command itself left out. Those behind `--` are
    /// taken at their word.
    fn positionals(&self) -> Vec<(usize, &'a str)> {
        let Some(command) = self.command() else {
            return Vec::new();
        };
        let mut found = Vec::new();
        let mut words = self.words.iter().enumerate().skip(1);
        while let Some((at, word)) = words.next() {
            let Some(word) = word.to_str() else { continue };
            if word == "--" {
                break;
            }
            if !word.starts_with('-') || word == "-" {
                found.push((at, word));
            } else if takes_next(command, word) {
                words.next();
            }
        }
        found
    }

    /// A word that begins with a dash that is no hyphen, and what it should be.
    pub(crate) fn dash(&self) -> Option<Failure> {
        let mut words = self.positionals();
        // Before the command there is nothing but options.
        if self.command().is_none() {
            words = self
                .words
                .first()
                .and_then(|word| Some((0, word.to_str()?)))
                .into_iter()
                .collect();
        }
        let (_, word) = words
            .into_iter()
            .find(|(_, word)| word.starts_with(DASHES))?;
        let name = word.trim_start_matches(|c| c == '-' || DASHES.contains(&c));
        let hyphens = if name.chars().count() == 1 { "-" } else { "--" };
        let message = format!("\"{word}\" begins with a dash that is no hyphen");
        Some(Failure::usage(message).with_hint(format!(
            "It was pasted from a document, perhaps. Type it: {hyphens}{name}"
        )))
    }

    /// Options that stand before the command, and where they belong.
    pub(crate) fn misplaced(&self) -> Option<Failure> {
        let first = self.words.first()?.to_str()?;
        if !first.starts_with('-') {
            return None;
        }
        let is_command = |word: &&OsString| self.program.find_subcommand(word).is_some();
        let Some(command) = self.words.iter().find(is_command) else {
            let message = "no command is given";
            return Some(Failure::usage(message).with_hint(
                "The commands are dump, inspect, verify and restore, and options stand behind them: \
                 pgark dump -h src ..",
            ));
        };
        let others = self.words.iter().filter(|word| *word != command);
        let line = again::line([command].into_iter().chain(others));
        let message = format!("\"{first}\" stands before the command");
        let hint = match line {
            Some(line) => format!("Options stand behind it: {line}"),
            None => format!("Options stand behind it: pgark {} ..", command.display()),
        };
        Some(Failure::usage(message).with_hint(hint))
    }

    /// `dump accounts snap.tar`: the archive without its `-f`. `inspect` and its like: no archive at all.
    pub(crate) fn missing_archive(&self) -> Option<Failure> {
        let command = self.command()?;
        if command.get_name() != "dump" {
            let usage = super::pages::of(command.get_name())?.usage;
            let hint = format!("Usage: {usage}");
            return Some(Failure::usage("no archive is named").with_hint(hint));
        }
        let failure = Failure::usage("no archive is named to write to");
        let archive = self
            .positionals()
            .into_iter()
            .find(|(_, word)| looks_like_archive(word));
        let Some((at, archive)) = archive else {
            return Some(failure.with_hint(
                "-f says where it goes: a file such as snap.tar, a URL such as s3://bucket/snap.tar, or - for \
                 standard output.",
            ));
        };
        let mut words: Vec<OsString> = self.words.to_vec();
        words.insert(at, "-f".into());
        let line = again::line(words.iter());
        let message =
            format!("\"{archive}\" is taken for a database: the archive has an option, -f");
        Some(Failure::usage(message).with_hint(match line {
            Some(line) => format!("Did you mean this? {line}"),
            None => format!("Put -f before it: -f {archive}"),
        }))
    }

    /// What to do about a word that is no command.
    pub(crate) fn command_hint(&self) -> Option<String> {
        let word = self.words.first()?.to_str()?;
        let named = OTHER_NAMES.iter().find(|(_, names)| names.contains(&word));
        let names = || {
            self.program
                .get_subcommands()
                .map(|command| command.get_name().as_bytes())
        };
        let meant = named.map(|(name, _)| (*name).to_owned()).or_else(|| {
            Some(String::from_utf8_lossy(nearest(word.as_bytes(), names())?).into_owned())
        });
        Some(match meant {
            Some(meant) => format!("Did you mean \"{meant}\"?"),
            None => {
                "The commands are dump, inspect, verify and restore; see `pgark --help`.".to_owned()
            }
        })
    }

    /// What to do about an option that the command does not take.
    pub(crate) fn option_hint(&self, option: &str) -> Option<String> {
        let command = self.command()?;
        let name = command.get_name();
        if let Some(hint) = unsupported::hint(name, option) {
            return Some(hint.to_owned());
        }
        if option == "-h" || option.starts_with("--host") {
            return Some(format!("{name} needs no server; help is --help or -?."));
        }
        let option = option.split('=').next().unwrap_or(option);
        let mut others = self.program.get_subcommands();
        if let Some(other) = others.find(|other| has(other, option)) {
            let other = other.get_name();
            return Some(format!("{other} takes {option}, {name} does not."));
        }
        let meant = near_option(command, option.strip_prefix("--")?)?;
        Some(format!("Did you mean \"--{meant}\"?"))
    }
}

/// Whether the option is followed by its value as a word of its own.
fn takes_next(command: &Command, word: &str) -> bool {
    let takes = |arg: &Arg| matches!(arg.get_action(), ArgAction::Set | ArgAction::Append);
    if let Some(long) = word.strip_prefix("--") {
        let known = command
            .get_arguments()
            .find(|arg| spellings(arg).any(|name| name == long));
        return known.is_some_and(takes);
    }
    // Of a cluster such as -vj, the first that takes a value takes the rest, or the next word.
    let mut letters = word.chars().skip(1);
    while let Some(letter) = letters.next() {
        let known = command
            .get_arguments()
            .find(|arg| arg.get_short() == Some(letter));
        if known.is_some_and(takes) {
            return letters.next().is_none();
        }
    }
    false
}

/// The long spellings of an option.
fn spellings(option: &Arg) -> impl Iterator<Item = &str> {
    let aliases = option.get_all_aliases().unwrap_or_default();
    option.get_long().into_iter().chain(aliases)
}

fn has(command: &Command, option: &str) -> bool {
    command
        .get_arguments()
        .any(|arg| match option.strip_prefix("--") {
            Some(long) => spellings(arg).any(|name| name == long),
            None => arg
                .get_short()
                .is_some_and(|short| option == format!("-{short}")),
        })
}

/// The option that was meant, of those that mean no contrary: `--no-x` is never `--x`, nor `--x-only` `--x`.
fn near_option(command: &Command, typed: &str) -> Option<String> {
    let sense = |name: &str| (name.starts_with("no-"), name.ends_with("-only"));
    let options = command
        .get_arguments()
        .filter(|option| !option.is_hide_set());
    let names = options.filter_map(Arg::get_long);
    let names: Vec<&[u8]> = names
        .filter(|name| sense(name) == sense(typed) || name.starts_with(typed))
        .map(str::as_bytes)
        .collect();
    let near = nearest(typed.as_bytes(), names)?;
    Some(String::from_utf8_lossy(near).into_owned())
}

/// A database is rarely called so.
fn looks_like_archive(word: &str) -> bool {
    const ENDINGS: [&str; 6] = [".tar", ".pgark", ".dump", ".backup", ".bak", ".archive"];
    ENDINGS.iter().any(|ending| word.ends_with(ending))
        || word == "-"
        || ["/", "./", "../", "~/", "s3://", "gs://", "az://", "file://"]
            .iter()
            .any(|beginning| word.starts_with(beginning))
}
