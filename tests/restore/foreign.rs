//! Foreign tables among partitions and children: a restore asks no foreign server, and says what that leaves
//! out.

use std::net::TcpListener;

use crate::need;
use crate::support::archive::Archive;
use crate::support::cluster::Cluster;
use crate::support::peers;

/// The tables with statistics, those over all children of a table marked.
const STATISTICS: &str = "
    SELECT string_agg(DISTINCT tablename || CASE WHEN inherited THEN ' with children' ELSE '' END, ', ')
      FROM pg_stats WHERE schemaname = 'public'";

/// The pages that VACUUM has marked, of the tables that have any.
const VACUUMED: &str = "
    SELECT string_agg(relname, ', ' ORDER BY relname) FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relallvisible > 0";

/// Partitions and children here and there, and a wrapper that nobody can ask.
fn tables(port: u16) -> String {
    format!(
        "CREATE EXTENSION postgres_fdw;
         CREATE SERVER away FOREIGN DATA WRAPPER postgres_fdw
             OPTIONS (host '127.0.0.1', port '{port}', dbname 'elsewhere');
         CREATE USER MAPPING FOR PUBLIC SERVER away OPTIONS (user 'postgres', password 'x');
         CREATE TABLE m (k int, v text) PARTITION BY RANGE (k);
         CREATE TABLE m1 PARTITION OF m FOR VALUES FROM (0) TO (10);
         CREATE FOREIGN TABLE m2 PARTITION OF m FOR VALUES FROM (10) TO (20) SERVER away;
         CREATE TABLE m3 PARTITION OF m FOR VALUES FROM (20) TO (30) PARTITION BY RANGE (k);
         CREATE TABLE m31 PARTITION OF m3 FOR VALUES FROM (20) TO (30);
         CREATE TABLE i (a int);
         CREATE FOREIGN TABLE i2 () INHERITS (i) SERVER away;
         CREATE TABLE i3 () INHERITS (i);
         CREATE FOREIGN DATA WRAPPER hollow;
         CREATE SERVER nowhere FOREIGN DATA WRAPPER hollow;
         CREATE TABLE n (a int);
         CREATE FOREIGN TABLE n2 () INHERITS (n) SERVER nowhere;
         CREATE TABLE plain (a int);
         CREATE TABLE heir () INHERITS (plain);
         INSERT INTO m VALUES (1, 'x'), (21, 'y');
         INSERT INTO i VALUES (1); INSERT INTO i3 VALUES (2); INSERT INTO n VALUES (3);
         INSERT INTO plain VALUES (4); INSERT INTO heir VALUES (5);"
    )
}

/// Restores beside a server that takes connections and says nothing.
fn check(major: u32) {
    let cluster = need!(Cluster::start(major));
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    mute.set_nonblocking(true).unwrap();
    cluster.create_database("foreign");
    cluster.psql("foreign", tables(mute.local_addr().unwrap().port()));
    let archive = Archive::dump(&cluster, &["foreign"]);
    for (copy, options) in [("analyzed", &[][..]), ("vacuumed", &["--vacuum"])] {
        let given = format!("foreign={copy}");
        let args = [&["--create", &given, "-j", "1"], options].concat();
        let finished = archive.try_restore(&cluster, &args).success();
        assert_eq!(
            finished.stderr(),
            format!(
                "pgark: notice: database \"{copy}\": no statistics for public.i, public.m as a whole: part of the rows \
                 is on foreign servers, which a restore asks only with --foreign-statistics\n"
            ),
            "{major}"
        );
        assert!(
            mute.accept().is_err(),
            "{major}: it asked the foreign server"
        );
        let statistics = cluster.psql(copy, STATISTICS);
        let found = "heir, i3, m1, m3 with children, m31, plain, plain with children";
        assert_eq!(statistics, found, "{major}");
    }
    let vacuumed = "heir, i, i3, m1, m31, n, plain";
    assert_eq!(cluster.psql("vacuumed", VACUUMED), vacuumed, "{major}");
    assert_eq!(cluster.psql("analyzed", VACUUMED), "", "{major}");
}

#[test]
fn a_restore_asks_no_foreign_server() {
    check(need!(peers::installed_major()));
}

/// From 18 on ANALYZE goes to children by itself.
#[test]
fn nor_does_it_where_analyze_goes_to_children_by_itself() {
    check(18);
}

#[test]
fn asked_to_it_gets_the_statistics_of_foreign_rows_too() {
    let cluster = need!(Cluster::start(need!(peers::installed_major())));
    cluster.create_database("elsewhere");
    cluster.psql(
        "elsewhere",
        "CREATE TABLE m2 (k int, v text); CREATE TABLE i2 (a int);",
    );
    cluster.create_database("foreign");
    cluster.psql("foreign", tables(cluster.port()));
    // What has no handler, nobody can ask.
    cluster.psql("foreign", "DROP FOREIGN TABLE n2");
    let archive = Archive::dump(&cluster, &["foreign"]);
    archive.restore(
        &cluster,
        &["--create", "foreign=asked", "--foreign-statistics"],
    );
    let found = "heir, i, i with children, i3, m with children, m1, m3 with children, m31, n, plain, \
                 plain with children";
    assert_eq!(cluster.psql("asked", STATISTICS), found);
}
