//! Many small definitions in one message and one transaction: thousands of tables would otherwise
//! cost a round trip and a commit for each statement.
//!
//! Pure. If a batch fails nothing of it remains, and its entries are restored one by one.

use bstr::{BString, ByteSlice};

use crate::restore::journal::Part;
use crate::restore::statements::Defaults;
use crate::restore::statements::Owners;
use crate::restore::statements::creation_by_owner;
use crate::toc::{DumpId, Subject, Toc, TocEntry};

/// Entries in a batch: each may lock several relations until the end, and the server's lock table has
/// room for `max_locks_per_transaction` (64) on average.
const ENTRIES_MAX: usize = 50;

/// Bytes of SQL in a batch.
const SQL_BYTES_MAX: usize = 256 << 10;

/// Whether an entry may be defined in a transaction with others.
///
/// Left out are entries that may refuse to run in a transaction block, that run code of their own beside the
/// statement, that lock more than a few objects, and that may take long.
pub(crate) fn can_share(entry: &TocEntry) -> bool {
    entry.kind.facts().shares_transaction && entry.subject() != Subject::LargeObjects
}

/// A batch that grows.
pub(crate) struct Batch {
    sql: Vec<u8>,
    entries: usize,
    parts: Vec<(DumpId, Part)>,
    defaults: Defaults,
    owners: Owners,
}

impl Batch {
    /// An empty batch for a session that has these defaults.
    pub(crate) fn new(defaults: Defaults, owners: Owners) -> Self {
        Self {
            sql: Vec::new(),
            entries: 0,
            parts: Vec::new(),
            defaults,
            owners,
        }
    }

    /// Adds an entry's statements, unless the batch is full or they do not end where they should.
    pub(crate) fn add(&mut self, toc: &Toc, entry: &TocEntry) -> bool {
        let mut defaults = self.defaults.clone();
        let mut statements = defaults.switch_to(entry);
        let of_entry = creation_by_owner(toc, entry, self.owners);
        let parts = (0..of_entry.len()).map(|at| (entry.dump_id, Part::statement(at)));
        statements.extend(of_entry);
        let bytes: usize = statements.iter().map(|sql| sql.len() + 1).sum();
        let is_full = self.entries == ENTRIES_MAX || self.sql.len() + bytes > SQL_BYTES_MAX;
        if is_full || !statements.iter().all(ends) {
            return false;
        }
        for sql in &statements {
            self.sql.extend_from_slice(sql);
            self.sql.push(b'\n');
        }
        self.defaults = defaults;
        self.entries += 1;
        self.parts.extend(parts);
        true
    }

    /// How many entries it holds.
    pub(crate) fn len(&self) -> usize {
        self.entries
    }

    /// The parts of its entries, for the journal.
    pub(crate) fn parts(&self) -> &[(DumpId, Part)] {
        &self.parts
    }

    /// All statements.
    pub(crate) fn sql(&self) -> &[u8] {
        &self.sql
    }

    /// The session's defaults after the batch.
    pub(crate) fn defaults(&self) -> &Defaults {
        &self.defaults
    }
}

/// Whether another statement may follow this one.
fn ends(sql: &BString) -> bool {
    sql.trim_end().ends_with(b";")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restore::testing::{entry, toc};
    use crate::toc::ObjectKind;

    fn table(id: i32, defn: &str) -> TocEntry {
        let mut table = entry(id, ObjectKind::Table, Some("s"), "t");
        table.defn = Some(defn.into());
        table
    }

    #[test]
    fn entries_are_put_together_until_the_batch_is_full() {
        let toc = toc(vec![]);
        let mut batch = Batch::new(Defaults::default(), Owners::Skip);
        let mut first = table(1, "CREATE TABLE s.a ();\n");
        first.table_am = Some("heap".into());
        assert!(batch.add(&toc, &first));
        assert!(batch.add(&toc, &table(2, "CREATE TABLE s.b ();")));
        assert!(!batch.add(&toc, &table(3, "CREATE TABLE s.c ()")));
        assert!(!batch.add(&toc, &table(4, &format!("{};", "x".repeat(SQL_BYTES_MAX)))));
        assert_eq!(batch.len(), 2);
        assert_eq!(
            batch.sql().as_bstr(),
            "SET default_table_access_method = \"heap\";\n\nCREATE TABLE s.a ();\n\n\
             CREATE TABLE s.b ();\n"
        );
        assert_ne!(batch.defaults(), &Defaults::default());
        for id in 0..100 {
            batch.add(&toc, &table(id, "SELECT 1;"));
        }
        assert_eq!(batch.len(), ENTRIES_MAX);
    }
}
