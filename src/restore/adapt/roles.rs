//! Where the SQL of an entry names roles, and other roles in their place (`--map-role`).
//!
//! Pure. pg_dump writes keywords in capitals, and names that look like them in quotes. Which roles must
//! be there is judged in `preflight`.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use bstr::BString;

use crate::restore::contents::Contents;
use crate::restore::error::Error;
use crate::restore::options::RoleChoice;
use crate::source::Source;
use crate::toc::kind::RoleWords;
use crate::toc::lex;
use crate::toc::{DumpId, ObjectKind, Toc, TocEntry, quote};

/// Where `sql` of an entry of this kind names roles. Keywords in the place of a role are no roles.
pub(crate) fn role_places(kind: &ObjectKind, sql: &[u8]) -> Vec<Range<usize>> {
    const NOT_ROLES: [&[u8]; 6] = [
        b"PUBLIC",
        b"public",
        b"CURRENT_USER",
        b"CURRENT_ROLE",
        b"SESSION_USER",
        b"DEFAULT",
    ];
    let words: Vec<Range<usize>> = lex::word_places(sql).collect();
    let mut places = match kind.facts().roles {
        RoleWords::PolicyList => policy_places(sql, &words),
        RoleWords::After(keywords) => {
            let is_keyword =
                |word: &[u8]| keywords.iter().any(|keyword| keyword.as_bytes() == word);
            let pairs = words.iter().zip(words.iter().skip(1));
            let named = pairs.filter(|(word, name)| {
                let is_next_statement = sql[word.end..name.start].contains(&b';');
                is_keyword(&sql[(*word).clone()]) && !is_next_statement
            });
            named.map(|(_, name)| name.clone()).collect()
        }
    };
    places.retain(|place: &Range<usize>| !NOT_ROLES.contains(&&sql[place.clone()]));
    places
}

/// `CREATE POLICY p ON t .. TO x, y USING (..)`: the list ends where the expression begins.
fn policy_places(sql: &[u8], words: &[Range<usize>]) -> Vec<Range<usize>> {
    let ends = |word: &&Range<usize>| !matches!(&sql[(*word).clone()], b"USING" | b"WITH");
    let head: Vec<&Range<usize>> = words.iter().take_while(ends).collect();
    let list = head
        .iter()
        .skip_while(|word| &sql[(**word).clone()] != b"TO");
    list.skip(1).map(|place| (*place).clone()).collect()
}

/// The roles that `sql` of an entry of this kind names.
pub(crate) fn roles_in(kind: &ObjectKind, sql: &[u8]) -> BTreeSet<BString> {
    let places = role_places(kind, sql).into_iter();
    places.map(|place| lex::name(&sql[place]).into()).collect()
}

/// Carries out `--map-role`. Returns notices about roles that only the rest of the archive names. A role that
/// nothing in the archive names is an error.
pub(crate) async fn map(
    contents: &mut Contents,
    source: &Source,
    choices: &[RoleChoice],
) -> Result<Vec<String>, Error> {
    let unseen = replace_roles(contents, choices);
    if unseen.is_empty() {
        return Ok(Vec::new());
    }
    let known = all_roles(source).await?;
    let (elsewhere, missing): (Vec<_>, Vec<_>) =
        unseen.into_iter().partition(|role| known.contains(role));
    if !missing.is_empty() {
        let present = known.into_iter().collect();
        return Err(Error::UnknownRoles { missing, present });
    }
    let notices = elsewhere
        .into_iter()
        .map(|role| format!("--map-role: no restored object names role \"{role}\""));
    Ok(notices.collect())
}

/// Every role that the archive names, whatever of it is restored.
async fn all_roles(source: &Source) -> Result<BTreeSet<BString>, Error> {
    let mut roles = BTreeSet::new();
    if let Some(globals) = source.globals().await? {
        add_roles(&globals, &mut roles);
    }
    for database in source.databases() {
        add_roles(&source.contents(&database.name).await?.toc, &mut roles);
    }
    Ok(roles)
}

fn add_roles(toc: &Toc, roles: &mut BTreeSet<BString>) {
    for entry in &toc.entries {
        let owner = entry.owner.iter().filter(|owner| !owner.is_empty());
        roles.extend(owner.cloned());
        roles.extend(roles_in(&entry.kind, entry.definition()));
        if entry.kind == ObjectKind::Role {
            roles.insert(entry.tag.clone());
        }
    }
}

type Map<'a> = HashMap<&'a [u8], &'a BString>;

