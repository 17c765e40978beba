//! Whether a session is in a transaction, as ReadyForQuery says it.

/// Where a session stands, from the last ReadyForQuery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransactionStatus {
    /// Not in a transaction.
    Idle,
    /// In a transaction.
    InTransaction,
    /// In a transaction that failed; only its end is accepted.
    Failed,
}
