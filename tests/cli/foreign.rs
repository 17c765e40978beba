//! Options of PostgreSQL's own programs, as every client at hand prints them: each is taken, or gets a sentence.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use super::run;
use crate::need;
use crate::support::peers::{self, Missing};
use crate::support::run::run as finish;

/// The folders of all client programs at hand; the installed ones must be among them.
fn clients() -> Result<Vec<PathBuf>, Missing> {
    let fetched = [17, 18].into_iter().map(peers::client);
    let mut clients = vec![peers::installed_client()?];
    clients.extend(fetched.filter_map(Result::ok));
    Ok(clients)
}

/// Every option in the help of `program`: `-f` and `--file`.
fn options(clients: &[PathBuf], program: &str) -> BTreeSet<String> {
    let mut options = BTreeSet::new();
    for folder in clients {
        let help = finish(Command::new(folder.join(program)).arg("--help"), b"");
        for line in help.success().stdout().lines().map(str::trim_start) {
            let words = line.split([' ', '=', ',']).filter(|word| !word.is_empty());
            options.extend(
                words
                    .take_while(|word| word.starts_with('-'))
                    .map(str::to_owned),
            );
        }
    }
    options
}

/// What `pgark COMMAND OPTION` is told. Nothing is ever done: the archive is missing.
fn told(command: &str, option: &str) -> String {
    let (status, _, stderr) = run(&[command, option]);
    assert_eq!(status, 2, "{command} {option}: {stderr}");
    stderr
}

#[track_caller]
fn all_are_taken_or_explained(
    command: &str,
    programs: &[&str],
    at_least: usize,
    clients: &[PathBuf],
) {
    let mut seen = 0;
    for program in programs {
        for option in options(clients, program) {
            if matches!(option.as_str(), "-?" | "--help" | "-V" | "--version") {
                continue;
            }
            seen += 1;
            let said = told(command, &option);
            if !said.contains("unexpected argument") {
                continue;
            }
            let hint = said.lines().nth(1).unwrap_or_default();
            assert!(
                hint.starts_with("hint: ") && hint.ends_with('.') && !hint.contains("Did you mean"),
                "{program} has {option}, of which pgark {command} only says: {said}"
            );
        }
    }
    assert!(seen >= at_least, "only {seen} options were found");
}

#[test]
fn options_of_pg_dump_and_pg_dumpall_are_taken_or_explained() {
    let clients = need!(clients());
    all_are_taken_or_explained("dump", &["pg_dump", "pg_dumpall"], 120, &clients);
}

#[test]
fn options_of_pg_restore_are_taken_or_explained() {
    let clients = need!(clients());
    all_are_taken_or_explained("restore", &["pg_restore"], 60, &clients);
    // What is said of a dump is asked of a restore too.
    all_are_taken_or_explained("restore", &["pg_dump", "pg_dumpall"], 120, &clients);
}

#[test]
fn no_option_is_turned_into_another_meaning() {
    for (line, unmeant) in [
        ("dump --globals-only", "--no-globals"),
        ("dump --statistics", "--no-statistics"),
        ("restore --comments", "--no-comments"),
        ("restore --owner", "--no-owner"),
        ("dump --sync", "--no-sync"),
        ("restore --globals", "--no-globals"),
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        let said = told(words[0], words[1]);
        assert!(!said.contains(unmeant), "{line}: {said}");
    }
    let said = told("dump", "--globals-only");
    assert!(
        said.contains("`pgark restore ARCHIVE --globals-only`"),
        "{said}"
    );
}
