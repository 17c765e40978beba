//! Restores that are killed, cut off or crashed, and go on: nothing twice, nothing missing, and no trace of
//! the journal at the end.

use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::need;
use crate::support::archive::Archive;
use crate::support::cluster::Cluster;
use crate::support::equality::{assert_equal, assert_same_globals, assert_same_properties};
use crate::support::fixtures::{self, DATABASES, HOSTILE, LATIN1};
use crate::support::peers::{self, Missing};
use crate::support::pgark::Pgark;
use crate::support::run::{Finished, Running, TIMEOUT};

/// How often the one restore is killed.
const KILLS: usize = 14;

/// Restores with what it does said line by line.
pub(super) fn start(archive: &Archive, target: &Cluster, args: &[&str]) -> Running {
    let restore = ["restore", "--progress", "json", "-v", "-w", "-j", "2"];
    let restore = Pgark::new(restore).at(target).arg(archive.path());
    restore.args(args).start()
}

/// Waits until the restore has begun this many tasks. Returns whether it did before it ended.
pub(super) fn begins(restore: &mut Running, tasks: usize) -> bool {
    let deadline = Instant::now() + TIMEOUT;
    while restore.said("\"started\"") < tasks {
        assert!(Instant::now() < deadline, "it does not get on");
        if restore.has_ended() {
            return false;
        }
        sleep(Duration::from_millis(1));
    }
    true
}

/// Numbers that are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        // Knuth's MMIX generator
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = self.0.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below
    }
}

/// A database with a table in many chunks, others in one, and indexes.
pub(super) fn chunky(name: &str) -> Result<(&'static Cluster, Archive), Missing> {
    let source = fixtures::source(peers::installed_major()?)?;
    source.create_database(name);
    source.psql(
        name,
        "CREATE TABLE big (i int PRIMARY KEY, pad text);
         INSERT INTO big SELECT i, repeat(md5(i::text), 4) FROM generate_series(1, 60000) AS i;
         CREATE INDEX ON big (pad);
         CREATE TABLE plain (i int, note text);
         INSERT INTO plain SELECT i, md5(i::text) FROM generate_series(1, 30000) AS i;
         CREATE TABLE child (i int REFERENCES big);
         INSERT INTO child SELECT i FROM generate_series(1, 20000) AS i;
         SELECT lo_from_bytea(0, md5(i::text)::bytea) FROM generate_series(1, 300) AS i;",
    );
    let archive = Archive::dump(source, &[name, "--chunk-size", "64kB", "--no-globals"]);
    Ok((source, archive))
}

/// The shared target with an empty database, or none, of this name.
pub(super) fn target_of(name: &str, create: bool) -> Result<&'static Cluster, Missing> {
    let target = fixtures::target(peers::installed_major()?)?;
    target.drop_database(name);
    if create {
        target.create_database(name);
    }
    Ok(target)
}

#[track_caller]
pub(super) fn said(finished: &Finished, part: &str) {
    let stderr = finished.stderr();
    assert!(
        stderr.contains(part),
        "no \"{part}\": {}",
        finished.describe()
    );
}

#[test]
fn killed_again_and_again_a_restore_of_everything_comes_to_its_end() {
    let major = need!(peers::installed_major());
    let source = need!(Cluster::start(major));
    fixtures::load(&source, &["--extra", "1"]);
    let target = need!(Cluster::start(major));
    let mut databases = DATABASES.to_vec();
    databases.extend([LATIN1, HOSTILE]);
    let mut args = databases.clone();
    args.extend(["--chunk-size", "64kB"]);
    let archive = Archive::none_yet();
    archive.try_dump(&source, &args).success();
    let mut numbers = Numbers(20_261_120);
    let mut kills = 0;
    let mut resume: &[&str] = &["--create"];
    while kills < KILLS {
        let mut restore = start(&archive, &target, resume);
        resume = &["--create", "--resume"];
        let tasks = 1 + numbers.next(60);
        if !begins(&mut restore, tasks) {
            panic!("{}", restore.finish(TIMEOUT).describe());
        }
        sleep(Duration::from_millis(numbers.next(20) as u64));
        restore.signal("KILL");
        restore.finish(TIMEOUT);
        kills += 1;
    }
    start(&archive, &target, resume).finish(TIMEOUT).success();
    assert_same_globals(&source, &target);
    for database in databases {
        assert_same_properties(&source, database, &target);
        assert_equal(&source, database, &target, database);
    }
}

