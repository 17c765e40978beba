//! What the filters of `dump` choose: in every database the same entries as pg_dump chooses with the same
//! options, and the databases and globals that were asked for.

use std::collections::HashSet;
use std::path::Path;

use bstr::{BString, ByteSlice};
use pgark::pgdump::{read_custom_toc, read_toc_dat};
use pgark::toc::{ObjectKind, Toc, TocEntry};

use crate::need;
use crate::support::archive::Archive;
use crate::support::cluster::Cluster;
use crate::support::fixtures;
use crate::support::peers;
use crate::support::pgark::Pgark;
use crate::support::run::run;

/// An entry as a person would point at it. The rows of a table are one, however many chunks they are.
type Named = (ObjectKind, BString, BString);

/// The entries of a TOC, and whether it has large objects, whose entries are grouped in other ways.
fn named(toc: &Toc) -> (HashSet<Named>, bool) {
    let is_large = |entry: &&TocEntry| {
        let kinds = [
            ObjectKind::Blob,
            ObjectKind::Blobs,
            ObjectKind::BlobMetadata,
            ObjectKind::LargeObjectData,
        ];
        kinds.contains(&entry.kind) || entry.tag.starts_with(b"LARGE OBJECT ")
    };
    let large = toc.entries.iter().any(|entry| is_large(&entry));
    let others = toc.entries.iter().filter(|entry| !is_large(entry));
    let name = |entry: &TocEntry| {
        let schema = entry.namespace.clone().unwrap_or_default();
        (entry.kind.clone(), schema, entry.tag.clone())
    };
    (others.map(name).collect(), large)
}

/// Dumps with both and compares. Returns the entries.
#[track_caller]
fn same_as_pg_dump(cluster: &Cluster, database: &str, options: &[&str]) -> HashSet<Named> {
    let bin = peers::client_for(cluster.major()).unwrap_or_else(|m| panic!("{}", m.0));
    same_as(&bin, cluster, database, options)
}

/// The same with the pg_dump in this folder.
#[track_caller]
fn same_as(bin: &Path, cluster: &Cluster, database: &str, options: &[&str]) -> HashSet<Named> {
    // pg_dump leaves the planner's statistics out unless it is told otherwise.
    let ours = [&[database, "--no-statistics"], options].concat();
    let ours = Archive::dump(cluster, &ours).verified();
    let (ours, large) = named(&ours.toc(database));
    let mut pg_dump = cluster.command(bin.join("pg_dump"));
    // A client encoding may be set for the database; pgark leaves texts in the database's own.
    let encoding = cluster.psql(database, "SHOW server_encoding");
    pg_dump.args(["-Fc", "-E", &encoding]).args(options);
    pg_dump.env("PGDATABASE", database);
    // Ours are off whatever the database says.
    pg_dump.env("PGOPTIONS", "-c quote_all_identifiers=off");
    let theirs = run(&mut pg_dump, b"").success().stdout;
    let (theirs, theirs_large) = named(&read_custom_toc(&theirs).unwrap());
    let missing: Vec<&Named> = theirs.difference(&ours).collect();
    let surplus: Vec<&Named> = ours.difference(&theirs).collect();
    assert!(
        missing.is_empty() && surplus.is_empty(),
        "{database} {options:?}\nmissing {missing:#?}\nsurplus {surplus:#?}"
    );
    assert_eq!(large, theirs_large, "large objects: {database} {options:?}");
    ours
}

/// How many of the entries are of a kind.
fn count(entries: &HashSet<Named>, kind: ObjectKind) -> usize {
    entries.iter().filter(|(of, _, _)| *of == kind).count()
}

#[test]
fn no_filter_is_everything() {
    let cluster = need!(fixtures::source(need!(peers::installed_major())));
    for database in fixtures::DATABASES.into_iter().chain([
        fixtures::LATIN1,
        fixtures::SQL_ASCII,
        fixtures::HOSTILE,
    ]) {
        let entries = same_as_pg_dump(cluster, database, &[]);
        assert!(entries.len() > 10, "{database}");
    }
}

