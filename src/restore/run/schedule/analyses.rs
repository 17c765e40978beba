//! The tables of one database that are still to be analyzed or vacuumed: which wait, which are due.
//!
//! Pure. `statistics` decides the entries each waits for.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use crate::restore::plan::statistics::Analysis;
use crate::restore::run::schedule::batches::{BATCH, SMALL_BYTES};

/// Analyses of one database, by their index.
#[derive(Debug)]
pub(crate) struct Analyses {
    all: Vec<Analysis>,
    /// For each, how many of its entries are not settled.
    waits_for: Vec<usize>,
    /// The analyses that wait for an entry.
    by_entry: HashMap<usize, Vec<usize>>,
    /// Those that wait for nothing, biggest first.
    due: BTreeSet<(Reverse<u64>, usize)>,
    /// Those that come at the end.
    last: Vec<usize>,
    not_done: usize,
}

impl Analyses {
    /// No analysis is due.
    pub(crate) fn new(all: Vec<Analysis>) -> Self {
        let mut by_entry: HashMap<usize, Vec<usize>> = HashMap::new();
        for (index, analysis) in all.iter().enumerate() {
            for &entry in &analysis.waits {
                by_entry.entry(entry).or_default().push(index);
            }
        }
        Self {
            waits_for: all.iter().map(|analysis| analysis.waits.len()).collect(),
            by_entry,
            due: BTreeSet::new(),
            last: (0..all.len())
                .filter(|&index| all[index].waits.is_empty())
                .collect(),
            not_done: all.len(),
            all,
        }
    }

    /// One of them.
    pub(crate) fn get(&self, index: usize) -> &Analysis {
        &self.all[index]
    }

    /// An entry is settled, however it ended.
    pub(crate) fn settled(&mut self, entry: usize) {
        for index in self.by_entry.remove(&entry).unwrap_or_default() {
            self.waits_for[index] -= 1;
            if self.waits_for[index] == 0 {
                self.due.insert((Reverse(self.all[index].size), index));
            }
        }
    }

    /// Nothing else is left to do in the database.
    pub(crate) fn end(&mut self) {
        for index in std::mem::take(&mut self.last) {
            self.due.insert((Reverse(self.all[index].size), index));
        }
    }

    /// Takes the biggest that is due and free or, if it is small, as many small ones for the same
    /// command as are handed out at once.
    pub(crate) fn take(&mut self, is_free: impl Fn(&Analysis) -> bool) -> Vec<usize> {
        let mut taken: Vec<usize> = Vec::new();
        for &(Reverse(size), index) in &self.due {
            let is_alone = size >= SMALL_BYTES;
            let goes_along = match taken.first() {
                None => true,
                Some(&first) => !is_alone && self.all[first].command == self.all[index].command,
            };
            if goes_along && is_free(&self.all[index]) {
                taken.push(index);
            }
            if taken.len() == BATCH || (is_alone && !taken.is_empty()) {
                break;
            }
        }
        for &index in &taken {
            self.due.remove(&(Reverse(self.all[index].size), index));
        }
        taken
    }

    /// Notes that this many of the analyses taken are done.
    pub(crate) fn done(&mut self, count: usize) {
        self.not_done -= count;
    }

    /// Whether all are done.
    pub(crate) fn is_done(&self) -> bool {
        self.not_done == 0
    }
}
