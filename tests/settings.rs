//! What a database or a role has set does not change what pgark does, and pgark knows every parameter that
//! could.

use std::collections::{BTreeMap, BTreeSet};

use pgark::pg::PARAMETERS;

use crate::need;
use crate::support::archive::Archive;
use crate::support::cluster::Cluster;
use crate::support::peers;
use crate::support::pgark::Pgark;

const PAGE: &str = include_str!("../src/pg/PARAMETERS.md");

/// The parameters of the page, and the heading that each stands under.
fn reviewed() -> BTreeMap<&'static str, &'static str> {
    let mut heading = "";
    let mut found = BTreeMap::new();
    for line in PAGE.lines() {
        if let Some(text) = line.strip_prefix("## ") {
            heading = text;
        }
        let names = line
            .strip_prefix("| `")
            .and_then(|rest| rest.split(" |").next());
        for name in names.into_iter().flat_map(|names| names.split('`')) {
            let name = name.trim();
            if !name.is_empty() {
                let before = found.insert(name, heading);
                assert_eq!(before, None, "{name} is on the page twice");
            }
        }
    }
    found
}

/// The parameters that statements set from a list of names and values.
fn set_by(sql: &str) -> BTreeSet<&str> {
    let lines = sql.lines().map(str::trim);
    let names = lines.filter_map(|line| line.strip_prefix("('")?.split('\'').next());
    names.collect()
}

#[test]
fn the_page_of_parameters_says_what_the_statements_set() {
    let reviewed = reviewed();
    let under = |heading: &str| -> BTreeSet<&str> {
        let names = reviewed.iter().filter(|(_, of)| **of == heading);
        names.map(|(name, _)| *name).collect()
    };
    assert_eq!(set_by(PARAMETERS), under("Set in every session and script"));
    let session = include_str!("../src/pg/connect/sql/session.sql");
    assert_eq!(set_by(session), under("Set in pgark's own sessions"));
}

#[test]
fn every_parameter_of_every_server_was_thought_about() {
    let reviewed = reviewed();
    let mut seen = BTreeSet::new();
    for major in peers::SERVER_MAJORS {
        let cluster = need!(Cluster::start(major));
        let sql = "SELECT name FROM pg_settings WHERE context IN ('user', 'superuser') AND name NOT LIKE '%.%'";
        for name in cluster.psql("postgres", sql).lines() {
            assert!(
                reviewed.contains_key(name),
                "{name} of {major} is not in src/pg/PARAMETERS.md"
            );
            seen.insert(name.to_owned());
        }
    }
    let unknown: Vec<_> = reviewed
        .keys()
        .filter(|name| !seen.contains(**name))
        .collect();
    // Debian's servers have this one; the fetched ones do not.
    assert!(
        unknown.iter().all(|name| **name == "extension_destdir"),
        "{unknown:?}"
    );
}

/// Settings that would each spoil a dump or a restore. Those that a version does not have are left out.
const SPOIL: &[(&str, &str, u32)] = &[
    ("default_transaction_read_only", "on", 13),
    ("default_transaction_isolation", "'serializable'", 13),
    ("default_transaction_deferrable", "on", 13),
    ("role", "spoiled_nobody", 13),
    ("statement_timeout", "'2s'", 13),
    ("lock_timeout", "1", 13),
    ("idle_in_transaction_session_timeout", "'2s'", 13),
    ("idle_session_timeout", "'2s'", 14),
    ("transaction_timeout", "'2s'", 17),
    ("exit_on_error", "on", 13),
    ("client_min_messages", "error", 13),
    ("client_encoding", "'LATIN1'", 13),
    ("standard_conforming_strings", "off", 13),
    ("backslash_quote", "off", 13),
    ("array_nulls", "off", 13),
    ("transform_null_equals", "on", 13),
    ("quote_all_identifiers", "on", 13),
    ("xmloption", "document", 13),
    ("row_security", "off", 13),
    ("icu_validation_level", "error", 16),
    ("session_replication_role", "replica", 13),
    ("search_path", "nosuch", 13),
    ("DateStyle", "'German, DMY'", 13),
    ("IntervalStyle", "sql_standard", 13),
    ("bytea_output", "escape", 13),
    ("extra_float_digits", "-15", 13),
];

const CONTENTS: &str = r"
CREATE TABLE t (id int PRIMARY KEY, a text[], words text DEFAULT 'back\slash', day date, span interval, b bytea,
                number float8, accented text);
INSERT INTO t SELECT n, ARRAY[NULL, 'NULL', 'x'], 'a\b''c', date '2026-02-01' + n, n * interval '-1 day 2 hours',
                     '\x00ff5c', n / 3.0, U&'caf\00E9' FROM generate_series(1, 2000) AS n;
CREATE TABLE child (id int REFERENCES t, CHECK (NOT (id = NULL) IS TRUE));
INSERT INTO child VALUES (1), (NULL);
CREATE FUNCTION f(x text) RETURNS text LANGUAGE sql AS $$SELECT x || 'back\slash'$$;
CREATE VIEW v AS SELECT id, 'back\slash' AS words FROM t WHERE id = 1;
CREATE MATERIALIZED VIEW m AS SELECT count(*) AS rows FROM v JOIN t USING (id);
CREATE TABLE looked (id int); CREATE TABLE noted (id int);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.noted VALUES (NEW.id); RETURN NEW; END';
INSERT INTO looked VALUES (7);
";

