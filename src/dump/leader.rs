//! The session that holds a database's snapshot and locks until every row is read.
//!
//! All leaders connect first and export their snapshots back to back, so that the databases of one
//! archive are as close in time as a cluster allows. PostgreSQL has no snapshot over several databases.

use bstr::{BString, ByteSlice};

use super::cancel::{Cancellers, Holder};
use super::error::Error;
use super::filters;
use super::follow::{definitions_lock_timeout_ms, reading_session};
use super::helpers::{self, Crew, Place};
use super::options::DumpOptions;
use crate::pg::{self, ServerConfig, Session};
use crate::schema::beside;
use crate::schema::contents::DatabaseFacts;
use crate::schema::selection::{self, Named, Selected};
use crate::schema::snapshot::{self, Isolation, Snapshot};

/// The length of one LOCK TABLE statement, as in getTables() of pg_dump.c.
const LOCK_STATEMENT_BYTES: usize = 100_000;
/// A database's leader.
pub(super) struct Leader {
    /// The database.
    pub(super) database: BString,
    /// How workers reach the same server.
    pub(super) server: ServerConfig,
    /// The session, in its transaction.
    pub(super) session: Session,
    /// Its snapshot.
    pub(super) snapshot: Snapshot,
    /// The server's identity, where the server tells it.
    pub(super) system_identifier: Option<String>,
    /// The tables to read.
    pub(super) selected: Selected,
    /// `pg_database_size`.
    pub(super) size_bytes: u64,
    /// What the database is.
    pub(super) facts: DatabaseFacts,
    /// Sessions that are ready to help with the definitions.
    pub(super) helpers: Vec<Session>,
}

impl Leader {
    /// Where the snapshot is.
    pub(super) fn place(&self) -> Place {
        Place {
            database: self.database.clone(),
            server: self.server.clone(),
            snapshot_name: self.snapshot.name.clone(),
        }
    }
}

/// Opens a leader for each database, exports all snapshots and takes the locks. The session on a database
/// that was asked before becomes the leader there. Returns the leaders and what the user should know.
pub(super) async fn open_all(
    server: &ServerConfig,
    databases: &[BString],
    asked: Option<(BString, Session)>,
    options: &DumpOptions,
    crew: Crew,
    cancellers: &Cancellers,
) -> Result<(Vec<Leader>, Vec<String>), Error> {
    let mut asked = match asked {
        Some((name, session)) if !databases.contains(&name) => {
            session.close().await;
            None
        }
        asked => asked,
    };
    let mut leaders = vec![];
    for (index, database) in databases.iter().enumerate() {
        let ready = asked.take_if(|(name, _)| name == database);
        let ready = ready.map(|(_, session)| session);
        let leader = connect(server, database, ready, options).await?;
        cancellers.set(Holder::Leader(index), leader.session.canceller());
        leaders.push(leader);
    }
    for leader in &mut leaders {
        leader.snapshot = snapshot::export(&mut leader.session)
            .await
            .map_err(Error::database(leader.database.as_bstr()))?;
    }
    let mut named = vec![];
    for (leader, database) in leaders.iter_mut().zip(databases) {
        let found = name(leader, options)
            .await
            .map_err(Error::catalog(database.as_bstr()))?;
        named.push((database, found));
    }
    let notices = filters::check(&options.filters.given(), &named)?;
    for (index, (leader, (_, named))) in leaders.iter_mut().zip(&named).enumerate() {
        let place = leader.place();
        let helpers = helpers::open_ahead(crew, index, place, options, cancellers);
        let ((), (helpers, looked)) = tokio::try_join!(lock(leader, named, options), helpers)?;
        leader.helpers = helpers;
        (leader.facts, leader.size_bytes) = match looked {
            Some(looked) => looked,
            None => helpers::look(&mut leader.session, &leader.database).await?,
        };
    }
    Ok((leaders, notices))
}

async fn connect(
    server: &ServerConfig,
    database: &BString,
    ready: Option<Session>,
    options: &DumpOptions,
) -> Result<Leader, Error> {
    let server = server.with_dbname(database);
    let mut session = reading_session(&server, database, ready, options.role.as_ref()).await?;
    let system_identifier = system_identifier(&mut session).await;
    let isolation = if options.serializable_deferrable {
        Isolation::SerializableDeferrable
    } else {
        Isolation::RepeatableRead
    };
    snapshot::begin(&mut session, isolation)
        .await
        .map_err(Error::database(database.as_bstr()))?;
    Ok(Leader {
        database: database.clone(),
        server: server.pinned_to(&session),
        session,
        snapshot: Snapshot::default(),
        system_identifier,
        selected: Selected::default(),
        size_bytes: 0,
        facts: DatabaseFacts::default(),
        helpers: vec![],
    })
}

/// Asked before the transaction begins: not every server says it to everybody, and an error would end the
/// transaction.
async fn system_identifier(session: &mut Session) -> Option<String> {
    let sql = include_bytes!("sql/system_identifier.sql");
    let rows = session.query(sql, &[]).await.ok()?;
    rows.first()?.str(0).ok().map(str::to_owned)
}