#[test]
fn schemas() {
    let cluster = need!(fixtures::source(need!(peers::installed_major())));
    let one = same_as_pg_dump(cluster, "accounts", &["-n", "app"]);
    let outside = |(_, schema, _): &&Named| *schema != "app" && !schema.is_empty();
    assert_eq!(one.iter().find(outside), None);
    assert!(count(&one, ObjectKind::TableData) > 3);
    same_as_pg_dump(cluster, "accounts", &["-n", "a*", "-N", "audit"]);
    same_as_pg_dump(cluster, "accounts", &["-N", "APP", "-N", "\"Staff Only\""]);
    same_as_pg_dump(
        cluster,
        "accounts",
        &["-n", "\"Staff Only\"", "-n", "public"],
    );
    same_as_pg_dump(cluster, "results", &["-n", "kinds", "-T", "kinds.*"]);
    same_as_pg_dump(cluster, "results", &["-N", "kinds"]);
}

#[test]
fn tables() {
    let cluster = need!(fixtures::source(need!(peers::installed_major())));
    let one = same_as_pg_dump(cluster, "accounts", &["-t", "app.person"]);
    assert_eq!(count(&one, ObjectKind::Table), 1);
    assert_eq!(count(&one, ObjectKind::TableData), 1);
    same_as_pg_dump(cluster, "accounts", &["-t", "balances", "-t", "app.*ship"]);
    same_as_pg_dump(cluster, "accounts", &["-t", "*.*", "-T", "app.*"]);
    same_as_pg_dump(cluster, "accounts", &["-T", "app.person", "-T", "BALANCES"]);
    // A sequence, a view, a materialized view, a partition and its parent.
    same_as_pg_dump(cluster, "accounts", &["-t", "app.up", "-t", "app.people"]);
    same_as_pg_dump(cluster, "metrics", &["-t", "reading_201707"]);
    same_as_pg_dump(cluster, "metrics", &["-t", "reading"]);
    same_as_pg_dump(cluster, "metrics", &["-t", "public.daily"]);
    same_as_pg_dump(cluster, "metrics", &["-T", "reading_201707"]);
    same_as_pg_dump(cluster, "results201709", &["-T", "runs.run_0[1-5]?"]);
    // Of a name with a dot, quotes, wildcards.
    same_as_pg_dump(cluster, "results", &["-t", "kinds.\"a.b\""]);
    same_as_pg_dump(cluster, "results", &["-t", "kinds.\"*?[a-z]\""]);
    same_as_pg_dump(cluster, "results", &["-t", "kinds.\"Same\""]);
    same_as_pg_dump(cluster, "results", &["-t", "results.kinds.SAME"]);
    // Tables of extensions are left to their extensions.
    same_as_pg_dump(
        cluster,
        "results201709",
        &["-t", "pgark_fixture.*", "-t", "odd.*"],
    );
}

#[test]
fn children_and_extensions() {
    // Options that name children came with 16.
    let newer = need!(peers::client(18));
    let cluster = need!(fixtures::source(need!(peers::installed_major())));
    for options in [
        &["--table-and-children", "app.*"][..],
        &["--table-and-children", "*.*", "-T", "app.person"],
        &["--exclude-table-and-children", "app.*"],
        &["--exclude-table-data-and-children", "*.*"],
        &["-e", "*"],
        &["-e", "*", "-n", "app"],
        &["--exclude-extension", "*"],
        &["-e", "*", "--exclude-extension", "*"],
    ] {
        for database in ["accounts", "metrics", "results"] {
            let is_of_app = options.iter().any(|option| option.starts_with("app"));
            if database == "accounts" || !is_of_app {
                same_as(&newer, cluster, database, options);
            }
        }
    }
}

