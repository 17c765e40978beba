//! The session that holds the lock: watched all the time, and asked now and then, so that nobody on the way
//! takes it for abandoned.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::waits::Waits;
use crate::monitor::chain;
use crate::pg::{Error, Session};
use crate::restore::lock::advisory::release;

/// How often it is looked whether the restore waits for somebody. That is also a sign of life: firewalls
/// forget connections that are silent for some minutes.
const LOOK: Duration = Duration::from_secs(2);

/// How long giving the lock back may take. The server does it without us when the connection ends.
const RELEASE_MAX: Duration = Duration::from_millis(500);

/// The lock of all databases of a restore, for as long as one copy of this is there.
#[derive(Debug, Clone)]
pub(crate) struct Lock(Option<Arc<Keeper>>);

/// Where the lock stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Held,
    /// The session is gone, for this reason.
    Lost(String),
    Released,
}

#[derive(Debug)]
struct Keeper {
    state: watch::Receiver<State>,
    release: watch::Sender<bool>,
    task: AbortHandle,
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // The connection ends with the task, and the lock with that.
        self.task.abort();
    }
}

/// Keeps the locks that this session has.
pub(crate) fn keep(session: Session, waits: Waits) -> Lock {
    let (tell, state) = watch::channel(State::Held);
    let (release, released) = watch::channel(false);
    let keeping = tokio::spawn(async move {
        let end = match hold(session, waits, released).await {
            Ok(()) => State::Released,
            Err(error) => State::Lost(chain(&error)),
        };
        tell.send_replace(end);
    });
    Lock(Some(Arc::new(Keeper {
        state,
        release,
        task: keeping.abort_handle(),
    })))
}

/// Watches the session until the lock is given back, or lost.
async fn hold(
    mut session: Session,
    mut waits: Waits,
    mut released: watch::Receiver<bool>,
) -> Result<(), Error> {
    loop {
        let asked = async {
            // Nobody can ask any more once this task is of no use.
            let _ = released.wait_for(|released| *released).await;
        };
        tokio::select! {
            error = session.watch() => return Err(error),
            () = tokio::time::sleep(LOOK) => match waits.look(&mut session).await {
                Err(error) if error.is_connection_lost() => return Err(error),
                // A fact that cannot be asked is left out of the message.
                _ => {}
            },
            () = asked => break,
        }
    }
    release(&mut session).await?;
    session.close().await;
    Ok(())
}

impl Lock {
    /// The lock of a restore that goes into no database.
    pub(crate) fn of_nothing() -> Self {
        Self(None)
    }

    /// How many sessions it takes.
    pub(crate) fn sessions(&self) -> i64 {
        i64::from(self.0.is_some())
    }

    /// Waits until the lock is lost, and says why.
    pub(crate) async fn lost(&self) -> String {
        if let Some(keeper) = &self.0 {
            let mut state = keeper.state.clone();
            let lost = state
                .wait_for(|state| matches!(state, State::Lost(_)))
                .await;
            if let Ok(State::Lost(why)) = lost.as_deref() {
                return why.clone();
            }
        }
        std::future::pending().await
    }

    /// Gives the lock back, so that the next restore finds it free.
    pub(crate) async fn release(&self) {
        let Some(keeper) = &self.0 else {
            return;
        };
        keeper.release.send_replace(true);
        let mut state = keeper.state.clone();
        let ended = state.wait_for(|state| *state != State::Held);
        // Where the server does not answer, the end of the connection gives it back.
        let _ = tokio::time::timeout(RELEASE_MAX, ended).await;
    }
}
