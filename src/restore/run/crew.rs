//! The workers of a restore: one task each, from the first entry to the end of the queue.
//!
//! What a worker does with a task is [`worker`](super::worker)'s, what comes after the last one
//! [`finish`](super::finish)'s.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::task::JoinSet;

use super::report::Report;
use super::schedule::Next;
use super::stop::MOMENT;
use super::worker::Worker;
use crate::monitor::Event;
use crate::restore::error::Error;
use crate::restore::run::failing::Halt;

use super::engine::Engine;

impl Engine {
    /// Restores all databases. Returns the report, with the entries that were not attempted.
    pub(crate) async fn run(self) -> Result<Report, Error> {
        let (mut tasks, mut bytes) = (0, 0);
        for (work, database) in self.work.iter().zip(&self.contents.databases) {
            tasks += 1 + work.count() + work.analyses.len() as u64;
            bytes += work.volume(database).1;
        }
        self.monitor.event(Event::Total { tasks, bytes });
        let other = self.other_work.iter().flatten().sum();
        self.monitor.event(Event::OtherTotal(other));
        let jobs = self.options.jobs.get();
        let engine = Arc::new(self);
        let mut workers = JoinSet::new();
        for number in 0..jobs {
            workers.spawn(run_worker(Arc::clone(&engine), number));
        }
        let working = async {
            tokio::select! {
                error = end_of(&mut workers) => error,
                why = engine.lock.lost() => {
                    engine.halt();
                    // Nothing of ours may go on beside a restore that has the lock now.
                    end_of(&mut workers).await;
                    Some(engine.lock_lost(why).await)
                }
            }
        };
        let error = tokio::select! {
            error = working => error,
            // A worker that is still at work waits for a peer that does not answer.
            () = engine.monitor.interrupted_for(MOMENT) => None,
        };
        if engine.monitor.is_interrupted() {
            return Err(engine.interrupted());
        }
        let ending = async {
            let ended = match error {
                Some(Error::Source(error)) if error.is_damage() => Err(engine.damaged(error)),
                Some(error) => Err(error),
                None => tokio::select! {
                    ended = engine.finish() => ended,
                    why = engine.lock.lost() => Err(engine.lock_lost(why).await),
                },
            };
            engine.sessions.close().await;
            ended
        };
        tokio::select! {
            ended = ending => ended,
            () = engine.monitor.interrupted_for(MOMENT) => Err(engine.interrupted()),
        }
    }

    /// The lock is lost: by itself, or with the whole server.
    async fn lock_lost(&self, why: String) -> Error {
        match self.check_server().await {
            Err(Halt::ServerLost(error)) => self.lost(error),
            _ => Error::LockLost {
                why,
                can_go_on: self.is_all_noted(),
            },
        }
    }
}

/// Waits for all workers. Returns the first error.
async fn end_of(workers: &mut JoinSet<Result<(), Error>>) -> Option<Error> {
    let mut first_error = None;
    while let Some(ended) = workers.join_next().await {
        match ended {
            Ok(Ok(())) => {}
            Ok(Err(error)) => first_error = first_error.or(Some(error)),
            // A worker that panicked has broken its promise; nobody can go on for it.
            Err(panic) => std::panic::resume_unwind(panic.into_panic()),
        }
    }
    first_error
}

/// Takes tasks until there are none. An error is one that nobody can go on after.
///
/// A worker for which the queue has no task waits for a change, and the change may come between its look at
/// the queue and its wait. `notify_waiters` wakes only those that wait already, so a worker registers first
/// and looks afterwards: a change in between finds it registered. Every worker that settles an entry wakes
/// all others, because one entry can make many others ready, in any database. The last one to find the queue
/// finished wakes the rest, which then find it finished too.
async fn run_worker(engine: Arc<Engine>, number: usize) -> Result<(), Error> {
    let mut worker = Worker::new(&engine, number);
    loop {
        let mut changed = std::pin::pin!(engine.changed.notified());
        changed.as_mut().enable();
        let next = engine.schedule().next(worker.near());
        match next {
            Next::Finished => {
                engine.changed();
                return Ok(());
            }
            Next::Wait => {
                engine.idle.fetch_add(1, Ordering::Relaxed);
                let is_stopped = tokio::select! {
                    () = changed => false,
                    () = engine.stop.asked() => true,
                };
                engine.idle.fetch_sub(1, Ordering::Relaxed);
                if is_stopped {
                    return Ok(());
                }
            }
            Next::Task(task) => match worker.perform(task).await {
                Ok(()) => engine.changed(),
                Err(Halt::Stopped) => return Ok(()),
                Err(Halt::ServerLost(error)) => {
                    engine.halt();
                    return Err(engine.lost(error));
                }
                Err(Halt::Fatal(error)) => {
                    engine.halt();
                    return Err(*error);
                }
            },
        }
    }
}