#[test]
fn patterns_come_from_a_file_too() {
    let cluster = need!(fixtures::source(need!(peers::installed_major())));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("filter");
    let text = "include table app.person\nexclude table_data *.* # all\ninclude schema app\n";
    std::fs::write(&file, text).unwrap();
    let file = file.to_str().unwrap();
    let newer = need!(peers::client(18));
    let entries = same_as(&newer, cluster, "accounts", &["--filter", file]);
    assert_eq!(count(&entries, ObjectKind::Table), 1);
    assert_eq!(count(&entries, ObjectKind::TableData), 0);
    std::fs::write(folder.path().join("filter"), "include trigger t\n").unwrap();
    let refused = Archive::none_yet().try_dump(cluster, &["accounts", "--filter", file]);
    let said = refused.code(2).stderr();
    assert!(
        said.contains("line 1: include is not possible for \"trigger\" in a dump"),
        "{said}"
    );
}

#[test]
fn without_rows() {
    let cluster = need!(fixtures::source(need!(peers::installed_major())));
    let all = same_as_pg_dump(cluster, "accounts", &[]);
    let some = same_as_pg_dump(cluster, "accounts", &["--exclude-table-data", "app.*"]);
    let fewer = count(&some, ObjectKind::TableData);
    assert!(fewer > 0 && fewer < count(&all, ObjectKind::TableData));
    assert!(count(&some, ObjectKind::SequenceSet) < count(&all, ObjectKind::SequenceSet));
    assert_eq!(
        count(&some, ObjectKind::Table),
        count(&all, ObjectKind::Table)
    );
    same_as_pg_dump(
        cluster,
        "metrics",
        &[
            "--exclude-table-data=daily",
            "--exclude-table-data=reading*",
        ],
    );
    same_as_pg_dump(
        cluster,
        "results201709",
        &["--exclude-table-data=pgark_fixture.note"],
    );
}

#[test]
fn definitions_or_rows_only() {
    let cluster = need!(fixtures::source(need!(peers::installed_major())));
    for database in ["accounts", "filestore", "metrics", "results201709"] {
        let definitions = same_as_pg_dump(cluster, database, &["-s"]);
        assert_eq!(count(&definitions, ObjectKind::TableData), 0);
        let rows = same_as_pg_dump(cluster, database, &["-a"]);
        assert_eq!(count(&rows, ObjectKind::Table), 0);
        assert!(count(&rows, ObjectKind::TableData) > 0);
    }
    same_as_pg_dump(cluster, "accounts", &["-a", "-n", "app"]);
    same_as_pg_dump(cluster, "accounts", &["-s", "-t", "app.person"]);
}

#[test]
fn large_objects() {
    let cluster = need!(fixtures::source(need!(peers::installed_major())));
    for options in [
        &["-b"][..],
        &["-B"],
        &["-n", "public"],
        &["-n", "public", "-b"],
        &["-t", "*", "-b"],
        &["-a", "-B"],
        &["-s", "-b"],
        &["-a", "-t", "*"],
    ] {
        same_as_pg_dump(cluster, "filestore", options);
    }
    let archive = Archive::dump(cluster, &["filestore", "-B"]);
    assert_eq!(archive.database("filestore").large_objects, None);
    let archive = Archive::dump(cluster, &["filestore"]);
    assert!(archive.database("filestore").large_objects.is_some());
}

