//! The one queue over all databases: what a worker does next.
//!
//! Pure: no clock, no I/O. Every database goes through its stages by itself (created, definitions,
//! rows and what follows them, grants, refreshes, ANALYZE); within a stage the biggest goes first,
//! over all databases. What must wait for what is `graph`'s business; doing it is `worker`'s.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use super::graph::{Graph, Node, Stage};

/// Work on tables smaller than this is handed out many entries at a time.
const SMALL_BYTES: u64 = 1 << 20;

/// How many small entries a worker takes at once at most.
const BATCH: usize = 32;

/// How many databases are created at once. Creating one is mostly waiting for the disk, and the
/// others' work goes on beside it.
const CREATING: usize = 1;

/// A piece of work for one worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Task {
    /// Create the database, or whatever else must be done before its definitions.
    Prepare {
        /// Position of the database.
        database: usize,
    },
    /// Restore these entries in this order, telling [`Schedule::settle`] of each.
    Entries {
        /// Position of the database.
        database: usize,
        /// Positions of the entries in its TOC.
        entries: Vec<usize>,
    },
    /// ANALYZE the table that this entry is about.
    Analyze {
        /// Position of the database.
        database: usize,
        /// Position of the table's entry.
        entry: usize,
    },
}

/// What there is for a worker that asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Next {
    /// This.
    Task(Task),
    /// Nothing now: others' work must end first.
    Wait,
    /// Nothing any more.
    Finished,
}

/// How an entry ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Restored, or not wanted.
    Done,
    /// Failed. What depends on it is tried all the same, as pg_restore does.
    Failed,
    /// Failed, and what it should have made is not there: what depends on it is skipped.
    Missing,
    /// Skipped, because of the entry with this position.
    Skipped(usize),
}

/// Where a database is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Prepare,
    Preparing,
    Stage(Stage),
    Analyze,
    Done,
}

/// Sorts the ready entries of one database: size class, size, TOC order.
type Rank = (Reverse<u32>, Reverse<u64>, usize);

/// One database on its way.
#[derive(Debug)]
struct Progress {
    graph: Graph,
    step: Step,
    verdicts: Vec<Option<Verdict>>,
    waits_for: Vec<usize>,
    /// Entries of this stage that nothing holds up and that nobody has taken.
    ready: BTreeSet<Rank>,
    /// Entries of this stage that are not settled.
    unsettled: usize,
    /// Entries that a worker has taken and not settled.
    running: usize,
    locks: HashMap<usize, Locks>,
    analyze: Vec<usize>,
    bytes: u64,
}

/// The locks that running entries hold on one table.
#[derive(Debug, Clone, Copy, Default)]
struct Locks {
    any: usize,
    exclusive: usize,
}

/// The queue.
#[derive(Debug)]
pub(super) struct Schedule {
    databases: Vec<Progress>,
    stopped: bool,
}

impl Schedule {
    /// A queue over these databases. `analyze` lists for each the positions of the entries whose
    /// tables are to be analyzed at the end, biggest first.
    pub(super) fn new(databases: Vec<(Graph, Vec<usize>)>) -> Self {
        Self {
            databases: databases
                .into_iter()
                .map(|(graph, analyze)| Progress::new(graph, analyze))
                .collect(),
            stopped: false,
        }
    }

    /// Hands out no more work. What was not begun stays unsettled.
    pub(super) fn stop(&mut self) {
        self.stopped = true;
    }

    /// The next task, preferably in the database `near`, to which the worker has a session.
    pub(super) fn next(&mut self, near: Option<usize>) -> Next {
        if self.stopped {
            return Next::Finished;
        }
        if let Some(task) = self.prepare().or_else(|| self.in_order()) {
            return Next::Task(task);
        }
        if let Some(task) = self.biggest(near).or_else(|| self.analyze(near)) {
            return Next::Task(task);
        }
        let is_done = |progress: &Progress| progress.step == Step::Done && progress.running == 0;
        if self.databases.iter().all(is_done) {
            Next::Finished
        } else {
            Next::Wait
        }
    }

