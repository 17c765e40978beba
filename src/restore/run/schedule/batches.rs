//! How many small things make one task.

/// Work on tables smaller than this is handed out many entries at a time.
pub(crate) const SMALL_BYTES: u64 = 1 << 20;

/// How many small entries a worker takes at once at most.
pub(crate) const BATCH: usize = 32;
