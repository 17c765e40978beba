//! `--all-databases`: every database of a server that allows connections, templates too, what is left out and
//! why, and the way back with `--create` into a server that has some of them already.

use serde_json::{Value, json};

use crate::need;
use crate::support::archive::{Archive, dump_at};
use crate::support::cluster::Cluster;
use crate::support::peers;
use crate::support::pgark::Pgark;

/// The databases of a dump, and those that it left out, each with its reason.
fn all(cluster: &Cluster, options: &[&str]) -> (Vec<String>, Value) {
    let archive = Archive::none_yet();
    let dump = dump_at(cluster).arg("-f").arg(archive.path());
    let finished = dump.args(["--all-databases", "--json"]).args(options).run();
    let finished = finished.success();
    assert_eq!(finished.stderr(), "");
    let said: Value = serde_json::from_slice(&finished.stdout).unwrap();
    let databases = archive.manifest().databases;
    let names = databases.iter().map(|database| database.name.to_string());
    (names.collect(), said["left_out"].clone())
}

/// Whether `--all-databases` would dump template1.
fn would_dump_template1(cluster: &Cluster) -> bool {
    let plan = dump_at(cluster).args(["--all-databases", "--dry-run", "-s", "-f", "none.tar"]);
    let plan = plan.run().success().stdout();
    let is_dumped = plan.contains("database \"template1\"");
    let fresh = "template1 (as every server has it)";
    assert_eq!(is_dumped, !plan.contains(fresh), "{plan}");
    is_dumped
}

#[test]
fn a_fresh_template1_is_left_out_on_every_version() {
    for major in 13..=19 {
        let cluster = need!(Cluster::start(major));
        assert!(!would_dump_template1(&cluster), "{major}");
        cluster.psql("template1", "CREATE TABLE public.t (i int)");
        assert!(would_dump_template1(&cluster), "{major}");
    }
}

/// What a superuser may have done to template1, each undone before the next.
const CHANGES: [(&str, &str); 14] = [
    ("CREATE SCHEMA s", "DROP SCHEMA s"),
    ("CREATE TYPE public.m AS ENUM ('a')", "DROP TYPE public.m"),
    (
        "CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "DROP FUNCTION public.f()",
    ),
    ("SELECT lo_create(4711)", "SELECT lo_unlink(4711)"),
    (
        "CREATE CAST (int AS bytea) WITH INOUT",
        "DROP CAST (int AS bytea)",
    ),
    (
        "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC",
        "ALTER DEFAULT PRIVILEGES REVOKE SELECT ON TABLES FROM PUBLIC",
    ),
    (
        "GRANT EXECUTE ON FUNCTION pg_catalog.pg_ls_logdir() TO someone",
        "REVOKE EXECUTE ON FUNCTION pg_catalog.pg_ls_logdir() FROM someone",
    ),
    (
        "GRANT SELECT (rolpassword) ON pg_catalog.pg_authid TO someone",
        "REVOKE SELECT (rolpassword) ON pg_catalog.pg_authid FROM someone",
    ),
    (
        "GRANT CREATE ON SCHEMA public TO someone",
        "REVOKE CREATE ON SCHEMA public FROM someone",
    ),
    (
        "COMMENT ON SCHEMA public IS 'ours'",
        "COMMENT ON SCHEMA public IS 'standard public schema'",
    ),
    (
        "ALTER DATABASE template1 SET work_mem = '5MB'",
        "ALTER DATABASE template1 RESET ALL",
    ),
    (
        "COMMENT ON DATABASE template1 IS 'ours'",
        "COMMENT ON DATABASE template1 IS 'default template for new databases'",
    ),
    (
        "GRANT TEMPORARY ON DATABASE template1 TO someone",
        "REVOKE TEMPORARY ON DATABASE template1 FROM someone",
    ),
    (
        "ALTER DATABASE template1 CONNECTION LIMIT 50",
        "ALTER DATABASE template1 CONNECTION LIMIT -1",
    ),
];

#[test]
fn whatever_was_done_to_template1_is_seen() {
    let cluster = need!(Cluster::start(need!(peers::installed_major())));
    cluster.psql("postgres", "CREATE ROLE someone");
    for (change, undo) in CHANGES {
        cluster.psql("template1", change);
        assert!(would_dump_template1(&cluster), "{change}");
        cluster.psql("template1", undo);
        assert!(!would_dump_template1(&cluster), "{undo}");
    }
}

