//! Filters to required entries, with pg_restore's semantics.
//!
//! Pure. The rules are those of `_tocEntryRequired` in PostgreSQL's `pg_backup_archiver.c`. Names in
//! `-n`, `-N` and `-t` are plain and compared byte by byte, as there. What order entries come in is
//! `graph`'s business.

use bstr::BString;

use super::options::{Content, Sections, Selection};
use super::rename::is_about_database;
use crate::toc::{ObjectKind, Section, Toc, TocEntry};

/// What of an entry is wanted. Neither: the entry is left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Need {
    /// Its definition.
    pub(super) definition: bool,
    /// Its data; for an entry without a data member, the statements in its definition.
    pub(super) data: bool,
}

impl Need {
    const NOTHING: Self = Self {
        definition: false,
        data: false,
    };

    /// Whether anything is wanted.
    pub(super) fn any(self) -> bool {
        self.definition || self.data
    }
}

/// Whether the database itself is created, which decides about the entries that describe it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DatabaseEntries {
    /// `-C`
    Create,
    /// The database is there.
    Leave,
}

/// The definition that says a table's data goes through its partition root; also how an archive
/// marks the chunks of one table.
const VIA_ROOT: &[u8] = b"-- load via partition root ";

/// What is wanted of each entry of `toc`, in the same order.
pub(super) fn required(toc: &Toc, selection: &Selection, database: DatabaseEntries) -> Vec<Need> {
    let mut needs: Vec<Need> = Vec::with_capacity(toc.entries.len());
    let positions = toc
        .entries
        .iter()
        .enumerate()
        .map(|(position, entry)| (entry.dump_id, position))
        .collect::<std::collections::HashMap<_, _>>();
    let mut section = Section::PreData;
    for entry in &toc.entries {
        if entry.section != Section::None {
            section = entry.section;
        }
        let parent_is_wanted = || {
            entry.dependencies.iter().any(|id| {
                positions.get(id).is_some_and(|&position| {
                    // A column's ACL also lists its table's ACL, for order only.
                    toc.entries[position].kind != ObjectKind::Acl
                        && needs.get(position).is_some_and(|need| need.any())
                })
            })
        };
        let need = if is_let_through(entry, section, selection, database, &parent_is_wanted) {
            components(entry, selection.content, database)
        } else {
            Need::NOTHING
        };
        needs.push(need);
    }
    needs
}

/// Whether the filters let the entry through at all.
fn is_let_through(
    entry: &TocEntry,
    section: Section,
    selection: &Selection,
    database: DatabaseEntries,
    parent_is_wanted: &dyn Fn() -> bool,
) -> bool {
    use ObjectKind as Kind;
    match entry.kind {
        // Session settings, see `statements::Prelude`.
        Kind::Encoding | Kind::StdStrings | Kind::SearchPath => return false,
        // Restored with -C and not otherwise, whatever else is asked.
        Kind::Database | Kind::DatabaseProperties => return database == DatabaseEntries::Create,
        _ => {}
    }
    if is_ownership(entry) && !selection.owners {
        return false;
    }
    let is_acl = matches!(entry.kind, Kind::Acl | Kind::DefaultAcl);
    if (is_acl && !selection.privileges) || !has_section(selection.sections, section) {
        return false;
    }
    if matches!(entry.kind, Kind::Acl | Kind::Comment | Kind::SecurityLabel) {
        if is_about_database(entry) {
            return database == DatabaseEntries::Create;
        }
        return !is_selective(selection) || parent_is_wanted();
    }
    passes_schemas(entry, selection) && passes_tables(entry, selection)
}

/// Whether the entry gives large objects to their owner, which an archive of ours does in entries of
/// its own (see FORMAT.md).
pub(super) fn is_ownership(entry: &TocEntry) -> bool {
    entry.kind == ObjectKind::Blob && entry.tag.starts_with(b"OWNER ")
}

fn has_section(sections: Sections, section: Section) -> bool {
    match section {
        Section::PreData => sections.pre_data,
        Section::Data => sections.data,
        Section::PostData => sections.post_data,
        Section::None => false,
    }
}

fn is_selective(selection: &Selection) -> bool {
    !(selection.schemas.is_empty()
        && selection.exclude_schemas.is_empty()
        && selection.tables.is_empty())
}

fn passes_schemas(entry: &TocEntry, selection: &Selection) -> bool {
    let Some(namespace) = &entry.namespace else {
        // An object in no schema: `-n` leaves it out, `-N` cannot mean it.
        return selection.schemas.is_empty();
    };
    (selection.schemas.is_empty() || selection.schemas.contains(namespace))
        && !selection.exclude_schemas.contains(namespace)
}