#[test]
fn what_was_killed_is_explained_and_goes_on_with_the_same_archive_and_options_only() {
    let name = "r_explained";
    let (source, archive) = need!(chunky(name));
    let target = need!(target_of(name, true));
    let args = ["--no-globals"];
    let mut restore = start(&archive, target, &args);
    assert!(begins(&mut restore, 12));
    restore.signal("KILL");
    restore.finish(TIMEOUT);

    let again = archive.try_restore(target, &args).code(1);
    said(&again, "holds the journal of a restore that did not end");
    said(
        &again,
        "hint: Go on with --resume, or start over with --create --clean",
    );
    let other = Archive::dump(source, &[name, "--no-globals"]);
    let refused = other
        .try_restore(target, &["--no-globals", "--resume"])
        .code(1);
    said(&refused, "was being restored from another archive");
    let refused = archive
        .try_restore(target, &["--no-globals", "--resume", "-t", "big"])
        .code(1);
    said(&refused, "was begun with other options, or of another");
    let planned = archive
        .try_restore(target, &["--no-globals", "--resume", "--dry-run"])
        .success();
    assert!(
        planned.stdout().contains("resumed"),
        "{}",
        planned.describe()
    );

    let resumed = archive.try_restore(target, &["--no-globals", "--resume", "--json"]);
    let resumed = resumed.success();
    let outcome: serde_json::Value = serde_json::from_slice(&resumed.stdout).unwrap();
    assert_eq!(outcome["databases"][0]["rows"], 110_000, "{outcome}");
    assert_eq!(outcome["databases"][0]["tables"], 3, "{outcome}");
    assert!(
        outcome["databases"][0]["earlier"].as_u64() > Some(0),
        "{outcome}"
    );
    assert_equal(source, name, target, name);

    let nothing = archive
        .try_restore(target, &["--no-globals", "--resume"])
        .code(1);
    said(&nothing, "there is nothing to resume");
}

#[test]
fn started_over_a_restore_forgets_what_was_there() {
    let name = "r_over";
    let (source, archive) = need!(chunky(name));
    let target = need!(target_of(name, true));
    for args in [
        &["--no-globals", "--clean", "--if-exists"][..],
        &["--no-globals", "--create", "--clean"],
    ] {
        let mut restore = start(
            &archive,
            target,
            &["--no-globals", "--clean", "--if-exists"],
        );
        assert!(begins(&mut restore, 20));
        restore.signal("KILL");
        restore.finish(TIMEOUT);
        archive.try_restore(target, args).success();
        assert_equal(source, name, target, name);
    }
}

#[test]
fn sessions_that_are_ended_cost_nothing() {
    let name = "r_ended";
    let (source, archive) = need!(chunky(name));
    let target = need!(target_of(name, false));
    let mut restore = start(&archive, target, &["--no-globals", "--create"]);
    let end = format!(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{name}'"
    );
    let mut ended = 0;
    for tasks in [10, 25, 40, 60] {
        if begins(&mut restore, tasks) {
            ended += target.psql("postgres", &end).parse::<usize>().unwrap();
        }
    }
    assert!(ended >= 3, "{ended}");
    let finished = restore.finish(TIMEOUT).success();
    said(&finished, "its work is tried again");
    assert_equal(source, name, target, name);
}

#[test]
fn a_server_that_crashes_and_comes_back_is_waited_for() {
    let name = "r_crashed";
    let (source, _) = need!(chunky(name));
    // With the delay that commits have before they are on disk.
    let target = need!(Cluster::start(source.major()));
    // In one of the databases there is nothing to do, and so nothing to lose.
    let empty = "r_crashed_empty";
    source.create_database(empty);
    let archive = Archive::dump(
        source,
        &[name, empty, "--chunk-size", "64kB", "--no-globals"],
    );
    target.create_database(name);
    target.create_database(empty);
    let mut restore = start(&archive, &target, &["--no-globals"]);
    for tasks in [10, 40] {
        if !begins(&mut restore, tasks) {
            panic!("{}", restore.finish(TIMEOUT).describe());
        }
        // A backend that dies takes all others with it, and what was committed and not yet written.
        let victim = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'background writer'";
        let victim = target.psql("postgres", victim);
        let killed = Command::new("kill").args(["-9", &victim]).status();
        assert!(killed.unwrap().success());
    }
    let finished = restore.finish(TIMEOUT).success();
    said(&finished, "the server is gone");
    said(&finished, "waits for it from ");
    // On the first worker's line.
    let waits = r#""subject":"waiting for the server, gone since "#;
    said(&finished, waits);
    // What it said on its way down: another backend was killed.
    said(&finished, "because of crash of another server process");
    assert_equal(source, name, &target, name);
}

#[test]
fn without_the_right_to_create_a_schema_a_restore_goes_without_a_journal() {
    let name = "r_without";
    let (_source, archive) = need!(chunky(name));
    let target = need!(target_of(name, true));
    target.psql(
        name,
        "DROP ROLE IF EXISTS r_without_user; CREATE ROLE r_without_user LOGIN;
         GRANT USAGE, CREATE ON SCHEMA public TO r_without_user",
    );
    let args = [
        "--no-globals",
        "-O",
        "-x",
        "-U",
        "r_without_user",
        "-t",
        "plain",
    ];
    let finished = archive.try_restore(target, &args).success();
    said(
        &finished,
        "no journal can be kept in database \"r_without\"",
    );
    assert_eq!(finished.stderr().matches("no journal").count(), 1);
    assert_eq!(target.psql(name, "SELECT count(*) FROM plain"), "30000");
    target.psql(
        name,
        "DROP OWNED BY r_without_user; DROP ROLE r_without_user",
    );
}

