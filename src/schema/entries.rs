//! Completes a schema-only TOC with everything pg_dump would have added for data.
//!
//! Pure. Field by field the entries are those of `dumpTableData()`, `dumpSequenceData()`,
//! `refreshMatViewData()` and `dumpLO()` in pg_dump.c, with two differences that FORMAT.md explains: a
//! table may have many TABLE DATA entries, and large objects are grouped.

use std::collections::{BTreeMap, BTreeSet};

use bstr::BString;

use super::contents::{Contents, LargeObjectFacts, MaterializedViewFacts, SequenceFacts};
use crate::toc::{CatalogId, DumpId, ObjectKind, Section, Toc, TocEntry, quote};

/// Large objects of one creation entry.
const CREATE_GROUP: usize = 10_000;
/// Large objects of one ALTER OWNER, GRANT or COMMENT entry: each takes a lock until the entry's transaction
/// ends, and a server has 6,400 by default (max_locks_per_transaction x max_connections).
const LOCKING_GROUP: usize = 500;
/// The text after which pg_restore does not TRUNCATE a table before it loads an entry in parallel mode
/// (`restore_toc_entry()` in pg_backup_archiver.c).
const LOAD_VIA_ROOT: &str = "-- load via partition root ";

/// Hands out dump ids that are not in use yet.
#[derive(Debug)]
pub struct DumpIds(i32);

impl DumpIds {
    /// Ids after those of `toc`.
    pub fn after(toc: &Toc) -> Self {
        Self(toc.max_dump_id().0)
    }

    /// The next id.
    pub fn next_id(&mut self) -> DumpId {
        self.0 += 1;
        DumpId(self.0)
    }
}

/// Which data entries there are: dump ids of a table's chunks, in table order, and of the large objects'.
#[derive(Debug, Clone, Default)]
pub struct DataIds {
    /// As many lists as [`Contents::tables`], each in the order in which its chunks must be loaded.
    pub tables: Vec<Vec<DumpId>>,
    /// The large-object data entries.
    pub large_objects: Vec<DumpId>,
}

/// What of a database goes into the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Definitions and data.
    All,
    /// Definitions only.
    SchemaOnly,
    /// Data only.
    DataOnly,
}

/// The complete TOC: `toc`'s entries with the data's between pre-data and post-data, and the refreshes at
/// the end.
pub fn complete(
    toc: Toc,
    contents: &Contents,
    data: &DataIds,
    content: Content,
    ids: &mut DumpIds,
) -> Toc {
    let mut entries: Vec<TocEntry> = toc.entries;
    if content == Content::DataOnly {
        entries.retain(|entry| is_session_setting(&entry.kind));
    }
    let by_table = chunks_by_table_entry(contents, data);
    let mut middle = vec![];
    let large_objects = large_object_entries(contents, data, ids);
    middle.extend(large_objects.create);
    middle.extend(table_data(contents, data));
    middle.extend(
        contents
            .sequences
            .iter()
            .map(|sequence| sequence_set(sequence, ids.next_id())),
    );
    middle.extend(large_objects.data);
    middle.extend(large_objects.after);
    let split = entries
        .iter()
        .position(|entry| entry.section == Section::PostData)
        .unwrap_or(entries.len());
    let mut after = entries.split_off(split);
    for entry in &mut after {
        add_chunk_dependencies(entry, &by_table);
    }
    entries.extend(middle);
    entries.extend(after);
    if content == Content::All {
        entries.extend(refreshes(&contents.materialized_views, ids));
    }
    Toc { entries, ..toc }
}

/// Entries that every archive needs, whatever it holds.
fn is_session_setting(kind: &ObjectKind) -> bool {
    matches!(
        kind,
        ObjectKind::Encoding
            | ObjectKind::StdStrings
            | ObjectKind::SearchPath
            | ObjectKind::Database
            | ObjectKind::DatabaseProperties
    )
}

/// The chunks that post-data must wait for, by the entry it depends on. pg_restore itself makes what depends on a
/// table wait for one TABLE DATA entry (`repoint_table_dependencies()`), not for several; and it knows nothing
/// of an extension's configuration tables, which stand in no TOC: what refers to them depends on the extension.
fn chunks_by_table_entry(contents: &Contents, data: &DataIds) -> BTreeMap<DumpId, Vec<DumpId>> {
    let mut by_entry: BTreeMap<DumpId, Vec<DumpId>> = BTreeMap::new();
    for (table, chunks) in contents.tables.iter().zip(&data.tables) {
        if let Some(entry) = table.entry
            && (chunks.len() > 1 || table.condition.is_some())
        {
            by_entry.entry(entry).or_default().extend(chunks);
        }
    }
    by_entry
}

