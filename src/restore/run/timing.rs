//! How long each phase of each database took, from its first step's beginning to its last one's end.
//!
//! Phases overlap: several workers are at work, and rows of one table come while another's indexes are
//! built. So the times do not add up to the whole.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::restore::outcome::PhaseTime;
use crate::restore::plan::graph::{Stage, pass};
use crate::toc::{Section, TocEntry};

/// The phases in their usual order.
const PHASES: [&str; 7] = [
    "create",
    "definitions",
    "data",
    "indexes and constraints",
    "grants",
    "last",
    "analyze",
];

/// Which phase a step belongs to; the order is that of [`PHASES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StepKind {
    /// Creating the database, or dropping the objects in the way.
    Prepare,
    /// Definitions that rows need.
    Definition,
    /// Rows, large objects, sequence values.
    Data,
    /// The work after the rows.
    PostData,
    /// Grants.
    Grant,
    /// Event triggers, and refreshes of materialized views.
    Last,
    /// ANALYZE and VACUUM.
    Analyze,
}

impl StepKind {
    /// The kind of an entry's step. Entries about other objects (comments, labels) have none: they are
    /// restored with their objects.
    pub(crate) fn of(entry: &TocEntry) -> Option<Self> {
        match (pass(entry), entry.section) {
            (Stage::Acl, _) => Some(Self::Grant),
            (Stage::PostAcl | Stage::EventTriggers, _) => Some(Self::Last),
            (_, Section::PreData) => Some(Self::Definition),
            (_, Section::Data) => Some(Self::Data),
            (_, Section::PostData) => Some(Self::PostData),
            (_, Section::None) => None,
        }
    }
}

/// The clock of a restore.
pub(crate) struct Timing(Mutex<State>);

struct State {
    /// The beginning of each worker's current task.
    begun: Vec<Instant>,
    /// For each database and phase: begin, end, and the time that workers spent.
    spans: Vec<[Option<(Instant, Instant, Duration)>; PHASES.len()]>,
}

impl Timing {
    /// A clock for so many workers and databases.
    pub(crate) fn new(workers: usize, databases: usize) -> Self {
        Self(Mutex::new(State {
            begun: vec![Instant::now(); workers],
            spans: vec![[None; PHASES.len()]; databases],
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A worker begins a step.
    pub(crate) fn begun(&self, worker: usize) {
        if let Some(begun) = self.state().begun.get_mut(worker) {
            *begun = Instant::now();
        }
    }

    /// A worker ends a step, and begins another.
    pub(crate) fn ended(&self, worker: usize, database: usize, kind: StepKind) {
        let mut state = self.state();
        let now = Instant::now();
        let Some(begun) = state.begun.get_mut(worker) else {
            return;
        };
        let begin = std::mem::replace(begun, now);
        let Some(spans) = state.spans.get_mut(database) else {
            return;
        };
        let span = spans[kind as usize].get_or_insert((begin, now, Duration::ZERO));
        span.0 = span.0.min(begin);
        span.1 = now;
        span.2 += now - begin;
    }

    /// What the phases of a database took, those that there were, and the whole.
    pub(crate) fn of(&self, database: usize) -> (Vec<PhaseTime>, Duration) {
        let state = self.state();
        let spans = state
            .spans
            .get(database)
            .map_or(&[][..], |spans| &spans[..]);
        let there = || {
            PHASES
                .iter()
                .zip(spans)
                .filter_map(|(name, span)| Some((name, (*span)?)))
        };
        let phases = there().map(|(name, (begin, end, busy))| PhaseTime {
            phase: name,
            elapsed: end - begin,
            busy,
        });
        let begin = there().map(|(_, span)| span.0).min();
        let end = there().map(|(_, span)| span.1).max();
        let whole = begin
            .zip(end)
            .map_or(Duration::ZERO, |(begin, end)| end - begin);
        (phases.collect(), whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phase_lasts_from_its_first_step_to_its_last() {
        let timing = Timing::new(2, 2);
        timing.begun(0);
        timing.begun(1);
        std::thread::sleep(Duration::from_millis(4));
        timing.ended(0, 0, StepKind::Definition);
        timing.ended(0, 0, StepKind::Data);
        timing.ended(1, 0, StepKind::Data);
        let (phases, whole) = timing.of(0);
        let names: Vec<&str> = phases.iter().map(|time| time.phase).collect();
        assert_eq!(names, ["definitions", "data"]);
        assert!(phases[1].elapsed >= Duration::from_millis(4) && whole >= phases[1].elapsed);
        assert!(phases[0].busy >= Duration::from_millis(4));
        assert_eq!(timing.of(1), (Vec::new(), Duration::ZERO));
    }
}
