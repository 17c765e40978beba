//! Completes a schema-only TOC with everything pg_dump would have added for data.
//!
//! Pure. Field by field the entries are those of `dumpTableData()`, `dumpSequenceData()`,
//! `refreshMatViewData()` and `dumpLO()` in pg_dump.c, with two differences that FORMAT.md explains: a
//! table may have many TABLE DATA entries, and large objects are grouped.

use std::collections::{BTreeMap, BTreeSet};

use bstr::BString;

use super::contents::{Contents, MaterializedViewFacts, SequenceFacts};
use super::ids::{DataIds, DumpIds};
use super::large_objects;
use super::waits::Waits;
use crate::toc::kind::Family;
use crate::toc::{CatalogId, DumpId, LOAD_VIA_ROOT, ObjectKind, Section, Toc, TocEntry, quote};

/// The part of a database that goes into the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Definitions and data.
    All,
    /// Definitions only.
    SchemaOnly,
    /// Data only.
    DataOnly,
}

/// The complete TOC: `toc`'s entries with the data's between pre-data and post-data, and the refreshes at
/// the end.
pub fn complete(
    toc: Toc,
    contents: &Contents,
    data: &DataIds,
    content: Content,
    ids: &mut DumpIds,
) -> Toc {
    let mut entries: Vec<TocEntry> = toc.entries;
    if content == Content::DataOnly {
        let stays = |kind: &ObjectKind| is_session_setting(kind) || is_statistics(kind);
        entries.retain(|entry| stays(&entry.kind));
    }
    let waits = Waits::new(&entries, contents, data);
    let mut middle = vec![];
    let large_objects = large_objects::entries(contents, data, ids);
    middle.extend(large_objects.create);
    middle.extend(table_data(contents, data));
    middle.extend(
        contents
            .sequences
            .iter()
            .map(|sequence| sequence_set(sequence, ids.next_id())),
    );
    middle.extend(large_objects.data);
    middle.extend(large_objects.after);
    let is_past = |entry: &TocEntry| matches!(entry.section, Section::Data | Section::PostData);
    let split = entries.iter().position(is_past).unwrap_or(entries.len());
    let mut after = entries.split_off(split);
    for entry in &mut after {
        if entry.section == Section::PostData {
            waits.add_to(entry);
        }
    }
    entries.extend(middle);
    entries.extend(after);
    if content == Content::All {
        let refreshes = refreshes(&contents.materialized_views, ids);
        let late = take_refreshed(&mut entries, &refreshes);
        entries.extend(refreshes);
        entries.extend(late);
    }
    Toc { entries, ..toc }
}

fn is_statistics(kind: &ObjectKind) -> bool {
    kind.facts().family == Family::Statistics
}

/// Takes out the planner's statistics of views that are refreshed, which would lose them: they come after the
/// refresh (`makeTableDataInfo()` in pg_dump.c).
fn take_refreshed(entries: &mut Vec<TocEntry>, refreshes: &[TocEntry]) -> Vec<TocEntry> {
    let view_of = |refresh: &TocEntry| Some((*refresh.dependencies.first()?, refresh.dump_id));
    let by_view: BTreeMap<DumpId, DumpId> = refreshes.iter().filter_map(view_of).collect();
    // Indexes of such a view are made anew, too.
    let mut by_need = by_view.clone();
    for entry in entries
        .iter()
        .filter(|entry| entry.kind == ObjectKind::Index)
    {
        let refresh = entry.dependencies.iter().find_map(|id| by_view.get(id));
        if let Some(&refresh) = refresh {
            by_need.insert(entry.dump_id, refresh);
        }
    }
    let refresh_of = |entry: &TocEntry| {
        let needs = entry
            .dependencies
            .first()
            .filter(|_| is_statistics(&entry.kind))?;
        by_need.get(needs).copied()
    };
    let mut late = vec![];
    entries.retain(|entry| {
        let Some(refresh) = refresh_of(entry) else {
            return true;
        };
        let mut entry = entry.clone();
        entry.section = Section::PostData;
        entry.dependencies.push(refresh);
        late.push(entry);
        false
    });
    late
}

/// Entries that every archive needs, whatever it holds.
fn is_session_setting(kind: &ObjectKind) -> bool {
    matches!(kind.facts().family, Family::Setting | Family::Database)
}

