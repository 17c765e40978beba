//! The order of work: plans first, then data, biggest first over all databases.
//!
//! [`Tasks`] is the pure decision; [`Queue`] lets workers wait for it, because a database's tasks are known
//! only when somebody has planned them. A small task goes to the worker that is already connected to its
//! database, since a new session costs more than the order is worth.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::plan::Task;

/// Tasks below this size stay with the worker that has a session on their database.
const SMALL_BYTES: u64 = 8 << 20;

/// What a worker gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Job {
    /// [`Queue::add`] the tasks of this database.
    Begin(usize),
    /// Read data.
    Data(Task),
}

/// The tasks that are left.
#[derive(Debug, Default)]
struct Tasks {
    unplanned: VecDeque<usize>,
    /// Ascending, so that the biggest is popped from the end.
    large: Vec<Task>,
    /// Ascending, for each database.
    small: Vec<Vec<Task>>,
    /// For each database: unfinished tasks, and one for planning them.
    unfinished: Vec<usize>,
}

impl Tasks {
    fn add(&mut self, database: usize, tasks: Vec<Task>) {
        self.unfinished[database] += tasks.len();
        for task in tasks {
            if task.size_bytes < SMALL_BYTES {
                self.small[database].push(task);
            } else {
                self.large.push(task);
            }
        }
        self.large.sort_by_key(|task| task.size_bytes);
        self.small[database].sort_by_key(|task| task.size_bytes);
    }

    fn next(&mut self, connected: Option<usize>) -> Option<Job> {
        if let Some(database) = self.unplanned.pop_front() {
            return Some(Job::Begin(database));
        }
        if let Some(task) = self.large.pop() {
            return Some(Job::Data(task));
        }
        let fullest = || (0..self.small.len()).max_by_key(|&database| self.small[database].len());
        let database = connected
            .filter(|&database| !self.small[database].is_empty())
            .or_else(fullest)?;
        self.small[database].pop().map(Job::Data)
    }
}

/// The queue that workers share.
#[derive(Debug)]
pub(super) struct Queue {
    tasks: Mutex<Tasks>,
    changed: Notify,
}

impl Queue {
    /// A queue that begins with the plans of `databases` databases.
    pub(super) fn new(databases: usize) -> Self {
        let tasks = Tasks {
            unplanned: (0..databases).collect(),
            small: vec![vec![]; databases],
            unfinished: vec![1; databases],
            ..Tasks::default()
        };
        Self {
            tasks: Mutex::new(tasks),
            changed: Notify::new(),
        }
    }

    /// A panic elsewhere must not hide behind a poisoned lock: the data is plain.
    fn lock(&self) -> MutexGuard<'_, Tasks> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a database's tasks.
    pub(super) fn add(&self, database: usize, tasks: Vec<Task>) {
        self.lock().add(database, tasks);
        self.changed.notify_waiters();
    }

    /// Counts a job of `database` as done; true when it was the last.
    pub(super) fn done(&self, database: usize) -> bool {
        let mut tasks = self.lock();
        tasks.unfinished[database] -= 1;
        let last = tasks.unfinished[database] == 0;
        drop(tasks);
        if last {
            self.changed.notify_waiters();
        }
        last
    }

    /// The next job for a worker that is connected to `connected`; waits while others may still add
    /// some, and returns none when there will be no more.
    pub(super) async fn next(&self, connected: Option<usize>) -> Option<Job> {
        loop {
            let changed = self.changed.notified();
            {
                let mut tasks = self.lock();
                if let Some(job) = tasks.next(connected) {
                    return Some(job);
                }
                if tasks.unfinished.iter().all(|&count| count == 0) {
                    return None;
                }
            }
            changed.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::Work;
    use super::*;

    fn task(database: usize, size_bytes: u64) -> Task {
        Task {
            database,
            work: Work::Table {
                table: 0,
                part: 0,
                pages: None,
            },
            size_bytes,
        }
    }

    async fn drain(queue: &Queue, connected: Option<usize>) -> Vec<u64> {
        let mut sizes = vec![];
        while let Some(Job::Data(task)) = queue.next(connected).await {
            sizes.push(task.size_bytes);
            queue.done(task.database);
        }
        sizes
    }

    #[tokio::test]
    async fn biggest_first_over_all_databases_and_small_ones_at_home() {
        let queue = Queue::new(2);
        for database in 0..2 {
            assert_eq!(queue.next(None).await, Some(Job::Begin(database)));
        }
        queue.add(0, vec![task(0, 10), task(0, SMALL_BYTES), task(0, 30)]);
        queue.done(0);
        queue.add(1, vec![task(1, 2 * SMALL_BYTES), task(1, 40)]);
        queue.done(1);
        assert_eq!(
            drain(&queue, Some(0)).await,
            [2 * SMALL_BYTES, SMALL_BYTES, 30, 10, 40]
        );
    }

    #[tokio::test]
    async fn a_worker_waits_while_tasks_are_being_planned() {
        let queue = std::sync::Arc::new(Queue::new(1));
        assert_eq!(queue.next(None).await, Some(Job::Begin(0)));
        let waiting = tokio::spawn({
            let queue = queue.clone();
            async move { queue.next(None).await }
        });
        tokio::task::yield_now().await;
        queue.add(0, vec![task(0, 5)]);
        assert!(!queue.done(0));
        assert_eq!(waiting.await.ok().flatten(), Some(Job::Data(task(0, 5))));
        assert!(queue.done(0));
        assert_eq!(queue.next(None).await, None);
    }
}
