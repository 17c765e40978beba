//! Sessions that read in a leader's snapshot.
//!
//! They wait for locks within limits, because the leader may have what others wait for. Not here: the
//! leader's own session (`leader`), who helps it (`helpers`) and who reads rows (`worker`).

use bstr::{BString, ByteSlice as _};

use super::error::Error;
use super::options::DumpOptions;
use crate::pg::{self, ServerConfig, Session};
use crate::schema::snapshot;

/// How long a worker waits for a lock that another session has queued for. The leader's lock makes that other
/// session wait for us, so without a limit the two would wait for each other for ever. After that the leader
/// reads the rows itself: who has a lock does not queue for it. (pg_dump gives up at once,
/// lockTableForWorker().)
const WORKER_LOCK_TIMEOUT_MS: u64 = 5_000;
/// How long the reading of definitions waits for somebody's lock on a view or a foreign table, which nobody
/// has locked for us, unless the user says otherwise.
const DEFINITIONS_LOCK_TIMEOUT_MS: u64 = 60_000;

/// A session that has the settings of reading, in no snapshot yet: this one if there is one, else a new one.
pub(super) async fn reading_session(
    server: &ServerConfig,
    database: &BString,
    ready: Option<Session>,
    role: Option<&BString>,
) -> Result<Session, Error> {
    let mut session = match ready {
        Some(session) => session,
        None => Session::connect(server).await?,
    };
    let done = snapshot::set_up(&mut session, None, role).await;
    done.map_err(Error::database(database.as_bstr()))?;
    Ok(session)
}

/// How long reading definitions waits for a lock.
pub(super) fn definitions_lock_timeout_ms(options: &DumpOptions) -> u64 {
    options
        .lock_wait_timeout_ms
        .unwrap_or(DEFINITIONS_LOCK_TIMEOUT_MS)
}

/// Who works in the leader's snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Follower {
    /// Reads definitions.
    Helper,
    /// Reads rows.
    Worker,
}

/// A session in the leader's snapshot.
pub(super) async fn follow(
    follower: Follower,
    (database, server): (&BString, &ServerConfig),
    snapshot_name: &str,
    options: &DumpOptions,
) -> Result<Session, Error> {
    let mut session = reading_session(server, database, None, options.role.as_ref()).await?;
    let timeout_ms = match follower {
        // Who has the tables' locks takes over: `definitions::fetch`.
        Follower::Helper => match definitions_lock_timeout_ms(options) {
            0 => WORKER_LOCK_TIMEOUT_MS,
            limit_ms => limit_ms.min(WORKER_LOCK_TIMEOUT_MS),
        },
        Follower::Worker => WORKER_LOCK_TIMEOUT_MS,
    };
    join(&mut session, snapshot_name, timeout_ms)
        .await
        .map_err(Error::database(database.as_bstr()))?;
    Ok(session)
}

/// Brings a worker's session back into the snapshot after an error, which ended its transaction.
pub(super) async fn rejoin(
    session: &mut Session,
    database: &BString,
    snapshot_name: &str,
) -> Result<(), Error> {
    let failed = || Error::database(database.as_bstr());
    session.execute(b"ROLLBACK").await.map_err(failed())?;
    join(session, snapshot_name, WORKER_LOCK_TIMEOUT_MS)
        .await
        .map_err(failed())
}

async fn join(
    session: &mut Session,
    snapshot_name: &str,
    lock_timeout_ms: u64,
) -> Result<(), pg::Error> {
    snapshot::follow(session, snapshot_name).await?;
    let sql = format!("SET lock_timeout = {lock_timeout_ms}");
    session.execute(sql.as_bytes()).await
}
