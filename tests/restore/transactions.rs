//! `-1` and `--transaction-size`: what is committed together, and what remains after an error.

use super::ground::Small;
use crate::need;
use crate::support::archive::Archive;
use crate::support::cluster::Cluster;
use crate::support::equality::assert_equal;
use crate::support::fixtures;
use crate::support::peers::{self, Missing};
use crate::support::pgark::Pgark;
use crate::support::run::{Finished, TIMEOUT};

fn restore(small: &Small, target: &Cluster, args: &[&str]) -> Finished {
    let restore = ["restore", "--progress", "none", "-w", "--no-globals"];
    let restore = Pgark::new(restore)
        .at(target)
        .arg(small.ground.path("1.tar"));
    restore.args(args).run()
}

/// The small database, and an empty one of the same name on the target.
fn small(name: &str) -> Result<(Small, &'static Cluster), Missing> {
    let small = Small::new(name)?;
    let target = small.target(&[]);
    target.create_database(name);
    Ok((small, target))
}

const OBJECTS: &str = "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
                       WHERE nspname IN ('app', 'other', 'pgark_restore')";

#[test]
fn in_one_transaction_all_is_restored() {
    let (small, target) = need!(small("x_single"));
    restore(&small, target, &["-1"]).success();
    assert_equal(small.source(), "x_single", target, "x_single");
}

#[test]
fn in_one_transaction_an_error_leaves_nothing() {
    let (small, target) = need!(small("x_nothing"));
    target.psql("x_nothing", "CREATE SCHEMA other");
    let args = ["-1", "--allow-non-empty", "--json"];
    let finished = restore(&small, target, &args).code(1);
    assert_eq!(target.psql("x_nothing", OBJECTS), "0");
    let outcome: serde_json::Value = serde_json::from_slice(&finished.stdout).unwrap();
    assert_eq!(outcome["databases"][0]["entries"], 0, "{outcome}");
    assert_eq!(outcome["failures"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        outcome["failures"][0]["object"], "SCHEMA other",
        "{outcome}"
    );
    assert!(outcome["resume"].is_null(), "{outcome}");
    assert!(
        finished.stdout().contains("(-1) was rolled back"),
        "{}",
        finished.describe()
    );
    let finished = restore(&small, target, &args[..2]).code(1);
    let stdout = finished.stdout();
    assert!(
        stdout.starts_with("restored 0 databases, 0 tables"),
        "{stdout}"
    );
}

#[test]
fn in_transactions_of_some_size_all_is_restored() {
    let (small, target) = need!(small("x_size"));
    for size in ["1", "3", "1000"] {
        target.drop_database("x_size");
        target.create_database("x_size");
        restore(&small, target, &["--transaction-size", size, "-j", "2"]).success();
        assert_equal(small.source(), "x_size", target, "x_size");
    }
}

#[test]
fn an_error_ends_all_with_its_transaction_and_the_rest_can_be_resumed() {
    let (small, target) = need!(small("x_rest"));
    target.psql("x_rest", "CREATE SCHEMA other");
    let args = ["--transaction-size", "2", "--allow-non-empty", "-j", "1"];
    let finished = restore(&small, target, &args).code(1);
    let stdout = finished.stdout();
    assert!(stdout.contains("1 error"), "{stdout}");
    assert!(stdout.contains("pgark restore --resume"), "{stdout}");
    target.psql("x_rest", "DROP SCHEMA other CASCADE");
    let args = [
        "--transaction-size",
        "2",
        "--allow-non-empty",
        "-j",
        "1",
        "--resume",
    ];
    restore(&small, target, &args).success();
    assert_equal(small.source(), "x_rest", target, "x_rest");
}

/// A database of this name with table `t`, a function `slow` and what `sql` adds, as an archive, and an
/// empty one on the target.
fn with_table_and(name: &str, sql: &str) -> Result<(Archive, &'static Cluster), Missing> {
    let major = peers::installed_major()?;
    let (source, target) = (fixtures::source(major)?, fixtures::target(major)?);
    source.create_database(name);
    source.psql(
        name,
        format!(
            "CREATE FUNCTION slow(a int) RETURNS int IMMUTABLE LANGUAGE plpgsql
                 AS 'BEGIN PERFORM pg_catalog.pg_sleep(0.05); RETURN a; END';
             CREATE TABLE t (a int) WITH (autovacuum_enabled = off);
             INSERT INTO t SELECT generate_series(0, 20);
             {sql}"
        ),
    );
    target.drop_database(name);
    target.create_database(name);
    Ok((Archive::dump(source, &[name, "--no-globals"]), target))
}

/// Restores with `-1` and ends the session while it is busy with such a query.
fn restore_and_cut(archive: &Archive, target: &Cluster, name: &str, query: &str) -> Finished {
    let restore = ["restore", "--progress", "none", "-w", "-1"];
    let mut restore = Pgark::new(restore).at(target).arg(archive.path()).start();
    let end = format!(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
         WHERE datname = '{name}' AND query LIKE '{query}' AND state = 'active'"
    );
    while target.psql("postgres", &end) == "0" {
        assert!(!restore.has_ended(), "it ended before it was cut off");
    }
    restore.finish(TIMEOUT)
}

#[test]
fn statistics_that_fail_do_not_undo_the_only_transaction() {
    let name = "x_statistics";
    let (archive, target) = need!(with_table_and(
        name,
        "CREATE STATISTICS s ON (1 / a), a FROM t"
    ));
    let finished = archive.try_restore(target, &["-1"]).success();
    let stderr = finished.stderr();
    assert!(
        stderr.contains("ANALYZE of TABLE public.t failed"),
        "{stderr}"
    );
    assert_eq!(target.psql(name, "SELECT count(*) FROM t"), "21");
}

#[test]
fn a_session_lost_with_statistics_does_not_undo_the_only_transaction() {
    let name = "x_lost";
    let statistics = "CREATE STATISTICS s ON (slow(a)), a FROM t";
    let (archive, target) = need!(with_table_and(name, statistics));
    restore_and_cut(&archive, target, name, "ANALYZE%").success();
    assert_eq!(target.psql(name, "SELECT count(*) FROM t"), "21");
}

#[test]
fn a_session_lost_with_the_only_transaction_is_an_error() {
    let name = "x_cut";
    let (archive, target) = need!(with_table_and(name, "CREATE INDEX i ON t (slow(a))"));
    let finished = restore_and_cut(&archive, target, name, "CREATE INDEX%").code(1);
    assert!(
        finished.stdout().contains("(-1) was rolled back"),
        "{}",
        finished.describe()
    );
    assert_eq!(target.psql(name, "SELECT to_regclass('t') IS NULL"), "t");
}
