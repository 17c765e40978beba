//! Options of PostgreSQL's own programs, as every client at hand prints them: each is taken, or gets a
//! sentence.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use super::run;
use crate::need;
use crate::support::peers::{self, Missing};
use crate::support::run::run as finish;

/// The folders of the client programs of all versions whose options differ, the installed ones first.
fn clients() -> Result<Vec<PathBuf>, Missing> {
    let installed = std::iter::once(peers::installed_client());
    installed
        .chain([17, 18, 19].into_iter().map(peers::client))
        .collect()
}

/// Every option in the help of these programs: `-f` and `--file`.
fn options(clients: &[PathBuf], programs: &[&str]) -> BTreeSet<String> {
    let mut options = BTreeSet::new();
    let each = |folder| programs.iter().map(move |program| (folder, program));
    for (folder, program) in clients.iter().flat_map(each) {
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
fn all_are_taken_or_explained(command: &str, programs: &[&str]) {
    let clients = need!(clients());
    let options = options(&clients, programs);
    assert!(options.len() > 100, "only these were found: {options:?}");
    let asked = ["-?", "--help", "-V", "--version"];
    for option in options
        .iter()
        .filter(|option| !asked.contains(&option.as_str()))
    {
        let said = told(command, option);
        let hint = said.lines().nth(1).unwrap_or_default();
        let is_explained =
            hint.starts_with("hint: ") && hint.ends_with('.') && !hint.contains("Did you mean");
        assert!(
            is_explained || !said.contains("unexpected argument"),
            "of {option} pgark {command} only says: {said}"
        );
    }
}

#[test]
fn a_dump_takes_or_explains_what_pg_dump_and_pg_dumpall_take() {
    all_are_taken_or_explained("dump", &["pg_dump", "pg_dumpall"]);
}

/// What is said to a dump is tried on a restore too.
#[test]
fn a_restore_takes_or_explains_what_pg_restore_and_the_others_take() {
    all_are_taken_or_explained("restore", &["pg_restore", "pg_dump", "pg_dumpall"]);
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
