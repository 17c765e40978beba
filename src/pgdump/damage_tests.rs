//! Unit tests: each way in which a TOC can be wrong has its own words, with the place.

use std::error::Error as _;
use std::io::{self, Cursor};

use super::custom::{CustomArchive, CustomData};
use super::error::{Error, Problem};
use super::golden_tests::bytes;
use super::{TocCompression, read_custom_toc, read_toc_dat, write_toc_dat};
use crate::toc::{CreatedAt, DumpId, ObjectKind, Toc, TocEntry};

/// Offsets in the toc.dat of a 1.15 archive of ours whose database has a name of one byte.
mod at {
    pub(super) const MINOR: usize = 6;
    pub(super) const INT_SIZE: usize = 8;
    pub(super) const FORMAT: usize = 10;
    pub(super) const COMPRESSION: usize = 11;
    pub(super) const DATABASE_LENGTH: usize = 12 + 7 * 5 + 1;
    pub(super) const DATABASE: usize = DATABASE_LENGTH + 4;
    pub(super) const COUNT: usize = DATABASE + 1 + 5 + 5 + 1;
    pub(super) const DUMP_ID: usize = COUNT + 5;
    pub(super) const TABLE_OID: usize = DUMP_ID + 4 + 5 + 5;
    pub(super) const SECTION: usize = TABLE_OID + 1 + 6 + 5 + 5 + 5 + 1;
}

fn small_toc() -> Toc {
    let entry = TocEntry {
        dump_id: DumpId(7),
        kind: ObjectKind::Table,
        ..TocEntry::default()
    };
    Toc {
        created: CreatedAt {
            mday: 1,
            ..CreatedAt::default()
        },
        database: "d".into(),
        entries: vec![entry],
        ..Toc::default()
    }
}

fn small() -> Vec<u8> {
    write_toc_dat(&small_toc(), TocCompression::Zstd).expect("writable")
}

fn complaint(at: usize, new: &[u8]) -> String {
    let mut toc = small();
    toc[at..at + new.len()].copy_from_slice(new);
    read_toc_dat(&toc).expect_err("damaged").to_string()
}

#[test]
fn errors_name_the_byte_and_the_field() {
    let cases: [(usize, &[u8], &str); 11] = [
        (
            0,
            b"X",
            "not an archive of pg_dump: it does not begin with \"PGDMP\"",
        ),
        (
            at::MINOR,
            &[17],
            "archive version 1.17 is not supported, only 1.12 to 1.16 are",
        ),
        (
            at::INT_SIZE,
            &[0],
            "byte 8, intSize: 0 is not a possible value",
        ),
        (at::FORMAT, &[1], "format code 1 where 3 is expected"),
        (at::COMPRESSION, &[9], "unknown compression code 9"),
        (
            at::DATABASE_LENGTH,
            &[0xff, 0xff, 0xff, 0x7f],
            "byte 47, archdbname: a length of 2147483647 B where the input has 113 B left",
        ),
        (
            at::DATABASE,
            &[0],
            "byte 47, archdbname: a text with a zero byte in it",
        ),
        (
            at::COUNT,
            &[0xff, 0xff],
            "byte 63, tocCount: 65535 exceeds the limit of 3",
        ),
        (
            at::DUMP_ID,
            &[0],
            "byte 68, dumpId of the TOC's entry no. 1: \
          0 is not a possible value",
        ),
        (
            at::TABLE_OID,
            b"x",
            "byte 78, catalogId.tableoid of the TOC's entry \
          no. 1: \"x\" is not a number",
        ),
        (
            at::SECTION,
            &[5],
            "byte 105, section of the TOC's entry no. 1: \
          5 is not a possible value",
        ),
    ];
    for (at, new, expected) in cases {
        assert_eq!(complaint(at, new), expected);
    }
}

#[test]
fn a_newer_version_has_a_hint() {
    let mut toc = small();
    toc[at::MINOR] = 17;
    let hint = read_toc_dat(&toc).expect_err("newer").hint();
    assert!(hint.expect("a hint").contains("newer pgark"));
    toc[at::MINOR] = 11;
    assert!(read_toc_dat(&toc).expect_err("older").hint().is_some());
}

#[test]
fn what_follows_the_last_entry_is_noticed() {
    let toc = [small(), b"more".to_vec()].concat();
    let error = read_toc_dat(&toc).expect_err("longer").to_string();
    assert!(error.ends_with("4 B follow the last entry"), "{error}");
}

#[test]
fn a_dump_id_that_occurs_twice_is_refused_both_ways() {
    let mut toc = small_toc();
    toc.entries.push(toc.entries[0].clone());
    let error = write_toc_dat(&toc, TocCompression::None).expect_err("twice");
    assert!(
        error.to_string().contains("its dump id occurs twice"),
        "{error}"
    );

    toc.entries[1].dump_id = DumpId(8);
    let mut written = write_toc_dat(&toc, TocCompression::None).expect("writable");
    let second = written.iter().rposition(|&byte| byte == 8).expect("the id");
    written[second] = 7;
    let Err(Error::Damaged { problem, .. }) = read_toc_dat(&written) else {
        panic!("not refused");
    };
    assert_eq!(problem, Problem::DuplicateId(DumpId(7)));
}

