//! The oracle: for the same archive and the same options, our script and that of a stock pg_restore 18
//! hold the same statements in the same order.
//!
//! Where they do not, the difference is listed with its reason ([`Difference`]). What pg_restore does
//! not know (patterns, dependants) is tested elsewhere.

mod golden;
mod normal;

use std::path::PathBuf;
use std::sync::OnceLock;

use bstr::{BString, ByteSlice};

use super::ground::Ground;
use crate::need;
use crate::support::cluster::clean_command;
use crate::support::fixtures;
use crate::support::peers::{self, Missing};
use crate::support::pgark::Pgark;
use crate::support::run::{Finished, run};

use normal::statements;

/// A difference that is meant.
#[derive(Clone, Copy)]
enum Difference {
    /// A script of ours begins with an empty search path and with what a database or a role may have set
    /// otherwise. pg_restore lets servers before 17 fail at a parameter they do not have, which ends a script
    /// that runs with ON_ERROR_STOP.
    Parameters,
    /// A transaction of ours says that it writes, whatever the database's default.
    ReadWrite,
    /// Ours creates event triggers after everything else, refreshes included, so that they see none of it.
    EventTriggersLast,
    /// pg_restore takes the data of our large objects for a table's and its name for a table's.
    TriggersOfLargeObjects,
    /// A group of large objects of ours has a DROP command of its own that passes over what is not
    /// there, where pg_restore makes one of an OID that the group does not have.
    DropOfLargeObjects,
    /// Our archive gives large objects to their owners in entries of their own, of which pg_restore
    /// does not know that -O means them.
    OwnersOfLargeObjects,
}

impl Difference {
    /// Makes their statements what ours should be.
    fn apply(self, theirs: &mut Vec<BString>) {
        match self {
            Self::Parameters => {
                theirs.retain(|statement| statement != "SET transaction_timeout = 0;");
                let mut ours =
                    vec!["SELECT pg_catalog.set_config('search_path', '', false);".into()];
                ours.extend(statements(pgark::pg::PARAMETERS.as_bytes()));
                let sessions = theirs.iter().enumerate();
                let begins = sessions.filter(|(_, sql)| *sql == "SET statement_timeout = 0;");
                let begins: Vec<usize> = begins.map(|(at, _)| at).collect();
                for at in begins.into_iter().rev() {
                    theirs.splice(at..at, ours.iter().cloned());
                }
            }
            Self::ReadWrite => {
                for statement in theirs.iter_mut().filter(|statement| *statement == "BEGIN;") {
                    *statement = "BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE;".into();
                }
            }
            Self::EventTriggersLast => {
                let creates = |sql: &BString| {
                    sql.starts_with(b"CREATE EVENT TRIGGER")
                        || sql.starts_with(b"ALTER EVENT TRIGGER")
                        || sql.starts_with(b"COMMENT ON EVENT TRIGGER")
                };
                let refreshes = |sql: &BString| is_late(sql);
                let (first, last) = (
                    theirs.iter().position(creates),
                    theirs.iter().rposition(refreshes),
                );
                let Some((first, last)) = first.zip(last).filter(|(first, last)| first < last)
                else {
                    return;
                };
                let between = theirs[first..=last].iter().cloned();
                let (moved, stays): (Vec<_>, Vec<_>) = between.partition(creates);
                theirs.splice(first..=last, stays.into_iter().chain(moved));
            }
            Self::TriggersOfLargeObjects => {
                theirs.retain(|statement| !statement.starts_with(b"ALTER TABLE \"LARGE OBJECT"));
            }
            Self::DropOfLargeObjects => {
                for statement in theirs {
                    if statement.ends_with(b"pg_largeobject_metadata WHERE oid = '0';") {
                        *statement = "SELECT pg_catalog.count(pg_catalog.lo_unlink(m.oid)) FROM \
                            pg_catalog.pg_largeobject_metadata AS m WHERE m.oid IN (90001, 90002, \
                            90003);"
                            .into();
                    }
                }
            }
            Self::OwnersOfLargeObjects => {
                theirs.retain(|statement| {
                    let mut lines = statement.lines();
                    !lines.any(|line| line.contains_str("ALTER LARGE OBJECT"))
                });
            }
        }
    }
}

/// An archive, and the same unpacked by the system's tar.
struct Oracle {
    ground: Ground,
    folder: PathBuf,
    pg_restore: PathBuf,
}

const DATABASE: &str = "oracle";

fn oracle() -> Result<&'static Oracle, Missing> {
    static ORACLE: OnceLock<Result<Oracle, Missing>> = OnceLock::new();
    ORACLE.get_or_init(make).as_ref().map_err(Clone::clone)
}

