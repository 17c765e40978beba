//! The data of a database beyond its definitions: the relations to read, and their sizes.
//!
//! Plain values, read by [`read`](super::catalog::read) and turned into TOC entries by
//! [`entries`](super::entries). Texts named `qualified`, `owner_quoted` or `column_list` are SQL, quoted by
//! the server itself.

use bstr::BString;

use super::grants::Grant;
use crate::toc::DumpId;

/// A database's properties.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct DatabaseFacts {
    pub name: BString,
    pub owner: BString,
    pub encoding: BString,
    pub collate: BString,
    pub ctype: BString,
    /// `libc`, `icu` or `builtin`.
    pub locale_provider: &'static str,
    pub locale: Option<BString>,
    pub icu_rules: Option<BString>,
    pub collation_version: Option<BString>,
    pub tablespace: BString,
    pub connection_limit: i32,
    pub comment: Option<BString>,
    /// Role (none for all roles) and `name=value`.
    pub settings: Vec<(Option<BString>, BString)>,
    pub extensions: Vec<ExtensionFacts>,
}

/// An installed extension.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct ExtensionFacts {
    pub oid: u32,
    pub name: BString,
    pub version: BString,
    pub schema: BString,
}

/// A table whose rows are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableFacts {
    /// `pg_class.oid`.
    pub oid: u32,
    /// Its schema.
    pub schema: BString,
    /// Its name.
    pub name: BString,
    /// Schema and name as SQL.
    pub qualified: BString,
    /// The owning role.
    pub owner: BString,
    /// Whether it is an unlogged table.
    pub unlogged: bool,
    /// Whether it is a heap, so that ctid ranges mean something.
    pub heap: bool,
    /// `pg_table_size`: with TOAST, without indexes.
    pub size_bytes: u64,
    /// Pages of the main fork.
    pub blocks: u64,
    /// Columns to copy, comma separated, as SQL; generated columns left out.
    pub column_list: BString,
    /// How many columns that is.
    pub column_count: u32,
    /// Whether chunks must be loaded in their order: CLUSTERed, or with a BRIN index.
    pub in_order: bool,
    /// The partitioned tables it is a part of and the tables it inherits from, at any distance.
    pub ancestor_oids: Vec<u32>,
    /// The partitioned table that rows must be loaded through, as SQL.
    pub root: Option<BString>,
    /// The condition of an extension's configuration table, `WHERE ...`; empty for all rows.
    pub condition: Option<BString>,
    /// The entry that creates it: its own, or its extension's; none where neither is dumped.
    pub entry: Option<DumpId>,
    /// Tables whose rows must be there first.
    pub after_oids: Vec<u32>,
}

/// A sequence and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct SequenceFacts {
    pub schema: BString,
    pub name: BString,
    pub qualified: BString,
    pub owner: BString,
    pub last_value: i64,
    pub is_called: bool,
    /// As with [`TableFacts::entry`].
    pub entry: Option<DumpId>,
}

/// A populated materialized view. One outside the dump is there for those that read it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct MaterializedViewFacts {
    pub oid: u32,
    pub schema: BString,
    pub name: BString,
    pub qualified: BString,
    pub owner: BString,
    /// Absent where the object is not dumped.
    pub entry: Option<DumpId>,
    /// The other materialized views its query reads.
    pub reads_oids: Vec<u32>,
}

/// A large object's owner, grants and comment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct LargeObjectFacts {
    pub oid: u32,
    /// As SQL.
    pub owner_quoted: BString,
    /// `lomacl` as text; none where the grants are the default.
    pub acl: Option<BString>,
    pub comment: Option<BString>,
}

/// Everything of one database that its schema does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// By schema and name.
    pub tables: Vec<TableFacts>,
    /// By schema and name.
    pub sequences: Vec<SequenceFacts>,
    /// By schema and name; see [`super::entries::refresh_order`].
    pub materialized_views: Vec<MaterializedViewFacts>,
    /// Grouped by owner and grants.
    pub large_objects: Vec<LargeObjectFacts>,
    /// The grants behind each distinct `acl` of `large_objects`.
    pub large_object_grants: Vec<(BString, Vec<Grant>)>,
    /// Unlogged tables whose rows a standby does not have.
    pub unlogged_skipped: usize,
    /// `pg_table_size` of pg_largeobject.
    pub large_object_bytes: u64,
}

impl Contents {
    /// For an archive without the entries that create the tables of its data.
    pub fn forget_entries(&mut self) {
        self.tables.iter_mut().for_each(|table| table.entry = None);
        for sequence in &mut self.sequences {
            sequence.entry = None;
        }
    }
}

