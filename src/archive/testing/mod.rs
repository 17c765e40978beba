//! Sample archives for tests of the layers above: made with the real writer, or put together by hand
//! where no writer would make them.
//!
//! toc.dat's bytes come from the caller, who may import `pgdump`; this layer may not.

mod entries;
mod sample;

use std::sync::Arc;

use bytes::Bytes;

use crate::digest::{RowDigest, Sha256};
use crate::storage::Store;
use crate::storage::{Replace, UploadOptions};
use crate::toc::{DumpId, ObjectKind, Section, Toc, TocEntry};

use entries::{data_entry, large_object_entry, next_id, table_entry, toc};

pub(crate) use sample::SampleTable;

use super::chunk::{ChunkEncoder, Compression, EncodedChunk};
use super::layout::{self, END_BYTES};
use super::manifest::{
    Chunk, Database, DumpOptionsRecord, GlobalsFacts, LargeObjects, Manifest, Passwords,
    ServerFacts, Snapshot, Table,
};
use super::trailer::{Extent, Trailer};
use super::writer::{ArchiveWriter, Finished};
use super::{Error, names};

/// The date of every sample.
pub(crate) const CREATED_UNIX: i64 = 1_795_152_789;

/// What a sample archive holds.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    pub(crate) compression: Compression,
    pub(crate) databases: Vec<SampleDatabase>,
    pub(crate) globals: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct SampleDatabase {
    pub(crate) name: Vec<u8>,
    pub(crate) tables: Vec<SampleTable>,
    pub(crate) large_objects: bool,
}

type WriteToc = fn(&Toc) -> Vec<u8>;

/// Several databases, more than a megabyte, every special case of the format.
pub(crate) fn several(compression: Compression) -> Sample {
    let table = |name, columns, chunks| SampleTable {
        name,
        columns,
        chunks,
    };
    let rows = |from: u64, to: u64| -> Vec<u8> {
        (from..to)
            .flat_map(|n| format!("{n}\tname {n}\n").into_bytes())
            .collect()
    };
    let database = |name: &[u8], tables, large_objects| SampleDatabase {
        name: name.to_vec(),
        tables,
        large_objects,
    };
    Sample {
        compression,
        globals: true,
        databases: vec![
            database(
                b"accounts",
                vec![
                    table(
                        "people",
                        &["id", "name"],
                        vec![rows(0, 900), rows(900, 1800), rows(1800, 1801)],
                    ),
                    table("nobody", &["id"], vec![Vec::new()]),
                    table("bare", &[], vec![b"\n\n\n".to_vec()]),
                ],
                false,
            ),
            database(
                b"metrics",
                vec![table("noise", &["id", "v"], vec![noise(2_500_000)])],
                true,
            ),
            database(
                "résultats 2017/09".as_bytes(),
                vec![table("a,(b", &["x", "y, z"], vec![rows(5, 50)])],
                false,
            ),
            database(
                &[0xe9; 60],
                vec![table("t", &["id", "name"], vec![rows(1, 3)])],
                false,
            ),
            database(b"empty", Vec::new(), false),
        ],
    }
}

/// A small sample of the same shape.
pub(crate) fn small(compression: Compression) -> Sample {
    let mut sample = several(compression);
    sample.databases[1].tables[0].chunks = vec![noise(2000)];
    for table in &mut sample.databases[0].tables {
        for chunk in &mut table.chunks {
            let lines = chunk.split_inclusive(|&byte| byte == b'\n').take(30);
            *chunk = lines.flatten().copied().collect();
        }
    }
    sample
}

/// Two columns that do not compress.
fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut out = Vec::with_capacity(bytes + 32);
    while out.len() < bytes {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        out.extend_from_slice(format!("{}\t{state:x}\n", state % 1000).as_bytes());
    }
    out
}

/// A store in memory that holds `content`, or nothing yet.
pub(crate) async fn memory(content: Option<&[u8]>) -> Store {
    let objects = Arc::new(object_store::memory::InMemory::new());
    let store = Store::over(objects, "snap.tar").unwrap_or_else(|e| panic!("{e}"));
    if let Some(content) = content {
        let upload = store.upload(Replace::Never, UploadOptions::default()).await;
        let mut upload = upload.unwrap_or_else(|e| panic!("{e}"));
        let written = upload.write(Bytes::copy_from_slice(content)).await;
        written.unwrap_or_else(|e| panic!("{e}"));
        upload.finish().await.unwrap_or_else(|e| panic!("{e}"));
    }
    store
}

