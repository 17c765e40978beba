//! Which roles, memberships and tablespaces a restore makes, and which are there already. Pure.

use crate::restore::options::RestoreOptions;
use crate::restore::target::facts::Target;
use crate::toc::lex::{self, words};
use crate::toc::{DumpId, ObjectKind, Toc, TocEntry};
use bstr::BString;
use std::collections::{HashMap, HashSet};

/// The work on the globals of an archive.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct GlobalsPlan {
    /// Positions of the entries that are restored, in TOC order.
    pub(crate) entries: Vec<usize>,
    /// Roles of the archive that the target has.
    pub(crate) existing: Vec<BString>,
    /// Memberships among `entries` whose member the target has: the position and the member.
    pub(crate) joins: Vec<(usize, BString)>,
}

impl GlobalsPlan {
    /// The role of the target that gets the membership at `position`, if the entry is one.
    pub(crate) fn joined(&self, position: usize) -> Option<&BString> {
        let join = self.joins.iter().find(|(at, _)| *at == position);
        join.map(|(_, member)| member)
    }

    /// The entries of `toc` that `target` lacks.
    pub(crate) fn new(toc: &Toc, target: &Target, options: &RestoreOptions) -> Self {
        let known = Known::new(toc, target);
        let wanted = |entry: &TocEntry| match entry.kind {
            ObjectKind::Role | ObjectKind::Tablespace => !known.is_present(entry),
            ObjectKind::RoleMembership => !known.has_both_roles(entry),
            ObjectKind::ParameterAcl => true,
            _ => !known.any_present(entry),
        };
        let positions = toc.entries.iter().enumerate();
        let restored: Vec<(usize, &TocEntry)> = positions
            .filter(|(_, entry)| is_asked_for(entry, options) && wanted(entry))
            .collect();
        let roles = toc
            .entries
            .iter()
            .filter(|entry| entry.kind == ObjectKind::Role);
        let existing = roles.filter(|entry| known.is_present(entry));
        let joins = restored.iter().filter_map(|(at, entry)| {
            let member = member(entry)?;
            target.roles.contains(&member).then_some((*at, member))
        });
        Self {
            existing: existing.map(|entry| entry.tag.clone()).collect(),
            joins: joins.collect(),
            entries: restored.into_iter().map(|(at, _)| at).collect(),
        }
    }
}

/// The member in `GRANT role TO member ..`.
pub(crate) fn member(membership: &TocEntry) -> Option<BString> {
    if membership.kind != ObjectKind::RoleMembership {
        return None;
    }
    let words = words(membership.definition());
    let at = words.iter().position(|word| *word == b"TO")?;
    Some(lex::name(words.get(at + 1)?).into())
}

/// Whether the options let the entry through, whatever the target has.
pub(crate) fn is_asked_for(entry: &TocEntry, options: &RestoreOptions) -> bool {
    use ObjectKind as Kind;
    let selection = &options.selection;
    let is_about_tablespace = match entry.kind {
        Kind::Tablespace | Kind::TablespaceProperties => true,
        Kind::Acl | Kind::Comment | Kind::SecurityLabel => entry.tag.starts_with(b"TABLESPACE "),
        _ => false,
    };
    let is_let_through = match entry.kind {
        Kind::Encoding | Kind::StdStrings | Kind::SearchPath => false,
        Kind::RolePassword => options.role_passwords,
        Kind::ParameterAcl | Kind::Acl => selection.privileges,
        Kind::Comment => selection.comments,
        Kind::SecurityLabel => selection.security_labels,
        _ => true,
    };
    is_let_through && (selection.tablespaces || !is_about_tablespace)
}

/// The globals that exist before the restore.
pub(crate) struct Known<'a> {
    by_id: HashMap<DumpId, &'a TocEntry>,
    /// All roles of the target.
    roles: &'a HashSet<BString>,
    /// Roles and tablespaces of the archive that the target has, or that it cannot be given.
    present: HashSet<DumpId>,
}

