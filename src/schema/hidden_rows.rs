//! Statistics hold samples of rows. Where a table's rows are left out, so is what they would tell.
//!
//! Pure. A parent's statistics are of its children's rows too, and an index has its table's. What a
//! materialized view shows of a table nobody knows here, so no view keeps its statistics.

use std::collections::BTreeSet;

use crate::toc::{DumpId, ObjectKind, Toc, TocEntry};

/// The OID of pg_class.
const PG_CLASS_OID: u32 = 1259;

/// Leaves out the statistics that are of rows of these relations.
pub fn forget_statistics(toc: &mut Toc, left_out_oids: &BTreeSet<u32>) {
    let mut hidden: BTreeSet<DumpId> = toc
        .entries
        .iter()
        .filter(|entry| {
            entry.catalog_id.table_oid == PG_CLASS_OID
                && left_out_oids.contains(&entry.catalog_id.oid)
        })
        .map(|entry| entry.dump_id)
        .collect();
    if hidden.is_empty() {
        return;
    }
    let views = toc.entries.iter();
    let views = views.filter(|entry| entry.kind == ObjectKind::MaterializedView);
    hidden.extend(views.map(|entry| entry.dump_id));
    // Upwards: what a partition or a child has, its parents show.
    loop {
        let above: BTreeSet<DumpId> = toc
            .entries
            .iter()
            .filter(|entry| shows_rows_above(entry, &hidden))
            .flat_map(|entry| entry.dependencies.iter().copied())
            .collect();
        let before = hidden.len();
        let tables = toc.entries.iter().filter(|entry| entry.kind.is_table());
        hidden.extend(
            tables
                .map(|entry| entry.dump_id)
                .filter(|id| above.contains(id)),
        );
        if hidden.len() == before {
            break;
        }
    }
    let on_them = toc.entries.iter().filter(|entry| {
        let is_made_of_rows = matches!(
            entry.kind,
            ObjectKind::Index | ObjectKind::Constraint | ObjectKind::Statistics
        );
        is_made_of_rows && entry.dependencies.iter().any(|id| hidden.contains(id))
    });
    let on_them: Vec<DumpId> = on_them.map(|entry| entry.dump_id).collect();
    hidden.extend(on_them);
    toc.entries.retain(|entry| {
        let mut needs = entry.dependencies.iter();
        !entry.kind.is_statistics_data() || !needs.any(|id| hidden.contains(id))
    });
}

/// Whether the entry says that a hidden table is part of what it depends on.
fn shows_rows_above(entry: &TocEntry, hidden: &BTreeSet<DumpId>) -> bool {
    match entry.kind {
        // It depends on the partition first.
        ObjectKind::TableAttach => entry
            .dependencies
            .first()
            .is_some_and(|id| hidden.contains(id)),
        _ => entry.kind.is_table() && hidden.contains(&entry.dump_id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toc::CatalogId;

    fn entry(id: i32, kind: ObjectKind, needs: &[i32]) -> TocEntry {
        TocEntry {
            dump_id: DumpId(id),
            catalog_id: CatalogId {
                table_oid: PG_CLASS_OID,
                oid: 1000 + id.unsigned_abs(),
            },
            kind,
            dependencies: needs.iter().copied().map(DumpId).collect(),
            ..TocEntry::default()
        }
    }

    #[test]
    fn rows_that_are_left_out_are_in_no_statistics() {
        use ObjectKind as Kind;
        let entries = vec![
            entry(1, Kind::Table, &[]),
            entry(2, Kind::Table, &[]),
            entry(3, Kind::TableAttach, &[2, 1]),
            entry(4, Kind::Table, &[]),
            entry(5, Kind::Index, &[2]),
            entry(6, Kind::Statistics, &[2]),
            entry(11, Kind::StatisticsData, &[1]),
            entry(12, Kind::StatisticsData, &[2]),
            entry(14, Kind::StatisticsData, &[4]),
            entry(15, Kind::StatisticsData, &[5]),
            entry(16, Kind::ExtendedStatisticsData, &[6]),
            entry(7, Kind::MaterializedView, &[4]),
            entry(17, Kind::StatisticsData, &[7]),
        ];
        let left = |oids: &[u32]| {
            let mut toc = Toc {
                entries: entries.clone(),
                ..Toc::default()
            };
            forget_statistics(&mut toc, &oids.iter().copied().collect());
            let left = toc
                .entries
                .iter()
                .filter(|entry| entry.kind.is_statistics_data());
            left.map(|entry| entry.dump_id.0).collect::<Vec<_>>()
        };
        assert_eq!(left(&[]), [11, 12, 14, 15, 16, 17]);
        assert_eq!(left(&[1002]), [14]);
        // A parent's rows are not its partition's.
        assert_eq!(left(&[1001]), [12, 14, 15, 16]);
    }
}
