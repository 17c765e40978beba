//! What a restore is asked to do, with every default resolved. `cli` fills these in; the words are
//! pg_restore's.

use std::num::NonZeroUsize;

use bstr::BString;

use super::error::Error;
use super::select::list::List;
use super::selection::{Content, Selection};

/// All choices of one restore.
#[derive(Debug, Clone)]
pub struct RestoreOptions {
    /// The databases to restore; empty for all of them under their own names.
    pub databases: Vec<DatabaseChoice>,
    /// How many sessions work at once.
    pub jobs: NonZeroUsize,
    /// `-C`: create each database, with its properties, comment and grants.
    pub create: bool,
    /// `-c`: drop the objects before they are created.
    pub clean: bool,
    /// `--if-exists`: dropping a missing object is no error.
    pub if_exists: bool,
    /// `--force-drop`: sessions of others in a database that is replaced are ended.
    pub force_drop: bool,
    /// Restore into a database that holds objects already.
    pub allow_non_empty: bool,
    /// The entries to restore.
    pub selection: Selection,
    /// `-L`: the entries of the selection to restore, and their order.
    pub list: Option<List>,
    /// `--role`: the role to become in every session.
    pub role: Option<BString>,
    /// `--use-set-session-authorization`: objects are created by their owners, instead of given to them.
    pub session_authorization: bool,
    /// `--enable-row-security`: rows are loaded under the policies of their tables.
    pub row_security: bool,
    /// `--disable-triggers`: where only data is restored, no trigger sees it.
    pub disable_triggers: bool,
    /// `-S`: the superuser to become for that; none where the user is one.
    pub superuser: Option<BString>,
    /// `--no-data-for-failed-tables`: no rows for a table that could not be created, though it is there.
    pub no_data_for_failed_tables: bool,
    /// `-e`: stop at the first error.
    pub exit_on_error: bool,
    /// Whether roles and tablespaces are restored.
    pub globals: GlobalsChoice,
    /// Whether roles that are created get the password they had.
    pub role_passwords: bool,
    /// `--map-role`: roles in the place of those that the archive names.
    pub map_roles: Vec<RoleChoice>,
    /// `--skip-forbidden`: leave out what the user may not do, instead of refusing to begin.
    pub skip_forbidden: bool,
    /// `--skip-unavailable`: leave out objects that need something the target lacks, instead of refusing to
    /// begin.
    pub skip_unavailable: bool,
    /// `--skip-damaged`: leave out damaged data of the archive, instead of ending at it.
    pub skip_damaged: bool,
    /// The statistics to gather or to restore.
    pub statistics: Statistics,
    /// `--vacuum`: VACUUM too, for visibility maps, which index-only scans need.
    pub vacuum: bool,
    /// `--foreign-statistics`: statistics of tables with foreign children too, for which their servers are
    /// asked.
    pub foreign_statistics: bool,
    /// The statements that are committed together.
    pub transactions: Transactions,
    /// `--resume`: go on where an earlier restore of the same stopped.
    pub resume: bool,
    /// A statement that waits longer than this for somebody's lock fails. None, and zero: it waits.
    pub lock_wait_timeout_ms: Option<u64>,
}

/// The command for a table once its rows are in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Statistics {
    /// Nothing: autovacuum will find it.
    None,
    /// ANALYZE, unless the archive gives the table's statistics back.
    #[default]
    Missing,
    /// ANALYZE, whatever the archive gives back.
    Analyze,
}

/// The unit of a commit. With a larger unit than one statement the restore ends at the first error.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Transactions {
    /// Each statement, and each chunk of rows; small definitions many at a time as long as all goes well.
    #[default]
    Each,
    /// `--transaction-size`: so many entries at most.
    UpTo(NonZeroUsize),
    /// `-1`: a whole database. One that is not restored to its end stays as it was.
    Database,
}

/// A database of the archive and the name it is restored under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseChoice {
    /// Its name in the archive.
    pub source: BString,
    /// Its name on the target server.
    pub target: BString,
}

/// A role that the archive names and the one that takes its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleChoice {
    /// Its name in the archive.
    pub source: BString,
    /// The role that owns, grants and is granted in its place.
    pub target: BString,
}

/// The treatment of roles, memberships and tablespaces.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum GlobalsChoice {
    /// Create those that the target lacks.
    #[default]
    With,
    /// `--globals-only`: nothing but that.
    Only,
    /// `--no-globals`
    Without,
}

impl Default for RestoreOptions {
    /// Everything, by one worker, into databases that are there.
    fn default() -> Self {
        Self {
            databases: Vec::new(),
            jobs: NonZeroUsize::MIN,
            create: false,
            clean: false,
            if_exists: false,
            force_drop: false,
            allow_non_empty: false,
            selection: Selection::default(),
            list: None,
            role: None,
            session_authorization: false,
            row_security: false,
            disable_triggers: false,
            superuser: None,
            no_data_for_failed_tables: false,
            exit_on_error: false,
            globals: GlobalsChoice::With,
            role_passwords: true,
            map_roles: Vec::new(),
            skip_forbidden: false,
            skip_unavailable: false,
            skip_damaged: false,
            statistics: Statistics::default(),
            vacuum: false,
            foreign_statistics: false,
            transactions: Transactions::default(),
            resume: false,
            lock_wait_timeout_ms: None,
        }
    }
}

impl RestoreOptions {
    /// Refuses combinations that make no sense, as pg_restore does.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let is_single = self.transactions == Transactions::Database;
        let data_only = self.selection.content == Content::DATA_ONLY;
        let what = if self.clean && data_only {
            "--clean and --data-only cannot be used together"
        } else if self.if_exists && !self.clean {
            "--if-exists means nothing without --clean"
        } else if self.force_drop && !(self.create && self.clean) {
            "--force-drop means nothing without --create --clean, which drops databases"
        } else if is_single && self.jobs.get() > 1 {
            "--single-transaction is one session's work and cannot be used with several --jobs"
        } else if is_single && self.create {
            "--single-transaction and --create cannot be used together"
        } else if is_single && self.resume {
            "--single-transaction leaves nothing behind that --resume could go on with"
        } else {
            return Ok(());
        };
        Err(Error::Usage {
            what: what.to_owned(),
        })
    }

    /// Whether the first error ends the restore.
    pub(crate) fn stops_at_errors(&self) -> bool {
        self.exit_on_error || self.transactions != Transactions::Each
    }

    /// Whether a database that `--create` finds on the target is filled and not created: those that every
    /// server has, as pg_dumpall does it (`dumpDatabases()` in pg_dumpall.c). With `--clean` they are
    /// replaced.
    pub(crate) fn fills(&self, target: &[u8]) -> bool {
        const OF_EVERY_SERVER: [&[u8]; 2] = [b"postgres", b"template1"];
        self.create && !self.clean && OF_EVERY_SERVER.contains(&target)
    }

    /// Whether objects are created in databases, so that existing objects are in the way.
    pub(crate) fn creates_objects(&self) -> bool {
        self.selection.sections.pre_data && self.selection.content.definitions
    }

    /// Whether roles and tablespaces are looked at. Loading rows alone needs none of them.
    pub(crate) fn wants_globals(&self) -> bool {
        match self.globals {
            GlobalsChoice::Only => true,
            GlobalsChoice::Without => false,
            GlobalsChoice::With => self.creates_objects(),
        }
    }

    /// Whether anything is restored into databases.
    pub(crate) fn wants_databases(&self) -> bool {
        self.globals != GlobalsChoice::Only
    }
}
