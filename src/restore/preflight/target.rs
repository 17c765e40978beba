//! What the target server says about itself.
//!
//! Reads only; a locale is tried by creating a temporary collation that is rolled back. Judging the
//! answers is `check`'s business.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use bstr::BString;

use super::Finding;
use super::locale::try_locale;
use super::rights::Rights;
use crate::digest::Sha256;
use crate::pg::{self, ServerConfig, Session};
use crate::restore::contents::{Contents, DatabaseContents};
use crate::restore::error::Error;
use crate::restore::journal::{self, Found};
use crate::restore::lock;
use crate::restore::maintenance::{Limit, Limits};
use crate::restore::options::RestoreOptions;
use crate::schema::journal::Schema;
use crate::toc::{ObjectKind, quote};

const SERVER: &[u8] = include_bytes!("../sql/target_server.sql");
const DATABASES: &[u8] = include_bytes!("../sql/target_databases.sql");
const SYSTEM_IDENTIFIER: &[u8] = include_bytes!("../sql/system_identifier.sql");
const NAMES: &[u8] = include_bytes!("../sql/target_names.sql");
const OBJECTS: &[u8] = include_bytes!("../sql/target_objects.sql");
const LIMITS: &[u8] = include_bytes!("../sql/target_limits.sql");
const FOLDER: &[u8] = include_bytes!("../sql/target_folder.sql");
const FOLDER_CONTENT: &[u8] = include_bytes!("../sql/target_folder_content.sql");

/// How long, and how often, sessions in a database that is to be dropped are waited for.
const SESSION_WAIT: Duration = Duration::from_millis(100);
const SESSION_WAITS_MAX: usize = 10;

/// The target server before anything was done.
#[derive(Debug, Clone, Default)]
pub(in crate::restore) struct Target {
    pub(in crate::restore) version_num: u32,
    pub(in crate::restore) version: String,
    /// What tells the server from others, where it says that.
    pub(in crate::restore) system_identifier: Option<String>,
    pub(in crate::restore) is_standby: bool,
    /// Whether transactions are read-only, a standby's among them.
    pub(in crate::restore) is_read_only: bool,
    pub(in crate::restore) user: BString,
    pub(in crate::restore) is_superuser: bool,
    pub(in crate::restore) may_create_databases: bool,
    pub(in crate::restore) may_create_roles: bool,
    /// Sessions that may still be opened, and those that are ours already.
    pub(in crate::restore) free_sessions: i64,
    pub(in crate::restore) own_sessions: i64,
    pub(in crate::restore) databases: HashMap<BString, TargetDatabase>,
    pub(in crate::restore) roles: HashSet<BString>,
    /// Those of them that are superusers.
    pub(in crate::restore) superusers: HashSet<BString>,
    pub(in crate::restore) tablespaces: HashSet<BString>,
    pub(in crate::restore) extensions: HashSet<BString>,
    /// Why a database could not be created with its locale, by its name on the target.
    pub(in crate::restore) locale_errors: BTreeMap<BString, String>,
    /// Why a tablespace to be created cannot have its folder, by tablespace.
    pub(in crate::restore) unusable_folders: BTreeMap<BString, String>,
    /// What it allows for building indexes.
    pub(in crate::restore) limits: Limits,
    /// What the user may do; of a superuser nothing is known.
    pub(in crate::restore) rights: Rights,
}

/// One database on the target.
#[derive(Debug, Clone, Default)]
pub(in crate::restore) struct TargetDatabase {
    pub(super) allows_connections: bool,
    /// Its owner.
    pub(in crate::restore) owner: BString,
    /// Sessions of others in it.
    pub(super) sessions: i64,
    /// The first of these sessions: who, from where, since when.
    pub(super) who: Vec<String>,
    /// How many objects it holds and one of them, where that was asked.
    pub(super) objects: Option<(i64, String)>,
    /// What an earlier restore has left behind.
    pub(in crate::restore) journal: Option<Found>,
    /// What its schema `pgark_restore` is.
    pub(super) schema: Schema,
}

