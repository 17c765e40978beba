//! Tables at the edges: rows larger than a chunk, no columns, no rows, very many tables, values that fill
//! the pages of TOAST and not those of the table.

use crate::need;
use crate::support::archive::Archive;
use crate::support::equality::assert_equal;
use crate::support::fixtures;
use crate::support::peers;

#[test]
fn a_row_larger_than_a_chunk_is_a_chunk_of_its_own() {
    let major = need!(peers::installed_major());
    let source = need!(fixtures::source(major));
    let target = need!(fixtures::target(major));
    source.create_database("extreme_rows");
    source.psql(
        "extreme_rows",
        "CREATE TABLE t (id int PRIMARY KEY, body bytea);
         INSERT INTO t SELECT i, convert_to(repeat(md5(i::text), CASE i % 5 WHEN 0 THEN 30000 ELSE 10 END), 'UTF8')
         FROM generate_series(1, 40) AS i;
         -- 64 MB of COPY text in one row
         INSERT INTO t VALUES (0, convert_to(repeat('x', 32 * 1024 * 1024), 'UTF8'));",
    );
    let archive = Archive::dump(
        source,
        &["extreme_rows", "--chunk-size", "64kB", "-Z", "zstd:1"],
    );
    let archive = archive.verified();
    let table = archive.table("extreme_rows", "public", "t");
    assert_eq!(table.rows, 41);
    assert!(table.chunks.len() >= 9, "{}", table.chunks.len());
    assert!(table.chunks.iter().all(|chunk| chunk.rows > 0));
    let largest = table.chunks.iter().map(|chunk| chunk.raw_bytes).max();
    assert!(largest.unwrap() > 64 << 20);
    target.create_database("extreme_rows");
    archive.restore(target, &["--no-globals", "-j", "2"]);
    assert_equal(source, "extreme_rows", target, "extreme_rows");
}

#[test]
fn a_large_table_without_columns_is_cut_like_any_other() {
    let major = need!(peers::installed_major());
    let source = need!(fixtures::source(major));
    let target = need!(fixtures::target(major));
    source.create_database("extreme_columns");
    source.psql(
        "extreme_columns",
        "CREATE TABLE nothing (); INSERT INTO nothing SELECT FROM generate_series(1, 2500000);
         CREATE TABLE no_rows (); CREATE TABLE empty (id int, note text);
         CREATE TABLE generated (id int, twice int GENERATED ALWAYS AS (id * 2) STORED);
         INSERT INTO generated SELECT generate_series(1, 10);
         CREATE TABLE only_generated (one int GENERATED ALWAYS AS (1) STORED);
         INSERT INTO only_generated SELECT FROM generate_series(1, 3);",
    );
    let archive = Archive::dump(source, &["extreme_columns", "-j", "2"]).verified();
    let table = |name| archive.table("extreme_columns", "public", name);
    let nothing = table("nothing");
    assert_eq!((nothing.rows, nothing.columns), (2_500_000, 0));
    assert!(nothing.chunks.len() >= 2, "in ranges of pages");
    assert_eq!((table("empty").rows, table("empty").chunks.len()), (0, 1));
    assert_eq!(
        (table("no_rows").rows, table("no_rows").chunks.len()),
        (0, 1)
    );
    assert_eq!(
        (table("generated").rows, table("generated").columns),
        (10, 1)
    );
    assert_eq!(
        (
            table("only_generated").rows,
            table("only_generated").columns
        ),
        (3, 0)
    );
    target.create_database("extreme_columns");
    archive.restore(target, &["--no-globals", "-j", "2"]);
    assert_equal(source, "extreme_columns", target, "extreme_columns");
}

#[test]
fn what_is_in_toast_counts_when_a_table_is_cut() {
    let major = need!(peers::installed_major());
    let source = need!(fixtures::source(major));
    let target = need!(fixtures::target(major));
    source.create_database("extreme_toast");
    source.psql(
        "extreme_toast",
        "CREATE TABLE t (id int, a text, b text, c text);
         ALTER TABLE t ALTER a SET STORAGE EXTERNAL, ALTER b SET STORAGE EXTERNAL, ALTER c SET STORAGE EXTERNAL;
         INSERT INTO t SELECT i, repeat(md5('a' || i), 1000), repeat(md5('b' || i), 1000), repeat(md5('c' || i), 1000)
         FROM generate_series(1, 1000) AS i;",
    );
    let blocks = source.psql("extreme_toast", "SELECT pg_relation_size('t') / 8192");
    assert!(blocks.parse::<u64>().unwrap() < 20, "{blocks}");
    let archive = Archive::dump(source, &["extreme_toast", "-j", "2", "--chunk-size", "1GB"]);
    let archive = archive.verified();
    let table = archive.table("extreme_toast", "public", "t");
    assert_eq!((table.rows, table.chunks.len()), (1000, 2));
    target.create_database("extreme_toast");
    archive.restore(target, &["--no-globals", "-j", "2"]);
    assert_equal(source, "extreme_toast", target, "extreme_toast");
}

#[test]
fn very_many_tables() {
    let major = need!(peers::installed_major());
    let source = need!(fixtures::source(major));
    let target = need!(fixtures::target(major));
    source.create_database("extreme_many");
    source.psql(
        "extreme_many",
        "SELECT format('CREATE TABLE t%s (id serial PRIMARY KEY, note text)', i) FROM generate_series(1, 1200) AS i \\gexec
         SELECT format('INSERT INTO t%1$s (note) SELECT ''row of %1$s'' FROM generate_series(1, %2$s)', i, i % 7)
         FROM generate_series(1, 1200) AS i \\gexec",
    );
    let archive = Archive::dump(source, &["extreme_many", "-j", "3"]).verified();
    let database = archive.database("extreme_many");
    assert_eq!(database.tables.len(), 1200);
    let rows: u64 = (1..=1200).map(|i| i % 7).sum();
    let dumped: u64 = database.tables.iter().map(|table| table.rows).sum();
    assert_eq!(dumped, rows);
    target.create_database("extreme_many");
    archive.restore(target, &["--no-globals", "-j", "3"]);
    assert_equal(source, "extreme_many", target, "extreme_many");
}
