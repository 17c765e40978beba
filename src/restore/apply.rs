//! One entry onto one session: its definition, or the data of one chunk.
//!
//! Nothing is decided here, neither what nor when (`schedule`), nor what a failure means (`worker`).

use bstr::{BString, ByteSlice};

use super::engine::Engine;
use super::error::Error;
use super::report::Cause;
use super::sessions::Seat;
use super::statements::{Owners, creation};
use crate::archive::Place;
use crate::monitor::{Event, Monitor};
use crate::pg;
use crate::source::{self, Content, Data, DataReader};
use crate::toc::{ObjectKind, Toc, TocEntry};

/// Statements about large objects are sent this many at a time: each takes a lock, and a transaction
/// has room for only so many (`max_locks_per_transaction`).
const STATEMENTS_AT_ONCE: usize = 1000;

/// SQL of a data member is sent in pieces of about this size.
const SQL_BYTES: usize = 1 << 20;

/// Why an entry was not restored.
pub(super) enum Failing {
    /// The object failed; the restore goes on.
    Entry {
        /// The statement that did.
        statement: BString,
        cause: Cause,
        /// Whether it was the definition itself, not what is said about the object afterwards.
        is_definition: bool,
    },
    /// The restore cannot go on: the archive is damaged or cannot be read.
    Everything(Error),
}

impl Failing {
    fn source(error: source::Error) -> Self {
        Self::Everything(error.into())
    }

    fn server(statement: &[u8], error: pg::Error) -> Self {
        Self::Entry {
            statement: statement.into(),
            cause: Cause::Server(error),
            is_definition: false,
        }
    }
}

/// Executes an entry's statements one after the other. All are tried; the first failure is returned
/// with those of the others.
pub(super) async fn define(
    seat: &mut Seat,
    toc: &Toc,
    entry: &TocEntry,
    owners: Owners,
) -> Vec<Failing> {
    let mut failures = Vec::new();
    for sql in seat.defaults.switch_to(entry) {
        if let Err(error) = seat.session.execute(&sql).await {
            failures.push(Failing::server(&sql, error));
        }
    }
    for (index, sql) in creation(toc, entry, owners).into_iter().enumerate() {
        let Err((statement, error)) = execute(seat, entry, &sql).await else {
            continue;
        };
        let is_lost = error.is_connection_lost();
        failures.push(Failing::Entry {
            statement,
            cause: Cause::Server(error),
            is_definition: index == 0,
        });
        // Without the object, or without the server, there is nothing to say about it.
        if index == 0 || is_lost {
            break;
        }
    }
    failures
}

async fn execute(
    seat: &mut Seat,
    entry: &TocEntry,
    sql: &[u8],
) -> Result<(), (BString, pg::Error)> {
    if !is_about_large_objects(entry) {
        let done = seat.session.execute(sql).await;
        return done.map_err(|error| (sql.into(), error));
    }
    for piece in pieces(sql) {
        let done = seat.session.execute(piece).await;
        done.map_err(|error| (BString::from(piece), error))?;
    }
    Ok(())
}

fn is_about_large_objects(entry: &TocEntry) -> bool {
    match entry.kind {
        ObjectKind::Blob | ObjectKind::BlobMetadata | ObjectKind::LargeObjectData => true,
        ObjectKind::Acl | ObjectKind::Comment | ObjectKind::SecurityLabel => {
            entry.tag.starts_with(b"LARGE OBJECT")
        }
        _ => false,
    }
}

/// `sql` in pieces of whole statements. Statements about large objects are built of OIDs, role names
/// and literals; a piece may end only where a line ends with a semicolon outside all quotes.
fn pieces(sql: &[u8]) -> Vec<&[u8]> {
    use super::lex::{TokenKind, tokens};
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut statements = 0;
    for token in tokens(sql).filter(|token| token.kind == TokenKind::Semicolon) {
        statements += 1;
        if statements == STATEMENTS_AT_ONCE {
            pieces.push(&sql[start..token.range.end]);
            start = token.range.end;
            statements = 0;
        }
    }
    if !sql[start..].trim().is_empty() {
        pieces.push(&sql[start..]);
    }
    pieces
}

/// Rows and bytes that were loaded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Loaded {
    pub(super) rows: u64,
    pub(super) raw_bytes: u64,
    pub(super) stored_bytes: u64,
}