fn add_chunk_dependencies(entry: &mut TocEntry, by_table: &BTreeMap<DumpId, Vec<DumpId>>) {
    let chunks: Vec<DumpId> = entry
        .dependencies
        .iter()
        .filter_map(|id| by_table.get(id))
        .flat_map(|ids| ids.iter().copied())
        .collect();
    entry.dependencies.extend(chunks);
}

fn table_data(contents: &Contents, data: &DataIds) -> Vec<TocEntry> {
    let chunks_of: BTreeMap<u32, &[DumpId]> = contents
        .tables
        .iter()
        .map(|table| table.oid)
        .zip(data.tables.iter().map(Vec::as_slice))
        .collect();
    let order = after_what_they_need(
        &contents.tables,
        |table| table.oid,
        |table| &table.after_oids,
    );
    let mut entries = vec![];
    for table in order {
        let chunks = chunks_of.get(&table.oid).copied().unwrap_or_default();
        let mut dependencies: Vec<DumpId> = table.entry.into_iter().collect();
        for oid in &table.after_oids {
            dependencies.extend_from_slice(chunks_of.get(oid).copied().unwrap_or_default());
        }
        let defn = match &table.root {
            Some(root) => Some(root),
            None if chunks.len() > 1 => Some(&table.qualified),
            None => None,
        }
        .map(|target| concat(&[LOAD_VIA_ROOT.as_bytes(), target]));
        entries.extend(chunks.iter().map(|&dump_id| TocEntry {
            dump_id,
            had_dumper: true,
            catalog_id: CatalogId {
                table_oid: 0,
                oid: table.oid,
            },
            tag: table.name.clone(),
            kind: ObjectKind::TableData,
            section: Section::Data,
            defn: defn.clone(),
            drop_stmt: Some("".into()),
            copy_stmt: Some(table.copy_in()),
            namespace: Some(table.schema.clone()),
            owner: Some(table.owner.clone()),
            dependencies: dependencies.clone(),
            ..TocEntry::default()
        }));
    }
    entries
}

fn sequence_set(sequence: &SequenceFacts, dump_id: DumpId) -> TocEntry {
    let defn = concat(&[
        b"SELECT pg_catalog.setval(",
        &quote::literal(&sequence.qualified),
        format!(", {}, {});\n", sequence.last_value, sequence.is_called).as_bytes(),
    ]);
    TocEntry {
        dump_id,
        tag: sequence.name.clone(),
        kind: ObjectKind::SequenceSet,
        section: Section::Data,
        defn: Some(defn),
        drop_stmt: Some("".into()),
        namespace: Some(sequence.schema.clone()),
        owner: Some(sequence.owner.clone()),
        dependencies: sequence.entry.into_iter().collect(),
        ..TocEntry::default()
    }
}

fn concat(parts: &[&[u8]]) -> BString {
    parts.concat().into()
}

fn refreshes(views: &[MaterializedViewFacts], ids: &mut DumpIds) -> Vec<TocEntry> {
    let mut refresh_ids: BTreeMap<u32, DumpId> = BTreeMap::new();
    let mut populated: BTreeSet<u32> = BTreeSet::new();
    let mut entries = vec![];
    for view in after_what_they_need(views, |view| view.oid, |view| &view.reads_oids) {
        // A view that reads one that is not populated cannot be refreshed; it stays as pg_dump leaves it.
        if !view.reads_oids.iter().all(|oid| populated.contains(oid)) {
            continue;
        }
        populated.insert(view.oid);
        let Some(entry) = view.entry else { continue };
        let dump_id = ids.next_id();
        let mut dependencies = vec![entry];
        dependencies.extend(
            view.reads_oids
                .iter()
                .filter_map(|oid| refresh_ids.get(oid)),
        );
        refresh_ids.insert(view.oid, dump_id);
        entries.push(TocEntry {
            dump_id,
            catalog_id: CatalogId {
                table_oid: 0,
                oid: view.oid,
            },
            tag: view.name.clone(),
            kind: ObjectKind::MaterializedViewData,
            section: Section::PostData,
            defn: Some(concat(&[
                b"REFRESH MATERIALIZED VIEW ",
                &view.qualified,
                b";\n",
            ])),
            drop_stmt: Some("".into()),
            namespace: Some(view.schema.clone()),
            owner: Some(view.owner.clone()),
            dependencies,
            ..TocEntry::default()
        });
    }
    entries
}

