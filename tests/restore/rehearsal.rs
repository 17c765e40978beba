//! Rehearsals: what they say, and that they leave nothing behind.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::need;
use crate::support::archive::Archive;
use crate::support::cluster::Cluster;
use crate::support::fixture_archive;
use crate::support::peers;
use crate::support::pgark::Pgark;
use crate::support::run::TIMEOUT;

/// Databases, roles and what belongs to them, a line each.
fn everything_on(cluster: &Cluster) -> String {
    let sql = "SELECT 'database', datname, datacl::text FROM pg_database
        UNION ALL SELECT 'role', rolname, rolconfig::text FROM pg_roles
        UNION ALL SELECT 'member', roleid::regrole::text, member::regrole::text FROM pg_auth_members
        UNION ALL SELECT 'setting', setdatabase::text, setrole::text FROM pg_db_role_setting
        UNION ALL SELECT 'tablespace', spcname, '' FROM pg_tablespace
        UNION ALL SELECT 'subscription', subname, '' FROM pg_subscription
        UNION ALL SELECT 'shared comment', classoid::regclass::text, description FROM pg_shdescription
        ORDER BY 1, 2, 3";
    cluster.psql("postgres", sql)
}

#[test]
fn a_rehearsal_leaves_nothing_behind() {
    let fixtures = need!(fixture_archive::of_installed());
    let target = need!(Cluster::start(fixtures.source.major()));
    // One of the roles is there, one of the databases too.
    target.psql("postgres", "CREATE ROLE app_read");
    target.create_database("jobs");
    let before = everything_on(&target);
    let options = ["--rehearse", "--no-analyze", "--json", "-j", "3"];
    let finished = fixtures.archive.try_restore(&target, &options).success();
    assert_eq!(everything_on(&target), before);
    let outcome: Value = serde_json::from_slice(&finished.stdout).unwrap();
    let roles = outcome["rehearsal"]["roles"].as_array().unwrap();
    assert!(roles.contains(&Value::from("app_owner")) && !roles.contains(&Value::from("app_read")));
    let manifest = fixtures.archive.manifest();
    for (database, expected) in outcome["databases"]
        .as_array()
        .unwrap()
        .iter()
        .zip(manifest.databases)
    {
        assert_eq!(database["rows"], expected.rows(), "{database:#}");
        let phases: Vec<&str> = database["phases"]
            .as_array()
            .unwrap()
            .iter()
            .map(|phase| phase["phase"].as_str().unwrap())
            .collect();
        assert!(
            phases.starts_with(&["create", "definitions", "data"]),
            "{phases:?}"
        );
        let whole = database["elapsed_s"].as_f64().unwrap();
        for phase in database["phases"].as_array().unwrap() {
            assert!(
                phase["elapsed_s"].as_f64().unwrap() <= whole,
                "{database:#}"
            );
        }
    }
    let options = ["--rehearse", "-s", "jobs", "accounts"];
    let finished = fixtures.archive.try_restore(&target, &options).success();
    assert_eq!(everything_on(&target), before);
    let said = finished.stdout();
    assert!(
        said.contains("rehearsed 2 databases in ") && said.contains("\n  accounts: "),
        "{said}"
    );
}

#[test]
fn a_list_says_which_databases_are_rehearsed() {
    let cluster = need!(Cluster::start(need!(peers::installed_major())));
    cluster.create_database("listed");
    cluster.psql("listed", "CREATE TABLE public.t (id int)");
    cluster.create_database("unlisted");
    let archive = Archive::dump(&cluster, &["listed", "unlisted"]);
    let list = archive.try_restore(&cluster, &["-l", "listed"]).success();
    let file = archive.folder().join("list");
    std::fs::write(&file, list.stdout()).unwrap();
    let file = file.to_str().unwrap();
    let finished = archive.try_restore(&cluster, &["--rehearse", "-L", file]);
    let said = finished.success().stdout();
    assert!(said.starts_with("rehearsed 1 database in "), "{said}");
}

/// A table that takes its rows in the database `rehearsed` only, and one of many rows.
const SAMPLE: &str = "
    CREATE FUNCTION at_home() RETURNS boolean LANGUAGE sql AS $$SELECT current_database() = 'rehearsed'$$;
    CREATE TABLE public.homebound (id int CHECK (public.at_home()));
    INSERT INTO public.homebound VALUES (1);
    CREATE FUNCTION slow(int) RETURNS int IMMUTABLE LANGUAGE sql AS
        $$SELECT $1 FROM pg_catalog.pg_sleep(CASE WHEN pg_catalog.current_database() = 'rehearsed' THEN 0 ELSE 1 END)$$;
    CREATE TABLE public.many (id int);
    INSERT INTO public.many SELECT generate_series(1, 100);
    CREATE INDEX many_slow ON public.many (public.slow(id));";

fn sample() -> Result<(Cluster, Archive), peers::Missing> {
    let cluster = Cluster::start(peers::installed_major()?)?;
    cluster.create_database("rehearsed");
    cluster.psql("rehearsed", SAMPLE);
    let archive = Archive::dump(&cluster, &["rehearsed"]);
    Ok((cluster, archive))
}

#[test]
fn what_would_fail_is_said() {
    let (cluster, archive) = need!(sample());
    let before = everything_on(&cluster);
    let options = ["--rehearse", "-t", "homebound"];
    // Without its function the table cannot be made.
    let finished = archive.try_restore(&cluster, &options).code(1);
    let said = finished.stdout();
    assert!(said.contains("1 error, and 1 object skipped"), "{said}");
    assert!(
        said.contains(": TABLE public.homebound\n    error 42883: "),
        "{said}"
    );
    assert_eq!(everything_on(&cluster), before);
    let options = ["--rehearse", "--section", "pre-data", "--section", "data"];
    let finished = archive.try_restore(&cluster, &options).code(1);
    let said = finished.stdout();
    assert!(
        said.contains("TABLE DATA public.homebound\n    error 23514: "),
        "{said}"
    );
    assert_eq!(everything_on(&cluster), before);
}

#[test]
fn an_interrupted_rehearsal_cleans_up_too() {
    let (cluster, archive) = need!(sample());
    let before = everything_on(&cluster);
    let arguments = ["restore", "--rehearse", "--progress", "none", "-w"];
    let running = Pgark::new(arguments)
        .at(&cluster)
        .arg(archive.path())
        .start();
    let deadline = Instant::now() + Duration::from_secs(60);
    let is_building = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%CREATE INDEX many_slow%' \
                       AND datname LIKE 'rehearsed_pgark_rehearsal_%'";
    while cluster.psql("postgres", is_building) == "0" {
        assert!(
            Instant::now() < deadline,
            "the rehearsal does not get to its index"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    running.signal("INT");
    running.finish(TIMEOUT).code(130);
    assert_eq!(everything_on(&cluster), before);
}
