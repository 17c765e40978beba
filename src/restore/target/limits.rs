//! How much the target allows: memory, parallel workers, sessions.

/// One of the target's settings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Limit {
    /// In the setting's own unit.
    pub(crate) value: u64,
    /// Whether somebody has set it.
    pub(crate) is_chosen: bool,
}

/// The target's settings. Zeros where it did not say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    /// kB
    pub(crate) maintenance_work_mem: Limit,
    /// Of one command.
    pub(crate) max_parallel_maintenance_workers: Limit,
    /// Pages of 8 kB.
    pub(crate) shared_buffers: Limit,
}

/// How many sessions are kept open that nobody uses.
pub(crate) const IDLE_MAX: usize = 4;
