//! A server held against an archive: `restore --verify` and `verify --against`.

use std::path::Path;

use serde_json::Value;

use crate::need;
use crate::support::archive::Archive;
use crate::support::cluster::Cluster;
use crate::support::fixture_archive::{self, FixtureArchive, databases};
use crate::support::peers;
use crate::support::pgark::Pgark;
use crate::support::run::{Finished, run};

/// `pgark verify ARCHIVE .. --against` the server, as JSON.
fn against(archive: &Path, cluster: &Cluster, options: &[&str]) -> Finished {
    let arguments = ["verify", "--quick", "--progress", "none", "-w", "--json"];
    let verify = Pgark::new(arguments).at(cluster).arg(archive);
    verify.args(["--against", "postgres"]).args(options).run()
}

fn json(finished: &Finished) -> Value {
    serde_json::from_slice(&finished.stdout).unwrap_or_else(|_| panic!("{}", finished.describe()))
}

/// What is said of the only database: object and what, a line each.
fn said(finished: &Finished, list: &str) -> Vec<String> {
    let json = json(finished);
    let all = json["against"]["databases"][0][list].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let line = |item: &Value| format!("{}: {}", text(&item["object"]), text(&item["what"]));
    all.iter().map(line).collect()
}

/// Restores all fixtures with --verify: nothing may differ, and all must have been compared.
#[track_caller]
fn restored_and_verified(fixtures: &FixtureArchive, target: &Cluster) -> Value {
    let options = ["--create", "--verify", "--json", "-j", "3"];
    let finished = fixtures.archive.try_restore(target, &options);
    let verify = &json(&finished)["verify"];
    let compared = verify["databases"].as_array().unwrap();
    assert_eq!(compared.len(), databases().len());
    for (database, manifest) in compared.iter().zip(fixtures.archive.manifest().databases) {
        assert_eq!(database["rows"], manifest.rows(), "{database:#}");
        assert_eq!(database["tables"], manifest.tables.len(), "{database:#}");
        let objects = manifest.large_objects.map_or(0, |objects| objects.count);
        assert_eq!(database["large_objects"], objects, "{database:#}");
        assert!(
            database["definitions"].as_u64().unwrap() > 5,
            "{database:#}"
        );
        assert_eq!(database["differences"], Value::Array(vec![]));
    }
    let status = if verify["verdict"] == "equal" { 0 } else { 4 };
    finished.code(status);
    verify.clone()
}

#[test]
fn what_was_restored_is_what_is_in_the_archive() {
    let fixtures = need!(fixture_archive::of_installed());
    let target = need!(Cluster::start(fixtures.source.major()));
    let verify = restored_and_verified(fixtures, &target);
    assert_eq!(verify["verdict"], "equal", "{verify:#}");
    // And so is the source, until somebody works in it.
    let archive = fixtures.archive.path();
    let finished = against(&archive, &fixtures.source, &[]).success();
    assert_eq!(json(&finished)["against"]["verdict"], "equal");
}

#[test]
fn a_newer_server_holds_it_too() {
    let fixtures = need!(fixture_archive::of_fetched(14));
    let target = need!(Cluster::start_fetched(19));
    let verify = restored_and_verified(fixtures, &target);
    // Only what a newer version words otherwise is left to be looked at.
    for database in verify["databases"].as_array().unwrap() {
        for unknown in database["not_comparable"].as_array().unwrap() {
            let what = unknown["what"].as_str().unwrap();
            assert!(
                what.starts_with("is worded otherwise") || what == "is missing",
                "{unknown:#}"
            );
        }
    }
}

/// PostgreSQL 19 writes pg_lsn with leading zeros. No difference may come of that, and no equality.
#[test]
fn log_positions_are_not_compared_across_19() {
    let source = need!(Cluster::start_fetched(18));
    let target = need!(Cluster::start_fetched(19));
    source.create_database("proof");
    source.psql(
        "proof",
        "CREATE DOMAIN place AS pg_lsn;
         CREATE TYPE pair AS (at place, n int);
         CREATE TYPE span AS RANGE (subtype = pg_lsn);
         CREATE TABLE plain (at pg_lsn); INSERT INTO plain VALUES ('0/1A');
         CREATE TABLE nested (at pair[]); INSERT INTO nested VALUES (ARRAY[('0/1A', 1)::pair]);
         CREATE TABLE ranged (at span); INSERT INTO ranged VALUES ('[0/1,0/2)');
         CREATE TABLE fewer (at pg_lsn); INSERT INTO fewer VALUES ('0/1A');
         CREATE TABLE none (n int); INSERT INTO none VALUES (1);",
    );
    let archive = Archive::dump(&source, &["proof"]);
    archive.restore(&target, &["--create"]);
    target.psql("proof", "DELETE FROM fewer; UPDATE none SET n = 2");
    let finished = against(&archive.path(), &target, &[]).code(3);
    let rows = |list| -> Vec<String> {
        let all = said(&finished, list).into_iter();
        all.filter(|line| line.starts_with("TABLE DATA")).collect()
    };
    assert_eq!(
        rows("differences"),
        [
            "TABLE DATA public.fewer: 1 row is missing: the archive has 1, the server 0",
            "TABLE DATA public.none: the rows differ, all 1 taken together",
        ]
    );
    let what = "the rows are as many, and hold values of type pg_lsn, which PostgreSQL 19 writes \
                otherwise than older versions";
    let unknown = ["nested", "plain", "ranged"].map(|t| format!("TABLE DATA public.{t}: {what}"));
    assert_eq!(rows("not_comparable"), unknown);
}