impl TableFacts {
    /// The statement that reads the table, or the pages `from..to` of it (`to` absent: to the end).
    ///
    /// `COPY table` skips the planner and is the faster one; everything else needs a query.
    pub fn copy_out(&self, pages: Option<(u64, Option<u64>)>) -> BString {
        let mut sql = BString::from("COPY ");
        if pages.is_none() && self.condition.is_none() {
            sql.extend_from_slice(&self.qualified);
            self.push_columns(&mut sql);
            sql.extend_from_slice(b" TO STDOUT");
            return sql;
        }
        sql.extend_from_slice(b"(SELECT ");
        sql.extend_from_slice(&self.column_list);
        sql.extend_from_slice(b" FROM ONLY ");
        sql.extend_from_slice(&self.qualified);
        if let Some(condition) = &self.condition {
            sql.push(b' ');
            sql.extend_from_slice(condition);
        }
        if let Some((from, to)) = pages {
            push_bound(&mut sql, " WHERE ctid OPERATOR(pg_catalog.>=)", from);
            if let Some(to) = to {
                push_bound(&mut sql, " AND ctid OPERATOR(pg_catalog.<)", to);
            }
        }
        sql.extend_from_slice(b") TO STDOUT");
        sql
    }

    /// The statement that loads the rows of [`copy_out`](Self::copy_out), as pg_dump writes it.
    pub fn copy_in(&self) -> BString {
        let mut sql = BString::from("COPY ");
        sql.extend_from_slice(self.root.as_ref().unwrap_or(&self.qualified));
        self.push_columns(&mut sql);
        sql.extend_from_slice(b" FROM stdin;\n");
        sql
    }

    /// No list at all for a table without columns: `()` is no SQL.
    fn push_columns(&self, sql: &mut BString) {
        if !self.column_list.is_empty() {
            sql.extend_from_slice(b" (");
            sql.extend_from_slice(&self.column_list);
            sql.push(b')');
        }
    }
}

fn push_bound(sql: &mut BString, comparison: &str, page: u64) {
    sql.extend_from_slice(format!("{comparison} '({page},0)'").as_bytes());
}

/// Ranges of pages can be read without reading the rest of the table since this version.
pub const TID_RANGE_SCAN_SINCE: u32 = 14;

/// Cuts a table of so many pages into this many ranges of pages. The last one is open: the table may have
/// grown since its pages were counted.
pub fn page_ranges(blocks: u64, parts: u64) -> impl Iterator<Item = (u64, Option<u64>)> {
    let first_page = move |part: u64| {
        let page = u128::from(blocks) * u128::from(part) / u128::from(parts);
        u64::try_from(page).unwrap_or(u64::MAX)
    };
    (0..parts).map(move |part| {
        let to = (part + 1 < parts).then(|| first_page(part + 1));
        (first_page(part), to)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> TableFacts {
        TableFacts {
            qualified: "public.t".into(),
            column_list: "a, \"B\"".into(),
            ..TableFacts::default()
        }
    }

    #[test]
    fn a_whole_table_is_copied_and_a_part_is_selected() {
        assert_eq!(table().copy_out(None), "COPY public.t (a, \"B\") TO STDOUT");
        assert_eq!(
            table().copy_out(Some((0, Some(100)))),
            "COPY (SELECT a, \"B\" FROM ONLY public.t WHERE ctid OPERATOR(pg_catalog.>=) '(0,0)' \
             AND ctid OPERATOR(pg_catalog.<) '(100,0)') TO STDOUT"
        );
        assert_eq!(
            table().copy_out(Some((100, None))),
            "COPY (SELECT a, \"B\" FROM ONLY public.t WHERE ctid OPERATOR(pg_catalog.>=) '(100,0)') TO STDOUT"
        );
        assert_eq!(table().copy_in(), "COPY public.t (a, \"B\") FROM stdin;\n");
    }

    #[test]
    fn a_configuration_table_keeps_its_condition() {
        let config = TableFacts {
            condition: Some("WHERE a > 1".into()),
            ..table()
        };
        assert_eq!(
            config.copy_out(None),
            "COPY (SELECT a, \"B\" FROM ONLY public.t WHERE a > 1) TO STDOUT"
        );
    }

    #[test]
    fn a_table_without_columns_has_no_list_and_a_partition_may_load_through_its_root() {
        let empty = TableFacts {
            column_list: "".into(),
            root: Some("public.root".into()),
            ..table()
        };
        assert_eq!(empty.copy_out(None), "COPY public.t TO STDOUT");
        assert_eq!(empty.copy_in(), "COPY public.root FROM stdin;\n");
    }
}
