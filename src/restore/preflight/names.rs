//! The roles that entries speak of: owners, grantees, and whom policies and mappings are for.
//!
//! Pure. pg_dump writes keywords in capitals, and names that look like them in quotes.

use std::collections::BTreeSet;

use bstr::BString;

use crate::restore::lex::{self, words};
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
    match entry.kind {
        ObjectKind::Acl | ObjectKind::DefaultAcl => {
            for statement in lex::statements(entry.definition()) {
                grantees(statement, roles);
            }
        }
        ObjectKind::Blob if is_ownership(entry) && selection.owners => {
            for statement in lex::statements(entry.definition()) {
                grantees(statement, roles);
            }
        }
        ObjectKind::Policy => policy_roles(entry.definition(), roles),
        ObjectKind::UserMapping => after_word(entry.definition(), b"FOR", roles),
        _ => {}
    }
}

/// `GRANT .. TO x`, `REVOKE .. FROM x`, `ALTER DEFAULT PRIVILEGES FOR ROLE x ..`,
/// `SET SESSION AUTHORIZATION x`.
fn grantees(statement: &[u8], roles: &mut BTreeSet<BString>) {
    let words = words(statement);
    for (keyword, follower) in words.iter().zip(words.iter().skip(1)) {
        let names_role = matches!(*keyword, b"TO" | b"FROM" | b"ROLE" | b"AUTHORIZATION");
        if names_role {
            add(follower, roles);
        }
    }
}

/// `CREATE POLICY p ON t .. TO x, y USING (..)`: the list ends where the expression begins.
fn policy_roles(sql: &[u8], roles: &mut BTreeSet<BString>) {
    let words = words(sql);
    let ends = |word: &&&[u8]| !matches!(**word, b"USING" | b"WITH");
    let start = words
        .iter()
        .take_while(ends)
        .position(|word| *word == b"TO");
    if let Some(start) = start {
        for name in words[start + 1..].iter().take_while(ends) {
            add(name, roles);
        }
    }
}

fn after_word(sql: &[u8], keyword: &[u8], roles: &mut BTreeSet<BString>) {
    let words = words(sql);
    let position = words.iter().position(|word| *word == keyword);
    if let Some(name) = position.and_then(|position| words.get(position + 1)) {
        add(name, roles);
    }
}

/// Keywords in the place of a role are no roles.
fn add(word: &[u8], roles: &mut BTreeSet<BString>) {
    const NOT_ROLES: [&[u8]; 6] = [
        b"PUBLIC",
        b"public",
        b"CURRENT_USER",
        b"CURRENT_ROLE",
        b"SESSION_USER",
        b"DEFAULT",
    ];
    if !NOT_ROLES.contains(&word) {
        roles.insert(lex::name(word).into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restore::testing::entry;

    fn roles(kind: ObjectKind, sql: &str) -> Vec<String> {
        let mut entry = entry(1, kind, None, "x");
        entry.defn = Some(sql.into());
        let mut roles = BTreeSet::new();
        roles_of(&entry, &Selection::default(), &mut roles);
        roles.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn grants_name_their_roles() {
        let sql = "REVOKE ALL ON TABLE app.\"TO x\" FROM PUBLIC;\n\
                   SET SESSION AUTHORIZATION giver;\n\
                   GRANT SELECT ON TABLE app.t TO \"O\"\"Neil\" WITH GRANT OPTION;\n\
                   RESET SESSION AUTHORIZATION;";
        assert_eq!(roles(ObjectKind::Acl, sql), ["O\"Neil", "giver"]);
        let sql = "ALTER DEFAULT PRIVILEGES FOR ROLE a IN SCHEMA s GRANT ALL ON TABLES TO b;";
        assert_eq!(roles(ObjectKind::DefaultAcl, sql), ["a", "b"]);
    }

    #[test]
    fn policies_and_mappings_name_theirs() {
        let sql = "CREATE POLICY p ON app.t FOR SELECT TO a, \"b c\" USING ((x = 'TO y'));";
        assert_eq!(roles(ObjectKind::Policy, sql), ["a", "b c"]);
        let sql = "CREATE POLICY p ON app.t USING ((x IS NOT NULL));";
        assert!(roles(ObjectKind::Policy, sql).is_empty());
        let sql = "CREATE USER MAPPING FOR a SERVER s OPTIONS (\"user\" 'u');";
        assert_eq!(roles(ObjectKind::UserMapping, sql), ["a"]);
    }

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
}
