//! A schema of the journal's name that is no journal: nothing in it is read, whoever restores, and nothing of
//! it is lost.

use super::resume::{chunky, said};
use crate::need;
use crate::support::archive::Archive;
use crate::support::cluster::Cluster;
use crate::support::peers;
use crate::support::pgark::Pgark;
use crate::support::run::Finished;

/// What a call said; a dry run says it on standard output.
fn all_said(finished: &Finished) -> String {
    finished.stdout() + &finished.stderr()
}

/// What the owner of a database can put in the place of the tables, with a function that says that it ran.
const TRAPS: [(&str, &str); 8] = [
    (
        "views",
        "CREATE VIEW pgark_restore.journal AS SELECT repeat('1', 64) AS archive, repeat('1', 64) AS plan,
            trap()::bigint AS entries, now() AS began_at, false AS is_prepared, '' AS complete;
         CREATE VIEW pgark_restore.done AS SELECT trap() AS entry, 0 AS part, null::bigint AS taken, now() AS noted_at;",
    ),
    (
        "row security",
        "CREATE POLICY p ON pgark_restore.journal USING (trap() = 1);
         ALTER TABLE pgark_restore.journal ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;",
    ),
    (
        "a trigger",
        "CREATE FUNCTION fire() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM trap(); RETURN NEW; END';
         CREATE TRIGGER t BEFORE INSERT OR UPDATE ON pgark_restore.done FOR EACH ROW EXECUTE FUNCTION fire();",
    ),
    (
        "a rule",
        "CREATE RULE r AS ON UPDATE TO pgark_restore.journal DO ALSO SELECT trap();",
    ),
    (
        "a default",
        "ALTER TABLE pgark_restore.done ALTER taken SET DEFAULT trap();",
    ),
    (
        "a check",
        "ALTER TABLE pgark_restore.done ADD CHECK (trap() = 1);",
    ),
    (
        "a child",
        "CREATE TABLE child () INHERITS (pgark_restore.done);",
    ),
    (
        "an index",
        "CREATE FUNCTION still(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN trap(); END';
         CREATE INDEX ON pgark_restore.done (still(part));",
    ),
];

/// A database of `mallory`'s with `traps` in it, and one row where a journal has one.
fn plant(cluster: &Cluster, name: &str, trap: &str, is_view: bool) {
    cluster.drop_database(name);
    cluster.create_database(name);
    let tables = if is_view {
        String::new()
    } else {
        format!(
            "{} INSERT INTO pgark_restore.journal VALUES (repeat('1', 64), repeat('1', 64), 5, now(), false, '');
             INSERT INTO pgark_restore.done VALUES (1, 0, NULL, now());",
            include_str!("../../src/restore/journal/sql/create.sql")
        )
    };
    let schema = if is_view {
        "CREATE SCHEMA pgark_restore; COMMENT ON SCHEMA pgark_restore IS
            'The journal of a pgark restore that has not ended. pgark restore --resume goes on with it.';"
    } else {
        ""
    };
    cluster.psql(
        name,
        format!(
            "ALTER DATABASE {name} OWNER TO mallory; SET ROLE mallory;
             CREATE SCHEMA m; SET search_path = m;
             CREATE SEQUENCE m.ran MINVALUE 0 START 0;
             CREATE FUNCTION m.trap() RETURNS int LANGUAGE plpgsql AS
                 'BEGIN IF current_user = ''postgres'' THEN PERFORM nextval(''m.ran''); END IF; RETURN 1; END';
             {tables} {schema} {trap}"
        ),
    );
}

#[test]
fn what_was_put_in_the_place_of_a_journal_does_not_run() {
    let (source, archive) = need!(chunky("p_source"));
    let cluster = need!(Cluster::start(source.major()));
    cluster.psql("postgres", "CREATE ROLE mallory LOGIN");
    let name = "p_target";
    let shown = || {
        let what = "SELECT (SELECT NOT is_called FROM m.ran),
                           (SELECT count(*) FROM pg_depend WHERE refclassid = 'pg_namespace'::regclass
                             AND refobjid = 'pgark_restore'::regnamespace)";
        cluster.psql(name, what)
    };
    for (what, trap) in TRAPS {
        plant(&cluster, name, trap, what == "views");
        let before = shown();
        assert!(before.starts_with("t|"), "{what}: {before}");
        for options in [
            "",
            "--dry-run",
            "--resume",
            "--resume --dry-run",
            "--clean --if-exists",
            "--allow-non-empty",
        ] {
            let args = ["p_source=p_target", "--no-globals"];
            let args = args.into_iter().chain(options.split_whitespace());
            let finished = archive.try_restore(&cluster, &args.collect::<Vec<_>>());
            let adds = options.contains("--clean") || options.contains("--allow");
            // `--clean` and `--allow-non-empty` go on without a journal, the second into what the first left.
            let expected = if options.contains("--clean") {
                Some(0)
            } else {
                Some(1)
            };
            let stderr = all_said(&finished);
            assert_eq!(
                finished.status.code(),
                expected,
                "{what}: {}",
                finished.describe()
            );
            let says = "a schema pgark_restore that is not the journal of a restore";
            let is_empty = "is not empty";
            assert!(
                stderr.contains(says) || stderr.contains(is_empty),
                "{what}: {stderr}"
            );
            if adds {
                assert!(
                    stderr.contains("it stays as it is, and no journal is kept"),
                    "{stderr}"
                );
            }
            assert_eq!(shown(), before, "{what} with {options}");
        }
    }
}

