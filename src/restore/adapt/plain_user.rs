//! The same said differently, for a user that is no superuser.
//!
//! Pure. pg_dumpall and pg_dump write for superusers: attributes that a role has not are taken from it,
//! memberships name who granted them, and grants that a role passed on are made in its name. None of
//! that needs a superuser if it is put otherwise. What does need one is `preflight::forbidden`'s business.

use std::collections::HashMap;

use bstr::BString;

use crate::restore::contents::Contents;
use crate::toc::lex::{self, TokenKind};
use crate::toc::{DumpId, ObjectKind, TocEntry, quote};

/// Attributes of roles that not every role with CREATEROLE may give. Naming them at all, even to take
/// them away, is an error for most (AlterRole in `user.c`).
pub(crate) const GUARDED: [&str; 5] = [
    "SUPERUSER",
    "REPLICATION",
    "BYPASSRLS",
    "CREATEDB",
    "CREATEROLE",
];

/// Puts everything so that a user that is no superuser may say it. `role` is `--role`.
pub(crate) fn adapt(contents: &mut Contents, role: Option<&BString>) {
    for toc in contents
        .databases
        .iter_mut()
        .map(|database| &mut database.toc)
    {
        for entry in toc
            .entries
            .iter_mut()
            .filter(|entry| entry.kind == ObjectKind::Acl)
        {
            let sql = entry.definition();
            if lex::words(sql).contains(&&b"AUTHORIZATION"[..]) {
                entry.defn = Some(as_role(sql, role));
            }
        }
    }
    for entry in contents.globals.iter_mut().flat_map(|toc| &mut toc.entries) {
        match entry.kind {
            ObjectKind::Role => entry.defn = Some(new_role(entry)),
            ObjectKind::RoleMembership => entry.defn = Some(without_grantor(entry.definition())),
            _ => {}
        }
    }
}

/// Lets row security wait for foreign keys: an owner that is subject to policies cannot validate them.
/// In a TOC they come first; work in parallel would not keep to that.
pub(crate) fn order_row_security(contents: &mut Contents) {
    for toc in contents
        .databases
        .iter_mut()
        .map(|database| &mut database.toc)
    {
        let mut keys: HashMap<DumpId, Vec<DumpId>> = HashMap::new();
        for key in toc
            .entries
            .iter()
            .filter(|entry| entry.kind == ObjectKind::FkConstraint)
        {
            for &id in &key.dependencies {
                keys.entry(id).or_default().push(key.dump_id);
            }
        }
        for entry in toc
            .entries
            .iter_mut()
            .filter(|entry| entry.kind == ObjectKind::RowSecurity)
        {
            let tables = entry.dependencies.iter();
            let after = tables.filter_map(|id| keys.get(id)).flatten().copied();
            let after: Vec<DumpId> = after.collect();
            entry.dependencies.extend(after);
        }
    }
}

/// `SET SESSION AUTHORIZATION x` is for superusers, `SET ROLE x` for members of x.
fn as_role(sql: &[u8], role: Option<&BString>) -> BString {
    let mut out = BString::default();
    for statement in lex::statements(sql) {
        let words = lex::words(statement);
        match words.as_slice() {
            [b"SET", b"SESSION", b"AUTHORIZATION", b"DEFAULT"]
            | [b"RESET", b"SESSION", b"AUTHORIZATION"] => match role {
                Some(role) => {
                    out.extend_from_slice(b"SET ROLE ");
                    out.extend_from_slice(&quote::ident(role));
                }
                None => out.extend_from_slice(b"RESET ROLE"),
            },
            [b"SET", b"SESSION", b"AUTHORIZATION", name] => {
                out.extend_from_slice(b"SET ROLE ");
                out.extend_from_slice(name);
            }
            _ => out.extend_from_slice(statement),
        }
        out.extend_from_slice(b";\n");
    }
    out
}

/// A new role has none of the attributes that its definition takes away. And a user who makes a role that
/// is to own things must be its member, to give it those things.
fn new_role(entry: &TocEntry) -> BString {
    let negated: Vec<String> = GUARDED
        .iter()
        .map(|attribute| format!("NO{attribute}"))
        .collect();
    let names: Vec<&str> = negated.iter().map(String::as_str).collect();
    let mut sql = without_attributes(entry.definition(), &names);
    sql.extend_from_slice(b"GRANT ");
    sql.extend_from_slice(&quote::ident(&entry.tag));
    sql.extend_from_slice(b" TO CURRENT_USER;\n");
    sql
}

/// A role's definition without these words.
pub(crate) fn without_attributes(sql: &[u8], attributes: &[&str]) -> BString {
    let mut out = BString::default();
    for token in lex::tokens(sql) {
        let text = &sql[token.range];
        let is_attribute = attributes
            .iter()
            .any(|attribute| attribute.as_bytes() == text);
        if token.kind != TokenKind::Word || !is_attribute {
            out.extend_from_slice(text);
        }
    }
    out
}

/// `GRANT a TO b GRANTED BY c`: only superusers, and since 16 those who may act as c, may name another
/// grantor than themselves.
fn without_grantor(sql: &[u8]) -> BString {
    let places: Vec<_> = lex::word_places(sql).collect();
    let by = places
        .windows(2)
        .find(|pair| sql[pair[0].clone()] == *b"GRANTED" && sql[pair[1].clone()] == *b"BY");
    match by {
        Some(pair) => {
            let mut out = BString::from(sql[..pair[0].start].trim_ascii_end());
            out.extend_from_slice(b";\n");
            out
        }
        None => sql.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restore::testing::{database, entry, toc};

    #[test]
    fn what_only_superusers_may_say_is_put_otherwise() {
        let with = |kind, tag: &str, sql: &str| TocEntry {
            defn: Some(sql.into()),
            ..entry(1, kind, None, tag)
        };
        let acl = with(
            ObjectKind::Acl,
            "TABLE t",
            "SET SESSION AUTHORIZATION \"a b\";\nGRANT SELECT ON TABLE s.t TO c;\nRESET SESSION AUTHORIZATION;",
        );
        let globals = toc(vec![
            with(
                ObjectKind::Role,
                "r",
                "CREATE ROLE r;\nALTER ROLE r WITH NOSUPERUSER INHERIT NOCREATEROLE CREATEDB LOGIN NOREPLICATION NOBYPASSRLS;\n",
            ),
            with(
                ObjectKind::RoleMembership,
                "",
                "GRANT a TO \"GRANTED BY\" WITH ADMIN OPTION GRANTED BY c;\n",
            ),
        ]);
        let mut contents = Contents {
            databases: vec![database("d", toc(vec![acl]))],
            globals: Some(globals),
        };
        adapt(&mut contents, None);
        let sql = |entry: &TocEntry| String::from_utf8_lossy(entry.definition()).into_owned();
        assert_eq!(
            sql(&contents.databases[0].toc.entries[0]),
            "SET ROLE \"a b\";\nGRANT SELECT ON TABLE s.t TO c;\nRESET ROLE;\n"
        );
        let globals = contents.globals.unwrap_or_default();
        let role = sql(&globals.entries[0]);
        let words: Vec<&str> = role.split_whitespace().collect();
        assert_eq!(
            words.join(" "),
            "CREATE ROLE r; ALTER ROLE r WITH INHERIT CREATEDB LOGIN ; GRANT \"r\" TO CURRENT_USER;"
        );
        let grant = "GRANT a TO \"GRANTED BY\" WITH ADMIN OPTION;\n";
        assert_eq!(sql(&globals.entries[1]), grant);
    }
}
