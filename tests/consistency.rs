//! A dump shows every database as it was at one moment, whatever others do meanwhile: money that moves
//! keeps its sum, tables that belong together agree, a table cut into ranges of pages is whole, and one that
//! is truncated or rewritten does not come out empty.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::need;
use crate::support::archive::{Archive, dump_at};
use crate::support::cluster::{Cluster, Options};
use crate::support::fixtures;
use crate::support::peers::{self, Missing};
use crate::support::run::Running;

/// How long to wait for another session to get somewhere.
const PATIENCE: Duration = Duration::from_secs(60);

/// A psql that runs these statements, and its server process with it, until it is dropped.
struct Session {
    psql: Running,
    cluster: &'static Cluster,
    application: String,
}

impl Session {
    fn start(cluster: &'static Cluster, database: &str, name: &str, sql: &str) -> Self {
        let bin = peers::installed_client().unwrap_or_else(|missing| panic!("{}", missing.0));
        let mut psql = cluster.command(bin.join("psql"));
        psql.env("PGDATABASE", database).env("PGAPPNAME", name);
        psql.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", "-"]);
        Self {
            psql: Running::start(&mut psql, sql.as_bytes()),
            cluster,
            application: name.to_owned(),
        }
    }

    /// Waits until its server process does what `condition` says about its row of pg_stat_activity.
    #[track_caller]
    fn wait_until(&self, condition: &str) {
        let sql = format!(
            "SELECT count(*) FROM pg_stat_activity AS a WHERE application_name = '{}' AND {condition}",
            self.application
        );
        wait_for(|| self.cluster.psql("postgres", &sql) != "0");
    }

    /// Waits for its end, which must be a good one.
    #[track_caller]
    fn join(self) {
        let sql = format!(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = '{}'",
            self.application
        );
        wait_for(|| self.cluster.psql("postgres", &sql) == "0");
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let sql = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{}'",
            self.application
        );
        self.cluster.psql("postgres", sql);
        wait_for(|| self.psql.has_ended());
    }
}

#[track_caller]
fn wait_for(mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "waited for {PATIENCE:?}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// The server for these tests, which logs its statements.
fn source() -> Result<&'static Cluster, Missing> {
    use std::sync::OnceLock;
    static SOURCE: OnceLock<Result<Cluster, Missing>> = OnceLock::new();
    let start = || {
        let options = Options {
            settings: vec!["log_statement = 'all'".to_owned()],
            ..Options::default()
        };
        Cluster::start_with(peers::installed_major()?, &options)
    };
    SOURCE.get_or_init(start).as_ref().map_err(Clone::clone)
}

/// Restores the one database of an archive under a name of its own; returns its server.
#[track_caller]
fn restored(archive: &Archive, name: &str) -> &'static Cluster {
    let target = fixtures::target(peers::installed_major().unwrap_or(0));
    let target = target.unwrap_or_else(|missing| panic!("{}", missing.0));
    target.drop_database(name);
    archive.restore(target, &["--create", "--no-globals", name]);
    target
}

/// Accounts that are wide enough for the table to be cut into ranges of pages, a ledger that explains each
/// balance, and a procedure that moves money for ever, one transaction a transfer.
const BANK: &str = "
    CREATE TABLE account (id int PRIMARY KEY, balance bigint NOT NULL, pad text NOT NULL);
    INSERT INTO account SELECT i, 1000, repeat(md5(i::text), 18) FROM generate_series(1, 150000) AS i;
    CREATE TABLE ledger (id bigserial PRIMARY KEY, account int NOT NULL, amount bigint NOT NULL);
    CREATE TABLE progress (transfers bigint NOT NULL);
    INSERT INTO progress VALUES (0);
    CREATE PROCEDURE move_money(seed int) LANGUAGE plpgsql AS $$
    DECLARE a int; b int; x int; n bigint := seed;
    BEGIN
        LOOP
            n := (n * 1103515245 + 12345) % 2147483648;
            a := 1 + n % 150000;
            b := 1 + (n / 7) % 150000;
            x := n % 700;
            -- In the order of their keys, so that two sessions never wait for each other.
            UPDATE account SET balance = balance - x WHERE id = least(a, b);
            UPDATE account SET balance = balance + x WHERE id = greatest(a, b);
            INSERT INTO ledger (account, amount) VALUES (least(a, b), -x), (greatest(a, b), x);
            COMMIT;
        END LOOP;
    END $$;";

