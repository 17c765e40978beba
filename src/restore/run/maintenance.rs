//! Memory and parallel workers for building indexes, from the target's own limits.
//!
//! Pure. A value that somebody has chosen (in postgresql.conf, for a role or a database, in PGOPTIONS) stays.
//! Only defaults are replaced; they are made for the smallest of machines and for one session at a time.

use crate::restore::target::limits::Limits;
use bstr::BString;

/// The most memory that one session takes for an index.
const WORK_MEM_KB_MAX: u64 = 1 << 20;

/// The part of shared_buffers that the sessions of a restore take together.
const SHARE_OF_BUFFERS: u64 = 4;

/// The settings for sessions of the restore.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Maintenance {
    work_mem_kb: Option<u64>,
    /// The most parallel workers of one command, where the restore decides how many.
    workers_max: Option<u64>,
}

impl Maintenance {
    /// For a restore with so many sessions at once.
    pub(crate) fn new(limits: &Limits, jobs: usize) -> Self {
        let given_kb = limits.maintenance_work_mem.value;
        let share_kb = limits.shared_buffers.value * 8 / SHARE_OF_BUFFERS / jobs.max(1) as u64;
        let share_kb = share_kb.min(WORK_MEM_KB_MAX);
        let takes_more = !limits.maintenance_work_mem.is_chosen && share_kb > given_kb;
        let workers = limits.max_parallel_maintenance_workers;
        Self {
            work_mem_kb: takes_more.then_some(share_kb),
            // A single session has nobody to share the processors with.
            workers_max: (!workers.is_chosen && jobs > 1).then_some(workers.value),
        }
    }

    /// The statements for the beginning of every session.
    pub(crate) fn prelude(&self) -> BString {
        let mut sql = BString::default();
        if let Some(kb) = self.work_mem_kb {
            sql.extend_from_slice(format!("SET maintenance_work_mem = '{kb}kB';\n").as_bytes());
        }
        if self.workers_max.is_some() {
            sql.extend_from_slice(workers_sql(0).as_bytes());
        }
        sql
    }

    /// How many parallel workers a command gets while so many sessions of the restore have nothing to do;
    /// none where that is the server's to decide.
    ///
    /// Two workers made the build of one b-tree 1.3 times as expensive in CPU as none (1.5 million rows,
    /// three runs): they pay only where nothing else is left to do.
    pub(crate) fn workers(&self, idle: usize) -> Option<u64> {
        self.workers_max.map(|max| max.min(idle as u64))
    }

    /// All settings that are not the server's own, for people, one a line.
    pub(crate) fn describe(&self) -> Vec<String> {
        let commit =
            "synchronous_commit = off; one commit at the end waits for the disk".to_owned();
        let memory = self
            .work_mem_kb
            .map(|kb| format!("maintenance_work_mem = {} MB", kb / 1024));
        let workers = self.workers_max.map(|max| {
            format!(
                "max_parallel_maintenance_workers = workers that have nothing to do, at most {max}"
            )
        });
        [commit].into_iter().chain(memory).chain(workers).collect()
    }
}

/// The statement that gives the next commands so many workers.
pub(crate) fn workers_sql(workers: u64) -> String {
    format!("SET max_parallel_maintenance_workers = {workers};\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restore::target::limits::Limit;

    fn limits(work_mem_kb: u64, buffers_mb: u64) -> Limits {
        let limit = |value| Limit {
            value,
            is_chosen: false,
        };
        Limits {
            maintenance_work_mem: limit(work_mem_kb),
            max_parallel_maintenance_workers: limit(2),
            shared_buffers: limit(buffers_mb * 128),
        }
    }

    #[test]
    fn sessions_share_a_part_of_the_servers_memory() {
        let small = Maintenance::new(&limits(65_536, 128), 2);
        assert_eq!(small.work_mem_kb, None);
        let large = Maintenance::new(&limits(65_536, 16_384), 8);
        assert_eq!(large.work_mem_kb, Some(512 << 10));
        assert_eq!(
            large.prelude(),
            "SET maintenance_work_mem = '524288kB';\nSET max_parallel_maintenance_workers = 0;\n"
        );
        let huge = Maintenance::new(&limits(65_536, 1 << 20), 2);
        assert_eq!(huge.work_mem_kb, Some(WORK_MEM_KB_MAX));
    }

    #[test]
    fn what_was_chosen_stays() {
        let mut chosen = limits(65_536, 16_384);
        chosen.maintenance_work_mem.is_chosen = true;
        chosen.max_parallel_maintenance_workers.is_chosen = true;
        let maintenance = Maintenance::new(&chosen, 4);
        assert_eq!(maintenance, Maintenance::default());
        assert_eq!(maintenance.prelude(), "");
        assert_eq!(maintenance.workers(3), None);
    }

    #[test]
    fn idle_sessions_become_parallel_workers() {
        let maintenance = Maintenance::new(&limits(65_536, 128), 4);
        assert_eq!(maintenance.workers(0), Some(0));
        assert_eq!(maintenance.workers(1), Some(1));
        assert_eq!(maintenance.workers(3), Some(2));
        assert_eq!(Maintenance::new(&limits(65_536, 128), 1).workers(3), None);
    }
}
