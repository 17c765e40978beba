//! Manifests that lie, with hashes that fit: what an attacker or a broken writer could make.

use super::*;
use crate::archive::layout::{self, MEMBER_BYTES_MAX};
use crate::archive::manifest::{Manifest, Member, Table};
use crate::digest::RowDigest;

pub(super) struct Parts {
    pub(super) members: Vec<u8>,
    pub(super) manifest: Manifest,
}

pub(super) async fn parts(sample: &Sample) -> Parts {
    let bytes = archive(sample).await;
    let reader = ArchiveReader::open(testing::memory(Some(&bytes)).await).await;
    let reader = reader.unwrap_or_else(|e| panic!("{e}"));
    let end = reader.trailer().manifest.offset - layout::header_bytes(names::MANIFEST);
    Parts {
        members: bytes[..usize::try_from(end).unwrap_or(0)].to_vec(),
        manifest: reader.manifest().clone(),
    }
}

/// Returns the findings when the manifest is changed like this and sealed again.
async fn lied(change: impl Fn(&mut Manifest)) -> Vec<String> {
    let mut parts = parts(&testing::small(Compression::default())).await;
    change(&mut parts.manifest);
    let sealed = testing::sealed(&parts.members, &parts.manifest);
    let found = findings(&sealed, Mode::Deep).await;
    found.iter().map(|damage| damage.to_string()).collect()
}

async fn assert_found(part: &str, change: impl Fn(&mut Manifest)) {
    let said = lied(change).await;
    assert!(
        said.iter().any(|said| said.contains(part)),
        "{part}: {said:?}"
    );
}

fn people(manifest: &mut Manifest) -> &mut Table {
    &mut manifest.databases[0].tables[0]
}

/// Makes the table's figures the sums of its chunks again.
fn sum(table: &mut Table) {
    let mut digest = RowDigest::default();
    table
        .chunks
        .iter()
        .for_each(|chunk| digest.merge(chunk.digest));
    table.digest = digest;
    table.rows = table.chunks.iter().map(|chunk| chunk.rows).sum();
    table.raw_bytes = table.chunks.iter().map(|chunk| chunk.raw_bytes).sum();
}

#[tokio::test]
async fn an_honest_manifest_sealed_again_is_whole() {
    assert_eq!(lied(|_| {}).await, Vec::<String>::new());
}

#[tokio::test]
async fn places_that_cannot_be_are_found() {
    let follow = "does not follow the member before it";
    assert_found(follow, |m| m.members[2].offset = m.members[1].offset).await;
    assert_found(follow, |m| m.members[2].offset += 512).await;
    assert_found(follow, |m| m.members[2].offset = u64::MAX).await;
    assert_found(follow, |m| m.members[1].size += 512).await;
    assert_found("larger than a member can be", |m| {
        m.members[1].size = u64::MAX
    })
    .await;
    assert_found("larger than a member can be", |m| {
        m.members[1].size = MEMBER_BYTES_MAX + 1
    })
    .await;
    assert_found("does not follow", |m| {
        m.members.pop();
    })
    .await;
    assert_found("does not follow", |m| m.members.swap(1, 2)).await;
}

#[tokio::test]
async fn names_that_no_writer_makes_are_found() {
    let name = "cannot be a member's name";
    for hostile in [
        "../../etc/passwd",
        "/etc/passwd",
        "",
        "databases/../toc.dat",
        "x\n",
    ] {
        assert_found(name, |m| m.members[1].name = hostile.to_owned()).await;
    }
    assert_found(name, |m| m.members[2].name = m.members[1].name.clone()).await;
    assert_found("its folder would not be x", |m| {
        m.databases[0].directory = "x".into()
    })
    .await;
}

#[tokio::test]
async fn what_belongs_to_nothing_or_is_missing_is_found() {
    assert_found("has no member with its data", |m| {
        people(m).chunks[0].dump_id = 9999
    })
    .await;
    assert_found("belongs to nothing", |m| people(m).chunks[0].dump_id = 9999).await;
    assert_found("belongs to nothing", |m| m.globals = None).await;
    assert_found("has no chunk", |m| people(m).chunks.clear()).await;
    assert_found("is claimed twice", |m| {
        let table = people(m).clone();
        m.databases[0].tables.push(table);
    })
    .await;
    assert_found("toc.dat: is missing", |m| {
        let mut other = m.databases[0].clone();
        other.name = "other".into();
        other.directory = "other".into();
        other.tables.clear();
        m.databases.push(other);
    })
    .await;
}

#[tokio::test]
async fn figures_that_are_not_those_of_the_rows_are_found() {
    let sums = "are not the sums of its chunks'";
    assert_found(sums, |m| people(m).rows += 1).await;
    assert_found(sums, |m| people(m).digest = RowDigest::default()).await;
    assert_found(sums, |m| {
        let chunk = &mut people(m).chunks[0];
        (chunk.rows, chunk.raw_bytes) = (u64::MAX, u64::MAX);
        people(m).rows = u64::MAX;
    })
    .await;
    assert_found(
        "its rows are not the manifest's (expected 31, found 30)",
        |m| {
            people(m).chunks[0].rows += 1;
            sum(people(m));
        },
    )
    .await;
    assert_found("its row digest is not the manifest's", |m| {
        people(m).chunks[0].digest = RowDigest::default();
        sum(people(m));
    })
    .await;
    assert_found("its raw size is not that of its content", |m| {
        people(m).chunks[0].raw_bytes = 1 << 40;
    })
    .await;
    assert_found("has more raw bytes than can be", |m| {
        people(m).chunks[0].raw_bytes = u64::MAX;
    })
    .await;
    assert_found("its entry has 2 columns, not 3", |m| people(m).columns = 3).await;
    assert_found("row 1 of the chunk has 2 columns", |m| {
        people(m).columns = 3
    })
    .await;
    assert_found("has another number of entries", |m| {
        m.databases[0].toc_entries = 0
    })
    .await;
}

