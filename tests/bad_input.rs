//! What goes wrong for a user: each is one clear message with what to do next, the right exit status, and
//! nothing left behind.

mod files;
mod said;

use std::process::Command;

use said::Said;

use crate::need;
use crate::support::archive::{Archive, dump_at};
use crate::support::cluster::{Cluster, Options};
use crate::support::fixtures;
use crate::support::peers;
use crate::support::run::run;

fn source() -> Result<&'static Cluster, peers::Missing> {
    fixtures::source(peers::installed_major()?)
}

/// A dump that must fail with exit status 1, and leave nothing behind.
#[track_caller]
fn refused(cluster: &Cluster, args: &[&str]) -> Said {
    let archive = Archive::none_yet();
    let finished = archive.try_dump(cluster, args).code(1);
    assert_eq!(
        archive.left_behind(),
        [""; 0],
        "left behind\n{}",
        finished.describe()
    );
    Said::by(&finished)
}

#[test]
fn a_wrong_password_and_none() {
    let options = Options {
        hba: vec!["host all locked 127.0.0.1/32 scram-sha-256".to_owned()],
        ..Options::default()
    };
    let cluster = need!(Cluster::start_with(
        need!(peers::installed_major()),
        &options
    ));
    cluster.psql("postgres", "CREATE ROLE locked LOGIN PASSWORD 'right'");
    let archive = Archive::none_yet();
    let dump = |password: Option<&str>| {
        let mut dump = dump_at(&cluster)
            .args(["-h", "127.0.0.1", "-U", "locked", "postgres", "-f"])
            .arg(archive.path());
        if let Some(password) = password {
            dump = dump.env("PGPASSWORD", password);
        }
        dump.run()
    };
    let finished = dump(Some("wr0ng-s3cret")).code(1);
    let server = format!("127.0.0.1:{}", cluster.port());
    Said::by(&finished)
        .message_has(&[
            "password authentication failed for user \"locked\"",
            &server,
        ])
        .hint_has(&["PGPASSWORD", ".pgpass"]);
    assert!(
        !finished.stderr().contains("wr0ng-s3cret"),
        "{}",
        finished.describe()
    );
    Said::by(&dump(None).code(1))
        .message_has(&["asks for a password"])
        .hint_has(&[".pgpass", "-w"]);
    assert_eq!(archive.left_behind(), [""; 0]);
    dump(Some("right")).success();
    assert_eq!(archive.left_behind(), ["snap.tar"]);
}

#[test]
fn an_unreachable_host() {
    let cluster = need!(source());
    // Nobody listens on port 1; names in .invalid do not exist (RFC 6761).
    refused(cluster, &["-h", "127.0.0.1", "-p", "1", "postgres"])
        .message_has(&["127.0.0.1:1", "refused"])
        .hint_has(&["host and port"]);
    refused(cluster, &["-h", "no-such-host.invalid", "postgres"])
        .message_has(&["no-such-host.invalid", "address"])
        .hint_has(&["spelling"]);
    refused(cluster, &["-h", "/nonexistent", "postgres"])
        .message_has(&["/nonexistent/.s.PGSQL."])
        .hint_has(&["socket", "-h"]);
    refused(cluster, &["-U", "no_such_role", "postgres"])
        .message_has(&["no_such_role", "does not exist"])
        .hint_has(&["role"]);
}

#[test]
fn unknown_databases_are_named_at_once_before_any_work() {
    let cluster = need!(source());
    cluster.create_database("bad_known");
    refused(
        cluster,
        &[
            "bad_unknown1",
            "bad_known",
            "bad, \"unknown\" 2",
            "BAD_known",
        ],
    )
    .message_has(&["\"bad_unknown1\"", "bad, \"unknown\" 2", "\"BAD_known\""])
    .hint_has(&[
        "Did you mean \"bad_known\"? The server has ",
        "\"postgres\"",
    ]);
    // One that exists and lets nobody in is as good as unknown.
    cluster.psql(
        "postgres",
        "CREATE DATABASE bad_closed TEMPLATE template0 ALLOW_CONNECTIONS false",
    );
    refused(cluster, &["bad_known", "bad_closed"]).message_has(&["\"bad_closed\""]);
    let archive = Archive::none_yet();
    let finished = archive.try_dump(cluster, &[""; 0]).code(2);
    Said::by(&finished).hint_has(&["--all-databases"]);
}