/// Replaces the roles that `choices` name. The old roles' own entries (attributes, passwords, settings in all
/// databases, comments) are left out. Returns the old names that occur nowhere.
fn replace_roles(contents: &mut Contents, choices: &[RoleChoice]) -> Vec<BString> {
    let map: Map<'_> = choices
        .iter()
        .map(|choice| (choice.source.as_slice(), &choice.target))
        .collect();
    let mut seen = HashSet::new();
    if let Some(globals) = &mut contents.globals {
        forget_roles(globals, &map, &mut seen);
    }
    let tocs = contents
        .databases
        .iter_mut()
        .map(|database| &mut database.toc);
    for toc in tocs.chain(&mut contents.globals) {
        for entry in &mut toc.entries {
            replace_in_entry(entry, &map, &mut seen);
        }
        toc.entries.retain(|entry| !is_self_membership(entry));
    }
    let sources = choices.iter().map(|choice| choice.source.clone());
    sources.filter(|name| !seen.contains(name)).collect()
}

/// Puts one role in the place of another, in all that is said of objects. Returns in how many of them.
pub(crate) fn replace_role(toc: &mut Toc, old: &[u8], new: &BString) -> usize {
    let map: Map<'_> = [(old, new)].into();
    let mut count = 0;
    for entry in &mut toc.entries {
        let mut seen = HashSet::new();
        let is_owned = entry.drop_stmt.as_ref().is_some_and(|sql| !sql.is_empty());
        if !is_owned && entry.owner.as_deref().is_some_and(|owner| owner == old) {
            // Nobody is made the owner of what it stands beside.
            entry.owner = Some(new.clone());
        }
        replace_in_entry(entry, &map, &mut seen);
        count += usize::from(!seen.is_empty());
    }
    count
}

/// Takes out the entries that are about the old roles alone.
fn forget_roles(globals: &mut Toc, map: &Map<'_>, seen: &mut HashSet<BString>) {
    let is_old = |entry: &TocEntry| {
        let is_about_role = matches!(
            entry.kind,
            ObjectKind::Role | ObjectKind::RolePassword | ObjectKind::RoleSettings
        );
        is_about_role && map.contains_key(entry.tag.as_slice())
    };
    let mut gone: HashSet<DumpId> = HashSet::new();
    for entry in globals.entries.iter().filter(|entry| is_old(entry)) {
        seen.insert(entry.tag.clone());
        gone.insert(entry.dump_id);
    }
    let is_said_of_old = |entry: &TocEntry| {
        matches!(entry.kind, ObjectKind::Comment | ObjectKind::SecurityLabel)
            && entry.dependencies.iter().any(|id| gone.contains(id))
    };
    globals
        .entries
        .retain(|entry| !is_old(entry) && !is_said_of_old(entry));
}

fn replace_in_entry(entry: &mut TocEntry, map: &Map<'_>, seen: &mut HashSet<BString>) {
    if let Some(owner) = &mut entry.owner
        && let Some(&new) = map.get(owner.as_slice())
    {
        seen.insert(std::mem::replace(owner, new.clone()));
    }
    for sql in [&mut entry.defn, &mut entry.drop_stmt]
        .into_iter()
        .flatten()
    {
        if let Some(replaced) = replaced(&entry.kind, sql, map, seen) {
            *sql = replaced;
        }
    }
}

/// `sql` with the new roles; `None` where it names no old one.
fn replaced(
    kind: &ObjectKind,
    sql: &[u8],
    map: &Map<'_>,
    seen: &mut HashSet<BString>,
) -> Option<BString> {
    let mut out = BString::default();
    let mut at = 0;
    for place in role_places(kind, sql) {
        let name: BString = lex::name(&sql[place.clone()]).into();
        let Some(&new) = map.get(name.as_slice()) else {
            continue;
        };
        out.extend_from_slice(&sql[at..place.start]);
        out.extend_from_slice(&quote::ident(new));
        at = place.end;
        seen.insert(name);
    }
    (at > 0).then(|| {
        out.extend_from_slice(&sql[at..]);
        out
    })
}