#[track_caller]
fn settings_spoil_nothing(major: u32) {
    let cluster = need!(Cluster::start(major));
    for database in ["spoiled", "again"] {
        cluster.create_database(database);
    }
    cluster.psql("postgres", "CREATE ROLE spoiled_nobody");
    cluster.psql("spoiled", CONTENTS);
    let digest = "SELECT md5(string_agg(t::text, '' ORDER BY id)), count(*), sum(cardinality(a)),
                         count(*) FILTER (WHERE a[1] IS NULL AND a[2] = 'NULL') FROM t";
    let expected = cluster.psql("spoiled", digest);
    let settings = SPOIL.iter().filter(|(name, _, since)| {
        *since <= major && !(major >= 19 && *name == "standard_conforming_strings")
    });
    let spoil = |database: &str| {
        for (name, value, _) in settings.clone() {
            cluster.psql(
                "postgres",
                format!("ALTER DATABASE {database} SET {name} = {value}"),
            );
        }
    };
    spoil("spoiled");
    // psql looks under the settings of postgres alone.
    let look = |database: &str| {
        let calm = "SET ROLE NONE; SET search_path = public; SET DateStyle = 'ISO'; SET IntervalStyle = 'postgres'; \
                    SET extra_float_digits = 1; SET bytea_output = 'hex'; SET client_encoding = 'UTF8'; \
                    SET array_nulls = on; SET standard_conforming_strings = on; ";
        cluster.psql(database, format!("{calm}{digest}"))
    };
    let archive = Archive::dump(&cluster, &["spoiled", "-j", "3", "--chunk-size", "64kB"]);
    let path = archive.path();
    let restore = |arguments: &[&str]| {
        let restore = Pgark::new(["restore"]).at(&cluster).arg(&path);
        restore.args(arguments).run().success();
    };
    // The settings come with the archive, and are there from the second session on.
    restore(&["spoiled=created", "--create", "--verify", "-j", "3"]);
    assert_eq!(look("created"), expected);
    assert_eq!(
        cluster.psql("created", "SHOW default_transaction_read_only"),
        "on"
    );
    // They are there already.
    spoil("again");
    restore(&["spoiled=again", "--verify"]);
    assert_eq!(look("again"), expected);
    restore(&["spoiled=again", "--clean", "-1"]);
    assert_eq!(look("again"), expected);
    restore(&["spoiled", "--rehearse"]);
    // As a script.
    for options in [
        &["--clean", "--if-exists"][..],
        &["--clean", "--if-exists", "-1"],
    ] {
        let script = Pgark::new(["restore", "-q"])
            .arg(&path)
            .args(["spoiled", "-f", "-"]);
        let script = script.args(options).run().success().stdout;
        cluster.try_psql("again", script).success();
        assert_eq!(look("again"), expected, "{options:?}");
    }
}

#[test]
fn settings_of_a_database_spoil_nothing_on_13() {
    settings_spoil_nothing(13);
}

#[test]
fn settings_of_a_database_spoil_nothing_on_15() {
    settings_spoil_nothing(15);
}

#[test]
fn settings_of_a_database_spoil_nothing_on_18() {
    settings_spoil_nothing(18);
}

#[test]
fn settings_of_a_database_spoil_nothing_on_19() {
    settings_spoil_nothing(19);
}

#[test]
fn the_callers_own_settings_stay() {
    let cluster = need!(Cluster::start(need!(peers::installed_major())));
    cluster.create_database("mine");
    cluster.psql(
        "postgres",
        "CREATE ROLE helper; GRANT CREATE ON DATABASE mine TO helper",
    );
    cluster.psql(
        "mine",
        "CREATE TABLE t (id int); CREATE TABLE noted (id int); INSERT INTO t VALUES (1)",
    );
    cluster.psql(
        "mine",
        "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
             'BEGIN INSERT INTO public.noted VALUES (NEW.id); RETURN NEW; END';
         CREATE TRIGGER note AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION note()",
    );
    let archive = Archive::dump(&cluster, &["mine"]);
    let restore = |options: &str| {
        let restore = Pgark::new(["restore", "-a", "-t", "t"])
            .at(&cluster)
            .arg(archive.path());
        restore
            .env("PGOPTIONS", options)
            .arg("mine")
            .run()
            .success();
        cluster.psql("mine", "SELECT count(*) FROM noted")
    };
    assert_eq!(restore("-c session_replication_role=replica"), "0");
    assert_eq!(restore(""), "1");
}

#[test]
fn a_library_that_is_missing_keeps_nobody_out() {
    let cluster = need!(Cluster::start(need!(peers::installed_major())));
    cluster.create_database("preloads");
    cluster.psql("preloads", "CREATE TABLE t AS SELECT 1 AS id");
    let archive = Archive::dump(&cluster, &["preloads"]);
    for parameter in ["session_preload_libraries", "local_preload_libraries"] {
        cluster.create_database("target");
        cluster.psql(
            "postgres",
            format!("ALTER DATABASE target SET {parameter} = 'nosuch'"),
        );
        let restore = Pgark::new(["restore"]).at(&cluster).arg(archive.path());
        restore.arg("preloads=target").run().success();
        cluster.psql(
            "postgres",
            format!("ALTER DATABASE target RESET {parameter}"),
        );
        assert_eq!(cluster.psql("target", "SELECT id FROM t"), "1");
        cluster.drop_database("target");
    }
}
