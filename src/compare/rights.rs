//! Owners and grants of large objects, as the entries of an archive of ours say them (FORMAT.md). Pure.
//!
//! The server's entries are made by the code that writes archives, so both sides have one wording, whatever
//! the versions. An archive of pg_dump's has another wording; its grants are not compared.

use std::collections::HashMap;
use std::sync::Arc;

use bstr::{BString, ByteSlice};

use super::report::Difference;
use crate::toc::{ObjectKind, TocEntry};

/// Owner and grants of one object, shared with others of the same entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Right {
    owner: Option<Arc<BString>>,
    grants: Option<Arc<BString>>,
}

/// Those of all objects.
#[derive(Debug, Default)]
pub(super) struct Rights(HashMap<u32, Right>);

impl Rights {
    /// The grants in these entries.
    pub(super) fn of<'a>(entries: impl Iterator<Item = &'a TocEntry>) -> Self {
        let mut rights = HashMap::<u32, Right>::new();
        for entry in entries {
            let is_owner = entry.kind == ObjectKind::Blob && entry.tag.starts_with(b"OWNER ");
            let is_grant = entry.kind == ObjectKind::Acl && entry.tag.starts_with(b"LARGE OBJECT ");
            if !is_owner && !is_grant {
                continue;
            }
            let (oids, text) = apart(entry.definition());
            let text = Arc::new(text);
            for oid in oids {
                let right = rights.entry(oid).or_default();
                if is_owner {
                    right.owner = Some(Arc::clone(&text))
                } else {
                    right.grants = Some(Arc::clone(&text))
                }
            }
        }
        Self(rights)
    }

    /// Whether nothing is known of any object.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The grants that differ in `found`. Another check names the objects that are missing.
    pub(super) fn differences(&self, found: &Self) -> Vec<Difference> {
        let mut differences = Vec::new();
        for (oid, ours) in &self.0 {
            let Some(theirs) = found.0.get(oid) else {
                continue;
            };
            // Every object of ours has an entry that says its owner; pg_dump words its grants otherwise.
            if ours.owner.is_none() {
                continue;
            }
            let name = format!("LARGE OBJECT {oid}");
            if ours.owner != theirs.owner {
                differences.push(Difference::new(&name, "belongs to another role"));
            } else if ours.grants != theirs.grants {
                differences.push(Difference::new(&name, "is granted otherwise"));
            }
        }
        differences
    }
}

/// The objects that statements are about, and the statements about `?` in their place. All of an entry are
/// about the same objects.
fn apart(sql: &[u8]) -> (Vec<u32>, BString) {
    const OBJECT: &[u8] = b"LARGE OBJECT ";
    let mut oids = Vec::new();
    let mut lines: Vec<BString> = Vec::new();
    let mut grantor = BString::default();
    for statement in statements(sql) {
        let Some(at) = statement.find(OBJECT) else {
            let is_set = statement.starts_with(b"SET ");
            grantor = if is_set {
                statement.into()
            } else {
                BString::default()
            };
            continue;
        };
        let (before, rest) = statement.split_at(at + OBJECT.len());
        let end = rest.find_not_byteset(b"0123456789, ").unwrap_or(rest.len());
        let (list, after) = rest.split_at(end);
        let numbers = list.split(|byte| !byte.is_ascii_digit());
        oids.extend(numbers.filter_map(|digits| digits.to_str().ok()?.parse::<u32>().ok()));
        lines.push([before, b"? ", after, b" after ", &grantor].concat().into());
    }
    // Who was granted first does not matter.
    lines.sort();
    lines.dedup();
    oids.sort_unstable();
    oids.dedup();
    (oids, bstr::join("\n", lines).into())
}

/// The statements, each ended by a semicolon at the end of a line; one in quotes ends nothing.
fn statements(sql: &[u8]) -> Vec<&[u8]> {
    let mut statements = Vec::new();
    let mut start = 0;
    let mut is_quoted = false;
    for (at, &byte) in sql.iter().enumerate() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b';' if !is_quoted => {
                statements.push(sql[start..at].trim_ascii());
                start = at + 1;
            }
            _ => {}
        }
    }
    statements
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(kind: ObjectKind, tag: &str, sql: &str) -> TocEntry {
        TocEntry {
            kind,
            tag: tag.into(),
            defn: Some(sql.into()),
            ..TocEntry::default()
        }
    }

    fn rights(owner: &str, acl: &str) -> Rights {
        let owner = format!(
            "ALTER LARGE OBJECT 5 OWNER TO {owner};\nALTER LARGE OBJECT 7 OWNER TO {owner};\n"
        );
        let entries = [
            entry(ObjectKind::Blob, "OWNER 5..7", &owner),
            entry(ObjectKind::Acl, "LARGE OBJECT 5..7", acl),
        ];
        Rights::of(entries.iter())
    }

    const ACL: &str = "REVOKE ALL ON LARGE OBJECT 5, 7 FROM o;\nGRANT SELECT ON LARGE OBJECT 5, 7 TO \"a;b\";\n\
        SET SESSION AUTHORIZATION \"a;b\";\nGRANT SELECT ON LARGE OBJECT 5, 7 TO c;\nRESET SESSION AUTHORIZATION;\n";

    #[test]
    fn another_grantor_is_a_difference() {
        let ours = rights("o", ACL);
        assert!(ours.differences(&rights("o", ACL)).is_empty());
        let granted_by_owner = ACL.replace("SET SESSION AUTHORIZATION \"a;b\";\n", "");
        let differences = ours.differences(&rights("o", &granted_by_owner));
        assert_eq!(differences.len(), 2);
        let differences = ours.differences(&rights("p", ACL));
        assert!(format!("{differences:?}").contains("belongs to another role"));
    }

    #[test]
    fn how_objects_are_grouped_does_not_matter() {
        let one = |oid: u32| {
            let owner = format!("ALTER LARGE OBJECT {oid} OWNER TO o;\n");
            let acl = ACL.replace("5, 7", &oid.to_string());
            [
                entry(ObjectKind::Blob, &format!("OWNER {oid}"), &owner),
                entry(ObjectKind::Acl, &format!("LARGE OBJECT {oid}"), &acl),
            ]
        };
        let each: Vec<TocEntry> = [one(5), one(7)].concat();
        assert!(
            rights("o", ACL)
                .differences(&Rights::of(each.iter()))
                .is_empty()
        );
    }
    #[test]
    fn grants_of_an_archive_of_pg_dump_are_not_compared() {
        let grant = "GRANT SELECT ON LARGE OBJECT 5 TO c;\n";
        let theirs = [entry(ObjectKind::Acl, "LARGE OBJECT 5", grant)];
        let archived = Rights::of(theirs.iter());
        assert!(archived.differences(&rights("o", ACL)).is_empty());
    }
}
