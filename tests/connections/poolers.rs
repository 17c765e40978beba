//! Through a real pgbouncer: refused in transaction and statement mode, whatever others do; at home in
//! session mode.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};

use super::{one, open};
use crate::need;
use crate::support::cluster::Cluster;
use crate::support::peers::{self, Missing};
use crate::support::pgark::Pgark;
use crate::support::run::{Running, TIMEOUT, run};

/// What applications find in their sessions, on as many server processes as are there.
const SETTINGS: &str = "
    BEGIN;
    SELECT concat_ws(' ', current_setting('search_path'), current_setting('row_security'),
        current_setting('synchronous_commit'), current_setting('xmloption'),
        current_setting('statement_timeout'), pg_sleep(0.5));
    COMMIT;";
const AS_BEFORE: &str = "\"$user\", public on local content 1min";
const APPLICATIONS: usize = 4;

/// A running pgbouncer.
struct Pooler {
    guardian: Child,
    port: u16,
}

impl Pooler {
    fn start(cluster: &Cluster, settings: &[&str]) -> Result<Self, Missing> {
        let program = peers::pgbouncer()?;
        let dir = tempfile::Builder::new().prefix("pgark-").tempdir_in("/tmp");
        let dir: PathBuf = dir.unwrap().keep();
        let mut guardian = Command::new(peers::script("throwaway-pooler"))
            .arg(program)
            .arg(dir)
            .arg(cluster.socket_dir())
            .arg(cluster.port().to_string())
            .args(settings)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut answer = String::new();
        BufReader::new(guardian.stdout.take().unwrap())
            .read_line(&mut answer)
            .unwrap();
        let port = answer.strip_prefix("ready ").unwrap().trim_end();
        Ok(Self {
            port: port.parse().unwrap(),
            guardian,
        })
    }

    fn url(&self, database: &str) -> String {
        format!(
            "postgresql://postgres@127.0.0.1:{}/{database}?sslmode=disable",
            self.port
        )
    }

    fn psql(&self, cluster: &Cluster) -> Command {
        let mut psql = cluster.command(peers::installed_client().unwrap().join("psql"));
        psql.args(["-X", "-q", "-A", "-t", "-d", &self.url("app"), "-f", "-"]);
        psql
    }

    /// What several applications at once find.
    fn settings(&self, cluster: &Cluster, applications: usize) -> Vec<String> {
        let start = |_| Running::start(&mut self.psql(cluster), SETTINGS.as_bytes());
        let all: Vec<_> = (0..applications).map(start).collect();
        let finished = all.into_iter().map(|one| one.finish(TIMEOUT).success());
        finished.map(|one| one.stdout().trim().to_owned()).collect()
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        drop(self.guardian.stdin.take());
        let _ = self.guardian.wait();
    }
}

/// Applications that keep the pools of both databases busy until this is dropped: pgark asks `postgres`
/// first.
struct Load(Vec<(Child, JoinHandle<()>)>);

impl Load {
    fn start(pooler: &Pooler, cluster: &Cluster) -> Self {
        let one = |index: usize| {
            let mut psql = pooler.psql(cluster);
            let database = ["postgres", "app"][index % 2];
            psql.args(["-d", &pooler.url(database)])
                .stdin(Stdio::piped());
            let child = psql.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
            let mut child = child.unwrap();
            let mut input = child.stdin.take().unwrap();
            // Until psql is killed, and the pipe breaks.
            let feeder = thread::spawn(move || {
                while input.write_all(b"SELECT count(*) FROM pg_class;\n").is_ok() {}
            });
            (child, feeder)
        };
        Self((0..2 * APPLICATIONS).map(one).collect())
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        for (mut child, feeder) in self.0.drain(..) {
            let _ = child.kill();
            let _ = child.wait();
            let _ = feeder.join();
        }
    }
}

fn start_server() -> Result<Cluster, Missing> {
    let cluster = Cluster::start(peers::installed_major()?)?;
    cluster.create_database("app");
    cluster.psql(
        "postgres",
        "ALTER DATABASE app SET synchronous_commit = local; ALTER DATABASE app SET statement_timeout = '1min'",
    );
    cluster.psql(
        "app",
        "CREATE TABLE t AS SELECT i FROM generate_series(1, 1000) AS i",
    );
    Ok(cluster)
}