/// Everything in a store.
pub(crate) async fn bytes_of(store: &Store) -> Vec<u8> {
    let size = store.size().await.unwrap_or_else(|e| panic!("{e}"));
    let bytes = store.read_range(0..size).await;
    bytes.unwrap_or_else(|e| panic!("{e}")).to_vec()
}

/// Writes the sample with the real writer.
pub(crate) async fn write(
    sample: &Sample,
    store: &Store,
    toc_bytes: WriteToc,
) -> Result<Finished, Error> {
    write_at(CREATED_UNIX, sample, store, toc_bytes).await
}

/// The same with another date.
pub(crate) async fn write_at(
    created_unix: i64,
    sample: &Sample,
    store: &Store,
    toc_bytes: WriteToc,
) -> Result<Finished, Error> {
    let upload = store
        .upload(Replace::Never, UploadOptions::default())
        .await?;
    let mut writer = ArchiveWriter::create(upload, created_unix).await?;
    let mut manifest = manifest(sample);
    for database in &sample.databases {
        let described = write_database(&mut writer, sample, database, toc_bytes).await?;
        manifest.databases.push(described);
    }
    if sample.globals {
        let role = TocEntry {
            dump_id: DumpId(1),
            kind: ObjectKind::Role,
            tag: "joe".into(),
            defn: Some("CREATE ROLE joe;\n".into()),
            section: Section::PreData,
            ..TocEntry::default()
        };
        let toc = toc_bytes(&toc(b"", vec![role]));
        let sha256 = Sha256::of(&toc);
        writer.append(names::GLOBALS_TOC, toc, sha256, None).await?;
    }
    writer.finish(manifest).await
}

fn manifest(sample: &Sample) -> Manifest {
    Manifest {
        format: 0,
        creator: "pgark 0.1.0".into(),
        created_unix: 0,
        options: DumpOptionsRecord {
            compression: sample.compression.to_string(),
            chunk_bytes: 16_384,
            jobs: 4,
            ..DumpOptionsRecord::default()
        },
        server: ServerFacts {
            version_num: 150_018,
            version: "15.18".into(),
            host: Some("src".into()),
            system_identifier: None,
        },
        pg_dump_version: "15.18".into(),
        schema_reader: None,
        snapshot_spread_us: 4_100,
        globals: sample.globals.then_some(GlobalsFacts {
            roles: 1,
            memberships: 0,
            tablespaces: 0,
            passwords: Passwords::Unreadable,
        }),
        databases: Vec::new(),
        left_out: Vec::new(),
        members: Vec::new(),
    }
}

async fn write_database(
    writer: &mut ArchiveWriter,
    sample: &Sample,
    database: &SampleDatabase,
    toc_bytes: WriteToc,
) -> Result<Database, Error> {
    let mut described = described(&database.name);
    let mut encoder = ChunkEncoder::new(sample.compression)?;
    let mut entries = Vec::new();
    for table in &database.tables {
        let own = next_id(&entries);
        entries.push(table_entry(own, table));
        let mut chunks = Vec::new();
        for rows in &table.chunks {
            encoder.push_rows(rows)?;
            let id = next_id(&entries);
            entries.push(data_entry(id, own, table));
            let made = encoder.finish()?;
            chunks.push(chunk(id, &made));
            append(writer, &described.directory, sample, (id, made)).await?;
        }
        described.tables.push(summed(table, own, chunks));
    }
    if database.large_objects {
        encoder.push_sql(
            b"SELECT pg_catalog.lo_put(o, 0, d) FROM (VALUES (4242, '\\x00')) v(o, d);\n",
        )?;
        let made = encoder.finish_sql()?;
        let id = next_id(&entries);
        entries.push(large_object_entry(id));
        described.large_objects = Some(LargeObjects {
            count: 1,
            bytes: 1,
            chunks: vec![chunk(id, &made)],
        });
        append(writer, &described.directory, sample, (id, made)).await?;
    }
    described.toc_entries = entries.len() as u64;
    let toc = toc_bytes(&toc(&database.name, entries));
    let name = names::toc_member(&described.directory);
    let sha256 = Sha256::of(&toc);
    writer.append(&name, toc, sha256, None).await?;
    Ok(described)
}

