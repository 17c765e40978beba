//! The chunks that an entry of the post-data section must wait for, beyond those that pg_restore works out.
//! Pure.
//!
//! pg_restore makes the dependants of a table wait for the table's TABLE DATA entry
//! (`repoint_table_dependencies()`), if there is exactly one. All other waits have to be in the archive's
//! dependencies. Otherwise a parallel restore creates triggers and constraints before the rows they are not
//! meant for.

use std::collections::{BTreeMap, BTreeSet};

use bstr::BString;

use super::contents::{Contents, TableFacts};
use super::ids::DataIds;
use crate::toc::{DumpId, ObjectKind, TocEntry};

/// The OID of pg_class, which table-like entries carry as their catalog.
const PG_CLASS_OID: u32 = 1259;

/// Chunks to wait for, by the entry that is depended on.
#[derive(Debug, Default)]
pub(super) struct Waits {
    /// Of anything on the table.
    own: BTreeMap<DumpId, Vec<DumpId>>,
    /// Of what reaches down to partitions and to tables that inherit.
    below: BTreeMap<DumpId, Vec<DumpId>>,
}

impl Waits {
    pub(super) fn new(entries: &[TocEntry], contents: &Contents, data: &DataIds) -> Self {
        let tables = || contents.tables.iter().zip(&data.tables);
        let mut by_root: BTreeMap<&BString, Vec<DumpId>> = BTreeMap::new();
        for (table, chunks) in tables() {
            if let Some(root) = &table.root {
                by_root.entry(root).or_default().extend(chunks);
            }
        }
        let by_oid = table_entries(entries);
        let mut waits = Self::default();
        for (table, chunks) in tables() {
            let same_root = table.root.as_ref().and_then(|root| by_root.get(root));
            waits.own(table, same_root.unwrap_or(chunks));
            for entry in table.ancestor_oids.iter().filter_map(|oid| by_oid.get(oid)) {
                waits.below.entry(*entry).or_default().extend(chunks);
            }
        }
        waits
    }

    /// A table of several chunks; one whose rows come through its root, from any of the root's partitions;
    /// and an extension's configuration table, which stands in no TOC: its referrers depend on the extension.
    fn own(&mut self, table: &TableFacts, chunks: &[DumpId]) {
        let unknown_to_pg_restore =
            chunks.len() > 1 || table.root.is_some() || table.condition.is_some();
        if let Some(entry) = table.entry.filter(|_| unknown_to_pg_restore) {
            self.own.entry(entry).or_default().extend(chunks);
        }
    }

    /// Adds the chunks that `entry`, of the post-data section, must wait for to its dependencies.
    pub(super) fn add_to(&self, entry: &mut TocEntry) {
        let on: Vec<DumpId> = entry.dependencies.clone();
        let own = on.iter().filter_map(|id| self.own.get(id));
        let below = on.iter().filter_map(|id| self.below.get(id));
        let below = below.filter(|_| reaches_down(&entry.kind));
        let mut present: BTreeSet<DumpId> = on.iter().copied().collect();
        let chunks = own.chain(below).flatten().copied();
        let new: Vec<DumpId> = chunks.filter(|chunk| present.insert(*chunk)).collect();
        entry.dependencies.extend(new);
    }
}

/// Whether an object on a partitioned or inherited table comes to be on the tables below it too, where it
/// would see their rows being loaded. Indexes do not: pg_dump creates those `ON ONLY` and attaches them.
fn reaches_down(kind: &ObjectKind) -> bool {
    matches!(
        kind,
        ObjectKind::Trigger
            | ObjectKind::Constraint
            | ObjectKind::CheckConstraint
            | ObjectKind::FkConstraint
    )
}

fn table_entries(entries: &[TocEntry]) -> BTreeMap<u32, DumpId> {
    entries
        .iter()
        .filter(|entry| {
            entry.kind == ObjectKind::Table && entry.catalog_id.table_oid == PG_CLASS_OID
        })
        .map(|entry| (entry.catalog_id.oid, entry.dump_id))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toc::CatalogId;

    fn table_entry(id: i32, oid: u32) -> TocEntry {
        TocEntry {
            dump_id: DumpId(id),
            kind: ObjectKind::Table,
            catalog_id: CatalogId {
                table_oid: PG_CLASS_OID,
                oid,
            },
            ..TocEntry::default()
        }
    }

    fn facts(id: i32, oid: u32, ancestor_oids: &[u32]) -> TableFacts {
        TableFacts {
            oid,
            entry: Some(DumpId(id)),
            ancestor_oids: ancestor_oids.to_vec(),
            ..TableFacts::default()
        }
    }

    /// Entry 1 is a partitioned table with the partitions 2 (chunk 11) and 3 (chunks 12 and 13).
    fn partitioned(root: Option<&str>) -> Waits {
        let mut tables = vec![facts(2, 200, &[100]), facts(3, 300, &[100])];
        for table in &mut tables {
            table.root = root.map(BString::from);
        }
        let contents = Contents {
            tables,
            ..Contents::default()
        };
        let data = DataIds {
            tables: vec![vec![DumpId(11)], vec![DumpId(12), DumpId(13)]],
            large_objects: vec![],
        };
        let entries = [
            table_entry(1, 100),
            table_entry(2, 200),
            table_entry(3, 300),
        ];
        Waits::new(&entries, &contents, &data)
    }

    fn dependencies(waits: &Waits, kind: ObjectKind, on: i32) -> Vec<i32> {
        let mut entry = TocEntry {
            kind,
            dependencies: vec![DumpId(on)],
            ..TocEntry::default()
        };
        waits.add_to(&mut entry);
        entry.dependencies.iter().map(|id| id.0).collect()
    }

    #[test]
    fn what_reaches_down_waits_for_all_below() {
        let waits = partitioned(None);
        for kind in [
            ObjectKind::Trigger,
            ObjectKind::FkConstraint,
            ObjectKind::CheckConstraint,
        ] {
            assert_eq!(dependencies(&waits, kind, 1), [1, 11, 12, 13]);
        }
        assert_eq!(dependencies(&waits, ObjectKind::Index, 1), [1]);
    }

    #[test]
    fn what_is_on_a_table_waits_for_its_chunks_if_they_are_several() {
        let waits = partitioned(None);
        // One chunk: pg_restore itself sees to that.
        assert_eq!(dependencies(&waits, ObjectKind::Trigger, 2), [2]);
        assert_eq!(dependencies(&waits, ObjectKind::Index, 3), [3, 12, 13]);
    }

    #[test]
    fn rows_that_come_through_the_root_may_come_from_any_partition() {
        let waits = partitioned(Some("public.root"));
        for on in [2, 3] {
            let all = [on, 11, 12, 13];
            assert_eq!(dependencies(&waits, ObjectKind::Index, on), all);
        }
    }

    #[test]
    fn a_dependency_is_named_once() {
        let waits = partitioned(None);
        let mut trigger = TocEntry {
            kind: ObjectKind::Trigger,
            dependencies: vec![DumpId(1), DumpId(3), DumpId(12)],
            ..TocEntry::default()
        };
        waits.add_to(&mut trigger);
        let ids: Vec<i32> = trigger.dependencies.iter().map(|id| id.0).collect();
        assert_eq!(ids, [1, 3, 12, 13, 11]);
    }
}
