//! A restore as a script for psql instead of a server: `-f`.
//!
//! ```text
//! mod      which entries, in which order      as `RestoreArchive` does it with one session
//! output   statements, comments, \connect     the script's own syntax
//! data     rows and large objects             streamed, a block at a time
//! commits  BEGIN and COMMIT
//! ```
//!
//! The statements are pg_restore's for the same archive and the same options. A script of one named database
//! is about that database only. One of several, or of the whole archive, begins with roles and tablespaces
//! and connects to each database in turn, as pg_dumpall's does. No server is asked, so `preflight` has no
//! part in it.

mod commits;
mod data;
mod output;
mod restrict_key;

use std::io::Write;

use super::adapt::roles;
use super::contents::{Contents, DatabaseContents};
use super::error::Error;
use super::options::RestoreOptions;
use super::plan;
use super::plan::graph::{Stage, pass};
use super::select::Need;
use super::statements::{Defaults, IfExists, Triggers, drop, script_prelude};
use crate::monitor::{Event, Monitor, Phase};
use crate::restore::plan::globals::is_asked_for;
use crate::restore::statements::{Owners, creation};
use crate::source::{Origin, Source};
use crate::storage::Store;
use crate::toc::{ObjectKind, Toc, TocEntry};

use output::Output;

pub use restrict_key::RestrictKey;

/// Writes the script that restores the part of the archive in `store` that `options` choose.
///
/// The script is complete if this returns without an error, and only then.
pub async fn script(
    store: &Store,
    options: &RestoreOptions,
    key: &RestrictKey,
    out: &mut (dyn Write + Send),
    monitor: &Monitor,
) -> Result<(), Error> {
    tokio::select! {
        written = write_script(store, options, key, out, monitor) => written,
        () = monitor.interrupted() => Err(Error::Interrupted),
    }
}

async fn write_script(
    store: &Store,
    options: &RestoreOptions,
    key: &RestrictKey,
    out: &mut (dyn Write + Send),
    monitor: &Monitor,
) -> Result<(), Error> {
    options.check()?;
    monitor.event(Event::Phase(Phase::Schema));
    let source = Source::open(store.clone()).await?;
    let mut contents = Contents::read(&source, options).await?;
    for notice in roles::map(&mut contents, &source, &options.map_roles).await? {
        monitor.notice(notice);
    }
    let (filters, notices) = plan::filters(&contents, options)?;
    for notice in notices {
        monitor.notice(notice);
    }
    let needs: Vec<Vec<Need>> = contents
        .databases
        .iter()
        .map(|database| plan::needs(database, options, &filters))
        .collect();
    announce(&contents, &needs, monitor);
    let mut script = Script {
        source,
        options,
        monitor,
        out: Output::new(out, key),
        actions: 0,
        is_set: false,
    };
    script.write(&contents, &needs).await
}

fn announce(contents: &Contents, needs: &[Vec<Need>], monitor: &Monitor) {
    let (mut tasks, mut bytes) = (0, 0);
    for (database, needs) in contents.databases.iter().zip(needs) {
        for (entry, need) in database.toc.entries.iter().zip(needs) {
            tasks += u64::from(need.any());
            let data = database.chunks.get(&entry.dump_id).filter(|_| need.data);
            bytes += data.map_or(0, |data| data.weight());
        }
    }
    monitor.event(Event::Total { tasks, bytes });
    monitor.event(Event::Phase(Phase::Data));
}

/// A script that is being written.
struct Script<'a> {
    source: Source,
    options: &'a RestoreOptions,
    monitor: &'a Monitor,
    out: Output<'a>,
    /// The number of actions since the last commit, where that is counted.
    actions: usize,
    /// Whether the script is of more than one database.
    is_set: bool,
}

/// One database and the wanted part of it.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    database: &'a DatabaseContents,
    needs: &'a [Need],
    triggers: Triggers,
}

impl<'a> Wanted<'a> {
    fn entries(self) -> impl DoubleEndedIterator<Item = (&'a TocEntry, Need)> {
        let entries = self.database.toc.entries.iter().zip(self.needs);
        entries
            .map(|(entry, need)| (entry, *need))
            .filter(|(_, need)| need.any())
    }
}

