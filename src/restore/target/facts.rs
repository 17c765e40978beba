//! The facts about the target server before anything is done. Pure: [`server`](super::server) asks.

use std::collections::{BTreeMap, HashMap, HashSet};

use bstr::BString;

use super::rights::Rights;
use crate::digest::Sha256;
use crate::restore::journal::Found;
use crate::restore::target::limits::Limits;
use crate::schema::journal::Schema;

/// The target server before anything was done.
#[derive(Debug, Clone, Default)]
pub(crate) struct Target {
    pub(crate) version_num: u32,
    pub(crate) version: String,
    /// The server's identity, where the server tells it.
    pub(crate) system_identifier: Option<String>,
    pub(crate) is_standby: bool,
    /// Whether transactions are read-only, a standby's among them.
    pub(crate) is_read_only: bool,
    pub(crate) user: BString,
    pub(crate) is_superuser: bool,
    pub(crate) may_create_databases: bool,
    pub(crate) may_create_roles: bool,
    /// Sessions that may still be opened, and those that are ours already.
    pub(crate) free_sessions: i64,
    pub(crate) own_sessions: i64,
    pub(crate) databases: HashMap<BString, TargetDatabase>,
    pub(crate) roles: HashSet<BString>,
    /// Those of them that are superusers.
    pub(crate) superusers: HashSet<BString>,
    pub(crate) tablespaces: HashSet<BString>,
    pub(crate) extensions: HashSet<BString>,
    /// Why a database could not be created with its locale, by its name on the target.
    pub(crate) locale_errors: BTreeMap<BString, String>,
    /// Why a tablespace to be created cannot have its folder, by tablespace.
    pub(crate) unusable_folders: BTreeMap<BString, String>,
    /// The limits for building indexes.
    pub(crate) limits: Limits,
    /// What the user may do; of a superuser nothing is known.
    pub(crate) rights: Rights,
}

/// One database on the target.
#[derive(Debug, Clone, Default)]
pub(crate) struct TargetDatabase {
    pub(crate) allows_connections: bool,
    /// Its owner.
    pub(crate) owner: BString,
    /// Sessions of others in it.
    pub(crate) sessions: i64,
    /// The first of these sessions: who, from where, since when.
    pub(crate) who: Vec<String>,
    /// How many objects it holds and one of them, where that was asked.
    pub(crate) objects: Option<(i64, String)>,
    /// What an earlier restore has left behind.
    pub(crate) journal: Option<Found>,
    /// Whether its schema `pgark_restore` is a journal.
    pub(crate) schema: Schema,
}

impl Target {
    /// Whether the tablespace is not there and could be created.
    pub(crate) fn lacks_tablespace(&self, name: &BString) -> bool {
        !self.tablespaces.contains(name) && self.why_no_tablespace(name).is_none()
    }

    /// Why a tablespace that is not there cannot be created.
    pub(crate) fn why_no_tablespace(&self, name: &BString) -> Option<String> {
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
    pub(crate) fn has_provider(&self, provider: &str) -> bool {
        match provider {
            "icu" => self.version_num >= 150_000,
            "builtin" => self.version_num >= 170_000,
            _ => true,
        }
    }

    /// Whether a restore of several databases, one of them by this plan, came to its end, and only some of
    /// its journals were dropped.
    pub(crate) fn is_complete(&self, plan: &Sha256) -> bool {
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
    pub(crate) fn is_empty(&self) -> bool {
        self.objects.as_ref().is_some_and(|(count, _)| *count == 0)
    }
}
