//! What an archive says must be in a database. Pure.
//!
//! Tables are taken together that are loaded through one partitioned table: over an enum, which of its
//! partitions a row lies in depends on the numbers of the enum's values, and those are new in a copy.

use std::collections::{BTreeSet, HashMap, HashSet};

use bstr::{BString, ByteSlice};

use crate::digest::RowDigest;
use crate::source::{Content, Contents};
use crate::toc::{DumpId, ObjectKind, TocEntry};

use super::report::Difference;

/// Everything of one database that is compared by content.
#[derive(Debug, Default)]
pub(super) struct Expected {
    pub(super) groups: Vec<Group>,
    pub(super) sequences: Vec<Sequence>,
    /// Materialized views that must have been refreshed.
    pub(super) views: Vec<(BString, BString)>,
    /// Large objects that must exist.
    pub(super) objects: BTreeSet<u32>,
    /// The entries with their content.
    pub(super) object_data: Vec<DumpId>,
    /// Data in a form that cannot be compared.
    pub(super) not_comparable: Vec<Difference>,
}

/// One table, or several tables whose rows may lie in any of them.
#[derive(Debug, Default)]
pub(super) struct Group {
    /// For people.
    pub(super) name: String,
    pub(super) members: Vec<Member>,
    /// Rows and digest, where the archive says them.
    pub(super) sum: Option<(u64, RowDigest)>,
    /// The entries whose expected digest takes decoding their data.
    pub(super) undigested: Vec<DumpId>,
}

/// One table.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Member {
    pub(super) schema: BString,
    pub(super) name: BString,
    /// The columns of its COPY statement, as SQL.
    pub(super) columns: BString,
}

/// A sequence and where it must stand.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sequence {
    pub(super) schema: BString,
    pub(super) name: BString,
    pub(super) last_value: BString,
    pub(super) is_called: bool,
}

impl Expected {
    /// The expectations that `contents` has for the entries in `wanted`, or for all.
    pub(super) fn new(contents: &Contents, wanted: Option<&HashSet<DumpId>>) -> Self {
        let mut expected = Self::default();
        let mut groups: HashMap<BString, usize> = HashMap::new();
        let is_wanted = |entry: &&TocEntry| wanted.is_none_or(|ids| ids.contains(&entry.dump_id));
        for entry in contents.toc.entries.iter().filter(is_wanted) {
            match entry.kind {
                ObjectKind::TableData => expected.add_rows(contents, entry, &mut groups),
                ObjectKind::SequenceSet => expected.sequences.extend(sequence(entry)),
                ObjectKind::MaterializedViewData => {
                    let name = (entry.schema().into(), entry.tag.clone());
                    expected.views.push(name);
                }
                ObjectKind::Blob | ObjectKind::BlobMetadata => expected.add_objects(entry),
                ObjectKind::LargeObjectData | ObjectKind::Blobs => {
                    expected.object_data.push(entry.dump_id);
                }
                _ => {}
            }
        }
        expected
    }

    fn add_rows(
        &mut self,
        contents: &Contents,
        entry: &TocEntry,
        groups: &mut HashMap<BString, usize>,
    ) {
        let name = format!("TABLE DATA {}.{}", entry.schema().as_bstr(), entry.tag);
        let Some(data) = contents.data.get(&entry.dump_id) else {
            return;
        };
        let statement = entry
            .copy_stmt
            .as_ref()
            .filter(|_| data.content == Content::Rows);
        let Some((loaded_into, columns)) = statement.and_then(|sql| split_copy(sql)) else {
            let what = "its rows are stored as statements, which are not compared";
            self.not_comparable.push(Difference::new(name, what));
            return;
        };
        let member = Member {
            schema: entry.schema().into(),
            name: entry.tag.clone(),
            columns: columns.into(),
        };
        let names = names(loaded_into);
        let is_own =
            names.last() == Some(&entry.tag) && (names.len() < 2 || names[0] == entry.schema());
        let key: BString = if is_own {
            [&b"own "[..], entry.schema(), b"\0", &entry.tag]
                .concat()
                .into()
        } else {
            [&b"root "[..], loaded_into].concat().into()
        };
        let position = *groups.entry(key).or_insert_with(|| {
            self.groups.push(Group {
                name: if is_own {
                    name
                } else {
                    format!("TABLE DATA of the partitions of {}", loaded_into.as_bstr())
                },
                sum: Some((0, RowDigest::default())),
                ..Group::default()
            });
            self.groups.len() - 1
        });
        let group = &mut self.groups[position];
        if !group.members.contains(&member) {
            group.members.push(member);
        }
        match (data.rows, data.digest, &mut group.sum) {
            (Some(rows), Some(digest), Some(sum)) => {
                sum.0 += rows;
                sum.1.merge(digest);
            }
            _ => group.undigested.push(entry.dump_id),
        }
    }

