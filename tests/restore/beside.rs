//! Restores beside restores: of whatever options, connected however, one works in a database and the others
//! are told who does.
//!
//! Who stops a restore has a server of his own: while a COPY does not get on, no database of the server can
//! be dropped (`WaitForProcSignalBarrier` in dropdb).

use std::thread::sleep;
use std::time::Duration;

use super::resume::{begins, chunky, said, start, target_of};
use crate::need;
use crate::support::archive::Archive;
use crate::support::cluster::Cluster;
use crate::support::equality::assert_equal;
use crate::support::fixtures;
use crate::support::peers::{self, Missing};
use crate::support::pgark::Pgark;
use crate::support::run::{Finished, Running, TIMEOUT};

/// The session that holds the lock of the restore into this database.
fn holder(target: &Cluster) -> String {
    let sql = "SELECT string_agg(DISTINCT pid::text, ' ') FROM pg_locks
               WHERE locktype = 'advisory' AND classid = 1885827691 AND granted";
    target.psql("postgres", sql)
}

#[test]
fn beside_a_restore_none_begins_whatever_its_options() {
    let name = "b_any";
    let (source, archive) = need!(chunky(name));
    let target = need!(Cluster::start(source.major()));
    target.create_database(name);
    target.create_database("b_elsewhere");
    target.psql(
        name,
        "CREATE ROLE plain LOGIN; GRANT CREATE ON DATABASE b_any TO plain",
    );
    let mut restore = start(&archive, &target, &["--no-globals"]);
    assert!(begins(&mut restore, 12));
    restore.signal("STOP");
    let pid = holder(&target);
    let who = format!(
        "database \"{name}\" is being restored by another call: server process {pid} of user \
         \"postgres\", application \"pgark\", "
    );
    let all = [
        "",
        "--clean --if-exists",
        "--clean",
        "--create",
        "--create --clean",
        "--allow-non-empty",
        "-a",
        "--section=data",
        "--section=post-data",
        "-1",
        "--resume",
        "--create --resume",
        "--dry-run",
        "--dry-run --clean",
        "--transaction-size=10",
        "-t plain",
    ];
    let before =
        "SELECT (SELECT count(*) FROM pg_class), (SELECT count(*) FROM pgark_restore.done)";
    let before = || target.psql(name, before);
    let there = before();
    for (number, options) in all.into_iter().enumerate() {
        let args = options.split_whitespace().chain(["--no-globals"]);
        let restore = ["restore", "--progress", "none", "-w"];
        let restore = || Pgark::new(restore).at(&target).arg(archive.path());
        let refused = restore().args(args.clone()).run().code(1);
        said(
            &refused,
            &format!("{who}from the server's own host, since 2"),
        );
        assert!(
            !refused.stderr().contains("--clean"),
            "{}",
            refused.describe()
        );
        if number % 4 > 0 {
            continue;
        }
        // By way of another database, and as a user who may not see everything.
        let elsewhere = restore()
            .args(args.clone())
            .env("PGDATABASE", "b_elsewhere");
        said(&elsewhere.run().code(1), &who);
        let refused = restore().args(args).args(["-U", "plain"]).run().code(1);
        said(
            &refused,
            "since when and from where is shown to that user and to",
        );
    }
    assert_eq!(before(), there);
    restore.signal("CONT");
    restore.finish(TIMEOUT).success();
    assert_equal(source, name, &target, name);
}

#[test]
fn a_database_is_locked_by_the_name_that_it_gets() {
    let name = "b_renamed";
    let (source, archive) = need!(chunky(name));
    let target = &need!(Cluster::start(source.major()));
    target.create_database("b_other");
    target.create_database(name);
    let mut restore = start(&archive, target, &["--no-globals", "b_renamed=b_other"]);
    assert!(begins(&mut restore, 12));
    restore.signal("STOP");
    let refused = archive.try_restore(target, &["--no-globals", "-d", "b_other", "--clean"]);
    said(&refused.code(1), "database \"b_other\" is being restored");
    // A database that has only its source in common is free.
    archive.try_restore(target, &["--no-globals"]).success();
    restore.signal("CONT");
    restore.finish(TIMEOUT).success();
    assert_equal(source, name, target, "b_other");
    assert_equal(source, name, target, name);
}

