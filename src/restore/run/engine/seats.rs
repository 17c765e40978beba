//! Sessions for workers, and whether the server is still the one that it was.

use std::time::Duration;

use super::Engine;
use crate::restore::retry::Pauses;
use crate::restore::run::failing::Halt;
use crate::restore::run::sessions::Seat;

/// The pause before a session is asked for again; the next ones are twice as long each.
const PAUSE: Duration = Duration::from_millis(100);

impl Engine {
    /// A session on this database. Where the server has no place for it or cannot be reached for the moment,
    /// the attempt is repeated, as long as a journal knows the work done.
    pub(crate) async fn seat(&self, database: usize) -> Result<Seat, Halt> {
        let mut pauses = Pauses::new(PAUSE);
        loop {
            let taken = tokio::select! {
                taken = self.sessions.take(database) => taken,
                () = self.stop.asked() => return Err(Halt::Stopped),
            };
            let error = match taken {
                Ok(seat) => return Ok(seat),
                Err(error) => error,
            };
            let is_passing = error.is_transient() && self.keeps_journal(database);
            let pause = pauses.next();
            if !is_passing || pauses.is_over() {
                return Err(error.into());
            }
            self.check_server().await?;
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.stop.asked() => return Err(Halt::Stopped),
            }
        }
    }

    /// Whether the server that confirmed the commits is still the same one. Commits that were not waited for
    /// (`synchronous_commit` off) are lost in a crash, and a crash ends every session, this one too.
    pub(crate) async fn check_server(&self) -> Result<(), Halt> {
        let mut session = self.maintenance.lock().await;
        match session.execute(b"").await {
            Err(error) if error.is_connection_lost() => Err(Halt::ServerLost(error)),
            _ => Ok(()),
        }
    }
}
