//! Which databases are dumped, and on which of the servers that were given they are.

use std::collections::BTreeSet;

use bstr::BString;

use super::error::Error;
use super::options::{Databases, DumpOptions};
use crate::pg::{ServerConfig, Session};
use crate::schema::pattern;

/// Databases that a server has unless somebody dropped them, to ask about the others.
const MAINTENANCE_DATABASES: [&[u8]; 2] = [b"postgres", b"template1"];
/// SQLSTATEs of a database that another one may stand in for: it does not exist, this role may not connect
/// to it, pg_hba.conf has no line for it, it takes no connections.
const CLOSED_DATABASE: [&str; 4] = ["3D000", "42501", "28000", "55000"];
/// The databases to dump, in the order in which they were named or else by name, and the one server among
/// the hosts that were given on which they are. All that do not exist are named at once.
pub(super) async fn choose(
    server: &ServerConfig,
    options: &DumpOptions,
) -> Result<(Vec<BString>, ServerConfig), Error> {
    let listed: &[BString] = match &options.databases {
        Databases::Listed(listed) => listed,
        Databases::All { .. } => &[],
    };
    let mut session = maintenance_session(server, listed).await?;
    session
        .execute(b"SET client_encoding = 'SQL_ASCII'")
        .await?;
    let databases = match &options.databases {
        Databases::Listed(listed) => {
            let (missing, present) = unknown(&mut session, listed).await?;
            if !missing.is_empty() {
                return Err(Error::UnknownDatabases { missing, present });
            }
            listed.clone()
        }
        Databases::All { exclude } => all_but(&mut session, exclude).await?,
    };
    let server = server.pinned_to(&session);
    session.close().await;
    if databases.is_empty() {
        Err(Error::NoDatabases)
    } else {
        Ok((databases, server))
    }
}

/// A session on some database that exists.
async fn maintenance_session(server: &ServerConfig, listed: &[BString]) -> Result<Session, Error> {
    let own: &[u8] = server.dbname().as_bytes();
    let candidates = MAINTENANCE_DATABASES
        .into_iter()
        .chain([own])
        .chain(listed.iter().map(|name| name.as_slice()));
    let mut first_error = None;
    for name in candidates {
        match Session::connect(&server.with_dbname(name)).await {
            Ok(session) => return Ok(session),
            // No such database, or none that this role may connect to: another one may do.
            Err(error)
                if error
                    .sqlstate()
                    .is_some_and(|state| CLOSED_DATABASE.contains(&state)) =>
            {
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

async fn all_but(session: &mut Session, exclude: &[BString]) -> Result<Vec<BString>, Error> {
    let mut excluded: Vec<BString> = vec![];
    for pattern in exclude {
        let regex = pattern::database(pattern);
        let sql = include_bytes!("sql/matching_databases.sql");
        for row in session.query(sql, &[Some(&regex)]).await? {
            excluded.push(row.text(0)?.into());
        }
    }
    let rows = session
        .query(include_bytes!("sql/database_names.sql"), &[])
        .await?;
    let all = rows
        .iter()
        .map(|row| Ok(row.text(0)?.into()))
        .collect::<Result<Vec<BString>, Error>>()?;
    Ok(all
        .into_iter()
        .filter(|name| !excluded.contains(name))
        .collect())
}