fn make() -> Result<Oracle, Missing> {
    let pg_restore = peers::client(18)?.join("pg_restore");
    let source = fixtures::source(peers::installed_major()?)?;
    source.drop_database(DATABASE);
    source.create_database(DATABASE);
    let roles = "\\set role_a oracle_a\n\\set role_b oracle_b\n";
    source.psql(DATABASE, roles.to_owned() + include_str!("oracle.sql"));
    let ground = Ground::new();
    ground.dump(source, &[DATABASE], 16 << 10);
    let mut tar = clean_command("tar");
    let archive = ground.path("1.tar");
    tar.arg("-xf").arg(&archive).arg("-C").arg(ground.path(""));
    run(&mut tar, b"").success();
    let oracle = Oracle {
        folder: ground.path("databases").join(DATABASE),
        pg_restore,
        ground,
    };
    let filter = "# what\ninclude table parent\ninclude function twice( integer )\n\
                  include index child_by_payload\nexclude schema Odd one\n";
    std::fs::write(oracle.ground.path("FILTER"), filter).unwrap();
    std::fs::write(oracle.ground.path("LIST"), oracle.edited_list()).unwrap();
    Ok(oracle)
}

impl Oracle {
    /// Ours has the planner's statistics in a script only if it is told so.
    fn ours(&self, options: &[&str]) -> Finished {
        let says = |option: &&str| {
            ["-s", "-a"].contains(option)
                || option.ends_with("statistics")
                || *option == "--statistics-only"
        };
        let statistics = (!options.iter().any(says)).then_some("--statistics");
        let restore = Pgark::new(["restore", "-q", "--progress", "none"]).arg(self.archive());
        restore.arg(DATABASE).args(options).args(statistics).run()
    }

    fn theirs(&self, options: &[&str]) -> Finished {
        let mut command = clean_command(&self.pg_restore);
        run(command.args(options).arg(&self.folder), b"")
    }

    /// pg_restore's own list of everything, some of it commented out, the rest in another order.
    fn edited_list(&self) -> BString {
        let list = self.theirs(&["-l"]).success().stdout;
        let (comments, entries): (Vec<&[u8]>, Vec<&[u8]>) =
            list.lines().partition(|line| line.starts_with(b";"));
        let is_table = |line: &[u8]| line.contains_str(" TABLE ") && !line.contains_str(" DATA ");
        let (mut tables, others): (Vec<&[u8]>, Vec<&[u8]>) =
            entries.into_iter().partition(|line| is_table(line));
        tables.reverse();
        let mut out = BString::from(comments.join(&b'\n'));
        for (number, line) in tables.into_iter().chain(others).enumerate() {
            let is_chunk = line.contains_str(" TABLE DATA ");
            let begin: &[u8] = if number % 7 == 3 && !is_chunk {
                b"\n;"
            } else {
                b"\n"
            };
            out.extend_from_slice(&[begin, line].concat());
        }
        out
    }

    fn archive(&self) -> PathBuf {
        self.ground.path("1.tar")
    }

    /// The statements of both scripts, theirs with the differences that are meant. None where pg_restore
    /// refuses the options.
    #[track_caller]
    fn both(&self, line: &str, differences: &[Difference]) -> (Vec<BString>, Vec<BString>) {
        let options = words(self, line);
        let mut options: Vec<&str> = options.iter().map(String::as_str).collect();
        options.extend(["-f", "-", "--restrict-key", "key"]);
        let theirs = self.theirs(&options).success();
        let ours = self.ours(&options).success();
        let mut theirs = unmarked_at_the_end(statements(&theirs.stdout));
        for difference in differences.iter().chain(EVERYWHERE) {
            difference.apply(&mut theirs);
        }
        (unmarked_at_the_end(statements(&ours.stdout)), theirs)
    }
}

/// Refreshes, and statistics that come after them.
fn is_late(sql: &BString) -> bool {
    sql.starts_with(b"REFRESH MATERIALIZED VIEW")
        || sql.starts_with(b"SELECT * FROM pg_catalog.pg_restore_")
}

