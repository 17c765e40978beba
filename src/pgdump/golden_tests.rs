//! Unit tests over the golden archives in `fixtures/pgdump`, which real pg_dumps made; no server.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bstr::ByteSlice;

use super::custom::{CustomArchive, CustomData};
use super::directory::Folder;
use super::files::{FileArchive, Files};
use super::tar::Members;
use super::{TocCompression, fold_relkind, read_custom_toc, read_toc_dat, write_toc_dat};
use crate::toc::{ObjectKind, Section, Toc, TocEntry};

pub(super) const VERSIONS: [&str; 3] = ["15", "17", "18"];

pub(super) fn golden(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/pgdump")
        .join(path)
}

pub(super) fn bytes(path: &str) -> Vec<u8> {
    std::fs::read(golden(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn custom(version: &str) -> Toc {
    read_custom_toc(&bytes(&format!("{version}/custom.dump"))).expect(version)
}

fn find<'a>(toc: &'a Toc, kind: ObjectKind, tag: &str) -> &'a TocEntry {
    let mut found = toc
        .entries
        .iter()
        .filter(|e| e.kind == kind && e.tag == tag);
    found.next().unwrap_or_else(|| panic!("no {kind} {tag}"))
}

#[test]
fn header_and_entries_are_what_went_in() {
    for version in VERSIONS {
        let toc = custom(version);
        assert_eq!(toc.database, "golden");
        assert!(toc.dump_version.starts_with(version.as_bytes()));
        assert_eq!(toc.encoding(), Some(&b"UTF8"[..]));
        assert_eq!(toc.created.year, 126);

        let table = find(&toc, ObjectKind::Table, "item");
        assert_eq!(table.schema(), b"app");
        assert_eq!(table.owner, Some("admin".into()));
        assert_eq!(table.table_am, Some("heap".into()));
        assert_eq!(table.section, Section::PreData);
        assert_eq!(table.relkind, if version == "15" { 0 } else { b'r' });
        assert!(table.definition().starts_with(b"CREATE TABLE app.item ("));

        let data = find(&toc, ObjectKind::TableData, "empty \"one\"");
        assert!(data.had_dumper);
        assert_eq!(data.section, Section::Data);
        let copy = "COPY app.\"empty \"\"one\"\"\" (id, item_id) FROM stdin;\n";
        assert_eq!(data.copy_stmt, Some(copy.into()));
        let owner = find(&toc, ObjectKind::Table, "empty \"one\"");
        assert_eq!(data.dependencies, [owner.dump_id]);
        assert!(
            toc.entries
                .iter()
                .all(|entry| !matches!(entry.kind, ObjectKind::Other(_)))
        );
    }
}

#[test]
fn the_formats_of_one_dump_differ_in_nothing_but_data_files() {
    for version in VERSIONS {
        let directory = read_toc_dat(&bytes(&format!("{version}/directory/toc.dat")));
        let mut directory = directory.expect(version);
        let expected = |entry: &TocEntry| match entry.kind {
            ObjectKind::Blobs if version == "15" => Some("blobs.toc".into()),
            ObjectKind::Blobs => Some(format!("blobs_{}.toc", entry.dump_id)),
            _ => entry.had_dumper.then(|| format!("{}.dat", entry.dump_id)),
        };
        for entry in &mut directory.entries {
            assert_eq!(entry.data_file, expected(entry).map(Into::into));
            entry.data_file = None;
        }
        assert_eq!(directory.entries, custom(version).entries);
    }
}

#[test]
fn what_is_written_reads_back_equal_but_for_relkinds() {
    for version in ["15/custom.dump", "18/schema.dump"] {
        let mut toc = read_custom_toc(&bytes(version)).expect(version);
        fold_relkind(&mut toc);
        let written = write_toc_dat(&toc, TocCompression::Zstd).expect(version);
        for entry in toc.entries.iter_mut().filter(|entry| entry.had_dumper) {
            entry.data_file = Some(match entry.kind {
                ObjectKind::Blobs => "blobs.toc".into(),
                _ => format!("{}.dat", entry.dump_id).into(),
            });
        }
        assert_eq!(read_toc_dat(&written).expect(version), toc);
    }
}

#[test]
fn grouped_large_objects_are_read_and_refused_on_writing() {
    let toc = custom("18");
    let group = find(&toc, ObjectKind::BlobMetadata, "1003");
    assert_eq!(group.definition(), b"1003\n");
    let error = write_toc_dat(&toc, TocCompression::None).expect_err("must be refused");
    assert!(
        error.to_string().contains("archive version 1.16"),
        "{error}"
    );
}

/// The rows that `golden.sql` puts into a table, as COPY text with the end that pg_dump gives it.
fn expected_rows(table: &str) -> Vec<u8> {
    let rows = match table {
        "item" => "1\tone\t\\N\n2\ttab\\there\tback\\\\slash\n3\tdrei\tline\\nfeed\n",
        "part_1" => "1\ta\n",
        "part_2" => "11\tb\n",
        _ => "",
    };
    [rows.as_bytes(), b"\\.\n\n\n"].concat()
}

/// The content that `golden.sql` puts into a large object.
fn expected_large_object(oid: u32) -> Vec<u8> {
    match oid {
        1001 => b"first large object".to_vec(),
        3_000_000_001 => [0x00, 0xff].repeat(40),
        1003 => Vec::new(),
        _ => panic!("large object {oid}"),
    }
}

fn check_rows(archive: &str, tag: &str, rows: &[u8]) {
    if tag != "bulk" {
        assert_eq!(rows, expected_rows(tag), "{archive} {tag}");
        return;
    }
    let lines: Vec<_> = rows.lines().collect();
    assert_eq!(lines.len(), 200 + 3, "{archive}");
    assert_eq!(
        lines[199], b"200\t3644a684f98ea8fe223c713b77189a77",
        "{archive}"
    );
}

fn read_all(mut source: impl Read) -> Vec<u8> {
    let mut content = Vec::new();
    source.read_to_end(&mut content).expect("readable");
    content
}

/// Checks all data of a custom archive and returns the OIDs of its large objects.
fn check_custom(path: &str, archive: &CustomArchive) -> Vec<u32> {
    let mut oids = Vec::new();
    let mut tables = 0;
    for entry in &archive.toc().entries {
        let file = File::open(golden(path)).expect("opens");
        let data = archive.data(file, entry.dump_id).expect(path);
        assert_eq!(data.is_some(), entry.had_dumper, "{path} {}", entry.tag);
        match data {
            Some(CustomData::Data(data)) => {
                tables += 1;
                check_rows(path, &entry.tag.to_string(), &read_all(data));
            }
            Some(CustomData::LargeObjects(mut objects)) => {
                while let Some(oid) = objects.next_object().expect(path) {
                    let content = read_all(&mut objects);
                    assert_eq!(content, expected_large_object(oid), "{path}");
                    oids.push(oid);
                }
                assert!(objects.next_object().expect(path).is_none());
            }
            None => (),
        }
    }
    assert_eq!(tables, 6, "{path}");
    oids.sort_unstable();
    oids
}

const OIDS: [u32; 3] = [1001, 1003, 3_000_000_001];

#[test]
fn the_data_of_custom_archives_is_what_went_in() {
    let paths = VERSIONS.map(|version| format!("{version}/custom.dump"));
    let others = [
        "15/none.dump",
        "18/none.dump",
        "18/lz4.dump",
        "18/zstd.dump",
        "18/pipe.dump",
    ];
    for path in paths.iter().map(String::as_str).chain(others) {
        let open = || File::open(golden(path)).expect("opens");
        let archive = CustomArchive::open(open()).expect(path);
        assert_eq!(check_custom(path, &archive), OIDS, "{path}");
        let positions = archive.locate(open()).expect(path);
        let entries = archive.toc().entries.iter();
        assert_eq!(entries.filter(|e| e.had_dumper).count(), positions.len());
        for (&id, &offset) in &positions {
            assert!(archive.data_at(open(), id, offset).is_ok(), "{path}");
            assert!(archive.data_at(open(), id, offset + 1).is_err(), "{path}");
        }
    }
}

#[test]
fn large_objects_that_are_not_read_are_passed_over() {
    let file = || File::open(golden("15/custom.dump")).expect("opens");
    let archive = CustomArchive::open(file()).expect("15");
    let id = find(archive.toc(), ObjectKind::Blobs, "BLOBS").dump_id;
    let Ok(Some(CustomData::LargeObjects(mut objects))) = archive.data(file(), id) else {
        panic!("no large objects");
    };
    let mut oids = Vec::new();
    while let Some(oid) = objects.next_object().expect("15") {
        objects.read_exact(&mut [0; 1]).ok();
        oids.push(oid);
    }
    assert_eq!(oids, OIDS);
}

fn check_files<F: Files>(path: &str, files: F) {
    let archive = FileArchive::open(files).expect(path);
    let entries = archive.toc().entries.clone();
    let (mut tables, mut oids) = (0, Vec::new());
    for entry in entries.iter().filter(|entry| entry.had_dumper) {
        if entry.kind != ObjectKind::Blobs {
            let data = archive.data(entry).expect(path).expect("a file");
            check_rows(path, &entry.tag.to_string(), &read_all(data));
            tables += 1;
            continue;
        }
        for object in archive.large_objects(entry).expect(path) {
            let content = read_all(archive.large_object(&object).expect(path));
            assert_eq!(content, expected_large_object(object.oid), "{path}");
            oids.push(object.oid);
        }
    }
    oids.sort_unstable();
    assert_eq!((tables, oids.as_slice()), (6, OIDS.as_slice()), "{path}");
}

#[test]
fn the_data_of_directories_and_tars_is_what_went_in() {
    for version in VERSIONS {
        let path = format!("{version}/directory");
        check_files(&path, Folder(golden(&path)));
        let path = format!("{version}/tar");
        let file = File::open(golden(&path)).expect("opens");
        check_files(&path, Members::open(Arc::new(file)).expect(&path));
    }
    for path in ["18/directory-lz4", "18/directory-zstd"] {
        check_files(path, Folder(golden(path)));
    }
}
