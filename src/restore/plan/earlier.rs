//! What an earlier restore has done in one database, as its journal says.

use crate::restore::journal::Parts;
use std::collections::{BTreeSet, HashMap};

/// What an earlier restore has done in one database.
#[derive(Debug, Default)]
pub(crate) struct Earlier {
    /// Whether its journal is there.
    pub(crate) has_journal: bool,
    /// Positions of the entries that need nothing more.
    pub(crate) restored: BTreeSet<usize>,
    /// The parts that are done of the others.
    pub(crate) parts: HashMap<usize, Parts>,
    /// Positions of data entries of which the server took another number of rows than were sent.
    pub(crate) taken: Vec<(usize, u64)>,
}