/// With `-t`, only what is table-like is restored: not the table's indexes, constraints or triggers.
fn passes_tables(entry: &TocEntry, selection: &Selection) -> bool {
    selection.tables.is_empty()
        || (is_table_like(&entry.kind) && selection.tables.contains(&entry.tag))
}

fn is_table_like(kind: &ObjectKind) -> bool {
    use ObjectKind as Kind;
    matches!(
        kind,
        Kind::Table
            | Kind::TableData
            | Kind::View
            | Kind::ForeignTable
            | Kind::MaterializedView
            | Kind::MaterializedViewData
            | Kind::Sequence
            | Kind::SequenceSet
    )
}

/// The parts that the entry has, less those that `-s` or `-a` leave out.
fn components(entry: &TocEntry, content: Content, database: DatabaseEntries) -> Need {
    if matches!(
        entry.kind,
        ObjectKind::Database | ObjectKind::DatabaseProperties
    ) {
        return Need {
            definition: database == DatabaseEntries::Create,
            data: false,
        };
    }
    let definition = entry.definition();
    let only_data = !entry.had_dumper && is_data_by_definition(entry);
    let has_definition = !definition.is_empty() && !definition.starts_with(VIA_ROOT) && !only_data;
    let has_data = entry.had_dumper || only_data;
    Need {
        definition: has_definition && content != Content::DataOnly,
        data: has_data && content != Content::SchemaOnly,
    }
}

/// Entries that are data though they have no data member: sequence values, and all there is to large
/// objects.
fn is_data_by_definition(entry: &TocEntry) -> bool {
    use ObjectKind as Kind;
    match entry.kind {
        Kind::SequenceSet | Kind::Blob | Kind::BlobMetadata | Kind::LargeObjectData => true,
        // Also the "LARGE OBJECTS" tags that pg_dump 17 and later write for groups of them.
        Kind::Acl | Kind::Comment | Kind::SecurityLabel => entry.tag.starts_with(b"LARGE OBJECT"),
        _ => false,
    }
}