/// Without the ends of transactions among event triggers and refreshes: our order of these differs
/// ([`Difference::EventTriggersLast`]), each has its own number of actions, and so transactions end elsewhere.
/// Scripts without event triggers are compared to the end.
fn unmarked_at_the_end(mut statements: Vec<BString>) -> Vec<BString> {
    let is_event_trigger = |sql: &BString| sql.starts_with(b"CREATE EVENT TRIGGER");
    if !statements.iter().any(is_event_trigger) {
        return statements;
    }
    let first = statements
        .iter()
        .position(|sql| is_event_trigger(sql) || is_late(sql));
    let mut rest = statements.split_off(first.unwrap_or(statements.len()));
    // Statistics have no owner, and so the session changes its user more often.
    let changes_user = |sql: &BString| sql.starts_with(b"SET SESSION AUTHORIZATION");
    rest.retain(|sql| sql != "BEGIN;" && sql != "COMMIT;" && !changes_user(sql));
    statements.append(&mut rest);
    statements
}

/// The words of a line; a blank within one is written `~`. `LIST` and `FILTER` are files.
fn words(oracle: &Oracle, line: &str) -> Vec<String> {
    let words = line.split_whitespace();
    words
        .map(|word| match word {
            "LIST" | "FILTER" => oracle.ground.path(word).to_str().unwrap().to_owned(),
            word => word.replace('~', " "),
        })
        .collect()
}

/// The first difference between both scripts, if there is any.
fn difference(oracle: &Oracle, line: &str, differences: &[Difference]) -> Option<String> {
    let (ours, theirs) = oracle.both(line, differences);
    let length = ours.len().max(theirs.len());
    let number = (0..length).find(|&number| ours.get(number) != theirs.get(number))?;
    let (ours, theirs) = (ours.get(number), theirs.get(number));
    Some(format!(
        "{line}: statement {number}\n  ours: {ours:?}\ntheirs: {theirs:?}"
    ))
}

const NONE: &[Difference] = &[];
const EVERYWHERE: &[Difference] = &[Difference::Parameters, Difference::EventTriggersLast];

/// Options, and how the scripts may differ beside those of [`EVERYWHERE`].
const CASES: &[(&str, &[Difference])] = &[
    ("", &[]),
    ("-a", &[]),
    ("-s", &[]),
    ("-c", &[]),
    ("-c --if-exists", &[Difference::DropOfLargeObjects]),
    ("-C", &[]),
    ("-C -c", &[]),
    ("-C -c --if-exists", &[]),
    ("-C -a", &[]),
    ("-C -s -x", &[]),
    ("-c -s", &[]),
    ("-e", &[]),
    ("-O", &[Difference::OwnersOfLargeObjects]),
    ("-O -s", &[]),
    ("-x", &[]),
    ("--no-acl -a", &[]),
    ("-O -x -C", &[Difference::OwnersOfLargeObjects]),
    ("--role oracle_a", &[]),
    ("--role Odd~role -C", &[]),
    ("--section pre-data", &[]),
    ("--section data", &[]),
    ("--section post-data", &[]),
    ("--section pre-data --section post-data", &[]),
    ("--section data -C", &[]),
    ("--section post-data -c", &[]),
    ("--no-comments", &[]),
    ("--no-comments -C", &[]),
    ("--no-policies", &[]),
    ("--no-publications", &[]),
    ("--no-subscriptions", &[]),
    ("--no-security-labels", &[]),
    ("--no-tablespaces", &[]),
    ("--no-table-access-method", &[]),
    (
        "--no-policies --no-publications --no-subscriptions --no-comments",
        &[],
    ),
    ("--no-data", &[]),
    ("--no-schema", &[]),
    ("--no-schema --no-data", &[]),
    ("--no-statistics", &[]),
    ("--statistics", &[]),
    ("--statistics-only", &[]),
    ("--no-data-for-failed-tables", &[]),
    ("--enable-row-security -a", &[]),
    ("--disable-triggers", &[]),
    (
        "--disable-triggers -a",
        &[Difference::TriggersOfLargeObjects],
    ),
    (
        "--disable-triggers -a -S postgres",
        &[Difference::TriggersOfLargeObjects],
    ),
    (
        "--disable-triggers --section data -S Su~per",
        &[Difference::TriggersOfLargeObjects],
    ),
    ("--disable-triggers --no-schema -t parent", &[]),
    ("-S postgres", &[]),
    ("--use-set-session-authorization", &[]),
    ("--use-set-session-authorization -C -c", &[]),
    ("--use-set-session-authorization -c -x", &[]),
    (
        "--use-set-session-authorization -O",
        &[Difference::OwnersOfLargeObjects],
    ),
    ("--use-set-session-authorization --transaction-size 7", &[]),
    ("-1", &[Difference::ReadWrite]),
    (
        "-1 -c --if-exists",
        &[Difference::DropOfLargeObjects, Difference::ReadWrite],
    ),
    ("--transaction-size 1 -x -n app", &[]),
    ("--transaction-size 7", &[]),
    ("--transaction-size 3 -C -c", &[]),
    ("--transaction-size 10 -c", &[]),
    ("-t parent", &[]),
    ("-t parent -t child", &[]),
    ("-t parent -n app", &[]),
    ("-t T-1 -a", &[]),
    ("-t counter", &[]),
    ("-t counts", &[]),
    ("-t children -s", &[]),
    ("-t far -c", &[]),
    ("-t event", &[]),
    ("-t event_old -x -O", &[]),
    ("-n app", &[]),
    ("-n Odd~one", &[]),
    ("-n app -n Odd~one -O", &[]),
    ("-N app", &[]),
    ("-N Odd~one -c", &[]),
    ("-n app -s --no-comments", &[]),
    ("-I child_by_payload", &[]),
    ("-I child_by_payload -t child", &[]),
    ("-I Odd-index -n Odd~one", &[]),
    ("-P twice(integer)", &[]),
    ("-P twice(app.small,~text)", &[]),
    ("-P total(integer) -P act()", &[]),
    ("-T child~touch", &[]),
    ("-T T-1~touch -t T-1 -c --if-exists", &[]),
    (
        "-t child -I child_by_payload -P touch() -T child~touch",
        &[],
    ),
    ("--section post-data -I child_by_payload", &[]),
    ("--strict-names -t parent -n app", &[]),
    ("--filter FILTER", &[]),
    ("--filter FILTER -n app -c", &[]),
    ("-L LIST", &[]),
    ("-L LIST -c", &[]),
    ("-L LIST -C -s", &[]),
    ("-L LIST -t parent -O", &[]),
    ("-L LIST --disable-triggers", &[]),
    ("-Fd -t parent", &[]),
];

