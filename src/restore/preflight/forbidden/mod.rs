//! What the user of the restore may not do, because it is no superuser: found before anything is done.
//!
//! Pure: entries on one side, the catalogs' facts about the user on the other. [`rules`] judges single
//! entries, [`owners`] ownership, [`globals`] roles. A finding is told once for each kind of it. With
//! `--skip-forbidden` its objects are left out ([`leave_out`](crate::restore::adapt::leave_out)); without it
//! the restore does not begin.
//!
//! Not found here: security labels. No catalog knows whether their provider allows them.

mod globals;
mod owners;
mod rules;
mod scene;

use scene::{Ban, Scene};
use std::collections::BTreeMap;

use bstr::ByteSlice;

use crate::restore::contents::Contents;
use crate::restore::finding::{Finding, Severity};
use crate::restore::options::RestoreOptions;
use crate::restore::plan::DatabaseWork;
use crate::restore::target::facts::Target;
use crate::toc::TocEntry;

pub(crate) use scene::Forbidden;

/// How many objects a message lists.
const LISTED_MAX: usize = 10;

/// Everything wanted that the user may not do. Nothing for a superuser.
pub(crate) fn find(
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

/// The deeds with their objects: problems, or notices where they are left out.
pub(crate) fn findings(
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
pub(crate) fn few(objects: &[&str]) -> String {
    let list = objects[..objects.len().min(LISTED_MAX)].join(", ");
    match objects.len().saturating_sub(LISTED_MAX) {
        0 => list,
        more => format!("{list} and {more} more"),
    }
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

#[cfg(test)]
mod tests;
