//! Properties, over arbitrary TOCs and over damaged archives: what is written reads back equal, what
//! is damaged is an error or another TOC, and nothing panics or takes memory that the input has not.

use std::io::Cursor;

use bstr::BString;
use proptest::prelude::*;
use proptest::sample::Index;

use super::golden_tests::{VERSIONS, bytes};
use super::header::{FORMAT_TAR, MAGIC};
use super::tar::Members;
use super::testing::{read_custom, read_files};
use super::{Compression, TocCompression, read_custom_toc, read_toc_dat, write_toc_dat};
use crate::toc::{CatalogId, CreatedAt, DumpId, ObjectKind, Section, Toc, TocEntry};

fn text() -> impl Strategy<Value = BString> {
    let byte = prop_oneof![4 => 0x20u8..0x7f, 1 => 1u8..=255];
    prop::collection::vec(byte, 0..40).prop_map(BString::from)
}

fn optional_text() -> impl Strategy<Value = Option<BString>> {
    prop::option::of(text())
}

fn kind() -> impl Strategy<Value = ObjectKind> {
    let known = prop::sample::select(ObjectKind::KNOWN);
    let known = known.prop_filter("not in 1.15", |kind| *kind != ObjectKind::BlobMetadata);
    prop_oneof![8 => known, 1 => text().prop_map(|desc| ObjectKind::from_desc(&desc))]
        .prop_filter("not in 1.15", |kind| *kind != ObjectKind::BlobMetadata)
}

fn section() -> impl Strategy<Value = Section> {
    prop::sample::select(vec![
        Section::None,
        Section::PreData,
        Section::Data,
        Section::PostData,
    ])
}

/// An entry as version 1.15 can hold it: no relkind, a file name where there is data.
fn entry() -> impl Strategy<Value = TocEntry> {
    let texts = (text(), optional_text(), optional_text(), optional_text());
    let names = (
        optional_text(),
        optional_text(),
        optional_text(),
        optional_text(),
    );
    let numbers = (any::<bool>(), any::<u32>(), any::<u32>());
    let dependencies = prop::collection::vec(1..=i32::MAX, 0..4);
    let rest = (kind(), section(), dependencies, optional_text());
    (texts, names, numbers, rest).prop_map(|(texts, names, numbers, rest)| {
        let not_empty = |text: Option<BString>| text.filter(|text| !text.is_empty());
        TocEntry {
            dump_id: DumpId(0),
            had_dumper: numbers.0 && not_empty(rest.3.clone()).is_some(),
            catalog_id: CatalogId {
                table_oid: numbers.1,
                oid: numbers.2,
            },
            tag: texts.0,
            kind: rest.0,
            section: rest.1,
            defn: texts.1,
            drop_stmt: texts.2,
            copy_stmt: texts.3,
            namespace: names.0,
            tablespace: names.1,
            table_am: not_empty(names.2),
            relkind: 0,
            owner: names.3,
            dependencies: rest.2.into_iter().map(DumpId).collect(),
            data_file: not_empty(rest.3),
        }
    })
}

fn created() -> impl Strategy<Value = CreatedAt> {
    let date = (1..=31i32, 0..=11i32, 0..=300i32);
    (0..=60i32, 0..=59i32, 0..=23i32, date, -1..=1i32).prop_map(|(sec, min, hour, date, isdst)| {
        let (mday, mon, year) = date;
        CreatedAt {
            sec,
            min,
            hour,
            mday,
            mon,
            year,
            isdst,
        }
    })
}

prop_compose! {
    fn toc()(
        created in created(),
        database in text(),
        server_version in text(),
        dump_version in text(),
        mut entries in prop::collection::vec(entry(), 0..6),
        first_id in 1..1000i32,
    ) -> Toc {
        for (entry, id) in entries.iter_mut().zip(first_id..) {
            entry.dump_id = DumpId(id);
            if entry.kind == ObjectKind::Blobs && entry.data_file.is_none() {
                entry.kind = ObjectKind::Table;
            }
        }
        Toc { created, database, server_version, dump_version, entries }
    }
}

/// An archive of any version and width of integers, written by other code than is under test.
struct Encoder {
    out: Vec<u8>,
    minor: u8,
    width: usize,
}

impl Encoder {
    fn int(&mut self, value: i32) {
        let mut bytes = vec![0; self.width];
        for (byte, low) in bytes.iter_mut().zip(value.unsigned_abs().to_le_bytes()) {
            *byte = low;
        }
        self.out.push(u8::from(value < 0));
        self.out.extend(bytes);
    }

    fn text(&mut self, text: Option<&[u8]>) {
        self.int(text.map_or(-1, |text| text.len() as i32));
        self.out.extend(text.unwrap_or_default());
    }

    fn optional(&mut self, text: &Option<BString>) {
        self.text(text.as_ref().map(|text| text.as_slice()));
    }

    fn toc(toc: &Toc, minor: u8, width: u8) -> Vec<u8> {
        let head = [1, minor, 0, width, 8, FORMAT_TAR];
        let mut encoder = Self {
            out: [&MAGIC[..], &head].concat(),
            minor,
            width: width.into(),
        };
        match minor {
            15.. => encoder.out.push(Compression::Zstd as u8),
            _ => encoder.int(-1),
        }
        let at = &toc.created;
        for value in [at.sec, at.min, at.hour, at.mday, at.mon, at.year, at.isdst] {
            encoder.int(value);
        }
        for text in [&toc.database, &toc.server_version, &toc.dump_version] {
            encoder.text(Some(text));
        }
        encoder.int(toc.entries.len() as i32);
        toc.entries.iter().for_each(|entry| encoder.entry(entry));
        encoder.out
    }

