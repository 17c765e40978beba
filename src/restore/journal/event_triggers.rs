//! Event triggers and the journal: those of the database must not see it come and go.
//!
//! One that raises would keep it from being dropped for ever, and one that logs would leave rows about it
//! among the user's. Only for the journal's own statements they are switched off, in the transaction of
//! these. Where the user may do none of it, they fire.

use bstr::BString;

use crate::pg::{Error, Session};

const FOUND: &[u8] = include_bytes!("sql/event_triggers.sql");

/// Switches all off at once, from server 17 on (`event_triggers` in guc_tables.c).
const ALL_OFF: &[u8] = b"SET LOCAL event_triggers = off";

/// Switches those off that are not enabled ALWAYS or as REPLICA (`filter_event_trigger` in evtcache.c).
const AS_REPLICA: &[u8] = b"SET LOCAL session_replication_role = replica";

/// One event trigger.
struct Found {
    off: BString,
    on: BString,
    fires_as_replica: bool,
    is_own: bool,
}

/// Keeps event triggers from seeing the rest of this transaction, as far as the user may. Returns the
/// statements that put them back before the commit.
pub(crate) async fn silence(session: &mut Session) -> Result<Vec<BString>, Error> {
    let mut found = Vec::new();
    for row in session.query(FOUND, &[]).await? {
        found.push(Found {
            off: row.text(0)?.into(),
            on: row.text(1)?.into(),
            fires_as_replica: row.bool(2)?,
            is_own: row.bool(3)?,
        });
    }
    if found.is_empty() || attempt(session, ALL_OFF).await? {
        return Ok(Vec::new());
    }
    let is_replica = attempt(session, AS_REPLICA).await?;
    found.retain(|trigger| trigger.is_own && (trigger.fires_as_replica || !is_replica));
    let mut back = Vec::new();
    for trigger in found {
        if attempt(session, &trigger.off).await? {
            back.push(trigger.on);
        }
    }
    Ok(back)
}

/// Executes what the server may refuse: the transaction goes on all the same.
async fn attempt(session: &mut Session, sql: &[u8]) -> Result<bool, Error> {
    session.execute(b"SAVEPOINT pgark").await?;
    match session.execute(sql).await {
        Ok(()) => {
            session.execute(b"RELEASE SAVEPOINT pgark").await?;
            Ok(true)
        }
        Err(error) if error.is_connection_lost() => Err(error),
        Err(_) => {
            session.execute(b"ROLLBACK TO SAVEPOINT pgark").await?;
            Ok(false)
        }
    }
}
