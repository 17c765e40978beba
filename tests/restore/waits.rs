//! Restores that wait for somebody's lock: they say for what and for whom, and for how long is the user's
//! choice.

use std::thread::sleep;
use std::time::Duration;

use super::resume::{said, start};
use crate::need;
use crate::support::archive::Archive;
use crate::support::cluster::Cluster;
use crate::support::peers;
use crate::support::run::{Running, TIMEOUT};

/// Somebody is changing a role that the restore changes too.
#[test]
fn who_keeps_roles_from_being_restored_is_told() {
    let major = need!(peers::installed_major());
    let source = need!(Cluster::start(major));
    source.create_database("w_roles");
    source.psql(
        "postgres",
        "CREATE ROLE w_new; CREATE ROLE w_old; GRANT w_new TO w_old; ALTER ROLE w_old SET work_mem = '5MB'",
    );
    let archive = Archive::dump(&source, &["w_roles"]);
    let target = need!(Cluster::start(major));
    let hold = b"BEGIN; LOCK TABLE pg_authid IN EXCLUSIVE MODE; SELECT pg_sleep(300);";
    let holder = Running::start(target.command("psql").args(["-d", "postgres"]), hold);
    let found = sleeper(&target);
    for scope in [&["--create"][..], &["--globals-only"]] {
        let limited = [scope, &["--lock-wait-timeout", "200ms"]].concat();
        let failed = archive.try_restore(&target, &limited).code(1);
        let report = failed.stdout();
        assert!(report.contains("w_new"), "{}", failed.describe());
        let reason = "error 55P03: canceling statement due to lock timeout";
        assert!(report.contains(reason), "{}", failed.describe());
        target.drop_database("w_roles");
    }
    let restore = start(&archive, &target, &["--globals-only"]);
    let told = format!("is locked by server process {found} of user");
    while restore.said(&told) == 0 {
        sleep(Duration::from_millis(5));
    }
    target.psql("postgres", format!("SELECT pg_terminate_backend({found})"));
    holder.finish(TIMEOUT);
    let finished = restore.finish(TIMEOUT).success();
    let place = r#"roles and databases: \"pg_catalog.pg_authid\" is locked by"#;
    said(&finished, place);
    let member = "SELECT pg_has_role('w_old', 'w_new', 'member')";
    assert_eq!(target.psql("postgres", member), "t");
}

/// The process that holds the lock, once it does.
fn sleeper(cluster: &Cluster) -> String {
    let pid = "SELECT pid FROM pg_stat_activity WHERE query LIKE '%pg_sleep(300)%' AND wait_event = 'PgSleep'";
    loop {
        let found = cluster.psql("postgres", pid);
        if !found.is_empty() {
            return found;
        }
        sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_restore_that_waits_says_for_what_and_for_whom() {
    let cluster = need!(Cluster::start(need!(peers::installed_major())));
    for name in ["w_source", "w_target"] {
        cluster.create_database(name);
        cluster.psql(
            name,
            "CREATE SCHEMA \"odd one\"; CREATE TABLE \"odd one\".t (id int)",
        );
    }
    cluster.psql("w_source", "INSERT INTO \"odd one\".t VALUES (1)");
    let archive = Archive::dump(&cluster, &["w_source", "--no-globals"]);
    let hold = b"BEGIN; LOCK TABLE \"odd one\".t; SELECT pg_sleep(300);";
    let holder = Running::start(cluster.command("psql").args(["-d", "w_target"]), hold);
    let found = sleeper(&cluster);
    let args = ["w_source=w_target", "--no-globals", "-a"];
    let limited = [&args[..], &["--lock-wait-timeout", "200ms"]].concat();
    let failed = archive.try_restore(&cluster, &limited).code(1);
    let reported =
        "w_target: TABLE DATA odd one.t\n    error 55P03: canceling statement due to lock timeout";
    assert!(failed.stdout().contains(reported), "{}", failed.describe());

    let restore = start(&archive, &cluster, &[&args[..], &["--resume"]].concat());
    let told = format!("is locked by server process {found} of user");
    while restore.said(&told) == 0 {
        sleep(Duration::from_millis(5));
    }
    cluster.psql("postgres", format!("SELECT pg_terminate_backend({found})"));
    holder.finish(TIMEOUT);
    let finished = restore.finish(TIMEOUT).success();
    // In JSON, where quotes are escaped.
    said(
        &finished,
        r#"database \"w_target\": \"\"odd one\".t\" is locked by server process"#,
    );
    assert_eq!(finished.stderr().matches(&told).count(), 1);
    assert_eq!(
        cluster.psql("w_target", "SELECT count(*) FROM \"odd one\".t"),
        "1"
    );
}
