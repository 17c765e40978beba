//! What PostgreSQL 19 brought, and what pg_dump 18 and 19 do wrong.

use std::collections::BTreeSet;
use std::path::PathBuf;

use bstr::ByteSlice;
use pgark::schema::setting::LIST_SETTINGS;

use crate::need;
use crate::support::archive::Archive;
use crate::support::cluster::Cluster;
use crate::support::peers::{self, SERVER_MAJORS};
use crate::support::pgark::Pgark;
use crate::support::run::{Finished, run};

/// What servers know as lists of names, asked by experiment: only such are kept with each item in quotes.
#[test]
fn every_list_setting_of_every_version_is_known() {
    let mut known_to_servers = BTreeSet::new();
    for major in SERVER_MAJORS {
        let server = need!(Cluster::start_fetched(major));
        let texts =
            "SELECT name FROM pg_settings WHERE vartype = 'string' AND context <> 'internal'";
        let texts = server.psql("postgres", texts);
        for name in texts.lines() {
            // Most take no list, or not these items.
            server.try_psql("postgres", format!("ALTER SYSTEM SET {name} TO 'A b', 'C'"));
        }
        let quoted = "SELECT name FROM pg_file_settings WHERE setting = '\"A b\", \"C\"'";
        let quoted = server.psql("postgres", quoted);
        known_to_servers.extend(quoted.lines().map(str::to_owned));
    }
    let known_to_us: BTreeSet<String> = LIST_SETTINGS
        .iter()
        .map(|name| name.to_str().unwrap().to_owned())
        .collect();
    assert_eq!(known_to_us, known_to_servers);
}

/// A list setting of 19 that a role may have, item by item.
#[test]
fn a_list_of_libraries_comes_back_as_it_was() {
    let server = need!(Cluster::start_fetched(19));
    let target = need!(Cluster::start_fetched(19));
    need!(peers::client_for(19));
    server.create_database("d");
    server.psql(
        "postgres",
        "CREATE ROLE r; ALTER ROLE r SET output_plugin_libraries TO 'A b', 'c\"d'",
    );
    Archive::dump(&server, &["d"]).restore(&target, &["--create"]);
    let setting = "SELECT setconfig FROM pg_db_role_setting WHERE setrole = 'r'::regrole";
    let expected = server.psql("postgres", setting);
    assert!(
        expected.contains("A b") && expected.contains("c\\\"\\\"d"),
        "{expected}"
    );
    assert_eq!(target.psql("postgres", setting), expected);
}

