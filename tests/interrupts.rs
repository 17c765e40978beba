//! Killed or interrupted at any point, a dump leaves nothing under the archive's name; interrupted, it leaves
//! nothing at all, on disk or on the server, and exits with 130. A restore that is interrupted lets go too.

use std::net::TcpListener;
use std::os::unix::process::ExitStatusExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::need;
use crate::support::archive::{Archive, dump_at};
use crate::support::cluster::Cluster;
use crate::support::fixtures;
use crate::support::peers::{self, Missing};
use crate::support::pgark::Pgark;
use crate::support::run::{Finished, Running, TIMEOUT};

/// How long the end may take once it was asked for: far less than what is interrupted, and long enough for a
/// machine that does ten other things.
const PROMPTLY: Duration = Duration::from_secs(30);

/// Users are promised a second; the machine may be busy with other tests. Whoever did not hear the wish would
/// take ten, or two minutes.
const SOON: Duration = Duration::from_secs(6);

/// Compression that keeps the processor busy for many seconds with the databases here.
const SLOW: &str = "zstd:19";

/// A database of 60 MB in three tables, one of them in several parts.
pub(crate) fn bulky(name: &str) -> Result<&'static Cluster, Missing> {
    let cluster = fixtures::source(peers::installed_major()?)?;
    cluster.create_database(name);
    cluster.psql(
        name,
        "CREATE TABLE a AS SELECT i, repeat(md5(i::text), 14) AS pad FROM generate_series(1, 80000) AS i;
         CREATE TABLE b AS SELECT i, md5(i::text) AS pad FROM generate_series(1, 200000) AS i;
         CREATE TABLE c AS SELECT i, md5(i::text) AS pad FROM generate_series(1, 100000) AS i;
         SELECT lo_from_bytea(0, repeat(md5(i::text), 100)::bytea) FROM generate_series(1, 500) AS i;",
    );
    Ok(cluster)
}

/// A dump with two workers that takes many seconds.
pub(crate) fn slow(database: &str) -> [&str; 7] {
    [database, "-Z", SLOW, "-j", "2", "--chunk-size", "1MB"]
}

pub(crate) fn start_dump(cluster: &Cluster, archive: &Archive, args: &[&str]) -> Running {
    let dump = dump_at(cluster).arg("-f").arg(archive.path());
    dump.args(args).start()
}

/// Demands that a program which got SIGINT ended as it should.
#[track_caller]
fn interrupted(finished: Finished) -> Finished {
    let finished = finished.code(130);
    let stderr = finished.stderr();
    assert!(stderr.contains("interrupted"), "{}", finished.describe());
    assert_eq!(stderr.matches("error:").count(), 1, "{stderr}");
    finished
}

/// Demands that nobody works in the database any more, after a moment at most.
#[track_caller]
fn server_is_quiet(cluster: &Cluster, database: &str) {
    let busy = format!(
        "SELECT coalesce(string_agg(query, '; '), '') FROM pg_stat_activity
         WHERE datname = '{database}' AND application_name <> 'psql'"
    );
    let deadline = Instant::now() + PROMPTLY;
    loop {
        let queries = cluster.psql("postgres", &busy);
        if queries.is_empty() {
            return;
        }
        assert!(Instant::now() < deadline, "still at work: {queries}");
        sleep(Duration::from_millis(50));
    }
}

#[test]
fn interrupted_at_any_time_a_dump_leaves_nothing() {
    let cluster = need!(bulky("interrupt_any"));
    let mut interrupted_count = 0;
    for after_ms in [0, 20, 60, 120, 250, 500, 900, 1500, 2500] {
        let archive = Archive::none_yet();
        let dump = start_dump(cluster, &archive, &slow("interrupt_any"));
        sleep(Duration::from_millis(after_ms));
        dump.signal("INT");
        let is_early = after_ms <= 60;
        let finished = dump.finish(if is_early { TIMEOUT } else { PROMPTLY });
        // What a shell runs in the background begins with signals ignored, until it listens itself.
        if is_early && finished.status.success() {
            continue;
        }
        assert_eq!(archive.left_behind(), [""; 0], "after {after_ms} ms");
        server_is_quiet(cluster, "interrupt_any");
        // In its first milliseconds the process is not ready for signals, and just ends.
        if finished.status.signal().is_none() {
            interrupted(finished);
            interrupted_count += 1;
        } else {
            assert!(is_early, "{}", finished.describe());
        }
    }
    assert!(interrupted_count >= 5);
}