/// `items` in their order, each after those it needs. What is in a cycle comes last, in its order.
fn after_what_they_need<T>(
    items: &[T],
    oid: impl Fn(&T) -> u32,
    needs: impl Fn(&T) -> &Vec<u32>,
) -> Vec<&T> {
    let present: BTreeSet<u32> = items.iter().map(&oid).collect();
    let mut placed = BTreeSet::new();
    let mut order: Vec<&T> = vec![];
    let mut waiting: Vec<&T> = items.iter().collect();
    loop {
        let before = order.len();
        waiting.retain(|&item| {
            let ready = needs(item)
                .iter()
                .all(|need| placed.contains(need) || !present.contains(need));
            if ready {
                placed.insert(oid(item));
                order.push(item);
            }
            !ready
        });
        if order.len() == before {
            order.extend(waiting);
            return order;
        }
    }
}

#[derive(Default)]
struct LargeObjectEntries {
    create: Vec<TocEntry>,
    data: Vec<TocEntry>,
    after: Vec<TocEntry>,
}

/// Creation, content, then owners, grants and comments. Kinds and tags are those that pg_restore takes for data
/// (`_tocEntryRequired()`): BLOB, and ACL or COMMENT with a tag that begins with LARGE OBJECT.
fn large_object_entries(
    contents: &Contents,
    data: &DataIds,
    ids: &mut DumpIds,
) -> LargeObjectEntries {
    let mut out = LargeObjectEntries::default();
    let mut by_oid: Vec<&LargeObjectFacts> = contents.large_objects.iter().collect();
    by_oid.sort_by_key(|object| object.oid);
    for group in by_oid.chunks(CREATE_GROUP) {
        let values: Vec<String> = group
            .iter()
            .map(|object| format!("({})", object.oid))
            .collect();
        let defn = format!(
            "SELECT pg_catalog.count(pg_catalog.lo_create(v.oid)) FROM (VALUES {}) AS v(oid);\n",
            values.join(", ")
        );
        let mut entry = large_object_entry(
            ids.next_id(),
            ObjectKind::Blob,
            &range_tag("", group),
            defn.into(),
            vec![],
        );
        entry.drop_stmt = Some(unlink(group));
        out.create.push(TocEntry {
            section: Section::PreData,
            ..entry
        });
    }
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
        out.after.push(large_object_entry(
            ids.next_id(),
            ObjectKind::Comment,
            &tag,
            defn.into(),
            created.clone(),
        ));
    }
    out
}

/// Passes over what is not there.
fn unlink(group: &[&LargeObjectFacts]) -> BString {
    let list: Vec<String> = group.iter().map(|object| object.oid.to_string()).collect();
    format!(
        "SELECT pg_catalog.count(pg_catalog.lo_unlink(m.oid)) \
         FROM pg_catalog.pg_largeobject_metadata AS m WHERE m.oid IN ({});\n",
        list.join(", ")
    )
    .into()
}