/// Locks the tables, so that nobody drops, truncates or rewrites one before it is read.
async fn lock(leader: &mut Leader, named: &Named, options: &DumpOptions) -> Result<(), Error> {
    leader.selected = selection::choose(&mut leader.session, named, options.content)
        .await
        .map_err(Error::catalog(leader.database.as_bstr()))?;
    let timeout_ms = options.lock_wait_timeout_ms.unwrap_or(0);
    let sql = format!("SET lock_timeout = {timeout_ms}");
    leader
        .session
        .execute(sql.as_bytes())
        .await
        .map_err(Error::database(leader.database.as_bstr()))?;
    take_locks(leader).await?;
    let timeout_ms = definitions_lock_timeout_ms(options);
    let sql = format!("SET lock_timeout = {timeout_ms}");
    leader
        .session
        .execute(sql.as_bytes())
        .await
        .map_err(Error::database(leader.database.as_bstr()))
}

/// What the filters name in the leader's database. What a name without a schema means, the user's search path
/// says.
async fn name(leader: &mut Leader, options: &DumpOptions) -> Result<Named, crate::schema::Error> {
    let filters = &options.filters;
    let path = if filters.needs_path()? {
        pg::users_schemas(&leader.server).await?
    } else {
        vec![]
    };
    selection::name(&mut leader.session, filters, &path).await
}

/// Locks the tables. A table that was truncated or rewritten between the snapshot and the lock would look
/// empty.
async fn take_locks(leader: &mut Leader) -> Result<(), Error> {
    leader
        .session
        .execute(b"SAVEPOINT locks")
        .await
        .map_err(Error::database(leader.database.as_bstr()))?;
    for sql in lock_statements(&leader.selected.tables) {
        leader
            .session
            .execute(&sql)
            .await
            .map_err(|source| Error::Locks {
                database: leader.database.clone(),
                source,
            })?;
    }
    let oids: Vec<u32> = leader.selected.tables.iter().map(|(oid, _)| *oid).collect();
    refuse_rewritten(leader, &oids).await
}

async fn refuse_rewritten(leader: &mut Leader, oids: &[u32]) -> Result<(), Error> {
    let tables = beside::rewritten(&mut leader.session, oids.iter().copied())
        .await
        .map_err(Error::catalog(leader.database.as_bstr()))?;
    if tables.is_empty() {
        return Ok(());
    }
    Err(Error::Rewritten {
        database: leader.database.clone(),
        tables,
    })
}

/// Ends the leader's transaction when all rows of `oids` are read. Only a leader that still has its locks
/// proves that nobody got at the tables: an administrator, or on a standby a conflict with recovery, may have
/// ended the session, and workers that have their snapshot would not notice. Configuration tables of
/// extensions, which it did not lock, are looked at as well. `reader` read rows of the database and is not
/// needed any more: at the end of a long dump there may be no room for another session.
pub(super) async fn release(
    leader: &mut Leader,
    oids: &[u32],
    reader: Option<&mut Session>,
) -> Result<(), Error> {
    let lost = |database: &BString| {
        let database = database.clone();
        move |source| Error::LeaderLost { database, source }
    };
    leader
        .session
        .execute(b"SELECT 1")
        .await
        .map_err(lost(&leader.database))?;
    refuse_rewritten(leader, oids).await?;
    if let Some(reader) = reader {
        refuse_renamed_labels(leader, reader).await?;
    }
    leader
        .session
        .execute(b"COMMIT")
        .await
        .map_err(lost(&leader.database))
}

/// Rows of enums are written with the labels of the moment. A label that was renamed while rows were read is
/// in the rows, and not in the definition.
async fn refuse_renamed_labels(leader: &mut Leader, reader: &mut Session) -> Result<(), Error> {
    let database = leader.database.clone();
    let failed = || Error::catalog(database.as_bstr());
    let then = beside::enum_labels(&mut leader.session)
        .await
        .map_err(failed())?;
    // Out of the snapshot, and back to the present.
    let left = reader.execute(b"ROLLBACK").await;
    left.map_err(Error::database(database.as_bstr()))?;
    let now = beside::enum_labels(reader).await.map_err(failed())?;
    let enums = beside::relabelled(&then, &now);
    if enums.is_empty() {
        return Ok(());
    }
    Err(Error::Relabelled { database, enums })
}

/// Gives the locks up and takes them again, behind the sessions that waited for them.
pub(super) async fn yield_locks(leader: &mut Leader) -> Result<(), Error> {
    let sql = b"ROLLBACK TO SAVEPOINT locks";
    leader
        .session
        .execute(sql)
        .await
        .map_err(Error::database(leader.database.as_bstr()))?;
    take_locks(leader).await
}

fn lock_statements(tables: &[(u32, BString)]) -> Vec<Vec<u8>> {
    let mut statements: Vec<Vec<u8>> = vec![];
    for (_, name) in tables {
        match statements
            .last_mut()
            .filter(|sql| sql.len() + name.len() < LOCK_STATEMENT_BYTES)
        {
            Some(sql) => sql.extend_from_slice(b", "),
            None => statements.push(b"LOCK TABLE ".to_vec()),
        }
        if let Some(sql) = statements.last_mut() {
            sql.extend_from_slice(name);
        }
    }
    statements
        .iter_mut()
        .for_each(|sql| sql.extend_from_slice(b" IN ACCESS SHARE MODE"));
    statements
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locks_are_taken_in_statements_of_bounded_length() {
        let tables: Vec<(u32, BString)> = (0..20_000)
            .map(|n| (n, format!("public.t{n}").into()))
            .collect();
        let statements = lock_statements(&tables);
        assert!(
            statements.len() > 1
                && statements
                    .iter()
                    .all(|sql| sql.len() < LOCK_STATEMENT_BYTES + 100)
        );
        let named: usize = statements
            .iter()
            .map(|sql| sql.find_iter(b"public.t").count())
            .sum();
        assert_eq!(named, tables.len());
        assert!(lock_statements(&[]).is_empty());
    }
}
