//! Rows and definitions out of an archive, without a server: `inspect --rows` and `--sql`.

use crate::need;
use crate::support::archive::Archive;
use crate::support::cluster::Cluster;
use crate::support::peers;
use crate::support::pgark::Pgark;
use crate::support::run::{Finished, run};

/// Every escape of COPY's text format, NULL beside nothing, names that need quotes, and a table in many chunks.
const TABLES: &str = r#"CREATE SCHEMA "S. s";
    CREATE TABLE "S. s"."t (x)" (a int, "b "" c" text, n numeric);
    INSERT INTO "S. s"."t (x)" VALUES (1, E'tab\there, "quoted"\nline\r end \\ \x08\x0b\x0c', 1.50),
        (2, NULL, NULL), (3, '', 'NaN'), (4, '\.', 0), (5, 'plain', -1), (6, '\N', 1e20);
    CREATE TABLE many AS SELECT i, repeat(md5(i::text), 20) AS x FROM generate_series(1, 20000) AS i;
    CREATE TABLE few (i int PRIMARY KEY DEFAULT 7, CHECK (i > 0));
    INSERT INTO few VALUES (1);
    COMMENT ON TABLE few IS 'not many'; GRANT SELECT ON few TO PUBLIC;
    CREATE INDEX fewer ON few ((i + 1));
    CREATE VIEW seen AS SELECT 1 AS one;
    CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT $1';"#;

fn inspect(archive: &std::path::Path, args: &[&str]) -> Finished {
    Pgark::new(["inspect"]).arg(archive).args(args).run()
}

fn server() -> Result<Cluster, peers::Missing> {
    let server = Cluster::start(peers::installed_major()?)?;
    server.create_database("d");
    server.psql("d", TABLES);
    Ok(server)
}

#[test]
fn rows_are_those_that_the_server_writes() {
    let server = need!(server());
    let archive = Archive::dump(&server, &["d", "--chunk-size", "64kB"]);
    let rows = |table: &str, options: &[&str]| {
        let args = [&["--rows", table], options].concat();
        inspect(&archive.path(), &args).success().stdout
    };
    for (table, sql) in [
        (
            "\"S. s\".\"t (x)\"",
            "SELECT * FROM \"S. s\".\"t (x)\" ORDER BY a",
        ),
        ("d:public.many", "SELECT * FROM many ORDER BY i"),
    ] {
        let copy = |with: &str| server.psql("d", format!("COPY ({sql}) TO STDOUT {with}"));
        for (options, with) in [
            (&[][..], ""),
            (&["--format", "csv"], "(FORMAT csv, HEADER)"),
        ] {
            let found = String::from_utf8(rows(table, options)).unwrap();
            assert!(
                found.trim_end() == copy(with),
                "{table} {with}:\n{found:.2000}"
            );
        }
        let json = format!(
            "SELECT row_to_json(t) FROM (SELECT {} FROM ({sql}) AS t) AS t",
            if table.contains("many") {
                "i::text, x"
            } else {
                "a::text, \"b \"\" c\", n::text"
            }
        );
        let value = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap();
        let expected: Vec<_> = server.psql("d", json).lines().map(value).collect();
        let found = String::from_utf8(rows(table, &["--format", "jsonl"])).unwrap();
        let found: Vec<_> = found.lines().map(value).collect();
        assert!(found == expected, "{table}: {found:?}");
    }
    let some = rows("many", &["--limit", "3", "--format", "csv"]);
    assert_eq!(
        some.split(|byte| *byte == b'\n').count(),
        5,
        "names, three rows, the end"
    );
    assert!(rows("few", &["--limit", "0"]).is_empty());
}

/// A small table costs its own bytes, and the beginning of a large one its first chunk.
#[test]
fn no_more_is_read_than_the_rows_need() {
    let server = need!(server());
    let archive = Archive::dump(&server, &["d", "--chunk-size", "64kB", "-Z", "none"]);
    let size = std::fs::metadata(archive.path()).unwrap().len();
    assert!(size > 10 << 20, "{size}");
    for table in ["few", "many"] {
        let args = ["-v", "--rows", table, "--limit", "1"];
        let finished = inspect(&archive.path(), &args).success();
        let said = finished.stderr();
        let read = said
            .lines()
            .find_map(|line| line.split("read ").nth(1))
            .unwrap();
        let kib = read
            .split_once(" KiB")
            .map(|(number, _)| number.parse::<f64>().unwrap());
        assert!(kib.is_some_and(|kib| kib < 600.0), "{table}: {read}");
    }
}

#[test]
fn archives_of_pg_dump_are_looked_into_too() {
    let server = need!(server());
    let client = need!(peers::installed_client());
    let file = server.scratch();
    let path = file.path().join("d.dump");
    let mut dump = server.command(client.join("pg_dump"));
    dump.args(["-Fc", "-d", "d", "-f"]).arg(&path);
    run(&mut dump, b"").success();
    let rows = inspect(&path, &["--rows", "few"]).success();
    assert_eq!(rows.stdout(), "1\n");
    let sql = inspect(&path, &["--sql", "public.seen"]).success().stdout();
    assert!(sql.contains("CREATE VIEW public.seen AS"), "{sql}");
}

