//! The queue by itself: stages, sizes, cycles, and any schedule at all.

use super::*;
use crate::restore::contents::DataFacts;
use crate::restore::plan::graph::Node;
use crate::restore::select::Need;
use crate::restore::testing::{entry, toc};
use crate::toc::{DumpId, ObjectKind, TocEntry};
use proptest::prelude::*;

const WANTED: Need = Need {
    definition: true,
    data: true,
};

fn on(mut entry: TocEntry, dependencies: &[i32]) -> TocEntry {
    entry.dependencies = dependencies.iter().copied().map(DumpId).collect();
    entry
}

fn graph(entries: &[TocEntry], bytes: &[(i32, u64)]) -> Graph {
    let facts = DataFacts {
        raw_bytes: bytes.iter().map(|&(id, raw)| (DumpId(id), raw)).collect(),
        ..DataFacts::default()
    };
    let needs = vec![WANTED; entries.len()];
    Graph::new(&toc(entries.to_vec()), &needs, &facts)
}

fn small_database() -> Vec<TocEntry> {
    vec![
        entry(1, ObjectKind::Table, Some("s"), "t"),
        entry(2, ObjectKind::Acl, Some("s"), "TABLE t"),
        on(entry(3, ObjectKind::TableData, Some("s"), "t"), &[1]),
        on(entry(4, ObjectKind::TableData, Some("s"), "t"), &[1]),
        on(entry(5, ObjectKind::Index, Some("s"), "i"), &[1]),
        on(entry(6, ObjectKind::Constraint, Some("s"), "c"), &[1]),
        on(
            entry(7, ObjectKind::MaterializedViewData, Some("s"), "m"),
            &[1],
        ),
    ]
}

fn task(schedule: &mut Schedule, near: Option<usize>) -> Task {
    match schedule.next(near) {
        Next::Task(task) => task,
        other => panic!("{other:?}"),
    }
}

#[test]
fn one_database_goes_through_its_stages() {
    let graph = graph(&small_database(), &[(3, 5 << 20), (4, 5 << 20)]);
    let analysis = Analysis {
        entry: 0,
        tables: vec![0],
        waits: vec![2, 3],
        size: 10 << 20,
        command: Command::Analyze,
    };
    let vacuum = Analysis {
        command: Command::Vacuum,
        waits: vec![],
        ..analysis.clone()
    };
    let mut schedule = Schedule::new(vec![(graph, vec![analysis, vacuum])]);
    let entries = |entries: &[usize]| Task::Entries {
        database: 0,
        entries: entries.to_vec(),
    };
    assert_eq!(task(&mut schedule, None), Task::Prepare { database: 0 });
    assert_eq!(schedule.next(None), Next::Wait);
    schedule.prepared(0);
    assert_eq!(task(&mut schedule, None), entries(&[0]));
    assert_eq!(schedule.next(None), Next::Wait);
    schedule.settle(0, 0, Verdict::Done);
    assert_eq!(task(&mut schedule, None), entries(&[2]));
    assert_eq!(schedule.peek(0), Some((0, 3)));
    assert_eq!(task(&mut schedule, None), entries(&[3]));
    schedule.settle(0, 2, Verdict::Done);
    assert_eq!(schedule.next(None), Next::Wait);
    schedule.settle(0, 3, Verdict::Done);
    let analyze = Task::Analyze {
        database: 0,
        analyses: vec![0],
    };
    assert_eq!(task(&mut schedule, None), analyze);
    assert_eq!(
        schedule.analyzed_entries(0, &[0]),
        (Command::Analyze, vec![0])
    );
    // ANALYZE locks out indexes and constraints.
    assert_eq!(schedule.next(None), Next::Wait);
    schedule.analyzed(0, &[0]);
    assert_eq!(task(&mut schedule, None), entries(&[4]));
    // The constraint locks the table that the index is being built on.
    assert_eq!(schedule.next(None), Next::Wait);
    schedule.settle(0, 4, Verdict::Done);
    assert_eq!(task(&mut schedule, None), entries(&[5]));
    schedule.settle(0, 5, Verdict::Done);
    assert_eq!(task(&mut schedule, None), entries(&[1]));
    schedule.settle(0, 1, Verdict::Done);
    assert_eq!(task(&mut schedule, None), entries(&[6]));
    // VACUUM comes when nobody writes any more.
    assert_eq!(schedule.next(None), Next::Wait);
    schedule.settle(0, 6, Verdict::Done);
    let vacuum = Task::Analyze {
        database: 0,
        analyses: vec![1],
    };
    assert_eq!(task(&mut schedule, None), vacuum);
    assert_eq!(
        schedule.analyzed_entries(0, &[1]),
        (Command::Vacuum, vec![0])
    );
    schedule.analyzed(0, &[1]);
    assert_eq!(schedule.next(None), Next::Finished);
}