#[test]
fn killed_at_any_time_a_dump_leaves_no_archive() {
    let cluster = need!(bulky("interrupt_kill"));
    for after_ms in [0, 30, 100, 250, 500, 1000, 2000] {
        let archive = Archive::none_yet();
        let dump = start_dump(cluster, &archive, &slow("interrupt_kill"));
        sleep(Duration::from_millis(after_ms));
        dump.signal("KILL");
        let finished = dump.finish(PROMPTLY);
        assert_eq!(finished.status.signal(), Some(9), "{}", finished.describe());
        assert!(!archive.path().exists(), "after {after_ms} ms");
        for name in archive.left_behind() {
            assert!(name.starts_with(".snap.tar.pgark-partial-"), "{name}");
        }
        server_is_quiet(cluster, "interrupt_kill");
        // What is left does not stand in the way of the next one.
        if after_ms == 1000 {
            archive.try_dump(cluster, &["postgres"]).success();
            assert_eq!(archive.verified().database("postgres").tables.len(), 0);
        }
    }
}

#[test]
fn an_archive_that_was_to_be_replaced_survives() {
    let cluster = need!(bulky("interrupt_replace"));
    for signal in ["INT", "TERM", "HUP", "KILL"] {
        let archive = Archive::none_yet();
        std::fs::write(archive.path(), b"precious").unwrap();
        let args = ["interrupt_replace", "--force", "-Z", SLOW, "-j", "1"];
        let dump = start_dump(cluster, &archive, &args);
        sleep(Duration::from_millis(800));
        dump.signal(signal);
        let finished = dump.finish(PROMPTLY);
        assert_eq!(std::fs::read(archive.path()).unwrap(), b"precious");
        if signal != "KILL" {
            interrupted(finished);
            assert_eq!(archive.left_behind(), ["snap.tar"]);
        }
    }
}

#[test]
fn interrupted_while_it_waits_for_a_lock() {
    let cluster = need!(fixtures::source(need!(peers::installed_major())));
    cluster.create_database("interrupt_lock");
    cluster.psql("interrupt_lock", "CREATE TABLE busy (id int)");
    let psql = need!(peers::installed_client()).join("psql");
    let mut holder = cluster.command(psql);
    holder.env("PGDATABASE", "interrupt_lock");
    let lock = "BEGIN; LOCK TABLE busy; SELECT pg_sleep(600)";
    let holder = Running::start(holder.args(["-X", "-c", lock]), b"");
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'interrupt_lock' \
                 AND wait_event_type = 'Lock'";
    let sleeps = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'interrupt_lock' \
                  AND wait_event = 'PgSleep'";
    let wait_for = |sql: &str| {
        while cluster.psql("postgres", sql) != "1" {
            sleep(Duration::from_millis(20));
        }
    };
    wait_for(sleeps);
    let archive = Archive::none_yet();
    let dump = start_dump(cluster, &archive, &["interrupt_lock"]);
    wait_for(waits);
    dump.signal("INT");
    interrupted(dump.finish(PROMPTLY));
    assert_eq!(archive.left_behind(), [""; 0]);
    server_is_quiet(cluster, "interrupt_lock");
    holder.signal("KILL");
    let end =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'interrupt_lock'";
    cluster.psql("postgres", end);
}

/// A port behind which somebody takes connections and never says a word, and how many were taken.
fn mute() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let taken = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&taken);
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        while let Ok((stream, _)) = listener.accept() {
            kept.push(stream);
            count.fetch_add(1, Ordering::SeqCst);
        }
    });
    (port, taken)
}

