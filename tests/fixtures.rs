//! The fixtures and the yardstick themselves: what stock tools copy counts as equal, so that a
//! difference after a restore is pgark's; and the yardstick sees what it has to see.

use std::panic::catch_unwind;

use crate::need;
use crate::support::cluster::Cluster;
use crate::support::equality::{assert_same_contents, assert_same_schema, contents, stock_copy};
use crate::support::fixtures::{self, DATABASES, HOSTILE, LATIN1, SQL_ASCII};
use crate::support::peers;

/// Copies every database from a server of one version to another with stock tools.
fn stock_tools_copy_everything(from: u32, to: u32) {
    need!(peers::client_for(from.max(to)));
    let source = need!(fixtures::source(from));
    let target = need!(fixtures::target(to));
    // Not the hostile one: its settings change how pg_dump prints, and a copy has them only when the
    // database was created by the restore.
    for database in DATABASES.into_iter().chain([LATIN1, SQL_ASCII]) {
        let copy = stock_copy(source, database, target);
        assert_same_schema(source, database, target, &copy);
        assert_same_contents(source, database, target, &copy);
    }
    assert!(contents(source, HOSTILE).contains("rows of Päth.t|100|"));
}

#[test]
fn stock_tools_copy_the_fixtures_of_the_installed_version() {
    let major = need!(peers::installed_major());
    stock_tools_copy_everything(major, major);
}

#[test]
fn stock_tools_copy_the_fixtures_of_18() {
    stock_tools_copy_everything(18, 18);
}

#[test]
fn stock_tools_copy_the_fixtures_from_13_to_18() {
    stock_tools_copy_everything(13, 18);
}

#[test]
fn stock_tools_copy_the_fixtures_of_19() {
    stock_tools_copy_everything(19, 19);
}

#[test]
fn stock_tools_copy_the_fixtures_from_13_to_19() {
    stock_tools_copy_everything(13, 19);
}

#[test]
fn the_yardstick_sees_small_differences() {
    let cluster = need!(Cluster::start(need!(peers::installed_major())));
    fixtures::load_roles(&cluster);
    let setup = "
        CREATE TABLE t (id int PRIMARY KEY, note text); INSERT INTO t VALUES (1, 'a'), (2, NULL);
        CREATE TABLE none (); INSERT INTO none DEFAULT VALUES;
        CREATE SEQUENCE s; CREATE MATERIALIZED VIEW m AS SELECT 1; SELECT lo_from_bytea(1000, 'x');";
    cluster.create_database("a");
    cluster.psql("a", setup);
    let changes = [
        "UPDATE t SET note = '' WHERE id = 2",
        "DELETE FROM t WHERE id = 1",
        "INSERT INTO none DEFAULT VALUES",
        "SELECT nextval('s')",
        "REFRESH MATERIALIZED VIEW m WITH NO DATA",
        "SELECT lo_put(1000, 0, 'y')",
        "GRANT SELECT ON LARGE OBJECT 1000 TO PUBLIC",
    ];
    for change in changes {
        cluster.drop_database("b");
        cluster.create_database("b");
        cluster.psql("b", setup);
        assert_same_contents(&cluster, "a", &cluster, "b");
        assert_same_schema(&cluster, "a", &cluster, "b");
        cluster.psql("b", change);
        let seen = catch_unwind(|| assert_same_contents(&cluster, "a", &cluster, "b"));
        assert!(seen.is_err(), "not seen: {change}");
    }
}
