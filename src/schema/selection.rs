//! Which relations a set of filters names, as pg_dump would answer.
//!
//! Here the patterns become OIDs: for the definitions, for the locks that keep the tables as the snapshot
//! sees them, and for `--exclude-table-data`. A pg_dump as reader gets the patterns. The rules are those of
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
use crate::toc::filter_file::{self, FilterError};

const MATCHING_SCHEMAS: &[u8] = include_bytes!("sql/matching_schemas.sql");
const MATCHING_EXTENSIONS: &[u8] = include_bytes!("sql/matching_extensions.sql");

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
    /// `-e`: only these extensions.
    pub extensions: Vec<BString>,
    /// `--exclude-extension`: not these.
    pub exclude_extensions: Vec<BString>,
    /// `--table-and-children`: as `-t`, with partitions and tables that inherit.
    pub tables_and_children: Vec<BString>,
    /// `--exclude-table-and-children`.
    pub exclude_tables_and_children: Vec<BString>,
    /// `--exclude-table-data`: these without their rows.
    pub exclude_table_data: Vec<BString>,
    /// `--exclude-table-data-and-children`.
    pub exclude_table_data_and_children: Vec<BString>,
}

/// What the patterns of an option name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Schema,
    Extension,
    Relation,
    /// With all that inherit from it.
    RelationAndChildren,
}

/// The patterns of one option.
type Patterns = fn(&Filters) -> &Vec<BString>;

/// The options, with the sort of what they name. The last two are about rows: pg_dump is not told of them.
const OPTIONS: [(&str, Sort, Patterns); 10] = [
    ("-n", Sort::Schema, |filters| &filters.schemas),
    ("-N", Sort::Schema, |filters| &filters.exclude_schemas),
    ("-t", Sort::Relation, |filters| &filters.tables),
    ("-T", Sort::Relation, |filters| &filters.exclude_tables),
    ("-e", Sort::Extension, |filters| &filters.extensions),
    ("--exclude-extension", Sort::Extension, |filters| {
        &filters.exclude_extensions
    }),
    (TABLE_AND_CHILDREN, Sort::RelationAndChildren, |filters| {
        &filters.tables_and_children
    }),
    (
        NOT_TABLE_AND_CHILDREN,
        Sort::RelationAndChildren,
        |filters| &filters.exclude_tables_and_children,
    ),
    (NO_DATA, Sort::Relation, |filters| {
        &filters.exclude_table_data
    }),
    (NO_DATA_AND_CHILDREN, Sort::RelationAndChildren, |filters| {
        &filters.exclude_table_data_and_children
    }),
];

const TABLE_AND_CHILDREN: &str = "--table-and-children";
const NOT_TABLE_AND_CHILDREN: &str = "--exclude-table-and-children";
const NO_DATA: &str = "--exclude-table-data";
const NO_DATA_AND_CHILDREN: &str = "--exclude-table-data-and-children";

/// The extension that every database has, and that no dump holds.
const BUILTIN_EXTENSION: &str = "plpgsql";

/// The sort of what an option's patterns name.
fn sort_of(option: &str) -> Sort {
    let known = OPTIONS.iter().find(|(name, ..)| *name == option);
    known.map_or(Sort::Relation, |(_, sort, _)| *sort)
}