fn table_data(contents: &Contents, data: &DataIds) -> Vec<TocEntry> {
    let chunks_of: BTreeMap<u32, &[DumpId]> = contents
        .tables
        .iter()
        .map(|table| table.oid)
        .zip(data.tables.iter().map(Vec::as_slice))
        .collect();
    let order = after_what_they_need(
        &contents.tables,
        |table| table.oid,
        |table| &table.after_oids,
    );
    let mut entries = vec![];
    for table in order {
        let chunks = chunks_of.get(&table.oid).copied().unwrap_or_default();
        let mut dependencies: Vec<DumpId> = table.entry.into_iter().collect();
        for oid in &table.after_oids {
            dependencies.extend_from_slice(chunks_of.get(oid).copied().unwrap_or_default());
        }
        let defn = match &table.root {
            Some(root) => Some(root),
            None if chunks.len() > 1 => Some(&table.qualified),
            None => None,
        }
        .map(|target| concat(&[LOAD_VIA_ROOT, target]));
        entries.extend(chunks.iter().map(|&dump_id| TocEntry {
            dump_id,
            had_dumper: true,
            catalog_id: CatalogId {
                table_oid: 0,
                oid: table.oid,
            },
            tag: table.name.clone(),
            kind: ObjectKind::TableData,
            section: Section::Data,
            defn: defn.clone(),
            drop_stmt: Some("".into()),
            copy_stmt: Some(table.copy_in()),
            namespace: Some(table.schema.clone()),
            owner: Some(table.owner.clone()),
            dependencies: dependencies.clone(),
            ..TocEntry::default()
        }));
    }
    entries
}

fn sequence_set(sequence: &SequenceFacts, dump_id: DumpId) -> TocEntry {
    let defn = concat(&[
        b"SELECT pg_catalog.setval(",
        &quote::literal(&sequence.qualified),
        format!(", {}, {});\n", sequence.last_value, sequence.is_called).as_bytes(),
    ]);
    TocEntry {
        dump_id,
        tag: sequence.name.clone(),
        kind: ObjectKind::SequenceSet,
        section: Section::Data,
        defn: Some(defn),
        drop_stmt: Some("".into()),
        namespace: Some(sequence.schema.clone()),
        owner: Some(sequence.owner.clone()),
        dependencies: sequence.entry.into_iter().collect(),
        ..TocEntry::default()
    }
}

fn concat(parts: &[&[u8]]) -> BString {
    parts.concat().into()
}

fn refreshes(views: &[MaterializedViewFacts], ids: &mut DumpIds) -> Vec<TocEntry> {
    let mut refresh_ids: BTreeMap<u32, DumpId> = BTreeMap::new();
    let mut populated: BTreeSet<u32> = BTreeSet::new();
    let mut entries = vec![];
    for view in after_what_they_need(views, |view| view.oid, |view| &view.reads_oids) {
        // A view that reads one that is not populated cannot be refreshed; it stays as pg_dump leaves it.
        if !view.reads_oids.iter().all(|oid| populated.contains(oid)) {
            continue;
        }
        populated.insert(view.oid);
        let Some(entry) = view.entry else { continue };
        let dump_id = ids.next_id();
        let mut dependencies = vec![entry];
        dependencies.extend(
            view.reads_oids
                .iter()
                .filter_map(|oid| refresh_ids.get(oid)),
        );
        refresh_ids.insert(view.oid, dump_id);
        entries.push(TocEntry {
            dump_id,
            catalog_id: CatalogId {
                table_oid: 0,
                oid: view.oid,
            },
            tag: view.name.clone(),
            kind: ObjectKind::MaterializedViewData,
            section: Section::PostData,
            defn: Some(concat(&[
                b"REFRESH MATERIALIZED VIEW ",
                &view.qualified,
                b";\n",
            ])),
            drop_stmt: Some("".into()),
            namespace: Some(view.schema.clone()),
            owner: Some(view.owner.clone()),
            dependencies,
            ..TocEntry::default()
        });
    }
    entries
}

