//! Which relations a set of filters names, as pg_dump would answer.
//!
//! pg_dump gets the same filters for the schema; here they are resolved for what pgark does itself:
//! the locks that keep the tables as the snapshot sees them, and `--exclude-table-data`. The rules are
//! those of `expand_schema_name_patterns()` and `expand_table_name_patterns()` in pg_dump.c.

use std::collections::BTreeSet;

use bstr::{BString, ByteSlice};

use super::catalog::{oid_array, optional, text};
use super::chosen::Chosen;
use super::entries::Content;
use super::privilege::Unreadable;
use super::{Error, journal, pattern};
use crate::pg::Session;
use crate::toc::JOURNAL_SCHEMA;

/// Filters as the user gave them: patterns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filters {
    /// `-n`: only these schemas.
    pub schemas: Vec<BString>,
    /// `-N`: not these schemas.
    pub exclude_schemas: Vec<BString>,
    /// `-t`: only these tables, views, sequences.
    pub tables: Vec<BString>,
    /// `-T`: not these.
    pub exclude_tables: Vec<BString>,
    /// `--exclude-table-data`: these without their rows.
    pub exclude_table_data: Vec<BString>,
}

impl Filters {
    /// The options that make pg_dump choose the same, in a database with the journal of a restore or
    /// without.
    pub fn pg_dump_options(&self, has_journal: bool) -> Vec<(&'static str, BString)> {
        let mut options = self.options();
        if has_journal {
            options.push(("-N", JOURNAL_SCHEMA.into()));
        }
        options
    }

    /// The filters as options of pg_dump.
    pub fn options(&self) -> Vec<(&'static str, BString)> {
        let options = [
            ("-n", &self.schemas),
            ("-N", &self.exclude_schemas),
            ("-t", &self.tables),
            ("-T", &self.exclude_tables),
        ];
        options
            .into_iter()
            .flat_map(|(option, patterns)| {
                patterns
                    .iter()
                    .map(move |pattern| (option, pattern.clone()))
            })
            .collect()
    }

