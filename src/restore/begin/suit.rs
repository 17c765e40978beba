//! The archive's contents, fitted to this target and this user.
//!
//! Pure. In this order: what an [older](crate::restore::adapt::older) server does not know, what the target
//! [lacks](crate::restore::preflight::unavailable), what the user [may not
//! do](crate::restore::preflight::forbidden). Everything after this sees an archive that never had what was
//! left out.

use crate::digest::Sha256;
use crate::monitor::units::counted;
use crate::restore::adapt::leave_out::{Loss, leave_out};
use crate::restore::adapt::older;
use crate::restore::adapt::older::Knows;
use crate::restore::adapt::{plain_user, roles};
use crate::restore::contents::Contents;
use crate::restore::finding::Finding;
use crate::restore::options::RestoreOptions;
use crate::restore::outcome::Skipped;
use crate::restore::plan::DatabaseWork;
use crate::restore::preflight::forbidden::Forbidden;
use crate::restore::preflight::{forbidden, unavailable};
use crate::restore::select::names::Filters;
use crate::restore::target::facts::Target;
use crate::toc::ObjectKind;

/// The work to do, and the findings on the way.
pub(crate) struct Suited {
    pub(crate) work: Vec<DatabaseWork>,
    pub(crate) findings: Vec<Finding>,
    /// The things that the target lacks, told after the faults of the target itself.
    pub(crate) lacking: Vec<Finding>,
    pub(crate) left_out: Vec<Skipped>,
}

/// Changes the contents.
pub(crate) fn suit(
    contents: &mut Contents,
    (target, knows): (&Target, &Knows),
    options: &RestoreOptions,
    filters: &Filters,
) -> Suited {
    let mut notices = stand_in_for_owners(contents, target, options);
    notices.extend(older::fit(contents, knows));
    let mut suited = Suited {
        work: database_work(contents, options, filters, &[]),
        findings: notices.into_iter().map(Finding::notice).collect(),
        lacking: Vec::new(),
        left_out: Vec::new(),
    };
    let found = unavailable::find(contents, &suited.work, target, options);
    suited.lacking = unavailable::findings(&found, contents, target, options);
    let losses = unavailable::losses(&found, options);
    suited.lose(contents, &losses, (options, filters));
    if !target.is_superuser {
        let found = forbidden::find(contents, &suited.work, target, options);
        let findings = forbidden::findings(&found, contents, target, options);
        suited.findings.extend(findings);
        let losses = if options.skip_forbidden {
            found.iter().map(Forbidden::loss).collect()
        } else {
            Vec::new()
        };
        suited.lose(contents, &losses, (options, filters));
        plain_user::adapt(contents, options.role.as_ref());
        plain_user::order_row_security(contents);
        suited.rework(contents, options, filters);
    }
    suited
}

impl Suited {
    fn lose(
        &mut self,
        contents: &mut Contents,
        losses: &[Loss],
        (options, filters): (&RestoreOptions, &Filters),
    ) {
        if losses.is_empty() {
            return;
        }
        self.left_out
            .extend(leave_out(contents, &self.work, losses));
        self.rework(contents, options, filters);
    }

    /// Decides anew after something was taken out of the contents.
    ///
    /// The digests of the plans stay those of the first decision, before the target had a say. A journal is
    /// found again by its plan's digest, and a target changes on the way: a missing role is made, a right is
    /// granted, an extension is installed. A digest of what is left for this target would then fit no
    /// journal, and the restore could not be resumed for the very reason that the user has mended what was
    /// wrong.
    fn rework(&mut self, contents: &Contents, options: &RestoreOptions, filters: &Filters) {
        let plans: Vec<Sha256> = self.work.iter().map(|work| work.plan).collect();
        self.work = database_work(contents, options, filters, &plans);
    }
}

fn database_work(
    contents: &Contents,
    options: &RestoreOptions,
    filters: &Filters,
    plans: &[Sha256],
) -> Vec<DatabaseWork> {
    let databases = contents.databases.iter().enumerate();
    databases
        .map(|(position, database)| {
            DatabaseWork::new(database, options, filters, plans.get(position).copied())
        })
        .collect()
}

/// Since 14 `pg_database_owner` stands for the owner of the database. Where it is not known that role itself
/// does the same, as long as the database has this owner.
fn stand_in_for_owners(
    contents: &mut Contents,
    target: &Target,
    options: &RestoreOptions,
) -> Vec<String> {
    const STAND_IN: &[u8] = b"pg_database_owner";
    let mut notices = Vec::new();
    if target.roles.iter().any(|role| role == STAND_IN) {
        return notices;
    }
    for database in &mut contents.databases {
        let of_archive = database.toc.entries.iter();
        let of_archive = of_archive
            .filter(|entry| entry.kind == ObjectKind::Database)
            .find_map(|entry| entry.owner.clone().filter(|owner| !owner.is_empty()));
        let there = target.databases.get(&database.target);
        let owner = match (options.create, there) {
            (true, _) => of_archive.filter(|_| options.selection.owners),
            (false, there) => there.map(|there| there.owner.clone()),
        };
        let owner = owner.filter(|owner| !owner.is_empty());
        let owner = owner.unwrap_or_else(|| options.role.clone().unwrap_or(target.user.clone()));
        let count = roles::replace_role(&mut database.toc, STAND_IN, &owner);
        if count > 0 {
            notices.push(format!(
                "the target (PostgreSQL {}) does not know the role \"pg_database_owner\": in database \"{}\" \
                 its owner \"{owner}\" takes its place, in {}",
                target.version_num / 10_000,
                database.target,
                counted(count as u64, "object", "objects")
            ));
        }
    }
    notices
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restore::testing::{database, entry, options, toc};
    use crate::toc::TocEntry;

    #[test]
    fn the_owner_of_the_database_stands_for_the_role_that_does() {
        let with = |kind, sql: &str, owner: &str| TocEntry {
            defn: Some(sql.into()),
            owner: Some(owner.into()),
            ..entry(1, kind, None, "x")
        };
        let mut table = with(
            ObjectKind::Table,
            "CREATE TABLE s.t ();",
            "pg_database_owner",
        );
        table.drop_stmt = Some("DROP TABLE s.t;".into());
        let grant = "GRANT ALL ON SCHEMA s TO pg_database_owner;";
        let entries = vec![
            with(ObjectKind::Database, "CREATE DATABASE d;", "alice"),
            table,
            with(ObjectKind::Acl, grant, "pg_database_owner"),
        ];
        let mut contents = Contents {
            databases: vec![database("d", toc(entries))],
            globals: None,
        };
        let mut target = Target {
            version_num: 130_023,
            ..Target::default()
        };
        target.user = "me".into();
        let create = RestoreOptions {
            create: true,
            ..options()
        };
        let notices = stand_in_for_owners(&mut contents, &target, &create);
        assert_eq!(notices.len(), 1, "{notices:?}");
        assert!(notices[0].contains("its owner \"alice\" takes its place, in 2 objects"));
        let entries = &contents.databases[0].toc.entries;
        assert_eq!(entries[1].owner, Some("alice".into()));
        assert_eq!(
            entries[2].definition(),
            b"GRANT ALL ON SCHEMA s TO \"alice\";"
        );
        let again = stand_in_for_owners(&mut contents, &target, &create);
        assert!(again.is_empty(), "{again:?}");
    }
}
