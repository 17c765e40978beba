//! The tables whose statistics the archive gives back, so that ANALYZE has nothing to add.
//!
//! Pure. An entry of a table that nobody had analyzed holds pages and rows, and nothing of its columns.
//! Extended statistics come back by entries of their own, which only servers from 19 on write and read. Not
//! here: what is analyzed ([`super::statistics`]).

use std::collections::HashMap;

use bstr::ByteSlice;

use super::graph::Graph;
use crate::restore::select::Need;
use crate::toc::{ObjectKind, Toc};

/// The call that sets a column's statistics (`dumpRelationStats()` in pg_dump.c).
const OF_COLUMN: &[u8] = b"pg_catalog.pg_restore_attribute_stats(";

/// The tables and materialized views, by position, with the entries that give their statistics back.
#[derive(Debug, Default)]
pub(super) struct GivenBack(HashMap<usize, Vec<usize>>);

impl GivenBack {
    /// What the wanted entries give back.
    pub(super) fn of(toc: &Toc, needs: &[Need], graph: &Graph) -> Self {
        let mut found: HashMap<usize, Vec<usize>> = HashMap::new();
        let wanted = |position: &usize| needs[*position].any();
        let first_need = |position: usize| graph.nodes[position].depends_on.first().copied();
        let mut is_extended_back = vec![false; toc.entries.len()];
        for position in (0..toc.entries.len()).filter(wanted) {
            let entry = &toc.entries[position];
            match (&entry.kind, first_need(position)) {
                (ObjectKind::StatisticsData, Some(of)) if has_columns(entry.definition()) => {
                    found.entry(of).or_default().push(position);
                }
                (ObjectKind::ExtendedStatisticsData, Some(of)) => is_extended_back[of] = true,
                _ => {}
            }
        }
        for position in (0..toc.entries.len()).filter(wanted) {
            let is_lost =
                toc.entries[position].kind == ObjectKind::Statistics && !is_extended_back[position];
            if is_lost {
                for table in &graph.nodes[position].tables {
                    found.remove(table);
                }
            }
        }
        Self(found)
    }

    /// Whether ANALYZE has nothing to add for a table or view.
    pub(super) fn has(&self, position: usize) -> bool {
        self.0.contains_key(&position)
    }
}

fn has_columns(sql: &[u8]) -> bool {
    sql.contains_str(OF_COLUMN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restore::contents::DataFacts;
    use crate::restore::testing::{entry, toc};
    use crate::toc::{DumpId, TocEntry};

    fn statistics(id: i32, of: i32, defn: &str) -> TocEntry {
        TocEntry {
            dependencies: vec![DumpId(of)],
            defn: Some(defn.into()),
            ..entry(id, ObjectKind::StatisticsData, Some("s"), "t")
        }
    }

    fn on(kind: ObjectKind, id: i32, of: i32) -> TocEntry {
        TocEntry {
            dependencies: vec![DumpId(of)],
            ..entry(id, kind, Some("s"), "x")
        }
    }

    fn given_back(entries: Vec<TocEntry>) -> Vec<usize> {
        let toc = toc(entries);
        let needs = vec![
            Need {
                definition: true,
                data: true,
            };
            toc.entries.len()
        ];
        let graph = Graph::new(&toc, &needs, &DataFacts::default());
        let found = GivenBack::of(&toc, &needs, &graph);
        (0..toc.entries.len()).filter(|&at| found.has(at)).collect()
    }

    const WHOLE: &str = "SELECT * FROM pg_catalog.pg_restore_relation_stats('relname', 't');\n";
    const COLUMN: &str = "SELECT * FROM pg_catalog.pg_restore_attribute_stats('relname', 't');\n";

    #[test]
    fn a_table_that_nobody_had_analyzed_has_none() {
        let table = |id| entry(id, ObjectKind::Table, Some("s"), "t");
        let all = vec![
            table(1),
            table(2),
            statistics(3, 1, WHOLE),
            statistics(4, 2, &[WHOLE, COLUMN].concat()),
        ];
        assert_eq!(given_back(all), [1]);
    }

    #[test]
    fn extended_statistics_that_do_not_come_back_are_gathered() {
        let without = vec![
            entry(1, ObjectKind::Table, Some("s"), "t"),
            statistics(2, 1, COLUMN),
            on(ObjectKind::Statistics, 3, 1),
        ];
        assert!(given_back(without.clone()).is_empty());
        let with = [without, vec![on(ObjectKind::ExtendedStatisticsData, 4, 3)]].concat();
        assert_eq!(given_back(with), [0]);
    }
}
