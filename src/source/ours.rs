//! The view of our own archives: everything is known beforehand, and nothing is decoded before its
//! SHA-256 was compared.

use std::collections::HashMap;
use std::sync::Arc;

use bstr::BString;
use bytes::Bytes;

use super::contents::Contents;
use super::data::{Block, Content, Data, DataLocation};
use super::error::Error;
use super::facts::{Database, Locale, Server};
use crate::archive::manifest::{self, Manifest};
use crate::archive::{self, ArchiveReader, ChunkDecoder, DecodeError, Place, names};
use crate::pgdump;
use crate::toc::{DumpId, Toc};

pub(super) fn server(manifest: &Manifest) -> Server {
    Server {
        version_num: manifest.server.version_num,
        version: manifest.server.version.clone(),
        system_identifier: manifest.server.system_identifier.clone(),
    }
}

pub(super) fn database(facts: &manifest::Database) -> Database {
    Database {
        name: facts.name.0.clone(),
        encoding: Some(facts.encoding.clone()),
        locale: Some(Locale {
            provider: facts.locale_provider.clone(),
            collate: facts.collate.clone(),
            ctype: facts.ctype.clone(),
            name: facts.locale.clone(),
        }),
        tablespace: Some(facts.tablespace.0.clone()),
    }
}

/// See [`super::Source::contents`].
pub(super) async fn contents(reader: &ArchiveReader, name: &[u8]) -> Result<Contents, Error> {
    let facts = reader.manifest().database(name);
    let facts = facts.ok_or_else(|| Error::NoDatabase {
        name: BString::from(name),
    })?;
    let bytes = reader.toc(&facts.directory).await?;
    let toc = parse(&bytes, &names::toc_member(&facts.directory))?;
    let in_order = facts.tables.iter().filter(|table| table.in_order);
    Ok(Contents {
        data: data(reader, facts, &toc)?,
        in_order: in_order
            .map(|table| {
                let ids = table.chunks.iter().map(|chunk| DumpId(chunk.dump_id));
                ids.collect()
            })
            .collect(),
        toc,
    })
}

/// See [`super::Source::globals`].
pub(super) async fn globals(reader: &ArchiveReader) -> Result<Option<Toc>, Error> {
    let bytes = reader.globals_toc().await?;
    let toc = bytes.map(|bytes| parse(&bytes, names::GLOBALS_TOC));
    toc.transpose()
}

fn parse(bytes: &[u8], member: &str) -> Result<Toc, Error> {
    pgdump::read_toc_dat(bytes).map_err(|source| Error::Toc {
        member: member.to_owned(),
        source,
    })
}

/// The data of every entry that has some; an entry without is damage.
fn data(
    reader: &ArchiveReader,
    facts: &manifest::Database,
    toc: &Toc,
) -> Result<HashMap<DumpId, Data>, Error> {
    let of_tables = facts.tables.iter().map(|table| &table.chunks);
    let of_objects = facts.large_objects.iter().map(|objects| &objects.chunks);
    let mut known: HashMap<DumpId, (&manifest::Chunk, usize, usize)> = HashMap::new();
    for chunks in of_tables.chain(of_objects) {
        for (index, chunk) in chunks.iter().enumerate() {
            known.insert(DumpId(chunk.dump_id), (chunk, index + 1, chunks.len()));
        }
    }
    let mut found = HashMap::new();
    for entry in toc.entries.iter().filter(|entry| entry.had_dumper) {
        let names = [true, false]
            .map(|compressed| names::data_member(&facts.directory, entry.dump_id.0, compressed));
        let place = || Place::of_member(&names[0], 0).with_table(reader.manifest());
        let member = names.iter().find_map(|name| reader.find(name));
        let (Some(&(chunk, number, of)), Some(member)) = (known.get(&entry.dump_id), member) else {
            let place = Box::new(place());
            return Err(Error::NoData { place });
        };
        let data = Data {
            dump_id: entry.dump_id,
            content: match entry.copy_stmt {
                Some(_) => Content::Rows,
                None => Content::Sql,
            },
            rows: Some(chunk.rows),
            raw_bytes: Some(chunk.raw_bytes),
            stored_bytes: Some(member.size),
            digest: Some(chunk.digest),
            chunk_number: number,
            chunk_count: of,
            location: DataLocation::Member(member.name.clone()),
        };
        found.insert(entry.dump_id, data);
    }
    Ok(found)
}

/// See [`super::Source::fetch`].
pub(super) async fn fetch(reader: &ArchiveReader, data: &Data) -> Result<Bytes, Error> {
    Ok(reader.member(member(data)).await?)
}

/// The member that holds the data. Data of another archive is in none, which its reader says.
fn member(data: &Data) -> &str {
    match &data.location {
        DataLocation::Member(name) => name,
        DataLocation::Entry(_) => "",
    }
}

/// Reads the data of one entry.
pub(super) struct Reader {
    archive: Arc<ArchiveReader>,
    member: String,
    decoder: ChunkDecoder,
    stored_bytes: u64,
}

/// See [`super::Source::read`].
pub(super) fn read(
    archive: &Arc<ArchiveReader>,
    data: &Data,
    stored: Bytes,
) -> Result<Reader, Error> {
    let content = match data.content {
        Content::Rows => archive::Content::Rows,
        _ => archive::Content::Sql,
    };
    let member = member(data);
    let stored_bytes = stored.len() as u64;
    let compressed = names::is_compressed(member);
    let raw_bytes = data.raw_bytes.unwrap_or(0);
    let decoder = ChunkDecoder::new(stored, compressed, content, raw_bytes)
        .map_err(|source| undecodable(archive, member, source))?;
    Ok(Reader {
        archive: Arc::clone(archive),
        member: member.to_owned(),
        decoder,
        stored_bytes,
    })
}

fn undecodable(archive: &ArchiveReader, member: &str, source: DecodeError) -> Error {
    let offset = archive.find(member).map_or(0, |member| member.offset);
    let place = Place::of_member(member, offset).with_table(archive.manifest());
    Error::Data {
        place: Box::new(place),
        source,
    }
}

impl Reader {
    /// See [`super::DataReader::next_block`].
    pub(super) fn next_block(&mut self) -> Result<Option<Block<'_>>, Error> {
        let block = self.decoder.next_block();
        let block = block.map_err(|source| undecodable(&self.archive, &self.member, source))?;
        Ok(block.map(|content| Block {
            content,
            weight: content.len() as u64,
        }))
    }

    pub(super) fn stored_bytes(&self) -> u64 {
        self.stored_bytes
    }
}