/// The very tables of a journal, made by somebody else: what they say is not believed.
#[test]
fn the_journal_of_another_user_is_not_read() {
    let (source, archive) = need!(chunky("p_other_source"));
    let cluster = need!(Cluster::start(source.major()));
    cluster.psql("postgres", "CREATE ROLE mallory LOGIN; CREATE ROLE eve");
    let name = "p_other";
    plant(&cluster, name, "", false);
    for options in [
        &[][..],
        &["--dry-run"],
        &["--resume"],
        &["--allow-non-empty"],
    ] {
        let args = [&["p_other_source=p_other", "--no-globals"], options].concat();
        let said = all_said(&archive.try_restore(&cluster, &args).code(1));
        let foreign = "holds the journal of a restore by role \"mallory\"";
        assert!(said.contains(foreign), "{said}");
    }
    // Its owner is told what it says.
    let args = [
        "p_other_source=p_other",
        "--no-globals",
        "-O",
        "-x",
        "-U",
        "mallory",
        "--resume",
    ];
    let refused = archive.try_restore(&cluster, &args).code(1);
    said(&refused, "was being restored from another archive");
    // One that others may write is as little worth.
    cluster.psql(name, "GRANT INSERT ON pgark_restore.done TO eve");
    let refused = archive.try_restore(&cluster, &args).code(1);
    said(
        &refused,
        "holds the journal of a restore by role \"mallory\"",
    );
    // Replaced it may be: its tables are dropped, unread.
    let args = [
        "p_other_source=p_other",
        "--no-globals",
        "--clean",
        "--if-exists",
    ];
    let finished = archive.try_restore(&cluster, &args).success();
    said(
        &finished,
        "the journal that a restore by role \"mallory\" left there is dropped first",
    );
    let left = "SELECT to_regnamespace('pgark_restore') IS NULL, (SELECT count(*) FROM plain)";
    assert_eq!(cluster.psql(name, left), "t|30000");
}

/// Rights that default privileges give to others are taken from a journal that is begun.
#[test]
fn a_journal_is_its_owner_s_alone() {
    let (source, archive) = need!(chunky("p_alone_source"));
    let cluster = need!(Cluster::start(source.major()));
    let name = "p_alone";
    cluster.create_database(name);
    cluster.psql(
        name,
        "CREATE ROLE \"e v\"; CREATE TABLE plain (i int CHECK (i < 0), note text);
         ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO \"e v\", PUBLIC;
         ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO \"e v\", PUBLIC;",
    );
    let args = [
        "p_alone_source=p_alone",
        "--no-globals",
        "--allow-non-empty",
    ];
    archive.try_restore(&cluster, &args).code(1);
    let rights = "SELECT count(*) FROM pg_namespace n, pg_class c, aclexplode(c.relacl) a
        WHERE nspname = 'pgark_restore' AND relnamespace = n.oid AND a.grantee <> c.relowner";
    assert_eq!(cluster.psql(name, rights), "0");
    cluster.psql(name, "DROP TABLE plain");
    let args = [&args[..], &["--resume"]].concat();
    archive.try_restore(&cluster, &args).success();
}

/// A user's own schema of that name is dumped, restored, and in nobody's way.
#[test]
fn a_schema_that_is_no_journal_is_the_user_s() {
    let cluster = need!(Cluster::start(need!(peers::installed_major())));
    let name = "p_own";
    cluster.create_database(name);
    let sql = "CREATE SCHEMA pgark_restore; CREATE TABLE pgark_restore.mine (id int);
               INSERT INTO pgark_restore.mine VALUES (7); CREATE TABLE t (id int); INSERT INTO t VALUES (1)";
    cluster.psql(name, sql);
    let archive = Archive::dump(&cluster, &[name, "--no-globals"]);
    let list = Pgark::new(["inspect", "--list"]).arg(archive.path()).run();
    let list = list.success().stdout();
    assert!(list.contains("TABLE DATA pgark_restore mine"), "{list}");
    cluster.create_database("p_copy");
    let rows = "SELECT (SELECT id FROM pgark_restore.mine), (SELECT id FROM t)";
    for options in [&[][..], &["--clean"]] {
        let args = [&["p_own=p_copy", "--no-globals"], options].concat();
        let finished = archive.try_restore(&cluster, &args).success();
        said(
            &finished,
            "has a schema pgark_restore of its own: no journal is kept",
        );
        assert_eq!(cluster.psql("p_copy", rows), "7|1");
    }
    // A database in which there is nothing else is not empty.
    cluster.create_database("p_full");
    cluster.psql(
        "p_full",
        "CREATE SCHEMA pgark_restore; CREATE TABLE pgark_restore.mine (id int)",
    );
    let archive = need!(chunky("p_full_source")).1;
    let args = ["p_full_source=p_full", "--no-globals"];
    let refused = archive.try_restore(&cluster, &args).code(1);
    said(&refused, "is not empty: it holds 2 objects");
    let args = [&args[..], &["--allow-non-empty"]].concat();
    archive.try_restore(&cluster, &args).success();
    let left = "SELECT to_regclass('pgark_restore.mine') IS NOT NULL, (SELECT count(*) FROM big)";
    assert_eq!(cluster.psql("p_full", left), "t|60000");
}
