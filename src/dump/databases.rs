//! Which databases are dumped, and on which of the servers that were given they are.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;

use bstr::BString;

use super::error::Error;
use super::options::{Databases, DumpOptions};
use super::room::Room;
use crate::archive::manifest::{LeftOut, Name, WhyLeftOut};
use crate::pg::{self, ServerConfig, Session};
use crate::schema::pattern;
use crate::schema::snapshot;

/// Databases that a server has unless somebody dropped them, to ask about the others.
const MAINTENANCE_DATABASES: [&[u8]; 2] = [b"postgres", b"template1"];
/// SQLSTATEs of a database that another one may stand in for: it does not exist, this role may not connect
/// to it, pg_hba.conf has no line for it, it takes no connections.
const CLOSED_DATABASE: [&str; 4] = ["3D000", "42501", "28000", "55000"];
/// The database that every server makes new ones of, and that few fill.
const TEMPLATE1: &[u8] = b"template1";
/// The database that keeps initdb's content for good.
const TEMPLATE0: &[u8] = b"template0";

/// The databases that a dump takes, and those that it leaves out.
pub(super) struct Choice {
    /// In the order in which they were named or else by name.
    pub(super) databases: Vec<BString>,
    /// Of all databases of the server, those that are not dumped.
    pub(super) left_out: Vec<LeftOut>,
    /// The one server among the hosts that were given.
    pub(super) server: ServerConfig,
    /// How many workers it has room for.
    pub(super) jobs: NonZeroUsize,
    /// The database that was asked, and the session on it. It may become a leader's.
    pub(super) asked: (BString, Session),
}

/// The databases to dump, and the one server among the hosts that were given on which they are. All that do
/// not exist are named at once.
pub(super) async fn choose(server: &ServerConfig, options: &DumpOptions) -> Result<Choice, Error> {
    let listed: &[BString] = match &options.databases {
        Databases::Listed(listed) => listed,
        Databases::All { .. } => &[],
    };
    let (asked, mut session) = any_session(server, listed).await?;
    snapshot::become_role(&mut session, options.role.as_ref()).await?;
    session
        .execute(b"SET client_encoding = 'SQL_ASCII'")
        .await?;
    let server = server.pinned_to(&session);
    let (databases, left_out) = match &options.databases {
        Databases::Listed(listed) => {
            let (missing, present) = unknown(&mut session, listed).await?;
            if !missing.is_empty() {
                return Err(Error::UnknownDatabases { missing, present });
            }
            (listed.clone(), vec![])
        }
        Databases::All { exclude } => all_but(&mut session, &server, options, exclude).await?,
    };
    if databases.is_empty() {
        return Err(Error::NoDatabases);
    }
    let room = Room::look(&mut session).await?;
    Ok(Choice {
        jobs: room.fit(&databases, options.jobs)?,
        databases,
        left_out,
        server,
        asked: (asked, session),
    })
}

/// A session on some database that exists: on the first that was listed, if it can be had.
async fn any_session(
    server: &ServerConfig,
    listed: &[BString],
) -> Result<(BString, Session), Error> {
    let own: &[u8] = server.dbname().as_bytes();
    let mut listed = listed.iter().map(|name| name.as_slice());
    let first = listed.next();
    let candidates = first
        .into_iter()
        .chain(MAINTENANCE_DATABASES)
        .chain([own])
        .chain(listed);
    let mut first_error = None;
    for name in candidates {
        match Session::connect(&server.with_dbname(name)).await {
            Ok(session) => return Ok((name.into(), session)),
            // No such database, or none that this role may connect to: another one may do.
            Err(error) if is_closed(&error) => {
                first_error.get_or_insert(error);
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(first_error.map_or(Error::NoDatabases, Error::from))
}

/// The listed databases that are not there, and all that are. Compared here and not by the server, to which a
/// name may be no text in its encoding.
async fn unknown(
    session: &mut Session,
    listed: &[BString],
) -> Result<(Vec<BString>, Vec<BString>), Error> {
    let sql = include_bytes!("sql/known_databases.sql");
    let rows = session.query(sql, &[]).await?;
    let known = rows
        .iter()
        .map(|row| Ok(row.text(0)?.into()))
        .collect::<Result<BTreeSet<BString>, Error>>()?;
    let missing = listed.iter().filter(|name| !known.contains(*name));
    Ok((missing.cloned().collect(), known.into_iter().collect()))
}

/// All databases but template0, as pg_dumpall's `dumpDatabases()` takes them; template1 only if it was
/// filled. Returns the databases to dump and the ones left out.
async fn all_but(
    session: &mut Session,
    server: &ServerConfig,
    options: &DumpOptions,
    exclude: &[BString],
) -> Result<(Vec<BString>, Vec<LeftOut>), Error> {
    let excluded = excluded(session, exclude).await?;
    let sql = include_bytes!("sql/all_databases.sql");
    let (mut databases, mut left_out) = (vec![], vec![]);
    for row in session.query(sql, &[]).await? {
        let name = BString::from(row.text(0)?);
        let (allows_connections, is_invalid) = (row.bool(1)?, row.bool(2)?);
        if name == TEMPLATE0 {
            continue;
        }
        let why = if excluded.contains(&name) {
            Some(WhyLeftOut::Excluded)
        } else if is_invalid {
            Some(WhyLeftOut::Invalid)
        } else if !allows_connections {
            Some(WhyLeftOut::NoConnections)
        } else if name == TEMPLATE1 {
            why_not_template1(server, options).await?
        } else {
            None
        };
        match why {
            None => databases.push(name),
            Some(why) => left_out.push(LeftOut {
                name: Name(name),
                why,
            }),
        }
    }
    Ok((databases, left_out))
}

/// The databases that the patterns name. Patterns of which none names anything are a mistake, as everywhere.
async fn excluded(session: &mut Session, patterns: &[BString]) -> Result<BTreeSet<BString>, Error> {
    let mut excluded = BTreeSet::new();
    for pattern in patterns {
        let regex = pattern::database(pattern);
        let sql = include_bytes!("sql/matching_databases.sql");
        for row in session.query(sql, &[Some(&regex)]).await? {
            excluded.insert(row.text(0)?.into());
        }
    }
    let is_name = |pattern: &BString| !pattern::has_wildcards(pattern);
    if excluded.is_empty() && patterns.iter().any(is_name) {
        return Err(Error::NothingMatches {
            option: "--exclude-database",
            patterns: patterns.to_vec(),
        });
    }
    Ok(excluded)
}

/// Why template1 is left out; none where it holds more than initdb put there. One that lets nobody in is
/// nothing to fail for: it was never dumped before somebody filled it.
async fn why_not_template1(
    server: &ServerConfig,
    options: &DumpOptions,
) -> Result<Option<WhyLeftOut>, Error> {
    let session = Session::connect(&server.with_dbname(TEMPLATE1)).await;
    let mut session = match session {
        Ok(session) => session,
        Err(error) if is_closed(&error) => return Ok(Some(WhyLeftOut::Closed)),
        Err(error) => return Err(error.into()),
    };
    snapshot::become_role(&mut session, options.role.as_ref()).await?;
    let sql = include_bytes!("sql/template1_holds_more.sql");
    let rows = session.query(sql, &[]).await?;
    let holds_more = rows.first().map_or(Ok(true), |row| row.bool(0))?;
    session.close().await;
    Ok((!holds_more).then_some(WhyLeftOut::Fresh))
}

/// Whether another database may do.
fn is_closed(error: &pg::Error) -> bool {
    error
        .sqlstate()
        .is_some_and(|state| CLOSED_DATABASE.contains(&state))
}