#[test]
fn definitions_come_with_what_is_the_objects_own() {
    let server = need!(server());
    let archive = Archive::dump(&server, &["d"]);
    let sql = |name: &str| {
        inspect(&archive.path(), &["--sql", name])
            .success()
            .stdout()
    };
    let few = sql("public.few");
    for part in [
        "-- TABLE public.few; owner postgres",
        "CREATE TABLE public.few (",
        "COMMENT ON TABLE public.few IS 'not many';",
        "GRANT SELECT ON TABLE public.few TO PUBLIC;",
        "ADD CONSTRAINT few_pkey PRIMARY KEY (i);",
        "CREATE INDEX fewer ON public.few",
    ] {
        assert!(few.contains(part), "{part} in\n{few}");
    }
    assert!(
        !few.contains("many (") && !few.contains("pg_restore_relation_stats"),
        "{few}"
    );
    assert!(sql("f").contains("CREATE FUNCTION public.f(integer)"));
    assert!(sql("f(integer)").contains("CREATE FUNCTION public.f(integer)"));
}

#[test]
fn a_name_that_means_nothing_or_too_much_is_refused() {
    let server = need!(server());
    server.create_database("e");
    server.psql(
        "e",
        "CREATE SCHEMA s; CREATE TABLE s.x (i int); CREATE TABLE x (i int)",
    );
    let one = Archive::dump(&server, &["d"]);
    let empty = Archive::dump(&server, &["d", "--exclude-table-data", "few"]);
    let two = Archive::dump(&server, &["d", "e"]);
    for (archive, args, said) in [
        (
            &one,
            ["--rows", "fewx"],
            "database \"d\" has no table \"fewx\"",
        ),
        (&one, ["--rows", "fewx"], "Did you mean \"public.few\"?"),
        (
            &one,
            ["--rows", "seen"],
            "database \"d\" has no table \"seen\"",
        ),
        (
            &empty,
            ["--rows", "few"],
            "the archive holds no rows of table \"few\"",
        ),
        (&one, ["--sql", "s.few"], "Did you mean \"public.few\"?"),
        (
            &one,
            ["--rows", "x:few"],
            "the archive holds no database \"x\"",
        ),
        (
            &two,
            ["--rows", "few"],
            "the archive holds several databases: \"d\", \"e\"",
        ),
        (
            &two,
            ["--rows", "e:x"],
            "\"x\" is in several schemas: \"public\", \"s\"",
        ),
    ] {
        let finished = inspect(&archive.path(), &args).code(1);
        assert!(finished.stderr().contains(said), "{}", finished.describe());
        assert_eq!(finished.stdout(), "");
    }
    let wrong = inspect(&one.path(), &["--rows", "a.b.c"]).code(2);
    let said = "expected [DATABASE:][SCHEMA.]NAME";
    assert!(wrong.stderr().contains(said), "{}", wrong.describe());
}

/// The rows before the damage are not printed as if they were all.
#[test]
fn damaged_rows_are_not_printed() {
    let server = need!(server());
    let archive = Archive::dump(&server, &["d", "-Z", "none", "-t", "many"]);
    let mut bytes = std::fs::read(archive.path()).unwrap();
    let middle = bytes.len() / 3;
    bytes[middle] ^= 1;
    std::fs::write(archive.path(), bytes).unwrap();
    let finished = inspect(&archive.path(), &["--rows", "many"]).code(3);
    assert!(
        finished.stderr().contains("public.many"),
        "{}",
        finished.describe()
    );
}

#[test]
fn two_archives_are_held_against_each_other() {
    let server = need!(server());
    server.psql(
        "d",
        "ALTER DATABASE d SET work_mem = '8MB'; CREATE ROLE before",
    );
    let before = Archive::dump(&server, &["d", "--chunk-size", "64kB"]);
    let again = Archive::dump(&server, &["d", "-j2", "--no-statistics"]);
    let diff = |other: &Archive, args: &[&str], status: i32| {
        let other = other.path();
        let args = [&["--diff", other.to_str().unwrap()], args].concat();
        inspect(&before.path(), &args).code(status).stdout()
    };
    // Other chunks, other numbers, other snapshots: the same.
    assert_eq!(diff(&again, &[], 0), "nothing differs\n");
    server.psql(
        "d",
        "UPDATE many SET x = 'other' WHERE i = 7; INSERT INTO few VALUES (2); DROP FUNCTION f(int);
         CREATE OR REPLACE VIEW seen AS SELECT 2 AS one; CREATE TABLE new (i int); DROP ROLE before;
         ALTER DATABASE d SET work_mem = '9MB'",
    );
    let after = Archive::dump(&server, &["d"]);
    let found = diff(&after, &[], 1);
    for line in [
        "~ rows of public.few: 1 row of 1 column -> 2 rows of 1 column",
        "~ rows of public.many: 20,000 rows -> as many, others",
        "- FUNCTION public.f(integer)",
        "~ VIEW public.seen: one definition -> another",
        "+ TABLE public.new",
        "+ rows of public.new",
        "~ DATABASE PROPERTIES d: one definition -> another",
        "- ROLE before",
    ] {
        assert!(found.lines().any(|own| own == line), "{line} in\n{found}");
    }
    assert!(!found.contains("S. s"), "{found}");
    let json: serde_json::Value = serde_json::from_str(&diff(&after, &["--json"], 1)).unwrap();
    assert_eq!(json["equal"], false);
    assert_eq!(json["groups"][0]["database"], "d");
    assert_eq!(diff(&after, &["-q"], 1), "");
}
