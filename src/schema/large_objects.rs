//! Large objects as TOC entries, many to each.
//!
//! Pure. pg_dump's `dumpLO()` makes an entry for each object before version 17 and groups them by owner and
//! grants since; header version 1.15 has no kind for groups, so ours are made of kinds that every pg_restore
//! executes (FORMAT.md). The data itself is written by `dump`.

use bstr::BString;

use super::contents::{Contents, LargeObjectFacts};
use super::grants::statements;
use super::ids::{DataIds, DumpIds};
use crate::toc::{DumpId, ObjectKind, Section, TocEntry, quote};

/// Large objects of one creation entry.
const CREATE_GROUP: usize = 10_000;
/// Large objects of one ALTER OWNER, GRANT or COMMENT entry: each takes a lock until the entry's transaction
/// ends, and a server has 6,400 by default (max_locks_per_transaction x max_connections).
const LOCKING_GROUP: usize = 500;
/// The entries, by where they stand in the TOC.
#[derive(Default)]
pub(super) struct LargeObjectEntries {
    /// Before all data.
    pub(super) create: Vec<TocEntry>,
    /// The content.
    pub(super) data: Vec<TocEntry>,
    /// Owners, grants, comments.
    pub(super) after: Vec<TocEntry>,
}

/// Creation, content, then owners, grants and comments. Kinds and tags are those that pg_restore takes for
/// data (`_tocEntryRequired()`): BLOB, and ACL or COMMENT with a tag that begins with LARGE OBJECT.
pub(super) fn entries(
    contents: &Contents,
    data: &DataIds,
    ids: &mut DumpIds,
) -> LargeObjectEntries {
    let mut out = LargeObjectEntries::default();
    let mut by_oid: Vec<&LargeObjectFacts> = contents.large_objects.iter().collect();
    by_oid.sort_by_key(|object| object.oid);
    out.create = by_oid
        .chunks(CREATE_GROUP)
        .map(|group| creation(group, ids))
        .collect();
    let created: Vec<DumpId> = out.create.iter().map(|entry| entry.dump_id).collect();
    out.data = data
        .large_objects
        .iter()
        .enumerate()
        .map(|(index, &dump_id)| TocEntry {
            dump_id,
            had_dumper: true,
            tag: format!("LARGE OBJECTS {}", index + 1).into(),
            kind: ObjectKind::LargeObjectData,
            section: Section::Data,
            drop_stmt: Some("".into()),
            owner: Some("".into()),
            dependencies: created.clone(),
            ..TocEntry::default()
        })
        .collect();
    for same in contents
        .large_objects
        .chunk_by(|a, b| a.owner_quoted == b.owner_quoted && a.acl == b.acl)
    {
        for group in same.chunks(LOCKING_GROUP) {
            out.after
                .extend(owner_and_grants(contents, group, &created, ids));
        }
    }
    let commented: Vec<&LargeObjectFacts> = by_oid
        .into_iter()
        .filter(|object| object.comment.is_some())
        .collect();
    for group in commented.chunks(LOCKING_GROUP) {
        let defn = group
            .iter()
            .flat_map(|object| comment_on(object))
            .collect::<Vec<u8>>();
        let tag = range_tag("LARGE OBJECT COMMENTS ", group);
        out.after.push(entry(
            ids.next_id(),
            ObjectKind::Comment,
            &tag,
            defn.into(),
            created.clone(),
        ));
    }
    out
}

/// The entry that creates a group of large objects.
fn creation(group: &[&LargeObjectFacts], ids: &mut DumpIds) -> TocEntry {
    let values: Vec<String> = group
        .iter()
        .map(|object| format!("({})", object.oid))
        .collect();
    let defn = format!(
        "SELECT pg_catalog.count(pg_catalog.lo_create(v.oid)) FROM (VALUES {}) AS v(oid);\n",
        values.join(", ")
    );
    let mut created = entry(
        ids.next_id(),
        ObjectKind::Blob,
        &range_tag("", group),
        defn.into(),
        vec![],
    );
    created.drop_stmt = Some(unlink(group));
    TocEntry {
        section: Section::PreData,
        ..created
    }
}

/// Owners, grants and comments of the objects of `contents`, as an archive holds them.
pub(super) fn rights(contents: &Contents) -> Vec<TocEntry> {
    let no_data = DataIds {
        tables: vec![],
        large_objects: vec![],
    };
    entries(contents, &no_data, &mut DumpIds::from_last(0)).after
}

