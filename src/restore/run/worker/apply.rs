//! One entry onto a session, whole: its defaults, its definition, its data.
//!
//! What a lost session means is [`attempt`](super::attempt)'s business, what a failure means
//! [`entries`](super::entries)'.

use super::Worker;
use crate::restore::journal::Notes;
use crate::restore::options::Transactions;
use crate::restore::run::define::{add_and_check, define, switch};
use crate::restore::run::failing::Failing;
use crate::restore::run::load::{Progress, load};
use crate::restore::run::maintenance::workers_sql;
use crate::restore::run::sessions::Seat;
use crate::restore::statements::foreign_keys;
use crate::toc::ObjectKind;

impl Worker<'_> {
    /// The definition, then the data. An entry that has both, from an archive of another tool, gets
    /// its data also where the definition failed, as in pg_restore.
    pub(crate) async fn apply(
        &mut self,
        seat: &mut Seat,
        position: usize,
        notes: &Notes,
    ) -> Vec<Failing> {
        let database = seat.database();
        let contents = self.engine.database(database);
        let entry = &contents.toc.entries[position];
        let need = self.engine.work[database].needs[position];
        let mut failures = switch(seat, entry).await;
        if failures.iter().any(|failing| failing.lost().is_some()) {
            return failures;
        }
        if matches!(entry.kind, ObjectKind::Index | ObjectKind::Constraint) {
            self.set_index_workers(seat).await;
        }
        if need.definition || !entry.had_dumper {
            failures.extend(match foreign_keys::split(entry) {
                Some(split) if self.is_added_first(database, position) => {
                    let added = || {
                        self.engine.schedule().checks_rows(database, position);
                        self.engine.changed();
                    };
                    add_and_check(seat, split, notes, added).await
                }
                _ => define(seat, &contents.toc, entry, self.engine.owners(), notes).await,
            });
        }
        if need.data && entry.had_dumper {
            let progress = Progress {
                monitor: &self.engine.monitor,
                worker: self.number,
            };
            match load(seat, self.engine, database, entry, notes, progress).await {
                Ok(loaded) => self.count(database, position, loaded),
                Err(failing) => failures.push(failing),
            }
        }
        failures
    }

    /// Without it an index is built all the same. A broken session shows there.
    async fn set_index_workers(&self, seat: &mut Seat) {
        let Some(workers) = self.engine.index_workers() else {
            return;
        };
        let is_set = seat.index_workers == workers
            || seat
                .session
                .execute(workers_sql(workers).as_bytes())
                .await
                .is_ok();
        if is_set {
            seat.index_workers = workers;
        }
    }

    /// Whether this is a foreign key whose rows are checked afterwards, beside others' work. In a transaction
    /// with others it would hold its locks all the same.
    fn is_added_first(&self, database: usize, position: usize) -> bool {
        self.engine.options.transactions == Transactions::Each
            && self.engine.schedule().is_added_first(database, position)
    }
}