    /// Whether a pattern names a table without its schema: then the user's search path decides which it is.
    pub fn needs_path(&self) -> Result<bool, Error> {
        let patterns = [&self.tables, &self.exclude_tables, &self.exclude_table_data];
        for pattern in patterns.into_iter().flatten() {
            if pattern::table(pattern)?.schema.is_none() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether only a part of the database is taken, which leaves large objects out unless they are
    /// asked for.
    pub fn is_partial(&self) -> bool {
        !self.schemas.is_empty() || !self.tables.is_empty()
    }
}

/// What the filters name in one database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selected {
    /// What was named.
    pub chosen: Chosen,
    /// Tables to lock, with their names as SQL: those of which a definition or rows are read.
    pub tables: Vec<(u32, BString)>,
    /// Relations whose data is left out.
    pub excluded_data_oids: BTreeSet<u32>,
    /// Whether the database holds the journal of a restore that has not ended, which is left out.
    pub has_journal: bool,
}

/// Resolves `filters`, for a dump of `content`. `path` are the schemas of the user's search path in their order,
/// which decide what a name without a schema means; they are needed where [`Filters::needs_path`] says so.
pub async fn resolve(
    session: &mut Session,
    filters: &Filters,
    path: &[u32],
    content: Content,
) -> Result<Selected, Error> {
    let path = oid_array(path.iter().copied());
    let only_tables = relations(session, "-t", &filters.tables, &path).await?;
    let not_tables = relations(session, "-T", &filters.exclude_tables, &path)
        .await?
        .unwrap_or_default();
    let only_schemas = schemas(session, "-n", &filters.schemas).await?;
    let mut not_schemas = schemas(session, "-N", &filters.exclude_schemas)
        .await?
        .unwrap_or_default();
    let journal = match journal::find(session).await? {
        journal::Schema::Journal { oid, .. } => Some(oid),
        journal::Schema::Absent | journal::Schema::Other => None,
    };
    not_schemas.extend(journal);
    let excluded_data_oids = relations(
        session,
        "--exclude-table-data",
        &filters.exclude_table_data,
        &path,
    )
    .await?
    .unwrap_or_default();
    let chosen = Chosen {
        only_tables,
        not_tables,
        only_schemas,
        not_schemas,
    };
    let array = |oids: &BTreeSet<u32>| oid_array(oids.iter().copied());
    let (only_tables, only_schemas) = (
        chosen.only_tables.as_ref().map(array),
        chosen.only_schemas.as_ref().map(array),
    );
    let (not_tables, not_schemas) = (array(&chosen.not_tables), array(&chosen.not_schemas));
    let params = [
        only_tables.as_deref(),
        Some(&not_tables),
        only_schemas.as_deref(),
        Some(&not_schemas),
    ];
    let rows = session
        .query(include_bytes!("sql/tables_to_lock.sql"), &params)
        .await?;
    let (mut tables, mut filtered) = (vec![], vec![]);
    let mut unreadable = Unreadable::of("TABLE");
    for row in &rows {
        let (oid, name) = (row.u32(0)?, text(row, 1)?);
        let has_data = content != Content::SchemaOnly && !excluded_data_oids.contains(&oid);
        // Without its rows a table is locked all the same, which takes the same privilege.
        if unreadable.note(&name, row.bool(2)?, optional(row, 4)) {
            continue;
        }
        if row.bool(3)? && has_data {
            filtered.push(name);
        } else {
            tables.push((oid, name));
        }
    }
    unreadable.check(session).await?;
    if !filtered.is_empty() {
        return Err(Error::RowSecurity { tables: filtered });
    }
    Ok(Selected {
        chosen,
        tables,
        excluded_data_oids,
        has_journal: journal.is_some(),
    })
}

/// Those of the tables that were truncated, rewritten or renamed after the transaction's snapshot, as SQL.
pub async fn rewritten(
    session: &mut Session,
    oids: impl Iterator<Item = u32>,
) -> Result<Vec<BString>, Error> {
    let oids = oid_array(oids);
    let sql = include_bytes!("sql/rewritten_tables.sql");
    let rows = session.query(sql, &[Some(&oids)]).await?;
    rows.iter().map(|row| text(row, 0)).collect()
}

/// The relations that any of the patterns names; none without patterns.
async fn relations(
    session: &mut Session,
    option: &'static str,
    patterns: &[BString],
    path: &[u8],
) -> Result<Option<BTreeSet<u32>>, Error> {
    let mut found = BTreeSet::new();
    for given in patterns {
        let pattern = pattern::table(given)?;
        check_database(session, &pattern, given).await?;
        let schema = pattern.schema.as_ref().map(|schema| schema.as_bytes());
        let params = [schema, Some(pattern.name.as_bytes()), Some(path)];
        let sql = include_bytes!("sql/matching_relations.sql");
        add_matches(session, sql, &params, &mut found).await?;
    }
    something_or_error(option == "-t", "table", patterns, found)
}

/// The schemas that any of the patterns names; none without patterns.
async fn schemas(
    session: &mut Session,
    option: &'static str,
    patterns: &[BString],
) -> Result<Option<BTreeSet<u32>>, Error> {
    let mut found = BTreeSet::new();
    for given in patterns {
        let pattern = pattern::schema(given)?;
        check_database(session, &pattern, given).await?;
        let params = [Some(pattern.name.as_bytes())];
        let sql = include_bytes!("sql/matching_schemas.sql");
        add_matches(session, sql, &params, &mut found).await?;
    }
    something_or_error(option == "-n", "schema", patterns, found)
}

async fn add_matches(
    session: &mut Session,
    sql: &[u8],
    params: &[Option<&[u8]>],
    found: &mut BTreeSet<u32>,
) -> Result<(), Error> {
    for row in session.query(sql, params).await? {
        found.insert(row.u32(0)?);
    }
    Ok(())
}

/// A pattern that names nothing is an error only where it selects: an exclusion of nothing harms nobody.
fn something_or_error(
    selects: bool,
    kind: &'static str,
    patterns: &[BString],
    found: BTreeSet<u32>,
) -> Result<Option<BTreeSet<u32>>, Error> {
    if patterns.is_empty() {
        return Ok(None);
    }
    if selects && found.is_empty() {
        let patterns = patterns.to_vec();
        return Err(Error::NothingMatches { kind, patterns });
    }
    Ok(Some(found))
}

/// A database in a pattern must be the current one (`prohibit_crossdb_refs()` in pg_dump.c).
async fn check_database(
    session: &mut Session,
    pattern: &pattern::Pattern,
    given: &BString,
) -> Result<(), Error> {
    let Some(database) = &pattern.database else {
        return Ok(());
    };
    let rows = session
        .query(b"SELECT pg_catalog.current_database()", &[])
        .await?;
    match rows.first() {
        Some(row) if row.text(0)? == database.as_bytes() => Ok(()),
        _ => Err(Error::CrossDatabase {
            pattern: given.clone(),
        }),
    }
}