#[test]
fn what_1_15_cannot_hold_is_not_written() {
    let refused = |change: fn(&mut Toc)| {
        let mut toc = small_toc();
        change(&mut toc);
        let error = write_toc_dat(&toc, TocCompression::None).expect_err("refused");
        assert!(error.source().is_none());
        error.to_string()
    };
    let entry = "entry 7 (TABLE \"\") cannot be written: ";
    assert_eq!(
        refused(|toc| toc.entries[0].defn = Some("a\0b".into())),
        format!("{entry}a text has a zero byte in it")
    );
    assert_eq!(
        refused(|toc| toc.entries[0].dependencies = vec![DumpId(-1)]),
        format!("{entry}a dump id is not positive")
    );
    assert_eq!(
        refused(|toc| toc.created.mon = 12),
        "the date of creation cannot be written: tm_mon is 12"
    );
    assert_eq!(
        refused(|toc| toc.database = "\0".into()),
        "the database's name cannot be written: a text has a zero byte in it"
    );
}

#[test]
fn an_empty_access_method_is_written_as_none() {
    let mut toc = small_toc();
    toc.entries[0].table_am = Some("".into());
    let written = write_toc_dat(&toc, TocCompression::None).expect("writable");
    assert_eq!(
        read_toc_dat(&written).expect("readable").entries[0].table_am,
        None
    );
}

#[test]
fn a_custom_archive_and_a_toc_dat_are_not_taken_for_one_another() {
    let error = read_toc_dat(&bytes("15/custom.dump")).expect_err("custom");
    assert!(matches!(
        error,
        Error::Format {
            found: 1,
            expected: 3
        }
    ));
    let error = read_custom_toc(&bytes("15/directory/toc.dat")).expect_err("directory");
    assert!(matches!(
        error,
        Error::Format {
            found: 3,
            expected: 1
        }
    ));
    assert!(matches!(read_custom_toc(b""), Err(Error::NotAnArchive)));
}

#[test]
fn a_source_that_fails_is_not_called_damaged() {
    struct Broken;
    impl io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("broken"))
        }
    }
    let mut input = super::primitives::Input::new(Broken, 100);
    let error = super::header::read(&mut input, 1).expect_err("broken");
    assert!(matches!(error, Error::Read { .. }));
    assert!(error.source().is_some());
}

/// The error that reading all data of a custom archive ends with.
fn data_error(archive: &[u8]) -> Error {
    let opened = CustomArchive::open(Cursor::new(archive)).expect("the TOC is whole");
    for entry in &opened.toc().entries {
        let data = opened.data(Cursor::new(archive), entry.dump_id);
        let read = match data {
            Ok(Some(CustomData::Data(mut data))) => io::copy(&mut data, &mut io::sink()),
            Ok(_) => continue,
            Err(error) => return error,
        };
        if let Err(error) = read {
            return Error::within(error).expect("an error of ours");
        }
    }
    panic!("nothing was wrong");
}

/// The position of the data of `golden.sql`'s longest table.
fn bulk_position(archive: &[u8]) -> (usize, DumpId) {
    let opened = CustomArchive::open(Cursor::new(archive)).expect("whole");
    let mut entries = opened.toc().entries.iter();
    let bulk = entries.find(|entry| entry.had_dumper && entry.tag == "bulk");
    let id = bulk.expect("bulk").dump_id;
    let header = [&[1, 0][..], &id.0.to_le_bytes()].concat();
    let position = archive.windows(6).rposition(|window| window == header);
    (position.expect("its blocks"), id)
}

#[test]
fn damaged_data_is_placed() {
    for path in ["15/custom.dump", "18/lz4.dump", "18/zstd.dump"] {
        let whole = bytes(path);
        let (position, id) = bulk_position(&whole);

        let mut archive = whole.clone();
        archive[position + 2] ^= 0xff;
        let error = data_error(&archive);
        let Error::Damaged { problem, .. } = &error else {
            panic!("{error}");
        };
        assert!(matches!(problem, Problem::OtherData { expected, .. } if *expected == id));

        let mut archive = whole.clone();
        archive[position + 11..position + 20].fill(0xee);
        let error = data_error(&archive);
        assert!(matches!(error, Error::Stream { .. }), "{path}: {error}");
        assert!(
            error
                .to_string()
                .contains(&format!("in the data of entry {id}")),
            "{error}"
        );

        let error = data_error(&whole[..position + 100]);
        let Error::Damaged { problem, .. } = &error else {
            panic!("{error}");
        };
        let cut = matches!(
            problem,
            Problem::PastEnd { .. } | Problem::Outside(_) | Problem::End
        );
        assert!(cut, "{path}: {error}");
    }
}