#[test]
fn nobody_who_is_mute_keeps_a_user_who_wants_to_stop() {
    let cluster = need!(fixtures::source(need!(peers::installed_major())));
    cluster.create_database("interrupt_mute");
    let archive = Archive::dump(cluster, &["interrupt_mute"]);
    let path = archive.path();
    let path = path.to_str().unwrap();
    let other = Archive::none_yet();
    let new = other.path();
    let new = new.to_str().unwrap();
    let s3 = "s3://bucket/snap.tar";
    for args in [
        &["dump", "-w", "-h", "127.0.0.1", "a", "-f", new][..],
        &["restore", "-w", "-h", "127.0.0.1", path],
        &["restore", "-w", "-h", "127.0.0.1", path, "--rehearse"],
        &["restore", "-w", "-h", "127.0.0.1", path, "--dry-run"],
        &["verify", "-w", "-h", "127.0.0.1", path, "--against", "a"],
        &["dump", "-w", "-h", "127.0.0.1", "a", "-f", s3],
        &["restore", "-w", "-h", "127.0.0.1", s3, "-d", "a"],
        &["restore", s3, "-f", "-"],
        &["restore", s3, "-l"],
        &["inspect", s3],
        &["verify", s3],
    ] {
        let (port, taken) = mute();
        let endpoint = format!("http://127.0.0.1:{port}");
        let run = Pgark::new(args)
            .env("PGPORT", port.to_string())
            .env("PGUSER", "u")
            .env("AWS_ENDPOINT_URL", endpoint)
            .env("AWS_ACCESS_KEY_ID", "k")
            .env("AWS_SECRET_ACCESS_KEY", "s")
            .env("AWS_REGION", "r");
        let mut run = run.start();
        while taken.load(Ordering::SeqCst) == 0 && !run.has_ended() {
            sleep(Duration::from_millis(10));
        }
        run.signal("INT");
        interrupted(run.finish(SOON));
    }
    assert_eq!(other.left_behind(), [""; 0]);
}

/// A script whose reader has stopped reading: the write blocks, and the wish is heard all the same.
#[test]
fn interrupted_while_nobody_reads_the_script() {
    let cluster = need!(bulky("interrupt_script"));
    let archive = Archive::dump(cluster, &["interrupt_script"]);
    let pipe = archive.folder().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let restore = Pgark::new(["restore", "--progress", "json", "-f"]).arg(&pipe);
    let mut restore = restore.arg(archive.path()).start();
    let _unread = std::fs::File::open(&pipe).unwrap();
    while restore.said("TABLE DATA public.a") == 0 && !restore.has_ended() {
        sleep(Duration::from_millis(10));
    }
    restore.signal("INT");
    let finished = restore.finish(SOON).code(130);
    assert!(
        finished.stderr().contains("interrupted"),
        "{}",
        finished.describe()
    );
}

#[test]
fn interrupted_while_pg_dump_works() {
    let cluster = need!(fixtures::source(need!(peers::installed_major())));
    cluster.create_database("interrupt_schema");
    let real = need!(peers::client_for(cluster.major())).join("pg_dump");
    let archive = Archive::none_yet();
    let scripts = Archive::none_yet();
    let (script, begun) = (
        scripts.folder().join("pg_dump"),
        scripts.folder().join("pid"),
    );
    let text = format!(
        "#!/bin/sh\n[ \"$1\" = --version ] && exec '{}' --version\necho $$ >'{begun}.new'\n\
         mv '{begun}.new' '{begun}'\nexec sleep 600\n",
        real.display(),
        begun = begun.display()
    );
    std::fs::write(&script, text).unwrap();
    std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let args = ["interrupt_schema", "--pg-dump", script.to_str().unwrap()];
    let dump = start_dump(cluster, &archive, &args);
    while !begun.exists() {
        sleep(Duration::from_millis(10));
    }
    dump.signal("INT");
    interrupted(dump.finish(PROMPTLY));
    assert_eq!(archive.left_behind(), [""; 0]);
    server_is_quiet(cluster, "interrupt_schema");
    let pid = std::fs::read_to_string(begun).unwrap();
    let process = std::path::Path::new("/proc").join(pid.trim());
    let deadline = Instant::now() + PROMPTLY;
    while process.exists() {
        assert!(Instant::now() < deadline, "pg_dump still runs");
        sleep(Duration::from_millis(20));
    }
}

#[test]
fn interrupted_at_any_time_a_restore_lets_go() {
    let cluster = need!(bulky("interrupt_restore"));
    let target = need!(fixtures::target(need!(peers::installed_major())));
    let archive = Archive::dump(cluster, &["interrupt_restore", "--chunk-size", "64kB"]);
    let mut interrupted_count = 0;
    for after_ms in [30, 100, 200, 350, 600, 1000] {
        target.drop_database("interrupt_restore");
        let restore = ["restore", "--create", "--no-globals", "-w", "-j", "2"];
        let restore = Pgark::new(restore).at(target).args(["--progress", "none"]);
        let mut restore = restore.arg(archive.path()).start();
        sleep(Duration::from_millis(after_ms));
        if restore.has_ended() {
            restore.finish(PROMPTLY).success();
            continue;
        }
        restore.signal("INT");
        let finished = restore.finish(PROMPTLY);
        server_is_quiet(target, "interrupt_restore");
        if finished.status.signal().is_none() && !finished.status.success() {
            interrupted(finished);
            interrupted_count += 1;
        }
    }
    assert!(interrupted_count >= 2, "{interrupted_count}");
    // What an interrupted restore left is no obstacle to a restore that cleans up first.
    let again = ["--create", "--clean", "--if-exists", "--no-globals"];
    archive.restore(target, &again);
    let count = "SELECT count(*) FROM a";
    assert_eq!(target.psql("interrupt_restore", count), "80000");
}

