//! Write an archive in memory and read it back; then files that are none.

use std::sync::Arc;

use super::super::chunk::{ChunkEncoder, Compression};
use super::super::manifest::{DumpOptionsRecord, ServerFacts};
use super::super::writer::{ArchiveWriter, Finished};
use super::*;
use crate::storage::{Replace, UploadOptions};

fn memory() -> Store {
    let objects = Arc::new(object_store::memory::InMemory::new());
    Store::over(objects, "snap.tar").unwrap_or_else(|e| panic!("{e}"))
}

async fn store_of(content: &[u8]) -> Store {
    let store = memory();
    let upload = store.upload(Replace::Never, UploadOptions::default()).await;
    let mut upload = upload.unwrap_or_else(|e| panic!("{e}"));
    let written = upload.write(Bytes::copy_from_slice(content)).await;
    written.unwrap_or_else(|e| panic!("{e}"));
    upload.finish().await.unwrap_or_else(|e| panic!("{e}"));
    store
}

fn manifest() -> Manifest {
    Manifest {
        format: 0,
        creator: "pgark test".into(),
        created_unix: 0,
        options: DumpOptionsRecord::default(),
        server: ServerFacts {
            version_num: 180_001,
            version: "18.1".into(),
            host: None,
            system_identifier: None,
        },
        pg_dump_version: "18.1".into(),
        schema_reader: None,
        snapshot_spread_us: 17,
        globals: None,
        databases: Vec::new(),
        left_out: Vec::new(),
        members: Vec::new(),
    }
}

async fn sample(store: &Store) -> Result<Finished, Error> {
    let upload = store
        .upload(Replace::Never, UploadOptions::default())
        .await?;
    let mut writer = ArchiveWriter::create(upload, 1_700_000_000).await?;
    let mut encoder = ChunkEncoder::new(Compression::default())?;
    encoder.push_rows(b"1\ta\n2\tb\n")?;
    let chunk = encoder.finish()?;
    let raw_bytes = Some(chunk.member_raw_bytes);
    let name = names::data_member("accounts", 12, true);
    writer
        .append(&name, chunk.stored, chunk.sha256, raw_bytes)
        .await?;
    let toc = b"PGDMP".to_vec();
    let sha256 = Sha256::of(&toc);
    writer
        .append(&names::toc_member("accounts"), toc, sha256, None)
        .await?;
    writer.finish(manifest()).await
}

async fn bytes_of(store: &Store) -> Vec<u8> {
    let size = store.size().await.unwrap_or_default();
    store.read_range(0..size).await.unwrap_or_default().to_vec()
}

#[tokio::test]
async fn what_was_written_is_read_back() -> Result<(), Error> {
    let store = memory();
    let finished = sample(&store).await?;
    let reader = ArchiveReader::open(store.clone()).await?;
    assert_eq!(
        (reader.digest(), reader.size()),
        (finished.digest, finished.bytes)
    );
    assert_eq!(reader.manifest().format, FORMAT_VERSION);
    assert_eq!(reader.manifest().created_unix, 1_700_000_000);
    assert_eq!(reader.toc("accounts").await?, Bytes::from("PGDMP"));
    assert_eq!(reader.globals_toc().await?, None);
    let missing = reader.member("databases/x/1.dat").await;
    assert!(matches!(missing, Err(Error::NoMember { .. })));
    assert_eq!(reader.manifest().members.len(), 3);
    assert!(
        reader
            .member(names::README)
            .await?
            .starts_with(README_BEGIN.as_bytes())
    );
    Ok(())
}

#[tokio::test]
async fn it_is_a_tar_with_every_member_in_its_place() -> Result<(), Error> {
    let store = memory();
    sample(&store).await?;
    let bytes = bytes_of(&store).await;
    let reader = ArchiveReader::open(store).await?;
    let mut archive = tar::Archive::new(&bytes[..]);
    let mut found = Vec::new();
    for entry in archive.entries().into_iter().flatten().flatten() {
        let path = entry.path().map(|p| p.to_string_lossy().into_owned());
        found.push((
            path.unwrap_or_default(),
            entry.raw_file_position(),
            entry.size(),
        ));
    }
    let members = &reader.manifest().members;
    let said: Vec<_> = members
        .iter()
        .map(|m| (m.name.clone(), m.offset, m.size))
        .collect();
    assert_eq!(&found[..said.len()], said);
    let rest: Vec<_> = found[said.len()..]
        .iter()
        .map(|(path, ..)| path.as_str())
        .collect();
    assert_eq!(rest, [names::MANIFEST, names::SUMS, names::TRAILER]);
    assert_eq!(bytes.len() % 512, 0);
    Ok(())
}