impl<'a> Known<'a> {
    fn new(toc: &'a Toc, target: &'a Target) -> Self {
        let is_present = |entry: &&TocEntry| match entry.kind {
            ObjectKind::Role => target.roles.contains(&entry.tag),
            ObjectKind::Tablespace => !target.lacks_tablespace(&entry.tag),
            _ => false,
        };
        let by_id = toc.entries.iter().map(|entry| (entry.dump_id, entry));
        let present = toc.entries.iter().filter(is_present);
        Self {
            present: present.map(|entry| entry.dump_id).collect(),
            by_id: by_id.collect(),
            roles: &target.roles,
        }
    }

    fn is_present(&self, entry: &TocEntry) -> bool {
        self.present.contains(&entry.dump_id)
    }

    /// The roles and tablespaces among an entry's dependencies.
    fn subjects(&self, entry: &'a TocEntry) -> impl Iterator<Item = &'a TocEntry> {
        let found = entry
            .dependencies
            .iter()
            .filter_map(|id| self.by_id.get(id));
        found
            .copied()
            .filter(|entry| matches!(entry.kind, ObjectKind::Role | ObjectKind::Tablespace))
    }

    fn any_present(&self, entry: &'a TocEntry) -> bool {
        self.subjects(entry).any(|subject| self.is_present(subject))
    }

    /// Whether both roles of `GRANT role TO member ..` were there before. The grantor does not count.
    fn has_both_roles(&self, entry: &TocEntry) -> bool {
        let words = words(entry.definition());
        let mut roles = words.iter().zip(words.iter().skip(1));
        let is_there = |name: &[u8]| self.roles.contains(&BString::from(lex::name(name)));
        roles
            .by_ref()
            .filter(|(keyword, _)| matches!(**keyword, b"GRANT" | b"TO"))
            .take(2)
            .all(|(_, name)| is_there(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restore::testing::{entry, options, toc};

    fn on(id: i32, kind: ObjectKind, tag: &str, dependencies: &[i32]) -> TocEntry {
        let mut entry = entry(id, kind, None, tag);
        entry.dependencies = dependencies.iter().copied().map(DumpId).collect();
        entry
    }

    fn grant(id: i32, sql: &str) -> TocEntry {
        let mut entry = on(id, ObjectKind::RoleMembership, "", &[]);
        entry.defn = Some(sql.into());
        entry
    }

    fn sample() -> Toc {
        toc(vec![
            on(1, ObjectKind::Role, "old", &[]),
            on(2, ObjectKind::Role, "old2", &[]),
            on(3, ObjectKind::Role, "new", &[]),
            on(4, ObjectKind::RolePassword, "old", &[1]),
            on(5, ObjectKind::RolePassword, "new", &[3]),
            on(6, ObjectKind::RoleSettings, "old", &[1]),
            on(7, ObjectKind::RoleSettings, "new", &[3]),
            on(8, ObjectKind::Comment, "ROLE old", &[1]),
            grant(9, "GRANT old TO old2 GRANTED BY new;\n"),
            grant(10, "GRANT old TO new;\n"),
            grant(11, "GRANT pg_monitor TO old WITH ADMIN OPTION;\n"),
            on(12, ObjectKind::Tablespace, "fast", &[]),
            on(13, ObjectKind::TablespaceProperties, "fast", &[12]),
            on(14, ObjectKind::Acl, "TABLESPACE fast", &[12]),
            on(15, ObjectKind::ParameterAcl, "work_mem", &[]),
        ])
    }

    fn planned(target: &Target, options: &RestoreOptions) -> Vec<i32> {
        let toc = sample();
        let plan = GlobalsPlan::new(&toc, target, options);
        let ids = plan.entries.iter().map(|&at| toc.entries[at].dump_id.0);
        ids.collect()
    }

    #[test]
    fn what_is_there_is_left_alone() {
        let mut target = Target::default();
        target
            .roles
            .extend(["old", "old2", "pg_monitor"].map(BString::from));
        target.tablespaces.insert("fast".into());
        assert_eq!(planned(&target, &options()), [3, 5, 7, 10, 15]);
        let without = RestoreOptions {
            role_passwords: false,
            ..options()
        };
        assert_eq!(planned(&target, &without), [3, 7, 10, 15]);
    }

    #[test]
    fn a_superuser_of_an_empty_server_restores_everything() {
        let target = Target {
            is_superuser: true,
            roles: ["pg_monitor".into()].into(),
            ..Target::default()
        };
        assert_eq!(planned(&target, &options()), (1..=15).collect::<Vec<_>>());
    }
}
