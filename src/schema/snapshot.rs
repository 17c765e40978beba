//! A database's snapshot, and the sessions that read in it.
//!
//! One session, the leader, begins a transaction and [`export`]s its snapshot. Others [`follow`] it: they see
//! the same rows, whatever is committed meanwhile, for as long as the leader's transaction is open. `dump`
//! and `compare` read so. They decide which tables are locked, and who reads which table.

use bstr::BString;

use crate::pg::{Error, Session};
use crate::toc::quote;

const SETTINGS: &[u8] = include_bytes!("sql/session.sql");
const EXPORT: &[u8] = include_bytes!("sql/snapshot.sql");

/// Room for a block of rows as they are read; it grows for a row that is larger.
pub const BLOCK_BYTES: usize = 288 << 10;

/// How a leader's transaction is isolated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
    /// The rows of one moment.
    RepeatableRead,
    /// A moment at which no anomaly of other transactions can be seen, which is waited for
    /// (`--serializable-deferrable`).
    SerializableDeferrable,
}

/// An exported snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The snapshot's name, which other sessions import.
    pub name: String,
    /// The WAL position.
    pub wal_position: String,
    /// RFC 3339, UTC, microseconds.
    pub taken_at: String,
    /// The moment in microseconds since 1970.
    pub taken_at_us: i64,
    /// Whether the server is a standby.
    pub standby: bool,
}

/// Gives a new session the settings that reading needs. Its texts are in `encoding`, or else in the
/// database's own; it becomes `role`, as setup_connection() in pg_dump.c does.
pub async fn set_up(
    session: &mut Session,
    encoding: Option<&[u8]>,
    role: Option<&BString>,
) -> Result<(), Error> {
    let own = session.parameter("server_encoding").unwrap_or(b"SQL_ASCII");
    let encoding = quote::literal(encoding.unwrap_or(own));
    session.execute(SETTINGS).await?;
    let sql = [b"SET client_encoding = ", &encoding[..]].concat();
    session.execute(&sql).await?;
    become_role(session, role).await
}

/// `--role`.
pub async fn become_role(session: &mut Session, role: Option<&BString>) -> Result<(), Error> {
    match role {
        Some(role) => {
            let sql = [b"SET ROLE ", &quote::ident(role)[..]].concat();
            session.execute(&sql).await
        }
        None => Ok(()),
    }
}

/// Begins a leader's transaction.
pub async fn begin(session: &mut Session, isolation: Isolation) -> Result<(), Error> {
    session
        .execute(match isolation {
            Isolation::RepeatableRead => {
                b"BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
            }
            Isolation::SerializableDeferrable => {
                b"BEGIN TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY, DEFERRABLE"
            }
        })
        .await
}

/// Exports the snapshot of the transaction that the session is in.
pub async fn export(session: &mut Session) -> Result<Snapshot, Error> {
    let rows = session.query(EXPORT, &[]).await?;
    let row = rows.first().ok_or(Error::Closed)?;
    let text = |column| row.str(column).map(str::to_owned);
    Ok(Snapshot {
        name: text(0)?,
        wal_position: text(1)?,
        taken_at: text(2)?,
        taken_at_us: row.i64(3)?,
        standby: row.bool(4)?,
    })
}

/// Begins a transaction that reads in the snapshot of this name.
pub async fn follow(session: &mut Session, snapshot: &str) -> Result<(), Error> {
    begin(session, Isolation::RepeatableRead).await?;
    let name = quote::literal(snapshot.as_bytes());
    let sql = [b"SET TRANSACTION SNAPSHOT ", &name[..]].concat();
    session.execute(&sql).await
}