impl Filters {
    /// Whether a pattern names a table without its schema: then the user's search path decides which it is.
    pub fn needs_path(&self) -> Result<bool, Error> {
        for (option, pattern) in self.given() {
            let is_relation = matches!(sort_of(option), Sort::Relation | Sort::RelationAndChildren);
            if is_relation && pattern::table(&pattern)?.schema.is_none() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether only a part of the database is taken, which leaves large objects out unless they are
    /// asked for.
    pub fn is_partial(&self) -> bool {
        let choosing = [
            &self.schemas,
            &self.tables,
            &self.tables_and_children,
            &self.extensions,
        ];
        choosing.iter().any(|patterns| !patterns.is_empty())
    }

    /// Adds the names in the text of a file of `--filter`.
    pub fn add_file(&mut self, text: &[u8]) -> Result<(), FilterError> {
        filter_file::read(text, self, "dump", |filters, command, object| {
            match (command, object) {
                (b"include", b"schema") => Some(&mut filters.schemas),
                (b"include", b"table") => Some(&mut filters.tables),
                (b"include", b"table_and_children") => Some(&mut filters.tables_and_children),
                (b"include", b"extension") => Some(&mut filters.extensions),
                (b"exclude", b"schema") => Some(&mut filters.exclude_schemas),
                (b"exclude", b"table") => Some(&mut filters.exclude_tables),
                (b"exclude", b"table_and_children") => {
                    Some(&mut filters.exclude_tables_and_children)
                }
                (b"exclude", b"extension") => Some(&mut filters.exclude_extensions),
                (b"exclude", b"table_data") => Some(&mut filters.exclude_table_data),
                (b"exclude", b"table_data_and_children") => {
                    Some(&mut filters.exclude_table_data_and_children)
                }
                _ => None,
            }
        })
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
        let options = OPTIONS.iter();
        options
            .flat_map(|(option, _, patterns)| {
                let patterns = patterns(self).iter();
                patterns.map(|pattern| (*option, pattern.clone()))
            })
            .collect()
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
        match (self.of(&["-t", TABLE_AND_CHILDREN]), self.of(&["-n"])) {
            (Some(tables), _) => tables.is_empty(),
            (None, Some(schemas)) => schemas.is_empty(),
            (None, None) => false,
        }
    }

    /// What the patterns of some options name together; none where none of them was given.
    fn of(&self, options: &[&str]) -> Option<BTreeSet<u32>> {
        let of_option = self
            .found
            .iter()
            .filter(|((of, _), _)| options.contains(of));
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
            let is_of_data = [NO_DATA, NO_DATA_AND_CHILDREN].contains(option);
            !is_of_data && found.as_ref().is_some_and(|found| !found.is_empty())
        });
        let mut options: Vec<Given> = found.map(|(given, _)| given.clone()).collect();
        if self
            .of(&["-e"])
            .is_some_and(|extensions| extensions.is_empty())
        {
            options.push(("-e", BUILTIN_EXTENSION.into()));
        }
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
        let oids = match sort_of(option) {
            Sort::Schema => named(session, &pattern::schema(&pattern)?, MATCHING_SCHEMAS).await?,
            Sort::Extension => {
                named(session, &pattern::extension(&pattern)?, MATCHING_EXTENSIONS).await?
            }
            Sort::Relation => relations(session, &pattern, &path).await?,
            Sort::RelationAndChildren => match relations(session, &pattern, &path).await? {
                Some(oids) => Some(with_children(session, oids).await?),
                None => None,
            },
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
    let mut not_schemas = named.of(&["-N"]).unwrap_or_default();
    not_schemas.extend(named.journal);
    let chosen = Chosen {
        only_tables: named.of(&["-t", TABLE_AND_CHILDREN]),
        not_tables: named
            .of(&["-T", NOT_TABLE_AND_CHILDREN])
            .unwrap_or_default(),
        only_schemas: named.of(&["-n"]),
        not_schemas,
        only_extensions: named.of(&["-e"]),
        not_extensions: named.of(&["--exclude-extension"]).unwrap_or_default(),
    };
    let excluded_data_oids = named.of(&[NO_DATA, NO_DATA_AND_CHILDREN]);
    let excluded_data_oids = excluded_data_oids.unwrap_or_default();
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

/// The schemas or extensions that a pattern names; none where it speaks of another database.
async fn named(
    session: &mut Session,
    pattern: &pattern::Pattern,
    sql: &[u8],
) -> Result<Option<BTreeSet<u32>>, Error> {
    if !is_here(session, pattern).await? {
        return Ok(None);
    }
    let params = [Some(pattern.name.as_bytes())];
    matches(session, sql, &params).await.map(Some)
}

/// The relations, and all that inherit from them.
async fn with_children(session: &mut Session, oids: BTreeSet<u32>) -> Result<BTreeSet<u32>, Error> {
    let oids = oid_array(oids.into_iter());
    matches(
        session,
        include_bytes!("sql/with_children.sql"),
        &[Some(&oids)],
    )
    .await
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
        assert_eq!(some.of(&["-n"]), Some(BTreeSet::from([1])));
        assert_eq!(some.of(&["-t"]), None);
        let rows = named(&[("-t", "a", &[1]), (NO_DATA, "a", &[1])]);
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
