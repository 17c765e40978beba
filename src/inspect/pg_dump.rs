//! A description of a pg_dump archive, from its header and its table of contents.
//!
//! Its JSON is an interface as that of our own archives is (`describe`), and another one: such an archive
//! knows no rows and no checksums. Pure.

use std::cmp::Reverse;

use bstr::{BString, ByteSlice};
use serde::Serialize;

use super::columns::{Align, aligned};
use super::render::{BIGGEST_TABLES, cell};
use crate::archive::manifest::Name;
use crate::archive::place::qualified;
use crate::monitor::units;
use crate::source::{Content, Contents, Database, Format, PgDumpFacts};
use crate::storage::Traffic;
use crate::toc::list::{self, Head};
use crate::toc::{ObjectKind, Toc};

/// An archive of pg_dump's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PgDumpDescription {
    /// The archive as it was named.
    pub location: String,
    /// `custom`, `directory` or `tar`.
    pub format: &'static str,
    /// The version of the archive, for instance `1.16`.
    pub archive_version: String,
    /// `none`, `gzip`, `lz4` or `zstd`.
    pub compression: &'static str,
    /// Its size, of a folder that of all files in it.
    pub file_bytes: u64,
    /// When it was made, in the time of the place where it was made.
    pub created: String,
    /// The database's name.
    pub database: Name,
    /// The database's encoding, where the archive says it.
    pub encoding: Option<String>,
    /// The server's version.
    pub server_version: Name,
    /// The version of pg_dump.
    pub pg_dump_version: Name,
    /// Entries of its table of contents.
    pub toc_entries: u64,
    /// Large objects.
    pub large_objects: u64,
    /// Every table with data, the one that takes most of the archive first.
    pub tables: Vec<PgDumpTable>,
    /// The bytes read of it.
    pub reads: Traffic,
    /// The table of contents. Not part of the JSON.
    #[serde(skip)]
    pub toc: Toc,
    #[serde(skip)]
    facts: PgDumpFacts,
}

/// A table in an archive of pg_dump's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PgDumpTable {
    /// Its schema.
    pub schema: Name,
    /// Its name.
    pub name: Name,
    /// The size of its data in the archive; absent where that takes reading all of it.
    pub stored_bytes: Option<u64>,
}

/// Describes an archive by its contents.
pub(super) fn describe(
    location: &str,
    facts: PgDumpFacts,
    database: Database,
    contents: Contents,
) -> PgDumpDescription {
    let toc = contents.toc;
    let tables = toc.entries.iter().filter_map(|entry| {
        let data = contents.data.get(&entry.dump_id)?;
        (data.content != Content::LargeObjects).then(|| PgDumpTable {
            schema: Name(entry.schema().into()),
            name: Name(entry.tag.clone()),
            stored_bytes: data.stored_bytes,
        })
    });
    let mut tables: Vec<PgDumpTable> = tables.collect();
    tables.sort_by_key(|table| Reverse(table.stored_bytes));
    let (major, minor, _) = facts.version;
    PgDumpDescription {
        location: location.to_owned(),
        format: match facts.format {
            Format::Custom => "custom",
            Format::Tar => "tar",
            Format::Directory => "directory",
        },
        archive_version: format!("{major}.{minor}"),
        compression: facts.compression,
        file_bytes: facts.file_bytes,
        created: list::local_date(&toc.created),
        database: Name(toc.database.clone()),
        encoding: database.encoding,
        server_version: Name(toc.server_version.clone()),
        pg_dump_version: Name(toc.dump_version.clone()),
        toc_entries: toc.entries.len() as u64,
        large_objects: large_objects(&toc),
        tables,
        reads: Traffic::default(),
        toc,
        facts,
    }
}

/// An entry for each until 16; since 17 an entry for several, whose definition lists them.
fn large_objects(toc: &Toc) -> u64 {
    let counts = toc.entries.iter().map(|entry| match entry.kind {
        ObjectKind::Blob => 1,
        ObjectKind::BlobMetadata => entry.definition().lines().count() as u64,
        _ => 0,
    });
    counts.sum()
}

impl PgDumpDescription {
    /// The output of `pg_restore -l`. The date lacks the time zone, which the archive does not know either:
    /// pg_restore adds that of its own surroundings.
    pub(super) fn list(&self) -> BString {
        let (major, minor, revision) = self.facts.version;
        let mut out = list::header(
            &self.toc,
            &Head {
                date: self.created.clone(),
                compression: self.compression,
                version: format!("{major}.{minor}-{revision}"),
                format: &self.format.to_ascii_uppercase(),
                int_bytes: self.facts.int_bytes,
                offset_bytes: self.facts.offset_bytes,
            },
        );
        let entries = self.toc.entries.iter();
        for entry in entries.filter(|entry| list::is_listed(entry)) {
            out.extend_from_slice(&list::entry_line(entry));
        }
        out
    }

    /// A summary of some lines.
    pub(super) fn summary(&self) -> String {
        let mut holds = format!(
            "{}, {} with data",
            units::counted(self.toc_entries, "entry", "entries"),
            units::counted(self.tables.len() as u64, "table", "tables"),
        );
        if self.large_objects > 0 {
            let large = units::counted(self.large_objects, "large object", "large objects");
            holds.push_str(&format!(", {large}"));
        }
        let encoding = self.encoding.iter().map(|name| format!(" in {name}"));
        let lines = [
            (
                "archive",
                format!(
                    "{}, pg_dump's {} format, version {}",
                    self.location, self.format, self.archive_version
                ),
            ),
            (
                "made",
                format!(
                    "{} (local time) by pg_dump {}, compression {}",
                    self.created, self.pg_dump_version, self.compression
                ),
            ),
            ("from", format!("PostgreSQL {}", self.server_version)),
            (
                "database",
                format!("{}{}", self.database, encoding.collect::<String>()),
            ),
            ("size", units::bytes(self.file_bytes)),
            ("holds", holds),
            (
                "checksums",
                "none: the format has no room for them".to_owned(),
            ),
        ];
        let lines = lines
            .into_iter()
            .map(|(name, text)| format!("{name:<10}{text}\n"));
        let tables = self.biggest_tables();
        if tables.is_empty() {
            lines.collect()
        } else {
            format!("{}\n{tables}", lines.collect::<String>())
        }
    }

    fn biggest_tables(&self) -> String {
        let head = [("biggest tables", Align::Left), ("stored", Align::Right)];
        let known = self.tables.iter().filter_map(|table| {
            let stored = units::bytes(table.stored_bytes?);
            Some(vec![cell(&qualified(&table.schema, &table.name)), stored])
        });
        let rows: Vec<_> = known.take(BIGGEST_TABLES).collect();
        if rows.is_empty() {
            String::new()
        } else {
            aligned(&head, &rows, "")
        }
    }
}
