//! The chosen part of an archive: which databases, under which names, with which tables of contents.
//!
//! Reads TOCs and nothing else. Names are changed here (`DB=NEWNAME`), so that everything after this
//! sees the target's. What is wanted of the entries is `select`'s business.

use std::collections::{HashMap, HashSet};

use bstr::{BString, ByteSlice};

use super::error::Error;
use super::graph::DataFacts;
use super::options::{DatabaseChoice, RestoreOptions};
use super::rename::{is_about_database, rename_database};
use crate::archive::manifest::{self, Manifest};
use crate::archive::{ArchiveReader, Content, Place, names};
use crate::pgdump;
use crate::toc::{DumpId, ObjectKind, Toc, TocEntry};

/// What a restore works from.
pub(super) struct Contents {
    pub(super) databases: Vec<DatabaseContents>,
    /// Roles, memberships and tablespaces, where they are wanted and there.
    pub(super) globals: Option<Toc>,
}

/// One database to be restored.
pub(super) struct DatabaseContents {
    /// Its name in the archive.
    pub(super) source: BString,
    /// Its name on the target.
    pub(super) target: BString,
    /// What the manifest says about it.
    pub(super) facts: manifest::Database,
    /// Its table of contents, speaking of the target's name.
    pub(super) toc: Toc,
    /// The data of its entries.
    pub(super) chunks: HashMap<DumpId, Chunk>,
}

/// One data member.
#[derive(Debug, Clone)]
pub(super) struct Chunk {
    pub(super) member: String,
    pub(super) content: Content,
    pub(super) rows: u64,
    pub(super) raw_bytes: u64,
    /// Its place among its table's chunks, from 1.
    pub(super) number: usize,
    /// How many chunks the table has.
    pub(super) of: usize,
}

impl Contents {
    /// Reads the tables of contents of what `options` chooses.
    pub(super) async fn read(
        archive: &ArchiveReader,
        options: &RestoreOptions,
    ) -> Result<Self, Error> {
        let mut databases = Vec::new();
        if options.wants_databases() {
            for choice in choices(archive.manifest(), &options.databases)? {
                databases.push(read_database(archive, choice).await?);
            }
        }
        let globals = if options.wants_globals() {
            let bytes = archive.globals_toc().await?;
            bytes
                .map(|bytes| parse(&bytes, names::GLOBALS_TOC))
                .transpose()?
        } else {
            None
        };
        Ok(Self { databases, globals })
    }
}

/// The databases that the user chose, or all.
fn choices(manifest: &Manifest, chosen: &[DatabaseChoice]) -> Result<Vec<DatabaseChoice>, Error> {
    let present = || manifest.databases.iter().map(|database| &database.name.0);
    if chosen.is_empty() {
        let all = present().map(|name| DatabaseChoice {
            source: name.clone(),
            target: name.clone(),
        });
        return Ok(all.collect());
    }
    let missing: Vec<String> = chosen
        .iter()
        .filter(|choice| manifest.database(&choice.source).is_none())
        .map(|choice| format!("\"{}\"", choice.source))
        .collect();
    if !missing.is_empty() {
        let present = present().map(|name| format!("\"{name}\"")).collect();
        return Err(Error::UnknownDatabases { missing, present });
    }
    let mut targets = HashSet::new();
    if let Some(twice) = chosen.iter().find(|choice| !targets.insert(&choice.target)) {
        let what = format!("database \"{}\" is named twice as a target", twice.target);
        return Err(Error::Usage { what });
    }
    Ok(chosen.to_vec())
}

async fn read_database(
    archive: &ArchiveReader,
    choice: DatabaseChoice,
) -> Result<DatabaseContents, Error> {
    let facts = archive.manifest().database(&choice.source).cloned();
    let facts = facts.ok_or_else(|| Error::UnknownDatabases {
        missing: vec![format!("\"{}\"", choice.source)],
        present: Vec::new(),
    })?;
    let member = names::toc_member(&facts.directory);
    let mut toc = parse(&archive.toc(&facts.directory).await?, &member)?;
    let chunks = chunks(archive, &facts, &toc)?;
    if choice.source != choice.target {
        rename(&mut toc, &choice.source, &choice.target);
    }
    Ok(DatabaseContents {
        source: choice.source,
        target: choice.target,
        facts,
        toc,
        chunks,
    })
}

fn parse(bytes: &[u8], member: &str) -> Result<Toc, Error> {
    pgdump::read_toc_dat(bytes).map_err(|source| Error::Toc {
        member: member.to_owned(),
        source,
    })
}

/// The data of every entry that has some; an entry without is damage.
fn chunks(
    archive: &ArchiveReader,
    facts: &manifest::Database,
    toc: &Toc,
) -> Result<HashMap<DumpId, Chunk>, Error> {
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
        let place = || Place::of_member(&names[0], 0).with_table(archive.manifest());
        let member = names.iter().find(|name| archive.find(name).is_some());
        let (Some(&(chunk, number, of)), Some(member)) = (known.get(&entry.dump_id), member) else {
            let place = Box::new(place());
            return Err(Error::NoData { place });
        };
        found.insert(
            entry.dump_id,
            Chunk {
                member: member.clone(),
                content: match entry.copy_stmt {
                    Some(_) => Content::Rows,
                    None => Content::Sql,
                },
                rows: chunk.rows,
                raw_bytes: chunk.raw_bytes,
                number,
                of,
            },
        );
    }
    Ok(found)
}

/// Makes all that is about the database itself speak of `new`.
fn rename(toc: &mut Toc, old: &[u8], new: &[u8]) {
    for entry in toc
        .entries
        .iter_mut()
        .filter(|entry| is_about_database(entry))
    {
        for sql in [&mut entry.defn, &mut entry.drop_stmt]
            .into_iter()
            .flatten()
        {
            *sql = rename_database(sql, old, new);
        }
        entry.tag = match entry.kind {
            ObjectKind::Database | ObjectKind::DatabaseProperties => new.into(),
            _ => [&b"DATABASE "[..], new].concat().into(),
        };
    }
}

impl DatabaseContents {
    /// Sizes and orders for the graph.
    pub(super) fn data_facts(&self) -> DataFacts {
        let in_order = self.facts.tables.iter().filter(|table| table.in_order);
        DataFacts {
            raw_bytes: self
                .chunks
                .iter()
                .map(|(id, chunk)| (*id, chunk.raw_bytes))
                .collect(),
            in_order: in_order
                .map(|table| {
                    let ids = table.chunks.iter().map(|chunk| DumpId(chunk.dump_id));
                    ids.collect()
                })
                .collect(),
        }
    }

    /// The entry for people: kind, name and, of a table in several chunks, which one.
    pub(super) fn describe(&self, entry: &TocEntry) -> String {
        let whole = self.describe_whole(entry);
        let chunk = self.chunks.get(&entry.dump_id);
        match chunk.filter(|chunk| chunk.of > 1) {
            Some(chunk) => format!("{whole} (chunk {} of {})", chunk.number, chunk.of),
            None => whole,
        }
    }

    /// Kind and name.
    pub(super) fn describe_whole(&self, entry: &TocEntry) -> String {
        match entry.schema() {
            b"" => format!("{} {}", entry.kind, entry.tag),
            schema => format!("{} {}.{}", entry.kind, schema.as_bstr(), entry.tag),
        }
    }
}
