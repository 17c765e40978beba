//! Waits, locks and stages of hand-made tables of contents.

use super::*;
use crate::restore::testing::{entry, toc};

const WANTED: Need = Need {
    definition: true,
    data: true,
};

fn on(mut entry: TocEntry, dependencies: &[i32]) -> TocEntry {
    entry.dependencies = dependencies.iter().copied().map(DumpId).collect();
    entry
}

fn table(id: i32, name: &str) -> TocEntry {
    entry(id, ObjectKind::Table, Some("s"), name)
}

fn data(id: i32, name: &str, table: i32) -> TocEntry {
    on(entry(id, ObjectKind::TableData, Some("s"), name), &[table])
}

fn graph(entries: Vec<TocEntry>, facts: &DataFacts) -> (Toc, Graph) {
    let needs = vec![WANTED; entries.len()];
    let toc = toc(entries);
    let graph = Graph::new(&toc, &needs, facts);
    (toc, graph)
}

/// The dump ids that the entry with this dump id waits for.
fn waits(toc: &Toc, graph: &Graph, id: i32) -> Vec<i32> {
    let position = toc.entries.iter().position(|entry| entry.dump_id.0 == id);
    graph
        .nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| node.releases.contains(&position.unwrap_or(usize::MAX)))
        .map(|(other, _)| toc.entries[other].dump_id.0)
        .collect()
}

#[test]
fn an_index_waits_for_every_chunk_of_its_table() {
    let facts = DataFacts {
        raw_bytes: [(DumpId(10), 7), (DumpId(11), 5)].into(),
        ..DataFacts::default()
    };
    let (toc, graph) = graph(
        vec![
            table(1, "t"),
            data(10, "t", 1),
            data(11, "t", 1),
            on(entry(20, ObjectKind::Index, Some("s"), "i"), &[1]),
        ],
        &facts,
    );
    assert_eq!(waits(&toc, &graph, 20), [10, 11]);
    assert_eq!(waits(&toc, &graph, 11), [1]);
    let sizes: Vec<u64> = graph.nodes.iter().map(|node| node.size).collect();
    assert_eq!(sizes, [0, 12, 12, 12]);
}

#[test]
fn what_is_added_to_a_partitioned_table_waits_for_its_partitions_rows() {
    let (toc, graph) = graph(
        vec![
            table(1, "root"),
            table(2, "p1"),
            table(3, "p1a"),
            on(entry(4, ObjectKind::TableAttach, Some("s"), "p1"), &[2, 1]),
            on(entry(5, ObjectKind::TableAttach, Some("s"), "p1a"), &[3, 2]),
            data(10, "p1a", 3),
            on(
                entry(20, ObjectKind::FkConstraint, Some("s"), "root fk"),
                &[1],
            ),
            on(entry(21, ObjectKind::Index, Some("s"), "i"), &[3]),
        ],
        &DataFacts::default(),
    );
    assert_eq!(waits(&toc, &graph, 20), [10]);
    assert_eq!(graph.nodes[6].tables, [0, 1, 2]);
    assert!(graph.nodes[6].exclusive);
    assert_eq!(graph.nodes[7].tables, [2]);
    assert!(!graph.nodes[7].exclusive);
}

#[test]
fn chunks_of_an_ordered_table_wait_for_one_another() {
    let facts = DataFacts {
        in_order: vec![vec![DumpId(10), DumpId(11), DumpId(12)]],
        ..DataFacts::default()
    };
    let (toc, graph) = graph(
        vec![
            table(1, "t"),
            data(10, "t", 1),
            data(11, "t", 1),
            data(12, "t", 1),
        ],
        &facts,
    );
    assert_eq!(waits(&toc, &graph, 10), [1]);
    assert_eq!(waits(&toc, &graph, 11), [1, 10]);
    assert_eq!(waits(&toc, &graph, 12), [1, 11]);
}

#[test]
fn stages_are_pg_restores_passes() {
    let (_, graph) = graph(
        vec![
            table(1, "t"),
            entry(2, ObjectKind::Comment, Some("s"), "TABLE t"),
            entry(3, ObjectKind::Acl, Some("s"), "TABLE t"),
            data(10, "t", 1),
            entry(11, ObjectKind::Comment, Some("s"), "INDEX i"),
            entry(20, ObjectKind::Index, Some("s"), "i"),
            entry(21, ObjectKind::MaterializedViewData, Some("s"), "m"),
            entry(22, ObjectKind::EventTrigger, None, "e"),
            entry(23, ObjectKind::Comment, None, "EVENT TRIGGER e"),
            entry(24, ObjectKind::DefaultAcl, Some("s"), "DEFAULT PRIVILEGES"),
        ],
        &DataFacts::default(),
    );
    use Stage::{Acl, EventTriggers, Main, PostAcl, PreData};
    let stages: Vec<Stage> = graph.nodes.iter().map(|node| node.stage).collect();
    assert_eq!(
        stages,
        [
            PreData,
            PreData,
            Acl,
            Main,
            Main,
            Main,
            PostAcl,
            EventTriggers,
            EventTriggers,
            Acl
        ]
    );
}

#[test]
fn dependencies_on_what_is_not_there_do_not_hold_anything_up() {
    let (_, graph) = graph(
        vec![on(entry(20, ObjectKind::Index, Some("s"), "i"), &[999, 20])],
        &DataFacts::default(),
    );
    assert_eq!(graph.nodes[0].waits_for, 0);
}

#[test]
fn a_definition_that_needs_something_from_after_the_rows_waits_for_it() {
    let mut view = on(entry(3, ObjectKind::MaterializedView, Some("s"), "m"), &[1]);
    view.section = Section::PostData;
    let (toc, graph) = graph(
        vec![
            table(1, "t"),
            data(2, "t", 1),
            view,
            on(entry(4, ObjectKind::Function, Some("s"), "f()"), &[3]),
            on(entry(5, ObjectKind::View, Some("s"), "v"), &[4]),
            on(entry(6, ObjectKind::View, Some("s"), "w"), &[1]),
        ],
        &DataFacts::default(),
    );
    let stages: Vec<Stage> = graph.nodes.iter().map(|node| node.stage).collect();
    let (before, main) = (Stage::PreData, Stage::Main);
    assert_eq!(stages, [before, main, main, main, main, before]);
    assert_eq!(waits(&toc, &graph, 4), [3]);
    assert_eq!(waits(&toc, &graph, 5), [4]);
}
