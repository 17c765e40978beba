//! Manifests whose numbers no archive has, and headers that contradict them, with hashes that fit everywhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;
use serde_json::Value;

use super::damage::{runtime, spots};
use super::hostile::{Parts, parts};
use super::*;
use crate::archive::layout;
use crate::archive::manifest::Manifest;
use crate::archive::testing::SampleDatabase;
use crate::archive::testing::SampleTable;

/// At and beyond the bounds of every type that a number of the manifest has, and of the format.
fn hostile_numbers() -> Vec<Value> {
    let signed = [i64::MIN, -1, 0, 1, 511, i64::from(i32::MAX)].map(Value::from);
    let unsigned = [
        1 << 31,
        u64::from(u32::MAX),
        1 << 32,
        (1 << 33) - 1,
        1 << 33,
        i64::MAX as u64,
        1 << 63,
        u64::MAX - 511,
        u64::MAX,
    ];
    let floats = [-0.5, 1e300].map(Value::from);
    let unsigned = unsigned.map(Value::from);
    signed.into_iter().chain(unsigned).chain(floats).collect()
}

/// The path of every number in the value; of those that mean the same in another item of a list, the first.
fn numbers(value: &Value, path: &str, kind: &str, found: &mut BTreeMap<String, String>) {
    match value {
        Value::Number(_) => {
            let first = || path.to_owned();
            found.entry(kind.to_owned()).or_insert_with(first);
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                numbers(item, &format!("{path}/{at}"), &format!("{kind}/*"), found);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                let kind = format!("{kind}/{name}");
                numbers(field, &format!("{path}/{name}"), &kind, found);
            }
        }
        _ => {}
    }
}

/// The members with this manifest behind them, whatever it is.
fn sealed(members: &[u8], manifest: &Value) -> Vec<u8> {
    let json = serde_json::to_vec(manifest).unwrap_or_else(|e| panic!("{e}"));
    let digest = Sha256::of(&json);
    let sums = match Manifest::from_json(&json) {
        Ok(manifest) => layout::sums(&manifest.members, digest),
        Err(_) => String::new(),
    };
    testing::sealed_json(members, &json, sums.as_bytes())
}

/// Puts a path that leads out of the folder into the header at `at`, and makes its checksum right.
fn lead_out(archive: &mut [u8], at: usize) {
    let name = b"../../escaped\0";
    archive[at..at + name.len()].copy_from_slice(name);
    fit_checksum(&mut archive[at..at + 512]);
}

