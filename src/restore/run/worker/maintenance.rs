//! ANALYZE and VACUUM of tables whose rows are in.

use bstr::BString;

use super::Worker;
use super::attempt::LOSSES_MAX;
use crate::pg;
use crate::restore::journal::{self, Part};
use crate::restore::plan::statistics::Command;
use crate::restore::run::failed::{DISK_FULL, Failed};
use crate::restore::run::failing::{Cause, Halt};
use crate::restore::run::local_tables::{self, LocalTables};
use crate::restore::run::sessions::Seat;
use crate::restore::run::timing::StepKind;
use crate::toc::{TocEntry, quote};

const FLUSH: &[u8] = include_bytes!("../sql/flush.sql");

impl Worker<'_> {
    /// One command for all tables. If it fails, one for each, which shows the table at fault.
    pub(crate) async fn analyze(&self, seat: &mut Seat, analyses: &[usize]) -> Result<(), Halt> {
        let database = seat.database();
        let found = self.engine.schedule().analyzed_entries(database, analyses);
        let (command, entries) = found;
        let failed = self.maintain(seat, command, &entries).await?;
        match (failed, entries.as_slice()) {
            (Some(failed), &[entry]) => {
                self.report_maintenance(database, command, entry, failed)?
            }
            (Some(_), several) => {
                for &entry in several {
                    let failed = self.maintain(seat, command, &[entry]).await?;
                    if let Some(failed) = failed {
                        self.report_maintenance(database, command, entry, failed)?;
                    }
                }
            }
            (None, _) => {}
        }
        self.engine.schedule().analyzed(database, analyses);
        let timing = &self.engine.timing;
        timing.ended(self.number, database, StepKind::Analyze);
        self.finished();
        Ok(())
    }

    /// Returns why it failed, if it did. It may come twice: where the session is lost, it
    /// is tried again.
    async fn maintain(
        &self,
        seat: &mut Seat,
        command: Command,
        entries: &[usize],
    ) -> Result<Option<pg::Error>, Halt> {
        let database = seat.database();
        let mut failed = self.maintain_once(seat, command, entries).await?;
        for _ in 0..LOSSES_MAX {
            let lost = failed.as_ref().filter(|error| error.is_connection_lost());
            let Some(error) = lost else {
                break;
            };
            self.tell_loss(database, error);
            self.recover(seat).await?;
            failed = self.maintain_once(seat, command, entries).await?;
        }
        Ok(failed)
    }

    async fn maintain_once(
        &self,
        seat: &mut Seat,
        command: Command,
        entries: &[usize],
    ) -> Result<Option<pg::Error>, Halt> {
        let database = seat.database();
        let contents = self.engine.database(database);
        let Some(&first) = entries.first() else {
            return Ok(None);
        };
        let first = contents.describe_whole(&contents.toc.entries[first]);
        let others = if entries.len() > 1 { " and others" } else { "" };
        let word = command.word();
        self.started(format!("{}: {word} {first}{others}", contents.target));
        let canceller = seat.session.canceller();
        let work = async {
            let tables = self.tables(seat, command, entries).await?;
            if tables.named.is_empty() {
                return Ok(tables.unasked);
            }
            if command == Command::Vacuum {
                // Rows whose commit is not on disk yet are not marked (`lazy_scan_prune`).
                seat.session.execute(FLUSH).await?;
            }
            let sql = command.sql(&tables.named);
            let noted = self.noted(database, command, entries, &sql);
            seat.session.execute(&noted).await?;
            Ok(tables.unasked)
        };
        let done = self.engine.stop.guard(&canceller, work).await?;
        let failed = match done {
            Ok(unasked) => {
                self.engine.report().unasked(database, unasked);
                None
            }
            Err(error) => Some(error),
        };
        seat.is_lost |= failed.as_ref().is_some_and(pg::Error::is_connection_lost);
        Ok(failed)
    }

    /// What the command names for these entries.
    async fn tables(
        &self,
        seat: &mut Seat,
        command: Command,
        entries: &[usize],
    ) -> Result<LocalTables, pg::Error> {
        let database = seat.database();
        let toc = &self.engine.database(database).toc;
        let names = entries.iter().map(|&entry| name_of(&toc.entries[entry]));
        let names: Vec<BString> = names.collect();
        if self.engine.options.foreign_statistics {
            return Ok(LocalTables {
                named: names,
                unasked: Vec::new(),
            });
        }
        local_tables::find(&mut seat.session, command, &names).await
    }

    /// The command with its notes. VACUUM comes in no transaction, and is not noted: it may come twice.
    fn noted(&self, database: usize, command: Command, entries: &[usize], sql: &[u8]) -> Vec<u8> {
        if command == Command::Vacuum || !self.engine.keeps_journal(database) {
            return sql.to_vec();
        }
        let toc = &self.engine.database(database).toc;
        let ids = entries.iter().map(|&entry| toc.entries[entry].dump_id);
        let parts: Vec<_> = ids.map(|dump_id| (dump_id, Part::Analyzed)).collect();
        [&journal::note(&parts)[..], sql].concat()
    }

    /// The rows are there all the same: that ANALYZE failed, which nobody asked for, is no failure of the
    /// restore.
    fn report_maintenance(
        &self,
        database: usize,
        command: Command,
        entry: usize,
        error: pg::Error,
    ) -> Result<(), Halt> {
        if journal::is_done_already(&error) {
            return Ok(());
        }
        let contents = self.engine.database(database);
        let entry = &contents.toc.entries[entry];
        let object = contents.describe_whole(entry);
        let (target, word) = (&contents.target, command.word());
        if command == Command::Vacuum || error.sqlstate() == Some(DISK_FULL) {
            let failed = Failed {
                object: format!("{word} of {object}"),
                kind: &entry.kind,
                statement: &command.sql(&[name_of(entry)]),
                cause: Cause::Server(error),
            };
            self.engine.report().fail(target.clone(), failed);
            let is_full = self.engine.report().full().is_some();
            return if is_full {
                self.engine.stop_after_error()
            } else {
                Ok(())
            };
        }
        let text = format!("{target}: {word} of {object} failed: {error}");
        self.engine.report().notice(text);
        Ok(())
    }
}

fn name_of(table: &TocEntry) -> BString {
    quote::qualified(table.schema(), &table.tag)
}