fn dump(cluster: &Cluster, url: &str, archive: &Path) -> Pgark {
    let dump = Pgark::new(["dump", "-d", url, "--progress", "none", "-f"]);
    dump.at(cluster).arg(archive)
}

fn restore(cluster: &Cluster, url: &str, archive: &Path) -> Pgark {
    let restore = Pgark::new(["restore", "-d", url, "--progress", "none"]);
    restore.at(cluster).arg(archive)
}

#[test]
fn other_modes_are_refused_and_nothing_is_left() {
    let cluster = need!(start_server());
    let scratch = cluster.scratch();
    let archive = scratch.path().join("direct.pgark");
    dump(&cluster, &cluster.url("app"), &archive)
        .run()
        .success();
    for mode in ["transaction", "statement"] {
        for others in [
            &["default_pool_size = 1"][..],
            &["default_pool_size = 2", "server_round_robin = 1"],
            &["default_pool_size = 20", "min_pool_size = 6"],
            &[
                "default_pool_size = 20",
                "min_pool_size = 6",
                "server_round_robin = 1",
            ],
            &[
                "default_pool_size = 20",
                "ignore_startup_parameters = search_path",
            ],
        ] {
            let mode_setting = format!("pool_mode = {mode}");
            let settings = [&[mode_setting.as_str()], others].concat();
            let pooler = need!(Pooler::start(&cluster, &settings));
            for is_busy in [false, true] {
                let load = is_busy.then(|| Load::start(&pooler, &cluster));
                let through = scratch.path().join("through.pgark");
                let calls = [
                    dump(&cluster, &pooler.url("app"), &through),
                    restore(&cluster, &pooler.url("app"), &archive).arg("--clean"),
                ];
                for call in calls {
                    let refused = call.run();
                    let words = refused.stderr();
                    let is_told = words.contains("a connection pooler is in between")
                        && words.contains("pool_mode = session");
                    assert!(is_told, "{settings:?} {is_busy}: {}", refused.describe());
                    assert_ne!(refused.status.code(), Some(0));
                }
                assert!(!through.exists());
                drop(load);
            }
            // Statement mode has no transactions: these are single statements there.
            if mode == "transaction" {
                for found in pooler.settings(&cluster, APPLICATIONS) {
                    assert_eq!(found, AS_BEFORE, "{settings:?}");
                }
            } else {
                let found = run(
                    &mut pooler.psql(&cluster),
                    b"SHOW search_path; SHOW row_security;",
                );
                assert_eq!(found.success().stdout(), "\"$user\", public\non\n");
            }
        }
    }
    assert_eq!(cluster.psql("app", "SELECT count(*) FROM t"), "1000");
}

#[test]
fn session_mode_dumps_and_restores() {
    let cluster = need!(start_server());
    let pooler = need!(Pooler::start(
        &cluster,
        &["pool_mode = session", "default_pool_size = 20"]
    ));
    let load = Load::start(&pooler, &cluster);
    let scratch = cluster.scratch();
    let archive = scratch.path().join("through.pgark");
    dump(&cluster, &pooler.url("app"), &archive).run().success();
    cluster.create_database("copy");
    restore(&cluster, &pooler.url("copy"), &archive)
        .run()
        .success();
    drop(load);
    assert_eq!(
        cluster.psql("copy", "SELECT count(*), sum(i) FROM t"),
        "1000|500500"
    );
    for found in pooler.settings(&cluster, APPLICATIONS) {
        assert_eq!(found, AS_BEFORE);
    }
}

#[tokio::test]
async fn a_session_behind_a_pooler_is_left_as_it_was_found() {
    let cluster = need!(start_server());
    // Without the reset of the pooler's own: what is left is what we left.
    let settings = [
        "pool_mode = session",
        "default_pool_size = 3",
        "server_reset_query =",
    ];
    let pooler = need!(Pooler::start(&cluster, &settings));
    let mut session = open(&pooler.url("app")).await;
    assert_eq!(one(&mut session, "SHOW search_path").await, "");
    assert_eq!(one(&mut session, "SHOW row_security").await, "off");
    session.execute(b"BEGIN").await.unwrap();
    session.close().await;
    for found in pooler.settings(&cluster, 3) {
        assert_eq!(found, AS_BEFORE);
    }
}
