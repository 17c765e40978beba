//! What a database's owner plants on the search path does not run when a superuser dumps, restores or
//! compares (CVE-2018-1058 and its kin), on any server.
//!
//! The traps (`planted.sql`) are of every signature that pgark's statements could resolve to: their operators
//! with all pairs of the types they use, their functions, types and relations. They lie in `public` and in a
//! schema that comes before `pg_catalog`. A trap that runs says so in the server's log.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::need;
use crate::support::cluster::Cluster;
use crate::support::peers::Missing;
use crate::support::pgark::Pgark;
use crate::support::run::Finished;

/// A database without traps, which is dumped to have an archive.
const PLAIN: &str = "plain";
/// One with traps, to be dumped.
const SOURCE: &str = "trapped";
/// One with traps, to restore into.
const TARGET: &str = "victim";

/// Every function of PostgreSQL's that a statement of ours names.
fn functions() -> String {
    let mut names = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for rest in text.split("pg_catalog.").skip(1) {
                let end =
                    rest.find(|c: char| !c.is_ascii_lowercase() && c != '_' && !c.is_ascii_digit());
                let (name, rest) = rest.split_at(end.unwrap_or(rest.len()));
                if rest.starts_with('(') {
                    names.insert(name.to_owned());
                }
            }
        }
    }
    assert!(
        names.contains("set_config") && names.len() > 30,
        "{names:?}"
    );
    names.into_iter().collect::<Vec<_>>().join(" ")
}

/// A server on which every database that pgark may look into is trapped, but for the source of the archive.
struct Trapped {
    cluster: Cluster,
    folder: tempfile::TempDir,
    /// How long the log was when all was planted: planting is careless itself.
    planted_bytes: usize,
}

impl Trapped {
    fn start(major: u32) -> Result<Self, Missing> {
        let cluster = Cluster::start(major)?;
        for database in [PLAIN, SOURCE, TARGET] {
            cluster.create_database(database);
        }
        let contents = "CREATE SCHEMA app; CREATE TABLE app.t (id int8 PRIMARY KEY, note text); \
             INSERT INTO app.t SELECT n, 'row ' || n FROM generate_series(1, 3000) AS n; \
             CREATE SEQUENCE app.s; SELECT nextval('app.s'); CREATE INDEX ON app.t (note); \
             CREATE MATERIALIZED VIEW app.m AS SELECT count(*) FROM app.t; \
             SELECT lo_from_bytea(0, '\\x00ff');";
        cluster.psql(PLAIN, contents);
        let (functions, operators) = (functions(), "= <> < <= > >= ~ !~ ~~ || + - * / ->>");
        let set = format!("\\set functions '{functions}'\n\\set operators '{operators}'\n");
        let plant = |database: &str, schemas: &str| {
            let set = format!("{set}\\set schemas '{schemas}'\n");
            cluster.psql(database, set + include_str!("planted/planted.sql"));
        };
        for database in [SOURCE, TARGET, "postgres"] {
            // every user could do this before 15, the owner of a database still can
            plant(database, "mal public");
        }
        cluster.psql(
            SOURCE,
            "SET search_path = pg_catalog; CREATE TABLE public.t AS SELECT 1 AS one",
        );
        cluster.psql(
            TARGET,
            "SET search_path = pg_catalog; CREATE TABLE public.theirs AS SELECT 1 AS one",
        );
        let folder = tempfile::tempdir().unwrap();
        let planted_bytes = cluster.log().len();
        Ok(Self {
            cluster,
            folder,
            planted_bytes,
        })
    }

