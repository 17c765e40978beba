//! Reads [`contents`](super::contents) from a server's catalogs, one query for each kind.
//!
//! Not here: definitions (`program`), and the use of the facts (`entries`, `dump::plan`). Every session is
//! expected to stand in the snapshot, with the settings of `sql/session.sql`.

mod large_objects;

use std::collections::{BTreeMap, BTreeSet};

use bstr::BString;

use super::Error;
use super::chosen::Chosen;
use super::columns::{oid_array, oids, optional, text};
use super::contents::{
    Contents, DatabaseFacts, ExtensionFacts, MaterializedViewFacts, SequenceFacts, TableFacts,
};
use super::privilege::Unreadable;
use crate::pg::{Row, Session};
use crate::toc::{DumpId, ObjectKind, Toc, TocEntry};

/// The OID of pg_class, which table-like entries carry as their catalog.
const PG_CLASS_OID: u32 = 1259;
/// Sequences that are read by one statement.
const SEQUENCES_PER_QUERY: usize = 500;

/// The wanted part of the contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// The objects chosen by name.
    pub chosen: &'a Chosen,
    /// Relations whose data is left out.
    pub excluded_oids: &'a BTreeSet<u32>,
    /// Whether large objects are taken along.
    pub large_objects: bool,
    /// Whether the server is a standby, where unlogged tables cannot be read.
    pub standby: bool,
}

/// The properties of the database the session is connected to.
pub async fn read_database(session: &mut Session) -> Result<DatabaseFacts, Error> {
    let rows = session
        .query(include_bytes!("../sql/database.sql"), &[])
        .await?;
    let row = rows.first().ok_or(Error::NoDatabase)?;
    let settings = session
        .query(include_bytes!("../sql/database_settings.sql"), &[])
        .await?;
    Ok(DatabaseFacts {
        name: text(row, 0)?,
        owner: text(row, 1)?,
        encoding: text(row, 2)?,
        collate: text(row, 3)?,
        ctype: text(row, 4)?,
        locale_provider: match row.text(5)? {
            b"i" => "icu",
            b"b" => "builtin",
            _ => "libc",
        },
        locale: optional(row, 6),
        icu_rules: optional(row, 7),
        collation_version: optional(row, 8),
        tablespace: text(row, 9)?,
        connection_limit: i32::try_from(row.i64(10)?).unwrap_or(-1),
        comment: optional(row, 11),
        settings: settings
            .iter()
            .map(|row| Ok((optional(row, 0), text(row, 1)?)))
            .collect::<Result<_, Error>>()?,
        extensions: read_extensions(session).await?,
    })
}

async fn read_extensions(session: &mut Session) -> Result<Vec<ExtensionFacts>, Error> {
    let rows = session
        .query(include_bytes!("../sql/extensions.sql"), &[])
        .await?;
    rows.iter()
        .map(|row| {
            Ok(ExtensionFacts {
                oid: row.u32(0)?,
                name: text(row, 1)?,
                version: text(row, 2)?,
                schema: text(row, 3)?,
            })
        })
        .collect()
}

/// The contents behind the entries of `toc`, the schema of the session's database.
pub async fn read(session: &mut Session, toc: &Toc, wanted: Wanted<'_>) -> Result<Contents, Error> {
    let config = read_extension_config(session, toc, wanted.chosen).await?;
    let (large_objects, large_object_grants, large_object_bytes) = if wanted.large_objects {
        large_objects::read(session).await?
    } else {
        Default::default()
    };
    let (tables, unlogged_skipped) = read_tables(session, toc, &config, wanted).await?;
    Ok(Contents {
        tables,
        unlogged_skipped,
        sequences: read_sequences(session, toc, &config, wanted).await?,
        materialized_views: read_materialized_views(session, toc, wanted).await?,
        large_objects,
        large_object_grants,
        large_object_bytes,
    })
}