/// A rehearsal's scratch database is its own until it is gone.
#[test]
fn a_rehearsal_locks_its_scratch_databases() {
    let name = "b_rehearsed";
    let (source, archive) = need!(chunky(name));
    let target = &need!(Cluster::start(source.major()));
    let mut rehearsal = start(&archive, target, &["--rehearse"]);
    assert!(begins(&mut rehearsal, 12));
    rehearsal.signal("STOP");
    let scratch =
        "SELECT datname FROM pg_database WHERE datname LIKE 'b_rehearsed_pgark_rehearsal_%'";
    let scratch = target.psql("postgres", scratch);
    let args = ["--no-globals", "-d", &scratch, "--allow-non-empty"];
    let refused = archive.try_restore(target, &args).code(1);
    said(
        &refused,
        &format!("database \"{scratch}\" is being restored by"),
    );
    rehearsal.signal("CONT");
    rehearsal.finish(TIMEOUT).success();
}

/// Two databases in one archive.
fn pair(first: &str, second: &str) -> Result<(&'static Cluster, Archive), Missing> {
    let source = fixtures::source(peers::installed_major()?)?;
    for (name, rows) in [(first, 3000), (second, 2000)] {
        source.create_database(name);
        source.psql(
            name,
            format!(
                "CREATE TABLE t (i int, pad text);
                 INSERT INTO t SELECT i, md5(i::text) FROM generate_series(1, {rows}) AS i;
                 CREATE INDEX ON t (i); CREATE INDEX ON t (pad);
                 SELECT lo_from_bytea(0, md5(i::text)::bytea) FROM generate_series(1, 20) AS i;"
            ),
        );
    }
    let args = [first, second, "--no-globals", "--chunk-size", "64kB"];
    Ok((source, Archive::dump(source, &args)))
}

/// Starts calls one after the other, so many milliseconds apart, and waits for all.
fn staggered(
    target: &Cluster,
    archive: &Archive,
    calls: &[Vec<&str>],
    apart: u64,
) -> Vec<Finished> {
    let started: Vec<Running> = calls
        .iter()
        .map(|args| {
            let running = start(archive, target, args);
            sleep(Duration::from_millis(apart));
            running
        })
        .collect();
    let finished = started.into_iter().map(|call| call.finish(TIMEOUT));
    finished.collect()
}

/// Demands that some calls, of `at_least` how many, succeeded, and that the others did nothing.
fn successes(finished: &[Finished], reasons: &[&str]) -> usize {
    let (done, refused): (Vec<_>, Vec<_>) = finished
        .iter()
        .partition(|finished| finished.status.code() == Some(0));
    for finished in refused {
        let stderr = finished.stderr();
        let is_refused = stderr.contains("nothing was restored:")
            && reasons.iter().any(|reason| stderr.contains(reason));
        assert!(
            finished.status.code() == Some(1) && is_refused,
            "{}",
            finished.describe()
        );
    }
    done.len()
}

const LOCKED: &str = "is being restored by another call";

#[test]
fn of_restores_that_begin_together_one_succeeds() {
    let (first, second) = ("b_together1", "b_together2");
    let (source, archive) = need!(pair(first, second));
    let target = need!(Cluster::start(source.major()));
    let same = || {
        assert_equal(source, first, &target, first);
        assert_equal(source, second, &target, second);
    };
    let drop = || [first, second].map(|name| target.drop_database(name));
    let orders = [vec![first, second], vec![second, first], vec![]];
    let calls = |options: &[&'static str]| {
        let options = [&["--no-globals"], options].concat();
        let orders = orders.iter();
        orders
            .map(|order| [&order[..], &options[..]].concat())
            .collect::<Vec<_>>()
    };
    for apart in [0, 3, 20, 60, 150, 400] {
        // Into databases that are not there: one creates them.
        drop();
        let finished = staggered(&target, &archive, &calls(&["--create"]), apart);
        let reasons = [LOCKED, "exists on the target server already"];
        assert_eq!(successes(&finished, &reasons), 1, "{apart} ms");
        same();
        // Each in the place of what is there: one after the other they may all succeed, never together.
        let finished = staggered(
            &target,
            &archive,
            &calls(&["--clean", "--if-exists"]),
            apart,
        );
        assert!(successes(&finished, &[LOCKED]) >= 1, "{apart} ms");
        same();
        let finished = staggered(&target, &archive, &calls(&["--create", "--clean"]), apart);
        assert!(successes(&finished, &[LOCKED]) >= 1, "{apart} ms");
        same();
        // Into databases that are there and empty.
        drop();
        for name in [first, second] {
            target.create_database(name);
        }
        let finished = staggered(&target, &archive, &calls(&[]), apart);
        let reasons = [LOCKED, "is not empty"];
        assert_eq!(successes(&finished, &reasons), 1, "{apart} ms");
        same();
    }
}

