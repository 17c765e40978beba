//! Command lines that make no sense: status 2, one sentence, a hint, nothing done.

use super::run;

/// Standard error of a command line that must be refused before anything else happens.
fn refused(line: &str) -> String {
    let args: Vec<&str> = line.split_whitespace().collect();
    let (status, stdout, stderr) = run(&args);
    assert_eq!((status, stdout.as_str()), (2, ""), "{line}: {stderr}");
    assert!(stderr.starts_with("pgark: error: "), "{line}: {stderr}");
    stderr
}

#[test]
fn a_database_that_d_names_beside_a_list_is_refused() {
    insta::assert_snapshot!(refused("dump -d accounts jobs -f x"), @r#"
    pgark: error: -d names database "accounts", which is not among those that are listed: "jobs"
    hint: Only listed databases are dumped. To dump "accounts" as well, list it: pgark dump accounts jobs ..; to dump only what is listed, leave it out of -d, which takes -d host=.. or a URI without a database, too.
    "#);
    for string in ["dbname=accounts", "postgresql://localhost/accounts"] {
        let said = refused(&format!("dump -d {string} jobs metrics -f x"));
        assert!(
            said.contains("-d names database \"accounts\"")
                && said.contains("\"jobs\", \"metrics\""),
            "{said}"
        );
    }
}

#[test]
fn contradictions_are_one_sentence() {
    insta::assert_snapshot!(refused("dump a -f x -a -s"), @"pgark: error: -a/--data-only and -s/--schema-only exclude each other");
    insta::assert_snapshot!(refused("dump -f x"), @r"
    pgark: error: no database is named
    hint: List the databases by their names, or say --all-databases; `psql -l` lists them.
    ");
    insta::assert_snapshot!(refused("dump a"), @r"
    pgark: error: no archive is named to write to
    hint: -f says where it goes: a file such as snap.tar, a URL such as s3://bucket/snap.tar, or - for standard output.
    ");
    insta::assert_snapshot!(refused("dump a b a -f x"), @r#"pgark: error: database "a" is listed twice"#);
    insta::assert_snapshot!(refused("dump a -f x -j 0"), @"pgark: error: invalid value '0' for '--jobs <N>': not a number from 1 to 512");
    insta::assert_snapshot!(refused("dump a -f x -Z gzip"), @r#"pgark: error: invalid value 'gzip' for '--compress <METHOD>': "gzip" is neither none nor zstd nor zstd:LEVEL with a level from 1 to 22"#);
    insta::assert_snapshot!(refused("dump a -f x --chunk-size 3"), @"pgark: error: invalid value '3' for '--chunk-size <SIZE>': not a size from 64kB to 1GB");
    insta::assert_snapshot!(refused("dump a -f x --lock-wait-timeout 3m"), @r#"pgark: error: invalid value '3m' for '--lock-wait-timeout <TIMEOUT>': "m" is not one of ms, s, min, h, d"#);
    insta::assert_snapshot!(refused("dump postgresql://h/a -f x"), @r#"
    pgark: error: "postgresql://h/a" is not the name of a database
    hint: A URI or conninfo string goes to -d; the databases are listed by name.
    "#);
    insta::assert_snapshot!(refused("restore x --if-exists"), @"pgark: error: --if-exists means nothing without -c/--clean");
    insta::assert_snapshot!(refused("restore x --globals-only --no-globals"), @"pgark: error: --globals-only and --no-globals exclude each other");
    insta::assert_snapshot!(refused("restore x a=b=c"), @"pgark: error: invalid value 'a=b=c' for '[DBNAME[=NEWNAME]]...': more than one =; write == for a = that belongs to a name");
    insta::assert_snapshot!(refused("restore x --section middle"), @"pgark: error: invalid value 'middle' for '--section <SECTION>' [possible values: pre-data, data, post-data]");
    insta::assert_snapshot!(refused("restore x -j 0"), @"pgark: error: invalid value '0' for '--jobs <N>': not a number from 1 to 512");
    insta::assert_snapshot!(refused("restore x -Fp"), @"pgark: error: invalid value 'p' for '--format <FORMAT>': a plain script is restored with psql");
    insta::assert_snapshot!(refused("restore x -a --no-data"), @"pgark: error: -a/--data-only and --no-data exclude each other");
    insta::assert_snapshot!(refused("verify a.tar b.tar c.tar"), @r#"
    pgark: error: verify takes one archive, and several are named
    hint: One after the other, with the options of this call: for f in *.tar; do pgark verify "$f" || echo "failed: $f"; done
    "#);
    insta::assert_snapshot!(refused("inspect a.tar b.tar"), @r#"
    pgark: error: inspect takes one archive, and several are named
    hint: One after the other, with the options of this call: for f in *.tar; do pgark inspect "$f" || echo "failed: $f"; done
    "#);
    insta::assert_snapshot!(refused("verify a.tar jobs"), @"pgark: error: the name of a database means nothing without --against");
    insta::assert_snapshot!(refused("restore a.tar -f s3://b/x"), @r"
    pgark: error: a script is written to a file or to standard output, not to a URL
    hint: -f - prints it, for instance for | aws s3 cp - s3://BUCKET/NAME.
    ");
    insta::assert_snapshot!(refused("verify x --quick --deep"), @"pgark: error: the argument '--quick' cannot be used with '--deep'");
    insta::assert_snapshot!(refused("verify x --digest 12"), @r#"pgark: error: invalid value '12' for '--digest <SHA256>': "12" is not 64 hexadecimal digits"#);
    insta::assert_snapshot!(refused("inspect x --json --list"), @"pgark: error: the argument '--json' cannot be used with '--list'");
}

#[test]
fn what_comes_later_is_not_accepted_silently() {
    for (line, hint) in [
        ("restore x -E UTF8", "its own encoding"),
        ("dump a -f x --no-comments", "`pgark restore` has that"),
        ("dump a -f x -Fd", "There is one format"),
        ("dump a -f x -E UTF8", "its own encoding"),
        ("dump a -f x -C", "pgark restore --help"),
    ] {
        let stderr = refused(line);
        assert!(stderr.contains(hint), "{line}: {stderr}");
    }
}

#[test]
fn typing_errors_are_guessed() {
    assert!(refused("restor x").contains("Did you mean \"restore\"?"));
    assert!(refused("dump a -f x --al-databases").contains("--all-databases"));
    assert!(refused("snap.tar").contains("see `pgark --help`"));
    assert!(refused("dump -h").contains("help is --help or -?"));
}

#[test]
fn an_empty_name_is_what_an_unset_variable_leaves() {
    for (args, what) in [
        (
            &["dump", "a", "-f", ""][..],
            "the archive's name (-f/--file) is empty",
        ),
        (&["restore", ""], "the archive's name is empty"),
        (
            &["restore", "x", "-f", ""],
            "a value is required for '--file <FILE>' but none was supplied",
        ),
        (&["verify", ""], "the archive's name is empty"),
        (&["inspect", ""], "the archive's name is empty"),
    ] {
        let (status, stdout, stderr) = run(args);
        let expected = format!(
            "pgark: error: {what}\nhint: If it came from a variable of a script, that one is not set.\n"
        );
        assert_eq!(
            (status, stdout.as_str(), stderr),
            (2, "", expected),
            "{args:?}"
        );
    }
}

#[test]
fn an_archive_behind_its_database_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("snap.tar"), "x").unwrap();
    let told = |args: &[&str]| {
        let output = super::pgark()
            .args(args)
            .current_dir(folder.path())
            .output();
        let output = output.expect("the program starts");
        (
            output.status.code(),
            String::from_utf8(output.stderr).expect("text"),
        )
    };
    let (status, stderr) = told(&["restore", "accounts", "snap.tar", "-h", "/tmp"]);
    assert_eq!(status, Some(2));
    insta::assert_snapshot!(stderr, @r#"
    pgark: error: there is no archive "accounts", and "snap.tar" is one
    hint: The archive comes first: pgark restore snap.tar accounts -h /tmp
    "#);
    let (status, stderr) = told(&["restore", "snap.tar", "snap.tar", "-h", "/tmp"]);
    assert_eq!(status, Some(2));
    insta::assert_snapshot!(stderr, @r#"
    pgark: error: restore takes one archive, and several are named
    hint: Restore them one after the other, each with all the options of this call.
    "#);
    // Where neither is there, the first is the one that is missing.
    let (status, stderr) = told(&["restore", "acounts.tar", "other.tar", "-h", "/tmp"]);
    assert!(
        stderr.contains("\"acounts.tar\" does not exist"),
        "{stderr}"
    );
    assert_eq!(status, Some(1));
}

#[test]
fn a_setting_that_is_nonsense_is_a_usage_error() {
    let stderr = refused("dump a -f x -h localhost -p nonsense -U me");
    assert!(stderr.contains("invalid port number"), "{stderr}");
}