/// Owners, grants and comments of the large objects, as the entries that an archive holds of them.
pub async fn read_large_object_rights(session: &mut Session) -> Result<Vec<TocEntry>, Error> {
    let (large_objects, large_object_grants, _) = large_objects::read(session).await?;
    Ok(super::large_objects::rights(&Contents {
        large_objects,
        large_object_grants,
        ..Contents::default()
    }))
}

/// An extension's configuration relation: the extension's entry if that is dumped, the condition, the
/// relations it refers to.
struct Config {
    entry: Option<DumpId>,
    condition: BString,
    after_oids: Vec<u32>,
}

async fn read_extension_config(
    session: &mut Session,
    toc: &Toc,
    chosen: &Chosen,
) -> Result<BTreeMap<u32, Config>, Error> {
    let extensions: BTreeMap<u32, DumpId> = toc
        .entries
        .iter()
        .filter(|entry| entry.kind == ObjectKind::Extension)
        .map(|entry| (entry.catalog_id.oid, entry.dump_id))
        .collect();
    let rows = session
        .query(include_bytes!("../sql/extension_config.sql"), &[])
        .await?;
    let mut config = BTreeMap::new();
    for row in &rows {
        let (oid, schema) = (row.u32(1)?, row.u32(5)?);
        let extension = row.u32(0)?;
        let entry = extensions.get(&extension).copied();
        if chosen.takes_config(extension, oid, schema, entry.is_some()) {
            let condition = text(row, 3)?;
            let after_oids = oids(row.get(4));
            config.insert(
                oid,
                Config {
                    entry,
                    condition,
                    after_oids,
                },
            );
        }
    }
    Ok(config)
}

/// The relations of one kind in the TOC, with their entries.
fn relations(toc: &Toc, kind: &ObjectKind) -> BTreeMap<u32, DumpId> {
    toc.entries
        .iter()
        .filter(|entry| entry.kind == *kind && entry.catalog_id.table_oid == PG_CLASS_OID)
        .map(|entry| (entry.catalog_id.oid, entry.dump_id))
        .collect()
}

/// The same where there may be relations without an entry.
fn own_entries(toc: &Toc, kind: &ObjectKind) -> BTreeMap<u32, Option<DumpId>> {
    let entries = relations(toc, kind).into_iter();
    entries.map(|(oid, entry)| (oid, Some(entry))).collect()
}

async fn read_tables(
    session: &mut Session,
    toc: &Toc,
    config: &BTreeMap<u32, Config>,
    wanted: Wanted<'_>,
) -> Result<(Vec<TableFacts>, usize), Error> {
    let mut entries = own_entries(toc, &ObjectKind::Table);
    entries.extend(config.iter().map(|(&oid, config)| (oid, config.entry)));
    entries.retain(|oid, _| !wanted.excluded_oids.contains(oid));
    let list = oid_array(entries.keys().copied());
    let rows = session
        .query(include_bytes!("../sql/tables.sql"), &[Some(&list)])
        .await?;
    let mut tables = vec![];
    let mut unlogged_skipped = 0;
    for row in &rows {
        let mut table = table_of(row)?;
        let holds_rows = row.text(5)? == b"r";
        let Some(&entry) = entries.get(&table.oid).filter(|_| holds_rows) else {
            continue;
        };
        if wanted.standby && table.unlogged {
            unlogged_skipped += 1;
            continue;
        }
        table.entry = entry;
        if let Some(config) = config.get(&table.oid) {
            table.condition = Some(config.condition.clone());
            table.after_oids = config.after_oids.clone();
        }
        tables.push(table);
    }
    tables.sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
    Ok((tables, unlogged_skipped))
}

fn table_of(row: &Row) -> Result<TableFacts, Error> {
    Ok(TableFacts {
        oid: row.u32(0)?,
        schema: text(row, 1)?,
        name: text(row, 2)?,
        qualified: text(row, 3)?,
        owner: text(row, 4)?,
        unlogged: row.bool(6)?,
        heap: row.bool(7)?,
        size_bytes: row.i64(8)?.unsigned_abs(),
        blocks: row.i64(9)?.unsigned_abs(),
        column_list: text(row, 10)?,
        column_count: row.u32(11)?,
        in_order: row.bool(12)?,
        root: optional(row, 13),
        ancestor_oids: oids(row.get(14)),
        ..TableFacts::default()
    })
}