#[test]
fn a_missing_privilege_is_named_and_the_hint_helps() {
    let cluster = need!(source());
    cluster.create_database("bad_privilege");
    cluster.psql(
        "bad_privilege",
        "CREATE ROLE \"bad Reader\" LOGIN;
         CREATE SCHEMA closed; CREATE TABLE closed.a (); CREATE TABLE closed.\"B b\" ();
         CREATE TABLE public.open (id serial); GRANT SELECT ON public.open TO \"bad Reader\";
         CREATE TABLE public.shut (); CREATE TABLE public.\"S\" ();",
    );
    let dump = ["-U", "bad Reader", "bad_privilege"];
    let said = refused(cluster, &dump);
    said.message_has(&["bad_privilege", "closed.a", "closed.\"B b\"", "public.shut"]);
    assert!(!said.message.contains("public.open"), "{}", said.message);
    said.hint_has(&["GRANT USAGE ON SCHEMA closed", "\"bad Reader\"", "-T"]);
    follow(cluster, "bad_privilege", &said);
    // The next thing that is missing: the sequence behind the serial column.
    let said = refused(cluster, &dump);
    said.message_has(&["public.open_id_seq"])
        .hint_has(&["GRANT SELECT ON SEQUENCE"]);
    follow(cluster, "bad_privilege", &said);
    Archive::none_yet().try_dump(cluster, &dump).success();

    // What is left out needs no privilege.
    cluster.psql(
        "bad_privilege",
        "REVOKE ALL ON public.shut FROM \"bad Reader\"",
    );
    refused(cluster, &dump).message_has(&["public.shut"]);
    let without = [&dump[..], &["-T", "shut"]].concat();
    Archive::none_yet().try_dump(cluster, &without).success();

    cluster.psql(
        "bad_privilege",
        "REVOKE CONNECT ON DATABASE bad_privilege FROM PUBLIC",
    );
    refused(cluster, &dump).message_has(&["permission denied", "CONNECT"]);
}

/// Runs the statements that a hint offers.
fn follow(cluster: &Cluster, database: &str, said: &Said) {
    let (_, statements) = said.hint.split_once("Run ").unwrap();
    let (statements, _) = statements.rsplit_once(';').unwrap();
    cluster.psql(database, statements);
}

#[test]
fn row_security_would_hide_rows() {
    let cluster = need!(source());
    cluster.create_database("bad_rows");
    cluster.psql(
        "bad_rows",
        "CREATE ROLE bad_rows_reader LOGIN;
         CREATE TABLE hidden (id int); ALTER TABLE hidden ENABLE ROW LEVEL SECURITY;
         GRANT SELECT ON hidden TO bad_rows_reader;",
    );
    let dump = ["-U", "bad_rows_reader", "bad_rows"];
    refused(cluster, &dump)
        .message_has(&["row-level security", "public.hidden"])
        .hint_has(&["BYPASSRLS"]);
    // Its definition hides nothing.
    for option in ["-s", "--exclude-table-data=hidden"] {
        let args = [&dump[..], &[option]].concat();
        Archive::none_yet().try_dump(cluster, &args).success();
    }
}

#[test]
fn an_existing_archive_is_refused_and_replaced_only_when_complete() {
    let cluster = need!(source());
    cluster.create_database("bad_exists");
    cluster.psql(
        "bad_exists",
        "CREATE TABLE t (id int); INSERT INTO t VALUES (1)",
    );
    let archive = Archive::none_yet();
    std::fs::write(archive.path(), b"precious").unwrap();
    let finished = archive.try_dump(cluster, &["bad_exists"]).code(1);
    Said::by(&finished)
        .message_has(&["snap.tar", "exists already"])
        .hint_has(&["--force"]);
    let untouched = || {
        assert_eq!(std::fs::read(archive.path()).unwrap(), b"precious");
        assert_eq!(archive.left_behind(), ["snap.tar"]);
    };
    untouched();
    archive
        .try_dump(cluster, &["--force", "no_such_database"])
        .code(1);
    untouched();
    archive
        .try_dump(cluster, &["--force", "bad_exists"])
        .success();
    assert_eq!(archive.table("bad_exists", "public", "t").rows, 1);
    assert_eq!(archive.left_behind(), ["snap.tar"]);
}

#[test]
fn a_place_that_cannot_be_written() {
    let cluster = need!(source());
    let dump = |path: &str| {
        let finished = dump_at(cluster).args(["postgres", "-f", path]).run();
        Said::by(&finished.code(1))
    };
    dump("/nonexistent/folder/snap.tar")
        .message_has(&["/nonexistent/folder/snap.tar", "No such file"])
        .hint_has(&["Create the folder"]);
    dump("/tmp")
        .message_has(&["/tmp", "folder"])
        .hint_has(&["/snap.tar"]);
    dump("/dev/full")
        .message_has(&["/dev/full", "device"])
        .hint_has(&["regular file"]);
    // A folder where not even root may make a file.
    dump("/sys/snap.tar")
        .message_has(&["no permission", "/sys/snap.tar"])
        .hint_has(&["another folder"]);
}

/// A database whose archive is some megabytes that do not compress.
fn bulky(cluster: &Cluster, name: &str) {
    cluster.create_database(name);
    cluster.psql(
        name,
        "CREATE TABLE noise (id int PRIMARY KEY, bytes bytea);
         INSERT INTO noise SELECT i, decode(string_agg(md5(i || ' ' || k), ''), 'hex')
         FROM generate_series(1, 400) AS i, generate_series(1, 1024) AS k GROUP BY i;",
    );
}