#[test]
fn failures_are_tried_again_and_nothing_else() {
    let name = "r_failed";
    let (source, archive) = need!(chunky(name));
    let target = need!(target_of(name, true));
    target.psql(name, "CREATE TABLE plain (i int CHECK (i < 0), note text)");
    let args = ["--no-globals", "--allow-non-empty"];
    let failed = archive.try_restore(target, &args).code(1);
    assert!(
        failed.stdout().contains("--resume"),
        "{}",
        failed.describe()
    );
    target.psql(name, "DROP TABLE plain");
    let args = ["--no-globals", "--allow-non-empty", "--resume"];
    archive.try_restore(target, &args).success();
    assert_equal(source, name, target, name);
}

#[test]
fn interrupted_a_restore_says_how_to_go_on() {
    let name = "r_interrupted";
    let (source, archive) = need!(chunky(name));
    let target = need!(target_of(name, false));
    let mut restore = start(&archive, target, &["--no-globals", "--create"]);
    assert!(begins(&mut restore, 15));
    restore.signal("INT");
    let finished = restore.finish(TIMEOUT).code(130);
    said(&finished, "The same command with --resume goes on");
    archive
        .try_restore(target, &["--no-globals", "--create", "--resume"])
        .success();
    assert_equal(source, name, target, name);
}

/// Two databases with the same tables and other rows, as tenants have them; a restore of the first fails in
/// one table of `target`.
fn tenants(name: &str) -> Result<(&'static Cluster, &'static Cluster, Archive), Missing> {
    let source = fixtures::source(peers::installed_major()?)?;
    let of = |number: usize| format!("{name}{number}");
    for number in [1, 2] {
        source.create_database(&of(number));
        source.psql(
            of(number),
            format!(
                "CREATE TABLE a (i int); INSERT INTO a VALUES ({number});
                 CREATE TABLE b (i int); INSERT INTO b VALUES ({number});"
            ),
        );
    }
    let archive = Archive::dump(source, &[&of(1), &of(2), "--no-globals"]);
    Ok((source, target_of(name, true)?, archive))
}

#[test]
fn a_journal_is_of_no_use_to_another_database_nor_in_other_ways() {
    let name = "r_tenant";
    let (source, target, archive) = need!(tenants(name));
    target.psql(name, "CREATE TABLE b (i int CHECK (i < 0))");
    let restore = |args: &[&str]| {
        let args = [&["--no-globals", "--allow-non-empty"], args].concat();
        archive.try_restore(target, &args)
    };
    restore(&["r_tenant1=r_tenant"]).code(1);
    target.psql(name, "DROP TABLE b");
    for other in [
        &["r_tenant2=r_tenant"][..],
        &["r_tenant1=r_tenant", "--role", "postgres"],
        &["r_tenant1=r_tenant", "--enable-row-security"],
        &["r_tenant1=r_tenant", "--no-tablespaces", "-c"],
    ] {
        let refused = restore(&[other, &["--resume"]].concat()).code(1);
        said(&refused, "was begun with other options, or of another");
    }
    restore(&["r_tenant1=r_tenant", "--resume"]).success();
    assert_equal(source, "r_tenant1", target, name);
}

/// Killed between the note that all is done and the end of the last journal.
#[test]
fn that_all_is_done_counts_only_for_the_databases_it_was_noted_for() {
    let (_source, target, archive) = need!(tenants("r_all"));
    need!(target_of("r_all2", true));
    target.psql("r_all", "CREATE TABLE b (i int CHECK (i < 0))");
    let args = ["--no-globals", "--allow-non-empty", "r_all1=r_all"];
    archive.try_restore(target, &args).code(1);
    // As it would be if a restore by other options had come to its end.
    target.psql(
        "r_all",
        "UPDATE pgark_restore.journal SET plan = repeat('1', 64), complete = repeat('1', 64)",
    );
    let args = [&args[..], &["r_all2", "--resume"]].concat();
    let refused = archive.try_restore(target, &args).code(1);
    said(&refused, "was begun with other options, or of another");
    // The same where only the other database's restore is not noted.
    let args = [
        "--no-globals",
        "--allow-non-empty",
        "r_all1=r_all",
        "--resume",
    ];
    target.psql(
        "r_all",
        "DROP SCHEMA pgark_restore CASCADE; DROP TABLE a, b",
    );
    target.psql("r_all", "CREATE TABLE b (i int CHECK (i < 0))");
    archive.try_restore(target, &args[..3]).code(1);
    target.psql("r_all", "UPDATE pgark_restore.journal SET complete = plan");
    let args = [&args[..], &["r_all2"]].concat();
    archive.try_restore(target, &args).success();
    assert_eq!(target.psql("r_all2", "SELECT i FROM b"), "2");
    assert_eq!(
        target.psql("r_all", "SELECT to_regnamespace('pgark_restore') IS NULL"),
        "t"
    );
}