fn member_of_chunk(manifest: &mut Manifest) -> &mut Member {
    &mut manifest.members[1]
}

#[tokio::test]
async fn raw_sizes_that_lie_end_the_decoding_and_fill_no_memory() {
    for (raw_bytes, part) in [
        (0, "more rows than bytes"),
        (1, "more rows than bytes"),
        (200, "its content"),
        (1 << 20, "its content"),
        // A sum that is too large is none, and equal to nothing.
        (u64::MAX - 5, "are not the sums of its chunks'"),
    ] {
        let said = lied(|m| {
            people(m).chunks[0].raw_bytes = raw_bytes;
            let chunks = people(m).chunks.clone();
            let sizes = chunks.iter().map(|chunk| chunk.raw_bytes);
            people(m).raw_bytes = sizes.fold(0, u64::saturating_add);
            member_of_chunk(m).raw_bytes = Some(raw_bytes + 5);
        })
        .await;
        let found = said.iter().any(|said| said.contains(part));
        assert!(found, "{raw_bytes}: {said:?}");
    }
}

#[tokio::test]
async fn a_decompression_bomb_is_stopped() {
    // Zeros in a few KB, in place of the first chunk.
    let bomb = zstd::stream::encode_all(std::io::Read::take(std::io::repeat(0), 128 << 20), 1);
    let bomb = bomb.unwrap_or_default();
    let mut parts = parts(&testing::small(Compression::default())).await;
    let manifest = &mut parts.manifest;
    manifest.databases.truncate(1);
    manifest.databases[0].tables.truncate(1);
    people(manifest).chunks.truncate(1);
    sum(people(manifest));
    manifest.globals = None;
    let raw_bytes = people(manifest).raw_bytes + 5;
    let readme_end = usize::try_from(manifest.members[1].offset).unwrap_or(0) - 512;
    let mut members = parts.members[..readme_end].to_vec();
    let name = manifest.members[1].name.clone();
    let size = bomb.len() as u64;
    let header = layout::header(&name, size, testing::CREATED_UNIX);
    members.extend(header.unwrap_or_else(|e| panic!("{e}")));
    members.extend(&bomb);
    members.resize(members.len().next_multiple_of(512), 0);
    manifest.members.truncate(2);
    let member = member_of_chunk(manifest);
    (member.size, member.sha256) = (size, Sha256::of(&bomb));
    member.raw_bytes = Some(raw_bytes);
    let sealed = testing::sealed(&members, &parts.manifest);
    let found = findings(&sealed, Mode::Deep).await;
    assert!(!found.is_empty());
}

#[tokio::test]
async fn what_is_no_manifest_is_named_so() {
    let parts = parts(&testing::small(Compression::default())).await;
    for json in [
        "",
        "{}",
        "[]",
        "null",
        "{\"format\":1}",
        "{\"format\":\"1\"}",
        "\u{1}",
        "[[[[",
    ] {
        let sealed = testing::sealed_json(&parts.members, json.as_bytes(), b"");
        let found = findings(&sealed, Mode::Full).await;
        assert!(
            found[0].to_string().starts_with("manifest.json at byte "),
            "{json}: {found:?}"
        );
    }
    let deep = "[".repeat(100_000);
    let sealed = testing::sealed_json(&parts.members, deep.as_bytes(), b"");
    assert!(!findings(&sealed, Mode::Full).await.is_empty());
}

#[tokio::test]
async fn sums_that_say_something_else_are_found() {
    let parts = parts(&testing::small(Compression::default())).await;
    let json = parts.manifest.to_json().unwrap_or_default();
    for sums in [&b""[..], b"x", b"0000  README.txt\n"] {
        let sealed = testing::sealed_json(&parts.members, &json, sums);
        for mode in [Mode::Quick, Mode::Full] {
            let found = findings(&sealed, mode).await;
            let named = found
                .iter()
                .any(|d| d.what.contains("contradicts the manifest"));
            assert!(named, "{found:?}");
        }
    }
}

#[tokio::test]
async fn a_toc_that_is_none_is_named() {
    let mut sample = testing::small(Compression::default());
    sample.databases.truncate(1);
    let store = testing::memory(None).await;
    let written = testing::write(&sample, &store, |_| b"PGDMP nonsense".to_vec()).await;
    assert!(written.is_ok());
    let found = findings(&testing::bytes_of(&store).await, Mode::Quick).await;
    let said: Vec<String> = found.iter().map(|damage| damage.to_string()).collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(
        said[0].contains("databases/accounts/toc.dat at byte "),
        "{said:?}"
    );
    assert!(said[1].contains("globals/toc.dat at byte "), "{said:?}");
}
