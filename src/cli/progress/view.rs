//! The interface of all progress views.

use super::state::Progress;
use crate::monitor::Event;
use std::time::Duration;

/// How the state is shown. Called with the lock held.
pub(crate) trait View: Send {
    /// An event came; `progress` has it already.
    fn event(&mut self, event: &Event, progress: &Progress, now: Duration);
    /// [`View::interval`] has passed.
    fn tick(&mut self, progress: &Progress, now: Duration);
    /// How often [`View::tick`] is wanted.
    fn interval(&self) -> Duration;
    /// A line from the program itself.
    fn line(&mut self, text: &str, now: Duration);
    /// Clears the redrawn lines from the screen: another program writes there now.
    fn pause(&mut self) {}
    /// The operation is over.
    fn close(&mut self) {}
}

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verbosity {
    /// Notices and problems only: they tell of things missing or changed.
    Quiet,
    /// Progress too.
    Normal,
    /// Every task as well.
    Verbose,
}
