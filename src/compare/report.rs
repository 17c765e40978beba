//! What a comparison found. Plain data; `cli` prints it.

use bstr::BString;
use serde::Serialize;

/// The result of a comparison that came to its end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Grants on tablespaces and parameters that differ.
    pub globals: Vec<Difference>,
    /// One for each database, in the order of the choice.
    pub databases: Vec<DatabaseComparison>,
}

/// The outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Everything that was compared is equal.
    Equal,
    /// Something is not.
    Different,
    /// Nothing is known to differ, and something could not be compared.
    NotComparable,
}

/// One database held against the archive.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DatabaseComparison {
    /// Its name in the archive.
    pub source: BString,
    /// Its name on the server.
    pub target: BString,
    /// Tables whose rows were read back.
    pub tables: u64,
    /// Rows that were read back.
    pub rows: u64,
    /// Sequences whose values were compared.
    pub sequences: u64,
    /// Large objects whose content was compared.
    pub large_objects: u64,
    /// Definitions that were looked for.
    pub definitions: u64,
    /// Objects that the restore left out, which were not looked for.
    pub left_out: u64,
    /// The differences.
    pub differences: Vec<Difference>,
    /// The objects that could not be compared, and why.
    pub not_comparable: Vec<Difference>,
    /// What the user should know although nothing differs.
    pub notices: Vec<String>,
}

/// One object that is not as in the archive.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Difference {
    /// The object, for instance `TABLE DATA public.t`.
    pub object: String,
    /// The difference, without a full stop.
    pub what: String,
}

impl Difference {
    pub(super) fn new(object: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            object: object.into(),
            what: what.into(),
        }
    }
}

impl Comparison {
    /// The outcome of all databases together. A difference outweighs an object that could not be compared.
    pub fn verdict(&self) -> Verdict {
        let mut databases = self.databases.iter();
        let is_different = databases.any(|database| !database.differences.is_empty());
        if is_different || !self.globals.is_empty() {
            return Verdict::Different;
        }
        if self
            .databases
            .iter()
            .any(|database| !database.not_comparable.is_empty())
        {
            Verdict::NotComparable
        } else {
            Verdict::Equal
        }
    }
}
