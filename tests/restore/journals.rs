//! Journals at their end and in two hands: dropping them can be interrupted, and nobody goes on with one that
//! another restore is keeping.

use std::thread::sleep;
use std::time::Duration;

use super::resume::{begins, chunky, said, start, target_of};
use crate::need;
use crate::support::cluster::Cluster;
use crate::support::equality::assert_equal;
use crate::support::run::{Running, TIMEOUT};

/// Waits until a session in this database is at such a query, in such a state of waiting.
fn await_session(target: &Cluster, name: &str, query: &str, wait: &str) {
    let sql = format!(
        "SELECT count(*) FROM pg_stat_activity
         WHERE datname = '{name}' AND query LIKE '%{query}%' AND wait_event_type = '{wait}'"
    );
    let tries = TIMEOUT.as_millis() / 20;
    for _ in 0..tries {
        if target.psql("postgres", &sql) != "0" {
            return;
        }
        sleep(Duration::from_millis(20));
    }
    panic!("nobody waits at {query}");
}

#[test]
fn dropping_the_journals_can_be_interrupted() {
    let name = "j_held";
    let (source, archive) = need!(chunky(name));
    let target = need!(target_of(name, true));
    let mut restore = start(&archive, target, &["--no-globals"]);
    assert!(begins(&mut restore, 8));
    restore.signal("STOP");
    let hold = b"BEGIN; LOCK TABLE pgark_restore.done IN ACCESS SHARE MODE; SELECT pg_sleep(300);";
    let holder = Running::start(target.command("psql").args(["-d", name]), hold);
    await_session(target, name, "pg_sleep(300)", "Timeout");
    restore.signal("CONT");
    await_session(target, name, "DROP SCHEMA", "Lock");
    restore.signal("INT");
    let finished = restore.finish(Duration::from_secs(10)).code(130);
    said(&finished, "The same command with --resume goes on");
    let end =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%sleep(300);%'
               AND pid <> pg_backend_pid()";
    target.psql("postgres", end);
    holder.finish(TIMEOUT);
    archive
        .try_restore(target, &["--no-globals", "--resume"])
        .success();
    assert_equal(source, name, target, name);
}

#[test]
fn beside_a_restore_that_goes_on_nobody_resumes() {
    let name = "j_beside";
    let (source, archive) = need!(chunky(name));
    let target = need!(target_of(name, true));
    let mut restore = start(&archive, target, &["--no-globals"]);
    assert!(begins(&mut restore, 12));
    restore.signal("STOP");
    let refused = archive
        .try_restore(target, &["--no-globals", "--resume"])
        .code(1);
    restore.signal("CONT");
    said(&refused, "is being restored by another call");
    restore.finish(TIMEOUT).success();
    assert_equal(source, name, target, name);
}