#[test]
fn money_keeps_its_sum_and_the_ledger_explains_every_balance() {
    let cluster = need!(source());
    cluster.create_database("bank");
    cluster.psql("bank", BANK);
    let movers: Vec<Session> = (1..=3)
        .map(|seed| {
            let call = format!("CALL move_money({seed})");
            Session::start(cluster, "bank", &format!("mover {seed}"), &call)
        })
        .collect();
    // The sequence knows without a look at the table.
    let transfers = || -> u64 {
        let last = cluster.psql("bank", "SELECT last_value FROM ledger_id_seq");
        last.parse().unwrap()
    };
    wait_for(|| transfers() > 2000);
    let before = transfers();
    let archive = Archive::dump(cluster, &["bank", "-j", "3", "--chunk-size", "1MB"]);
    let after = transfers();
    drop(movers);
    assert!(after > before + 200, "nothing moved: {before} to {after}");
    assert!(
        cluster
            .log()
            .contains("FROM ONLY public.account WHERE ctid OPERATOR(pg_catalog.>=) '("),
        "the table was to be read in ranges"
    );
    let archive = archive.verified();
    assert_eq!(archive.table("bank", "public", "account").rows, 150_000);

    let target = restored(&archive, "bank");
    let sums = "SELECT count(*), sum(balance), count(DISTINCT id) FROM account";
    assert_eq!(target.psql("bank", sums), "150000|150000000|150000");
    let unexplained = "
        SELECT count(*) FROM account AS a
        LEFT JOIN (SELECT account, sum(amount) AS moved FROM ledger GROUP BY account) AS l ON l.account = a.id
        WHERE a.balance <> 1000 + coalesce(l.moved, 0)";
    assert_eq!(target.psql("bank", unexplained), "0");
    let ledger: u64 = target
        .psql("bank", "SELECT count(*) FROM ledger")
        .parse()
        .unwrap();
    assert!(ledger >= 2000 && ledger <= after, "{ledger}");
    // A sequence is outside of transactions: it may be ahead of the rows, never behind.
    let behind = "SELECT last_value < (SELECT max(id) FROM ledger) FROM ledger_id_seq";
    assert_eq!(target.psql("bank", behind), "f");
}

#[test]
fn every_version_of_a_row_is_read_once_while_rows_move_between_pages() {
    let cluster = need!(source());
    cluster.create_database("moving");
    cluster.psql(
        "moving",
        "CREATE TABLE t (id int PRIMARY KEY, n bigint NOT NULL, pad text NOT NULL) WITH (fillfactor = 100);
         INSERT INTO t SELECT i, 0, repeat(md5(i::text), 20) FROM generate_series(1, 110000) AS i;
         CREATE PROCEDURE everything_moves() LANGUAGE plpgsql AS $$
         BEGIN
             -- Each statement moves all rows to other pages, and all of them always have the same n.
             FOR round IN 1..1000 LOOP
                 UPDATE t SET n = n + 1;
                 COMMIT;
             END LOOP;
         END $$;",
    );
    let mover = Session::start(cluster, "moving", "all rows", "CALL everything_moves()");
    wait_for(|| cluster.psql("moving", "SELECT min(n) FROM t") != "0");
    let archive = Archive::dump(cluster, &["moving", "-j", "2", "--chunk-size", "2MB"]);
    drop(mover);
    assert!(
        cluster
            .log()
            .contains("FROM ONLY public.t WHERE ctid OPERATOR(pg_catalog.>=) '(")
    );
    let target = restored(&archive.verified(), "moving");
    let rounds = "SELECT count(*), count(DISTINCT id), max(n) - min(n), min(n) > 0 FROM t";
    assert_eq!(target.psql("moving", rounds), "110000|110000|0|t");
}

/// A dump that waits, as `waits` says of its row of pg_stat_activity, while another session executes
/// `statements` and then ends its transaction.
#[track_caller]
fn dump_behind(
    cluster: &'static Cluster,
    (database, option): (&str, &str),
    statements: &str,
    waits: &str,
) -> Archive {
    let name = format!("{database} holder");
    let sql = format!("{statements};\nSELECT pg_advisory_lock(1);\nCOMMIT;");
    let gate = Session::start(
        cluster,
        database,
        &format!("{database} gate"),
        "SELECT pg_advisory_lock(1);\nSELECT pg_sleep(600);",
    );
    gate.wait_until("query LIKE '%pg_sleep%'");
    let holder = Session::start(cluster, database, &name, &sql);
    holder.wait_until("wait_event = 'advisory'");
    let archive = Archive::none_yet();
    let dump = dump_at(cluster)
        .args([database, option, "-f"])
        .arg(archive.path())
        .start();
    let waiting = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = '{database}' \
         AND {waits}"
    );
    wait_for(|| cluster.psql("postgres", &waiting) != "0");
    drop(gate);
    holder.join();
    dump.finish(PATIENCE).success();
    archive
}

/// How a dump waits whose tables are locked.
const FOR_A_LOCK: &str = "query LIKE 'LOCK TABLE%' AND wait_event_type = 'Lock'";

#[test]
fn a_deferrable_dump_waits_for_what_could_be_serialized_before_it() {
    let cluster = need!(source());
    cluster.create_database("deferrable");
    cluster.psql(
        "deferrable",
        "CREATE TABLE t (n int); INSERT INTO t VALUES (1)",
    );
    let write = "BEGIN ISOLATION LEVEL SERIALIZABLE; UPDATE t SET n = n + 1";
    let waits = "wait_event = 'SafeSnapshot'";
    let dump = ("deferrable", "--serializable-deferrable");
    let archive = dump_behind(cluster, dump, write, waits).verified();
    assert_eq!(archive.table("deferrable", "public", "t").rows, 1);
}

