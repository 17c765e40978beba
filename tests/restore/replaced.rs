//! `--create --clean`, and `--clean`: what is said before something is dropped, and who is in the way.

use std::process::Child;
use std::time::{Duration, Instant};

use super::resume::said;
use crate::need;
use crate::support::archive::Archive;
use crate::support::cluster::Cluster;
use crate::support::equality::assert_equal;
use crate::support::fixtures;
use crate::support::peers;
use crate::support::run::TIMEOUT;

/// Somebody in a database, until the test ends.
struct Guest(Child);

impl Guest {
    fn of(cluster: &Cluster, database: &str) -> Self {
        let psql = peers::installed_client().unwrap_or_else(|missing| panic!("{}", missing.0));
        let mut command = cluster.command(psql.join("psql"));
        command
            .env("PGAPPNAME", "guest")
            .args(["-X", "-d", database, "-c"]);
        let guest = Self(command.arg("SELECT pg_sleep(600)").spawn().unwrap());
        let deadline = Instant::now() + TIMEOUT;
        let there = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'guest' AND state = 'active'";
        while cluster.psql("postgres", there) != "1" {
            assert!(Instant::now() < deadline, "the guest does not come");
            std::thread::sleep(Duration::from_millis(10));
        }
        guest
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        // It may have been ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const TABLES: &str =
    "CREATE TABLE \"T\" (i int); INSERT INTO \"T\" SELECT generate_series(1, 10000);
                      CREATE MATERIALIZED VIEW m AS SELECT 1 AS a";

#[test]
fn who_is_in_a_database_is_said_and_force_drop_ends_them() {
    let cluster = need!(Cluster::start(need!(peers::installed_major())));
    cluster.create_database("visited");
    cluster.psql("visited", TABLES);
    let archive = Archive::dump(&cluster, &["visited"]);
    let guest = Guest::of(&cluster, "visited");
    let refused = archive
        .try_restore(&cluster, &["--create", "--clean"])
        .code(1);
    said(
        &refused,
        "database \"visited\" cannot be dropped: others have 1 session in it: \"postgres\" (guest, active, since ",
    );
    said(
        &refused,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'visited' AND",
    );
    said(&refused, "--force-drop");
    assert_eq!(
        cluster.psql("visited", "SELECT count(*) FROM \"T\""),
        "10000"
    );
    archive
        .try_restore(&cluster, &["--create", "--clean", "--force-drop"])
        .success();
    assert_eq!(
        cluster.psql("visited", "SELECT count(*) FROM \"T\""),
        "10000"
    );
    drop(guest);
    let usage = archive
        .try_restore(&cluster, &["--clean", "--force-drop"])
        .code(2);
    said(
        &usage,
        "--force-drop means nothing without --create --clean",
    );
}

#[test]
fn what_is_dropped_is_said_first_and_where_it_is_the_source() {
    let major = need!(peers::installed_major());
    let (name, source) = ("r_origin", need!(Cluster::start(major)));
    let other = need!(fixtures::target(major));
    other.drop_database(name);
    for cluster in [&source, other] {
        cluster.create_database(name);
        cluster.psql(name, TABLES);
    }
    let archive = Archive::dump(&source, &[name, "--no-globals"]);
    let identifier = source.psql(
        "postgres",
        "SELECT system_identifier FROM pg_control_system()",
    );
    let kept = archive.manifest().server.system_identifier;
    assert_eq!(kept, Some(identifier.clone()));

    let planned = archive
        .try_restore(&source, &["--create", "--clean", "--dry-run"])
        .success();
    let plan = planned.stdout();
    assert!(plan.starts_with("dropped first, "), "{plan}");
    assert!(plan.contains("\n  database \"r_origin\": "), "{plan}");
    let planned = archive
        .try_restore(&source, &["--clean", "--dry-run"])
        .success();
    let plan = planned.stdout();
    let table = "\n  database \"r_origin\", \"public\".\"T\": 384.0 KiB\n";
    assert!(plan.contains(table), "{plan}");
    assert_eq!(source.psql(name, "SELECT count(*) FROM \"T\""), "10000");

    for (args, said_first) in [
        (
            &["--create", "--clean"][..],
            "database \"r_origin\" is dropped on the very server",
        ),
        (
            &["--clean"],
            "the objects to be restored are dropped first from database \"r_origin\" on the very server",
        ),
    ] {
        let restored = archive.try_restore(&source, args).success();
        said(&restored, said_first);
        said(&restored, &identifier);
        let elsewhere = archive.try_restore(other, args).success();
        assert_eq!(elsewhere.stderr(), "", "{}", elsewhere.describe());
        assert_equal(&source, name, other, name);
    }
}
