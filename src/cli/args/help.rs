//! How `--help` is laid out: 80 columns, the most used options first, examples never broken.
//!
//! Pure: clap's definition in, text out. The words are those of the definitions; examples and what stands
//! behind the options are in `pages`. clap's own layout wraps by the terminal's width, which breaks examples
//! in two, and puts options in the order of their definition.

use super::headings::GENERAL;
use std::fmt::Write as _;

use clap::{Arg, ArgAction, Command};

use super::pages::Page;

/// The width of a page, whatever the terminal's: what is copied from it must be what was meant.
const WIDTH: usize = 80;

/// Where what an option does begins, counted from the left.
const TEXT_AT: usize = 30;

/// Options that stand at the end of their section.
const LAST: [&str; 2] = ["version", "help"];

/// The page of the whole program.
pub(crate) fn program(program: &Command, page: &Page) -> String {
    let mut text = format!("{}\n\nUsage: {}\n\nCommands:\n", about(program), page.usage);
    for command in program.get_subcommands() {
        let _ = writeln!(text, "  {:<9}{}", command.get_name(), about(command));
    }
    text.push_str("  help     Print this, or the page of a command: pgark help restore\n");
    sections(&mut text, program, page);
    text + "\n" + page.afterwards + "\n"
}

/// The page of one command.
pub(crate) fn command(command: &Command, page: &Page) -> String {
    let mut text = format!("{}\n\nUsage: {}\n", about(command), page.usage);
    text.push_str("\nArguments:\n");
    for argument in command
        .get_positionals()
        .filter(|argument| !argument.is_hide_set())
    {
        line(
            &mut text,
            &format!("  {}", value_name(argument)),
            &what(argument),
        );
    }
    sections(&mut text, command, page);
    text + "\n" + page.afterwards + "\n"
}

fn about(command: &Command) -> String {
    command
        .get_about()
        .map(ToString::to_string)
        .unwrap_or_default()
}

/// Options by their headings, the most used ones first and only there.
fn sections(text: &mut String, command: &Command, page: &Page) {
    let is_shown = |option: &&Arg| !option.is_positional() && !option.is_hide_set();
    let mut options: Vec<&Arg> = command.get_arguments().filter(is_shown).collect();
    options.sort_by_key(|option| {
        LAST.iter()
            .position(|last| option.get_id() == last)
            .map_or(0, |at| at + 1)
    });
    let is_used = |option: &&Arg| page.most_used.iter().any(|id| option.get_id() == id);
    let used = page.most_used.iter();
    let used: Vec<&Arg> = used
        .filter_map(|id| options.iter().find(|option| option.get_id() == id).copied())
        .collect();
    section(text, "Most used options", &used);
    options.retain(|option| !is_used(option));
    let mut headings: Vec<&str> = Vec::new();
    for option in &options {
        let heading = heading(option);
        if !headings.contains(&heading) {
            headings.push(heading);
        }
    }
    // What is true of every command comes last.
    headings.sort_by_key(|heading| *heading == GENERAL);
    for wanted in headings {
        let of_it = options.iter().filter(|option| heading(option) == wanted);
        let of_it: Vec<&Arg> = of_it.copied().collect();
        section(text, wanted, &of_it);
    }
}

fn heading(option: &Arg) -> &str {
    option.get_help_heading().unwrap_or(GENERAL)
}

fn section(text: &mut String, heading: &str, options: &[&Arg]) {
    if options.is_empty() {
        return;
    }
    let _ = write!(text, "\n{heading}:\n");
    for option in options {
        line(text, &spelling(option), &what(option));
    }
}

/// `  -j, --jobs <N>`
fn spelling(option: &Arg) -> String {
    let mut text = match option.get_short() {
        Some(short) => format!("  -{short}, "),
        None => "      ".to_owned(),
    };
    if let Some(long) = option.get_long() {
        let _ = write!(text, "--{long}");
    }
    if takes_value(option) {
        let _ = write!(text, " {}", value_name(option));
    }
    text
}

fn takes_value(option: &Arg) -> bool {
    matches!(option.get_action(), ArgAction::Set | ArgAction::Append)
}

/// `<N>`, or `[DBNAME]...` of an argument that may be missing or be there several times.
fn value_name(argument: &Arg) -> String {
    let name = argument
        .get_value_names()
        .and_then(|names| names.first())
        .map_or_else(
            || argument.get_id().as_str().to_uppercase(),
            ToString::to_string,
        );
    let is_list = argument.is_positional() && matches!(argument.get_action(), ArgAction::Append);
    if is_list {
        format!("[{name}]...")
    } else {
        format!("<{name}>")
    }
}

fn what(argument: &Arg) -> String {
    let mut text = argument
        .get_help()
        .map(ToString::to_string)
        .unwrap_or_default();
    let default = argument.get_default_values().first();
    if let Some(default) = default.filter(|_| takes_value(argument)) {
        let _ = write!(text, " [default: {}]", default.display());
    }
    text
}

/// What is on the left and, beside it or below, what it means.
fn line(text: &mut String, left: &str, right: &str) {
    let mut column = left.len();
    text.push_str(left);
    // Two blanks at least stand between them.
    if column + 2 > TEXT_AT {
        text.push('\n');
        column = 0;
    }
    let mut is_first = true;
    for word in right.split_whitespace() {
        if !is_first && column + 1 + word.len() > WIDTH {
            text.push('\n');
            (column, is_first) = (0, true);
        }
        if is_first {
            text.push_str(&" ".repeat(TEXT_AT - column));
            column = TEXT_AT;
        } else {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += word.len();
        is_first = false;
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_long_goes_below_and_nothing_goes_beyond_the_edge() {
        let mut text = String::new();
        line(&mut text, "  -j, --jobs <N>", &"word ".repeat(12));
        line(
            &mut text,
            "      --exclude-table-data <PATTERN>",
            "Leave out",
        );
        line(&mut text, "  -x", "");
        let edge = format!(
            "  -j, --jobs <N>{}word{}\n",
            " ".repeat(14),
            " word".repeat(9)
        );
        let below = format!("{}word word\n", " ".repeat(30));
        let left = "      --exclude-table-data <PATTERN>\n";
        let right = format!("{}Leave out\n", " ".repeat(30));
        assert_eq!(text, edge + &below + left + &right + "  -x\n");
        assert!(text.lines().all(|line| line.len() <= WIDTH));
    }
}