#[tokio::test]
async fn a_member_that_changed_is_not_returned() -> Result<(), Error> {
    let store = memory();
    sample(&store).await?;
    let offset = ArchiveReader::open(store.clone()).await?.manifest().members[1].offset;
    let mut bytes = bytes_of(&store).await;
    bytes[usize::try_from(offset).unwrap_or(0) + 7] ^= 1;
    let reader = ArchiveReader::open(store_of(&bytes).await).await?;
    let Err(Error::Damaged { damage, .. }) = reader.member("databases/accounts/12.dat.zst").await
    else {
        panic!("damage not found");
    };
    assert_eq!(damage.place.chunk, Some(12));
    assert_eq!(damage.place.offset, Some(offset));
    Ok(())
}

#[tokio::test]
async fn a_member_costs_one_read_of_its_own_bytes() -> Result<(), Error> {
    let (store, calls) = crate::storage::testing::faulty();
    sample(&store).await?;
    let reader = ArchiveReader::open(store.clone()).await?;
    let reads = calls.take_reads();
    let size = reader.size();
    assert_eq!(reads[0], size - TAIL_BYTES..size);
    assert_eq!(reads.len(), 2);
    let member = reader.manifest().members[1].clone();
    reader.member(&member.name).await?;
    let reads = calls.take_reads();
    let own = member.offset..member.offset + member.size;
    assert_eq!((reads.len(), reads.first()), (1, Some(&own)));
    Ok(())
}

#[tokio::test]
async fn whichever_call_of_the_store_fails_no_archive_appears() -> Result<(), Error> {
    let (store, calls) = crate::storage::testing::faulty();
    calls.fail_from(0);
    sample(&store).await?;
    let needed = calls.count();
    for failing in 1..=needed {
        let (store, calls) = crate::storage::testing::faulty();
        calls.fail_from(failing);
        let is_written = sample(&store).await.is_ok();
        // The last call looks at what is there already.
        assert_eq!(is_written, failing == needed, "{failing}");
        calls.fail_from(0);
        assert_eq!(store.exists().await?, is_written, "{failing}");
    }
    Ok(())
}

#[tokio::test]
async fn a_file_cut_anywhere_is_a_damaged_archive() -> Result<(), Error> {
    let store = memory();
    sample(&store).await?;
    let bytes = bytes_of(&store).await;
    for length in (0..bytes.len()).step_by(13) {
        let opened = ArchiveReader::open(store_of(&bytes[..length]).await).await;
        assert!(matches!(opened, Err(Error::Damaged { .. })), "{length}");
    }
    Ok(())
}

#[tokio::test]
async fn strangers_and_later_formats_are_told_apart() -> Result<(), Error> {
    let kinds = async |bytes: &[u8]| match ArchiveReader::open(store_of(bytes).await).await {
        Ok(_) => "archive",
        Err(Error::NotAnArchive {
            foreign: Foreign::PgDumpCustom,
            ..
        }) => "custom",
        Err(Error::NotAnArchive {
            foreign: Foreign::PgDumpTar,
            ..
        }) => "tar",
        Err(Error::NotAnArchive {
            foreign: Foreign::Script,
            ..
        }) => "script",
        Err(Error::NotAnArchive { .. }) => "stranger",
        Err(Error::NewerFormat { format: 2, .. }) => "newer",
        Err(Error::Damaged { .. }) => "damaged",
        Err(_) => "other",
    };
    assert_eq!(kinds(b"PGDMP\x01\x0f").await, "custom");
    assert_eq!(kinds(b"toc.dat\0\0\0").await, "tar");
    let script = b"--\n-- PostgreSQL database cluster dump\n--\n";
    assert_eq!(kinds(script).await, "script");
    assert_eq!(kinds(&[b'x'; 5000]).await, "stranger");
    assert_eq!(kinds(b"hello").await, "stranger");
    let store = memory();
    sample(&store).await?;
    let bytes = bytes_of(&store).await;
    assert_eq!(kinds(&bytes).await, "archive");
    let trailer = bytes.len() - 1536;
    let newer = |text: &[u8], at: usize| {
        let mut changed = bytes.clone();
        let found = changed[at..].windows(text.len()).position(|w| w == text);
        changed[at + found.unwrap_or(0) + text.len() - 1] = b'2';
        changed
    };
    let in_trailer = newer(b"\"format\":1", trailer);
    assert_eq!(kinds(&in_trailer).await, "damaged");
    let mut both = newer(b"format 1", 0);
    both[trailer..].copy_from_slice(&in_trailer[trailer..]);
    assert_eq!(kinds(&both).await, "newer");
    Ok(())
}
