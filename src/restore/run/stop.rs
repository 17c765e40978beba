//! Work that can be stopped: by the user, by `-e`, by damage in the archive.
//!
//! To stop means to ask the server to cancel its work for us, and to wait a moment for the answer, so that
//! nothing goes on there after us. A user who asked for the stop is not kept waiting longer than [`MOMENT`]:
//! the server carries out the request without us.

use std::time::Duration;

use tokio::sync::watch;

use crate::monitor::Monitor;
use crate::pg::Canceller;

/// How long a cancelled statement may take to end.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(10);

/// How long after the user's wish work may go on, if only to end well.
pub(crate) const MOMENT: Duration = Duration::from_millis(700);

/// The wish to stop, from inside the restore or from the user.
pub(crate) struct Stop {
    monitor: Monitor,
    inside: watch::Sender<bool>,
}

/// Work was stopped before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stopped;

impl Stop {
    /// No stop was asked for.
    pub(crate) fn new(monitor: Monitor) -> Self {
        Self {
            monitor,
            inside: watch::Sender::new(false),
        }
    }

    /// Asks everyone to stop.
    pub(crate) fn ask(&self) {
        self.inside.send_replace(true);
    }

    /// Waits until somebody asks.
    pub(crate) async fn asked(&self) {
        let mut inside = self.inside.subscribe();
        let inside = async {
            // The sender lives as long as `self`, so this ends only with a wish.
            let _ = inside.wait_for(|stop| *stop).await;
        };
        tokio::select! {
            () = inside => {}
            () = self.monitor.interrupted() => {}
        }
    }

    /// Awaits `work`, whose statements `canceller` cancels, unless a stop is asked for.
    pub(crate) async fn guard<T>(
        &self,
        canceller: &Canceller,
        work: impl Future<Output = T>,
    ) -> Result<T, Stopped> {
        let mut work = std::pin::pin!(work);
        tokio::select! {
            biased;
            done = &mut work => return Ok(done),
            () = self.asked() => {}
        }
        // Whether cancelling worked shows in the work's end; if it does not end, it is left behind.
        let ending = async {
            let _ = canceller.cancel().await;
            work.await
        };
        tokio::select! {
            _ = tokio::time::timeout(CANCEL_TIMEOUT, ending) => {}
            () = self.monitor.interrupted_for(MOMENT) => {}
        }
        Err(Stopped)
    }
}