#[test]
fn the_biggest_of_all_databases_goes_first_and_small_ones_stay_near() {
    let data = |id: i32| entry(id, ObjectKind::TableData, Some("s"), "t");
    let first = graph(&[data(1), data(2)], &[(1, 9 << 20), (2, 10)]);
    let second = graph(&[data(1), data(2)], &[(1, 900 << 20), (2, 99)]);
    let mut schedule = Schedule::new(vec![(first, vec![]), (second, vec![])]);
    assert_eq!(task(&mut schedule, None), Task::Prepare { database: 1 });
    assert_eq!(schedule.next(None), Next::Wait);
    schedule.prepared(1);
    assert_eq!(task(&mut schedule, None), Task::Prepare { database: 0 });
    schedule.prepared(0);
    let mut order = Vec::new();
    while let Next::Task(Task::Entries { database, entries }) = schedule.next(Some(0)) {
        order.extend(entries.into_iter().map(|entry| (database, entry)));
    }
    assert_eq!(order, [(1, 0), (0, 0), (0, 1), (1, 1)]);
}

#[test]
fn what_hangs_on_a_missing_table_has_a_cause() {
    let graph = graph(&small_database(), &[]);
    let mut schedule = Schedule::new(vec![(graph, vec![])]);
    task(&mut schedule, None);
    schedule.prepared(0);
    task(&mut schedule, None);
    schedule.settle(0, 0, Verdict::Missing);
    assert_eq!(schedule.cause(0, 2), Some(0));
    task(&mut schedule, None);
    schedule.settle(0, 2, Verdict::Skipped(0));
    assert_eq!(schedule.cause(0, 4), Some(0));
    assert_eq!(schedule.cause(0, 0), None);
}

#[test]
fn a_failed_table_can_go_without_its_data_alone() {
    let (table, data) = (0, 2);
    let needs_of = |data: bool| Need {
        definition: !data,
        data,
    };
    let mut graph = graph(&small_database(), &[]);
    graph.nodes[data].need = needs_of(true);
    graph.nodes[4].need = needs_of(false);
    let mut schedule = Schedule::new(vec![(graph, vec![])]);
    task(&mut schedule, None);
    schedule.prepared(0);
    task(&mut schedule, None);
    schedule.settle(0, table, Verdict::Unfed);
    assert_eq!(schedule.cause(0, data), Some(table));
    assert_eq!(schedule.cause(0, 4), None, "its index is built");
}

#[test]
fn a_cycle_is_broken_and_an_abandoned_database_is_counted() {
    let index = |id: i32, on_id: i32| on(entry(id, ObjectKind::Index, None, "i"), &[on_id]);
    let graph = graph(&[index(1, 2), index(2, 1)], &[]);
    let mut schedule = Schedule::new(vec![(graph.clone(), vec![]), (graph, vec![])]);
    task(&mut schedule, None);
    assert_eq!(schedule.abandon(0), 2);
    task(&mut schedule, None);
    schedule.prepared(1);
    for entry in [0, 1] {
        let entries = vec![entry];
        let database = 1;
        assert_eq!(
            task(&mut schedule, None),
            Task::Entries { database, entries }
        );
        schedule.settle(1, entry, Verdict::Done);
    }
    assert_eq!(schedule.next(None), Next::Finished);
}

#[test]
fn a_key_that_only_checks_rows_lets_others_at_the_table_it_references() {
    let table = |id, name| entry(id, ObjectKind::Table, Some("s"), name);
    let key = |id, tag: &str, tables: &[i32]| {
        let mut key = on(entry(id, ObjectKind::FkConstraint, Some("s"), tag), tables);
        let defn = "ALTER TABLE ONLY s.x ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES s.top(b);";
        key.defn = Some(defn.into());
        key
    };
    let entries = [
        table(1, "top"),
        table(2, "a"),
        table(3, "b"),
        key(10, "a k", &[1, 2]),
        key(11, "b k", &[1, 3]),
        key(12, "a l", &[1, 2]),
    ];
    let mut schedule = Schedule::new(vec![(graph(&entries, &[]), vec![])]);
    task(&mut schedule, None);
    schedule.prepared(0);
    for table in 0..3 {
        schedule.next(None);
        schedule.settle(0, table, Verdict::Done);
    }
    let entries = |entries: &[usize]| Task::Entries {
        database: 0,
        entries: entries.to_vec(),
    };
    assert_eq!(task(&mut schedule, None), entries(&[3]));
    assert!(schedule.is_added_first(0, 3));
    assert_eq!(schedule.next(None), Next::Wait);
    schedule.checks_rows(0, 3);
    assert_eq!(task(&mut schedule, None), entries(&[4]));
    schedule.checks_rows(0, 4);
    // The same table's other key has to wait for the first.
    assert_eq!(schedule.next(None), Next::Wait);
    schedule.settle(0, 3, Verdict::Done);
    assert_eq!(task(&mut schedule, None), entries(&[5]));
    schedule.settle(0, 5, Verdict::Done);
    schedule.settle(0, 4, Verdict::Failed);
    assert_eq!(schedule.next(None), Next::Finished);
}

