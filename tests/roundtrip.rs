//! The whole way as a user goes it, dump, verify and restore, and the copy held against its source: all
//! fixtures, from every server version into the same and into every newer one.

use bstr::ByteSlice;
use pgark::archive::manifest::Table;

use crate::need;
use crate::support::archive::Archive;
use crate::support::cluster::Cluster;
use crate::support::equality::{
    assert_equal, assert_same_contents, assert_same_globals, assert_same_properties,
};
use crate::support::fixture_archive::{self, databases};
use crate::support::fixtures::HOSTILE;
use crate::support::peers::{self, Missing};
use crate::support::pgark::Pgark;

#[test]
fn everything_comes_back_equal() {
    let fixtures = need!(fixture_archive::of_installed());
    let verify = Pgark::new(["verify", "--deep", "--progress", "none"]);
    verify.arg(fixtures.archive.path()).run().success();
    let target = need!(Cluster::start(fixtures.source.major()));
    fixtures.archive.restore(&target, &["--create", "-j", "3"]);
    assert_same_globals(&fixtures.source, &target);
    for database in databases() {
        assert_equal(&fixtures.source, database, &target, database);
        assert_same_properties(&fixtures.source, database, &target);
    }
    for database in fixtures.archive.manifest().databases {
        let own = |table: &&Table| table.schema.0 != "pgark_fixture";
        let rows: u64 = database.tables.iter().filter(own).map(|t| t.rows).sum();
        let name = database.name.0.to_str().unwrap();
        assert_eq!(rows_in(&target, name), rows, "{name}");
    }
}

/// The rows of all tables of a database.
fn rows_in(cluster: &Cluster, database: &str) -> u64 {
    let count_each = "
        SELECT format('SELECT count(*) FROM ONLY %I.%I', n.nspname, c.relname)
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
          -- The fixtures' extension has rows of its own beside those that are dumped.
          AND c.oid NOT IN (SELECT objid FROM pg_depend WHERE deptype = 'e')
        \\gexec";
    let counts = cluster.psql(database, count_each);
    counts
        .lines()
        .map(|line| line.parse::<u64>().unwrap())
        .sum()
}

#[test]
fn the_newest_pg_dump_serves_the_oldest_server() {
    let newest = need!(peers::client(19)).join("pg_dump");
    let oldest = peers::SERVER_MAJORS[0];
    let fixtures = need!(fixture_archive::of_fetched(oldest));
    let target = need!(Cluster::start_fetched(oldest));
    let options = ["--pg-dump", newest.to_str().unwrap(), "-j", "2"];
    let archive = Archive::dump(&fixtures.source, &[&databases()[..], &options].concat());
    assert!(archive.manifest().pg_dump_version.starts_with("19"));
    archive.verified().restore(&target, &["--create"]);
    assert_same_globals(&fixtures.source, &target);
    for database in databases() {
        assert_equal(&fixtures.source, database, &target, database);
        assert_same_properties(&fixtures.source, database, &target);
    }
}

/// Restores the archives of every version from 13 up to its own into a server, one after the other.
fn every_older_version_into(major: u32) -> Result<(), Missing> {
    let target = Cluster::start_fetched(major)?;
    for older in peers::SERVER_MAJORS
        .into_iter()
        .filter(|&from| from <= major)
    {
        let fixtures = fixture_archive::of_fetched(older)?;
        fixtures.archive.restore(&target, &["--create", "-j", "2"]);
        for database in databases() {
            // A hostile name's settings change how pg_dump prints, and only --create copies settings.
            if older == major || database != HOSTILE {
                assert_equal(&fixtures.source, database, &target, database);
            } else {
                assert_same_contents(&fixtures.source, database, &target, database);
            }
            target.drop_database(database);
        }
    }
    Ok(())
}

#[test]
fn matrix_into_13() {
    need!(every_older_version_into(13));
}

#[test]
fn matrix_into_14() {
    need!(every_older_version_into(14));
}

#[test]
fn matrix_into_15() {
    need!(every_older_version_into(15));
}

#[test]
fn matrix_into_16() {
    need!(every_older_version_into(16));
}

#[test]
fn matrix_into_17() {
    need!(every_older_version_into(17));
}

#[test]
fn matrix_into_18() {
    need!(every_older_version_into(18));
}

#[test]
fn matrix_into_19() {
    need!(every_older_version_into(19));
}
