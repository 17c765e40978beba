//! What the user of the restore may not do, because it is no superuser: found before anything is done.
//!
//! Pure: entries on one side, what the catalogs say about the user on the other. [`rules`] judges single
//! entries, [`owners`] who may be given what, [`globals`] roles. What is found is said once for each kind
//! of it; with `--skip-forbidden` it is left out ([`leave_out`](crate::restore::leave_out)), without it
//! the restore does not begin.
//!
//! Not found here, because no catalog knows it: security labels, whose provider decides.

mod globals;
mod owners;
mod rules;

use std::collections::{BTreeMap, HashSet};

use bstr::{BString, ByteSlice};

use super::rights::{DatabaseRights, Rights};
use super::target::Target;
use super::{Finding, Severity};
use crate::restore::contents::{Contents, DatabaseContents};
use crate::restore::leave_out::Loss;
use crate::restore::options::RestoreOptions;
use crate::restore::plan::DatabaseWork;
use crate::toc::{ObjectKind, TocEntry};

/// How many objects a message lists.
const LISTED_MAX: usize = 10;

/// One thing that may not be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::restore) struct Forbidden {
    /// Position of the database; `None` for roles and tablespaces.
    pub(in crate::restore) database: Option<usize>,
    /// Position of the entry in its table of contents.
    pub(in crate::restore) position: usize,
    /// The entry for people.
    pub(in crate::restore) object: String,
    /// What may not be done, for instance `create event triggers`.
    pub(in crate::restore) deed: String,
    /// What would allow it, as a sentence.
    pub(in crate::restore) remedy: Option<String>,
    /// What remains of the entry when that is left out.
    pub(in crate::restore) cut: Cut,
}

impl Forbidden {
    /// It, to be left out.
    pub(in crate::restore) fn loss(&self) -> Loss {
        Loss {
            database: self.database,
            position: self.position,
            object: self.object.clone(),
            because: format!("the user may not {}", self.deed),
            cut: self.cut.clone(),
        }
    }
}

/// What is taken from an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::restore) enum Cut {
    /// All of it, and with it whatever depends on it.
    Entry,
    /// Its owner.
    Owner,
    /// Its tablespace.
    Tablespace,
    /// Some statements: these remain.
    Definition(BString),
}

/// What a rule finds.
struct Ban {
    deed: String,
    remedy: Option<String>,
    cut: Cut,
}

impl Ban {
    /// The whole entry.
    fn entry(deed: impl Into<String>) -> Self {
        Self {
            deed: deed.into(),
            remedy: None,
            cut: Cut::Entry,
        }
    }

    fn with_remedy(self, remedy: impl Into<String>) -> Self {
        let remedy = Some(remedy.into());
        Self { remedy, ..self }
    }
}

/// What is known about one database and its target while its entries are judged.
struct Scene<'a> {
    database: &'a DatabaseContents,
    target: &'a Target,
    rights: &'a Rights,
    /// `None` for a database that the restore makes.
    there: Option<DatabaseRights<'a>>,
    restores_owners: bool,
    /// Roles that the restore makes, and that the user therefore may act as.
    made: &'a HashSet<BString>,
    by_id: std::collections::HashMap<crate::toc::DumpId, &'a TocEntry>,
}

impl Scene<'_> {
    /// Whether the user has the role's rights and may become it.
    fn acts_as(&self, role: &BString) -> bool {
        *role == self.target.user || self.made.contains(role) || self.rights.may("act as", role)
    }

    /// What helps where the user is no member of a role. To become a member of a superuser is never advised: it is
    /// to become one.
    fn membership(&self, role: &BString) -> String {
        match self.target.superusers.contains(role) {
            true => {
                format!("--map-role \"{role}\"=NEW puts a role that is no superuser in its place.")
            }
            false => format!("GRANT \"{role}\" TO the user, or --map-role \"{role}\"=NEW."),
        }
    }
}

