//! The end of a restore: everything on the server's disk, remaining work counted, journals dropped.

use super::engine::{Engine, Journal};
use crate::digest::Sha256;
use crate::monitor::units::counted;
use crate::restore::error::Error;
use crate::restore::journal;
use crate::restore::options::Transactions;
use crate::restore::run::full_disk;
use crate::restore::run::report::Report;
use crate::restore::run::sessions::Seat;

impl Engine {
    /// Makes everything durable and counts the remaining work.
    pub(crate) async fn finish(&self) -> Result<Report, Error> {
        let flush = include_bytes!("sql/flush.sql");
        let mut maintenance = self.maintenance.lock().await;
        let canceller = maintenance.canceller();
        match self.guard(&canceller, maintenance.execute(flush)).await? {
            Err(error) if error.is_connection_lost() => return Err(self.lost(error)),
            Err(_) if self.report().full().is_some() => {}
            done => done.map_err(Error::server(
                "wait until everything is on the server's disk",
            ))?,
        }
        let full = self.report().full().map(str::to_owned);
        if let Some(message) = full {
            let what = full_disk::describe(&mut maintenance, &message).await;
            self.report().explain_full(what);
        }
        drop(maintenance);
        self.count_left_out();
        self.report().tell_unasked();
        let is_complete = self.is_complete();
        if is_complete {
            self.forget_journals().await?;
        }
        let is_resumable = !is_complete && self.journals().contains(&Journal::Kept);
        Ok(self.report().end(is_resumable))
    }

    fn count_left_out(&self) {
        let mut report = self.report();
        for (position, database) in self.contents.databases.iter().enumerate() {
            let (phases, elapsed) = self.timing.of(position);
            report.took(position, phases, elapsed);
            let left = self.schedule().unattempted(position);
            let is_reported = report.is_abandoned(position);
            let is_committed = report.is_committed(position);
            if self.options.transactions == Transactions::Database && !is_committed {
                report.roll_back(position);
                continue;
            }
            if left > 0 && !is_reported {
                let because = match report.full() {
                    Some(_) => "the target's disk is full",
                    None => "the restore stops at the first error (-e)",
                };
                let left = counted(left as u64, "entry", "entries");
                report.skip(database.target.clone(), left, because.to_owned());
            }
        }
    }

    /// Whether everything was restored that was asked for.
    fn is_complete(&self) -> bool {
        let databases = 0..self.contents.databases.len();
        let left = databases.map(|database| self.schedule().unattempted(database));
        left.sum::<usize>() == 0 && self.report().is_faultless()
    }

    /// Drops all journals. That everything is done is noted in the first one, which is dropped last: a
    /// restore that finds it knows that the others are not missing.
    async fn forget_journals(&self) -> Result<(), Error> {
        let kept: Vec<usize> = (0..self.contents.databases.len())
            .filter(|&database| self.keeps_journal(database))
            .collect();
        let Some(&first) = kept.first() else {
            return Ok(());
        };
        let target = &self.database(first).target;
        let doing = format!("note that everything is restored in database \"{target}\"");
        let mut seat = self.sessions.take(first).await?;
        let plans: Vec<Sha256> = self.work.iter().map(|work| work.plan).collect();
        let canceller = seat.session.canceller();
        let noting = journal::store::complete(&mut seat.session, &plans);
        let noted = self.guard(&canceller, noting).await?;
        noted.map_err(Error::server(doing))?;
        for &database in kept.iter().skip(1) {
            let mut seat = self.sessions.take(database).await?;
            self.forget_journal(&mut seat).await?;
            self.sessions.give_back(seat);
        }
        self.forget_journal(&mut seat).await?;
        self.sessions.give_back(seat);
        Ok(())
    }

    /// Drops one journal. Where the server does not do it, an event trigger of the user's perhaps, everything
    /// is restored all the same.
    async fn forget_journal(&self, seat: &mut Seat) -> Result<(), Error> {
        let database = seat.database();
        let canceller = seat.session.canceller();
        let dropping = journal::store::forget(&mut seat.session);
        let target = &self.database(database).target;
        match self.guard(&canceller, dropping).await? {
            Ok(()) => {}
            Err(error) if error.is_connection_lost() => {
                let doing = format!("drop the journal, schema pgark_restore, in database \"{target}\"");
                return Err(Error::server(doing)(error));
            }
            Err(error) => self.report().notice(format!(
                "database \"{target}\": everything is restored, and the journal could not be dropped \
                 ({error}); in the database, DROP SCHEMA pgark_restore CASCADE does it"
            )),
        }
        Ok(())
    }
}