/// Passes over missing objects.
fn unlink(group: &[&LargeObjectFacts]) -> BString {
    let list: Vec<String> = group.iter().map(|object| object.oid.to_string()).collect();
    format!(
        "SELECT pg_catalog.count(pg_catalog.lo_unlink(m.oid)) \
         FROM pg_catalog.pg_largeobject_metadata AS m WHERE m.oid IN ({});\n",
        list.join(", ")
    )
    .into()
}

fn entry(
    dump_id: DumpId,
    kind: ObjectKind,
    tag: &str,
    defn: BString,
    dependencies: Vec<DumpId>,
) -> TocEntry {
    TocEntry {
        dump_id,
        tag: tag.into(),
        kind,
        section: Section::None,
        defn: Some(defn),
        drop_stmt: Some("".into()),
        owner: Some("".into()),
        dependencies,
        ..TocEntry::default()
    }
}

fn range_tag(prefix: &str, group: &[&LargeObjectFacts]) -> String {
    match group {
        [only] => format!("{prefix}{}", only.oid),
        [first, .., last] => format!("{prefix}{}..{}", first.oid, last.oid),
        [] => prefix.to_owned(),
    }
}

fn owner_and_grants(
    contents: &Contents,
    group: &[LargeObjectFacts],
    created: &[DumpId],
    ids: &mut DumpIds,
) -> Vec<TocEntry> {
    let references: Vec<&LargeObjectFacts> = group.iter().collect();
    let Some(first) = group.first() else {
        return vec![];
    };
    let alter: Vec<u8> = group
        .iter()
        .flat_map(|object| {
            [
                format!("ALTER LARGE OBJECT {} OWNER TO ", object.oid).as_bytes(),
                &first.owner_quoted,
                b";\n",
            ]
            .concat()
        })
        .collect();
    let tag = range_tag("OWNER ", &references);
    let mut entries = vec![entry(
        ids.next_id(),
        ObjectKind::Blob,
        &tag,
        alter.into(),
        created.to_vec(),
    )];
    let grants = contents
        .large_object_grants
        .iter()
        .find(|(acl, _)| first.acl.as_ref() == Some(acl));
    if let Some((_, grants)) = grants {
        let list: Vec<String> = group.iter().map(|object| object.oid.to_string()).collect();
        let list = list.join(", ");
        let mut defn = [
            format!("REVOKE ALL ON LARGE OBJECT {list} FROM ").as_bytes(),
            &first.owner_quoted,
            b";\n",
        ]
        .concat();
        let object = format!("LARGE OBJECT {list}");
        defn.extend(statements(object.as_bytes(), &first.owner_quoted, grants));
        let after_owner = entries.iter().map(|entry| entry.dump_id).collect();
        let tag = range_tag("LARGE OBJECT ", &references);
        entries.push(entry(
            ids.next_id(),
            ObjectKind::Acl,
            &tag,
            defn.into(),
            after_owner,
        ));
    }
    entries
}

fn comment_on(object: &LargeObjectFacts) -> Vec<u8> {
    let comment = object
        .comment
        .as_ref()
        .map(|comment| quote::literal(comment))
        .unwrap_or_default();
    [
        format!("COMMENT ON LARGE OBJECT {} IS ", object.oid).as_bytes(),
        &comment,
        b";\n",
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_objects_are_grouped_by_owner_and_grants() {
        let object = |oid, acl: Option<&str>| LargeObjectFacts {
            oid,
            owner_quoted: "o".into(),
            acl: acl.map(BString::from),
            comment: None,
        };
        let grant = crate::schema::grants::Grant {
            grantee_quoted: "r".into(),
            privilege: "SELECT".into(),
            grantable: false,
            grantor_quoted: "o".into(),
        };
        let contents = Contents {
            large_objects: vec![object(7, None), object(9, None), object(8, Some("{r=r/o}"))],
            large_object_grants: vec![("{r=r/o}".into(), vec![grant])],
            ..Contents::default()
        };
        let data = DataIds {
            tables: vec![],
            large_objects: vec![DumpId(1)],
        };
        let entries = entries(&contents, &data, &mut DumpIds::from_last(1));
        assert_eq!(entries.create.len(), 1);
        assert_eq!(entries.create[0].tag, "7..9");
        let tags: Vec<String> = entries
            .after
            .iter()
            .map(|entry| entry.tag.to_string())
            .collect();
        assert_eq!(tags, ["OWNER 7..9", "OWNER 8", "LARGE OBJECT 8"]);
        let acl = "REVOKE ALL ON LARGE OBJECT 8 FROM o;\nGRANT SELECT ON LARGE OBJECT 8 TO r;\n";
        assert_eq!(entries.after[2].definition(), acl.as_bytes());
    }
}
