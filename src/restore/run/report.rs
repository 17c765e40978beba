//! Collects failures, and the entries left out because of them, while workers go on.
//!
//! It holds facts. `cli::screen::summary` has the words for people.

use crate::restore::run::failed::{DISK_FULL, Failed};
use crate::restore::run::failing::Cause;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use bstr::BString;

use crate::monitor::units::counted;
use crate::monitor::{Event, Monitor};
use crate::restore::contents::DatabaseContents;
use crate::restore::outcome::{
    DatabaseOutcome, Failure, PhaseTime, RestoreOutcome, RoleOutcome, Skipped,
};
use crate::restore::plan::earlier::Earlier;
use crate::restore::run::failing::Loaded;
use crate::storage::Traffic;
use crate::toc::{ObjectKind, TocEntry};

/// How many tables a notice names.
const NAMED_MAX: usize = 10;

/// The growing report of a restore.
pub(crate) struct Report {
    monitor: Monitor,
    databases: Vec<DatabaseOutcome>,
    failures: Vec<Failure>,
    /// What the user should know and need not act upon.
    notices: Vec<String>,
    skipped: Vec<Skipped>,
    globals: u64,
    roles: RoleOutcome,
    tablespaces: Vec<BString>,
    archive_bytes_read: u64,
    /// Databases that could not be made. The whole content of each is reported as one item.
    abandoned: Vec<usize>,
    /// Databases whose one transaction (`-1`) was committed.
    committed: Vec<usize>,
    /// What the target said when its disk was full, which ends the restore.
    full: Option<String>,
    /// Objects that are missing because the archive is damaged (`--skip-damaged`).
    damaged: Vec<Skipped>,
    /// Whether another restore can do the rest with the help of the journals.
    is_resumable: bool,
    /// Tables without statistics, because foreign servers would have to be asked, by database.
    unasked: BTreeMap<usize, BTreeSet<BString>>,
    /// Whether it was said that there is no journal.
    is_told: bool,
    /// Chunks loaded of tables that are not complete.
    partial: HashMap<(usize, BString, BString), usize>,
    /// Positions in `failures` by database and entry.
    by_entry: HashMap<(usize, usize), usize>,
}

impl Report {
    /// An empty report over these databases.
    pub(crate) fn new(monitor: Monitor, databases: Vec<DatabaseOutcome>) -> Self {
        Self {
            monitor,
            databases,
            notices: Vec::new(),
            failures: Vec::new(),
            skipped: Vec::new(),
            globals: 0,
            roles: RoleOutcome::default(),
            tablespaces: Vec::new(),
            archive_bytes_read: 0,
            abandoned: Vec::new(),
            committed: Vec::new(),
            full: None,
            damaged: Vec::new(),
            is_resumable: false,
            unasked: BTreeMap::new(),
            is_told: false,
            partial: HashMap::new(),
            by_entry: HashMap::new(),
        }
    }

    /// The outcomes of an ended restore, behind these notices of its beginning.
    pub(crate) fn into_outcome(self, mut notices: Vec<String>) -> RestoreOutcome {
        notices.extend(self.notices);
        RestoreOutcome {
            databases: self.databases,
            failures: self.failures,
            skipped: self.skipped,
            notices,
            globals: self.globals,
            roles: self.roles,
            tablespaces: self.tablespaces,
            archive_bytes_read: self.archive_bytes_read,
            reads: Traffic::default(),
            full: self.full,
            damaged: self.damaged,
            is_resumable: self.is_resumable,
        }
    }

    /// Notes what a damaged archive cannot give (`--skip-damaged`).
    pub(crate) fn miss(&mut self, damaged: Vec<Skipped>) {
        self.damaged.extend(damaged);
    }

    /// Notes that these things are left out.
    pub(crate) fn skip_all(&mut self, skipped: Vec<Skipped>) {
        self.skipped.extend(skipped);
    }

    /// Notes the roles of the archive that the target had before.
    pub(crate) fn roles_existed(&mut self, roles: Vec<BString>) {
        self.roles.existed = roles;
    }