#[test]
fn small_tables_are_analyzed_together_and_missing_ones_not_at_all() {
    let tables = [
        entry(1, ObjectKind::Table, Some("s"), "a"),
        entry(2, ObjectKind::Table, Some("s"), "b"),
        entry(3, ObjectKind::Table, Some("s"), "c"),
    ];
    let analysis = |entry| Analysis {
        entry,
        tables: vec![entry],
        waits: vec![entry],
        size: 1,
        command: Command::Analyze,
    };
    let analyses = (0..3).map(analysis).collect();
    let mut schedule = Schedule::new(vec![(graph(&tables, &[]), analyses)]);
    task(&mut schedule, None);
    schedule.prepared(0);
    task(&mut schedule, None);
    schedule.settle(0, 0, Verdict::Done);
    schedule.settle(0, 1, Verdict::Missing);
    schedule.settle(0, 2, Verdict::Done);
    let analyze = Task::Analyze {
        database: 0,
        analyses: vec![0, 1, 2],
    };
    assert_eq!(task(&mut schedule, None), analyze);
    assert_eq!(
        schedule.analyzed_entries(0, &[0, 1, 2]),
        (Command::Analyze, vec![0, 2])
    );
    schedule.analyzed(0, &[0, 1, 2]);
    assert_eq!(schedule.next(None), Next::Finished);
}

fn kinds() -> impl Strategy<Value = ObjectKind> {
    prop_oneof![
        Just(ObjectKind::Table),
        Just(ObjectKind::TableData),
        Just(ObjectKind::Index),
        Just(ObjectKind::Constraint),
        Just(ObjectKind::Comment),
        Just(ObjectKind::Acl),
        Just(ObjectKind::MaterializedViewData),
    ]
}

/// Entries with dependencies on any others, cycles among them.
fn databases() -> impl Strategy<Value = Vec<Vec<(TocEntry, bool)>>> {
    let entries = proptest::collection::vec(
        (
            kinds(),
            proptest::collection::vec(1..20_i32, 0..4),
            any::<bool>(),
        ),
        0..20,
    )
    .prop_map(|described| {
        let numbered = described.into_iter().zip(1..);
        numbered
            .map(|((kind, dependencies, wanted), id)| {
                (on(entry(id, kind, Some("s"), "x"), &dependencies), wanted)
            })
            .collect()
    });
    proptest::collection::vec(entries, 1..4)
}

/// Whether the tasks are of one database and one needs alone what the other needs too.
fn locks_out(graphs: &[Graph], one: &Task, other: &Task) -> bool {
    let (
        Task::Entries { database, entries },
        Task::Entries {
            database: of,
            entries: others,
        },
    ) = (one, other)
    else {
        return false;
    };
    let clash = |a: &Node, b: &Node| {
        let shared = a.tables.iter().any(|table| b.tables.contains(table));
        (a.exclusive || b.exclusive) && shared
    };
    database == of
        && entries.iter().any(|&entry| {
            let nodes = &graphs[*database].nodes;
            others
                .iter()
                .any(|&other| clash(&nodes[entry], &nodes[other]))
        })
}

proptest! {
    /// However long each task takes, every wanted entry is handed out once, none beside one that
    /// locks it out, and the end is reached.
    #[test]
    fn every_schedule_comes_to_its_end(
        databases in databases(),
        picks in proptest::collection::vec(any::<usize>(), 0..64),
        workers in 1_usize..5,
    ) {
        let graphs: Vec<Graph> = databases
            .iter()
            .map(|entries| {
                let needs: Vec<Need> = entries
                    .iter()
                    .map(|(_, wanted)| if *wanted { WANTED } else { Need::default() })
                    .collect();
                let entries = entries.iter().map(|(entry, _)| entry.clone()).collect();
                Graph::new(&toc(entries), &needs, &DataFacts::default())
            })
            .collect();
        let wanted: usize = graphs
            .iter()
            .flat_map(|graph| &graph.nodes)
            .filter(|node| node.need.any())
            .count();
        let mut schedule =
            Schedule::new(graphs.iter().map(|graph| (graph.clone(), vec![])).collect());
        let mut under_way: Vec<Task> = Vec::new();
        let mut handed_out = std::collections::HashSet::new();
        let mut picks = picks.into_iter().cycle();
        loop {
            let next = if under_way.len() < workers { schedule.next(None) } else { Next::Wait };
            match next {
                Next::Task(task) => {
                    if let Task::Entries { database, entries } = &task {
                        for entry in entries {
                            prop_assert!(handed_out.insert((*database, *entry)));
                        }
                    }
                    let beside = under_way.iter().find(|other| locks_out(&graphs, &task, other));
                    prop_assert_eq!(beside, None, "beside {:?}", task);
                    under_way.push(task);
                }
                Next::Finished => break,
                Next::Wait => {
                    prop_assert!(!under_way.is_empty(), "nobody works and nothing is ready");
                    let pick = picks.next().unwrap_or(0) % under_way.len();
                    match under_way.swap_remove(pick) {
                        Task::Prepare { database } => schedule.prepared(database),
                        Task::Entries { database, entries } => {
                            for entry in entries {
                                schedule.settle(database, entry, Verdict::Done);
                            }
                        }
                        Task::Analyze { database, analyses } => schedule.analyzed(database, &analyses),
                    }
                }
            }
        }
        prop_assert_eq!(handed_out.len(), wanted);
    }
}
