//! What a restore drops on the target before it begins, for a plan. Pure; `dropped` asks for it.

use bstr::BString;

use crate::monitor::units;

/// How many of the things that are dropped a plan names.
const DROPPED_MAX: usize = 50;

/// Something on the target that is dropped: a database, or a relation of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// The database's name on the target.
    pub database: BString,
    /// The relation's quoted name; none where it is the whole database.
    pub object: Option<String>,
    /// What it takes on the disk, where the user may know.
    pub bytes: Option<u64>,
}

/// A line for each of them, what is lost altogether first.
pub(crate) fn render(dropped: &[Dropped]) -> Vec<String> {
    if dropped.is_empty() {
        return Vec::new();
    }
    let sum: u64 = dropped.iter().filter_map(|one| one.bytes).sum();
    let mut lines = vec![format!("dropped first, {}", units::bytes(sum))];
    for one in dropped.iter().take(DROPPED_MAX) {
        let size = one.bytes.map_or("size unknown".to_owned(), units::bytes);
        let object = one.object.iter().map(|object| format!(", {object}"));
        let object: String = object.collect();
        lines.push(format!("  database \"{}\"{object}: {size}", one.database));
    }
    let more = dropped.len().saturating_sub(DROPPED_MAX);
    if more > 0 {
        lines.push(format!("  and {more} more"));
    }
    lines
}
