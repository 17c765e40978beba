//! `-1` and `--transaction-size`: what is committed together, and what remains after an error.

use super::ground::Small;
use crate::need;
use crate::support::cluster::Cluster;
use crate::support::equality::assert_equal;
use crate::support::peers::Missing;
use crate::support::pgark::Pgark;
use crate::support::run::Finished;

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
