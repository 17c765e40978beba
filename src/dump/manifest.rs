//! The manifest, put together from the facts read and the members written.
//!
//! Pure.

use bstr::{BString, ByteSlice};

use super::job::{Prepared, Source};
use super::options::{Content, DumpOptions};
use super::written::Written;
use crate::archive::manifest::{
    Chunk, Database, DumpOptionsRecord, Extension, GlobalsFacts, LargeObjects, Name, Passwords,
    Setting, Snapshot, Table,
};
use crate::digest::RowDigest;
use crate::schema::contents::TableFacts;
use crate::schema::globals;

/// One database; `written.chunks` in order.
pub(super) fn database(
    source: &Source,
    prepared: &Prepared,
    written: &Written,
    toc_entries: u64,
) -> Database {
    let facts = &prepared.facts;
    let text = |bytes: &BString| bytes.to_str_lossy().into_owned();
    let leader_version = text(&prepared.server_version);
    Database {
        name: Name(facts.name.clone()),
        directory: crate::archive::names::directory_for(&source.name),
        owner: Name(facts.owner.clone()),
        encoding: text(&facts.encoding),
        collate: text(&facts.collate),
        ctype: text(&facts.ctype),
        locale_provider: facts.locale_provider.to_owned(),
        locale: facts.locale.as_ref().map(text),
        icu_rules: facts.icu_rules.as_ref().map(text),
        collation_version: facts.collation_version.as_ref().map(text),
        tablespace: Name(facts.tablespace.clone()),
        connection_limit: facts.connection_limit,
        settings: facts
            .settings
            .iter()
            .map(|(role, setting)| Setting {
                role: role.clone().map(Name),
                setting: Name(setting.clone()),
            })
            .collect(),
        comment: facts.comment.clone().map(Name),
        size_bytes: source.size_bytes,
        server_version: leader_version,
        extensions: facts
            .extensions
            .iter()
            .map(|extension| Extension {
                name: Name(extension.name.clone()),
                version: Name(extension.version.clone()),
                schema: Name(extension.schema.clone()),
            })
            .collect(),
        snapshot: Snapshot {
            name: source.snapshot.name.clone(),
            wal_position: source.snapshot.wal_position.clone(),
            taken_at: source.snapshot.taken_at.clone(),
        },
        tables: tables(&prepared.contents.tables, written),
        large_objects: large_objects(prepared, written),
        toc_entries,
    }
}

fn tables(facts: &[TableFacts], written: &Written) -> Vec<Table> {
    let mut chunks: Vec<Vec<Chunk>> = vec![vec![]; facts.len()];
    for (key, chunk) in &written.chunks {
        if let Some(table) = key.table {
            chunks[table].push(chunk.clone());
        }
    }
    facts
        .iter()
        .zip(chunks)
        .map(|(facts, chunks)| table(facts, chunks))
        .collect()
}

fn table(facts: &TableFacts, chunks: Vec<Chunk>) -> Table {
    let mut digest = RowDigest::default();
    chunks.iter().for_each(|chunk| digest.merge(chunk.digest));
    Table {
        schema: Name(facts.schema.clone()),
        name: Name(facts.name.clone()),
        oid: facts.oid,
        dump_id: facts.entry.map(|entry| entry.0),
        rows: chunks.iter().map(|chunk| chunk.rows).sum(),
        raw_bytes: chunks.iter().map(|chunk| chunk.raw_bytes).sum(),
        digest,
        columns: facts.column_count,
        in_order: facts.in_order,
        chunks,
    }
}

fn large_objects(prepared: &Prepared, written: &Written) -> Option<LargeObjects> {
    let count = prepared.contents.large_objects.len() as u64;
    let chunks = written.chunks.iter().filter(|(key, _)| key.table.is_none());
    let chunks = chunks.map(|(_, chunk)| chunk.clone()).collect();
    (count > 0).then_some(LargeObjects {
        count,
        bytes: written.large_object_bytes,
        chunks,
    })
}

/// The content of globals/toc.dat.
pub(super) fn globals(facts: &globals::GlobalsFacts) -> GlobalsFacts {
    GlobalsFacts {
        roles: facts.roles.len() as u64,
        memberships: facts.memberships.len() as u64,
        tablespaces: facts.tablespaces.len() as u64,
        passwords: match facts.passwords_state {
            globals::Passwords::Included => Passwords::Included,
            globals::Passwords::Excluded => Passwords::Excluded,
            globals::Passwords::Unreadable => Passwords::Unreadable,
        },
    }
}

/// The options, as they could be given again.
pub(super) fn options(options: &DumpOptions) -> DumpOptionsRecord {
    let given = options.filters.given();
    let filters = given
        .iter()
        .map(|(option, pattern)| format!("{option} {pattern}"))
        .collect();
    DumpOptionsRecord {
        compression: options.compression.to_string(),
        chunk_bytes: options.chunk_bytes,
        jobs: u32::try_from(options.jobs.get()).unwrap_or(u32::MAX),
        sections: match options.content {
            Content::All => None,
            Content::SchemaOnly => Some("schema-only".into()),
            Content::DataOnly => Some("data-only".into()),
        },
        filters,
    }
}
