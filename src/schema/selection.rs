//! Which relations a set of filters names, as pg_dump would answer.
//!
//! pg_dump gets the filters for the schema. Here they are resolved for pgark's own part: the locks that keep
//! the tables as the snapshot sees them, and `--exclude-table-data`. The rules are those of
//! `expand_schema_name_patterns()` and `expand_table_name_patterns()` in pg_dump.c. First [`name`] finds the
//! matches of each pattern in all databases, then [`choose`] decides their consequence for one: a pattern may
//! match nothing in some of them, which for pg_dump would be an error.

use std::collections::BTreeSet;

use bstr::{BString, ByteSlice};

use super::chosen::Chosen;
use super::columns::{oid_array, optional, text};
use super::entries::Content;
use super::privilege::Unreadable;
use super::{Error, journal, pattern};
use crate::pg::Session;
use crate::toc::JOURNAL_SCHEMA;

/// The option whose patterns name tables that come without their rows; pg_dump is not told of it.
const EXCLUDE_TABLE_DATA: &str = "--exclude-table-data";

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

/// A pattern, and the option that it belongs to.
pub type Given = (&'static str, BString);

/// What the patterns name in one database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// The OIDs that each pattern names, in the order of [`Filters::given`]; none for a pattern of another
    /// database.
    found: Vec<(Given, Option<BTreeSet<u32>>)>,
    /// The schema of a journal, if there is one.
    journal: Option<u32>,
}

/// What the filters mean in one database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selected {
    /// The matches.
    pub chosen: Chosen,
    /// Tables to lock, with their names as SQL: those of which a definition or rows are read.
    pub tables: Vec<(u32, BString)>,
    /// Relations whose data is left out.
    pub excluded_data_oids: BTreeSet<u32>,
    /// Whether the database holds the journal of a restore that has not ended, which is left out.
    pub has_journal: bool,
    /// The options that make pg_dump choose the same.
    pub pg_dump_options: Vec<Given>,
}

impl Filters {
    /// All patterns with their options.
    pub fn given(&self) -> Vec<Given> {
        let mut given = self.options();
        let without_data = self.exclude_table_data.iter().cloned();
        given.extend(without_data.map(|pattern| (EXCLUDE_TABLE_DATA, pattern)));
        given
    }
}

impl Named {
    /// Whether the pattern at this place of [`Filters::given`] names anything here.
    pub fn has_match(&self, index: usize) -> bool {
        let found = self.found.get(index).and_then(|(_, found)| found.as_ref());
        found.is_some_and(|found| !found.is_empty())
    }

    /// Whether the pattern at this place speaks of this database, by naming none or this one.
    pub fn is_addressed(&self, index: usize) -> bool {
        self.found
            .get(index)
            .is_some_and(|(_, found)| found.is_some())
    }

    /// Whether patterns select objects, and none is here.
    pub fn is_nothing(&self) -> bool {
        // -t outranks -n: selectDumpableNamespace() in pg_dump.c.
        match (self.of("-t"), self.of("-n")) {
            (Some(tables), _) => tables.is_empty(),
            (None, Some(schemas)) => schemas.is_empty(),
            (None, None) => false,
        }
    }

    /// What the patterns of an option name together; none where it was not given.
    fn of(&self, option: &str) -> Option<BTreeSet<u32>> {
        let of_option = self.found.iter().filter(|((of, _), _)| *of == option);
        let mut found = of_option.map(|(_, found)| found).peekable();
        found.peek()?;
        Some(found.flatten().flatten().copied().collect())
    }

    /// pg_dump takes a pattern that names nothing for a mistake. Where none of those that select does, it is
    /// told to take a table and to leave it out.
    fn pg_dump_options(&self) -> Vec<Given> {
        const NO_TABLE: &str = "pg_catalog.pg_class";
        if self.is_nothing() {
            return vec![("-t", NO_TABLE.into()), ("-T", NO_TABLE.into())];
        }
        let found = self.found.iter().filter(|((option, _), found)| {
            *option != EXCLUDE_TABLE_DATA && found.as_ref().is_some_and(|found| !found.is_empty())
        });
        let mut options: Vec<Given> = found.map(|(given, _)| given.clone()).collect();
        if self.journal.is_some() {
            options.push(("-N", JOURNAL_SCHEMA.into()));
        }
        options
    }
}

/// Finds the matches of each pattern of `filters`. `path` are the schemas of the user's search path in their
/// order, which give a name without a schema its meaning; they are needed where [`Filters::needs_path`] says
/// so.
pub async fn name(session: &mut Session, filters: &Filters, path: &[u32]) -> Result<Named, Error> {
    let path = oid_array(path.iter().copied());
    let mut found = vec![];
    for (option, pattern) in filters.given() {
        let oids = match option {
            "-n" | "-N" => schemas(session, &pattern).await?,
            _ => relations(session, &pattern, &path).await?,
        };
        found.push(((option, pattern), oids));
    }
    let journal = match journal::find(session).await? {
        journal::Schema::Journal { oid, .. } => Some(oid),
        journal::Schema::Absent | journal::Schema::Other => None,
    };
    Ok(Named { found, journal })
}

