//! What the target server says about itself.
//!
//! Reads only; a locale is tried by creating a temporary collation that is rolled back. Judging the
//! answers is `check`'s business.

use super::facts::{Target, TargetDatabase};
use super::session::set_role;
use std::time::Duration;

use bstr::BString;

use super::locale::try_locale;
use super::rights::Rights;
use crate::pg::{self, ServerConfig, Session};
use crate::restore::contents::{Contents, DatabaseContents};
use crate::restore::error::Error;
use crate::restore::finding::Finding;
use crate::restore::journal::{self};
use crate::restore::options::RestoreOptions;
use crate::restore::target::limits::Limit;
use crate::schema::journal::Schema;
use crate::toc::ObjectKind;

const SERVER: &[u8] = include_bytes!("sql/server.sql");
const DATABASES: &[u8] = include_bytes!("sql/databases.sql");
const SYSTEM_IDENTIFIER: &[u8] = include_bytes!("sql/system_identifier.sql");
const NAMES: &[u8] = include_bytes!("sql/names.sql");
const OBJECTS: &[u8] = include_bytes!("sql/objects.sql");
const LIMITS: &[u8] = include_bytes!("sql/limits.sql");
const FOLDER: &[u8] = include_bytes!("sql/folder.sql");
const FOLDER_CONTENT: &[u8] = include_bytes!("sql/folder_content.sql");

/// How long, and how often, sessions in a database that is to be dropped are waited for.
const SESSION_WAIT: Duration = Duration::from_millis(100);
const SESSION_WAITS_MAX: usize = 10;

impl Target {
    /// Asks the server for everything that `check` compares.
    pub(crate) async fn look(
        session: &mut Session,
        server: &ServerConfig,
        options: &RestoreOptions,
        contents: &Contents,
    ) -> Result<Self, Error> {
        let mut target = Self::of_server(session)
            .await
            .map_err(Error::server("ask the target server about itself"))?;
        if let Some(problem) = target.takes_no_changes() {
            return Err(Error::Preflight {
                problems: vec![problem],
            });
        }
        let is_replaced = options.create && options.clean && !options.resume;
        if is_replaced {
            let awaited = target.await_sessions(session, contents).await;
            awaited.map_err(Error::server("ask the target server about its sessions"))?;
            let named = target.name_sessions(session, contents).await;
            named.map_err(Error::server("ask the target server about its sessions"))?;
        }
        for database in contents.databases.iter().filter(|_| !is_replaced) {
            target.look_into(server, database, options).await?;
        }
        if options.create {
            for database in &contents.databases {
                if let Some(error) = try_locale(session, &target, database).await {
                    target.locale_errors.insert(database.target.clone(), error);
                }
            }
        }
        target.find_folders(session, contents).await;
        if !target.is_superuser {
            let names = contents.databases.iter().map(|database| &database.target);
            let is_open = |name: &&BString| {
                let found = target.databases.get(*name);
                found.is_some_and(|found| found.allows_connections)
                    && (!options.create || options.fills(name))
            };
            let names: Vec<&BString> = names.filter(is_open).collect();
            target.rights = Rights::look(session, server, options, &names).await?;
        }
        Ok(target)
    }

    async fn read_databases(&mut self, session: &mut Session) -> Result<(), pg::Error> {
        for row in session.query(DATABASES, &[]).await? {
            let database = TargetDatabase {
                allows_connections: row.bool(1)?,
                sessions: row.i64(2)?,
                owner: row.text(3)?.into(),
                ..TargetDatabase::default()
            };
            self.databases.insert(row.text(0)?.into(), database);
        }
        Ok(())
    }

    /// A session that was just closed is there for a moment yet, and keeps a database from being dropped.
    async fn await_sessions(
        &mut self,
        session: &mut Session,
        contents: &Contents,
    ) -> Result<(), pg::Error> {
        let names = || contents.databases.iter().map(|database| &database.target);
        for _ in 0..SESSION_WAITS_MAX {
            let mut there = names().filter_map(|name| self.databases.get(name));
            if !there.any(|database| database.sessions > 0) {
                break;
            }
            tokio::time::sleep(SESSION_WAIT).await;
            self.read_databases(session).await?;
        }
        Ok(())
    }

