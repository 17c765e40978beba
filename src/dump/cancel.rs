//! How a dump lets go of the servers when its user asks for a stop.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::future::join_all;

use crate::monitor::Monitor;
use crate::pg::Canceller;

/// How long a server may take to answer requests to cancel; one that is gone never does.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(5);

/// How long after a wish to stop the servers, the workers and the store are waited for, each until then:
/// together they keep nobody for more than a second.
const CANCELLED_BY: Duration = Duration::from_millis(300);
pub(super) const ENDED_BY: Duration = Duration::from_millis(450);
pub(super) const ABORTED_BY: Duration = Duration::from_millis(900);

/// Handles that cancel the work of every session after an interrupt: a server whose client is gone goes on
/// waiting for a lock.
#[derive(Default)]
pub(super) struct Cancellers(Mutex<Vec<(Holder, Canceller)>>);

/// The sessions by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    Leader(usize),
    /// Of the leader of this number, until the definitions are read.
    Helper(usize, usize),
    Worker(usize),
}

impl Cancellers {
    pub(super) fn set(&self, holder: Holder, canceller: Canceller) {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        list.retain(|(other, _)| *other != holder);
        list.push((holder, canceller));
    }

    /// The session is closed, or about to be.
    pub(super) fn forget(&self, holder: Holder) {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        list.retain(|(other, _)| *other != holder);
    }

    /// Cancels whatever is running. Failures do not matter: the connections are closed too. A user who asked
    /// for the stop does not wait for servers that do not answer.
    pub(super) async fn cancel_all(&self, monitor: &Monitor) {
        let list = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let all = join_all(list.iter().map(|(_, canceller)| canceller.cancel()));
        tokio::select! {
            _ = tokio::time::timeout(CANCEL_TIMEOUT, all) => {}
            () = monitor.interrupted_for(CANCELLED_BY) => {}
        }
    }
}
