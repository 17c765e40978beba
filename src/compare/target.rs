//! One database of the server, in one snapshot that all who read it share.

use std::collections::{HashMap, HashSet};

use bstr::{BString, ByteSlice};

use super::error::Error;
use crate::pg::{self, ServerConfig, Session};
use crate::schema::snapshot::{self, Isolation};

const TABLES: &[u8] = include_bytes!("sql/tables.sql");
const LSN_TABLES: &[u8] = include_bytes!("sql/lsn_tables.sql");

/// The text of a `pg_lsn` has leading zeros since this major version (`pg_lsn_out` in pg_lsn.c): `0/1A`
/// became `0/0000001A`.
const LONG_LSN_SINCE: u32 = 19;

/// A database that is read back.
pub(super) struct Target {
    /// The session that holds the snapshot.
    pub(super) leader: tokio::sync::Mutex<Session>,
    pub(super) server: ServerConfig,
    pub(super) snapshot: String,
    /// `client_encoding`, the archive's; none for the database's own.
    encoding: Option<BString>,
    pub(super) major: u32,
    pub(super) tables: HashMap<(BString, BString), Table>,
    /// Tables whose rows this server writes otherwise than the archive's server, though the values are equal.
    pub(super) worded_otherwise: HashSet<(BString, BString)>,
}

/// A table on the server.
pub(super) struct Table {
    pub(super) is_heap: bool,
    pub(super) size_bytes: u64,
    pub(super) blocks: u64,
    /// The condition of an extension's configuration table.
    pub(super) condition: Option<BString>,
}

impl Target {
    /// Opens the database and takes its snapshot. Texts are in `encoding`; the archive comes from a server of
    /// version `archived_major`.
    pub(super) async fn open(
        server: &ServerConfig,
        name: &BString,
        encoding: Option<&[u8]>,
        archived_major: Option<u32>,
    ) -> Result<Self, Error> {
        let failed = Error::database(name);
        let server = server.with_dbname(name);
        let mut leader = Session::connect(&server).await.map_err(&failed)?;
        let work = async {
            snapshot::set_up(&mut leader, encoding, None).await?;
            snapshot::begin(&mut leader, Isolation::RepeatableRead).await?;
            let name = snapshot::export(&mut leader).await?.name;
            let tables = tables(&mut leader).await?;
            let has_long_lsn = |major: u32| major >= LONG_LSN_SINCE;
            let here = has_long_lsn(leader.server_version().major());
            let is_same = archived_major.is_some_and(|major| has_long_lsn(major) == here);
            let otherwise = if is_same {
                HashSet::new()
            } else {
                names(&mut leader, LSN_TABLES).await?
            };
            Ok((name, tables, otherwise))
        };
        let (snapshot, tables, worded_otherwise) = work.await.map_err(&failed)?;
        Ok(Self {
            server: server.pinned_to(&leader),
            major: leader.server_version().major(),
            leader: tokio::sync::Mutex::new(leader),
            snapshot,
            encoding: encoding.map(BString::from),
            tables,
            worded_otherwise,
        })
    }

    /// Another session in the same snapshot.
    pub(super) async fn follow(&self) -> Result<Session, pg::Error> {
        let encoding = self.encoding.as_ref().map(|encoding| encoding.as_slice());
        let mut session = Session::connect(&self.server).await?;
        snapshot::set_up(&mut session, encoding, None).await?;
        snapshot::follow(&mut session, &self.snapshot).await?;
        Ok(session)
    }
}

/// Schemas and names that a query tells.
async fn names(
    session: &mut Session,
    sql: &[u8],
) -> Result<HashSet<(BString, BString)>, pg::Error> {
    let rows = session.query(sql, &[]).await?;
    let name = |row: &pg::Row| Ok((row.text(0)?.into(), row.text(1)?.into()));
    rows.iter().map(name).collect()
}

async fn tables(session: &mut Session) -> Result<HashMap<(BString, BString), Table>, pg::Error> {
    let size = |number: i64| u64::try_from(number).unwrap_or(0);
    let mut tables = HashMap::new();
    for row in session.query(TABLES, &[]).await? {
        let table = Table {
            is_heap: row.bool(2)?,
            size_bytes: size(row.i64(3)?),
            blocks: size(row.i64(4)?),
            condition: row.get(5).map(|text| text.trim().into()),
        };
        tables.insert((row.text(0)?.into(), row.text(1)?.into()), table);
    }
    Ok(tables)
}