/// The names in `-n` and `-t` that no entry of any of `tocs` bears.
pub(super) fn unmatched_names<'a>(
    tocs: impl Iterator<Item = &'a Toc> + Clone,
    selection: &Selection,
) -> Vec<String> {
    let entries = || tocs.clone().flat_map(|toc| &toc.entries);
    let is_schema = |name: &BString| {
        entries().any(|entry| {
            entry.namespace.as_ref() == Some(name)
                || (entry.kind == ObjectKind::Schema && entry.tag == *name)
        })
    };
    let is_table =
        |name: &BString| entries().any(|entry| is_table_like(&entry.kind) && entry.tag == *name);
    let schemas = selection.schemas.iter().filter(|name| !is_schema(name));
    let tables = selection.tables.iter().filter(|name| !is_table(name));
    schemas
        .map(|name| format!("schema \"{name}\""))
        .chain(tables.map(|name| format!("table \"{name}\"")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restore::testing::{entry, toc};
    use crate::toc::DumpId;

    fn sample() -> Toc {
        let mut encoding = entry(1, ObjectKind::Encoding, None, "ENCODING");
        encoding.section = Section::PreData;
        let mut data = entry(20, ObjectKind::TableData, Some("app"), "t");
        data.had_dumper = true;
        data.defn = None;
        data.dependencies = vec![DumpId(11)];
        let mut chunk = data.clone();
        chunk.dump_id = DumpId(21);
        chunk.defn = Some("-- load via partition root app.t".into());
        let mut objects = entry(24, ObjectKind::LargeObjectData, None, "LARGE OBJECT DATA");
        objects.had_dumper = true;
        objects.defn = None;
        let mut acl = entry(12, ObjectKind::Acl, Some("app"), "TABLE t");
        acl.dependencies = vec![DumpId(11)];
        let mut column_acl = entry(13, ObjectKind::Acl, Some("app"), "COLUMN u.a");
        column_acl.dependencies = vec![DumpId(14), DumpId(12)];
        let mut object_acl = entry(25, ObjectKind::Acl, None, "LARGE OBJECT 4711");
        object_acl.dependencies = vec![DumpId(23)];
        toc(vec![
            encoding,
            entry(2, ObjectKind::Database, None, "jobs"),
            entry(3, ObjectKind::Comment, None, "DATABASE jobs"),
            entry(4, ObjectKind::Schema, None, "app"),
            entry(5, ObjectKind::Extension, None, "hstore"),
            entry(10, ObjectKind::Function, Some("app"), "f(integer)"),
            entry(11, ObjectKind::Table, Some("app"), "t"),
            acl,
            entry(14, ObjectKind::Table, Some("app"), "u"),
            column_acl,
            entry(15, ObjectKind::View, Some("other"), "t"),
            data,
            chunk,
            entry(22, ObjectKind::SequenceSet, Some("app"), "s"),
            entry(23, ObjectKind::Blob, None, "4711"),
            objects,
            object_acl,
            entry(30, ObjectKind::Index, Some("app"), "i"),
        ])
    }

    fn wanted(selection: &Selection, database: DatabaseEntries) -> Vec<(i32, char)> {
        let toc = sample();
        required(&toc, selection, database)
            .into_iter()
            .zip(&toc.entries)
            .filter(|(need, _)| need.any())
            .map(|(need, entry)| {
                let letter = match (need.definition, need.data) {
                    (true, true) => 'b',
                    (true, false) => 'd',
                    _ => 'r',
                };
                (entry.dump_id.0, letter)
            })
            .collect()
    }

    fn ids(selection: &Selection) -> Vec<i32> {
        wanted(selection, DatabaseEntries::Leave)
            .into_iter()
            .map(|(id, _)| id)
            .collect()
    }

    #[test]
    fn without_filters_everything_but_the_database_itself_is_wanted() {
        let all = [
            (4, 'd'),
            (5, 'd'),
            (10, 'd'),
            (11, 'd'),
            (12, 'd'),
            (14, 'd'),
            (13, 'd'),
            (15, 'd'),
            (20, 'r'),
            (21, 'r'),
            (22, 'r'),
            (23, 'r'),
            (24, 'r'),
            (25, 'r'),
            (30, 'd'),
        ];
        let selection = Selection::default();
        assert_eq!(wanted(&selection, DatabaseEntries::Leave), all);
        let created = wanted(&selection, DatabaseEntries::Create);
        assert_eq!(created[..2], [(2, 'd'), (3, 'd')]);
        assert_eq!(created[2..], all);
    }

    #[test]
    fn schema_only_and_data_only_part_where_pg_restore_parts() {
        let schema_only = Selection {
            content: Content::SchemaOnly,
            ..Selection::default()
        };
        assert_eq!(ids(&schema_only), [4, 5, 10, 11, 12, 14, 13, 15, 30]);
        let data_only = Selection {
            content: Content::DataOnly,
            ..Selection::default()
        };
        assert_eq!(ids(&data_only), [20, 21, 22, 23, 24, 25]);
    }

    #[test]
    fn a_table_comes_with_its_data_and_grants_but_without_its_indexes() {
        let selection = Selection {
            tables: vec!["t".into()],
            ..Selection::default()
        };
        assert_eq!(ids(&selection), [11, 12, 15, 20, 21]);
        let in_schema = Selection {
            schemas: vec!["app".into()],
            ..selection
        };
        assert_eq!(ids(&in_schema), [11, 12, 20, 21]);
    }

    #[test]
    fn a_schema_filter_leaves_out_what_is_in_no_schema() {
        let only = Selection {
            schemas: vec!["app".into()],
            ..Selection::default()
        };
        assert_eq!(ids(&only), [10, 11, 12, 14, 13, 20, 21, 22, 30]);
        let without = Selection {
            exclude_schemas: vec!["app".into()],
            ..Selection::default()
        };
        assert_eq!(ids(&without), [4, 5, 15, 23, 24, 25]);
    }

    #[test]
    fn what_belongs_to_no_section_follows_the_entry_before_it() {
        let selection = Selection {
            sections: Sections {
                pre_data: true,
                data: false,
                post_data: false,
            },
            ..Selection::default()
        };
        assert_eq!(ids(&selection), [4, 5, 10, 11, 12, 14, 13, 15]);
    }

    #[test]
    fn without_privileges_no_acl_is_wanted() {
        let selection = Selection {
            privileges: false,
            ..Selection::default()
        };
        let left = ids(&selection);
        assert!(left.iter().all(|id| ![12, 13, 25].contains(id)), "{left:?}");
    }

    #[test]
    fn names_that_match_nothing_are_told() {
        let selection = Selection {
            schemas: vec!["app".into(), "nope".into()],
            tables: vec!["t".into(), "T".into()],
            ..Selection::default()
        };
        let toc = sample();
        assert_eq!(
            unmatched_names([&toc].into_iter(), &selection),
            ["schema \"nope\"", "table \"T\""]
        );
    }
}