#[test]
fn databases() {
    let cluster = need!(Cluster::start(need!(peers::installed_major())));
    for name in ["b", "a", "A.b", "a_template", "closed"] {
        cluster.create_database(name);
    }
    cluster.psql(
        "postgres",
        "ALTER DATABASE a_template IS_TEMPLATE true; ALTER DATABASE closed ALLOW_CONNECTIONS false",
    );
    let names = |args: &[&str]| -> Vec<String> {
        let databases = Archive::dump(&cluster, args)
            .verified()
            .manifest()
            .databases;
        databases.iter().map(|db| db.name.to_string()).collect()
    };
    let all = ["A.b", "a", "a_template", "b", "postgres"];
    assert_eq!(names(&["--all-databases"]), all);
    let all_but = ["--all-databases", "--exclude-database", "post*"];
    assert_eq!(names(&all_but), ["A.b", "a", "a_template", "b"]);
    // A dot separates nothing in the name of a database; letters are folded.
    let all_but = [
        "--all-databases",
        "--exclude-database=A",
        "--exclude-database=\"A\".b",
    ];
    assert_eq!(names(&all_but), ["a_template", "b", "postgres"]);
    // In the order in which they are named; a template if it is named.
    assert_eq!(names(&["b", "a_template", "a"]), ["b", "a_template", "a"]);
    assert_eq!(names(&["-d", "a"]), ["a"]);
}

/// Options, the tables that databases a, b and c then have, and what is said.
type OverThree = (&'static [&'static str], [&'static str; 3], &'static str);

const OVER_THREE: [OverThree; 6] = [
    (
        &["-t", "one"],
        ["a: one", "b: ", "c: "],
        "b: it has nothing that was asked for",
    ),
    (
        &["-n", "s"],
        ["a: ", "b: two", "c: "],
        "a: it has nothing that was asked for",
    ),
    (
        &["-t", "a.public.shared"],
        ["a: shared", "b: ", "c: "],
        "c: it has nothing that was asked for",
    ),
    (
        &["-T", "one", "-T", "b.public.shared"],
        ["a: shared", "b: two", "c: "],
        "",
    ),
    (
        &["-t", "shared", "-t", "nobody"],
        ["a: shared", "b: shared", "c: "],
        "-t nobody: nothing has such a name",
    ),
    // Wildcards say "if there are any".
    (
        &["-T", "tmp_*"],
        ["a: one shared", "b: shared two", "c: "],
        "-T tmp_*: nothing has such a name",
    ),
];

#[test]
fn a_pattern_is_for_all_databases() {
    let cluster = need!(Cluster::start(need!(peers::installed_major())));
    for name in ["a", "b", "c"] {
        cluster.create_database(name);
    }
    cluster.psql(
        "a",
        "CREATE TABLE one (i int); CREATE TABLE shared (i int); INSERT INTO one VALUES (1)",
    );
    cluster.psql(
        "b",
        "CREATE SCHEMA s; CREATE TABLE s.two (i int); CREATE TABLE shared (i int)",
    );
    let tables = |archive: &Archive| -> Vec<String> {
        let databases = archive.manifest().databases;
        let tables = databases.iter().map(|database| {
            let names = database.tables.iter().map(|table| table.name.to_string());
            format!("{}: {}", database.name, names.collect::<Vec<_>>().join(" "))
        });
        tables.collect()
    };
    let dump = |options: &[&str]| {
        let archive = Archive::none_yet();
        let finished = archive.try_dump(&cluster, &[&["a", "b", "c"], options].concat());
        (archive, finished)
    };
    for (options, expected, said) in OVER_THREE {
        let (archive, finished) = dump(options);
        let finished = finished.success();
        assert!(finished.stderr().contains(said), "{}", finished.describe());
        assert_eq!(tables(&archive), expected, "{options:?}");
        assert!(
            said.is_empty() == finished.stderr().is_empty(),
            "{}",
            finished.describe()
        );
        archive.verified();
    }
    // An archive of which a database holds nothing restores like any other.
    let (archive, _) = dump(&["-t", "one", "--no-globals"]);
    let target = need!(Cluster::start(need!(peers::installed_major())));
    archive.restore(&target, &["--create"]);
    assert_eq!(target.psql("a", "SELECT i FROM one"), "1");
    assert_eq!(
        target.psql(
            "b",
            "SELECT count(*) FROM pg_class WHERE relname IN ('shared', 'two')"
        ),
        "0"
    );
}

