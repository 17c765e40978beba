//! From what a database holds to tasks for workers.
//!
//! Pure. A large table is cut into ranges of pages, so that several workers read it at once. Within a range
//! `worker` cuts chunks by size. [`queue`](super::queue) hands out the tasks.

use crate::schema::contents::{self, Contents, TID_RANGE_SCAN_SINCE, TableFacts};

/// A table is not cut into parts smaller than this.
const PART_BYTES_MIN: u64 = 32 << 20;
/// The upper bound of a part: an idle worker waits for at most one such part at the end.
const PART_BYTES_MAX: u64 = 1 << 30;
/// Parts for each worker, if the whole dump were one table: enough that the last ones end together.
const PARTS_PER_JOB: u64 = 32;
/// A table that is no more than this part of a worker's share is not cut: the others even it out, and a
/// range of pages costs the server more than the plain table does (it is a query, not a COPY of a table).
const WHOLE_TABLES_PER_JOB: u64 = 4;
/// Large objects of one task.
const LARGE_OBJECTS_PER_TASK: usize = 20_000;

/// One thing for one worker to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Task {
    /// Index of the database.
    pub(super) database: usize,
    /// What.
    pub(super) work: Work,
    /// An estimate, from the server's sizes.
    pub(super) size_bytes: u64,
}

/// What a task reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Work {
    /// A table, or the pages `pages.0..pages.1` of it.
    Table {
        /// Index in [`Contents::tables`].
        table: usize,
        /// The part's number, from 0.
        part: u32,
        /// None for the whole table; an absent end means to the last page.
        pages: Option<(u64, Option<u64>)>,
    },
    /// Large objects.
    LargeObjects {
        /// The part's number, from 0.
        part: u32,
        /// The first OID.
        from_oid: u32,
        /// The last OID.
        to_oid: u32,
    },
}

/// How tables are cut.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut {
    /// A table of no more than this is read as a whole.
    whole_bytes: u64,
    /// How large a part of any other should be.
    part_bytes: u64,
}

impl Cut {
    /// For `total_bytes` that are to be read by `jobs` workers.
    pub(super) fn new(total_bytes: u64, jobs: usize) -> Self {
        let shared_by = |parts: u64| {
            (total_bytes / (jobs as u64 * parts)).clamp(PART_BYTES_MIN, PART_BYTES_MAX)
        };
        Self {
            whole_bytes: shared_by(WHOLE_TABLES_PER_JOB),
            part_bytes: shared_by(PARTS_PER_JOB),
        }
    }

    fn parts(self, size_bytes: u64) -> u64 {
        if size_bytes <= self.whole_bytes {
            1
        } else {
            size_bytes / self.part_bytes
        }
    }
}

/// The tasks of one database.
pub(super) fn tasks(
    database: usize,
    contents: &Contents,
    server_major: u32,
    cut: Cut,
) -> Vec<Task> {
    let mut tasks = vec![];
    for (index, table) in contents.tables.iter().enumerate() {
        tasks.extend(table_tasks(database, index, table, server_major, cut));
    }
    tasks.extend(large_object_tasks(database, contents, cut.part_bytes));
    tasks
}

fn table_tasks(
    database: usize,
    index: usize,
    table: &TableFacts,
    server_major: u32,
    cut: Cut,
) -> Vec<Task> {
    let can_split = server_major >= TID_RANGE_SCAN_SINCE && table.heap && table.condition.is_none();
    // TOAST counts: a few pages may stand for gigabytes.
    let parts = if can_split {
        cut.parts(table.size_bytes).min(table.blocks).max(1)
    } else {
        1
    };
    let task = |part: u64, pages| Task {
        database,
        work: Work::Table {
            table: index,
            part: u32::try_from(part).unwrap_or(u32::MAX),
            pages,
        },
        size_bytes: table.size_bytes / parts,
    };
    if parts == 1 {
        return vec![task(0, None)];
    }
    let ranges = contents::page_ranges(table.blocks, parts);
    (0..)
        .zip(ranges)
        .map(|(part, pages)| task(part, Some(pages)))
        .collect()
}

