//! One database on its way through the stages: the entries that are ready, that run, and that block others.
//!
//! Pure. Which database's turn it is, is the [`Schedule`](super::Schedule)'s business.

use crate::restore::run::schedule::batches::{BATCH, SMALL_BYTES};
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap, HashSet};

use super::analyses::Analyses;
use super::verdict::Verdict;
use crate::restore::plan::graph::{Graph, Node, Stage};
use crate::restore::plan::statistics::{Analysis, Command};

/// Where a database is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Prepare,
    Preparing,
    Stage(Stage),
    /// ANALYZE and VACUUM of the tables that are left.
    Analyze,
    Done,
}

/// Sorts the ready entries of one database: size class, size, TOC order.
pub(crate) type Rank = (Reverse<u32>, Reverse<u64>, usize);

/// One database on its way.
#[derive(Debug)]
pub(crate) struct Progress {
    pub(crate) graph: Graph,
    pub(crate) step: Step,
    pub(crate) verdicts: Vec<Option<Verdict>>,
    waits_for: Vec<usize>,
    /// Entries of this stage that nothing holds up and that nobody has taken.
    pub(crate) ready: BTreeSet<Rank>,
    /// Entries of this stage that are not settled.
    unsettled: usize,
    /// Entries that a worker has taken and not settled.
    pub(crate) running: usize,
    locks: HashMap<usize, Locks>,
    /// Entries that hold a lock only on the table whose rows they check.
    checking: HashSet<usize>,
    analyses: Analyses,
    pub(crate) bytes: u64,
}

/// The locks that running entries hold on one table.
#[derive(Debug, Clone, Copy, Default)]
struct Locks {
    any: usize,
    exclusive: usize,
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
    pub(crate) fn new(graph: Graph, analyses: Vec<Analysis>) -> Self {
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
            checking: HashSet::new(),
            analyses: Analyses::new(analyses),
            graph,
        }
    }

    pub(crate) fn unattempted(&self) -> impl Iterator<Item = usize> {
        let nodes = self.graph.nodes.iter().enumerate();
        nodes
            .filter(|(position, node)| node.need.any() && self.verdicts[*position].is_none())
            .map(|(position, _)| position)
    }

    /// Begins a step. Entries of a stage that are not wanted settle at once, as soon as their turn
    /// comes: others may depend on one another through them.
    pub(crate) fn enter(&mut self, step: Step) {
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
    pub(crate) fn advance(&mut self) {
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
                Step::Stage(Stage::PostAcl) => Step::Stage(Stage::EventTriggers),
                Step::Stage(Stage::EventTriggers) => {
                    self.analyses.end();
                    Step::Analyze
                }
                Step::Analyze if !self.analyses.is_done() || self.running > 0 => return,
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

    /// Notes the verdict and makes the entries ready that waited for nothing else.
    fn finish(&mut self, position: usize, verdict: Verdict) {
        let mut settled = vec![(position, verdict)];
        while let Some((position, verdict)) = settled.pop() {
            if self.verdicts[position].replace(verdict).is_some() {
                continue;
            }
            if Step::Stage(self.graph.nodes[position].stage) == self.step {
                self.unsettled -= 1;
            }
            self.analyses.settled(position);
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

    pub(crate) fn settle(&mut self, position: usize, verdict: Verdict) {
        self.running -= 1;
        self.unlock(position);
        self.finish(position, verdict);
        self.advance();
    }

    pub(crate) fn awaits_sequence(&self) -> bool {
        matches!(self.step, Step::Stage(stage) if is_sequence(stage))
            && self.unsettled > 0
            && self.running == 0
    }

    pub(crate) fn take_sequence(&mut self) -> Vec<usize> {
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

    /// The first in rank that can run beside the entries that run now.
    pub(crate) fn first_ready(&self) -> Option<Rank> {
        let can_run = |rank: &&Rank| !self.conflicts(rank.2);
        self.ready.iter().find(can_run).copied()
    }

    /// Takes this entry and, if it is small, a share of the small ones behind it.
    pub(crate) fn take(&mut self, first: Rank) -> Vec<usize> {
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
        lock(&mut self.locks, &node.tables, node.exclusive);
    }

    fn unlock(&mut self, position: usize) {
        let node = &self.graph.nodes[position];
        let held = if self.checking.remove(&position) {
            node.checks.as_slice()
        } else {
            &node.tables
        };
        unlock(&mut self.locks, held, node.exclusive);
    }

    /// The entry needs no more than the table whose rows it checks.
    pub(crate) fn checks_rows(&mut self, position: usize) {
        let node = &self.graph.nodes[position];
        let others = node
            .tables
            .iter()
            .filter(|&&table| node.checks != Some(table));
        if self.checking.insert(position) {
            let others: Vec<usize> = others.copied().collect();
            unlock(&mut self.locks, &others, node.exclusive);
        }
    }

    /// Takes the biggest table that can be analyzed now or, if it is small, several small ones.
    pub(crate) fn take_analyses(&mut self) -> Option<Vec<usize>> {
        let locks = &self.locks;
        let is_free = |analysis: &Analysis| {
            let held = |table| locks.get(table).is_some_and(|locks| locks.any > 0);
            !analysis.tables.iter().any(held)
        };
        let taken = self.analyses.take(is_free);
        if taken.is_empty() {
            return None;
        }
        for &index in &taken {
            lock(&mut self.locks, &self.analyses.get(index).tables, true);
        }
        self.running += 1;
        Some(taken)
    }

    /// Says that these are done.
    pub(crate) fn analyzed(&mut self, analyses: &[usize]) {
        for &index in analyses {
            unlock(&mut self.locks, &self.analyses.get(index).tables, true);
        }
        self.analyses.done(analyses.len());
        self.running -= 1;
        self.advance();
    }

    /// The command of an analysis and the entry that names its table; none if the table is not there.
    pub(crate) fn analyzed_entry(&self, analysis: usize) -> Option<(Command, usize)> {
        let analysis = self.analyses.get(analysis);
        let gone = |&position: &usize| {
            let verdict = self.verdicts[position];
            matches!(verdict, Some(Verdict::Missing | Verdict::Skipped(_)))
        };
        (!gone(&analysis.entry)).then_some((analysis.command, analysis.entry))
    }
}

fn lock(locks: &mut HashMap<usize, Locks>, tables: &[usize], exclusive: bool) {
    for table in tables {
        let locks = locks.entry(*table).or_default();
        locks.any += 1;
        locks.exclusive += usize::from(exclusive);
    }
}

fn unlock(locks: &mut HashMap<usize, Locks>, tables: &[usize], exclusive: bool) {
    for table in tables {
        let locks = locks.entry(*table).or_default();
        locks.any = locks.any.saturating_sub(1);
        locks.exclusive = locks.exclusive.saturating_sub(usize::from(exclusive));
    }
}

fn is_sequence(stage: Stage) -> bool {
    matches!(stage, Stage::PreData | Stage::Acl)
}
