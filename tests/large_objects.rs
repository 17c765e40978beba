//! Large objects: very many small ones at little cost, one that is large and full of holes, and all of it for
//! a role that is no superuser too.

use crate::need;
use crate::support::archive::Archive;
use crate::support::cluster::Cluster;
use crate::support::equality::{assert_equal, assert_same_contents};
use crate::support::fixtures;
use crate::support::peers;

/// How many small large objects make "very many".
const MANY: u64 = 100_000;

#[test]
fn very_many_small_ones_make_few_members_and_entries() {
    let major = need!(peers::installed_major());
    let source = need!(fixtures::source(major));
    let target = need!(fixtures::target(major));
    source.create_database("lo_many");
    source.psql(
        "lo_many",
        format!(
            "CREATE TABLE file (id int, content oid);
             INSERT INTO file SELECT i, lo_from_bytea(0, decode(md5(i::text), 'hex')) FROM generate_series(1, {MANY}) AS i;
             SELECT lo_create(0) FROM generate_series(1, 10);"
        ),
    );
    let archive = Archive::dump(source, &["lo_many", "-j", "2"]).verified();
    let facts = archive.database("lo_many").large_objects.unwrap();
    assert_eq!((facts.count, facts.bytes), (MANY + 10, MANY * 16));
    let members = archive.manifest().members.len();
    assert!(members < 30, "{members} members");
    let entries = archive.toc("lo_many").entries.len();
    assert!(entries < 300, "{entries} entries");
    target.create_database("lo_many");
    archive.restore(target, &["--no-globals", "-j", "2"]);
    // All of them in one digest; the yardstick would list each.
    let digest = "SELECT count(*), md5(string_agg(md5(lo_get(oid)), '' ORDER BY oid)) FROM pg_largeobject_metadata";
    let expected = source.psql("lo_many", digest);
    assert!(expected.starts_with("100010|"), "{expected}");
    assert_eq!(target.psql("lo_many", digest), expected);
    target.drop_database("lo_many");
}

#[test]
fn a_large_one_with_holes_keeps_its_length_and_its_holes() {
    let major = need!(peers::installed_major());
    let source = need!(fixtures::source(major));
    let target = need!(fixtures::target(major));
    source.create_database("lo_sparse");
    // 3 GB in three places, one that ends in a hole, one within a page, one of 8 MB without any hole.
    source.psql(
        "lo_sparse",
        "SELECT lo_create(1000);
         SELECT lo_put(1000, 0, 'begin'), lo_put(1000, 1500000001, 'middle'), lo_put(1000, 3000000000, 'end');
         BEGIN;
         SELECT lo_create(1001), lo_put(1001, 5, 'x');
         SELECT lo_truncate64(lo_open(1001, 131072), 5000000000);
         COMMIT;
         SELECT lo_create(1002), lo_put(1002, 100, 'y');
         SELECT lo_from_bytea(1003, convert_to(repeat(md5('z'), 262144), 'UTF8'));",
    );
    let archive = Archive::dump(source, &["lo_sparse", "--chunk-size", "1MB"]).verified();
    let large_objects = archive.database("lo_sparse").large_objects.unwrap();
    assert!(large_objects.chunks.len() > 4);
    assert!(large_objects.bytes < 9_000_000, "{large_objects:?}");
    target.create_database("lo_sparse");
    archive.restore(target, &["--no-globals"]);
    let pages = "SELECT loid, count(*), max(pageno), sum(length(data)), md5(string_agg(data, '' ORDER BY pageno))
                 FROM pg_largeobject GROUP BY loid ORDER BY loid";
    let expected = source.psql("lo_sparse", pages);
    assert_eq!(expected.lines().count(), 4);
    assert_eq!(target.psql("lo_sparse", pages), expected);
}

/// A database that belongs to a role without any special right, on both servers.
fn of_an_ordinary_role(source: &Cluster, target: &Cluster, role: &str, database: &str) {
    for cluster in [source, target] {
        cluster.psql("postgres", format!("CREATE ROLE {role} LOGIN"));
        cluster.create_database(database);
        let owner = format!("ALTER DATABASE {database} OWNER TO {role}");
        cluster.psql("postgres", owner);
    }
}

