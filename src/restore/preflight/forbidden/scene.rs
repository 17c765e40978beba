//! The question whether a user may restore something: the facts for it, and the answer.

use crate::restore::adapt::leave_out::{Cut, Loss};
use crate::restore::contents::DatabaseContents;
use crate::restore::target::facts::Target;
use crate::restore::target::rights::{DatabaseRights, Rights};
use crate::toc::{DumpId, ObjectKind, TocEntry};
use bstr::BString;
use std::collections::{HashMap, HashSet};

/// One thing that may not be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Forbidden {
    /// Position of the database; `None` for roles and tablespaces.
    pub(crate) database: Option<usize>,
    /// Position of the entry in its table of contents.
    pub(crate) position: usize,
    /// The entry for people.
    pub(crate) object: String,
    /// The forbidden action, for instance `create event triggers`.
    pub(crate) deed: String,
    /// The right or the option that would allow it, as a sentence.
    pub(crate) remedy: Option<String>,
    /// The rest of the entry without it.
    pub(crate) cut: Cut,
}

impl Forbidden {
    /// It, to be left out.
    pub(crate) fn loss(&self) -> Loss {
        Loss {
            database: self.database,
            position: self.position,
            object: self.object.clone(),
            because: format!("the user may not {}", self.deed),
            cut: self.cut.clone(),
        }
    }
}

/// What a rule finds.
pub(crate) struct Ban {
    pub(crate) deed: String,
    pub(crate) remedy: Option<String>,
    pub(crate) cut: Cut,
}

impl Ban {
    /// The whole entry.
    pub(crate) fn entry(deed: impl Into<String>) -> Self {
        Self {
            deed: deed.into(),
            remedy: None,
            cut: Cut::Entry,
        }
    }

    pub(crate) fn with_remedy(self, remedy: impl Into<String>) -> Self {
        let remedy = Some(remedy.into());
        Self { remedy, ..self }
    }
}

/// The facts about one database and its target while its entries are judged.
pub(crate) struct Scene<'a> {
    pub(crate) database: &'a DatabaseContents,
    pub(crate) target: &'a Target,
    pub(crate) rights: &'a Rights,
    /// `None` for a database that the restore makes.
    pub(crate) there: Option<DatabaseRights<'a>>,
    pub(crate) restores_owners: bool,
    /// Roles that the restore makes, and that the user therefore may act as.
    pub(crate) made: &'a HashSet<BString>,
    pub(crate) by_id: HashMap<DumpId, &'a TocEntry>,
}

impl Scene<'_> {
    /// Whether the user has the role's rights and may become it.
    pub(crate) fn acts_as(&self, role: &BString) -> bool {
        *role == self.target.user || self.made.contains(role) || self.rights.may("act as", role)
    }

    /// The advice to a user who is no member of a role. Membership in a superuser is never advised: such a
    /// member can become the superuser.
    pub(crate) fn membership(&self, role: &BString) -> String {
        if self.target.superusers.contains(role) {
            format!("--map-role \"{role}\"=NEW puts a role that is no superuser in its place.")
        } else {
            format!("GRANT \"{role}\" TO the user, or --map-role \"{role}\"=NEW.")
        }
    }
}

/// Whether the entry is about the schema that every database is born with.
pub(crate) fn is_public_schema(entry: &TocEntry) -> bool {
    entry.kind == ObjectKind::Schema && entry.tag == "public"
        || entry.tag == "SCHEMA public" && entry.schema().is_empty()
}
