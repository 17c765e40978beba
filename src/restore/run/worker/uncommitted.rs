//! What a worker has done in a transaction that is not committed yet.

use crate::restore::run::failing::Loaded;
use crate::restore::run::schedule::Verdict;

/// The work of a transaction that is not committed, by the positions of the entries.
#[derive(Debug, Default)]
pub(crate) struct Uncommitted {
    pub(crate) settled: Vec<(usize, Verdict)>,
    pub(crate) loaded: Vec<(usize, Loaded)>,
}
