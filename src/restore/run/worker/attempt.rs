//! Entries whose session was lost. The journal says which of them were committed; the others are done again.
//! Without a journal they are reported: doing them again might do them twice.

use std::time::Duration;

use bstr::ByteSlice;

use super::Worker;
use crate::pg;
use crate::restore::error::Error;
use crate::restore::journal::{self, parts_of};
use crate::restore::options::Transactions;
use crate::restore::retry::Pauses;
use crate::restore::run::failing::{Failing, Halt};
use crate::restore::run::schedule::Verdict;
use crate::restore::run::sessions::Seat;

/// An entry that loses its session is tried this often: it may be the cause of the loss.
pub(crate) const LOSSES_MAX: usize = 3;

/// The pause before an entry is tried again for the first time; the next ones are twice as long each.
const PAUSE: Duration = Duration::from_millis(100);

impl Worker<'_> {
    /// Applies an entry. Where its session is lost, the uncommitted part is applied again.
    pub(crate) async fn apply_until_known(
        &mut self,
        seat: &mut Seat,
        position: usize,
    ) -> Result<Vec<Failing>, Halt> {
        let database = seat.database();
        let engine = self.engine;
        let mut notes = self.notes(database, position);
        let mut pauses = Pauses::new(PAUSE);
        for _ in 0..LOSSES_MAX {
            let canceller = seat.session.canceller();
            let work = self.apply(seat, position, &notes);
            let failures = engine.stop.guard(&canceller, work).await?;
            let lost = failures.iter().find_map(Failing::lost);
            let Some(error) = lost.filter(|_| self.may_try_again(database)) else {
                return Ok(failures);
            };
            self.tell_loss(database, error);
            self.pause(pauses.next()).await?;
            self.recover(seat).await?;
            let dump_id = self.engine.database(database).toc.entries[position].dump_id;
            let mut parts = self.parts(seat, &[dump_id]).await?;
            notes
                .done
                .extend(parts.remove(&dump_id).unwrap_or_default());
        }
        let canceller = seat.session.canceller();
        let work = self.apply(seat, position, &notes);
        Ok(engine.stop.guard(&canceller, work).await?)
    }

    /// A batch lost its session. Returns how many of its entries are settled: all or none.
    ///
    /// A batch is one transaction, and its notes are in it. When the session is lost, the COMMIT may have
    /// been lost on its way there, or the answer on its way back. The journal is the only witness: it is read
    /// in a new session. The first entry's notes stand for all. If they are there, every entry is done. If
    /// they are not, nothing of the batch is, and its entries are tried one by one, which shows an entry that
    /// ends sessions. Without a journal there is no witness, so the batch is reported as failed and not
    /// repeated: a second time might double it.
    pub(crate) async fn after_lost_batch(
        &mut self,
        seat: &mut Seat,
        batched: &[usize],
        object: &str,
        error: pg::Error,
    ) -> Result<usize, Halt> {
        let database = seat.database();
        if !self.may_try_again(database) {
            self.fail_batch(database, batched, object, error);
            self.engine.stop_after_error()?;
            self.recover(seat).await?;
            return Ok(batched.len());
        }
        self.tell_loss(database, &error);
        self.recover(seat).await?;
        let contents = self.engine.database(database);
        let first = &contents.toc.entries[batched[0]];
        let parts = self.parts(seat, &[first.dump_id]).await?;
        let need = self.engine.work[database].needs[batched[0]];
        let wanted = parts_of(contents, first, need, self.engine.owners());
        let done = parts.get(&first.dump_id);
        // One transaction: the state of the first is the state of all.
        if !done.is_some_and(|done| wanted.is_subset(done)) {
            return Ok(0);
        }
        for &position in batched {
            self.settle(database, position, Verdict::Done);
        }
        Ok(batched.len())
    }

    fn may_try_again(&self, database: usize) -> bool {
        self.engine.options.transactions == Transactions::Each
            && self.engine.keeps_journal(database)
    }

    pub(crate) fn tell_loss(&self, database: usize, error: &pg::Error) {
        self.engine.keep_last_words(error);
        let target = self.engine.database(database).target.as_bstr();
        self.engine.monitor.notice(format!(
            "database \"{target}\": a session was lost ({error}); its work is tried again"
        ));
    }

    async fn pause(&self, pause: Duration) -> Result<(), Halt> {
        tokio::select! {
            () = tokio::time::sleep(pause) => Ok(()),
            () = self.engine.stop.asked() => Err(Halt::Stopped),
        }
    }

    /// Another session in the place of a lost one.
    pub(crate) async fn recover(&self, seat: &mut Seat) -> Result<(), Halt> {
        let database = seat.database();
        self.engine.check_server().await?;
        *seat = self.engine.seat(database).await?;
        Ok(())
    }

    /// What the journal says is done of these entries.
    async fn parts(
        &self,
        seat: &mut Seat,
        entries: &[crate::toc::DumpId],
    ) -> Result<std::collections::HashMap<crate::toc::DumpId, journal::Parts>, Halt> {
        let database = seat.database();
        let target = &self.engine.database(database).target;
        match journal::store::parts(&mut seat.session, entries).await {
            Ok(parts) => Ok(parts),
            // A second session is lost while the first loss is looked into: the restore begins anew, and
            // reads all journals.
            Err(error) if error.is_connection_lost() => Err(Halt::ServerLost(error)),
            Err(error) => {
                let doing = format!("read the journal in database \"{target}\"");
                Err(Error::server(doing)(error).into())
            }
        }
    }
}
