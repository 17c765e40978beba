//! The one queue over all databases: what a worker does next.
//!
//! Pure: no clock, no I/O. Every database goes through its stages by itself (created, definitions, rows and
//! the work on them, grants, refreshes). Tables are analyzed as their rows get complete. Within a stage the
//! biggest entry goes first, over all databases. `graph` knows which entry waits for which, `worker` does the
//! work, and `progress` is one database's way.

mod analyses;
mod batches;
mod progress;
#[cfg(test)]
mod tests;
mod verdict;

use std::cmp::Reverse;

use crate::restore::plan::graph::{Graph, Stage};
use crate::restore::plan::statistics::{Analysis, Command};
use progress::{Progress, Rank, Step};

pub(crate) use verdict::Verdict;

/// How many databases are created at once. Creating one is mostly waiting for the disk, and the
/// others' work goes on beside it.
const CREATING: usize = 1;

/// A piece of work for one worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Task {
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
    /// ANALYZE or VACUUM these tables, telling [`Schedule::analyzed`] at the end.
    Analyze {
        /// Position of the database.
        database: usize,
        /// Numbers of analyses, for [`Schedule::analyzed_entries`].
        analyses: Vec<usize>,
    },
}

/// The answer to a worker that asks for work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    /// Do this task.
    Task(Task),
    /// Nothing now: others' work must end first.
    Wait,
    /// No more work.
    Finished,
}

/// The queue.
#[derive(Debug)]
pub(crate) struct Schedule {
    databases: Vec<Progress>,
    stopped: bool,
}

impl Schedule {
    /// A queue over these databases, each with its analyses.
    pub(crate) fn new(databases: Vec<(Graph, Vec<Analysis>)>) -> Self {
        Self {
            databases: databases
                .into_iter()
                .map(|(graph, analyses)| Progress::new(graph, analyses))
                .collect(),
            stopped: false,
        }
    }

    /// Hands out no more work. Entries that were not begun stay unsettled.
    pub(crate) fn stop(&mut self) {
        self.stopped = true;
    }

    /// The next task, preferably in the database `near`, to which the worker has a session.
    pub(crate) fn next(&mut self, near: Option<usize>) -> Next {
        if self.stopped {
            return Next::Finished;
        }
        if let Some(task) = self.prepare().or_else(|| self.in_order()) {
            return Next::Task(task);
        }
        // Statistics first: they take moments, and the work after the rows is planned with them.
        if let Some(task) = self.analyze(near).or_else(|| self.biggest(near)) {
            return Next::Task(task);
        }
        if (0..self.databases.len()).all(|database| self.is_done(database)) {
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
    pub(crate) fn peek(&self, near: usize) -> Option<(usize, usize)> {
        let (database, rank) = self.first_ready(Some(near))?;
        Some((database, rank.2))
    }

    fn analyze(&mut self, near: Option<usize>) -> Option<Task> {
        let others = (0..self.databases.len()).filter(|&database| near != Some(database));
        near.into_iter().chain(others).find_map(|database| {
            let analyses = self.databases[database].take_analyses()?;
            Some(Task::Analyze { database, analyses })
        })
    }

    /// The commands of these analyses, and the entries that name their tables; missing tables are left out. A
    /// task's analyses are all of one command.
    pub(crate) fn analyzed_entries(
        &self,
        database: usize,
        analyses: &[usize],
    ) -> (Command, Vec<usize>) {
        let progress = &self.databases[database];
        let found: Vec<(Command, usize)> = analyses
            .iter()
            .filter_map(|&analysis| progress.analyzed_entry(analysis))
            .collect();
        let command = found.first().map_or(Command::Analyze, |found| found.0);
        (command, found.into_iter().map(|found| found.1).collect())
    }

    /// Says that [`Task::Analyze`] is done.
    pub(crate) fn analyzed(&mut self, database: usize, analyses: &[usize]) {
        self.databases[database].analyzed(analyses);
    }

    /// Whether this is a foreign key that is added first and checked afterwards.
    pub(crate) fn is_added_first(&self, database: usize, entry: usize) -> bool {
        self.databases[database].graph.nodes[entry].checks.is_some()
    }

    /// Says that a foreign key was added and only the rows of its own table are looked at from here on.
    pub(crate) fn checks_rows(&mut self, database: usize, entry: usize) {
        self.databases[database].checks_rows(entry);
    }

    /// Says that these entries lock others out of their tables.
    pub(crate) fn alone(&mut self, database: usize, entries: &[usize]) {
        let nodes = &mut self.databases[database].graph.nodes;
        for &entry in entries {
            nodes[entry].exclusive = true;
        }
    }

    /// Says that [`Task::Prepare`] is done.
    pub(crate) fn prepared(&mut self, database: usize) {
        let progress = &mut self.databases[database];
        progress.enter(Step::Stage(Stage::PreData));
        progress.advance();
    }

    /// Gives up a database that could not be prepared. Returns how many wanted entries that leaves out.
    pub(crate) fn abandon(&mut self, database: usize) -> usize {
        let progress = &mut self.databases[database];
        progress.step = Step::Done;
        progress.ready.clear();
        progress.unattempted().count()
    }

    /// Whether all entries of a database are settled. Statistics may be left.
    pub(crate) fn is_settled(&self, database: usize) -> bool {
        self.databases[database].step >= Step::Analyze
    }

    /// Whether nothing is left to be done in a database.
    fn is_done(&self, database: usize) -> bool {
        let progress = &self.databases[database];
        progress.step == Step::Done && progress.running == 0
    }

    /// Says how an entry ended that was handed out.
    pub(crate) fn settle(&mut self, database: usize, entry: usize, verdict: Verdict) {
        self.databases[database].settle(entry, verdict);
    }

    /// The entry that failed so that this one is skipped: it depends on something that is not there.
    pub(crate) fn cause(&self, database: usize, entry: usize) -> Option<usize> {
        let progress = &self.databases[database];
        let node = &progress.graph.nodes[entry];
        let mut dependencies = node.depends_on.iter().copied();
        dependencies.find_map(|dependency| match progress.verdicts[dependency] {
            Some(Verdict::Missing) => Some(dependency),
            Some(Verdict::Unfed) if node.need.data => Some(dependency),
            Some(Verdict::Failed) if node.is_late_statistics => Some(dependency),
            Some(Verdict::Skipped(cause)) => Some(cause),
            _ => None,
        })
    }

    /// How many wanted entries of the database were never handed out or never ended.
    pub(crate) fn unattempted(&self, database: usize) -> usize {
        self.databases[database].unattempted().count()
    }
}