/// Writes the checksum that a header must have (POSIX ustar: its own field counts as spaces).
fn fit_checksum(block: &mut [u8]) {
    block[148..156].fill(b' ');
    let sum: u64 = block.iter().map(|&byte| u64::from(byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:07o}\0").as_bytes());
}

/// The verdicts on these bytes in a file, in an object far away, and in a pipe.
async fn verdicts(bytes: &[u8]) -> [Verdict; 3] {
    let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
    let path = folder.path().join("snap.tar");
    std::fs::write(&path, bytes).unwrap_or_else(|e| panic!("{e}"));
    let file = Store::open(path.display().to_string()).unwrap_or_else(|e| panic!("{e}"));
    let options = VerifyOptions::default();
    let of = async |store: Store| {
        let outcome = verify(&store, &options, &Monitor::void()).await;
        outcome.unwrap_or_else(|e| panic!("{e}")).verdict
    };
    let piped = stream::tests::piped(bytes, &options).await.verdict;
    [
        of(file).await,
        of(testing::memory(Some(bytes)).await).await,
        piped,
    ]
}

/// Demands that these bytes are called damaged, wherever they come from.
async fn assert_damaged(bytes: &[u8], what: &str) {
    for verdict in verdicts(bytes).await {
        assert!(
            matches!(verdict, Verdict::Damaged { .. }),
            "{what}: {verdict:?}"
        );
    }
}

/// Every number of an archive's manifest, set to every hostile value.
async fn each_lie(test: impl AsyncFn(&Parts, &Value, &str)) {
    let parts = parts(&testing::small(Compression::default())).await;
    let manifest = serde_json::to_value(&parts.manifest).unwrap_or_else(|e| panic!("{e}"));
    let mut paths = BTreeMap::new();
    numbers(&manifest, "", "", &mut paths);
    for expected in [
        "/created_unix",
        "/members/*/size",
        "/databases/*/tables/*/chunks/*/dump_id",
        "/databases/*/large_objects/chunks/*/rows",
    ] {
        assert!(paths.contains_key(expected), "{expected}");
    }
    for path in paths.values() {
        for number in hostile_numbers() {
            let mut lie = manifest.clone();
            let Some(field) = lie.pointer_mut(path) else {
                panic!("{path}");
            };
            *field = number.clone();
            test(&parts, &lie, &format!("{path} = {number}")).await;
        }
    }
}

#[tokio::test]
async fn no_number_in_the_manifest_lets_arbitrary_headers_pass() {
    each_lie(async |parts, lie, what| {
        let mut members = parts.members.clone();
        let Ok(header) = usize::try_from(parts.manifest.members[1].offset) else {
            panic!("offset");
        };
        lead_out(&mut members, header - 512);
        assert_damaged(&sealed(&members, lie), what).await;
    })
    .await;
}

#[tokio::test]
async fn whatever_is_called_whole_is_unpacked_as_the_manifest_says() {
    let mut whole = 0;
    let counted = std::sync::Mutex::new(&mut whole);
    each_lie(async |parts, lie, what| {
        let bytes = sealed(&parts.members, lie);
        let outcome = verified(&bytes, Mode::Full).await;
        if outcome.verdict == Verdict::Whole {
            **counted.lock().unwrap_or_else(|e| panic!("{e}")) += 1;
            assert_unpacks(&bytes, what).await;
        }
    })
    .await;
    // A number that bounds nothing may have any value, for instance a size on the source.
    assert!(whole > 20, "{whole}");
}

/// Unpacks the archive with tar and compares the files with the manifest.
async fn assert_unpacks(bytes: &[u8], what: &str) {
    let outer = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
    let inner = outer.path().join("below/inner");
    let archive = outer.path().join("snap.tar");
    std::fs::create_dir_all(&inner).unwrap_or_else(|e| panic!("{e}"));
    std::fs::write(&archive, bytes).unwrap_or_else(|e| panic!("{e}"));
    let mut tar = Command::new("tar");
    let tar = tar.arg("-xf").arg(&archive).current_dir(&inner).output();
    let tar = tar.unwrap_or_else(|e| panic!("tar: {e}"));
    assert!(tar.status.success(), "{what}: {tar:?}");
    let reader = ArchiveReader::open(testing::memory(Some(bytes)).await).await;
    let reader = reader.unwrap_or_else(|e| panic!("{e}"));
    let members = reader.manifest().members.iter();
    let mut expected: BTreeSet<(String, u64)> = members.map(|m| (m.name.clone(), m.size)).collect();
    let trailer = reader.trailer();
    for (name, size) in [
        (names::MANIFEST, trailer.manifest.size),
        (names::SUMS, trailer.sums.size),
        (names::TRAILER, 512),
    ] {
        expected.insert((name.to_owned(), size));
    }
    let mut found = BTreeSet::new();
    files_below(&inner, "", &mut found);
    assert_eq!(found, expected, "{what}");
    let mut around = BTreeSet::new();
    files_below(outer.path(), "", &mut around);
    assert_eq!(around.len(), found.len() + 1, "{what}: {around:?}");
}

/// Files with their sizes; anything that is neither a file nor a folder ends the test.
fn files_below(folder: &Path, prefix: &str, found: &mut BTreeSet<(String, u64)>) {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("{e}"));
    for entry in entries {
        let entry = entry.unwrap_or_else(|e| panic!("{e}"));
        let meta = entry
            .path()
            .symlink_metadata()
            .unwrap_or_else(|e| panic!("{e}"));
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if meta.is_dir() {
            files_below(&entry.path(), &format!("{name}/"), found)
        } else {
            assert!(meta.is_file(), "{name}");
            found.insert((name, meta.len()));
        }
    }
}

#[tokio::test]
async fn dates_at_the_bounds_are_whole_and_beyond_them_damage() {
    let written = async |created_unix| {
        let store = testing::memory(None).await;
        let sample = testing::small(Compression::None);
        let written = testing::write_at(created_unix, &sample, &store, toc_bytes).await;
        match written {
            Ok(_) => Some(testing::bytes_of(&store).await),
            Err(_) => None,
        }
    };
    for created_unix in [0, 1, layout::SECONDS_MAX] {
        let bytes = written(created_unix).await.unwrap_or_default();
        let outcome = verified(&bytes, Mode::Deep).await;
        assert_eq!(outcome.verdict, Verdict::Whole, "{created_unix}");
        assert_unpacks(&bytes, "a date at the bounds").await;
    }
    let parts = parts(&testing::small(Compression::None)).await;
    for created_unix in [i64::MIN, -1, layout::SECONDS_MAX + 1, i64::MAX] {
        assert_eq!(written(created_unix).await, None);
        let mut manifest = parts.manifest.clone();
        manifest.created_unix = created_unix;
        let bytes = testing::sealed(&parts.members, &manifest);
        let found = findings(&bytes, Mode::Full).await;
        let said: Vec<String> = found.iter().map(ToString::to_string).collect();
        let what = format!("(expected 0 to 8589934591, found {created_unix})");
        let named = |said: &String| said.contains("created_unix") && said.contains(&what);
        assert!(said.iter().any(named), "{said:?}");
        // Who restores or inspects relies on the same.
        let opened = Source::open(testing::memory(Some(&bytes)).await).await;
        assert!(opened.is_err_and(|error| error.is_damage()));
    }
}

