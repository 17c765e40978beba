//! The planner's statistics: carried in the archive, given back, and gathered where there are none.

use crate::need;
use crate::support::archive::Archive;
use crate::support::cluster::Cluster;
use crate::support::fixtures::{self, DATABASES};
use crate::support::peers;
use crate::support::run::run;

/// What the planner knows of the columns of users' tables and indexes. Those of an extension come with it, and what
/// is known of them is no part of an archive. Tables with extended statistics are analyzed where the source or the
/// target is older than 19.
const KNOWN: &str =
    "SELECT schemaname, tablename, attname, inherited, null_frac, avg_width, n_distinct,
         most_common_vals, most_common_freqs, histogram_bounds, correlation, most_common_elems,
         most_common_elem_freqs, elem_count_histogram
    FROM pg_stats WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'pgark_fixture')
      AND tablename NOT IN (SELECT c.relname FROM pg_statistic_ext AS s JOIN pg_class AS c ON c.oid = s.stxrelid)
    ORDER BY schemaname, tablename, attname, inherited";

/// The same of whole relations. Pages are those of the new files.
const COUNTED: &str = "SELECT string_agg(c.oid::regclass::text || ' ' || c.reltuples, ', ' ORDER BY c.oid::regclass::text)
    FROM pg_class AS c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'm')";

/// Everything that can be: some tables have foreign children, whose server is nowhere.
const ANALYZE_ALL: &str = "DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT oid::regclass FROM pg_class WHERE relkind IN ('r', 'm', 'p') AND oid >= 16384 LOOP
        BEGIN EXECUTE 'ANALYZE ' || name; EXCEPTION WHEN OTHERS THEN NULL; END;
    END LOOP; END $$";

/// Tables of which everything comes back: not those with extended statistics, which only 19 gives back. Partitions
/// are analyzed with the tables that they are parts of.
const WITH_STATISTICS: &str = "SELECT DISTINCT schemaname, tablename FROM pg_stats
    WHERE schemaname <> 'pgark_fixture' AND (schemaname, tablename) NOT IN (SELECT c.relnamespace::regnamespace::text, c.relname
        FROM pg_class AS c LEFT JOIN pg_statistic_ext AS s ON c.oid = s.stxrelid
        WHERE s.oid IS NOT NULL OR c.relispartition)";

/// How often each table was analyzed by hand.
const ANALYZED: &str = "SELECT string_agg(relname || ' ' || analyze_count, ', ' ORDER BY relname)
    FROM pg_stat_user_tables";

/// Tables, one that nobody analyzed, partitions, a view that is refreshed, expressions, arrays and ranges.
const TABLES: &str = r"CREATE TABLE known (i int PRIMARY KEY, t text, r int4range, a int[]);
    INSERT INTO known SELECT g, 'it''s \ ' || g % 7, int4range(g, g + 10), ARRAY[g % 5, g % 3]
        FROM generate_series(1, 5000) AS g;
    CREATE INDEX expressions ON known (lower(t), (i + 1));
    CREATE TABLE never (i int);
    INSERT INTO never SELECT generate_series(1, 10);
    CREATE TABLE parts (i int, j int) PARTITION BY RANGE (i);
    CREATE TABLE part PARTITION OF parts FOR VALUES FROM (0) TO (100);
    INSERT INTO parts SELECT g % 100, g FROM generate_series(1, 1000) AS g;
    CREATE MATERIALIZED VIEW seen AS SELECT i % 10 AS k, count(*) AS c FROM known GROUP BY 1;
    CREATE INDEX seen_lower ON seen ((k + 1));
    ANALYZE known, parts, seen;";

fn without_autovacuum(major: u32) -> Result<Cluster, crate::support::peers::Missing> {
    let cluster = Cluster::start_fetched(major)?;
    cluster.psql("postgres", "ALTER SYSTEM SET autovacuum = off");
    cluster.psql("postgres", "SELECT pg_reload_conf()");
    Ok(cluster)
}

/// Every type of the fixtures, from the oldest server, the newest and those between.
#[test]
fn the_fixtures_are_known_as_they_were() {
    for (major, to) in [(13, 18), (18, 19), (19, 19)] {
        let source = need!(without_autovacuum(major));
        let target = need!(without_autovacuum(to));
        fixtures::load(&source, &["1"]);
        for database in DATABASES {
            source.psql(database, ANALYZE_ALL);
        }
        Archive::dump(&source, &DATABASES).restore(&target, &["--create"]);
        for database in DATABASES {
            let expected = source.psql(database, KNOWN);
            assert!(!expected.is_empty(), "{database}");
            let found = target.psql(database, KNOWN);
            let differing = |line: &&str| !expected.lines().any(|own| own == *line);
            let differing: Vec<&str> = found.lines().filter(differing).take(3).collect();
            assert!(
                found == expected,
                "{database}, {major} into {to}: {differing:#?}"
            );
            let known = source.psql(database, WITH_STATISTICS);
            let analyzed =
                "SELECT schemaname, relname FROM pg_stat_user_tables WHERE analyze_count > 0";
            let analyzed = target.psql(database, analyzed);
            for table in analyzed.lines() {
                assert!(
                    !known.lines().any(|own| own == table),
                    "{database}: {table}"
                );
            }
        }
    }
}