fn large_object_entry(
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
    let mut entries = vec![large_object_entry(
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
        for grant in grants {
            let option: &[u8] = if grant.grantable {
                b" WITH GRANT OPTION;\n"
            } else {
                b";\n"
            };
            defn.extend_from_slice(b"GRANT ");
            defn.extend_from_slice(&grant.privilege);
            defn.extend_from_slice(format!(" ON LARGE OBJECT {list} TO ").as_bytes());
            defn.extend_from_slice(&grant.grantee_quoted);
            defn.extend_from_slice(option);
        }
        let after_owner = entries.iter().map(|entry| entry.dump_id).collect();
        let tag = range_tag("LARGE OBJECT ", &references);
        entries.push(large_object_entry(
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
    use super::super::contents::TableFacts;
    use super::*;

    fn entry(id: i32, kind: ObjectKind, section: Section, dependencies: &[i32]) -> TocEntry {
        let dependencies = dependencies.iter().map(|&id| DumpId(id)).collect();
        TocEntry {
            dump_id: DumpId(id),
            kind,
            section,
            dependencies,
            ..TocEntry::default()
        }
    }

    fn table(oid: u32, entry: i32, after_oids: &[u32]) -> TableFacts {
        let qualified = format!("public.t{oid}").into();
        TableFacts {
            oid,
            qualified,
            entry: Some(DumpId(entry)),
            after_oids: after_oids.to_vec(),
            ..TableFacts::default()
        }
    }

    fn view(oid: u32, reads_oids: &[u32]) -> MaterializedViewFacts {
        MaterializedViewFacts {
            oid,
            schema: "public".into(),
            name: format!("m{oid}").into(),
            qualified: format!("public.m{oid}").into(),
            owner: "o".into(),
            entry: Some(DumpId(1)),
            reads_oids: reads_oids.to_vec(),
        }
    }

    #[test]
    fn post_data_waits_for_every_chunk_of_its_table() {
        let toc = Toc {
            entries: vec![
                entry(1, ObjectKind::Table, Section::PreData, &[]),
                entry(2, ObjectKind::Index, Section::PostData, &[1]),
            ],
            ..Toc::default()
        };
        let contents = Contents {
            tables: vec![table(10, 1, &[])],
            ..Contents::default()
        };
        let data = DataIds {
            tables: vec![vec![DumpId(5), DumpId(6)]],
            large_objects: vec![],
        };
        let mut ids = DumpIds(6);
        let toc = complete(toc, &contents, &data, Content::All, &mut ids);
        let order: Vec<i32> = toc.entries.iter().map(|entry| entry.dump_id.0).collect();
        assert_eq!(order, [1, 5, 6, 2]);
        assert_eq!(
            toc.entries[3].dependencies,
            [DumpId(1), DumpId(5), DumpId(6)]
        );
        assert_eq!(
            toc.entries[1].definition(),
            b"-- load via partition root public.t10"
        );
        assert_eq!(toc.entries[1].dependencies, [DumpId(1)]);
    }

    #[test]
    fn a_table_of_one_chunk_is_an_ordinary_entry() {
        let contents = Contents {
            tables: vec![table(10, 1, &[])],
            ..Contents::default()
        };
        let data = DataIds {
            tables: vec![vec![DumpId(5)]],
            large_objects: vec![],
        };
        let entries = table_data(&contents, &data);
        assert_eq!(entries[0].defn, None);
    }

    #[test]
    fn rows_come_after_the_rows_they_refer_to_even_in_a_cycle() {
        let tables = [
            table(1, 1, &[2]),
            table(2, 2, &[]),
            table(3, 3, &[4]),
            table(4, 4, &[3]),
        ];
        let order: Vec<u32> = after_what_they_need(&tables, |t| t.oid, |t| &t.after_oids)
            .iter()
            .map(|t| t.oid)
            .collect();
        assert_eq!(order, [2, 1, 3, 4]);
    }

    #[test]
    fn refreshes_follow_what_they_read_and_leave_out_what_cannot_be_refreshed() {
        let views = [view(3, &[2]), view(2, &[1]), view(1, &[]), view(4, &[99])];
        let entries = refreshes(&views, &mut DumpIds(7));
        let tags: Vec<String> = entries.iter().map(|entry| entry.tag.to_string()).collect();
        assert_eq!(tags, ["m1", "m2", "m3"]);
        assert_eq!(entries[2].dependencies, [DumpId(1), entries[1].dump_id]);
    }

    #[test]
    fn a_view_outside_the_dump_holds_up_no_other() {
        let outside = MaterializedViewFacts {
            entry: None,
            ..view(1, &[])
        };
        let entries = refreshes(&[view(2, &[1]), outside], &mut DumpIds(7));
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].dependencies, [DumpId(1)]);
    }

    #[test]
    fn large_objects_are_grouped_by_owner_and_grants() {
        let object = |oid, acl: Option<&str>| LargeObjectFacts {
            oid,
            owner_quoted: "o".into(),
            acl: acl.map(BString::from),
            comment: None,
        };
        let grant = super::super::contents::Grant {
            grantee_quoted: "r".into(),
            privilege: "SELECT".into(),
            grantable: false,
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
        let entries = large_object_entries(&contents, &data, &mut DumpIds(1));
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