    fn prepare(&mut self) -> Option<Task> {
        let at_step = |step| move |progress: &&Progress| progress.step == step;
        let preparing = self
            .databases
            .iter()
            .filter(at_step(Step::Preparing))
            .count();
        if preparing >= CREATING {
            return None;
        }
        let database = self
            .positions_by_bytes()
            .find(|&database| self.databases[database].step == Step::Prepare)?;
        self.databases[database].step = Step::Preparing;
        Some(Task::Prepare { database })
    }

    /// All entries of a stage whose entries are restored one after the other.
    fn in_order(&mut self) -> Option<Task> {
        let database = self
            .positions_by_bytes()
            .find(|&database| self.databases[database].awaits_sequence())?;
        let entries = self.databases[database].take_sequence();
        Some(Task::Entries { database, entries })
    }

    fn positions_by_bytes(&self) -> std::vec::IntoIter<usize> {
        let mut positions: Vec<usize> = (0..self.databases.len()).collect();
        positions.sort_by_key(|&database| Reverse(self.databases[database].bytes));
        positions.into_iter()
    }

    /// The biggest ready entry; of the same class of size, one of the database that is near.
    fn biggest(&mut self, near: Option<usize>) -> Option<Task> {
        let (database, rank) = self.first_ready(near)?;
        let entries = self.databases[database].take(rank);
        Some(Task::Entries { database, entries })
    }

    fn first_ready(&self, near: Option<usize>) -> Option<(usize, Rank)> {
        (0..self.databases.len())
            .filter_map(|database| Some((database, self.databases[database].first_ready()?)))
            .min_by_key(|&(database, (class, size, position))| {
                (class, near != Some(database), size, position)
            })
    }

    /// What a worker near this database would probably get next: database and entry.
    pub(super) fn peek(&self, near: usize) -> Option<(usize, usize)> {
        let (database, rank) = self.first_ready(Some(near))?;
        Some((database, rank.2))
    }

    fn analyze(&mut self, near: Option<usize>) -> Option<Task> {
        let at_analyze = |&database: &usize| {
            let progress = &self.databases[database];
            progress.step == Step::Analyze && !progress.analyze.is_empty()
        };
        let database = near
            .filter(at_analyze)
            .or_else(|| (0..self.databases.len()).find(at_analyze))?;
        let progress = &mut self.databases[database];
        let entry = progress.analyze.remove(0);
        progress.running += 1;
        Some(Task::Analyze { database, entry })
    }

    /// Says that [`Task::Prepare`] is done.
    pub(super) fn prepared(&mut self, database: usize) {
        let progress = &mut self.databases[database];
        progress.enter(Step::Stage(Stage::PreData));
        progress.advance();
    }

    /// Gives up a database that could not be prepared. Returns how many wanted entries that leaves out.
    pub(super) fn abandon(&mut self, database: usize) -> usize {
        let progress = &mut self.databases[database];
        progress.step = Step::Done;
        progress.ready.clear();
        progress.unattempted().count()
    }

    /// Says how an entry ended that was handed out.
    pub(super) fn settle(&mut self, database: usize, entry: usize, verdict: Verdict) {
        self.databases[database].settle(entry, verdict);
    }

    /// Says that [`Task::Analyze`] is done.
    pub(super) fn analyzed(&mut self, database: usize) {
        let progress = &mut self.databases[database];
        progress.running -= 1;
        progress.advance();
    }

    /// The entry that failed so that this one is skipped: it depends on something that is not there.
    pub(super) fn cause(&self, database: usize, entry: usize) -> Option<usize> {
        let progress = &self.databases[database];
        let dependencies = progress.graph.nodes[entry].depends_on.iter();
        dependencies
            .copied()
            .find_map(|dependency| match progress.verdicts[dependency] {
                Some(Verdict::Missing) => Some(dependency),
                Some(Verdict::Skipped(cause)) => Some(cause),
                _ => None,
            })
    }

    /// How many wanted entries of the database were never handed out or never ended.
    pub(super) fn unattempted(&self, database: usize) -> usize {
        self.databases[database].unattempted().count()
    }
}