#[test]
fn scripts_hold_what_pg_restores_scripts_hold() {
    let oracle = need!(oracle());
    assert!(CASES.len() >= 60);
    let theirs = oracle.theirs(&["-l"]).success().stdout;
    let chunks = theirs.find_iter("TABLE DATA app child ").count();
    assert!(chunks > 3, "a table in chunks is among what is compared");
    let cases = CASES.iter();
    let mut found: Vec<String> = cases
        .filter_map(|(line, differences)| difference(oracle, line, differences))
        .collect();
    // Where a transaction ends depends on the number of chunks, which differs from run to run.
    let sizes = (1..=24).map(|size| format!("--transaction-size {size} -c -n app -n Odd~one"));
    found.extend(sizes.filter_map(|line| difference(oracle, &line, &[])));
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The entries in a list: ours has one line where a table is in several chunks.
fn listed(list: &[u8]) -> Vec<BString> {
    let mut entries: Vec<BString> = Vec::new();
    let mut rows = std::collections::HashSet::new();
    for line in list
        .lines()
        .filter(|line| !line.starts_with(b";") && !line.is_empty())
    {
        let is_later = line
            .find(" TABLE DATA ")
            .is_some_and(|at| !rows.insert(line[at..].to_owned()));
        if !is_later {
            entries.push(line.into());
        }
    }
    entries
}

#[test]
fn lists_hold_what_pg_restores_lists_hold() {
    let oracle = need!(oracle());
    for (line, differences) in CASES
        .iter()
        .step_by(4)
        .chain([&("-L LIST", NONE), &("-C", NONE)])
    {
        let options = words(oracle, line);
        let mut options: Vec<&str> = options.iter().map(String::as_str).collect();
        options.push("-l");
        let theirs = oracle.theirs(&options).success();
        let ours = oracle.ours(&options).success();
        let mut theirs = listed(&theirs.stdout);
        if let [Difference::OwnersOfLargeObjects] = differences {
            theirs.retain(|line| !line.contains_str(" BLOB - OWNER "));
        }
        let ours_listed = listed(&ours.stdout);
        let difference = ours_listed
            .iter()
            .zip(&theirs)
            .find(|(ours, theirs)| ours != theirs);
        assert_eq!(
            (difference, ours_listed.len()),
            (None, theirs.len()),
            "{line}"
        );
        let is_database = |line: &[u8]| line == format!("; Database \"{DATABASE}\"").as_bytes();
        assert!(ours.stdout.lines().any(is_database), "{line}");
    }
    let verbose = Pgark::new(["restore", "-l", "-v"]).arg(oracle.archive());
    let verbose = verbose.run().success();
    let theirs = oracle.theirs(&["-l", "-v"]).success();
    assert_eq!(listed(&verbose.stdout), listed(&theirs.stdout));
    assert!(verbose.stdout().contains(";\tdepends on: "));
}
