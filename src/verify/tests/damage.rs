//! Every class of byte in an archive, changed in every way that files change.

use std::ops::Range;

use proptest::prelude::*;

use super::*;
use crate::archive::manifest::Manifest;

/// One member as it lies in the file.
pub(super) struct Spot {
    pub(super) name: String,
    pub(super) header: Range<usize>,
    pub(super) content: Range<usize>,
    pub(super) padding: Range<usize>,
}

impl Spot {
    fn whole(&self) -> Range<usize> {
        self.header.start..self.padding.end
    }
}

/// Every member, the last three among them.
pub(super) fn spots(bytes: &[u8]) -> Vec<Spot> {
    let mut archive = tar::Archive::new(bytes);
    let mut spots: Vec<Spot> = Vec::new();
    for entry in archive.entries().into_iter().flatten().flatten() {
        let start = usize::try_from(entry.raw_file_position()).unwrap_or(0);
        let content = start..start + usize::try_from(entry.size()).unwrap_or(0);
        let end = content.end.next_multiple_of(512);
        spots.push(Spot {
            name: entry
                .path()
                .map(|p| p.to_string_lossy().into_owned())
                .unwrap_or_default(),
            header: spots.last().map_or(0, |before| before.padding.end)..start,
            padding: content.end..end,
            content,
        });
    }
    spots
}

async fn manifest_of(bytes: &[u8]) -> Manifest {
    let reader = ArchiveReader::open(testing::memory(Some(bytes)).await).await;
    reader
        .map(|reader| reader.manifest().clone())
        .unwrap_or_else(|e| panic!("{e}"))
}

/// The fields of a ustar header, then each part's first, middle and last byte.
fn positions(spot: &Spot) -> Vec<(usize, &'static str)> {
    let ustar = [
        (0, "name"),
        (99, "name"),
        (100, "mode"),
        (108, "uid"),
        (116, "gid"),
        (124, "size"),
        (134, "size"),
        (136, "mtime"),
        (148, "checksum"),
        (155, "checksum"),
        (156, "type"),
        (157, "link"),
        (257, "magic"),
        (263, "version"),
        (265, "user"),
        (297, "group"),
        (329, "device"),
        (345, "prefix"),
        (499, "prefix"),
        (500, "unused"),
        (511, "unused"),
    ];
    let mut out = Vec::new();
    for block in spot.header.clone().step_by(512) {
        out.extend(ustar.map(|(at, field)| (block + at, field)));
    }
    for (range, part) in [(&spot.content, "content"), (&spot.padding, "padding")] {
        if !range.is_empty() {
            let middle = range.start + range.len() / 2;
            out.extend([range.start, middle, range.end - 1].map(|at| (at, part)));
        }
    }
    out
}

#[tokio::test]
async fn a_flipped_bit_anywhere_is_found_and_its_member_named() {
    let bytes = archive(&testing::small(Compression::default())).await;
    let end = bytes.len() - 1024;
    for spot in spots(&bytes) {
        for (at, part) in positions(&spot) {
            let mut changed = bytes.clone();
            changed[at] ^= 0x10;
            let found = findings(&changed, Mode::Full).await;
            let named = found
                .iter()
                .any(|damage| damage.place.member.as_ref() == Some(&spot.name));
            let is_trailer = spot.name == names::TRAILER && part == "content";
            assert!(
                named || (is_trailer && !found.is_empty()),
                "{} {part} {at}: {found:?}",
                spot.name
            );
            let range = spot.whole();
            let near = found
                .iter()
                .filter_map(|damage| usize::try_from(damage.place.offset?).ok())
                .any(|offset| offset <= at && range.contains(&offset));
            assert!(near || is_trailer, "{} {part} {at}: {found:?}", spot.name);
        }
    }
    for at in [end, end + 511, end + 512, bytes.len() - 1] {
        let mut changed = bytes.clone();
        changed[at] = 1;
        let found = findings(&changed, Mode::Full).await;
        assert_eq!(
            found.iter().map(|d| d.place.offset).collect::<Vec<_>>(),
            [Some(at as u64)]
        );
    }
}

