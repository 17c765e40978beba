//! The roles that entries need: owners, grantees, and whom policies and mappings are for.
//!
//! Pure. Where in SQL they are named is `roles`' business.

use std::collections::BTreeSet;

use bstr::BString;

use crate::restore::roles::roles_in;
use crate::restore::select::is_ownership;
use crate::restore::selection::Selection;
use crate::toc::{ObjectKind, TocEntry};

/// The roles that must exist for the entry to be restored.
pub(super) fn roles_of(entry: &TocEntry, selection: &Selection, roles: &mut BTreeSet<BString>) {
    let owner = entry.owner.as_ref().filter(|owner| !owner.is_empty());
    let is_owned = entry.drop_stmt.as_ref().is_some_and(|sql| !sql.is_empty());
    if selection.owners && is_owned {
        roles.extend(owner.cloned());
    }
    let names_roles = match entry.kind {
        ObjectKind::Acl | ObjectKind::DefaultAcl => true,
        ObjectKind::Policy | ObjectKind::UserMapping => true,
        ObjectKind::Blob => is_ownership(entry) && selection.owners,
        _ => false,
    };
    if names_roles {
        roles.extend(roles_in(&entry.kind, entry.definition()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restore::testing::entry;

    #[test]
    fn an_owner_counts_where_it_is_restored() {
        let mut table = entry(1, ObjectKind::Table, Some("s"), "t");
        table.owner = Some("o".into());
        table.drop_stmt = Some("DROP TABLE s.t;\n".into());
        let mut found = BTreeSet::new();
        let unowned = Selection {
            owners: false,
            ..Selection::default()
        };
        roles_of(&table, &unowned, &mut found);
        assert!(found.is_empty());
        roles_of(&table, &Selection::default(), &mut found);
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["o"]);
    }

    #[test]
    fn a_grantee_counts_and_a_name_in_a_definition_does_not() {
        let mut found = BTreeSet::new();
        let mut acl = entry(1, ObjectKind::Acl, None, "x");
        acl.defn = Some("GRANT SELECT ON TABLE s.t TO a;".into());
        roles_of(&acl, &Selection::default(), &mut found);
        let mut view = entry(2, ObjectKind::View, None, "x");
        view.defn = Some("CREATE VIEW v AS SELECT 1 AS \"TO\" FROM b;".into());
        roles_of(&view, &Selection::default(), &mut found);
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["a"]);
    }
}