fn rank(node: &Node, position: usize) -> Rank {
    let class = if node.size < SMALL_BYTES {
        0
    } else {
        node.size.ilog2()
    };
    (Reverse(class), Reverse(node.size), position)
}

impl Progress {
    fn new(graph: Graph, analyze: Vec<usize>) -> Self {
        let wanted = graph.nodes.iter().filter(|node| node.need.any());
        Self {
            bytes: wanted.map(|node| node.size).sum(),
            step: Step::Prepare,
            verdicts: vec![None; graph.nodes.len()],
            waits_for: graph.nodes.iter().map(|node| node.waits_for).collect(),
            ready: BTreeSet::new(),
            unsettled: 0,
            running: 0,
            locks: HashMap::new(),
            analyze,
            graph,
        }
    }

    fn unattempted(&self) -> impl Iterator<Item = usize> {
        let nodes = self.graph.nodes.iter().enumerate();
        nodes
            .filter(|(position, node)| node.need.any() && self.verdicts[*position].is_none())
            .map(|(position, _)| position)
    }

    /// Begins a step. Entries of a stage that are not wanted settle at once, as soon as their turn
    /// comes: others may depend on one another through them.
    fn enter(&mut self, step: Step) {
        self.step = step;
        self.ready.clear();
        let Step::Stage(stage) = step else {
            return;
        };
        let members: Vec<usize> = (0..self.graph.nodes.len())
            .filter(|&position| self.graph.nodes[position].stage == stage)
            .collect();
        self.unsettled = members.len();
        for position in members {
            if is_sequence(stage) {
                if !self.graph.nodes[position].need.any() {
                    self.finish(position, Verdict::Done);
                }
            } else if self.waits_for[position] == 0 && self.verdicts[position].is_none() {
                self.make_ready(position);
            }
        }
    }

    /// Goes on to the next step while there is nothing left to do in this one.
    fn advance(&mut self) {
        loop {
            let next = match self.step {
                Step::Prepare | Step::Preparing | Step::Done => return,
                Step::Stage(stage) if self.unsettled > 0 => {
                    self.break_cycle(stage);
                    if self.unsettled > 0 {
                        return;
                    }
                    continue;
                }
                Step::Stage(Stage::PreData) => Step::Stage(Stage::Main),
                Step::Stage(Stage::Main) => Step::Stage(Stage::Acl),
                Step::Stage(Stage::Acl) => Step::Stage(Stage::PostAcl),
                Step::Stage(Stage::PostAcl) => Step::Analyze,
                Step::Analyze if !self.analyze.is_empty() || self.running > 0 => return,
                Step::Analyze => Step::Done,
            };
            self.enter(next);
        }
    }

    /// Entries that wait for one another would wait for ever; pg_restore does them at the end in TOC
    /// order, and so do we.
    fn break_cycle(&mut self, stage: Stage) {
        while !is_sequence(stage) && self.running == 0 && self.ready.is_empty() {
            let held_up = (0..self.graph.nodes.len()).find(|&position| {
                self.graph.nodes[position].stage == stage && self.verdicts[position].is_none()
            });
            match held_up {
                Some(position) => self.make_ready(position),
                None => return,
            }
        }
    }

    fn make_ready(&mut self, position: usize) {
        if self.graph.nodes[position].need.any() {
            let rank = rank(&self.graph.nodes[position], position);
            self.ready.insert(rank);
        } else {
            self.finish(position, Verdict::Done);
        }
    }

    /// Notes the verdict and makes ready what waited for nothing else.
    fn finish(&mut self, position: usize, verdict: Verdict) {
        let mut settled = vec![(position, verdict)];
        while let Some((position, verdict)) = settled.pop() {
            if self.verdicts[position].replace(verdict).is_some() {
                continue;
            }
            if Step::Stage(self.graph.nodes[position].stage) == self.step {
                self.unsettled -= 1;
            }
            for index in 0..self.graph.nodes[position].releases.len() {
                let released = self.graph.nodes[position].releases[index];
                self.waits_for[released] = self.waits_for[released].saturating_sub(1);
                let node = &self.graph.nodes[released];
                let is_due = self.waits_for[released] == 0
                    && self.step == Step::Stage(node.stage)
                    && !is_sequence(node.stage)
                    && self.verdicts[released].is_none();
                if is_due && node.need.any() {
                    self.ready.insert(rank(node, released));
                } else if is_due {
                    settled.push((released, Verdict::Done));
                }
            }
        }
    }