#[test]
fn what_is_left_out_is_said() {
    let cluster = need!(Cluster::start(need!(peers::installed_major())));
    for name in ["a", "b", "closed", "half_dropped", "template_x"] {
        cluster.create_database(name);
    }
    cluster.psql(
        "postgres",
        "ALTER DATABASE template_x IS_TEMPLATE true; ALTER DATABASE closed ALLOW_CONNECTIONS false;
         UPDATE pg_database SET datconnlimit = -2 WHERE datname = 'half_dropped'",
    );
    let (names, left_out) = all(&cluster, &["--exclude-database", "b"]);
    assert_eq!(names, ["a", "postgres", "template_x"]);
    let expected = json!([
        {"name": "b", "why": "excluded"},
        {"name": "closed", "why": "no_connections"},
        {"name": "half_dropped", "why": "invalid"},
        {"name": "template1", "why": "fresh"},
    ]);
    assert_eq!(left_out, expected);

    let archive = Archive::dump(&cluster, &["--all-databases"]);
    let inspected = Pgark::new(["inspect"]).arg(archive.path()).run().success();
    let line = "left out  closed (allows no connections), half_dropped (invalid: its DROP DATABASE did not end), \
        template1 (as every server has it)\n";
    assert!(
        inspected.stdout().contains(line),
        "{}",
        inspected.describe()
    );
    // A role that may not enter template1 has no less than it had.
    cluster.psql(
        "postgres",
        "CREATE ROLE limited LOGIN SUPERUSER; UPDATE pg_database SET datallowconn = false WHERE datname = 'template1'",
    );
    let (names, left_out) = all(&cluster, &[]);
    assert_eq!(names, ["a", "b", "postgres", "template_x"]);
    assert_eq!(
        left_out[2],
        json!({"name": "template1", "why": "no_connections"})
    );
    // Listed databases leave out nothing that anybody asked for.
    let listed = Archive::dump(&cluster, &["a", "b"]);
    assert_eq!(listed.manifest().left_out, []);
}

#[test]
fn an_exclusion_that_names_no_database_is_refused() {
    let cluster = need!(Cluster::start(need!(peers::installed_major())));
    let archive = Archive::none_yet();
    let finished = archive.try_dump(
        &cluster,
        &["--all-databases", "--exclude-database", "postgers"],
    );
    let said = finished.code(1).stderr();
    assert!(
        said.contains("--exclude-database postgers: no database has such a name"),
        "{said}"
    );
    assert_eq!(archive.left_behind(), [""; 0]);
    // Wildcards say "if there are any".
    let (names, _) = all(&cluster, &["--exclude-database", "old_*"]);
    assert_eq!(names, ["postgres"]);
}

const CONTENT: &str = "CREATE TABLE public.spatial (id int PRIMARY KEY, name text);
    INSERT INTO public.spatial SELECT n, 'ref ' || n FROM generate_series(1, 100) n;
    CREATE FUNCTION public.area() RETURNS int LANGUAGE sql AS 'SELECT 42'";
const IN_TEMPLATES: &str = "SELECT datname || ' ' || datistemplate FROM pg_database ORDER BY 1";

#[test]
fn templates_come_back_with_create() {
    let major = need!(peers::installed_major());
    let (source, target) = (need!(Cluster::start(major)), need!(Cluster::start(major)));
    source.create_database("template_x");
    source.create_database("jobs");
    for template in ["template_x", "template1"] {
        source.psql(template, CONTENT);
    }
    source.psql(
        "postgres",
        "ALTER DATABASE template_x IS_TEMPLATE true; ALTER DATABASE postgres SET work_mem = '7MB';
         COMMENT ON DATABASE template1 IS 'with what everybody needs'; CREATE TABLE public.of_postgres (i int)",
    );
    let archive = Archive::dump(&source, &["--all-databases"]).verified();
    // A rehearsal makes a template, and drops it.
    let before = target.psql("postgres", IN_TEMPLATES);
    archive.try_restore(&target, &["--rehearse"]).success();
    assert_eq!(target.psql("postgres", IN_TEMPLATES), before);

    let plan = archive
        .try_restore(&target, &["--create", "--dry-run"])
        .success();
    let plan = plan.stdout();
    for line in [
        "database \"postgres\", filled, as every server has it",
        "database \"template1\", filled, as every server has it",
        "database \"template_x\", created",
    ] {
        assert!(plan.contains(line), "{plan}");
    }
    archive.restore(&target, &["--create", "--verify", "-q"]);
    assert_eq!(
        target.psql("postgres", IN_TEMPLATES),
        "jobs false\npostgres false\ntemplate0 true\ntemplate1 true\ntemplate_x true"
    );
    let rows = "SELECT count(*) || ' ' || sum(id) || ' ' || public.area() FROM public.spatial";
    for template in ["template_x", "template1"] {
        assert_eq!(target.psql(template, rows), "100 5050 42", "{template}");
    }
    assert_eq!(target.psql("postgres", "SHOW work_mem"), "7MB");
    assert_eq!(
        target.psql("postgres", "SELECT count(*) FROM public.of_postgres"),
        "0"
    );
    let comment =
        "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = 'template1'";
    assert_eq!(
        target.psql("postgres", comment),
        "with what everybody needs"
    );
    target.psql(
        "postgres",
        "CREATE DATABASE new; CREATE DATABASE newer TEMPLATE template_x",
    );
    for new in ["new", "newer"] {
        assert_eq!(target.psql(new, rows), "100 5050 42");
    }
    target.psql("postgres", "DROP DATABASE new; DROP DATABASE newer");

    again(&archive, &target, rows);
}

