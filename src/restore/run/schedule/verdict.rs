//! How an entry ended, for those that wait for it.

/// How an entry ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Restored, or not wanted.
    Done,
    /// Failed. Its dependants are tried all the same, as pg_restore does.
    Failed,
    /// Failed, and its object is not there. Its dependants are skipped.
    Missing,
    /// Failed. Its object is there, but no data is loaded into it.
    Unfed,
    /// Skipped, because of the entry with this position.
    Skipped(usize),
}