#[tokio::test]
async fn damage_in_a_chunk_is_said_in_the_users_terms() {
    let bytes = archive(&testing::several(Compression::default())).await;
    let manifest = manifest_of(&bytes).await;
    let chunk = manifest.databases[0].tables[0].chunks[1].dump_id;
    let name = names::data_member("accounts", chunk, true);
    let spots = spots(&bytes);
    let Some(spot) = spots.iter().find(|spot| spot.name == name) else {
        panic!("{name}");
    };
    let mut changed = bytes.clone();
    changed[spot.content.start + 20] ^= 1;
    for mode in [Mode::Full, Mode::Deep] {
        let found = findings(&changed, mode).await;
        let said: Vec<String> = found.iter().map(|damage| damage.to_string()).collect();
        let begin = format!(
            "database \"accounts\", table \"public.people\", chunk {chunk}, {name} at byte {}: its content",
            spot.content.start
        );
        assert!(said.len() == 1 && said[0].starts_with(&begin), "{said:?}");
    }
    assert_eq!(findings(&changed, Mode::Quick).await, []);
}

#[tokio::test]
async fn quick_finds_what_a_restore_would_read_first() {
    let bytes = archive(&testing::small(Compression::default())).await;
    for spot in spots(&bytes) {
        let metadata = spot.name.ends_with("toc.dat")
            || [names::MANIFEST, names::SUMS, names::TRAILER].contains(&spot.name.as_str());
        let mut changed = bytes.clone();
        changed[spot.content.start + spot.content.len() / 2] ^= 1;
        let found = findings(&changed, Mode::Quick).await;
        assert_eq!(!found.is_empty(), metadata, "{}: {found:?}", spot.name);
    }
}

#[tokio::test]
async fn a_file_cut_anywhere_is_damaged_and_the_cut_is_shown() {
    let bytes = archive(&testing::small(Compression::default())).await;
    let mut lengths = vec![
        0,
        1,
        9,
        10,
        11,
        99,
        511,
        512,
        520,
        1023,
        1024,
        bytes.len() - 1,
    ];
    for spot in spots(&bytes) {
        let range = spot.whole();
        lengths.extend([
            range.start,
            range.start + 100,
            spot.content.start,
            spot.content.start + 1,
        ]);
        lengths.extend([
            spot.content.end - 1,
            spot.content.end,
            range.end - 1,
            range.end,
        ]);
    }
    lengths.extend([bytes.len() - 1024, bytes.len() - 513, bytes.len() - 512]);
    for length in lengths {
        let found = findings(&bytes[..length], Mode::Full).await;
        let last = found.iter().filter_map(|damage| damage.place.offset).max();
        assert_eq!(last, Some(length as u64), "{found:?}");
    }
    let spots = spots(&bytes);
    let inside = &spots[3];
    let found = findings(&bytes[..inside.content.start + 5], Mode::Full).await;
    assert!(
        found
            .iter()
            .any(|d| d.place.member.as_ref() == Some(&inside.name)),
        "{found:?}"
    );
}

#[tokio::test]
async fn an_extended_file_is_damaged_and_the_extension_is_shown() {
    let bytes = archive(&testing::small(Compression::default())).await;
    for tail in [
        &[0_u8; 1][..],
        &[0; 512],
        &[0; 10_240],
        b"x",
        &[7; 2048],
        &bytes,
    ] {
        let extended = [&bytes[..], tail].concat();
        let found = findings(&extended, Mode::Full).await;
        let at = found
            .iter()
            .any(|d| d.place.offset == Some(bytes.len() as u64));
        // A whole archive behind another has a trailer, which describes a file of another size.
        assert!(at, "{} bytes: {found:?}", tail.len());
    }
    let before = [&[0_u8; 512][..], &bytes].concat();
    assert!(!findings(&before, Mode::Full).await.is_empty());
}

/// Exchanges two ranges of bytes.
fn swapped(bytes: &[u8], first: Range<usize>, second: Range<usize>) -> Vec<u8> {
    let parts = [
        &bytes[..first.start],
        &bytes[second.clone()],
        &bytes[first.end..second.start],
        &bytes[first],
        &bytes[second.end..],
    ];
    parts.concat()
}