    /// OIDs stand alone in all that creates large objects: `lo_create('5')`, `VALUES (5), (6)`, a line each.
    fn add_objects(&mut self, entry: &TocEntry) {
        let sql = entry.definition();
        let creates = sql.contains_str("lo_create(") || entry.kind == ObjectKind::BlobMetadata;
        if !creates {
            return;
        }
        let numbers = sql.split(|byte| !byte.is_ascii_digit());
        let oids = numbers.filter_map(|digits| digits.to_str().ok()?.parse::<u32>().ok());
        self.objects.extend(oids);
    }
}

/// `COPY target (columns) FROM stdin;`: the target and the columns, as SQL.
fn split_copy(sql: &[u8]) -> Option<(&[u8], &[u8])> {
    let sql = sql.trim_ascii().strip_prefix(b"COPY ")?;
    let sql = sql.strip_suffix(b"FROM stdin;")?.trim_ascii();
    let mut is_quoted = false;
    for (at, &byte) in sql.iter().enumerate() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'(' if !is_quoted => {
                let columns = sql[at + 1..].strip_suffix(b")")?;
                return Some((sql[..at].trim_ascii(), columns));
            }
            _ => {}
        }
    }
    Some((sql, b""))
}

/// The names in `a."b.c"`.
fn names(sql: &[u8]) -> Vec<BString> {
    let mut names = vec![BString::default()];
    let mut is_quoted = false;
    let mut bytes = sql.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        let name = names.last_mut();
        match (byte, name) {
            (b'"', Some(name)) if is_quoted && bytes.next_if_eq(&b'"').is_some() => name.push(b'"'),
            (b'"', _) => is_quoted = !is_quoted,
            (b'.', _) if !is_quoted => names.push(BString::default()),
            (_, Some(name)) => name.push(byte),
            (_, None) => {}
        }
    }
    names
}

/// `SELECT pg_catalog.setval('s.q', 5, true);`: the value and whether it was given out follow the last
/// quote.
fn sequence(entry: &TocEntry) -> Option<Sequence> {
    let sql = entry.definition();
    let end = sql.rfind_byte(b'\'')? + 1;
    let mut values = sql[end..].splitn(3, |&byte| byte == b',').skip(1);
    let last_value = values.next()?.trim_ascii();
    let is_called = values.next()?.trim_ascii().starts_with(b"true");
    Some(Sequence {
        schema: entry.schema().into(),
        name: entry.tag.clone(),
        last_value: last_value.into(),
        is_called,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copy_statements_are_taken_apart() {
        let cases: [(&str, Option<(&str, &str)>); 4] = [
            (
                "COPY s.t (a, \"b)\") FROM stdin;\n",
                Some(("s.t", "a, \"b)\"")),
            ),
            (
                "COPY \"s (\".\"t\"\"(\" (a) FROM stdin;\n",
                Some(("\"s (\".\"t\"\"(\"", "a")),
            ),
            ("COPY s.t  FROM stdin;\n", Some(("s.t", ""))),
            ("INSERT INTO s.t VALUES (1);", None),
        ];
        for (sql, expected) in cases {
            let expected = expected.map(|(a, b)| (a.as_bytes(), b.as_bytes()));
            assert_eq!(split_copy(sql.as_bytes()), expected, "{sql}");
        }
        assert_eq!(names(b"a.\"b.\"\"c\""), ["a", "b.\"c"]);
    }

    #[test]
    fn a_sequence_s_place_is_read() {
        let entry = TocEntry {
            kind: ObjectKind::SequenceSet,
            tag: "q".into(),
            namespace: Some("s".into()),
            defn: Some("SELECT pg_catalog.setval('s.\"it''s, q\"', -7, false);\n".into()),
            ..TocEntry::default()
        };
        let found = sequence(&entry).map(|found| (found.last_value, found.is_called));
        assert_eq!(found, Some(("-7".into(), false)));
    }

    #[test]
    fn large_objects_are_listed_by_what_creates_them() {
        let mut expected = Expected::default();
        for (kind, sql) in [
            (
                ObjectKind::Blob,
                "SELECT pg_catalog.count(pg_catalog.lo_create(v.oid)) FROM (VALUES (5), (16)) AS v(oid);\n",
            ),
            (ObjectKind::Blob, "SELECT pg_catalog.lo_create('7');\n"),
            (ObjectKind::Blob, "ALTER LARGE OBJECT 8 OWNER TO x;\n"),
            (ObjectKind::BlobMetadata, "9\n10\n"),
        ] {
            expected.add_objects(&TocEntry {
                kind,
                defn: Some(sql.into()),
                ..TocEntry::default()
            });
        }
        assert_eq!(
            expected.objects.into_iter().collect::<Vec<_>>(),
            [5, 7, 9, 10, 16]
        );
    }
}