    async fn of_server(session: &mut Session) -> Result<Self, pg::Error> {
        let rows = session.query(SERVER, &[]).await?;
        let row = rows.first().ok_or_else(|| pg::Error::Setting {
            what: "the server does not know its own user".to_owned(),
        })?;
        let number = |text: &str| text.parse::<i64>().unwrap_or(0);
        let is_superuser = row.bool(4)?;
        let reserved = if is_superuser { 0 } else { number(row.str(8)?) };
        let mut target = Self {
            version_num: session.server_version().num(),
            version: session.server_version_text().to_owned(),
            is_standby: row.bool(1)?,
            is_read_only: row.bool(2)?,
            user: row.text(3)?.into(),
            is_superuser,
            may_create_databases: row.bool(5)?,
            may_create_roles: row.bool(6)?,
            free_sessions: number(row.str(7)?) - reserved - row.i64(9)?,
            ..Self::default()
        };
        // Not every server says it to everybody.
        if let Ok(rows) = session.query(SYSTEM_IDENTIFIER, &[]).await {
            let first = rows.first().and_then(|row| row.str(0).ok());
            target.system_identifier = first.map(str::to_owned);
        }
        for row in session.query(LIMITS, &[]).await? {
            let limits = &mut target.limits;
            let limit = match row.str(0)? {
                "maintenance_work_mem" => &mut limits.maintenance_work_mem,
                "shared_buffers" => &mut limits.shared_buffers,
                _ => &mut limits.max_parallel_maintenance_workers,
            };
            *limit = Limit {
                value: u64::try_from(number(row.str(1)?)).unwrap_or(0),
                is_chosen: row.bool(2)?,
            };
        }
        target.read_databases(session).await?;
        for row in session.query(NAMES, &[]).await? {
            let names = match row.str(0)? {
                "role" => &mut target.roles,
                "superuser" => &mut target.superusers,
                "tablespace" => &mut target.tablespaces,
                _ => &mut target.extensions,
            };
            names.insert(row.text(1)?.into());
        }
        Ok(target)
    }

    /// Looks for a journal in an existing database and, where that matters, at its other content.
    async fn look_into(
        &mut self,
        server: &ServerConfig,
        database: &DatabaseContents,
        options: &RestoreOptions,
    ) -> Result<(), Error> {
        let Some(found) = self.databases.get_mut(&database.target) else {
            return Ok(());
        };
        if !found.allows_connections {
            return Ok(());
        }
        let must_be_empty = options.creates_objects()
            && (!options.create || options.fills(&database.target))
            && !options.clean
            && !options.allow_non_empty;
        let doing = format!("look into database \"{}\"", database.target);
        let look = async {
            let session = Session::connect(&server.with_dbname(&database.target)).await;
            let session = session.map_err(Error::server(doing.as_str()))?;
            // A journal belongs to the role that the restore becomes.
            let mut session = set_role(session, options).await?;
            let read = journal::store::read(&mut session).await;
            let (schema, journal) = read.map_err(Error::server(doing.as_str()))?;
            // One in which nothing is noted is in nobody's way.
            found.journal = journal.filter(|found| options.resume || found.begun_entries > 0);
            if found.journal.is_none() && (must_be_empty || options.resume) {
                let objects = count_objects(&mut session, &schema).await;
                found.objects = objects.map_err(Error::server(doing.as_str()))?;
            }
            found.schema = schema;
            Ok(())
        };
        look.await
    }

    /// Why nothing can be restored here at all: there is no use in looking further.
    fn takes_no_changes(&self) -> Option<Finding> {
        if self.is_standby {
            let text = "the target server is a standby, which takes no changes";
            return Some(Finding::problem(text, "Restore into the primary server."));
        }
        let hint = "The server's configuration says default_transaction_read_only = on; if you may write, \
                    PGOPTIONS='-c default_transaction_read_only=off' says so.";
        let text = "the target server takes no changes: its transactions are read-only";
        self.is_read_only.then(|| Finding::problem(text, hint))
    }

    /// Only a user who may read the server's files can know; for others nothing is found missing.
    async fn find_folders(&mut self, session: &mut Session, contents: &Contents) {
        let entries = contents.globals.iter().flat_map(|toc| &toc.entries);
        for entry in entries.filter(|entry| entry.kind == ObjectKind::Tablespace) {
            if self.tablespaces.contains(&entry.tag) {
                continue;
            }
            let Some(folder) = crate::restore::statements::tablespace_folder(entry.definition())
            else {
                continue;
            };
            if let Some(why) = why_unusable(session, &folder).await {
                self.unusable_folders.insert(entry.tag.clone(), why);
            }
        }
    }
}

/// Faults of a folder for a tablespace (`create_tablespace_directories` in tablespace.c), as far as a look
/// can tell. Only CREATE TABLESPACE shows whether the server may write there.
async fn why_unusable(session: &mut Session, folder: &BString) -> Option<String> {
    let answer = session.query(FOLDER, &[Some(folder)]).await.ok()?;
    if !answer.first()?.bool(0).ok()? {
        return Some(format!("there is no folder {folder}"));
    }
    let own = format!("PG_{}_", session.server_version().major());
    match session.query(FOLDER_CONTENT, &[Some(folder)]).await {
        Ok(rows) => {
            let names = rows.iter().filter_map(|row| row.text(0).ok());
            let mut taken = names.filter(|name| name.starts_with(own.as_bytes()));
            let why = format!("folder {folder} holds a tablespace of such a server already");
            taken.next().map(|_| why)
        }
        Err(error) => {
            let message = &error.db()?.message;
            Some(format!("the server cannot use folder {folder}: {message}"))
        }
    }
}

/// The content beside the journal of a restore.
async fn count_objects(
    session: &mut Session,
    schema: &Schema,
) -> Result<Option<(i64, String)>, pg::Error> {
    let journal = schema.journal_oid().to_string();
    let rows = session.query(OBJECTS, &[Some(journal.as_bytes())]).await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let example = String::from_utf8_lossy(row.get(1).unwrap_or_default());
    Ok(Some((row.i64(0)?, example.into_owned())))
}