impl Script<'_> {
    async fn write(&mut self, contents: &Contents, needs: &[Vec<Need>]) -> Result<(), Error> {
        // An archive of pg_dump's is no set: its script is for whatever database psql is told.
        let is_pg_dumps = matches!(self.source.origin(), Origin::PgDump { .. });
        let is_set = !is_pg_dumps && !matches!(self.options.databases.as_slice(), [_]);
        self.is_set = is_set;
        self.out.begin(is_set)?;
        if is_set && let Some(toc) = &contents.globals {
            self.globals(toc)?;
        }
        for (database, needs) in contents.databases.iter().zip(needs) {
            self.out.database_heading(database, is_set)?;
            if is_set && !self.options.create {
                self.out.connect(&database.target)?;
            }
            self.database(Wanted {
                database,
                needs,
                triggers: plan::triggers(&database.toc, needs, self.options),
            })
            .await?;
        }
        self.out.end(is_set)
    }

    /// Roles, memberships and tablespaces, whatever the server has. As in a script of pg_dumpall, creating an
    /// existing one fails.
    fn globals(&mut self, toc: &Toc) -> Result<(), Error> {
        self.out.sql(&script_prelude(toc, self.options))?;
        for entry in &toc.entries {
            if is_asked_for(entry, self.options) {
                self.out.heading(entry, Owners::Skip)?;
                for sql in creation(toc, entry, Owners::Skip) {
                    self.out.sql(&sql)?;
                }
            }
        }
        Ok(())
    }

    async fn database(&mut self, wanted: Wanted<'_>) -> Result<(), Error> {
        self.begin_database()?;
        self.settings(wanted.database)?;
        if self.options.clean {
            self.drops(wanted)?;
        }
        let stages = [
            Stage::Main,
            Stage::Acl,
            Stage::PostAcl,
            Stage::EventTriggers,
        ];
        for stage in stages {
            for (entry, need) in wanted.entries().filter(|(entry, _)| pass(entry) == stage) {
                self.entry(wanted, entry, need).await?;
            }
        }
        self.end_database()
    }

    fn settings(&mut self, database: &DatabaseContents) -> Result<(), Error> {
        let prelude = script_prelude(&database.toc, self.options);
        self.out
            .new_session(&prelude, Defaults::of(&database.toc))?;
        self.begin_counting()
    }

    /// With `--create` the database as a whole, at this point there is no other to drop from.
    fn drops(&mut self, wanted: Wanted<'_>) -> Result<(), Error> {
        let if_exists = if self.options.if_exists {
            IfExists::PassOver
        } else {
            IfExists::Fail
        };
        for (entry, _) in wanted.entries().rev() {
            // A command that is empty is an action too.
            if entry.drop_stmt.is_none() || (self.options.create && !entry.kind.is_database()) {
                continue;
            }
            if entry.kind.is_database() {
                self.step_out()?;
            }
            self.become_owner(entry)?;
            if let Some(sql) = drop(entry, if_exists) {
                self.out.sql(&sql)?;
            }
            self.dropped(entry)?;
        }
        Ok(())
    }

    async fn entry(
        &mut self,
        wanted: Wanted<'_>,
        entry: &TocEntry,
        need: Need,
    ) -> Result<(), Error> {
        if self.monitor.is_interrupted() {
            return Err(Error::Interrupted);
        }
        let subject = wanted.database.describe(entry);
        self.monitor.event(Event::Started { worker: 0, subject });
        if need.definition || !entry.had_dumper {
            self.definition(wanted.database, entry)?;
        }
        if need.data && entry.had_dumper {
            self.data(wanted, entry).await?;
        }
        self.acted()?;
        self.monitor.event(Event::Finished { worker: 0 });
        Ok(())
    }

    fn owners(&self) -> Owners {
        Owners::of(self.options)
    }

    /// Whom psql's session is for an entry, where owners do their own work (`_becomeOwner`).
    fn become_owner(&mut self, entry: &TocEntry) -> Result<(), Error> {
        if self.owners() != Owners::Become {
            return Ok(());
        }
        let owner = entry.owner.as_ref().filter(|owner| !owner.is_empty());
        self.out.become_user(owner)
    }

    fn definition(&mut self, database: &DatabaseContents, entry: &TocEntry) -> Result<(), Error> {
        let owners = self.owners();
        if entry.kind.is_database() {
            self.step_out()?;
        }
        self.become_owner(entry)?;
        self.out.switch_defaults(entry)?;
        self.out.heading(entry, owners)?;
        // A script of a set goes to a whole server, which has some databases by itself.
        let is_there = self.is_set && self.options.fills(&database.target);
        for sql in creation(&database.toc, entry, owners) {
            if !(is_there && sql.starts_with(b"CREATE DATABASE ")) {
                self.out.sql(&sql)?;
            }
        }
        self.defined(entry);
        if matches!(entry.kind, ObjectKind::Acl | ObjectKind::DefaultAcl) {
            self.out.forget_user();
        }
        // A database is entered as soon as it is there, and again once it has its settings.
        if entry.kind.is_database() {
            self.out.connect(&database.target)?;
            self.settings(database)?;
        }
        Ok(())
    }
}