#[test]
fn tables_are_analyzed_whose_statistics_are_not_there() {
    let server = need!(without_autovacuum(18));
    server.create_database("d");
    server.psql("d", TABLES);
    let archive = Archive::dump(&server, &["d"]);
    let known = "SELECT string_agg(DISTINCT tablename, ' ' ORDER BY tablename) FROM pg_stats \
                 WHERE schemaname = 'public'";
    assert_eq!(
        server.psql("d", known),
        "expressions known part parts seen seen_lower"
    );
    let expected = "SELECT s.* FROM pg_stats AS s WHERE s.tablename <> 'never' AND s.schemaname = 'public' \
                    ORDER BY s.tablename, s.attname, s.inherited";
    let counted = server.psql("d", COUNTED).replace("never -1", "never 10");
    for (options, analyzed, never) in [
        (&[][..], "known 0, never 1, part 0, parts 0, seen 0", true),
        (
            &["--no-analyze"],
            "known 0, never 0, part 0, parts 0, seen 0",
            false,
        ),
        (
            &["--analyze"],
            "known 1, never 1, part 1, parts 1, seen 1",
            true,
        ),
        (
            &["--no-statistics"],
            "known 1, never 1, part 1, parts 1, seen 1",
            true,
        ),
    ] {
        server.create_database("copy");
        let finished = archive.try_restore(&server, &[options, &["-d", "copy"]].concat());
        finished.success();
        assert_eq!(server.psql("copy", ANALYZED), analyzed, "{options:?}");
        let all = "expressions known never part parts seen seen_lower";
        let all = if never {
            all.to_owned()
        } else {
            all.replace(" never", "")
        };
        assert_eq!(server.psql("copy", known), all, "{options:?}");
        if analyzed.starts_with("known 0") {
            let found = server.psql("copy", expected);
            assert!(found == server.psql("d", expected), "{options:?}");
        }
        if never {
            assert_eq!(server.psql("copy", COUNTED), counted, "{options:?}");
        }
        server.drop_database("copy");
    }
}

#[test]
fn a_dump_leaves_them_out_if_it_is_told_to() {
    let server = need!(without_autovacuum(18));
    server.create_database("d");
    server.psql("d", TABLES);
    let count = |options: &[&str]| {
        let archive = Archive::dump(&server, &[&["d"], options].concat());
        let entries = archive.toc("d").entries;
        let entries = entries.iter();
        entries
            .filter(|entry| entry.kind.is_statistics_data())
            .count()
    };
    let all = count(&[]);
    assert_eq!(all, 8);
    for options in [&["--no-statistics"][..], &["-s"], &["-a"]] {
        assert_eq!(count(options), 0, "{options:?}");
    }
    for options in [&["-s", "--statistics"], &["-a", "--statistics"]] {
        assert_eq!(count(options), all, "{options:?}");
    }
}

/// Statistics are samples of rows: they do not get out where the rows may not.
#[test]
fn rows_that_are_left_out_are_in_no_statistics() {
    let server = need!(without_autovacuum(18));
    server.create_database("d");
    server.psql("d", TABLES);
    let archive = Archive::dump(&server, &["d", "--exclude-table-data", "known"]);
    let entries = archive.toc("d").entries;
    let of = entries
        .iter()
        .filter(|entry| entry.kind.is_statistics_data());
    let of: Vec<String> = of.map(|entry| entry.tag.to_string()).collect();
    assert_eq!(of, ["never", "part", "parts"]);
}

/// A server that has no functions for them gathers its own, and nobody is bothered with that.
#[test]
fn an_older_server_gathers_its_own() {
    let source = need!(without_autovacuum(18));
    let target = need!(without_autovacuum(17));
    source.create_database("d");
    source.psql("d", TABLES);
    target.create_database("copy");
    let archive = Archive::dump(&source, &["d"]);
    let finished = archive.try_restore(&target, &["-d", "copy"]).success();
    assert!(
        !finished.stderr().contains("left out"),
        "{}",
        finished.describe()
    );
    let analyzed = "known 1, never 1, part 1, parts 1, seen 1";
    assert_eq!(target.psql("copy", ANALYZED), analyzed);
}

#[test]
fn stock_pg_restore_gives_them_back() {
    let server = need!(without_autovacuum(18));
    let client = need!(peers::client(18));
    server.create_database("d");
    server.psql("d", TABLES);
    let archive = Archive::dump(&server, &["d"]);
    let folder = server.scratch();
    let unpacked = archive.unpack(folder.path());
    server.create_database("copy");
    let mut restore = server.command(client.join("pg_restore"));
    restore
        .args(["-j2", "-d", "copy"])
        .arg(&unpacked[b"d".as_slice()]);
    let finished = run(&mut restore, b"").success();
    assert_eq!(finished.stderr(), "", "{}", finished.describe());
    assert!(server.psql("copy", KNOWN) == server.psql("d", KNOWN));
}