    fn settle(&mut self, position: usize, verdict: Verdict) {
        self.running -= 1;
        self.unlock(position);
        self.finish(position, verdict);
        self.advance();
    }

    fn awaits_sequence(&self) -> bool {
        matches!(self.step, Step::Stage(stage) if is_sequence(stage))
            && self.unsettled > 0
            && self.running == 0
    }

    fn take_sequence(&mut self) -> Vec<usize> {
        let entries: Vec<usize> = (0..self.graph.nodes.len())
            .filter(|&position| {
                self.step == Step::Stage(self.graph.nodes[position].stage)
                    && self.verdicts[position].is_none()
            })
            .collect();
        for &position in &entries {
            self.lock(position);
        }
        self.running += entries.len();
        entries
    }

    /// The first in rank that could run beside what runs now.
    fn first_ready(&self) -> Option<Rank> {
        let can_run = |rank: &&Rank| !self.conflicts(rank.2);
        self.ready.iter().find(can_run).copied()
    }

    /// Takes this entry and, if it is small, a share of the small ones behind it.
    fn take(&mut self, first: Rank) -> Vec<usize> {
        let mut taken = vec![first];
        if first.0 == Reverse(0) {
            let share = (self.ready.len() / 4).clamp(1, BATCH);
            let behind = self.ready.range(first..).skip(1);
            let others = behind.filter(|rank| !self.conflicts(rank.2));
            taken.extend(others.take(share - 1).copied());
        }
        for rank in &taken {
            self.ready.remove(rank);
            self.lock(rank.2);
        }
        self.running += taken.len();
        taken.into_iter().map(|rank| rank.2).collect()
    }

    fn conflicts(&self, position: usize) -> bool {
        let node = &self.graph.nodes[position];
        node.tables.iter().any(|table| {
            let locks = self.locks.get(table).copied().unwrap_or_default();
            locks.exclusive > 0 || (node.exclusive && locks.any > 0)
        })
    }

    fn lock(&mut self, position: usize) {
        let node = &self.graph.nodes[position];
        for table in &node.tables {
            let locks = self.locks.entry(*table).or_default();
            locks.any += 1;
            locks.exclusive += usize::from(node.exclusive);
        }
    }

    fn unlock(&mut self, position: usize) {
        let node = &self.graph.nodes[position];
        for table in &node.tables {
            let locks = self.locks.entry(*table).or_default();
            locks.any = locks.any.saturating_sub(1);
            locks.exclusive = locks.exclusive.saturating_sub(usize::from(node.exclusive));
        }
    }
}

fn is_sequence(stage: Stage) -> bool {
    matches!(stage, Stage::PreData | Stage::Acl)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restore::graph::DataFacts;
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
        let mut schedule = Schedule::new(vec![(graph, vec![0])]);
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
        assert_eq!(task(&mut schedule, None), entries(&[4]));
        // The constraint locks the table that the index is being built on.
        assert_eq!(schedule.next(None), Next::Wait);
        schedule.settle(0, 4, Verdict::Done);
        assert_eq!(task(&mut schedule, None), entries(&[5]));
        schedule.settle(0, 5, Verdict::Done);
        assert_eq!(task(&mut schedule, None), entries(&[1]));
        schedule.settle(0, 1, Verdict::Done);
        assert_eq!(task(&mut schedule, None), entries(&[6]));
        schedule.settle(0, 6, Verdict::Done);
        let analyze = Task::Analyze {
            database: 0,
            entry: 0,
        };
        assert_eq!(task(&mut schedule, None), analyze);
        schedule.analyzed(0);
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
                            Task::Analyze { database, .. } => schedule.analyzed(database),
                        }
                    }
                }
            }
            prop_assert_eq!(handed_out.len(), wanted);
        }
    }
}