#[test]
fn interrupted_while_it_waits_for_a_lock_a_restore_lets_go() {
    let cluster = need!(fixtures::source(need!(peers::installed_major())));
    let target = need!(fixtures::target(need!(peers::installed_major())));
    cluster.create_database("interrupt_wait");
    cluster.psql(
        "interrupt_wait",
        "CREATE TABLE t (id int); INSERT INTO t VALUES (1)",
    );
    let archive = Archive::dump(cluster, &["interrupt_wait"]);
    target.create_database("interrupt_wait");
    target.psql("interrupt_wait", "CREATE TABLE t (id int)");
    let psql = need!(peers::installed_client()).join("psql");
    let mut holder = target.command(psql);
    holder.env("PGDATABASE", "interrupt_wait");
    let lock = "BEGIN; LOCK TABLE t; SELECT pg_sleep(600)";
    let holder = Running::start(holder.args(["-X", "-c", lock]), b"");
    let restore = ["restore", "-a", "--no-globals", "-w", "--progress", "none"];
    let restore = Pgark::new(restore).at(target).arg(archive.path());
    let wait_for = |event: &str| {
        let sql = format!(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = 'interrupt_wait' AND {event}"
        );
        while target.psql("postgres", &sql) == "0" {
            sleep(Duration::from_millis(20));
        }
    };
    wait_for("wait_event = 'PgSleep'");
    let restore = restore.start();
    wait_for("wait_event_type = 'Lock'");
    restore.signal("INT");
    interrupted(restore.finish(PROMPTLY));
    server_is_quiet(target, "interrupt_wait");
    holder.signal("KILL");
    let end =
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'interrupt_wait'";
    target.psql("postgres", end);
}

#[test]
fn a_server_that_goes_away_in_the_middle() {
    let cluster = need!(bulky("interrupt_server"));
    let archive = Archive::none_yet();
    let dump = start_dump(cluster, &archive, &slow("interrupt_server"));
    // One session of the dump after the other, as an administrator would end them.
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
               WHERE datname = 'interrupt_server' AND query LIKE 'COPY%'";
    while cluster.psql("postgres", end) == "0" {
        sleep(Duration::from_millis(20));
    }
    let finished = dump.finish(PROMPTLY).code(1);
    let stderr = finished.stderr();
    assert_eq!(stderr.matches("error:").count(), 1, "{stderr}");
    for part in ["interrupt_server", "public."] {
        assert!(stderr.contains(part), "no \"{part}\" in {stderr}");
    }
    assert_eq!(archive.left_behind(), [""; 0]);
    server_is_quiet(cluster, "interrupt_server");
}

#[test]
fn timeouts_that_are_set_for_a_database_are_not_for_its_dump() {
    let cluster = need!(bulky("interrupt_timeouts"));
    cluster.psql(
        "postgres",
        "ALTER DATABASE interrupt_timeouts SET statement_timeout = '300ms';
         ALTER DATABASE interrupt_timeouts SET idle_in_transaction_session_timeout = '300ms';
         ALTER DATABASE interrupt_timeouts SET lock_timeout = '300ms';
         ALTER DATABASE interrupt_timeouts SET default_transaction_read_only = on;
         ALTER DATABASE interrupt_timeouts SET row_security = on;",
    );
    let began = Instant::now();
    // Slow enough that each of the timeouts would strike.
    let slowly = ["-Z", "none", "--bandwidth-limit", "20MB"];
    let slowly = [&["interrupt_timeouts", "-j", "1"][..], &slowly].concat();
    let archive = Archive::dump(cluster, &slowly);
    assert!(
        began.elapsed() > Duration::from_millis(600),
        "too fast to tell"
    );
    assert_eq!(
        archive.table("interrupt_timeouts", "public", "b").rows,
        200_000
    );
}
