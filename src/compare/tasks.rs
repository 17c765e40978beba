//! The order of reading: the biggest first over all databases. Pure.

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};

use super::database::Database;
use crate::schema::contents::{TID_RANGE_SCAN_SINCE, page_ranges};
use crate::toc::DumpId;

/// A table is not cut into parts smaller than this.
const PART_BYTES_MIN: u64 = 64 << 20;
/// Parts for each worker, if all were one table.
const PARTS_PER_JOB: u64 = 8;

/// One thing for one worker to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Task {
    pub(super) database: usize,
    pub(super) work: Work,
    pub(super) size_bytes: u64,
}

/// The rows, objects or definitions that a task reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Work {
    /// Pages of a table, or all of it.
    Table {
        group: usize,
        member: usize,
        pages: Option<(u64, Option<u64>)>,
    },
    /// Rows in the archive without a digest.
    Archived { group: usize, entry: DumpId },
    /// Large objects on the server.
    Objects,
    /// Large objects in the archive.
    ArchivedObjects { entry: DumpId },
    /// Where sequences stand.
    Sequences,
    /// The definitions.
    Schema,
}

/// The queue.
pub(super) struct Tasks {
    /// Ascending, so that the biggest is popped from the end.
    waiting: Mutex<Vec<Task>>,
    count: u64,
    bytes: u64,
}

impl Tasks {
    /// Everything there is to do.
    pub(super) fn new(databases: &[Database], jobs: NonZeroUsize) -> Self {
        let total: u64 = databases
            .iter()
            .flat_map(|database| database.target.tables.values())
            .map(|table| table.size_bytes)
            .sum();
        let part_bytes = (total / (jobs.get() as u64 * PARTS_PER_JOB)).max(PART_BYTES_MIN);
        let mut waiting: Vec<Task> = (0..)
            .zip(databases)
            .flat_map(|(number, database)| of_database(number, database, part_bytes))
            .collect();
        // Nobody knows how long definitions take; they are begun first.
        waiting.sort_by_key(|task| (task.work == Work::Schema, task.size_bytes));
        Self {
            count: waiting.len() as u64,
            bytes: waiting.iter().map(|task| task.size_bytes).sum(),
            waiting: Mutex::new(waiting),
        }
    }

    /// The next task.
    pub(super) fn next(&self) -> Option<Task> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.pop()
    }

    /// How many there were.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Bytes that they will read, about.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }
}

fn of_database(number: usize, database: &Database, part_bytes: u64) -> Vec<Task> {
    let expected = &database.expected;
    let task = |work, size_bytes| Task {
        database: number,
        work,
        size_bytes,
    };
    let mut tasks = vec![task(Work::Schema, 0), task(Work::Sequences, 0)];
    for (at, group) in expected.groups.iter().enumerate() {
        for &entry in &group.undigested {
            let weight = database
                .contents
                .data
                .get(&entry)
                .map_or(0, |data| data.weight());
            tasks.push(task(Work::Archived { group: at, entry }, weight));
        }
        for (member, name) in group.members.iter().enumerate() {
            let key = (name.schema.clone(), name.name.clone());
            let table = database.target.tables.get(&key);
            let work = |pages| Work::Table {
                group: at,
                member,
                pages,
            };
            let size_bytes = table.map_or(0, |table| table.size_bytes);
            let can_split = table.filter(|table| {
                let is_whole = table.is_heap && table.condition.is_none();
                is_whole && database.target.major >= TID_RANGE_SCAN_SINCE
            });
            let blocks = can_split.map_or(0, |table| table.blocks);
            let parts = (size_bytes / part_bytes).min(blocks).max(1);
            match parts {
                1 => tasks.push(task(work(None), size_bytes)),
                _ => {
                    let ranges = page_ranges(blocks, parts);
                    tasks.extend(ranges.map(|pages| task(work(Some(pages)), size_bytes / parts)));
                }
            }
        }
    }
    if !expected.objects.is_empty() {
        tasks.push(task(Work::Objects, 0));
    }
    for &entry in &expected.object_data {
        let weight = database
            .contents
            .data
            .get(&entry)
            .map_or(0, |data| data.weight());
        tasks.push(task(Work::ArchivedObjects { entry }, weight));
    }
    tasks
}