/// The consequence of `named` for a dump of `content`.
pub async fn choose(
    session: &mut Session,
    named: &Named,
    content: Content,
) -> Result<Selected, Error> {
    let mut not_schemas = named.of("-N").unwrap_or_default();
    not_schemas.extend(named.journal);
    let chosen = Chosen {
        only_tables: named.of("-t"),
        not_tables: named.of("-T").unwrap_or_default(),
        only_schemas: named.of("-n"),
        not_schemas,
    };
    let excluded_data_oids = named.of(EXCLUDE_TABLE_DATA).unwrap_or_default();
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
        has_journal: named.journal.is_some(),
        pg_dump_options: named.pg_dump_options(),
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

/// The relations that a pattern names; none where it speaks of another database.
async fn relations(
    session: &mut Session,
    given: &BString,
    path: &[u8],
) -> Result<Option<BTreeSet<u32>>, Error> {
    let pattern = pattern::table(given)?;
    if !is_here(session, &pattern).await? {
        return Ok(None);
    }
    let schema = pattern.schema.as_ref().map(|schema| schema.as_bytes());
    let params = [schema, Some(pattern.name.as_bytes()), Some(path)];
    let sql = include_bytes!("sql/matching_relations.sql");
    matches(session, sql, &params).await.map(Some)
}

/// The schemas that a pattern names; none where it speaks of another database.
async fn schemas(session: &mut Session, given: &BString) -> Result<Option<BTreeSet<u32>>, Error> {
    let pattern = pattern::schema(given)?;
    if !is_here(session, &pattern).await? {
        return Ok(None);
    }
    let params = [Some(pattern.name.as_bytes())];
    let sql = include_bytes!("sql/matching_schemas.sql");
    matches(session, sql, &params).await.map(Some)
}

async fn matches(
    session: &mut Session,
    sql: &[u8],
    params: &[Option<&[u8]>],
) -> Result<BTreeSet<u32>, Error> {
    let rows = session.query(sql, params).await?;
    rows.iter().map(|row| Ok(row.u32(0)?)).collect()
}

/// Whether a pattern names the current database, or none.
async fn is_here(session: &mut Session, pattern: &pattern::Pattern) -> Result<bool, Error> {
    let Some(database) = &pattern.database else {
        return Ok(true);
    };
    let rows = session
        .query(b"SELECT pg_catalog.current_database()", &[])
        .await?;
    let row = rows.first();
    row.map_or(Ok(false), |row| Ok(row.text(0)? == database.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(found: &[(&'static str, &str, &[u32])]) -> Named {
        let found = found.iter().map(|(option, pattern, oids)| {
            let oids = oids.iter().copied().collect();
            ((*option, BString::from(*pattern)), Some(oids))
        });
        Named {
            found: found.collect(),
            journal: Some(1),
        }
    }

    fn options(named: &Named) -> Vec<String> {
        let options = named.pg_dump_options().into_iter();
        options
            .map(|(option, pattern)| format!("{option} {pattern}"))
            .collect()
    }

    #[test]
    fn pg_dump_is_told_the_patterns_that_name_something_here() {
        let some = named(&[
            ("-n", "a", &[1]),
            ("-n", "b", &[]),
            ("-T", "c", &[]),
            ("-T", "d", &[2]),
        ]);
        assert_eq!(options(&some), ["-n a", "-T d", "-N pgark_restore"]);
        assert_eq!(some.of("-n"), Some(BTreeSet::from([1])));
        assert_eq!(some.of("-t"), None);
        let rows = named(&[("-t", "a", &[1]), (EXCLUDE_TABLE_DATA, "a", &[1])]);
        assert_eq!(options(&rows), ["-t a", "-N pgark_restore"]);
    }

    #[test]
    fn where_nothing_is_named_pg_dump_takes_nothing() {
        let nothing = ["-t pg_catalog.pg_class", "-T pg_catalog.pg_class"];
        for none in [
            named(&[("-t", "a", &[])]),
            named(&[("-n", "a", &[])]),
            // The matches of -n do not count beside a -t.
            named(&[("-n", "a", &[1]), ("-t", "b", &[])]),
        ] {
            assert_eq!(options(&none), nothing, "{none:?}");
        }
        let tables = named(&[("-n", "a", &[]), ("-t", "b", &[1])]);
        assert_eq!(options(&tables), ["-t b", "-N pgark_restore"]);
        assert_eq!(options(&named(&[("-T", "a", &[])])), ["-N pgark_restore"]);
    }
}
