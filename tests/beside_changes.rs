//! Definitions that change while a dump begins, sessions that there is no room for, and `--role`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::need;
use crate::support::archive::{Archive, dump_at};
use crate::support::cluster::{Cluster, Options};
use crate::support::peers;
use crate::support::run::{Running, TIMEOUT};

/// A pg_dump before which, the first time, somebody executes `sql`.
fn pg_dump_after(archive: &Archive, cluster: &Cluster, database: &str, sql: &str) -> PathBuf {
    let clients =
        peers::client_for(cluster.major()).unwrap_or_else(|missing| panic!("{}", missing.0));
    let program = archive.folder().join("pg_dump");
    let psql = peers::installed_client()
        .unwrap_or_else(|missing| panic!("{}", missing.0))
        .join("psql");
    let script = format!(
        "#!/bin/sh\nif [ \"$1\" != --version ] && mkdir '{}' 2>/dev/null; then\n\
         PGHOST='{}' PGPORT={} PGUSER=postgres '{}' -X -q -d {database} -c '{sql}' || exit 9\nfi\n\
         exec '{}' \"$@\"\n",
        archive.folder().join("done").display(),
        cluster.socket_dir().display(),
        cluster.port(),
        psql.display(),
        clients.join("pg_dump").display()
    );
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    program
}

#[test]
fn what_is_dropped_before_its_definition_is_read_makes_the_dump_begin_again() {
    let cluster = need!(Cluster::start(need!(peers::installed_major())));
    for name in ["stays", "changes"] {
        cluster.create_database(name);
        cluster.psql(
            name,
            "CREATE TABLE t AS SELECT 1 AS i; CREATE VIEW v AS SELECT i FROM t",
        );
    }
    let archive = Archive::none_yet();
    let program = pg_dump_after(
        &archive,
        &cluster,
        "changes",
        "DROP VIEW v; CREATE VIEW w AS SELECT 2 AS i",
    );
    let dump = dump_at(&cluster)
        .args(["stays", "changes", "-j", "1", "-f"])
        .arg(archive.path());
    let finished = dump.arg("--pg-dump").arg(&program).run().success();
    assert_eq!(finished.stderr(), "");
    assert!(archive.folder().join("done").exists());
    let tags: Vec<String> = archive
        .toc("changes")
        .entries
        .iter()
        .map(|entry| entry.tag.to_string())
        .collect();
    assert!(
        tags.contains(&"w".to_owned()) && !tags.contains(&"v".to_owned()),
        "{tags:?}"
    );
    // Both databases are of the new snapshots, a moment apart.
    assert!(archive.manifest().snapshot_spread_us < 60_000_000);
    archive.verified();
}

#[test]
fn a_table_that_is_dropped_before_it_is_locked_makes_the_dump_begin_again() {
    let cluster = need!(Cluster::start(need!(peers::installed_major())));
    cluster.create_database("locks");
    cluster.psql(
        "locks",
        "CREATE TABLE gone (i int); CREATE TABLE stays (i int)",
    );
    let psql = need!(peers::installed_client()).join("psql");
    let mut holder = cluster.command(psql);
    holder.args(["-X", "-q", "-d", "locks", "-c"]);
    let oid = cluster.psql("locks", "SELECT 'gone'::regclass::oid");
    // It commits when the dump waits for the lock.
    holder.arg(format!(
        "BEGIN; DROP TABLE gone;
         DO $$ BEGIN
             WHILE NOT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = {oid}) LOOP
                 PERFORM pg_sleep(0.01);
             END LOOP;
         END $$; COMMIT"
    ));
    let mut holder = Running::start(&mut holder, b"");
    let held = format!(
        "SELECT count(*) FROM pg_locks WHERE granted AND mode = 'AccessExclusiveLock' AND relation = {oid}"
    );
    let deadline = Instant::now() + TIMEOUT;
    while cluster.psql("locks", &held) != "1" {
        assert!(
            Instant::now() < deadline && !holder.has_ended(),
            "nobody holds the lock"
        );
        sleep(Duration::from_millis(10));
    }
    let archive = Archive::dump(&cluster, &["locks"]).verified();
    holder.finish(TIMEOUT).success();
    let names: Vec<String> = archive
        .database("locks")
        .tables
        .iter()
        .map(|table| table.name.to_string())
        .collect();
    assert_eq!(names, ["stays"]);
}