#[test]
fn a_name_that_nothing_has_is_an_error() {
    let cluster = need!(Cluster::start(need!(peers::installed_major())));
    for name in ["a", "b"] {
        cluster.create_database(name);
    }
    cluster.psql("a", "CREATE TABLE one (i int)");
    for (option, name, kind) in [
        ("-t", "oen", "table"),
        ("-n", "publik", "schema"),
        ("-N", "publik", "schema"),
        ("-T", "oen", "table"),
        ("--exclude-table-data", "oen", "table"),
        ("-t", "oen*", "table"),
        ("-n", "publik?", "schema"),
    ] {
        let archive = Archive::none_yet();
        let said = archive
            .try_dump(&cluster, &["a", "b", option, name])
            .code(1)
            .stderr();
        let expected = format!("pgark: error: {option} {name}: no {kind} has such a name\n");
        assert!(said.starts_with(&expected), "{said}");
        assert_eq!(archive.left_behind(), [""; 0], "{option} {name}");
    }
    let archive = Archive::none_yet();
    let elsewhere = archive
        .try_dump(&cluster, &["a", "-t", "b.public.one"])
        .code(1)
        .stderr();
    let expected = "-t b.public.one: this is about a database that is not dumped";
    assert!(elsewhere.contains(expected), "{elsewhere}");
}

#[test]
fn globals() {
    let cluster = need!(Cluster::start(need!(peers::installed_major())));
    fixtures::load_roles(&cluster);
    let globals = |option: &[&str]| {
        let archive = Archive::dump(&cluster, &[&["postgres"], option].concat());
        let folder = tempfile::tempdir().unwrap();
        archive.unpack(folder.path());
        let toc = std::fs::read(folder.path().join("globals/toc.dat"));
        (archive.manifest().globals, toc)
    };
    let (facts, toc) = globals(&[]);
    let (facts, toc) = (facts.unwrap(), toc.unwrap());
    let entries = named(&read_toc_dat(&toc).unwrap()).0;
    let roles: u64 = cluster
        .psql(
            "postgres",
            "SELECT count(*) FROM pg_roles WHERE rolname !~ '^pg_'",
        )
        .parse()
        .unwrap();
    assert_eq!(
        (facts.roles, count(&entries, ObjectKind::Role) as u64),
        (roles, roles)
    );
    assert_eq!(count(&entries, ObjectKind::RolePassword), 4);
    assert!(toc.contains_str("SCRAM-SHA-256$"));
    assert_eq!(
        facts.passwords,
        pgark::archive::manifest::Passwords::Included
    );

    let (facts, toc) = globals(&["--no-role-passwords"]);
    let (facts, toc) = (facts.unwrap(), toc.unwrap());
    assert_eq!(
        facts.passwords,
        pgark::archive::manifest::Passwords::Excluded
    );
    assert_eq!(facts.roles, roles);
    assert!(!toc.contains_str("SCRAM") && !toc.contains_str("md5"));

    let (facts, toc) = globals(&["--no-globals"]);
    assert_eq!(facts, None);
    assert_eq!(toc.unwrap_err().kind(), std::io::ErrorKind::NotFound);
}

#[test]
fn passwords_that_may_not_be_read_are_said_to_be_missing() {
    let cluster = need!(Cluster::start(need!(peers::installed_major())));
    cluster.psql("postgres", "CREATE ROLE plain LOGIN PASSWORD 'secret'");
    let archive = Archive::none_yet();
    let finished = archive.try_dump(&cluster, &["-U", "plain", "postgres"]);
    let stderr = finished.success().stderr();
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    for part in ["pgark: notice: ", "password", "\"plain\""] {
        assert!(stderr.contains(part), "{stderr}");
    }
    let globals = archive.manifest().globals.unwrap();
    assert_eq!(
        globals.passwords,
        pgark::archive::manifest::Passwords::Unreadable
    );
    assert_eq!(globals.roles, 2);
}

