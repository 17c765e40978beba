//! Restores that wait for somebody's lock: they say for what and for whom, and for how long is the user's choice.

use std::thread::sleep;
use std::time::Duration;

use super::resume::{said, start};
use crate::need;
use crate::support::archive::Archive;
use crate::support::cluster::Cluster;
use crate::support::peers;
use crate::support::run::{Running, TIMEOUT};

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
    let pid = "SELECT pid FROM pg_stat_activity WHERE query LIKE '%pg_sleep(300)%' AND wait_event = 'PgSleep'";
    let mut found = String::new();
    while found.is_empty() {
        found = cluster.psql("postgres", pid);
        sleep(Duration::from_millis(5));
    }
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