/// `GRANT x TO x`: the rest of a membership when both its roles became one.
fn is_self_membership(entry: &TocEntry) -> bool {
    if entry.kind != ObjectKind::RoleMembership {
        return false;
    }
    let sql = entry.definition();
    let places = role_places(&entry.kind, sql);
    match places.as_slice() {
        [role, member, ..] => lex::name(&sql[role.clone()]) == lex::name(&sql[member.clone()]),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restore::testing::{database, entry, toc};

    fn roles(kind: &ObjectKind, sql: &str) -> Vec<String> {
        let found = roles_in(kind, sql.as_bytes());
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn grants_name_their_roles() {
        let sql = "REVOKE ALL ON TABLE app.\"TO x\" FROM PUBLIC;\n\
                   SET SESSION AUTHORIZATION giver;\n\
                   GRANT SELECT ON TABLE app.t TO \"O\"\"Neil\" WITH GRANT OPTION;\n\
                   RESET SESSION AUTHORIZATION;";
        assert_eq!(roles(&ObjectKind::Acl, sql), ["O\"Neil", "giver"]);
        let sql = "ALTER DEFAULT PRIVILEGES FOR ROLE a IN SCHEMA s GRANT ALL ON TABLES TO b;";
        assert_eq!(roles(&ObjectKind::DefaultAcl, sql), ["a", "b"]);
    }

    #[test]
    fn policies_and_mappings_name_theirs() {
        let sql = "CREATE POLICY p ON app.t FOR SELECT TO a, \"b c\" USING ((x = 'TO y'));";
        assert_eq!(roles(&ObjectKind::Policy, sql), ["a", "b c"]);
        let sql = "CREATE POLICY p ON app.t USING ((x IS NOT NULL));";
        assert!(roles(&ObjectKind::Policy, sql).is_empty());
        let sql = "CREATE USER MAPPING FOR a SERVER s OPTIONS (\"user\" 'u');";
        assert_eq!(roles(&ObjectKind::UserMapping, sql), ["a"]);
    }

    fn with(kind: ObjectKind, tag: &str, sql: &str, owner: &str) -> TocEntry {
        TocEntry {
            defn: Some(sql.into()),
            owner: Some(owner.into()),
            ..entry(1, kind, None, tag)
        }
    }

    #[test]
    fn a_role_is_replaced_wherever_it_is_named() {
        use ObjectKind as Kind;
        let cases = [
            (
                Kind::Table,
                "CREATE TABLE s.old (old text);",
                "CREATE TABLE s.old (old text);",
            ),
            (
                Kind::Acl,
                "REVOKE ALL ON TABLE s.old FROM old;\nGRANT SELECT ON TABLE s.old TO old;",
                "REVOKE ALL ON TABLE s.old FROM \"n\"\"w\";\nGRANT SELECT ON TABLE s.old TO \"n\"\"w\";",
            ),
            (
                Kind::DefaultAcl,
                "ALTER DEFAULT PRIVILEGES FOR ROLE old GRANT SELECT ON TABLES TO other;",
                "ALTER DEFAULT PRIVILEGES FOR ROLE \"n\"\"w\" GRANT SELECT ON TABLES TO other;",
            ),
            (
                Kind::Policy,
                "CREATE POLICY old ON s.t TO other, old USING ((a = 'old'));",
                "CREATE POLICY old ON s.t TO other, \"n\"\"w\" USING ((a = 'old'));",
            ),
            (
                Kind::DatabaseProperties,
                "ALTER ROLE old IN DATABASE old SET a TO 'old';",
                "ALTER ROLE \"n\"\"w\" IN DATABASE old SET a TO 'old';",
            ),
            (
                Kind::UserMapping,
                "CREATE USER MAPPING FOR old SERVER old;",
                "CREATE USER MAPPING FOR \"n\"\"w\" SERVER old;",
            ),
            (
                Kind::Blob,
                "ALTER LARGE OBJECT 5 OWNER TO old;",
                "ALTER LARGE OBJECT 5 OWNER TO \"n\"\"w\";",
            ),
        ];
        let choices = [RoleChoice {
            source: "old".into(),
            target: "n\"w".into(),
        }];
        for (kind, sql, expected) in cases {
            let toc = toc(vec![with(kind, "x", sql, "old")]);
            let mut contents = Contents {
                databases: vec![database("d", toc)],
                globals: None,
            };
            assert!(replace_roles(&mut contents, &choices).is_empty());
            let entry = &contents.databases[0].toc.entries[0];
            assert_eq!(entry.definition(), expected.as_bytes());
            assert_eq!(
                entry.owner.as_deref().map(Vec::as_slice),
                Some(&b"n\"w"[..])
            );
        }
    }

    #[test]
    fn the_old_role_is_not_made_and_its_memberships_go_over() {
        let grant = |sql: &str| with(ObjectKind::RoleMembership, "", sql, "");
        let mut comment = with(
            ObjectKind::Comment,
            "ROLE old",
            "COMMENT ON ROLE old IS 'x';",
            "",
        );
        comment.dependencies = vec![DumpId(7)];
        let mut role = with(ObjectKind::Role, "old", "CREATE ROLE old;", "");
        role.dump_id = DumpId(7);
        let globals = toc(vec![
            role,
            with(
                ObjectKind::RolePassword,
                "old",
                "ALTER ROLE old PASSWORD 'x';",
                "",
            ),
            comment,
            with(ObjectKind::Role, "reader", "CREATE ROLE reader;", ""),
            grant("GRANT reader TO old GRANTED BY old;"),
            grant("GRANT new TO old;"),
        ]);
        let mut contents = Contents {
            databases: vec![],
            globals: Some(globals),
        };
        let choice = |source: &str| RoleChoice {
            source: source.into(),
            target: "new".into(),
        };
        let unseen = replace_roles(&mut contents, &[choice("old"), choice("nobody")]);
        assert_eq!(unseen, ["nobody"]);
        let entries = contents.globals.unwrap_or_default().entries;
        let left: Vec<String> = entries
            .iter()
            .map(|entry| String::from_utf8_lossy(entry.definition()).into_owned())
            .collect();
        let grant = "GRANT reader TO \"new\" GRANTED BY \"new\";";
        assert_eq!(left, ["CREATE ROLE reader;", grant]);
    }
}
