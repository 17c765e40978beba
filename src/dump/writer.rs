//! The one task that writes: members in the order in which they come, TOCs when their database is done.
//!
//! Workers hand over finished chunks through a bounded channel. What the manifest says about each is kept
//! here; [`manifest`](super::manifest) puts it together.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::error::Error;
use super::job::Shared;
use super::manifest;
use super::written::{ChunkKey, Written};
use crate::archive::manifest::{Chunk, Database};
use crate::archive::{ArchiveWriter, EncodedChunk, names};
use crate::digest::Sha256;
use crate::pgdump;
use crate::schema::entries;
use crate::schema::ids::DataIds;
use crate::toc::DumpId;

/// The messages of workers to the writer.
pub(super) enum Message {
    /// A member is complete.
    Chunk {
        key: ChunkKey,
        dump_id: DumpId,
        chunk: EncodedChunk,
    },
    /// The number of bytes of large objects that were read.
    LargeObjectBytes { database: usize, bytes: u64 },
    /// All members of the database were sent.
    DatabaseDone(usize),
}

/// Writes until every sender is gone, or until it is told to stop: a store may be slow, and a pipe's reader
/// may not read. The writer comes back also after an error, to be aborted.
pub(super) async fn run(
    mut writer: ArchiveWriter,
    shared: Arc<Shared>,
    mut messages: mpsc::Receiver<Message>,
) -> (ArchiveWriter, Result<Vec<Option<Database>>, Error>) {
    let mut records = Records::new(shared.databases.len());
    let written = async {
        while let Some(message) = messages.recv().await {
            records.write(&mut writer, &shared, message).await?;
        }
        Ok(())
    };
    let result = tokio::select! {
        result = written => result,
        () = shared.monitor.interrupted() => Err(Error::Interrupted),
    };
    (writer, result.map(|()| records.databases))
}

/// The members written, by database.
struct Records {
    written: Vec<Written>,
    databases: Vec<Option<Database>>,
}

impl Records {
    fn new(count: usize) -> Self {
        Self {
            written: (0..count).map(|_| Written::default()).collect(),
            databases: vec![None; count],
        }
    }

    async fn write(
        &mut self,
        writer: &mut ArchiveWriter,
        shared: &Shared,
        message: Message,
    ) -> Result<(), Error> {
        match message {
            Message::Chunk {
                key,
                dump_id,
                chunk,
            } => {
                let written = &mut self.written[key.database];
                chunk_member(writer, shared, written, (key, dump_id), chunk).await
            }
            Message::LargeObjectBytes { database, bytes } => {
                self.written[database].large_object_bytes += bytes;
                Ok(())
            }
            Message::DatabaseDone(database) => {
                let written = std::mem::take(&mut self.written[database]);
                let facts = toc_member(writer, shared, database, written).await?;
                self.databases[database] = Some(facts);
                Ok(())
            }
        }
    }
}

async fn chunk_member(
    writer: &mut ArchiveWriter,
    shared: &Shared,
    written: &mut Written,
    (key, dump_id): (ChunkKey, DumpId),
    chunk: EncodedChunk,
) -> Result<(), Error> {
    let directory = names::directory_for(&shared.databases[key.database].name);
    let name = names::data_member(
        &directory,
        dump_id.0,
        shared.options.compression.is_compressed(),
    );
    let record = Chunk {
        dump_id: dump_id.0,
        rows: chunk.rows,
        raw_bytes: chunk.raw_bytes,
        digest: chunk.digest,
    };
    writer
        .append(
            &name,
            chunk.stored,
            chunk.sha256,
            Some(chunk.member_raw_bytes),
        )
        .await?;
    written.chunks.push((key, record));
    Ok(())
}

/// Completes and writes a database's TOC; returns what the manifest says of the database.
async fn toc_member(
    writer: &mut ArchiveWriter,
    shared: &Shared,
    database: usize,
    mut written: Written,
) -> Result<Database, Error> {
    let source = &shared.databases[database];
    let prepared = &source.prepared;
    written.chunks.sort_by_key(|(key, _)| *key);
    let ids = data_ids(prepared.contents.tables.len(), &written);
    let mut toc = prepared.with_ids(|next| {
        entries::complete(
            prepared.take_toc(),
            &prepared.contents,
            &ids,
            shared.options.content,
            next,
        )
    });
    pgdump::fold_relkind(&mut toc);
    let compression = if shared.options.compression.is_compressed() {
        pgdump::TocCompression::Zstd
    } else {
        pgdump::TocCompression::None
    };
    let bytes = pgdump::write_toc_dat(&toc, compression).map_err(|error| Error::Toc {
        database: source.name.clone(),
        source: error,
    })?;
    let facts = manifest::database(source, prepared, &written, toc.entries.len() as u64);
    let sha256 = Sha256::of(&bytes);
    writer
        .append(&names::toc_member(&facts.directory), bytes, sha256, None)
        .await?;
    Ok(facts)
}

/// Dump ids by table, in table order. `written` is sorted.
fn data_ids(tables: usize, written: &Written) -> DataIds {
    let mut ids = DataIds {
        tables: vec![vec![]; tables],
        large_objects: vec![],
    };
    for (key, chunk) in &written.chunks {
        match key.table {
            Some(table) => ids.tables[table].push(DumpId(chunk.dump_id)),
            None => ids.large_objects.push(DumpId(chunk.dump_id)),
        }
    }
    ids
}
