//! A sample archive, described and rendered.

use super::*;
use crate::archive::Error::NotAnArchive;
use crate::archive::chunk::Compression;
use crate::archive::testing;
use crate::pgdump::TocCompression;

fn toc_bytes(toc: &Toc) -> Vec<u8> {
    pgdump::write_toc_dat(toc, TocCompression::Zstd).unwrap_or_else(|e| panic!("{e}"))
}

async fn described(depth: Depth) -> Description {
    let store = testing::memory(None).await;
    let sample = testing::small(Compression::default());
    let written = testing::write(&sample, &store, toc_bytes).await;
    written.unwrap_or_else(|e| panic!("{e}"));
    let description = inspect(&store, &InspectOptions { depth }, &Monitor::void()).await;
    match description.unwrap_or_else(|e| panic!("{e}")) {
        Inspected::Ours(description) => *description,
        other => panic!("{other:?}"),
    }
}

/// Sizes after compression may change with the version of zstd; the golden archives pin the format.
fn without_stored_sizes(mut description: Description) -> Description {
    description.file_bytes = 100_000;
    description.totals.stored_bytes = 20_000;
    description.digest = "0123".into();
    let stored = description
        .databases
        .iter_mut()
        .map(|database| &mut database.stored_bytes);
    let tables = description
        .tables
        .iter_mut()
        .map(|table| &mut table.stored_bytes);
    stored.chain(tables).for_each(|bytes| *bytes = 1_000);
    description
}

#[tokio::test]
async fn a_summary_says_what_a_person_wants_to_know() {
    let mut description = without_stored_sizes(described(Depth::Summary).await);
    description.manifest.databases[0].extensions = vec![crate::archive::manifest::Extension {
        name: "hstore".into(),
        version: "1.8".into(),
        schema: "public".into(),
    }];
    insta::assert_snapshot!(render::summary(&description), @r#"
    archive   snap.tar, format 1
    made      2026-11-20 05:33:09 UTC by pgark 0.1.0 with pg_dump 15.18, zstd:1, 4 jobs
    from      PostgreSQL 15.18 on src
    snapshots 2026-11-20 05:33:09.000017 UTC, all within 4.1 ms
    size      97.7 KiB; 3.2 KiB of rows in 19.5 KiB (0.2x)
    holds     5 databases, 6 tables, 207 rows, 1 large object
    globals   1 role, 0 memberships, 0 tablespaces; passwords not included: the user of the dump could not read them
    digest    0123

    database                                   on server  tables  rows        raw      stored  ratio  encoding  snapshot
    accounts                                     8.0 MiB       3    64  718 bytes  1000 bytes   0.7x  UTF8      05:33:09.000017
    metrics                                      8.0 MiB       1    96    2.0 KiB  1000 bytes   2.1x  UTF8      05:33:09.000017
    résultats 2017/09                            8.0 MiB       1    45  485 bytes  1000 bytes   0.5x  UTF8      05:33:09.000017
    \xe9\xe9\xe9\xe9\xe9\xe9\xe9\xe9\xe9\xe9…    8.0 MiB       1     2   18 bytes  1000 bytes   0.0x  UTF8      05:33:09.000017
    empty                                        8.0 MiB       0     0    0 bytes  1000 bytes      -  UTF8      05:33:09.000017

    biggest tables  database                                   rows        raw      stored  ratio  chunks
    public.noise    metrics                                      96    2.0 KiB  1000 bytes   2.0x       1
    public.people   accounts                                     61  715 bytes  1000 bytes   0.7x       3
    public.a,(b     résultats 2017/09                            45  485 bytes  1000 bytes   0.5x       1
    public.t        \xe9\xe9\xe9\xe9\xe9\xe9\xe9\xe9\xe9\xe9…     2   18 bytes  1000 bytes   0.0x       1
    public.bare     accounts                                      3    3 bytes  1000 bytes   0.0x       1

    extensions
    accounts    hstore 1.8
    "#);
}

#[tokio::test]
async fn the_list_is_pg_restores_with_a_line_for_each_table() {
    let description = described(Depth::Contents).await;
    let text = list::list(&description).to_string();
    let people = text.split("\n\n").nth(1).unwrap_or_default();
    insta::assert_snapshot!(people, @r#"
    ;
    ; Database "accounts" (databases/accounts)
    ;
    ; Archive created at 2026-11-20 05:33:09 UTC
    ;     dbname: accounts
    ;     TOC Entries: 8
    ;     Compression: zstd
    ;     Dump Version: 1.15-0
    ;     Format: DIRECTORY
    ;     Integer: 4 bytes
    ;     Offset: 8 bytes
    ;     Dumped from database version: 15.18
    ;     Dumped by pg_dump version: 15.18
    ;
    ;
    ; Selected TOC Entries:
    ;
    10; 1259 16384 TABLE public people postgres
    11; 0 16384 TABLE DATA public people postgres
    14; 1259 16384 TABLE public nobody postgres
    15; 0 16384 TABLE DATA public nobody postgres
    16; 1259 16384 TABLE public bare postgres
    17; 0 16384 TABLE DATA public bare postgres
    "#);
    assert!(text.starts_with(";\n; Globals (globals)\n;\n; Archive created at 2026-11-20"));
    assert!(
        text.contains("\n1; 0 0 ROLE - joe \n\n;\n; Database \"accounts\""),
        "{text}"
    );
}

#[tokio::test]
async fn the_json_holds_the_manifest_and_the_sums() {
    let description = described(Depth::Summary).await;
    let json = render::json(&description).unwrap_or_default();
    let value: serde_json::Value = serde_json::from_str(&json).unwrap_or_default();
    assert_eq!(value["totals"]["databases"], 5);
    assert_eq!(value["manifest"]["format"], 1);
    assert_eq!(
        value["manifest"]["databases"][3]["name"]["hex"],
        "e9".repeat(60)
    );
    assert_eq!(value["databases"][0]["rows"], 64);
    assert_eq!(value["tables"].as_array().map(Vec::len), Some(6));
    assert_eq!(value["contents"], serde_json::Value::Null);
    let digest = value["digest"].as_str().unwrap_or_default();
    assert_eq!(digest, description.digest);
    let sizes = description.tables.iter().map(|table| table.stored_bytes);
    assert!(sizes.is_sorted_by(|a, b| a >= b));
}

#[tokio::test]
async fn it_reads_the_tail_the_manifest_and_what_is_asked_for() {
    let (store, calls) = crate::storage::testing::faulty();
    let sample = testing::small(Compression::default());
    let written = testing::write(&sample, &store, toc_bytes).await;
    written.unwrap_or_else(|e| panic!("{e}"));
    for (depth, reads) in [(Depth::Summary, 2), (Depth::Contents, 2 + 1 + 5)] {
        let description = inspect(&store, &InspectOptions { depth }, &Monitor::void()).await;
        assert!(description.is_ok());
        assert_eq!(calls.take_reads().len(), reads, "{depth:?}");
    }
}

#[tokio::test]
async fn what_is_no_archive_is_an_error_with_a_hint() {
    let store = testing::memory(Some(b"hello")).await;
    let result = inspect(&store, &InspectOptions::default(), &Monitor::void()).await;
    let Err(error @ Error::Source(source::Error::Archive(NotAnArchive { .. }))) = result else {
        panic!("{result:?}");
    };
    assert!(error.hint().is_some());
}