const SAMPLE: &str = "
    CREATE TABLE public.fewer (id int);
    INSERT INTO public.fewer SELECT generate_series(1, 10);
    CREATE TABLE public.more (id int);
    CREATE TABLE public.other (id int, name text);
    INSERT INTO public.other VALUES (1, 'a'), (2, 'b');
    CREATE TABLE public.gone (id int);
    CREATE TABLE public.narrow (id int, name text);
    CREATE TABLE public.same (id int PRIMARY KEY);
    INSERT INTO public.same SELECT generate_series(1, 1000);
    CREATE SEQUENCE public.counter;
    SELECT setval('public.counter', 7);
    CREATE VIEW public.seen AS SELECT 1 AS x;
    CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE MATERIALIZED VIEW public.kept AS SELECT 1 AS x;
    ALTER DATABASE proof SET work_mem TO '5MB';
    COMMENT ON DATABASE proof IS 'a proof';
    SELECT lo_from_bytea(4711, 'abc'), lo_from_bytea(4712, 'abc'), lo_from_bytea(4713, '');";

const CHANGES: &str = "
    DELETE FROM public.fewer WHERE id > 7;
    INSERT INTO public.more VALUES (1);
    UPDATE public.other SET name = 'c' WHERE id = 2;
    DROP TABLE public.gone;
    ALTER TABLE public.narrow DROP COLUMN name;
    SELECT setval('public.counter', 8);
    CREATE OR REPLACE VIEW public.seen AS SELECT 2 AS x;
    DROP FUNCTION public.f();
    REFRESH MATERIALIZED VIEW public.kept WITH NO DATA;
    SELECT lo_put(4711, 1, 'x'), lo_unlink(4712);";

#[test]
fn every_difference_is_named() {
    let cluster = need!(Cluster::start(need!(peers::installed_major())));
    cluster.create_database("proof");
    cluster.psql("proof", SAMPLE);
    let archive = Archive::dump(&cluster, &["proof"]);
    archive.restore(&cluster, &["--create", "--no-globals", "proof=copy"]);
    let copy = ["proof=copy"];
    against(&archive.path(), &cluster, &copy).success();
    // The same without a pg_dump.
    let arguments = ["verify", "--quick", "--progress", "none", "-w", "--json"];
    let alone = || {
        let verify = Pgark::new(arguments).at(&cluster).arg(archive.path());
        let verify = verify.env("PGARK_PG_DUMP", "/nonexistent");
        verify.args(["--against", "postgres", "proof=copy"]).run()
    };
    alone().success();
    cluster.psql("copy", CHANGES);
    let own = "ALTER DATABASE copy SET work_mem TO '6MB'; COMMENT ON DATABASE copy IS 'a copy';";
    cluster.psql("copy", own);
    let finished = against(&archive.path(), &cluster, &copy).code(3);
    assert_eq!(
        said(&finished, "differences"),
        [
            "COMMENT DATABASE proof: is defined otherwise",
            "DATABASE PROPERTIES proof: is defined otherwise",
            "FUNCTION public.f(): is missing",
            "LARGE OBJECT 4711: has another content",
            "LARGE OBJECT 4712: is missing",
            "MATERIALIZED VIEW DATA public.kept: it is not populated: it was never refreshed",
            "SEQUENCE SET public.counter: it stands at 8, in the archive at 7",
            "TABLE DATA public.fewer: 3 rows are missing: the archive has 10, the server 7",
            "TABLE DATA public.gone: the table is missing",
            "TABLE DATA public.more: 1 row too many: the archive has 0, the server 1",
            "TABLE DATA public.narrow: column \"name\" of relation \"narrow\" does not exist",
            "TABLE DATA public.other: the rows differ, all 2 taken together",
            "TABLE public.gone: is missing",
            "TABLE public.narrow: is defined otherwise",
            "VIEW public.seen: is defined otherwise",
        ]
    );
    assert!(
        finished
            .stderr()
            .contains("the server differs from the archive: 15 differences")
    );
    assert_eq!(
        said(&alone().code(3), "differences"),
        said(&finished, "differences")
    );
}

