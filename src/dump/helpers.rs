//! The sessions that help a leader while it reads definitions.
//!
//! They are opened while the leader waits for its locks, and the first of them asks meanwhile what the
//! database is. Where more databases are dumped than are read side by side, the later ones get theirs when it
//! is their turn. Not here: the questions about definitions (`schema::definitions`).

use bstr::{BString, ByteSlice as _};
use futures::future::try_join_all;

use super::cancel::{Cancellers, Holder};
use super::error::Error;
use super::follow::{Follower, follow};
use super::options::DumpOptions;
use crate::pg::{self, ServerConfig, Session};
use crate::schema::catalog;
use crate::schema::contents::DatabaseFacts;
use crate::schema::reader::SchemaReader;

/// The most sessions that help a leader.
const HELPERS_MAX: usize = 3;

/// How many sessions help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Crew {
    /// Each leader, when it reads.
    each: usize,
    /// The number of leaders that read side by side.
    beside: usize,
}

impl Crew {
    /// Workers have not begun: their sessions' room is shared by the databases that are read side by side.
    pub(super) fn of(options: &DumpOptions, databases: usize) -> Self {
        let jobs = options.jobs.get();
        let each = match options.schema_reader {
            SchemaReader::Catalogs => (jobs / databases.clamp(1, jobs)).clamp(1, HELPERS_MAX),
            SchemaReader::PgDump(_) => 0,
        };
        Self { each, beside: jobs }
    }

    /// How many the leader of this number has from the beginning.
    fn ahead(self, index: usize) -> usize {
        if index < self.beside { self.each } else { 0 }
    }
}

/// What a database is, and how large (`pg_database_size`).
pub(super) type Looked = (DatabaseFacts, u64);

/// Helpers for the leader of this number, as far as it has them from the beginning. The first one looks at
/// the database.
pub(super) async fn open_ahead(
    crew: Crew,
    index: usize,
    place: Place,
    options: &DumpOptions,
    cancellers: &Cancellers,
) -> Result<(Vec<Session>, Option<Looked>), Error> {
    let mut sessions = open(crew.ahead(index), index, &place, options, cancellers).await?;
    let looked = match sessions.first_mut() {
        Some(first) => Some(look(first, &place.database).await?),
        None => None,
    };
    Ok((sessions, looked))
}

/// Where a leader's snapshot is.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) database: BString,
    pub(super) server: ServerConfig,
    pub(super) snapshot_name: String,
}

/// The helpers of a leader that had none from the beginning.
pub(super) async fn open_late(
    crew: Crew,
    index: usize,
    place: &Place,
    options: &DumpOptions,
    cancellers: &Cancellers,
) -> Result<Vec<Session>, Error> {
    open(crew.each, index, place, options, cancellers).await
}

async fn open(
    count: usize,
    index: usize,
    place: &Place,
    options: &DumpOptions,
    cancellers: &Cancellers,
) -> Result<Vec<Session>, Error> {
    let sessions = (0..count).map(async |number| {
        let at = (&place.database, &place.server);
        let session = follow(Follower::Helper, at, &place.snapshot_name, options).await?;
        cancellers.set(Holder::Helper(index, number), session.canceller());
        Ok(session)
    });
    try_join_all(sessions).await
}

/// Ends the helpers of the leader of this number.
pub(super) async fn close(sessions: Vec<Session>, index: usize, cancellers: &Cancellers) {
    for (number, session) in sessions.into_iter().enumerate() {
        cancellers.forget(Holder::Helper(index, number));
        session.close().await;
    }
}

/// Looks at the session's database.
pub(super) async fn look(session: &mut Session, database: &BString) -> Result<Looked, Error> {
    let size_bytes = size_bytes(session).await;
    let size_bytes = size_bytes.map_err(Error::database(database.as_bstr()))?;
    let facts = catalog::read_database(session).await;
    Ok((
        facts.map_err(Error::catalog(database.as_bstr()))?,
        size_bytes,
    ))
}

async fn size_bytes(session: &mut Session) -> Result<u64, pg::Error> {
    let sql = b"SELECT pg_catalog.pg_database_size(pg_catalog.current_database())";
    let rows = session.query(sql, &[]).await?;
    rows.first()
        .map_or(Ok(0), |row| Ok(row.i64(0)?.unsigned_abs()))
}
