//! Reading and writing the journal on a session in its database.
//!
//! Nothing is read before the catalogs have shown whose tables these are and of which form
//! (`schema::journal`), in one transaction with a lock on the tables. Afterwards only their owner could
//! change them: the user of the restore, or a superuser.
//!
//! Not here: the notes of entries, which go with the statements they stand for ([`super::Notes`]).

use std::collections::HashMap;

use super::event_triggers::silence;
use super::{Found, Identity, Part, Parts};
use crate::digest::Sha256;
use crate::pg::{Error, Row, Session};
use crate::schema::journal::{self as schema, Schema};
use crate::toc::DumpId;

const CREATE: &[u8] = include_bytes!("sql/create.sql");
const BEGIN: &[u8] = include_bytes!("sql/begin.sql");
const GRANTS: &[u8] = include_bytes!("sql/grants.sql");
const HOLD: &[u8] = include_bytes!("sql/hold.sql");
const READ: &[u8] = include_bytes!("sql/read.sql");
const DONE: &[u8] = include_bytes!("sql/done.sql");
const PARTS: &[u8] = include_bytes!("sql/parts.sql");
const TAKEN: &[u8] = include_bytes!("sql/taken.sql");
const PREPARED: &[u8] = include_bytes!("sql/prepared.sql");
const COMPLETE: &[u8] = include_bytes!("sql/complete.sql");
/// Each statement sees the state at its own beginning, whatever isolation level the user has as default.
const BEGIN_TRANSACTION: &[u8] = b"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
const FORGET: &[u8] = include_bytes!("sql/forget.sql");

/// Begins a journal. One that was there is forgotten. Returns whether there is room for one: a schema of that
/// name that is none stays as it is.
pub(crate) async fn create(
    session: &mut Session,
    identity: &Identity,
    entries: u64,
) -> Result<bool, Error> {
    session.execute(BEGIN_TRANSACTION).await?;
    let begun = begin(session, identity, entries).await;
    end(session, begun, |begun| *begun).await
}

/// Commits a success and rolls back anything else.
async fn end<T>(
    session: &mut Session,
    done: Result<T, Error>,
    is_worth_it: impl Fn(&T) -> bool,
) -> Result<T, Error> {
    let is_good = done.as_ref().is_ok_and(is_worth_it);
    let sql: &[u8] = if is_good { b"COMMIT" } else { b"ROLLBACK" };
    let ended = session.execute(sql).await;
    let done = done?;
    ended.map(|()| done)
}

async fn begin(session: &mut Session, identity: &Identity, entries: u64) -> Result<bool, Error> {
    let back = silence(session).await?;
    match schema::find(session).await? {
        Schema::Absent => {}
        Schema::Journal { .. } => session.execute(FORGET).await?,
        Schema::Other => return Ok(false),
    }
    session.execute(CREATE).await?;
    for row in session.query(GRANTS, &[]).await? {
        session.execute(row.text(0)?).await?;
    }
    let archive = identity.archive.to_string();
    let (plan, entries) = (identity.plan.to_string(), entries.to_string());
    let params = [&archive, &plan, &entries].map(|text| Some(text.as_bytes()));
    session.query(BEGIN, &params).await?;
    for sql in back {
        session.execute(&sql).await?;
    }
    Ok(true)
}

/// The state of this database: its schema `pgark_restore`, and the schema's content where that may be read.
pub(crate) async fn read(session: &mut Session) -> Result<(Schema, Option<Found>), Error> {
    // Each look sees the state at its own beginning.
    session
        .execute(b"BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY")
        .await?;
    let read = read_held(session).await;
    let ended = session.execute(b"ROLLBACK").await;
    let read = read?;
    ended.map(|()| read)
}

async fn read_held(session: &mut Session) -> Result<(Schema, Option<Found>), Error> {
    let seen = schema::find(session).await?;
    let Schema::Journal {
        is_trusted: true, ..
    } = seen
    else {
        return Ok((seen, None));
    };
    session.execute(HOLD).await?;
    // Before the lock somebody may have put another one in its place.
    let held = schema::find(session).await?;
    if held != seen {
        return Ok((Schema::Other, None));
    }
    let found = read_rows(session).await?;
    Ok((held, found))
}

