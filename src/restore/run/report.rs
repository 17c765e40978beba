//! Collects failures and what was left out because of them, while workers go on.
//!
//! Not here: the words for people (`cli::report`); this is where the facts come from.

use crate::restore::run::failing::Cause;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use bstr::{BString, ByteSlice};

use crate::monitor::units::counted;
use crate::monitor::{Event, Monitor, chain};
use crate::restore::contents::DatabaseContents;
use crate::restore::outcome::{DatabaseOutcome, Failure, RoleOutcome, Skipped};
use crate::restore::plan::earlier::Earlier;
use crate::restore::run::failing::Loaded;
use crate::restore::statements::first_line;
use crate::toc::{ObjectKind, TocEntry};

/// `disk_full`: what fails with it is not that object's fault, and the next one fails too.
pub(crate) const DISK_FULL: &str = "53100";

/// How many tables a notice names.
const NAMED_MAX: usize = 10;

/// One object's failure as the worker sees it.
pub(crate) struct Failed<'a> {
    pub(crate) object: String,
    pub(crate) kind: &'a ObjectKind,
    pub(crate) statement: &'a [u8],
    pub(crate) cause: Cause,
}

/// The growing report of a restore.
pub(crate) struct Report {
    monitor: Monitor,
    pub(crate) databases: Vec<DatabaseOutcome>,
    pub(crate) failures: Vec<Failure>,
    /// What the user should know and need not act upon.
    pub(crate) notices: Vec<String>,
    pub(crate) skipped: Vec<Skipped>,
    pub(crate) globals: u64,
    pub(crate) roles: RoleOutcome,
    pub(crate) tablespaces: Vec<BString>,
    pub(crate) archive_bytes_read: u64,
    /// Databases that could not be made; what is in them is reported as one.
    pub(crate) abandoned: Vec<usize>,
    /// Databases whose one transaction (`-1`) was committed.
    pub(crate) committed: Vec<usize>,
    /// What the target said when its disk was full, which ends the restore.
    pub(crate) full: Option<String>,
    /// What is missing because the archive is damaged (`--skip-damaged`).
    pub(crate) damaged: Vec<Skipped>,
    /// Whether what is not done can be done by another restore that goes on with the journals.
    pub(crate) is_resumable: bool,
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
        let failure = failure(database, failed);
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

    /// The same for an entry, so that what hangs on it can be listed with it.
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
            None => "what it depends on failed".to_owned(),
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

fn failure(database: BString, failed: Failed<'_>) -> Failure {
    let mut failure = Failure {
        database,
        object: failed.object,
        statement: first_line(failed.kind, failed.statement),
        sqlstate: None,
        message: String::new(),
        detail: None,
        hint: None,
        context: None,
        skipped: Vec::new(),
    };
    match failed.cause {
        Cause::Rows { sent, taken } => {
            let sent = counted(sent, "row was", "rows were");
            failure.message = format!("{sent} sent, the server took {taken}");
            failure.hint = Some("A trigger or rule on the table may drop or add rows.".to_owned());
        }
        Cause::Unchecked { error, validate } => {
            failure.message = chain(&error);
            failure.detail = Some("The key may be there, but NOT VALID.".to_owned());
            failure.hint = Some(format!("Check its rows with {}", validate.trim().as_bstr()));
        }
        Cause::NoTransaction => {
            failure.message = "the transaction had ended before: nothing of it is known to be \
                               committed"
                .to_owned();
        }
        Cause::Server(error) => match error.db() {
            Some(db) => {
                failure.sqlstate = Some(db.code.clone());
                failure.message = db.message.clone();
                failure.detail = db.detail.clone();
                failure.hint = db.hint.clone();
                failure.context = db.context.clone();
            }
            None => {
                failure.message = chain(&error);
                failure.hint = error.hint();
            }
        },
    }
    failure
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pg;

    #[test]
    fn a_key_whose_check_was_cut_off_is_said_to_be_there() {
        let mut report = Report::new(Monitor::void(), Vec::new());
        let validate = "ALTER TABLE ONLY s.t VALIDATE CONSTRAINT k;\n";
        let cause = Cause::Unchecked {
            error: pg::Error::Closed,
            validate: validate.into(),
        };
        assert!(cause.is_connection_lost());
        let failed = Failed {
            object: "FK CONSTRAINT s.t k".to_owned(),
            kind: &ObjectKind::FkConstraint,
            statement: validate.as_bytes(),
            cause,
        };
        report.fail("d".into(), failed);
        let failure = &report.failures[0];
        let detail = failure.detail.as_deref().unwrap_or_default();
        assert!(detail.ends_with("NOT VALID."), "{detail}");
        let hint = failure.hint.as_deref().unwrap_or_default();
        assert!(hint.ends_with(validate.trim()), "{hint}");
    }
}