#[test]
fn an_ordinary_role_dumps_and_restores_its_own() {
    let major = need!(peers::installed_major());
    let source = need!(fixtures::source(major));
    let target = need!(fixtures::target(major));
    of_an_ordinary_role(source, target, "lo_owner", "lo_owned");
    source.psql(
        "lo_owned",
        "SET SESSION AUTHORIZATION lo_owner;
         CREATE TABLE file (id int, content oid);
         INSERT INTO file SELECT i, lo_from_bytea(2000000 + i, decode(md5(i::text), 'hex')) FROM generate_series(1, 30000) AS i;
         SELECT lo_create(1999999);
         SELECT lo_from_bytea(1999998, convert_to(repeat(md5('z'), 40000), 'UTF8'));
         SELECT lo_put(1999998, 2000000, 'after a hole');
         GRANT SELECT ON LARGE OBJECT 2000001 TO PUBLIC; COMMENT ON LARGE OBJECT 2000002 IS 'mine';",
    );
    let archive = Archive::none_yet();
    let args = ["-U", "lo_owner", "lo_owned", "-j", "2"];
    archive.try_dump(source, &args).success();
    let archive = archive.verified();
    let facts = archive.database("lo_owned").large_objects.unwrap();
    assert_eq!(facts.count, 30_002);
    assert!(archive.manifest().members.len() < 30);
    let finished = archive.try_restore(target, &["-U", "lo_owner", "--no-globals", "lo_owned"]);
    let stderr = finished.success().stderr();
    assert!(
        stderr
            .lines()
            .all(|line| line.starts_with("pgark: notice: ")),
        "{stderr}"
    );
    assert_equal(source, "lo_owned", target, "lo_owned");

    // The same as the superuser dumps it, but for the zeros that fill the hole.
    let archive = Archive::dump(source, &["lo_owned"]).verified();
    let facts = archive.database("lo_owned").large_objects.unwrap();
    assert_eq!(facts.count, 30_002);
    target.drop_database("lo_owned");
    target.psql(
        "postgres",
        "CREATE DATABASE lo_owned OWNER lo_owner TEMPLATE template0",
    );
    archive.restore(target, &["--no-globals", "lo_owned"]);
    assert_same_contents(source, "lo_owned", target, "lo_owned");
}

#[test]
fn one_that_may_not_be_read_is_named() {
    let major = need!(peers::installed_major());
    let source = need!(fixtures::source(major));
    source.create_database("lo_denied");
    source.psql(
        "lo_denied",
        "CREATE ROLE lo_reader LOGIN; SELECT lo_from_bytea(1000 + i, 'x') FROM generate_series(1, 9) AS i;
         SELECT lo_create(2000);",
    );
    source.psql(
        "lo_denied",
        "SELECT format('GRANT SELECT ON LARGE OBJECT %s TO lo_reader', 1000 + i) FROM generate_series(1, 9) AS i \\gexec",
    );
    let archive = Archive::none_yet();
    let dump = ["-U", "lo_reader", "lo_denied"];
    let finished = archive.try_dump(source, &dump).code(1);
    let stderr = finished.stderr();
    for part in ["lo_denied", "large object 2000", "hint: "] {
        assert!(stderr.contains(part), "no \"{part}\" in {stderr}");
    }
    assert_eq!(archive.left_behind(), [""; 0]);
    archive
        .try_dump(source, &[&dump[..], &["-B"]].concat())
        .success();
    source.psql(
        "lo_denied",
        "GRANT SELECT ON LARGE OBJECT 2000 TO lo_reader",
    );
    archive
        .try_dump(source, &[&dump[..], &["--force"]].concat())
        .success();
    let facts = archive.database("lo_denied").large_objects.unwrap();
    assert_eq!((facts.count, facts.bytes), (10, 9));
}