    fn archive(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn pgark(&self, arguments: &[&str]) -> Pgark {
        Pgark::new(arguments).at(&self.cluster)
    }

    /// Runs pgark as the superuser. No trap may have run by then.
    #[track_caller]
    fn run(&self, arguments: &[&str]) -> Finished {
        let finished = self.pgark(arguments).run();
        self.nothing_ran(&finished.describe());
        finished
    }

    /// The server's log since all was planted.
    fn log(&self) -> String {
        self.cluster.log().split_off(self.planted_bytes)
    }

    #[track_caller]
    fn nothing_ran(&self, what: &str) {
        let log = self.log();
        let ran: BTreeSet<&str> = log
            .lines()
            .filter(|line| line.contains("LOG:  planted: "))
            .collect();
        assert!(ran.is_empty(), "{ran:#?}\n{what}");
    }
}

/// The traps work: a statement that is written carelessly runs them.
#[track_caller]
fn careless_statements_are_trapped(trapped: &Trapped) {
    for (careless, trap) in [
        (
            "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_'",
            "LOG:  planted: operator name name",
        ),
        (
            "SELECT current_setting('server_version')",
            "LOG:  planted: function current_setting",
        ),
        ("SELECT 'x'::text", "LOG:  planted: type text"),
        (
            "SELECT count(*) FROM pg_settings",
            "LOG:  planted: relation pg_settings",
        ),
    ] {
        trapped.cluster.psql(TARGET, careless);
        assert!(trapped.log().contains(trap), "{careless}");
    }
}

#[track_caller]
fn nothing_planted_runs(major: u32) {
    let trapped = need!(Trapped::start(major));
    let plain = trapped.archive("plain.tar");
    let plain = plain.to_str().unwrap();
    trapped.run(&["dump", PLAIN, "-f", plain]).success();

    // dump, in all its forms
    let file = trapped.archive("a.tar");
    let dump = ["dump", SOURCE, "--force", "-f", file.to_str().unwrap()];
    for options in [
        &[][..],
        &["--dry-run"],
        &["-t", "t", "--exclude-table-data", "t"],
        &["-t", "public.t", "-T", "x*"],
        &["-n", "public", "-N", "mal"],
        &["-a", "--no-globals"],
        &["-s"],
        &["--serializable-deferrable", "-j", "3"],
    ] {
        trapped.run(&[&dump[..], options].concat()).success();
    }
    let everything = trapped.archive("all.tar");
    let everything = everything.to_str().unwrap();
    trapped
        .run(&["dump", "--all-databases", "-f", everything])
        .success();

    // restore, into a database that is its owner's
    let renamed = format!("{PLAIN}={TARGET}");
    let restore = ["restore", plain, &renamed];
    trapped.run(&[&restore[..], &["--dry-run"]].concat());
    let refused = trapped.run(&restore).code(1);
    assert!(
        refused.stderr().contains("not empty"),
        "{}",
        refused.describe()
    );
    trapped
        .run(&[&restore[..], &["--allow-non-empty", "--analyze"]].concat())
        .success();
    trapped
        .run(&[&restore[..], &["--clean", "--if-exists"]].concat())
        .success();
    trapped.run(&[&restore[..], &["--resume", "--allow-non-empty"]].concat());
    trapped
        .run(&[&restore[..], &["--clean", "--if-exists", "--verify"]].concat())
        .success();
    trapped.run(&[&restore[..], &["-a", "--disable-triggers", "--dry-run"]].concat());
    trapped.run(&["restore", plain, "--rehearse"]).success();
    let created = format!("{PLAIN}=created");
    trapped
        .run(&["restore", plain, &created, "--create", "--verify"])
        .success();

    // comparison, and a script in psql
    trapped.run(&["verify", plain, &renamed, "--against", TARGET]);
    let script = trapped.archive("script.sql");
    let script = script.to_str().unwrap();
    trapped
        .run(&[
            "restore",
            plain,
            PLAIN,
            "--clean",
            "--if-exists",
            "-f",
            script,
        ])
        .success();
    let text = std::fs::read(script).unwrap();
    let said = trapped.cluster.try_psql(TARGET, text).success();
    trapped.nothing_ran(&said.describe());

    careless_statements_are_trapped(&trapped);
}

#[test]
fn nothing_planted_runs_on_13() {
    nothing_planted_runs(13);
}

#[test]
fn nothing_planted_runs_on_15() {
    nothing_planted_runs(15);
}

#[test]
fn nothing_planted_runs_on_18() {
    nothing_planted_runs(18);
}
