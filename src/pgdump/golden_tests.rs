//! Unit tests over the golden archives in `fixtures/pgdump`, which real pg_dumps made; no server.

use std::path::{Path, PathBuf};

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
