//! The data of one entry, or of one chunk of a table, onto one session.
//!
//! The rows are one transaction, together with their note in the journal. No decisions are made here:
//! `schedule` chooses the entry and the time, `worker` judges a failure. `define` restores definitions.

use crate::restore::run::failing::{Failing, Loaded};
use bstr::BString;

use super::engine::Engine;
use super::sessions::Seat;
use crate::archive::Place;
use crate::monitor::{Event, Monitor};
use crate::pg::{self, TransactionStatus};
use crate::restore::journal::{self, Notes, Part};
use crate::restore::run::failing::Cause;
use crate::restore::statements::sql_data::{Pending, Puts};
use crate::restore::statements::{SESSION_USER_AGAIN, by_owner, owner_to_become, session_user};
use crate::restore::target::firing::Silencing;
use crate::source::{self, Content, Data, DataReader};
use crate::toc::TocEntry;

/// The worker that loads, for progress.
#[derive(Clone, Copy)]
pub(crate) struct Progress<'a> {
    pub(crate) monitor: &'a Monitor,
    pub(crate) worker: usize,
}

impl Progress<'_> {
    fn advanced(&self, bytes: u64, rows: u64) {
        let worker = self.worker;
        self.monitor.event(Event::Advanced {
            worker,
            bytes,
            rows,
        });
    }
}

/// Loads the data of one entry, or one chunk of it. What the archive has a hash of is compared with it
/// before the first byte is decoded.
pub(crate) async fn load(
    seat: &mut Seat,
    engine: &Engine,
    database: usize,
    entry: &TocEntry,
    notes: &Notes,
    progress: Progress<'_>,
) -> Result<Loaded, Failing> {
    let no_data = || {
        let place = Box::new(Place::default());
        Failing::source(source::Error::NoData { place })
    };
    let chunks = &engine.database(database).chunks;
    let data = chunks.get(&entry.dump_id).ok_or_else(no_data)?;
    if notes.is_done(Part::Data) {
        return Ok(Loaded::before(data));
    }
    let is_alone = seat.session.transaction_status() == TransactionStatus::Idle;
    let reader = engine.data.read(database, data).await;
    let mut reader = reader.map_err(Failing::source)?;
    let frame = Frame {
        notes,
        silencing: engine.silencing(database, entry.dump_id),
        owner: owner_to_become(entry, engine.owners()),
    };
    let loaded = match data.content {
        Content::Rows => copy(seat, entry, &mut reader, frame, progress).await,
        _ => run_sql(seat, data.content, &mut reader, frame, progress).await,
    };
    match loaded {
        Ok(mut loaded) => {
            check_rows(seat, entry, data, notes, loaded.rows).await?;
            loaded.stored_bytes = reader.stored_bytes();
            Ok(loaded)
        }
        Err(LoadError::Source(error)) => Err(Failing::source(error)),
        Err(LoadError::Server(_, error)) if is_alone && journal::is_done_already(&error) => {
            Ok(Loaded::before(data))
        }
        Err(LoadError::Server(statement, error)) => Err(Failing::server(&statement, error)),
    }
}

/// The rows that the server took are in the table, whatever their number: they must not come twice.
async fn check_rows(
    seat: &mut Seat,
    entry: &TocEntry,
    data: &Data,
    notes: &Notes,
    taken: u64,
) -> Result<(), Failing> {
    let Some(sent) = data.rows.filter(|&sent| sent != taken) else {
        return Ok(());
    };
    if data.content != Content::Rows {
        return Ok(());
    }
    if let Some(dump_id) = notes.dump_id {
        // Without this note a restore that goes on later would not know, and that is all.
        let _ = journal::store::taken(&mut seat.session, dump_id, taken).await;
    }
    Err(Failing::Entry {
        statement: entry.copy_stmt.clone().unwrap_or_default(),
        cause: Cause::Rows { sent, taken },
        is_definition: false,
    })
}

/// The statements around the data in its transaction.
#[derive(Clone, Copy)]
struct Frame<'a> {
    notes: &'a Notes,
    /// `--disable-triggers`: the triggers that are switched off meanwhile.
    silencing: Option<&'a Silencing>,
    /// `--use-set-session-authorization`: who loads.
    owner: Option<&'a BString>,
}

enum LoadError {
    Source(source::Error),
    Server(BString, pg::Error),
}

