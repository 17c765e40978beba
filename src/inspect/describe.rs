//! The description: the manifest and its consequences.
//!
//! Its JSON is an interface: fields are added, never renamed and never given another meaning. Sizes are
//! bytes; `raw` is what rows are as COPY text, `stored` what they take in the archive.

use chrono::{DateTime, SecondsFormat};
use serde::Serialize;

use crate::archive::manifest::{Chunk, Database, Manifest, Name, Table};
use crate::archive::{ArchiveReader, names};
use crate::storage::Traffic;

use super::contents::Contents;

/// An archive, described.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Description {
    /// The archive as it was named.
    pub location: String,
    /// The size of the file.
    pub file_bytes: u64,
    /// The archive's digest, as `dump` printed it and `verify --digest` demands it.
    pub digest: String,
    /// When it was made, RFC 3339 in UTC.
    pub created: String,
    /// Over all databases.
    pub totals: Totals,
    /// The databases, in the order of the archive.
    pub databases: Vec<DatabaseSummary>,
    /// Every table with data, the one that takes most of the archive first.
    pub tables: Vec<TableSummary>,
    /// The bytes read of the file.
    pub reads: Traffic,
    /// manifest.json, whole: FORMAT.md documents it.
    pub manifest: Manifest,
    /// The tables of contents, if they were asked for. Not part of the JSON.
    #[serde(skip)]
    pub contents: Vec<Contents>,
}

/// Sums.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Databases.
    pub databases: u64,
    /// Tables with data.
    pub tables: u64,
    /// Rows.
    pub rows: u64,
    /// Rows as COPY text, and large objects as SQL.
    pub raw_bytes: u64,
    /// The size of both in the archive.
    pub stored_bytes: u64,
    /// Large objects.
    pub large_objects: u64,
}

/// A database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DatabaseSummary {
    /// Its name.
    pub name: Name,
    /// `pg_database_size` on the source: indexes and dead rows are in it.
    pub size_bytes: u64,
    /// Entries of its table of contents.
    pub toc_entries: u64,
    /// Tables with data.
    pub tables: u64,
    /// Rows in them.
    pub rows: u64,
    /// Rows as COPY text, and large objects as SQL.
    pub raw_bytes: u64,
    /// The size of both in the archive.
    pub stored_bytes: u64,
    /// Large objects.
    pub large_objects: u64,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableSummary {
    /// Its database.
    pub database: Name,
    /// Its schema.
    pub schema: Name,
    /// Its name.
    pub name: Name,
    /// Rows.
    pub rows: u64,
    /// Rows as COPY text.
    pub raw_bytes: u64,
    /// Their size in the archive.
    pub stored_bytes: u64,
    /// How many chunks it is cut into.
    pub chunks: u64,
}

/// Sums up an open archive.
pub(super) fn describe(reader: &ArchiveReader, contents: Vec<Contents>) -> Description {
    let manifest = reader.manifest();
    let mut totals = Totals::default();
    let mut databases = Vec::new();
    let mut tables = Vec::new();
    for database in &manifest.databases {
        let summary = database_summary(reader, database);
        totals.databases += 1;
        totals.tables += summary.tables;
        totals.rows = totals.rows.saturating_add(summary.rows);
        totals.raw_bytes = totals.raw_bytes.saturating_add(summary.raw_bytes);
        totals.stored_bytes = totals.stored_bytes.saturating_add(summary.stored_bytes);
        totals.large_objects = totals.large_objects.saturating_add(summary.large_objects);
        databases.push(summary);
        let of_database = database.tables.iter();
        tables.extend(of_database.map(|table| table_summary(reader, database, table)));
    }
    tables.sort_by_key(|table| std::cmp::Reverse(table.stored_bytes));
    Description {
        location: reader.store().describe().to_owned(),
        file_bytes: reader.size(),
        digest: reader.digest().to_string(),
        created: rfc3339(manifest.created_unix),
        totals,
        databases,
        tables,
        reads: reader.store().traffic(),
        manifest: manifest.clone(),
        contents,
    }
}

fn database_summary(reader: &ArchiveReader, database: &Database) -> DatabaseSummary {
    let raw = database.chunks().map(|chunk| chunk.raw_bytes);
    let large = database.large_objects.as_ref();
    DatabaseSummary {
        name: database.name.clone(),
        size_bytes: database.size_bytes,
        toc_entries: database.toc_entries,
        tables: database.tables.len() as u64,
        rows: database.rows(),
        raw_bytes: raw.fold(0, u64::saturating_add),
        stored_bytes: stored_bytes(reader, database, database.chunks()),
        large_objects: large.map_or(0, |large| large.count),
    }
}

fn table_summary(reader: &ArchiveReader, database: &Database, table: &Table) -> TableSummary {
    TableSummary {
        database: database.name.clone(),
        schema: table.schema.clone(),
        name: table.name.clone(),
        rows: table.rows,
        raw_bytes: table.raw_bytes,
        stored_bytes: stored_bytes(reader, database, table.chunks.iter()),
        chunks: table.chunks.len() as u64,
    }
}

/// The sizes of the chunks' members.
fn stored_bytes<'a>(
    reader: &ArchiveReader,
    database: &Database,
    chunks: impl Iterator<Item = &'a Chunk>,
) -> u64 {
    let sizes = chunks.filter_map(|chunk| {
        let name = |compressed| names::data_member(&database.directory, chunk.dump_id, compressed);
        let member = reader
            .find(&name(true))
            .or_else(|| reader.find(&name(false)));
        member.map(|member| member.size)
    });
    sizes.fold(0, u64::saturating_add)
}

fn rfc3339(unix: i64) -> String {
    match DateTime::from_timestamp(unix, 0) {
        Some(at) => at.to_rfc3339_opts(SecondsFormat::Secs, true),
        None => format!("{unix} seconds since 1970"),
    }
}
