//! Why there is no outcome of a verification.

/// Why there is no outcome at all. Everything else, unreadable files included, is a [`Verdict`].
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The user asked for a stop.
    #[error("interrupted")]
    Interrupted,
    /// A worker died.
    #[error("a worker failed")]
    Worker(#[source] tokio::task::JoinError),
}