/// Adds to every table which others must be loaded before it, for an archive without constraints to
/// come after the data.
pub async fn read_foreign_keys(
    session: &mut Session,
    contents: &mut Contents,
) -> Result<(), Error> {
    let list = oid_array(contents.tables.iter().map(|table| table.oid));
    for row in session
        .query(include_bytes!("../sql/foreign_keys.sql"), &[Some(&list)])
        .await?
    {
        let (from, to) = (row.u32(0)?, row.u32(1)?);
        if let Some(table) = contents.tables.iter_mut().find(|table| table.oid == from) {
            table.after_oids.push(to);
        }
    }
    Ok(())
}

async fn read_sequences(
    session: &mut Session,
    toc: &Toc,
    config: &BTreeMap<u32, Config>,
    wanted: Wanted<'_>,
) -> Result<Vec<SequenceFacts>, Error> {
    let mut entries = own_entries(toc, &ObjectKind::Sequence);
    entries.extend(config.iter().map(|(&oid, config)| (oid, config.entry)));
    entries.retain(|oid, _| !wanted.excluded_oids.contains(oid));
    let list = oid_array(entries.keys().copied());
    let rows = session
        .query(include_bytes!("../sql/sequences.sql"), &[Some(&list)])
        .await?;
    let mut unreadable = Unreadable::of("SEQUENCE");
    for row in &rows {
        unreadable.note(&text(row, 3)?, row.bool(5)?, optional(row, 6));
    }
    unreadable.check(session).await?;
    let mut sequences = vec![];
    for batch in rows.chunks(SEQUENCES_PER_QUERY) {
        let positions = read_positions(session, batch).await?;
        for (row, (last_value, is_called)) in batch.iter().zip(positions) {
            let Some(&entry) = entries.get(&row.u32(0)?) else {
                continue;
            };
            let (schema, name, qualified) = (text(row, 1)?, text(row, 2)?, text(row, 3)?);
            let owner = text(row, 4)?;
            sequences.push(SequenceFacts {
                schema,
                name,
                qualified,
                owner,
                last_value,
                is_called,
                entry,
            });
        }
    }
    Ok(sequences)
}

/// Where each of a batch of sequences stands, in the batch's order. A sequence is a relation of one row; no
/// function before 18 tells both values.
async fn read_positions(session: &mut Session, batch: &[Row]) -> Result<Vec<(i64, bool)>, Error> {
    let mut sql = vec![];
    for (index, row) in batch.iter().enumerate() {
        let union: &[u8] = if index == 0 { b"" } else { b" UNION ALL " };
        sql.extend_from_slice(union);
        sql.extend_from_slice(format!("SELECT {index}, last_value, is_called FROM ").as_bytes());
        sql.extend_from_slice(row.text(3)?);
    }
    sql.extend_from_slice(b" ORDER BY 1");
    let rows = session.query(&sql, &[]).await?;
    rows.iter()
        .map(|row| Ok((row.i64(1)?, row.bool(2)?)))
        .collect()
}

async fn read_materialized_views(
    session: &mut Session,
    toc: &Toc,
    wanted: Wanted<'_>,
) -> Result<Vec<MaterializedViewFacts>, Error> {
    let entries = relations(toc, &ObjectKind::MaterializedView);
    if entries.is_empty() {
        return Ok(vec![]);
    }
    let mut views = vec![];
    for row in session
        .query(include_bytes!("../sql/materialized_views.sql"), &[])
        .await?
    {
        let oid = row.u32(0)?;
        if !row.bool(5)? || wanted.excluded_oids.contains(&oid) {
            continue;
        }
        views.push(MaterializedViewFacts {
            oid,
            schema: text(&row, 1)?,
            name: text(&row, 2)?,
            qualified: text(&row, 3)?,
            owner: text(&row, 4)?,
            entry: entries.get(&oid).copied(),
            reads_oids: oids(row.get(6)),
        });
    }
    Ok(views)
}