/// Opens the session that creates databases and roles, and becomes `--role`.
///
/// The connection's own database is tried first, then those that every server has; one that is to be
/// dropped is of no use, and where none of them lets us in, a target will do.
pub(in crate::restore) async fn maintenance_session(
    server: &ServerConfig,
    options: &RestoreOptions,
    contents: &Contents,
) -> Result<Session, Error> {
    let targets = || contents.databases.iter().map(|database| &database.target);
    let drops = options.create && options.clean;
    let mut candidates: Vec<BString> = vec![server.database().into()];
    candidates.extend(["postgres", "template1"].map(BString::from));
    candidates.retain(|name| !drops || !targets().any(|target| target == name));
    if !drops {
        candidates.extend(targets().cloned());
    }
    let mut first_error = None;
    for name in candidates {
        match Session::connect(&server.with_dbname(&name)).await {
            Ok(session) => return set_role(session, options).await,
            Err(error) if !is_about_this_database(&error) => {
                first_error = Some(error);
                break;
            }
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    match first_error {
        Some(error) => Err(Error::server("connect to the target server")(error)),
        None => Err(Error::Preflight {
            problems: vec![nowhere_to_be()],
        }),
    }
}

/// What drops databases must be in another one.
fn nowhere_to_be() -> Finding {
    Finding::problem(
        "the databases \"postgres\" and \"template1\" cannot be replaced in one call: a session must be in one of \
         them to drop the other",
        "Restore one of them by a call of its own, leave out --clean to fill the ones that are there, or name a \
         database that stays with -d.",
    )
}

/// A session for the same purpose, later: on any database that lets us in.
pub(in crate::restore) async fn any_session(
    server: &ServerConfig,
    options: &RestoreOptions,
) -> Result<Session, Error> {
    let nothing = Contents {
        databases: Vec::new(),
        globals: None,
    };
    maintenance_session(server, options, &nothing).await
}

/// `invalid_catalog_name` and `insufficient_privilege`: another database may do.
fn is_about_this_database(error: &pg::Error) -> bool {
    matches!(error.sqlstate(), Some("3D000" | "42501"))
}

pub(super) async fn set_role(
    mut session: Session,
    options: &RestoreOptions,
) -> Result<Session, Error> {
    let mut sql = BString::from("SET statement_timeout = 0;\n");
    sql.extend_from_slice(&lock::wait(options));
    if let Some(role) = &options.role {
        sql.extend_from_slice(b"SET ROLE ");
        sql.extend_from_slice(&quote::ident(role));
    }
    match session.execute(&sql).await {
        Ok(()) => Ok(session),
        Err(error) => {
            let role = options.role.as_ref().map(ToString::to_string);
            let doing = format!("become role \"{}\"", role.unwrap_or_default());
            Err(Error::server(doing)(error))
        }
    }
}

impl Target {
    /// Asks the server for everything that `check` compares.
    pub(in crate::restore) async fn look(
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

    /// Looks for a journal in a database that is there and, where that matters, at what else it holds.
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

    /// Only who may read the server's files can know; for others nothing is found missing.
    async fn find_folders(&mut self, session: &mut Session, contents: &Contents) {
        let entries = contents.globals.iter().flat_map(|toc| &toc.entries);
        for entry in entries.filter(|entry| entry.kind == ObjectKind::Tablespace) {
            if self.tablespaces.contains(&entry.tag) {
                continue;
            }
            let Some(folder) = crate::restore::globals::tablespace_folder(entry.definition())
            else {
                continue;
            };
            if let Some(why) = why_unusable(session, &folder).await {
                self.unusable_folders.insert(entry.tag.clone(), why);
            }
        }
    }
}

/// What speaks against a folder for a tablespace (`create_tablespace_directories` in tablespace.c), as far as a
/// look can tell: whether the server may write there, only CREATE TABLESPACE shows.
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

/// What there is beyond the journal of a restore.
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

impl Target {
    /// Whether the tablespace is not there and could be created.
    pub(in crate::restore) fn lacks_tablespace(&self, name: &BString) -> bool {
        !self.tablespaces.contains(name) && self.why_no_tablespace(name).is_none()
    }

    /// Why a tablespace that is not there cannot be created.
    pub(super) fn why_no_tablespace(&self, name: &BString) -> Option<String> {
        if self.tablespaces.contains(name) {
            return None;
        }
        if let Some(why) = self.unusable_folders.get(name) {
            return Some(why.clone());
        }
        let why = format!("role \"{}\" is no superuser", self.user);
        (!self.is_superuser).then_some(why)
    }

    /// Whether the server knows databases of this locale provider.
    pub(super) fn has_provider(&self, provider: &str) -> bool {
        match provider {
            "icu" => self.version_num >= 150_000,
            "builtin" => self.version_num >= 170_000,
            _ => true,
        }
    }

    /// Whether a restore of several databases, one of them by this plan, came to its end, and only some of
    /// its journals were dropped.
    pub(in crate::restore) fn is_complete(&self, plan: &Sha256) -> bool {
        let journals = self
            .databases
            .values()
            .filter_map(|there| there.journal.as_ref());
        journals
            .into_iter()
            .any(|journal| journal.complete.contains(plan))
    }
}

impl TargetDatabase {
    /// Whether it is known to hold nothing.
    pub(in crate::restore) fn is_empty(&self) -> bool {
        self.objects.as_ref().is_some_and(|(count, _)| *count == 0)
    }
}