#[test]
fn archives_of_pg_dump_are_compared_by_decoding_them() {
    let cluster = need!(Cluster::start(need!(peers::installed_major())));
    let bin = need!(peers::client_for(cluster.major()));
    cluster.create_database("proof");
    cluster.psql("proof", SAMPLE);
    let folder = tempfile::tempdir().unwrap();
    let dumped = |name: &str, options: &[&str]| {
        let file = folder.path().join(name);
        let mut dump = cluster.command(bin.join("pg_dump"));
        dump.args(options).arg("-f").arg(&file).arg("proof");
        run(&mut dump, b"").success();
        file
    };
    let custom = dumped("custom", &["-Fc"]);
    // It has no checksums, and is equal all the same.
    let finished = against(&custom, &cluster, &[]).code(4);
    let database = &json(&finished)["against"]["databases"][0];
    assert_eq!(
        json(&finished)["against"]["verdict"],
        "equal",
        "{database:#}"
    );
    assert_eq!(
        (&database["rows"], &database["large_objects"]),
        (&1012.into(), &3.into())
    );
    let inserts = dumped("inserts", &["-Ft", "--inserts", "-t", "same"]);
    let finished = against(&inserts, &cluster, &[]).code(4);
    let said_of_it =
        "TABLE DATA public.same: its rows are stored as statements, which are not compared";
    assert_eq!(said(&finished, "not_comparable"), [said_of_it]);
    cluster.psql("proof", CHANGES);
    let finished = against(&custom, &cluster, &[]).code(3);
    let differences = said(&finished, "differences");
    for line in [
        "LARGE OBJECT 4711: has another content",
        "TABLE DATA public.fewer: 3 rows are missing: the archive has 10, the server 7",
        "VIEW public.seen: is defined otherwise",
    ] {
        assert!(
            differences.contains(&line.to_owned()),
            "{line}: {differences:#?}"
        );
    }
}

#[test]
fn a_part_that_was_restored_is_what_is_compared() {
    let cluster = need!(Cluster::start(need!(peers::installed_major())));
    cluster.create_database("proof");
    cluster.psql("proof", SAMPLE);
    let archive = Archive::dump(&cluster, &["proof"]);
    let options = [
        "--create",
        "--no-globals",
        "--verify",
        "--json",
        "-t",
        "fewer",
        "proof=part",
    ];
    let finished = archive.try_restore(&cluster, &options).success();
    let verify = &json(&finished)["verify"]["databases"][0];
    assert_eq!(
        (&verify["tables"], &verify["rows"]),
        (&Value::from(1), &Value::from(10))
    );
    // A trigger that swallows rows is found although COPY said nothing.
    cluster.create_database("swallowed");
    let trap = "CREATE TABLE public.fewer (id int);
        CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.id := 0; RETURN NEW; END$$;
        CREATE TRIGGER t BEFORE INSERT ON public.fewer FOR EACH ROW EXECUTE FUNCTION f();";
    cluster.psql("swallowed", trap);
    let options = [
        "--no-globals",
        "--verify",
        "-a",
        "-t",
        "fewer",
        "proof=swallowed",
    ];
    let finished = archive.try_restore(&cluster, &options).code(3);
    let said = "TABLE DATA public.fewer: the rows differ, all 10 taken together";
    assert!(finished.stdout().contains(said), "{}", finished.describe());
}

#[test]
fn what_cannot_be_read_cannot_be_compared() {
    let cluster = need!(Cluster::start(need!(peers::installed_major())));
    cluster.create_database("proof");
    cluster.psql("proof", SAMPLE);
    cluster.psql("postgres", "CREATE ROLE reader LOGIN");
    cluster.psql(
        "proof",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader",
    );
    cluster.psql("proof", "REVOKE SELECT ON public.same FROM reader");
    let archive = Archive::dump(&cluster, &["proof"]);
    let finished = against(&archive.path(), &cluster, &["-U", "reader"]).code(4);
    let unknown = said(&finished, "not_comparable");
    let table = "TABLE DATA public.same: permission denied for table same".to_owned();
    assert!(unknown.contains(&table), "{unknown:#?}");
    cluster.psql("postgres", "ALTER DATABASE proof RENAME TO renamed");
    let finished = against(&archive.path(), &cluster, &[]).code(4);
    let said = "database \"proof\" does not exist";
    assert!(finished.stderr().contains(said), "{}", finished.describe());
}