/// What is there is in the way, and a template can be replaced, of the two of every server one in a call.
fn again(archive: &Archive, target: &Cluster, rows: &str) {
    let finished = archive.try_restore(target, &["--create"]).code(1);
    for text in [
        "database \"template1\" on the target server is not empty",
        "database \"jobs\" exists",
    ] {
        assert!(finished.stderr().contains(text), "{}", finished.describe());
    }
    let finished = archive
        .try_restore(target, &["--create", "--clean"])
        .code(1);
    assert!(
        finished.stderr().contains("cannot be replaced in one call"),
        "{}",
        finished.describe()
    );
    for databases in [&["template1", "template_x"][..], &["postgres", "jobs"]] {
        let replace = [&["--create", "--clean", "--verify", "-q"], databases].concat();
        archive.restore(target, &replace);
    }
    assert_eq!(target.psql("template1", rows), "100 5050 42");
    assert_eq!(
        target
            .psql("postgres", IN_TEMPLATES)
            .matches("true")
            .count(),
        3
    );
}

#[test]
fn a_script_fills_what_every_server_has() {
    let major = need!(peers::installed_major());
    let (source, target) = (need!(Cluster::start(major)), need!(Cluster::start(major)));
    source.create_database("template_x");
    source.psql("postgres", "ALTER DATABASE template_x IS_TEMPLATE true");
    for name in ["template_x", "template1", "postgres"] {
        source.psql(name, CONTENT);
    }
    let archive = Archive::dump(&source, &["--all-databases", "--no-globals"]);
    let script = archive.folder().join("all.sql");
    let write = Pgark::new(["restore", "--create", "-f"]).arg(&script);
    write.arg(archive.path()).run().success();
    // psql stops at the first error; template_x is not there yet, the others are.
    target.psql("postgres", std::fs::read(&script).unwrap());
    for name in ["template_x", "template1", "postgres"] {
        assert_eq!(
            target.psql(name, "SELECT count(*) FROM public.spatial"),
            "100"
        );
    }
    assert!(
        target
            .psql("postgres", IN_TEMPLATES)
            .contains("template_x true")
    );
}

#[test]
fn a_restore_of_several_into_the_one_of_d_is_refused() {
    let cluster = need!(Cluster::start(need!(peers::installed_major())));
    for name in ["accounts", "jobs", "x"] {
        cluster.create_database(name);
    }
    cluster.psql("jobs", "CREATE TABLE job (i int)");
    let archive = Archive::dump(&cluster, &["accounts", "jobs", "--no-globals"]);
    for options in [
        &[][..],
        &["accounts", "jobs"],
        &["--clean"],
        &["accounts", "jobs=jobs2"],
    ] {
        let said = archive
            .try_restore(&cluster, &[&["-d", "x"], options].concat())
            .code(2)
            .stderr();
        let expected = "pgark: error: -d names one database to restore into, \"x\", and 2 are to be restored: \
            \"accounts\", \"jobs\"\nhint: Name the one that goes into \"x\": pgark restore ARCHIVE DBNAME -d x. ";
        assert!(said.starts_with(expected), "{said}");
    }
    assert_eq!(
        cluster.psql("x", "SELECT count(*) FROM pg_class WHERE relname = 'job'"),
        "0"
    );
    let said = archive
        .try_restore(&cluster, &["-d", "x", "jobs"])
        .success()
        .stderr();
    assert!(
        said.contains("database \"jobs\" is restored into \"x\", as -d says"),
        "{said}"
    );
    assert_eq!(cluster.psql("x", "SELECT count(*) FROM job"), "0");
    // Where each has its place, -d is the first connection, as with --create.
    cluster.create_database("y");
    cluster.create_database("z");
    archive.restore(&cluster, &["-d", "postgres", "accounts=y", "jobs=z"]);
    assert_eq!(cluster.psql("z", "SELECT count(*) FROM job"), "0");
    // A list that speaks of one database chooses it.
    let list = archive.folder().join("list");
    let lists = Pgark::new(["restore", "-l"])
        .arg(archive.path())
        .arg("jobs")
        .run()
        .success();
    std::fs::write(&list, lists.stdout()).unwrap();
    cluster.create_database("v");
    archive
        .try_restore(&cluster, &["-d", "v", "-L", list.to_str().unwrap()])
        .success();
    assert_eq!(cluster.psql("v", "SELECT count(*) FROM job"), "0");
}