    fn entry(&mut self, entry: &TocEntry) {
        self.int(entry.dump_id.0);
        self.int(entry.had_dumper.into());
        self.text(Some(entry.catalog_id.table_oid.to_string().as_bytes()));
        self.text(Some(entry.catalog_id.oid.to_string().as_bytes()));
        self.text(Some(&entry.tag));
        self.text(Some(entry.kind.desc()));
        self.int(entry.section as i32);
        self.optional(&entry.defn);
        self.optional(&entry.drop_stmt);
        self.optional(&entry.copy_stmt);
        self.optional(&entry.namespace);
        self.optional(&entry.tablespace);
        if self.minor >= 14 {
            self.optional(&entry.table_am);
        }
        if self.minor >= 16 {
            self.int(entry.relkind.into());
        }
        self.optional(&entry.owner);
        self.text(Some(b"false"));
        for id in &entry.dependencies {
            self.text(Some(id.to_string().as_bytes()));
        }
        self.text(None);
        self.optional(&Some(entry.data_file.clone().unwrap_or_default()));
    }
}

/// One change to a file.
#[derive(Debug, Clone)]
enum Damage {
    Set(Index, u8),
    Cut(Index),
    Remove(Index, usize),
    Insert(Index, Vec<u8>),
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<Index>;
    // The bytes that make lengths and counts absurd are worth more tries than others.
    let byte = prop_oneof![any::<u8>(), Just(0u8), Just(1), Just(0x7f), Just(0xff)];
    prop_oneof![
        6 => (at(), byte).prop_map(|(at, byte)| Damage::Set(at, byte)),
        1 => at().prop_map(Damage::Cut),
        1 => (at(), 1..20usize).prop_map(|(at, count)| Damage::Remove(at, count)),
        1 => (at(), prop::collection::vec(any::<u8>(), 1..20))
            .prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
    ]
}

fn damaged(mut bytes: Vec<u8>, damages: &[Damage]) -> Vec<u8> {
    for damage in damages {
        if bytes.is_empty() {
            break;
        }
        match damage {
            Damage::Set(at, byte) => {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            Damage::Cut(at) => bytes.truncate(at.index(bytes.len())),
            Damage::Remove(at, count) => {
                let start = at.index(bytes.len());
                let end = bytes.len().min(start + count);
                bytes.drain(start..end);
            }
            Damage::Insert(at, new) => {
                let at = at.index(bytes.len());
                bytes.splice(at..at, new.iter().copied());
            }
        }
    }
    bytes
}

fn read_tar(bytes: &[u8]) {
    if let Ok(files) = Members::open(Cursor::new(bytes)) {
        read_files(files);
    }
}

proptest! {
    #[test]
    fn a_written_toc_reads_back_equal(toc in toc()) {
        let bytes = write_toc_dat(&toc, TocCompression::Zstd).expect("writable");
        prop_assert_eq!(read_toc_dat(&bytes).expect("readable"), toc);
    }

    #[test]
    fn every_version_and_width_is_read(toc in toc(), minor in 12..=16u8, width in 4..=32u8) {
        let mut toc = toc;
        for entry in &mut toc.entries {
            entry.relkind = if minor >= 16 { b'p' } else { 0 };
            entry.table_am.take_if(|_| minor < 14);
        }
        let bytes = Encoder::toc(&toc, minor, width);
        prop_assert_eq!(read_toc_dat(&bytes).expect("readable"), toc);
    }

    #[test]
    fn a_toc_cut_anywhere_is_an_error(toc in toc(), cut in any::<Index>()) {
        let bytes = write_toc_dat(&toc, TocCompression::None).expect("writable");
        prop_assert!(read_toc_dat(&bytes[..cut.index(bytes.len())]).is_err());
    }

    #[test]
    fn any_bytes_are_survived(tail in prop::collection::vec(any::<u8>(), 0..400), minor in 11..18u8) {
        for format in [1, 3] {
            let bytes = [&MAGIC[..], &[1, minor, 0, 4, 8, format, 0], &tail].concat();
            read_toc_dat(&bytes).ok();
            read_custom_toc(&bytes).ok();
        }
        read_toc_dat(&tail).ok();
        read_custom(&tail);
        read_tar(&tail);
    }

    #[test]
    fn a_damaged_toc_is_survived(
        version in prop::sample::select(&VERSIONS[..]),
        damages in prop::collection::vec(damage(), 1..6),
    ) {
        let toc = damaged(bytes(&format!("{version}/directory/toc.dat")), &damages);
        if let Ok(toc) = read_toc_dat(&toc) {
            write_toc_dat(&toc, TocCompression::None).ok();
        }
    }

    #[test]
    fn a_damaged_custom_archive_is_survived(
        path in prop::sample::select(vec!["15/custom.dump", "18/lz4.dump", "18/zstd.dump", "18/pipe.dump"]),
        damages in prop::collection::vec(damage(), 1..6),
    ) {
        read_custom(&damaged(bytes(path), &damages));
    }

    #[test]
    fn a_damaged_tar_is_survived(
        version in prop::sample::select(&VERSIONS[..]),
        damages in prop::collection::vec(damage(), 1..6),
    ) {
        read_tar(&damaged(bytes(&format!("{version}/tar")), &damages));
    }
}