fn large_object_tasks(database: usize, contents: &Contents, part_bytes: u64) -> Vec<Task> {
    let mut oids: Vec<u32> = contents
        .large_objects
        .iter()
        .map(|object| object.oid)
        .collect();
    oids.sort_unstable();
    let average_bytes = contents.large_object_bytes / (oids.len() as u64).max(1);
    let by_size = usize::try_from(part_bytes / average_bytes.max(1)).unwrap_or(usize::MAX);
    let per_task = by_size.clamp(1, LARGE_OBJECTS_PER_TASK);
    oids.chunks(per_task)
        .zip(0..)
        .filter_map(|(group, part)| {
            let (&from_oid, &to_oid) = (group.first()?, group.last()?);
            let size_bytes = average_bytes * group.len() as u64;
            Some(Task {
                database,
                work: Work::LargeObjects {
                    part,
                    from_oid,
                    to_oid,
                },
                size_bytes,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    use super::*;
    use crate::schema::contents::LargeObjectFacts;

    const CUT: Cut = Cut {
        whole_bytes: PART_BYTES_MIN,
        part_bytes: PART_BYTES_MIN,
    };

    fn contents(size_bytes: u64, blocks: u64) -> Contents {
        let table = TableFacts {
            size_bytes,
            blocks,
            heap: true,
            ..TableFacts::default()
        };
        Contents {
            tables: vec![table],
            ..Contents::default()
        }
    }

    fn ranges(tasks: &[Task]) -> Vec<(u64, Option<u64>)> {
        tasks
            .iter()
            .filter_map(|task| match task.work {
                Work::Table { pages, .. } => pages,
                Work::LargeObjects { .. } => None,
            })
            .collect()
    }

    proptest! {
        #[test]
        fn ranges_cover_a_table_without_gap_or_overlap(size_bytes in 0u64..1 << 42, blocks in 0u64..1 << 32) {
            let tasks = tasks(0, &contents(size_bytes, blocks), 15, CUT);
            let ranges = ranges(&tasks);
            if tasks.len() > 1 {
                prop_assert_eq!(ranges.len(), tasks.len());
                prop_assert_eq!(ranges[0].0, 0);
                prop_assert_eq!(ranges[ranges.len() - 1].1, None);
                for pair in ranges.windows(2) {
                    prop_assert_eq!(pair[0].1, Some(pair[1].0));
                    prop_assert!(pair[0].0 < pair[1].0);
                }
            }
        }
    }

    #[test]
    fn only_what_a_range_scan_can_read_is_cut() {
        let large = contents(1 << 40, 1 << 20);
        assert_eq!(tasks(0, &large, 13, CUT).len(), 1);
        let config = Contents {
            tables: vec![TableFacts {
                condition: Some("".into()),
                ..large.tables[0].clone()
            }],
            ..Contents::default()
        };
        assert_eq!(tasks(0, &config, 15, CUT).len(), 1);
        assert!(tasks(0, &large, 14, CUT).len() > 1000);
    }

    #[test]
    fn a_table_that_others_even_out_is_not_cut() {
        let cut = Cut::new(8 << 30, 2);
        assert_eq!(tasks(0, &contents(1 << 30, 1 << 17), 15, cut).len(), 1);
        assert_eq!(tasks(0, &contents(2 << 30, 1 << 18), 15, cut).len(), 16);
        // One table of a large database: nobody may be there to even it out.
        let cut = Cut::new(1 << 40, 8);
        assert!(tasks(0, &contents(10 << 30, 1 << 20), 15, cut).len() >= 8);
    }

    #[test]
    fn toast_counts_but_a_page_is_not_cut() {
        assert_eq!(tasks(0, &contents(1 << 40, 3), 15, CUT).len(), 3);
    }

    #[test]
    fn large_objects_are_taken_by_size_and_number() {
        let object = |oid| LargeObjectFacts {
            oid,
            owner_quoted: "o".into(),
            acl: None,
            comment: None,
        };
        let mut contents = Contents {
            large_objects: (1..=50_000).map(object).collect(),
            ..Contents::default()
        };
        assert_eq!(tasks(0, &contents, 15, CUT).len(), 3);
        contents.large_object_bytes = 50_000 * PART_BYTES_MIN;
        assert_eq!(tasks(0, &contents, 15, CUT).len(), 50_000);
    }
}
