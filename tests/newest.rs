//! What PostgreSQL 19 brought, and what pg_dump 18 and 19 do wrong.

use std::collections::BTreeSet;

use bstr::ByteSlice;
use pgark::schema::setting::LIST_SETTINGS;

use crate::need;
use crate::support::archive::Archive;
use crate::support::cluster::Cluster;
use crate::support::peers::{self, SERVER_MAJORS};

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