#[test]
fn a_dump_of_many_databases_leaves_sessions_to_others() {
    let options = Options {
        settings: vec!["max_connections = 20".into(), "max_wal_senders = 0".into()],
        ..Options::default()
    };
    let cluster = need!(Cluster::start_with(
        need!(peers::installed_major()),
        &options
    ));
    let names: Vec<String> = (0..16).map(|n| format!("d{n:02}")).collect();
    for name in &names {
        cluster.psql("postgres", format!("CREATE DATABASE {name}"));
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let archive = Archive::none_yet();
    let finished = archive.try_dump(&cluster, &names).code(1);
    let expected = "16 databases and a worker take a session each, and the server has room for 14 more \
        (max_connections is 20, and some are left to others)";
    assert!(
        finished.stderr().contains(expected),
        "{}",
        finished.describe()
    );
    assert!(
        finished.stderr().contains("--exclude-database"),
        "{}",
        finished.describe()
    );
    assert_eq!(archive.left_behind(), [""; 0]);
    assert!(!cluster.log().contains("too many clients"));

    // With room for the leaders there are as many workers as fit.
    let finished = archive
        .try_dump(&cluster, &[&names[..12], &["-j", "8"]].concat())
        .success();
    let expected = "2 workers at work instead of 8: the server has no room for more sessions";
    assert!(
        finished.stderr().contains(expected),
        "{}",
        finished.describe()
    );
    assert_eq!(archive.manifest().options.jobs, 2);
    assert!(!cluster.log().contains("too many clients"));
    archive.verified();

    let archive = Archive::none_yet();
    cluster.psql("postgres", "CREATE ROLE app LOGIN; ALTER DATABASE d00 OWNER TO app; ALTER DATABASE d00 CONNECTION LIMIT 1");
    let said = archive
        .try_dump(&cluster, &["-U", "app", "d00"])
        .code(1)
        .stderr();
    let expected =
        "database \"d00\" takes 1 more sessions by its connection limit, and a dump needs two";
    assert!(said.contains(expected), "{said}");
    cluster.psql("postgres", "ALTER DATABASE d00 CONNECTION LIMIT 3");
    let finished = archive
        .try_dump(&cluster, &["-U", "app", "d00", "-j", "8"])
        .success();
    assert!(
        finished.stderr().contains("2 workers at work instead of 8"),
        "{}",
        finished.describe()
    );
}

#[test]
fn every_session_becomes_the_role() {
    let cluster = need!(Cluster::start(need!(peers::installed_major())));
    cluster.create_database("shop");
    cluster.psql(
        "postgres",
        "CREATE ROLE \"Reader's\"; CREATE ROLE app LOGIN NOINHERIT; GRANT \"Reader's\" TO app",
    );
    cluster.psql(
        "shop",
        "CREATE TABLE orders AS SELECT n FROM generate_series(1, 1000) AS n; CREATE SEQUENCE numbers;
         GRANT SELECT ON orders, numbers TO \"Reader's\"; ALTER ROLE app SET role = 'none'",
    );
    let archive = Archive::none_yet();
    let without = archive
        .try_dump(&cluster, &["-U", "app", "shop"])
        .code(1)
        .stderr();
    assert!(
        without.contains("role app may not read public.orders"),
        "{without}"
    );
    let with = archive
        .try_dump(&cluster, &["-U", "app", "--role", "Reader's", "shop"])
        .success();
    let notice = "role passwords are not in the archive: role \"Reader's\" may not read pg_authid";
    assert!(with.stderr().contains(notice), "{}", with.describe());
    assert_eq!(archive.database("shop").tables[0].rows, 1000);
    archive.verified();
    let archive = Archive::none_yet();
    let said = archive
        .try_dump(&cluster, &["--role", "nobody", "shop"])
        .code(1)
        .stderr();
    assert!(said.contains("role \"nobody\" does not exist"), "{said}");
    assert_eq!(archive.left_behind(), [""; 0]);
}

/// Waits until a dump has locked `zz`, and then goes on with `sql`.
fn once_zz_is_locked(sql: &str) -> String {
    format!(
        "DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM pg_locks WHERE relation = 'zz'::regclass AND granted) \
         LOOP PERFORM pg_sleep(0.005); END LOOP; END $$; {sql}"
    )
}

/// A database whose biggest table, which is read first, keeps a dump busy for a moment.
fn busy(cluster: &Cluster, name: &str) {
    cluster.create_database(name);
    cluster.psql(
        name,
        "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TABLE zz (x e); INSERT INTO zz VALUES ('a');
         CREATE VIEW v AS SELECT x FROM zz;
         CREATE TABLE big AS SELECT i, md5(i::text) AS text FROM generate_series(1, 600000) AS i",
    );
}

#[test]
fn a_label_that_is_renamed_while_rows_are_read_fails_the_dump() {
    let cluster = need!(Cluster::start(need!(peers::installed_major())));
    busy(&cluster, "labels");
    let archive = Archive::none_yet();
    let rename = once_zz_is_locked("SELECT pg_sleep(0.3); ALTER TYPE e RENAME VALUE 'a' TO 'z'");
    let finished = std::thread::scope(|scope| {
        scope.spawn(|| cluster.psql("labels", &rename));
        archive.try_dump(&cluster, &["labels", "-j", "1", "--bandwidth-limit", "8MB"])
    });
    let finished = finished.code(1);
    let said =
        "renamed labels of enums in database \"labels\" while their rows were read: public.e";
    assert!(finished.stderr().contains(said), "{}", finished.describe());
    assert_eq!(archive.left_behind(), Vec::<String>::new());
}

#[test]
fn a_table_behind_a_waiting_alter_table_is_read_by_the_leader() {
    let cluster = need!(Cluster::start(need!(peers::installed_major())));
    busy(&cluster, "waiting");
    let archive = Archive::none_yet();
    let alter = once_zz_is_locked("ALTER TABLE zz ADD COLUMN later int");
    std::thread::scope(|scope| {
        scope.spawn(|| cluster.psql("waiting", &alter));
        let args = ["waiting", "-j", "1", "--bandwidth-limit", "8MB"];
        archive.try_dump(&cluster, &args).success();
    });
    let later =
        "SELECT count(*) FROM pg_attribute WHERE attrelid = 'zz'::regclass AND attname = 'later'";
    assert_eq!(cluster.psql("waiting", later), "1");
    let table = archive.table("waiting", "public", "zz");
    assert_eq!((table.rows, table.columns), (1, 1));
    archive.verified();
}

#[test]
fn a_view_that_somebody_has_locked_is_waited_for_as_long_as_the_user_says() {
    let cluster = need!(Cluster::start(need!(peers::installed_major())));
    busy(&cluster, "viewed");
    let hold = "BEGIN; ALTER VIEW v ALTER COLUMN x SET DEFAULT 'b'; SELECT pg_sleep(8)";
    let finished = std::thread::scope(|scope| {
        scope.spawn(|| cluster.psql("viewed", hold));
        let held = "SELECT count(*) FROM pg_locks WHERE relation = 'v'::regclass AND mode = 'AccessExclusiveLock'";
        while cluster.psql("viewed", held) == "0" {
            sleep(Duration::from_millis(10));
        }
        let begun = Instant::now();
        let args = ["viewed", "--lock-wait-timeout", "300"];
        let finished = Archive::none_yet().try_dump(&cluster, &args);
        assert!(
            begun.elapsed() < Duration::from_secs(7),
            "{:?}",
            begun.elapsed()
        );
        finished
    });
    let finished = finished.code(1);
    assert!(
        finished.stderr().contains("raise --lock-wait-timeout"),
        "{}",
        finished.describe()
    );
}