#[test]
fn what_was_truncated_before_it_was_locked_does_not_come_out_empty() {
    let cluster = need!(source());
    cluster.create_database("truncated");
    cluster.psql(
        "truncated",
        "CREATE TABLE staging (id int); INSERT INTO staging SELECT generate_series(1, 1000);
         CREATE TABLE other (id int); INSERT INTO other VALUES (0);",
    );
    // To the snapshot from before the reload, the table would look empty.
    let reload = "BEGIN; TRUNCATE staging; INSERT INTO staging SELECT generate_series(1, 500); UPDATE other SET id = 1";
    let archive = dump_behind(cluster, ("truncated", "-j2"), reload, FOR_A_LOCK).verified();
    assert_eq!(archive.table("truncated", "public", "staging").rows, 500);
    let target = restored(&archive, "truncated");
    // And the other table is of the same moment.
    assert_eq!(target.psql("truncated", "SELECT id FROM other"), "1");
}

#[test]
fn what_was_rewritten_before_it_was_locked_does_not_come_out_empty() {
    let cluster = need!(source());
    cluster.create_database("rewritten");
    cluster.psql(
        "rewritten",
        "CREATE TABLE t (id int); INSERT INTO t SELECT generate_series(1, 1000)",
    );
    let alter = "BEGIN; ALTER TABLE t ALTER COLUMN id TYPE bigint";
    let archive = dump_behind(cluster, ("rewritten", "-j2"), alter, FOR_A_LOCK).verified();
    assert_eq!(archive.table("rewritten", "public", "t").rows, 1000);
    let target = restored(&archive, "rewritten");
    let kind = "SELECT pg_typeof(id), count(*) FROM t GROUP BY 1";
    assert_eq!(target.psql("rewritten", kind), "bigint|1000");
}

/// A pg_dump that first lets another session queue for an exclusive lock with `statement`, as can happen
/// between the leader's locks and pg_dump's own.
fn interfering_pg_dump(
    folder: &Archive,
    cluster: &Cluster,
    database: &str,
    statement: &str,
) -> String {
    let bin = peers::client_for(cluster.major()).unwrap_or_else(|missing| panic!("{}", missing.0));
    let (psql, pg_dump) = (bin.join("psql"), bin.join("pg_dump"));
    let script = format!(
        "#!/usr/bin/env bash
if [[ $1 == --version || -e '{once}' ]]; then exec '{pg_dump}' \"$@\"; fi
touch '{once}'
export PGDATABASE='{database}' PGUSER=postgres
PGAPPNAME=interferer '{psql}' -X -q -c \"{statement}\" >/dev/null 2>&1 </dev/null &
until [[ $('{psql}' -X -A -t -c \"SELECT count(*) FROM pg_stat_activity WHERE datname = '{database}'
    AND application_name = 'interferer' AND wait_event_type = 'Lock'\") == 1 ]]; do sleep 0.02; done
exec '{pg_dump}' \"$@\"
",
        once = folder.folder().join("once").display(),
        psql = psql.display(),
        pg_dump = pg_dump.display(),
    );
    let path = folder.folder().join("pg_dump");
    std::fs::write(&path, script).unwrap();
    let mut chmod = Command::new("chmod");
    crate::support::run::run(chmod.arg("755").arg(&path), b"").success();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_change_that_queues_during_the_dump_is_let_through() {
    let cluster = need!(source());
    cluster.create_database("queued");
    cluster.psql(
        "queued",
        "CREATE TABLE t (id int); INSERT INTO t SELECT generate_series(1, 1000)",
    );
    let archive = Archive::none_yet();
    let scripts = Archive::none_yet();
    let change = "ALTER TABLE t ADD COLUMN later int DEFAULT 7";
    let pg_dump = interfering_pg_dump(&scripts, cluster, "queued", change);
    let args = [
        "queued",
        "--pg-dump",
        &pg_dump,
        "--lock-wait-timeout",
        "500",
    ];
    archive.try_dump(cluster, &args).success();
    // The change was made, and is not in the snapshot.
    assert_eq!(cluster.psql("queued", "SELECT DISTINCT later FROM t"), "7");
    let table = archive.table("queued", "public", "t");
    assert_eq!((table.rows, table.columns), (1000, 1));
    let target = restored(&archive.verified(), "queued");
    assert_eq!(target.psql("queued", "SELECT count(*) FROM t"), "1000");
}

#[test]
fn a_truncation_that_queues_before_the_first_row_is_read_makes_the_dump_begin_again() {
    let cluster = need!(source());
    cluster.create_database("lost");
    cluster.psql(
        "lost",
        "CREATE TABLE t (id int); INSERT INTO t SELECT generate_series(1, 1000)",
    );
    let archive = Archive::none_yet();
    let scripts = Archive::none_yet();
    let pg_dump = interfering_pg_dump(&scripts, cluster, "lost", "TRUNCATE t");
    let args = ["lost", "--pg-dump", &pg_dump, "--lock-wait-timeout", "500"];
    archive.try_dump(cluster, &args).success();
    // The first snapshot's thousand rows are out of its reach; the second has none.
    assert_eq!(archive.table("lost", "public", "t").rows, 0);
    archive.verified();
}
