//! How an entry ended, for those that wait for it.

/// How an entry ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Restored, or not wanted.
    Done,
    /// Failed. What depends on it is tried all the same, as pg_restore does.
    Failed,
    /// Failed, and what it should have made is not there: what depends on it is skipped.
    Missing,
    /// Failed, and although what it should have made is there, no data is loaded into it.
    Unfed,
    /// Skipped, because of the entry with this position.
    Skipped(usize),
}
