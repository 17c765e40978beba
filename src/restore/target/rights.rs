//! What the user of a restore may do on the target when it is no superuser.
//!
//! The catalogs are asked, so the answer is PostgreSQL's own. `forbidden` judges entries by it.

use std::collections::{HashMap, HashSet};

use bstr::BString;

use super::session::set_role;
use crate::pg::{self, ServerConfig, Session};
use crate::restore::error::Error;
use crate::restore::options::RestoreOptions;

const SERVER: &[u8] = include_bytes!("sql/rights.sql");
const GRANTED_SETTINGS: &[u8] = include_bytes!("sql/granted_settings.sql");
const DATABASE: &[u8] = include_bytes!("sql/database_rights.sql");

/// Rights can be granted on parameters since this version.
const PARAMETER_GRANTS_SINCE: u32 = 150_000;

/// Rights by the action they allow, for instance `create extension`, and the object.
type Granted = HashMap<String, HashSet<BString>>;

/// All rights that matter here.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rights {
    server: Granted,
    /// Of databases that are there and are restored into.
    databases: HashMap<BString, Granted>,
}

impl Rights {
    /// Asks the server, and each database that is there and stays.
    pub(crate) async fn look(
        session: &mut Session,
        server: &ServerConfig,
        options: &RestoreOptions,
        names: &[&BString],
    ) -> Result<Self, Error> {
        let doing = "ask for the user's rights on the target server";
        let mut rights = Self {
            server: granted(session, SERVER)
                .await
                .map_err(Error::server(doing))?,
            databases: HashMap::new(),
        };
        if session.server_version().num() >= PARAMETER_GRANTS_SINCE {
            let more = granted(session, GRANTED_SETTINGS).await;
            for (what, names) in more.map_err(Error::server(doing))? {
                rights.server.entry(what).or_default().extend(names);
            }
        }
        for &name in names {
            let doing = || format!("ask for the user's rights in database \"{name}\"");
            let session = Session::connect(&server.with_dbname(name)).await;
            let mut session = set_role(session.map_err(Error::server(doing()))?, options).await?;
            let found = granted(&mut session, DATABASE).await;
            let found = found.map_err(Error::server(doing()))?;
            rights.databases.insert((*name).clone(), found);
        }
        Ok(rights)
    }

    /// Whether the server grants this right.
    pub(crate) fn may(&self, what: &str, on: &[u8]) -> bool {
        has(&self.server, what, on)
    }

    /// Whether the user may set this parameter, for a database or a role. One of an extension that is
    /// not loaded anybody may.
    pub(crate) fn may_set(&self, parameter: &[u8]) -> bool {
        // Not listed by pg_settings, and for everybody.
        const UNLISTED: [&[u8]; 2] = [b"role", b"session_authorization"];
        let parameter = parameter.to_ascii_lowercase();
        self.may("set", &parameter)
            || UNLISTED.contains(&parameter.as_slice())
            || (parameter.contains(&b'.') && !self.may("know", &parameter))
    }

    /// Whether a managed service may allow more than the catalogs say.
    pub(crate) fn is_managed(&self) -> bool {
        self.server.contains_key("managed")
    }

    /// The rights in a database that is there; `None` for one that the restore makes.
    pub(crate) fn in_database(&self, name: &BString) -> Option<DatabaseRights<'_>> {
        self.databases.get(name).map(DatabaseRights)
    }

    #[cfg(test)]
    pub(crate) fn of(rights: &[(&str, &str)]) -> Self {
        let mut found = Self::default();
        for (what, on) in rights {
            let names = found.server.entry((*what).to_owned()).or_default();
            names.insert(BString::from(*on));
        }
        found
    }
}

/// The rights in one database.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DatabaseRights<'a>(&'a Granted);

impl DatabaseRights<'_> {
    /// Whether the database grants this right, or has this.
    pub(crate) fn may(&self, what: &str, on: &[u8]) -> bool {
        has(self.0, what, on)
    }
}

fn has(granted: &Granted, what: &str, on: &[u8]) -> bool {
    granted
        .get(what)
        .is_some_and(|names| names.contains(&BString::from(on)))
}

async fn granted(session: &mut Session, sql: &[u8]) -> Result<Granted, pg::Error> {
    let mut granted = Granted::new();
    for row in session.query(sql, &[]).await? {
        let what = String::from_utf8_lossy(row.text(0)?).into_owned();
        granted.entry(what).or_default().insert(row.text(1)?.into());
    }
    Ok(granted)
}