async fn copy(
    seat: &mut Seat,
    entry: &TocEntry,
    reader: &mut DataReader,
    frame: Frame<'_>,
    progress: Progress<'_>,
) -> Result<Loaded, LoadError> {
    let statement = entry.copy_stmt.clone().unwrap_or_default();
    let server = |error| LoadError::Server(statement.clone(), error);
    let mut sql = match frame.owner {
        Some(owner) => by_owner(owner, &statement),
        None => statement.clone(),
    };
    if let Some(silencing) = frame.silencing {
        sql = silencing.around(&sql);
    }
    let sql = frame.notes.with(Part::Data, &sql);
    let mut copy = seat.session.copy_in(&sql).await.map_err(server)?;
    let mut loaded = Loaded::default();
    loop {
        match reader.next_block() {
            Ok(Some(block)) => {
                copy.write(block.content).await.map_err(server)?;
                loaded.raw_bytes += block.content.len() as u64;
                progress.advanced(block.weight, 0);
            }
            Ok(None) => break,
            Err(error) => {
                // The server must forget the rows of this chunk; the error to report is the other.
                let _ = copy.fail("the archive is damaged").await;
                return Err(LoadError::Source(error));
            }
        }
    }
    loaded.rows = copy.finish().await.map_err(server)?;
    progress.advanced(0, loaded.rows);
    Ok(loaded)
}

/// Data that is no rows: statements, all of an entry in one transaction.
async fn run_sql(
    seat: &mut Seat,
    content: Content,
    reader: &mut DataReader,
    frame: Frame<'_>,
    progress: Progress<'_>,
) -> Result<Loaded, LoadError> {
    if seat.session.transaction_status() == TransactionStatus::InTransaction {
        return run_silenced(seat, content, reader, frame, progress).await;
    }
    let begin = [&b"BEGIN;\n"[..], &frame.notes.note(Part::Data)].concat();
    let done = async {
        let begun = seat.session.execute(&begin).await;
        begun.map_err(|error| LoadError::Server("BEGIN".into(), error))?;
        let loaded = run_silenced(seat, content, reader, frame, progress).await?;
        let done = seat.session.execute(b"COMMIT").await;
        done.map_err(|error| LoadError::Server("COMMIT".into(), error))?;
        Ok(loaded)
    };
    let done = done.await;
    if done.is_err() {
        // Rolling back can fail only with the connection, which then shows at its next use.
        let _ = seat.session.execute(b"ROLLBACK").await;
    }
    done
}

async fn run_silenced(
    seat: &mut Seat,
    content: Content,
    reader: &mut DataReader,
    frame: Frame<'_>,
    progress: Progress<'_>,
) -> Result<Loaded, LoadError> {
    let Some(silencing) = frame.silencing else {
        return run_content(seat, content, reader, frame.owner, progress).await;
    };
    run(seat, silencing.off.to_vec()).await?;
    let loaded = run_content(seat, content, reader, frame.owner, progress).await?;
    run(seat, silencing.on.to_vec()).await?;
    Ok(loaded)
}

async fn run_content(
    seat: &mut Seat,
    content: Content,
    reader: &mut DataReader,
    owner: Option<&BString>,
    progress: Progress<'_>,
) -> Result<Loaded, LoadError> {
    if let Some(owner) = owner {
        run(seat, session_user(owner).into()).await?;
    }
    let loaded = match content {
        Content::LargeObjects => put_objects(seat, reader, progress).await?,
        _ => run_statements(seat, content, reader, progress).await?,
    };
    // The failed statement is rolled back, and the change of the user with it.
    if owner.is_some() {
        run(seat, SESSION_USER_AGAIN.into()).await?;
    }
    Ok(loaded)
}

async fn run_statements(
    seat: &mut Seat,
    content: Content,
    reader: &mut DataReader,
    progress: Progress<'_>,
) -> Result<Loaded, LoadError> {
    let mut loaded = Loaded::default();
    let mut pending = Pending::default();
    while let Some(block) = reader.next_block().map_err(LoadError::Source)? {
        pending.push(block.content);
        loaded.raw_bytes += block.content.len() as u64;
        progress.advanced(block.weight, 0);
        if let Some(sql) = pending.take(content) {
            run(seat, sql).await?;
        }
    }
    if let Some(sql) = pending.rest(content) {
        run(seat, sql).await?;
    }
    Ok(loaded)
}

async fn put_objects(
    seat: &mut Seat,
    reader: &mut DataReader,
    progress: Progress<'_>,
) -> Result<Loaded, LoadError> {
    let mut loaded = Loaded::default();
    let mut puts = Puts::default();
    while let Some(oid) = reader.next_object().map_err(LoadError::Source)? {
        puts.object(oid);
        while let Some(block) = reader.next_block().map_err(LoadError::Source)? {
            puts.push(block.content);
            loaded.raw_bytes += block.content.len() as u64;
            progress.advanced(block.weight, 0);
            if let Some(sql) = puts.take() {
                run(seat, sql).await?;
            }
        }
    }
    if let Some(sql) = puts.rest() {
        run(seat, sql).await?;
    }
    Ok(loaded)
}

async fn run(seat: &mut Seat, sql: Vec<u8>) -> Result<(), LoadError> {
    let done = seat.session.execute(&sql).await;
    done.map_err(|error| LoadError::Server(sql.into(), error))
}