async fn append(
    writer: &mut ArchiveWriter,
    directory: &str,
    sample: &Sample,
    (id, made): (DumpId, EncodedChunk),
) -> Result<(), Error> {
    let compressed = sample.compression.is_compressed();
    let name = names::data_member(directory, id.0, compressed);
    let raw_bytes = Some(made.member_raw_bytes);
    writer
        .append(&name, made.stored, made.sha256, raw_bytes)
        .await
}

fn chunk(id: DumpId, made: &EncodedChunk) -> Chunk {
    Chunk {
        dump_id: id.0,
        rows: made.rows,
        raw_bytes: made.raw_bytes,
        digest: made.digest,
    }
}

fn summed(table: &SampleTable, own: DumpId, chunks: Vec<Chunk>) -> Table {
    let mut digest = RowDigest::default();
    chunks.iter().for_each(|chunk| digest.merge(chunk.digest));
    Table {
        schema: "public".into(),
        name: table.name.into(),
        oid: 16_384,
        dump_id: Some(own.0),
        rows: chunks.iter().map(|chunk| chunk.rows).sum(),
        raw_bytes: chunks.iter().map(|chunk| chunk.raw_bytes).sum(),
        digest,
        columns: u32::try_from(table.columns.len()).unwrap_or(0),
        in_order: false,
        chunks,
    }
}

/// A database without anything in it.
pub(crate) fn described(name: &[u8]) -> Database {
    Database {
        name: name.into(),
        directory: names::directory_for(name),
        owner: "postgres".into(),
        encoding: "UTF8".into(),
        collate: "C".into(),
        ctype: "C".into(),
        locale_provider: "libc".into(),
        locale: None,
        icu_rules: None,
        collation_version: None,
        tablespace: "pg_default".into(),
        connection_limit: -1,
        settings: Vec::new(),
        comment: None,
        size_bytes: 8 << 20,
        server_version: "15.18".into(),
        extensions: Vec::new(),
        snapshot: Snapshot {
            name: "00000003-0000001B-1".into(),
            wal_position: "0/1A2B3C4".into(),
            taken_at: "2026-11-20T05:33:09.000017Z".into(),
        },
        tables: Vec::new(),
        large_objects: None,
        toc_entries: 0,
    }
}

/// Puts another manifest on the members of an archive, with sums and trailer that fit it, as an
/// attacker could.
pub(crate) fn sealed(members: &[u8], manifest: &Manifest) -> Vec<u8> {
    let json = manifest.to_json().unwrap_or_else(|e| panic!("{e}"));
    let digest = Sha256::of(&json);
    let sums = layout::sums(&manifest.members, digest).into_bytes();
    sealed_json(members, &json, &sums)
}

/// The same with any bytes as the manifest.
pub(crate) fn sealed_json(members: &[u8], json: &[u8], sums: &[u8]) -> Vec<u8> {
    let mut out = members.to_vec();
    let trailer = Trailer {
        format: super::FORMAT_VERSION,
        manifest: put(&mut out, names::MANIFEST, json),
        sums: put(&mut out, names::SUMS, sums),
    };
    let trailer = trailer.to_bytes().unwrap_or_else(|| panic!("trailer"));
    put(&mut out, names::TRAILER, &trailer);
    out.resize(out.len() + END_BYTES as usize, 0);
    out
}

fn put(out: &mut Vec<u8>, name: &str, content: &[u8]) -> Extent {
    let size = content.len() as u64;
    let header = layout::header(name, size, CREATED_UNIX);
    out.extend_from_slice(&header.unwrap_or_else(|e| panic!("{e}")));
    let offset = out.len() as u64;
    out.extend_from_slice(content);
    out.resize(out.len() + layout::padding(size), 0);
    Extent {
        offset,
        size,
        sha256: Sha256::of(content),
    }
}