#[test]
fn a_full_disk_in_the_middle() {
    let cluster = need!(source());
    bulky(cluster, "bad_full");
    // A limit on file sizes stands for a disk of 2 MiB: the archive would need more than 6.
    let archive = Archive::none_yet();
    let dump = dump_at(cluster)
        .args(["bad_full", "-f"])
        .arg(archive.path());
    let finished = dump.under("ulimit -f 2048").run().code(1);
    Said::by(&finished)
        .message_has(&["no space left", "snap.tar"])
        .hint_has(&["Free some space"]);
    assert_eq!(archive.left_behind(), [""; 0]);
    // The server was told.
    let left = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'bad_full'";
    assert_eq!(cluster.psql("postgres", left), "0");

    if run(Command::new("id").arg("-u"), b"").stdout() == "0\n" {
        full_tmpfs(cluster);
    }
}

/// The same on a real full disk, which only root can make.
fn full_tmpfs(cluster: &Cluster) {
    let archive = Archive::none_yet();
    let mut mount = Command::new("mount");
    mount.args(["-t", "tmpfs", "-o", "size=2m", "none"]);
    if !run(mount.arg(archive.folder()), b"").status.success() {
        return; // a container without the right to mount
    }
    let finished = archive.try_dump(cluster, &["bad_full"]);
    let left_behind = archive.left_behind();
    run(Command::new("umount").arg(archive.folder()), b"").success();
    Said::by(&finished.code(1))
        .message_has(&["no space left", "No space left on device"])
        .hint_has(&["Free some space"]);
    assert_eq!(left_behind, [""; 0]);
}

#[test]
fn a_pg_dump_older_than_the_server() {
    let cluster = need!(fixtures::source(18));
    let older = need!(peers::client(17)).join("pg_dump");
    let older = older.to_str().unwrap();
    refused(cluster, &["postgres", "--pg-dump", older])
        .message_has(&["pg_dump of version 18", "is 17."])
        .hint_has(&["--pg-dump"]);
    refused(cluster, &["postgres", "--pg-dump", "/nonexistent/pg_dump"])
        .message_has(&["/nonexistent/pg_dump"])
        .hint_has(&["PGARK_PG_DUMP"]);
    refused(cluster, &["postgres", "--pg-dump", "/bin/true"])
        .message_has(&["/bin/true", "version"])
        .hint_has(&["PGARK_PG_DUMP"]);
}

#[test]
fn filters_that_name_nothing() {
    let cluster = need!(source());
    for (option, what) in [("-t", "table"), ("-n", "schema")] {
        refused(cluster, &["postgres", option, "NoSuch*"])
            .message_has(&[what, "NoSuch*"])
            .hint_has(&["lower case"]);
    }
    // A name that was to be left out and is mistyped would be in the archive.
    for option in ["-T", "-N", "--exclude-table-data"] {
        refused(cluster, &["postgres", option, "nosuch"]).message_has(&[option, "nosuch"]);
    }
    let args = ["postgres", "-T", "nosuch*", "-N", "nosuch?"];
    Archive::none_yet().try_dump(cluster, &args).success();
}

#[test]
fn a_lock_that_is_not_granted_in_time() {
    let cluster = need!(source());
    cluster.create_database("bad_locked");
    cluster.psql("bad_locked", "CREATE TABLE busy (id int)");
    let psql = need!(peers::installed_client()).join("psql");
    let mut holder = cluster.command(psql);
    holder.env("PGDATABASE", "bad_locked");
    holder
        .args(["-X", "-c"])
        .arg("BEGIN; LOCK TABLE busy; SELECT pg_sleep(60)");
    let holder = crate::support::run::Running::start(&mut holder, b"");
    let held = "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted
                AND relation = 'busy'::regclass";
    while cluster.psql("bad_locked", held) != "1" {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    refused(cluster, &["bad_locked", "--lock-wait-timeout", "200"])
        .message_has(&["bad_locked", "lock timeout"])
        .hint_has(&["--lock-wait-timeout", "pg_locks"]);
    holder.signal("KILL");
    drop(holder);
}

#[test]
fn too_few_connections() {
    let cluster = need!(source());
    cluster.create_database("bad_connections");
    cluster.psql(
        "bad_connections",
        "CREATE ROLE bad_limited LOGIN CONNECTION LIMIT 1;
         CREATE TABLE t (id int); GRANT SELECT ON t TO bad_limited",
    );
    // The second connection is another database's, or else pg_dump's.
    for databases in [&["bad_connections", "postgres"][..], &["bad_connections"]] {
        refused(cluster, &[databases, &["-U", "bad_limited"]].concat())
            .message_has(&["too many connections for role \"bad_limited\""])
            .hint_has(&["-j", "connection"]);
    }
}