const CHILDREN: &str = "
    CREATE TABLE parent (a int, b int, c int, d int);
    CREATE TABLE child (
        CONSTRAINT \"In Capitals\" NOT NULL a,
        CONSTRAINT \"x NOT NULL a,\n    e int); ALTER ROLE mallory SUPERUSER; --\" NOT NULL b,
        CONSTRAINT small NOT NULL c,
        own int
    ) INHERITS (parent);
    CREATE TABLE \"default\" (NOT NULL d) INHERITS (parent);
    CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w;
    CREATE FOREIGN TABLE far (CONSTRAINT \"F; f\" NOT NULL a) INHERITS (parent) SERVER s;
    INSERT INTO child VALUES (1, 2, 3, 4, 5);";

/// pg_dump writes the names of such constraints as they are.
fn names_of_not_null_survive(major: u32) {
    need!(peers::client_for(major));
    let server = need!(Cluster::start_fetched(major));
    server.psql("postgres", "CREATE ROLE mallory");
    for name in ["d", "copy"] {
        server.create_database(name);
    }
    server.psql("d", CHILDREN);
    let archive = Archive::dump(&server, &["d"]);
    archive.restore(&server, &["d=copy", "--verify"]);
    let names = "SELECT conrelid::regclass, conname, conkey FROM pg_constraint WHERE contype = 'n' ORDER BY 1, 2";
    let expected = server.psql("d", names);
    assert!(expected.contains("child|In Capitals|{1}"), "{expected}");
    assert_eq!(server.psql("copy", names), expected);
    assert_eq!(server.psql("copy", "SELECT * FROM child"), "1|2|3|4|5");
    let mallory = "SELECT rolsuper FROM pg_roles WHERE rolname = 'mallory'";
    assert_eq!(server.psql("postgres", mallory), "f");
    // And before there were such names, the columns are NOT NULL all the same.
    let older = need!(Cluster::start_fetched(17));
    archive.try_restore(&older, &["--create"]).success();
    let not_null = "SELECT attname FROM pg_attribute WHERE attrelid = 'child'::regclass AND attnotnull AND attnum > 0";
    assert_eq!(older.psql("d", not_null), "a\nb\nc");
}

#[test]
fn names_of_not_null_survive_pg_dump_18() {
    names_of_not_null_survive(18);
}

#[test]
fn names_of_not_null_survive_pg_dump_19() {
    names_of_not_null_survive(19);
}

/// An archive of a stock pg_dump.
fn pg_dump(server: &Cluster, options: &[&str]) -> PathBuf {
    let bin = peers::client_for(server.major()).unwrap_or_else(|missing| panic!("{}", missing.0));
    let path = server
        .socket_dir()
        .join(format!("{}.dump", options.concat()));
    let mut dump = server.command(bin.join("pg_dump"));
    dump.args(["-Fc", "-d", "d", "-f"]).arg(&path).args(options);
    run(&mut dump, b"").success();
    path
}

fn restore(target: &Cluster, archive: &PathBuf, options: &[&str]) -> Finished {
    let restore = Pgark::new(["restore", "--progress", "none", "-w"]).at(target);
    restore.arg(archive).args(options).run()
}

/// Written and kept under `standard_conforming_strings = off`: each of these is another text if backslashes
/// are taken otherwise.
const ESCAPED: &str = r"
    CREATE TABLE t (a text DEFAULT 'x\\y' CHECK (a <> 'q''\\'), b text);
    COMMENT ON TABLE t IS 'it''s \\ a';
    INSERT INTO t VALUES ('a\\b\n', 'c''\\');
    CREATE VIEW v AS SELECT 'z\\z' AS s;
    CREATE FUNCTION g() RETURNS text BEGIN ATOMIC SELECT 'at\\om'; END;";

const SAID: &str = "SELECT a, b FROM t UNION ALL SELECT obj_description('t'::regclass), g() UNION ALL \
    SELECT s, pg_get_constraintdef(k.oid) FROM v, pg_constraint AS k WHERE conrelid = 't'::regclass AND contype = 'c'";

/// PostgreSQL 19 takes no constants with escapes but `E''`: pg_dump's archives that have them are put so,
/// rows as statements too, for every target, and in scripts.
#[test]
fn constants_with_escapes_mean_on_19_what_they_meant() {
    let source = need!(Cluster::start_fetched(18));
    need!(peers::client_for(18));
    source.create_database("d");
    source.psql(
        "postgres",
        "ALTER DATABASE d SET standard_conforming_strings = off",
    );
    source.psql("d", ESCAPED);
    let standard = |sql: &str| format!("SET standard_conforming_strings = on; {sql}");
    let expected = source.psql("d", standard(SAID));
    assert!(expected.contains(r"a\b"), "{expected}");
    for major in [19, 18] {
        let target = need!(Cluster::start_fetched(major));
        for options in [&[][..], &["--inserts"]] {
            target.create_database("d");
            restore(&target, &pg_dump(&source, options), &["-d", "d"]).success();
            assert_eq!(
                target.psql("d", standard(SAID)),
                expected,
                "{major} {options:?}"
            );
            target.psql("d", standard("INSERT INTO t (b) VALUES ('default')"));
            let default = "SELECT a FROM t WHERE b = 'default'";
            assert_eq!(target.psql("d", standard(default)), r"x\y");
            target.drop_database("d");
            // As a script.
            target.create_database("d");
            let script = restore(&target, &pg_dump(&source, options), &["-f", "-"]).success();
            target.psql("d", script.stdout);
            assert_eq!(
                target.psql("d", standard(SAID)),
                expected,
                "{major} {options:?}"
            );
            target.drop_database("d");
        }
    }
    // The setting itself cannot be had on 19.
    let target = need!(Cluster::start_fetched(19));
    let archive = Archive::dump(&source, &["d"]);
    let finished = archive.try_restore(&target, &["--create"]).success();
    let said = "does not know parameters, left out: standard_conforming_strings = off";
    assert!(finished.stderr().contains(said), "{}", finished.describe());
    assert_eq!(target.psql("d", standard(SAID)), expected);
}

/// What extended statistics hold comes along with pg_dump's `--statistics`, and is left out before 19.
#[test]
fn extended_statistics_are_data() {
    let source = need!(Cluster::start_fetched(19));
    need!(peers::client_for(19));
    source.create_database("d");
    source.psql(
        "d",
        "CREATE TABLE t (a int, b int); INSERT INTO t SELECT i % 10, i % 10 FROM generate_series(1, 1000) AS i;
         CREATE STATISTICS s ON a, b FROM t; ANALYZE t;",
    );
    let archive = pg_dump(&source, &["--statistics"]);
    let dependencies = "SELECT dependencies FROM pg_stats_ext WHERE statistics_name = 's'";
    let expected = source.psql("d", dependencies);
    assert!(expected.contains("degree"), "{expected}");
    let copy = |target: &Cluster, options: &[&str]| {
        target.create_database("copy");
        let options = [&["--no-analyze", "-d", "copy"], options].concat();
        restore(target, &archive, &options).success()
    };
    copy(&source, &["--statistics"]);
    assert_eq!(source.psql("copy", dependencies), expected);
    source.drop_database("copy");
    copy(&source, &["--no-statistics"]);
    assert_eq!(source.psql("copy", dependencies), "");
    let older = need!(Cluster::start_fetched(18));
    let finished = copy(&older, &["--statistics"]);
    let said = finished.stderr();
    assert!(!said.contains("left out"), "{}", finished.describe());
    let pages = "SELECT reltuples FROM pg_class WHERE relname = 't'";
    assert_eq!(older.psql("copy", pages), "1000");
}

/// Before 19 a name may have several lines.
#[test]
fn names_of_several_lines_are_refused_before_anything_is_done() {
    let source = need!(Cluster::start_fetched(18));
    let target = need!(Cluster::start_fetched(19));
    source.psql("postgres", "CREATE ROLE \"two\nlines\"");
    source.create_database("a\nb");
    source.psql(
        "postgres",
        "CREATE DATABASE mule TEMPLATE template0 ENCODING 'MULE_INTERNAL' LOCALE 'C'",
    );
    let archive = Archive::dump(&source, &["a\nb", "mule"]);
    let refused = archive.try_restore(&target, &["--create"]).code(1);
    for said in [
        "database \"a\\nb\" cannot be made on PostgreSQL 19: its name holds a line end",
        "role \"two\\nlines\" cannot be made on PostgreSQL 19: its name holds a line end",
        "database \"mule\" of the archive is in the encoding MULE_INTERNAL, which PostgreSQL 19 does not know",
    ] {
        assert!(
            refused.stderr().contains(said),
            "{said}: {}",
            refused.describe()
        );
    }
    let renamed = ["a\nb=ab", "--create", "--no-globals"];
    archive.try_restore(&target, &renamed).success();
    assert_eq!(target.psql("ab", "SELECT 1"), "1");
}