    /// Counts a role, membership, setting or tablespace that was restored. `changed` is the role of the
    /// target that it changes, if any.
    pub(crate) fn global_done(&mut self, entry: &TocEntry, changed: Option<&BString>) {
        self.globals += 1;
        match entry.kind {
            ObjectKind::Tablespace => self.tablespaces.push(entry.tag.clone()),
            ObjectKind::Role => self.roles.created.push(entry.tag.clone()),
            _ => {}
        }
        if let Some(role) = changed
            && !self.roles.changed.contains(role)
        {
            self.roles.changed.push(role.clone());
        }
    }

    /// Counts an entry that is restored.
    pub(crate) fn entry_done(&mut self, database: usize) {
        self.databases[database].entries += 1;
    }

    /// Gives up a database that could not be created, with all its `left_out` entries.
    pub(crate) fn abandon(&mut self, database: usize, left_out: usize) {
        self.abandoned.push(database);
        let target = self.databases[database].target.clone();
        let left_out = counted(left_out as u64, "entry", "entries");
        self.skip(
            target,
            left_out,
            "the database could not be created".to_owned(),
        );
    }

    pub(crate) fn is_abandoned(&self, database: usize) -> bool {
        self.abandoned.contains(&database)
    }

    /// Notes that the only transaction of a database (`-1`) is committed.
    pub(crate) fn committed(&mut self, database: usize) {
        self.committed.push(database);
    }

    pub(crate) fn is_committed(&self, database: usize) -> bool {
        self.committed.contains(&database)
    }

    /// Notes how long each phase of a database took.
    pub(crate) fn took(&mut self, database: usize, phases: Vec<PhaseTime>, elapsed: Duration) {
        let outcome = &mut self.databases[database];
        (outcome.phases, outcome.elapsed) = (phases, elapsed);
    }

    /// The failures so far.
    pub(crate) fn failures(&self) -> &[Failure] {
        &self.failures
    }

    /// The target's message when its disk was full. It ends the restore.
    pub(crate) fn full(&self) -> Option<&str> {
        self.full.as_deref()
    }

    /// Replaces the message of a full disk by a fuller one.
    pub(crate) fn explain_full(&mut self, text: String) {
        self.full = Some(text);
    }

    /// Takes the report at the end. `is_resumable` says whether the journals let another restore go on.
    pub(crate) fn end(&mut self, is_resumable: bool) -> Self {
        self.is_resumable = is_resumable;
        let empty = Self::new(self.monitor.clone(), Vec::new());
        std::mem::replace(self, empty)
    }

    /// Counts what an earlier restore has done in a database.
    pub(crate) fn earlier(
        &mut self,
        database: usize,
        contents: &DatabaseContents,
        earlier: &Earlier,
    ) {
        for &position in &earlier.restored {
            let entry = &contents.toc.entries[position];
            if let Some(data) = contents.chunks.get(&entry.dump_id) {
                self.loaded(database, entry, data.chunk_count, Loaded::before(data));
            }
        }
        let outcome = &mut self.databases[database];
        outcome.earlier = earlier.restored.len() as u64;
        outcome.entries = outcome.earlier;
        for &(position, taken) in &earlier.taken {
            let entry = &contents.toc.entries[position];
            let data = contents.chunks.get(&entry.dump_id);
            let sent = data.and_then(|data| data.rows).unwrap_or(0);
            let failed = Failed {
                object: contents.describe(entry),
                kind: &entry.kind,
                statement: entry.copy_stmt.as_ref().map_or(b"", |sql| sql.as_slice()),
                cause: Cause::Rows { sent, taken },
            };
            self.fail_entry(database, position, failed);
        }
    }

    /// Says that no journal is kept, once for all databases.
    pub(crate) fn no_journal(&mut self, text: String) {
        if !std::mem::replace(&mut self.is_told, true) {
            self.notice(text);
        }
    }

    /// Notes tables that got no statistics, because foreign servers would have to be asked for them.
    pub(crate) fn unasked(&mut self, database: usize, tables: Vec<BString>) {
        if !tables.is_empty() {
            self.unasked.entry(database).or_default().extend(tables);
        }
    }