/// Everything wanted that the user may not do. Nothing for a superuser.
pub(in crate::restore) fn find(
    contents: &Contents,
    work: &[DatabaseWork],
    target: &Target,
    options: &RestoreOptions,
) -> Vec<Forbidden> {
    if target.is_superuser {
        return Vec::new();
    }
    let rights = &target.rights;
    let made = globals::made_roles(contents, target);
    let mut found = globals::find(contents, target, options);
    for (number, (database, work)) in contents.databases.iter().zip(work).enumerate() {
        let ids = database
            .toc
            .entries
            .iter()
            .map(|entry| (entry.dump_id, entry));
        let scene = Scene {
            database,
            target,
            rights,
            there: rights
                .in_database(&database.target)
                .filter(|_| !options.create),
            restores_owners: options.selection.owners,
            made: &made,
            by_id: ids.collect(),
        };
        for (position, entry) in database.toc.entries.iter().enumerate() {
            let is_wanted = work.needs[position].any() || work.of_database.contains(&position);
            if !is_wanted {
                continue;
            }
            found.extend(scene.judge(entry).into_iter().map(|ban| Forbidden {
                database: Some(number),
                position,
                object: database.describe(entry),
                deed: ban.deed,
                remedy: ban.remedy,
                cut: ban.cut,
            }));
        }
    }
    found
}

impl Scene<'_> {
    /// All that speaks against an entry; if the whole of it is forbidden, only that.
    fn judge(&self, entry: &TocEntry) -> Vec<Ban> {
        if let Some(ban) = rules::creation(self, entry) {
            return vec![ban];
        }
        let mut bans: Vec<Ban> = rules::statements(self, entry);
        bans.extend(rules::tablespace(self, entry));
        if self.restores_owners {
            bans.extend(owners::ownership(self, entry));
        }
        bans
    }
}

/// The deeds with their objects: problems, or notices where they are left out.
pub(in crate::restore) fn findings(
    found: &[Forbidden],
    contents: &Contents,
    target: &Target,
    options: &RestoreOptions,
) -> Vec<Finding> {
    let mut deeds: BTreeMap<&str, Vec<&Forbidden>> = BTreeMap::new();
    for forbidden in found {
        deeds.entry(&forbidden.deed).or_default().push(forbidden);
    }
    let last = deeds.len().saturating_sub(1);
    let numbered = deeds.into_iter().enumerate();
    let findings = numbered.map(|(number, (deed, items))| {
        let user = &target.user;
        let text = format!(
            "role \"{user}\" may not {deed}: {}",
            listed(&items, contents)
        );
        if options.skip_forbidden {
            return Finding::notice(format!("{text}; left out"));
        }
        let remedy = items.iter().find_map(|item| item.remedy.as_deref());
        let general = (number == last).then_some(GENERAL_HINT);
        let hints: Vec<&str> = remedy.into_iter().chain(general).collect();
        Finding {
            severity: Severity::Problem,
            text,
            hint: (!hints.is_empty()).then(|| hints.join("\n")),
        }
    });
    findings.collect()
}

const GENERAL_HINT: &str = "--skip-forbidden leaves out what the user may not do, and what depends \
    on it; -O leaves out owners, -x grants, --no-comments comments; --map-role OLD=NEW puts another \
    role in the place of one.";

/// `a, b and 3 more (database "x"); c (database "y")`.
fn listed(items: &[&Forbidden], contents: &Contents) -> String {
    let mut by_database: BTreeMap<Option<usize>, Vec<&str>> = BTreeMap::new();
    for item in items {
        let objects = by_database.entry(item.database).or_default();
        // An entry's chunks and statements count once.
        if objects.last() != Some(&item.object.as_str()) {
            objects.push(&item.object);
        }
    }
    let several = contents.databases.len() > 1;
    let parts = by_database.into_iter().map(|(database, objects)| {
        let list = few(&objects);
        match database.filter(|_| several) {
            Some(number) => {
                let name = contents.databases[number].target.as_bstr();
                format!("{list} (database \"{name}\")")
            }
            None => list,
        }
    });
    parts.collect::<Vec<String>>().join("; ")
}

/// The first few, and how many more.
pub(super) fn few(objects: &[&str]) -> String {
    let list = objects[..objects.len().min(LISTED_MAX)].join(", ");
    match objects.len().saturating_sub(LISTED_MAX) {
        0 => list,
        more => format!("{list} and {more} more"),
    }
}

/// Whether the entry is about the schema that every database is born with.
fn is_public_schema(entry: &TocEntry) -> bool {
    entry.kind == ObjectKind::Schema && entry.tag == "public"
        || entry.tag == "SCHEMA public" && entry.schema().is_empty()
}

#[cfg(test)]
mod tests;