/// Rows that are added are added once for each restore that succeeded; where a user keeps no journal too.
#[test]
fn rows_are_added_by_one_at_a_time() {
    let (first, second) = ("b_rows1", "b_rows2");
    let (source, archive) = need!(pair(first, second));
    let target = need!(Cluster::start(source.major()));
    target.psql("postgres", "CREATE ROLE adder LOGIN");
    for (apart, user) in [
        (0, "postgres"),
        (0, "adder"),
        (10, "adder"),
        (50, "postgres"),
    ] {
        for name in [first, second] {
            target.drop_database(name);
            target.create_database(name);
            target.psql(
                name,
                "CREATE TABLE t (i int, pad text); GRANT INSERT ON t TO adder",
            );
        }
        let options = ["--no-globals", "-a", "-t", "t", "-U", user];
        let calls = [[first, second], [second, first]].map(|order| [&order[..], &options].concat());
        let finished = staggered(&target, &archive, &calls, apart);
        let count = successes(&finished, &[LOCKED]);
        assert!(count >= 1, "{apart} ms as {user}");
        let rows = [first, second].map(|name| target.psql(name, "SELECT count(*) FROM t"));
        assert_eq!(
            rows,
            [count * 3000, count * 2000].map(|rows| rows.to_string())
        );
    }
}

/// The lock is lost while its restore is stopped, and another one begins: never both at once.
#[test]
fn a_lost_lock_stops_its_restore_and_what_it_left_is_waited_for() {
    let name = "b_lost";
    let (source, archive) = need!(chunky(name));
    let target = need!(Cluster::start(source.major()));
    target.create_database(name);
    let end = |pid: &str| target.psql("postgres", format!("SELECT pg_terminate_backend({pid})"));
    // Nobody else is there: it takes the lock again, and goes on.
    let mut restore = start(&archive, &target, &["--no-globals"]);
    assert!(begins(&mut restore, 12));
    end(&holder(&target));
    let finished = restore.finish(TIMEOUT).success();
    said(
        &finished,
        "the session that held the lock of the databases was lost",
    );
    assert_equal(source, name, &target, name);

    target.drop_database(name);
    target.create_database(name);
    let mut first = start(&archive, &target, &["--no-globals"]);
    assert!(begins(&mut first, 12));
    first.signal("STOP");
    end(&holder(&target));
    let second = start(&archive, &target, &["--no-globals", "--resume"]);
    let waits = "a session of an earlier restore is still at work in database";
    while second.said(waits) == 0 {
        sleep(Duration::from_millis(5));
    }
    first.signal("CONT");
    second.finish(TIMEOUT).success();
    let first = first.finish(TIMEOUT).code(1);
    said(
        &first,
        "the session that held the lock of the databases was lost",
    );
    said(&first, "cannot go on: ");
    // It comes back while the other one is at work, or after that.
    let is_told = [LOCKED, "holds objects, and no journal of a restore"]
        .iter()
        .any(|reason| first.stderr().contains(reason));
    assert!(is_told, "{}", first.describe());
    assert_equal(source, name, &target, name);
}

#[test]
fn a_restore_that_was_killed_is_in_nobodys_way() {
    let name = "b_killed";
    let (source, archive) = need!(chunky(name));
    let target = need!(target_of(name, true));
    for options in [
        &["--resume"][..],
        &["--clean", "--if-exists"],
        &["--create", "--clean"],
    ] {
        target.drop_database(name);
        target.create_database(name);
        let mut restore = start(&archive, target, &["--no-globals"]);
        assert!(begins(&mut restore, 12));
        restore.signal("KILL");
        let args = [&["--no-globals"], options].concat();
        archive.try_restore(target, &args).success();
        restore.finish(TIMEOUT);
        assert_equal(source, name, target, name);
    }
}