/// Who loads, for progress.
#[derive(Clone, Copy)]
pub(super) struct Progress<'a> {
    pub(super) monitor: &'a Monitor,
    pub(super) worker: usize,
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
pub(super) async fn load(
    seat: &mut Seat,
    engine: &Engine,
    database: usize,
    entry: &TocEntry,
    progress: Progress<'_>,
) -> Result<Loaded, Failing> {
    let no_data = || {
        let place = Box::new(Place::default());
        Failing::source(source::Error::NoData { place })
    };
    let chunks = &engine.database(database).chunks;
    let data = chunks.get(&entry.dump_id).ok_or_else(no_data)?;
    let reader = engine.data.read(database, data).await;
    let mut reader = reader.map_err(Failing::source)?;
    let loaded = match data.content {
        Content::Rows => copy(seat, entry, &mut reader, progress).await,
        Content::Sql => run_sql(seat, &mut reader, progress).await,
    };
    match loaded {
        Ok(mut loaded) => {
            check_rows(entry, data, loaded.rows)?;
            loaded.stored_bytes = reader.stored_bytes();
            Ok(loaded)
        }
        Err(LoadError::Source(error)) => Err(Failing::source(error)),
        Err(LoadError::Server(statement, error)) => Err(Failing::server(&statement, error)),
    }
}

fn check_rows(entry: &TocEntry, data: &Data, taken: u64) -> Result<(), Failing> {
    match data.rows {
        Some(sent) if data.content == Content::Rows && sent != taken => Err(Failing::Entry {
            statement: entry.copy_stmt.clone().unwrap_or_default(),
            cause: Cause::Rows { sent, taken },
            is_definition: false,
        }),
        _ => Ok(()),
    }
}

enum LoadError {
    Source(source::Error),
    Server(BString, pg::Error),
}

async fn copy(
    seat: &mut Seat,
    entry: &TocEntry,
    reader: &mut DataReader,
    progress: Progress<'_>,
) -> Result<Loaded, LoadError> {
    let statement = entry.copy_stmt.clone().unwrap_or_default();
    let server = |error| LoadError::Server(statement.clone(), error);
    let mut copy = seat.session.copy_in(&statement).await.map_err(server)?;
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

/// Large objects: statements as they are, all of a chunk in one transaction.
async fn run_sql(
    seat: &mut Seat,
    reader: &mut DataReader,
    progress: Progress<'_>,
) -> Result<Loaded, LoadError> {
    let begun = seat.session.execute(b"BEGIN").await;
    begun.map_err(|error| LoadError::Server("BEGIN".into(), error))?;
    match run_statements(seat, reader, progress).await {
        Ok(loaded) => {
            let done = seat.session.execute(b"COMMIT").await;
            done.map_err(|error| LoadError::Server("COMMIT".into(), error))?;
            Ok(loaded)
        }
        Err(error) => {
            // Rolling back can fail only with the connection, which then shows at its next use.
            let _ = seat.session.execute(b"ROLLBACK").await;
            Err(error)
        }
    }
}

async fn run_statements(
    seat: &mut Seat,
    reader: &mut DataReader,
    progress: Progress<'_>,
) -> Result<Loaded, LoadError> {
    let mut loaded = Loaded::default();
    let mut pending: Vec<u8> = Vec::new();
    loop {
        let block = reader.next_block().map_err(LoadError::Source)?;
        let is_last = block.is_none();
        if let Some(block) = block {
            pending.extend_from_slice(block.content);
            loaded.raw_bytes += block.content.len() as u64;
            progress.advanced(block.weight, 0);
        }
        // Literals in these statements are hexadecimal, so this ends one and nothing else.
        let end = match pending.rfind(b";\n") {
            _ if is_last => pending.len(),
            Some(at) if pending.len() >= SQL_BYTES => at + 2,
            _ => 0,
        };
        if end > 0 {
            let done = seat.session.execute(&pending[..end]).await;
            done.map_err(|error| LoadError::Server(pending[..end].into(), error))?;
            pending.drain(..end);
        }
        if is_last {
            return Ok(loaded);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_end_between_statements() {
        let one = "ALTER LARGE OBJECT 1 OWNER TO \"a;\nb\";\n";
        let sql = one.repeat(2 * STATEMENTS_AT_ONCE + 1);
        let pieces = pieces(sql.as_bytes());
        assert_eq!(pieces.len(), 3);
        assert_eq!(pieces.concat(), sql.as_bytes());
        assert!(pieces.iter().all(|piece| piece.trim().ends_with(b";")));
        assert!(super::pieces(b"\n").is_empty());
    }
}