/// `items` in their order, each after those it needs. Members of a cycle come last, in their order.
fn after_what_they_need<T>(
    items: &[T],
    oid: impl Fn(&T) -> u32,
    needs: impl Fn(&T) -> &Vec<u32>,
) -> Vec<&T> {
    let present: BTreeSet<u32> = items.iter().map(&oid).collect();
    let mut placed = BTreeSet::new();
    let mut order: Vec<&T> = vec![];
    let mut waiting: Vec<&T> = items.iter().collect();
    loop {
        let before = order.len();
        waiting.retain(|&item| {
            let ready = needs(item)
                .iter()
                .all(|need| placed.contains(need) || !present.contains(need));
            if ready {
                placed.insert(oid(item));
                order.push(item);
            }
            !ready
        });
        if order.len() == before {
            order.extend(waiting);
            return order;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::contents::TableFacts;
    use super::*;

    fn entry(id: i32, kind: ObjectKind, section: Section, dependencies: &[i32]) -> TocEntry {
        let dependencies = dependencies.iter().map(|&id| DumpId(id)).collect();
        TocEntry {
            dump_id: DumpId(id),
            kind,
            section,
            dependencies,
            ..TocEntry::default()
        }
    }

    fn table(oid: u32, entry: i32, after_oids: &[u32]) -> TableFacts {
        let qualified = format!("public.t{oid}").into();
        TableFacts {
            oid,
            qualified,
            entry: Some(DumpId(entry)),
            after_oids: after_oids.to_vec(),
            ..TableFacts::default()
        }
    }

    fn view(oid: u32, reads_oids: &[u32]) -> MaterializedViewFacts {
        MaterializedViewFacts {
            oid,
            schema: "public".into(),
            name: format!("m{oid}").into(),
            qualified: format!("public.m{oid}").into(),
            owner: "o".into(),
            entry: Some(DumpId(1)),
            reads_oids: reads_oids.to_vec(),
        }
    }

    #[test]
    fn post_data_waits_for_every_chunk_of_its_table() {
        let toc = Toc {
            entries: vec![
                entry(1, ObjectKind::Table, Section::PreData, &[]),
                entry(2, ObjectKind::Index, Section::PostData, &[1]),
            ],
            ..Toc::default()
        };
        let contents = Contents {
            tables: vec![table(10, 1, &[])],
            ..Contents::default()
        };
        let data = DataIds {
            tables: vec![vec![DumpId(5), DumpId(6)]],
            large_objects: vec![],
        };
        let mut ids = DumpIds::from_last(6);
        let toc = complete(toc, &contents, &data, Content::All, &mut ids);
        let order: Vec<i32> = toc.entries.iter().map(|entry| entry.dump_id.0).collect();
        assert_eq!(order, [1, 5, 6, 2]);
        assert_eq!(
            toc.entries[3].dependencies,
            [DumpId(1), DumpId(5), DumpId(6)]
        );
        assert_eq!(
            toc.entries[1].definition(),
            b"-- load via partition root public.t10"
        );
        assert_eq!(toc.entries[1].dependencies, [DumpId(1)]);
    }

    #[test]
    fn a_table_of_one_chunk_is_an_ordinary_entry() {
        let contents = Contents {
            tables: vec![table(10, 1, &[])],
            ..Contents::default()
        };
        let data = DataIds {
            tables: vec![vec![DumpId(5)]],
            large_objects: vec![],
        };
        let entries = table_data(&contents, &data);
        assert_eq!(entries[0].defn, None);
    }

    #[test]
    fn rows_come_after_the_rows_they_refer_to_even_in_a_cycle() {
        let tables = [
            table(1, 1, &[2]),
            table(2, 2, &[]),
            table(3, 3, &[4]),
            table(4, 4, &[3]),
        ];
        let order: Vec<u32> = after_what_they_need(&tables, |t| t.oid, |t| &t.after_oids)
            .iter()
            .map(|t| t.oid)
            .collect();
        assert_eq!(order, [2, 1, 3, 4]);
    }

    #[test]
    fn refreshes_follow_what_they_read_and_leave_out_what_cannot_be_refreshed() {
        let views = [view(3, &[2]), view(2, &[1]), view(1, &[]), view(4, &[99])];
        let entries = refreshes(&views, &mut DumpIds::from_last(7));
        let tags: Vec<String> = entries.iter().map(|entry| entry.tag.to_string()).collect();
        assert_eq!(tags, ["m1", "m2", "m3"]);
        assert_eq!(entries[2].dependencies, [DumpId(1), entries[1].dump_id]);
    }

    #[test]
    fn a_view_outside_the_dump_holds_up_no_other() {
        let outside = MaterializedViewFacts {
            entry: None,
            ..view(1, &[])
        };
        let entries = refreshes(&[view(2, &[1]), outside], &mut DumpIds::from_last(7));
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].dependencies, [DumpId(1)]);
    }
}