#[tokio::test]
async fn what_the_manifest_says_of_all_chunks_holds_for_each() {
    let said = async |change: fn(&mut Manifest)| {
        let mut parts = parts(&testing::small(Compression::default())).await;
        change(&mut parts.manifest);
        let found = findings(
            &testing::sealed(&parts.members, &parts.manifest),
            Mode::Full,
        )
        .await;
        found.iter().map(ToString::to_string).collect::<String>()
    };
    let other = said(|m| m.options.compression = "none".into()).await;
    assert!(
        other.contains("is not compressed as the manifest says"),
        "{other}"
    );
    let unknown = said(|m| m.options.compression = "lzma".into()).await;
    assert!(unknown.contains("names no compression"), "{unknown}");
    let rows = said(|m| {
        let large = m.databases[1].large_objects.as_mut();
        large.into_iter().for_each(|large| large.chunks[0].rows = 1);
    });
    assert!(rows.await.contains("has large objects, and rows"));
    let id = said(|m| m.databases[0].tables[0].dump_id = Some(-4)).await;
    assert!(
        id.contains("impossible dump id (expected from 1, found -4)"),
        "{id}"
    );
}

#[tokio::test]
async fn a_first_line_of_another_program_is_found() {
    let mut parts = parts(&testing::small(Compression::default())).await;
    let readme = &mut parts.manifest.members[0];
    parts.members[512..512 + 5].copy_from_slice(b"Hello");
    let size = usize::try_from(readme.size).unwrap_or(0);
    readme.sha256 = Sha256::of(&parts.members[512..512 + size]);
    let found = findings(
        &testing::sealed(&parts.members, &parts.manifest),
        Mode::Full,
    )
    .await;
    let said: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        ["README.txt at byte 512: does not begin with the line that tells the format"]
    );
}

/// An archive of any databases, with any names and rows.
fn any_sample() -> impl Strategy<Value = Sample> {
    let name = prop::collection::vec(1_u8.., 1..64);
    let rows = prop::collection::vec(
        prop::collection::vec("[a-z]{0,9}\t[0-9]{0,9}\n", 0..20),
        1..4,
    );
    let database = (name, rows, any::<bool>()).prop_map(|(name, chunks, large_objects)| {
        let chunks = chunks.into_iter().map(|rows| rows.concat().into_bytes());
        SampleDatabase {
            name,
            large_objects,
            tables: vec![SampleTable {
                name: "t",
                columns: &["a", "b"],
                chunks: chunks.collect(),
            }],
        }
    });
    let compression = prop_oneof![Just(Compression::None), Just(Compression::Zstd(1))];
    let databases = prop::collection::vec(database, 0..4);
    (compression, databases, any::<bool>()).prop_map(|(compression, mut databases, globals)| {
        databases.sort_by(|a, b| a.name.cmp(&b.name));
        databases.dedup_by(|a, b| a.name == b.name);
        Sample {
            compression,
            databases,
            globals,
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Headers and padding are what the manifest implies, also where an attacker makes every sum right.
    #[test]
    fn any_other_header_or_padding_is_found(
        sample in any_sample(),
        member in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        with in prop::collection::vec(any::<u8>(), 1..64),
    ) {
        runtime().block_on(async {
            let bytes = archive(&sample).await;
            prop_assert_eq!(verdicts(&bytes).await, [const { Verdict::Whole }; 3]);
            let spots = spots(&bytes);
            let spot = &spots[member.index(spots.len())];
            let between: Vec<usize> = spot.header.clone().chain(spot.padding.clone()).collect();
            let first = between[at.index(between.len())];
            let mut changed = bytes.clone();
            for (&at, byte) in between.iter().filter(|&&at| at >= first).zip(&with) {
                changed[at] = *byte;
            }
            for start in spot.header.clone().step_by(512) {
                let is_record = spot.header.len() > 512 && start == spot.header.start + 512;
                if !is_record {
                    fit_checksum(&mut changed[start..start + 512]);
                }
            }
            if changed != bytes {
                assert_damaged(&changed, &spot.name).await;
            }
            Ok(())
        })?;
    }
}

#[test]
fn databases_of_any_name_are_unpacked_below_the_folder() {
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(40));
    let run = runner.run(&any_sample(), |sample| {
        runtime().block_on(async {
            assert_unpacks(&archive(&sample).await, "any names").await;
        });
        Ok(())
    });
    run.unwrap_or_else(|e| panic!("{e}"));
    for name in [
        "..",
        ".",
        "/",
        "/etc/passwd",
        "../../x",
        "-rf",
        "~",
        "a\nb",
        "C:\\x",
        " ",
    ] {
        let mut sample = testing::small(Compression::None);
        sample.databases[0].name = name.as_bytes().to_vec();
        runtime().block_on(async {
            assert_unpacks(&archive(&sample).await, name).await;
        });
    }
}
