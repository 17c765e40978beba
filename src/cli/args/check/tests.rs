//! Each contradiction is one sentence, and what only looks odd is accepted.

use std::ffi::OsString;

use super::super::parse;

fn message(line: &str) -> Option<String> {
    parse(line.split(' ').map(OsString::from))
        .err()
        .map(|failure| failure.message)
}

#[track_caller]
fn assert_refused(cases: &[(&str, &str)]) {
    for (line, expected) in cases {
        let said = message(&format!("pgark {line}"));
        assert_eq!(said.as_deref(), Some(*expected), "{line}");
    }
}

#[test]
fn contradictions_of_dump_are_refused_in_one_sentence() {
    assert_refused(&[
        (
            "dump a -f x -a -s",
            "-a/--data-only and -s/--schema-only exclude each other",
        ),
        (
            "dump a -f x --all-databases",
            "--all-databases and a list of databases exclude each other",
        ),
        (
            "dump a -f x -b -B",
            "-b/--large-objects and -B/--no-large-objects exclude each other",
        ),
        (
            "dump a -f x --schema-reader catalogs --pg-dump /x",
            "--schema-reader catalogs and --pg-dump exclude each other",
        ),
        (
            "dump a -f x --exclude-database b",
            "--exclude-database means nothing without --all-databases",
        ),
        ("dump a b a -f x", "database \"a\" is listed twice"),
        (
            "dump postgres://h/a -f x",
            "\"postgres://h/a\" is not the name of a database",
        ),
    ]);
}

#[test]
fn contradictions_of_restore_are_refused_in_one_sentence() {
    assert_refused(&[
        (
            "restore x -a -s",
            "-a/--data-only and -s/--schema-only exclude each other",
        ),
        (
            "restore x -a -c",
            "-a/--data-only and -c/--clean exclude each other",
        ),
        (
            "restore x --if-exists",
            "--if-exists means nothing without -c/--clean",
        ),
        (
            "restore x -a --no-data",
            "-a/--data-only and --no-data exclude each other",
        ),
        (
            "restore x -s --no-schema",
            "-s/--schema-only and --no-schema exclude each other",
        ),
        (
            "restore x -s --statistics",
            "-s/--schema-only and --statistics exclude each other",
        ),
        (
            "restore x --statistics-only --no-statistics",
            "--statistics-only and --no-statistics exclude each other",
        ),
        (
            "restore x --globals-only -T t",
            "--globals-only and -T/--trigger exclude each other",
        ),
        (
            "restore x --globals-only --no-globals",
            "--globals-only and --no-globals exclude each other",
        ),
        (
            "restore x --globals-only a",
            "--globals-only and a list of databases exclude each other",
        ),
        (
            "restore x --with-dependants",
            "--with-dependants means nothing without -n, -t, -I, -P, -T or --filter",
        ),
        (
            "restore x -f s -d a",
            "-d/--dbname and -f/--file exclude each other",
        ),
        (
            "restore x --use-set-session-authorization --role r",
            "--use-set-session-authorization and --role exclude each other",
        ),
        (
            "restore x --map-role a=b --map-role a=c",
            "--map-role: role \"a\" cannot become two others",
        ),
        ("restore x a a=b", "database \"a\" is named twice"),
        (
            "restore x a=b b",
            "database \"b\" would be restored into twice",
        ),
    ]);
}

#[test]
fn one_transaction_is_one_session_s_work() {
    assert_refused(&[
        (
            "restore x -1 -j 2",
            "-1/--single-transaction and several --jobs exclude each other",
        ),
        (
            "restore x -1 -C",
            "-1/--single-transaction and -C/--create exclude each other",
        ),
        (
            "restore x -1 --transaction-size 5",
            "-1/--single-transaction and --transaction-size exclude each other",
        ),
        (
            "restore x --resume -1",
            "-1/--single-transaction and --resume exclude each other",
        ),
    ]);
}

#[test]
fn what_only_looks_odd_is_accepted() {
    for line in [
        "dump --all-databases -n public -f x",
        "dump a=b -f x",
        "dump -f x -d postgresql://h/a",
        "restore x -C a=b b=a",
        "restore x -c --if-exists -C",
        "restore x -1 -j 1",
        "restore x --section pre-data --section data -n a -n b",
        "verify x -j1 --deep",
        "inspect x -l",
    ] {
        assert_eq!(message(&format!("pgark {line}")), None, "{line}");
    }
}

#[test]
fn a_pipe_is_for_verify_only() {
    assert_refused(&[
        (
            "restore - a",
            "an archive on standard input cannot be restored",
        ),
        (
            "inspect -",
            "an archive on standard input cannot be inspected",
        ),
        (
            "verify - --quick",
            "--quick reads the end of the archive first, which standard input cannot do",
        ),
        (
            "verify - --against postgres",
            "--against reads the archive by ranges, which standard input cannot do",
        ),
    ]);
    for line in ["verify - --deep", "dump a -f - --force", "restore ./- a"] {
        assert_eq!(message(&format!("pgark {line}")), None, "{line}");
    }
}
