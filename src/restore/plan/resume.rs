//! Resuming an earlier restore: the entries that its journal notes as done are left out.
//!
//! Pure. Whether the journal belongs to this restore is judged in `preflight`.

use super::statistics::Command;
use super::{DatabaseWork, Preparation};
use crate::restore::contents::DatabaseContents;
use crate::restore::journal::{Found, Part, parts_of};
use crate::restore::select::Need;
use crate::restore::statements::Owners;

impl DatabaseWork {
    /// Leaves out what the journal in this database says is done.
    pub(crate) fn go_on(&mut self, database: &DatabaseContents, found: &Found, owners: Owners) {
        self.earlier.has_journal = true;
        if self.preparation != Preparation::Clean || found.is_prepared {
            self.preparation = Preparation::Resume;
        }
        for (position, entry) in database.toc.entries.iter().enumerate() {
            let need = self.needs[position];
            let Some(done) = found.done.get(&entry.dump_id).filter(|_| need.any()) else {
                continue;
            };
            if let Some(taken) = found.taken.get(&entry.dump_id) {
                self.earlier.taken.push((position, *taken));
            }
            if parts_of(database, entry, need, owners).is_subset(done) {
                self.earlier.restored.insert(position);
                self.leave_out(position);
            } else {
                self.earlier.parts.insert(position, done.clone());
            }
        }
        self.analyses.retain(|analysis| {
            let entry = &database.toc.entries[analysis.entry];
            let done = found.done.get(&entry.dump_id);
            let is_analyzed = done.is_some_and(|done| done.contains(&Part::Analyzed));
            !is_analyzed || analysis.command == Command::Vacuum
        });
    }

    /// The restore had come to its end: only its journals are left to be dropped.
    pub(crate) fn leave_out_all(&mut self, has_journal: bool) {
        self.earlier.has_journal = has_journal;
        self.preparation = Preparation::Resume;
        for position in 0..self.needs.len() {
            if self.needs[position].any() {
                self.earlier.restored.insert(position);
                self.leave_out(position);
            }
        }
        self.of_database.clear();
        self.analyses.clear();
    }

    /// Leaves out the data of an entry; its definition, where it has one, is restored.
    pub(crate) fn leave_out_data(&mut self, position: usize) {
        self.needs[position].data = false;
        self.graph.nodes[position].need.data = false;
    }

    fn leave_out(&mut self, position: usize) {
        self.needs[position] = Need::default();
        self.graph.nodes[position].need = Need::default();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::digest::Sha256;
    use crate::restore::journal::{Identity, Part};
    use crate::restore::options::RestoreOptions;
    use crate::restore::testing::{self, database, entry, options, toc};
    use crate::toc::{DumpId, ObjectKind};

    const FIRST: Part = Part::Statement(0);

    fn found(done: &[(i32, &[Part])]) -> Found {
        let digest = Sha256::of(b"");
        Found {
            identity: Identity {
                archive: digest,
                plan: digest,
            },
            entries: 2,
            begun_entries: 1,
            began_at: String::new(),
            noted_at: String::new(),
            is_prepared: false,
            complete: Vec::new(),
            done: done
                .iter()
                .map(|(id, parts)| (DumpId(*id), parts.iter().copied().collect()))
                .collect(),
            taken: HashMap::new(),
        }
    }

    fn work(options: &RestoreOptions) -> (DatabaseContents, DatabaseWork) {
        let mut table = entry(1, ObjectKind::Table, Some("s"), "t");
        (table.owner, table.drop_stmt) = (Some("o".into()), Some("DROP TABLE s.t;\n".into()));
        let view = entry(2, ObjectKind::View, Some("s"), "v");
        let database = database("d", toc(vec![table, view]));
        let work = testing::work(&database, options);
        (database, work)
    }

    #[test]
    fn what_is_done_is_left_out_and_what_is_half_done_is_known() {
        let (database, mut work) = work(&options());
        work.go_on(
            &database,
            &found(&[(1, &[FIRST]), (2, &[FIRST])]),
            Owners::Restore,
        );
        assert_eq!(work.preparation, Preparation::Resume);
        assert_eq!(work.earlier.restored, [1].into());
        assert!(!work.needs[1].any() && !work.graph.nodes[1].need.any());
        assert!(work.needs[0].any());
        assert_eq!(work.earlier.parts[&0], [FIRST].into());
        work.go_on(
            &database,
            &found(&[(1, &[FIRST, Part::Statement(1)])]),
            Owners::Restore,
        );
        assert_eq!(work.earlier.restored, [0, 1].into());
    }

    #[test]
    fn a_cleaning_that_was_not_at_its_end_goes_on() {
        let mut options = options();
        options.clean = true;
        let (database, mut work) = work(&options);
        work.go_on(&database, &found(&[(1, &[Part::Dropped])]), Owners::Restore);
        assert_eq!(work.preparation, Preparation::Clean);
        assert!(work.needs[0].any());
        assert_eq!(work.earlier.parts[&0], [Part::Dropped].into());
    }
}