    /// Says which tables got no statistics, in one notice for each database.
    pub(crate) fn tell_unasked(&mut self) {
        for (database, tables) in std::mem::take(&mut self.unasked) {
            let target = self.databases[database].target.clone();
            let named: Vec<String> = tables
                .iter()
                .take(NAMED_MAX)
                .map(BString::to_string)
                .collect();
            let more = match tables.len() - named.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            self.notice(format!(
                "database \"{target}\": no statistics for {}{more} as a whole: part of the rows is on foreign \
                 servers, which a restore asks only with --foreign-statistics",
                named.join(", ")
            ));
        }
    }

    /// Under `-1`: nothing of this database was committed.
    pub(crate) fn roll_back(&mut self, database: usize) {
        let outcome = &mut self.databases[database];
        *outcome = DatabaseOutcome {
            source: std::mem::take(&mut outcome.source),
            target: std::mem::take(&mut outcome.target),
            wanted: std::mem::take(&mut outcome.wanted),
            is_rolled_back: true,
            ..DatabaseOutcome::default()
        };
        let target = outcome.target.clone();
        let because = "its only transaction (-1) was rolled back".to_owned();
        self.skip(target, "everything".to_owned(), because);
    }

    /// Counts a chunk, one of `of`, that was loaded.
    pub(crate) fn loaded(&mut self, database: usize, entry: &TocEntry, of: usize, loaded: Loaded) {
        self.archive_bytes_read += loaded.stored_bytes;
        let outcome = &mut self.databases[database];
        outcome.rows += loaded.rows;
        outcome.raw_bytes += loaded.raw_bytes;
        if entry.kind != ObjectKind::TableData {
            return;
        }
        let table = (database, entry.schema().into(), entry.tag.clone());
        let chunks = self.partial.entry(table.clone()).or_default();
        *chunks += 1;
        if *chunks == of {
            outcome.tables += 1;
            self.partial.remove(&table);
        }
    }

    /// Whether nothing failed, and nothing was missing in the archive.
    pub(crate) fn is_faultless(&self) -> bool {
        self.failures.is_empty() && self.damaged.is_empty()
    }

    /// Notes what the user should know and need not act upon.
    pub(crate) fn notice(&mut self, text: String) {
        self.monitor.notice(&text);
        self.notices.push(text);
    }

    /// Notes that something in `database` failed (its name on the target; empty for globals).
    pub(crate) fn fail(&mut self, database: BString, failed: Failed<'_>) {
        let failure = failed.into_failure(database);
        if failure.sqlstate.as_deref() == Some(DISK_FULL)
            && self.full.replace(failure.message.clone()).is_some()
        {
            // Several workers meet it at once; one of them says enough.
            return;
        }
        let place = match failure.database.as_slice() {
            b"" => String::new(),
            _ => format!("database \"{}\": ", failure.database),
        };
        let text = format!("{place}{}: {}", failure.object, failure.message);
        self.monitor.event(Event::Problem(text));
        self.failures.push(failure);
    }

    /// The same for an entry, so that its dependants can be listed with it.
    pub(crate) fn fail_entry(&mut self, database: usize, entry: usize, failed: Failed<'_>) {
        let first = self.failures.len();
        self.by_entry.entry((database, entry)).or_insert(first);
        self.fail(self.databases[database].target.clone(), failed);
    }

    /// Notes that an entry was left out because another one failed.
    pub(crate) fn skip_entry(&mut self, database: usize, cause: usize, object: String) {
        let position = self.by_entry.get(&(database, cause));
        let failure = position.and_then(|&position| self.failures.get_mut(position));
        let because = match failure {
            Some(failure) => {
                failure.skipped.push(object.clone());
                format!("{} failed", failure.object)
            }
            None => "an object it depends on failed".to_owned(),
        };
        self.skip(self.databases[database].target.clone(), object, because);
    }

    /// Notes that something was left out.
    pub(crate) fn skip(&mut self, database: BString, object: String, because: String) {
        self.skipped.push(Skipped {
            database,
            object,
            because,
        });
    }
}
