//! Definitions that change between the snapshot and the reading.
//!
//! Functions of the server write them as they are at the moment of the reading. What would make them differ
//! from the snapshot must be found, and nothing else.

use bstr::ByteSlice;
use pgark::schema::chosen::Chosen;
use pgark::schema::definitions::{self, Error};

use super::harness;
use crate::need;
use crate::support::cluster::Cluster;
use crate::support::in_process::server;

const BEFORE: &str = "
    CREATE TABLE t (x int, b text); CREATE INDEX i1 ON t (x);
    CREATE TYPE e1 AS ENUM ('a', 'b'); CREATE TABLE of_e1 (x e1 DEFAULT 'a');
    CREATE TYPE c1 AS (a int); CREATE TABLE of_c1 (x c1 CHECK ((x).a > 0));
    CREATE VIEW v AS SELECT x AS a FROM t; CREATE VIEW v2 AS SELECT a FROM v;
    CREATE MATERIALIZED VIEW m AS SELECT x FROM t; CREATE SEQUENCE s;
    CREATE FUNCTION f1(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1'; CREATE INDEX i2 ON t (f1(x));
    CREATE DOMAIN d AS int CONSTRAINT dc CHECK (VALUE > 0);
    CREATE OPERATOR CLASS oc1 FOR TYPE int USING btree AS OPERATOR 1 <, OPERATOR 3 =, FUNCTION 1 btint4cmp(int, int);
    CREATE INDEX i3 ON t (x oc1);
    CREATE TEXT SEARCH CONFIGURATION tc (COPY = english); CREATE TEXT SEARCH DICTIONARY td (TEMPLATE = simple);
    CREATE COLLATION co (LOCALE = 'C'); CREATE TABLE of_co (x text COLLATE co);
    CREATE SCHEMA sc; CREATE TABLE sc.t (x int); CREATE FUNCTION sc.f() RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE ROLE drifting; GRANT SELECT ON t TO drifting; CREATE STATISTICS st ON x, b FROM t;
    CREATE FOREIGN DATA WRAPPER w; CREATE SERVER sv FOREIGN DATA WRAPPER w;
    CREATE FOREIGN TABLE ft (a int CHECK (a > 0)) SERVER sv;
";

/// What matters.
const CHANGES: [&str; 22] = [
    "ALTER TABLE t RENAME COLUMN b TO z",
    "ALTER INDEX i1 RENAME TO i9",
    "ALTER INDEX i1 SET (fillfactor = 50)",
    "ALTER TYPE e1 RENAME VALUE 'a' TO 'z'",
    "ALTER TYPE c1 RENAME TO c9",
    "ALTER TYPE c1 RENAME ATTRIBUTE a TO z",
    "ALTER VIEW v RENAME COLUMN a TO z",
    "ALTER VIEW v RENAME TO v9",
    "ALTER FOREIGN TABLE ft RENAME a TO z",
    "CREATE OR REPLACE VIEW v AS SELECT x + 1 AS a FROM t",
    "ALTER FUNCTION f1(int) RENAME TO f9",
    "ALTER DOMAIN d RENAME CONSTRAINT dc TO dz",
    "ALTER DOMAIN d SET DEFAULT 3",
    "ALTER OPERATOR CLASS oc1 USING btree RENAME TO oc9",
    "ALTER TEXT SEARCH CONFIGURATION tc RENAME TO tz",
    "DROP TEXT SEARCH DICTIONARY td",
    "ALTER COLLATION co RENAME TO cz",
    "ALTER SCHEMA sc RENAME TO sz",
    "ALTER ROLE drifting RENAME TO drifted",
    "ALTER STATISTICS st RENAME TO sz",
    "DROP FUNCTION sc.f()",
    "ALTER VIEW v RENAME TO v9; ALTER VIEW v9 RENAME TO v",
];

/// What does not: it is read in the snapshot, or not at all.
const IDLE: [&str; 9] = [
    "ALTER FUNCTION f1(int) COST 7",
    "REFRESH MATERIALIZED VIEW m",
    "ALTER SEQUENCE s RESTART",
    "CREATE OR REPLACE FUNCTION f1(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 2'",
    "GRANT SELECT ON v TO drifting",
    "CREATE TABLE newer (x e1 DEFAULT 'b', y c1); DROP TABLE newer",
    "CREATE FUNCTION newer() RETURNS int LANGUAGE sql AS 'SELECT 1'; DROP FUNCTION newer()",
    "CREATE TEMPORARY TABLE passing (x int DEFAULT 3 CHECK (x > 0)); DROP TABLE passing",
    "ANALYZE; VACUUM",
];

#[test]
fn a_change_that_would_be_written_is_found_and_another_is_not() {
    for major in [13, 18] {
        let cluster = need!(Cluster::start(major));
        for change in CHANGES {
            let read = read_beside(&cluster, change);
            let found = matches!(&read, Err(Error::Changed { .. } | Error::Gone { .. }));
            assert!(found, "{change} on {major}: {read:?}");
        }
        for change in IDLE {
            let read = read_beside(&cluster, change);
            assert!(read.is_ok(), "{change} on {major}: {read:?}");
        }
    }
}

/// What was changed is named.
#[test]
fn a_change_is_named() {
    let cluster = need!(Cluster::start(18));
    let error = read_beside(&cluster, CHANGES[1]).unwrap_err();
    let Error::Changed { objects } = &error else {
        panic!("{error:?}")
    };
    assert!(
        objects.iter().any(|name| name.as_bstr() == "pg_class i1"),
        "{objects:?}"
    );
    assert!(error.is_beside_changes());
}

/// Takes a snapshot, lets the change happen, and reads.
fn read_beside(cluster: &Cluster, change: &str) -> Result<usize, Error> {
    cluster.create_database("beside");
    cluster.psql("beside", BEFORE);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let read = runtime.block_on(async {
        let config = server(cluster).with_dbname(b"beside");
        let (mut leader, helper, _) = harness::in_a_snapshot(&config).await;
        cluster.psql("beside", change);
        let mut helpers = [helper];
        let wanted = definitions::Wanted {
            chosen: &Chosen::default(),
            encoding: b"UTF8",
            has_statistics: true,
        };
        definitions::read(&mut leader, &mut helpers, &wanted).await
    });
    cluster.drop_database("beside");
    cluster.psql("postgres", "DROP ROLE IF EXISTS drifting, drifted");
    read.map(|read| {
        let mut tags = read.toc.entries.iter().map(|entry| &entry.tag);
        assert!(tags.all(|tag| !tag.contains_str("newer")), "{change}");
        read.toc.entries.len()
    })
}