#[tokio::test]
async fn members_swapped_duplicated_or_left_out_are_found() {
    let bytes = archive(&testing::small(Compression::default())).await;
    let spots = spots(&bytes);
    for (at, spot) in spots.iter().enumerate() {
        let range = spot.whole();
        let left_out = [&bytes[..range.start], &bytes[range.end..]].concat();
        assert!(
            !findings(&left_out, Mode::Full).await.is_empty(),
            "without {}",
            spot.name
        );
        let twice = [&bytes[..range.end], &bytes[range.start..]].concat();
        assert!(
            !findings(&twice, Mode::Full).await.is_empty(),
            "{} twice",
            spot.name
        );
        for other in &spots[at + 1..] {
            let changed = swapped(&bytes, range.clone(), other.whole());
            let found = findings(&changed, Mode::Full).await;
            assert!(!found.is_empty(), "{} and {}", spot.name, other.name);
        }
    }
}

#[tokio::test]
async fn contents_of_equal_size_that_are_swapped_are_both_named() {
    // Two chunks of equal length, not compressed, so that only their contents differ.
    let mut sample = testing::small(Compression::None);
    sample.databases[0].tables[0].chunks = vec![b"1\ta\n".to_vec(), b"2\tb\n".to_vec()];
    let bytes = archive(&sample).await;
    let spots = spots(&bytes);
    let changed = swapped(&bytes, spots[1].content.clone(), spots[2].content.clone());
    let found = findings(&changed, Mode::Full).await;
    let named: Vec<_> = found
        .iter()
        .filter_map(|damage| damage.place.member.clone())
        .collect();
    assert_eq!(named, [spots[1].name.clone(), spots[2].name.clone()]);
}

#[tokio::test]
async fn blocks_zeroed_lost_or_moved_are_found() {
    let bytes = archive(&testing::small(Compression::default())).await;
    for start in (0..bytes.len()).step_by(512) {
        let mut zeroed = bytes.clone();
        zeroed[start..start + 512].fill(0);
        if zeroed != bytes {
            assert!(
                !findings(&zeroed, Mode::Full).await.is_empty(),
                "{start} zeroed"
            );
        }
        let lost = [&bytes[..start], &bytes[start + 512..]].concat();
        assert!(
            !findings(&lost, Mode::Full).await.is_empty(),
            "{start} lost"
        );
    }
    let zeros = vec![0; bytes.len()];
    let outcome = verified(&zeros, Mode::Full).await;
    assert!(matches!(outcome.verdict, Verdict::NotVerifiable { .. }));
}

#[tokio::test]
async fn findings_are_bounded_and_counted() {
    let mut sample = testing::small(Compression::default());
    let rows: Vec<Vec<u8>> = (0..300).map(|n| format!("{n}\tx\n").into_bytes()).collect();
    sample.databases[0].tables[0].chunks = rows;
    let bytes = archive(&sample).await;
    let mut changed = bytes.clone();
    for spot in spots(&bytes)
        .iter()
        .filter(|spot| spot.name.ends_with(".zst"))
    {
        changed[spot.content.start] ^= 1;
    }
    let outcome = verified(&changed, Mode::Full).await;
    let Verdict::Damaged { findings, total } = &outcome.verdict else {
        panic!("{outcome:?}");
    };
    assert_eq!(findings.len(), FINDINGS_MAX);
    assert!(*total > 300);
    assert!(render::text(&outcome).contains("more\n"));
}

pub(super) fn runtime() -> tokio::runtime::Runtime {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn any_changed_byte_is_found() {
    let runtime = runtime();
    let bytes = runtime.block_on(archive(&testing::small(Compression::default())));
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(2000));
    let change = (0..bytes.len(), 1u8..);
    let run = runner.run(&change, |(at, change)| {
        let mut changed = bytes.clone();
        changed[at] ^= change;
        let found = runtime.block_on(findings(&changed, Mode::Full));
        prop_assert!(!found.is_empty());
        Ok(())
    });
    run.unwrap_or_else(|e| panic!("{e}"));
}

proptest! {
    #[test]
    fn no_bytes_make_verify_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..6000),
        head in any::<bool>(),
    ) {
        let mut bytes = bytes;
        if head {
            bytes.splice(0..0, *b"README.txt");
        }
        let outcome = runtime().block_on(verified(&bytes, Mode::Deep));
        prop_assert_ne!(outcome.verdict, Verdict::Whole);
    }
}