async fn read_rows(session: &mut Session) -> Result<Option<Found>, Error> {
    let rows = session.query(READ, &[]).await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let mut found = Found {
        identity: Identity {
            archive: digest(row, 0)?,
            plan: digest(row, 1)?,
        },
        entries: number(row, 2)?,
        begun_entries: number(row, 3)?,
        began_at: row.str(4)?.to_owned(),
        noted_at: row.str(5)?.to_owned(),
        is_prepared: row.bool(6)?,
        complete: digests(row, 7)?,
        done: HashMap::new(),
        taken: HashMap::new(),
    };
    for row in session.query(DONE, &[]).await? {
        let entry = DumpId(row.i32(0)?);
        let part = Part::of_code(row.i32(1)?);
        found.done.entry(entry).or_default().extend(part);
        if row.get(2).is_some() {
            found.taken.insert(entry, number(&row, 2)?);
        }
    }
    Ok(Some(found))
}

fn digest(row: &Row, column: usize) -> Result<Sha256, Error> {
    parsed(row.str(column)?)
}

fn parsed(text: &str) -> Result<Sha256, Error> {
    text.parse().map_err(|_| Error::Unreadable {
        column: "digest".into(),
        wanted: "a digest",
        value: text.chars().take(80).collect::<String>().into(),
    })
}

/// Several digests with blanks between them.
fn digests(row: &Row, column: usize) -> Result<Vec<Sha256>, Error> {
    let texts = row.str(column)?.split_ascii_whitespace();
    texts.map(parsed).collect()
}

fn number(row: &Row, column: usize) -> Result<u64, Error> {
    let number = row.i64(column)?;
    u64::try_from(number).map_err(|_| Error::Unreadable {
        column: "number".into(),
        wanted: "a number of entries or rows",
        value: number.to_string().into(),
    })
}

/// The parts of these entries that are done.
pub(crate) async fn parts(
    session: &mut Session,
    entries: &[DumpId],
) -> Result<HashMap<DumpId, Parts>, Error> {
    let ids: Vec<String> = entries.iter().map(|entry| entry.0.to_string()).collect();
    let array = format!("{{{}}}", ids.join(","));
    let mut parts: HashMap<DumpId, Parts> = HashMap::new();
    for row in session.query(PARTS, &[Some(array.as_bytes())]).await? {
        let entry = DumpId(row.i32(0)?);
        let part = Part::of_code(row.i32(1)?);
        parts.entry(entry).or_default().extend(part);
    }
    Ok(parts)
}

/// Notes that the server took another number of rows than were sent.
pub(crate) async fn taken(session: &mut Session, entry: DumpId, rows: u64) -> Result<(), Error> {
    let (entry, rows) = (entry.0.to_string(), rows.to_string());
    let params = [&entry, &rows].map(|text| Some(text.as_bytes()));
    session.query(TAKEN, &params).await.map(|_| ())
}

/// Notes that everything that comes before the first definition is done.
pub(crate) async fn prepared(session: &mut Session) -> Result<(), Error> {
    session.execute(PREPARED).await
}

/// Notes that all databases of the restore, with these plans, are complete. Waits until the note is on disk.
pub(crate) async fn complete(session: &mut Session, plans: &[Sha256]) -> Result<(), Error> {
    session.execute(b"SET synchronous_commit = on").await?;
    let plans: Vec<String> = plans.iter().map(Sha256::to_string).collect();
    let plans = plans.join(" ");
    let noted = session.query(COMPLETE, &[Some(plans.as_bytes())]).await;
    noted.map(|_| ())
}

/// Drops the journal.
pub(crate) async fn forget(session: &mut Session) -> Result<(), Error> {
    session.execute(BEGIN_TRANSACTION).await?;
    let forgotten = async {
        let back = silence(session).await?;
        session.execute(FORGET).await?;
        for sql in back {
            session.execute(&sql).await?;
        }
        Ok(())
    };
    let forgotten = forgotten.await;
    end(session, forgotten, |()| true).await
}