#[test]
fn the_journal_of_an_unfinished_restore_is_no_part_of_a_database() {
    let cluster = need!(fixtures::source(need!(peers::installed_major())));
    cluster.create_database("with_journal");
    let sql = [
        include_str!("../src/restore/journal/sql/create.sql"),
        "INSERT INTO pgark_restore.done VALUES (1, 0, NULL, now());
         CREATE TABLE t (id int); INSERT INTO t VALUES (7)",
    ];
    let sql = sql.concat();
    cluster.psql("with_journal", sql);
    let archive = Archive::none_yet();
    let finished = archive.try_dump(cluster, &["with_journal"]).success();
    let said =
        "with_journal: schema pgark_restore, the journal of a restore that has not come to its end";
    assert!(finished.stderr().contains(said), "{}", finished.describe());
    let list = Pgark::new(["inspect", "--list"]).arg(archive.path()).run();
    let list = list.success().stdout();
    assert!(list.contains("TABLE DATA public t"), "{list}");
    assert!(!list.contains("pgark_restore"), "{list}");

    // pg_dump takes it along; a restore does not.
    let script = archive.folder().join("stock.dump");
    let mut stock = cluster.command(need!(peers::client_for(cluster.major())).join("pg_dump"));
    stock.args(["-Fc", "-f"]).arg(&script).arg("with_journal");
    run(&mut stock, b"").success();
    let mut restore = Pgark::new(["restore", "--progress", "none", "-w"]).at(cluster);
    cluster.create_database("without_journal");
    restore = restore.arg(&script).args(["-d", "without_journal"]);
    let finished = restore.run().success();
    let said = "holds the journal of another restore (schema pgark_restore), which is left out";
    assert!(finished.stderr().contains(said), "{}", finished.describe());
    let left = "SELECT count(*) || ' ' || (SELECT id FROM t) FROM pg_namespace WHERE nspname = 'pgark_restore'";
    assert_eq!(cluster.psql("without_journal", left), "0 7");
    for name in ["with_journal", "without_journal"] {
        cluster.drop_database(name);
    }
}

#[test]
fn a_name_without_a_schema_means_what_is_visible_on_the_users_path() {
    let cluster = need!(Cluster::start(need!(peers::installed_major())));
    cluster.create_database("paths");
    cluster.psql(
        "paths",
        "CREATE SCHEMA a; CREATE SCHEMA b; CREATE SCHEMA c;
         CREATE TABLE a.t (x int); CREATE TABLE b.t (x int); CREATE TABLE b.u (x int); CREATE TABLE c.u (x int);
         CREATE TABLE b.hidden (x int); CREATE INDEX hidden ON a.t (x); CREATE TABLE public.v (x int);
         ALTER DATABASE paths SET search_path = a, nosuch, b, pg_catalog;",
    );
    let tables = |entries: HashSet<Named>| {
        let tables = entries
            .into_iter()
            .filter(|(kind, _, _)| *kind == ObjectKind::Table);
        let mut tables: Vec<String> = tables
            .map(|(_, schema, name)| format!("{schema}.{name}"))
            .collect();
        tables.sort();
        tables.join(" ")
    };
    for (options, expected) in [
        (&["-t", "t"][..], "a.t"),
        (&["-t", "u"], "b.u"),
        (&["-t", "[tuv]"], "a.t b.u"),
        (&["-t", "*.u"], "b.u c.u"),
        (&["-T", "t"], "b.hidden b.t b.u c.u public.v"),
    ] {
        let found = tables(same_as_pg_dump(&cluster, "paths", options));
        assert_eq!(found, expected, "{options:?}");
    }
    // The role's path, and then the caller's, come before the database's.
    cluster.psql(
        "postgres",
        "ALTER ROLE postgres IN DATABASE paths SET search_path = c, public",
    );
    let found = tables(same_as_pg_dump(&cluster, "paths", &["-t", "[tuv]"]));
    assert_eq!(found, "c.u public.v");
}
