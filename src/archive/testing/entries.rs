//! Tables of contents of the samples.

use crate::archive::testing::SampleTable;
use crate::toc::{CatalogId, DumpId, ObjectKind, Section, Toc, TocEntry};

pub(super) fn next_id(entries: &[TocEntry]) -> DumpId {
    DumpId(entries.last().map_or(10, |entry| entry.dump_id.0 + 1))
}

pub(super) fn toc(database: &[u8], entries: Vec<TocEntry>) -> Toc {
    Toc {
        created: crate::toc::CreatedAt {
            year: 126,
            mon: 10,
            mday: 20,
            hour: 5,
            min: 33,
            sec: 9,
            isdst: 0,
        },
        database: database.into(),
        server_version: "15.18".into(),
        dump_version: "15.18".into(),
        entries,
    }
}

pub(super) fn table_entry(id: DumpId, table: &SampleTable) -> TocEntry {
    let columns: Vec<String> = table
        .columns
        .iter()
        .map(|c| format!("\"{c}\" text"))
        .collect();
    TocEntry {
        dump_id: id,
        catalog_id: CatalogId {
            table_oid: 1259,
            oid: 16_384,
        },
        tag: table.name.into(),
        kind: ObjectKind::Table,
        section: Section::PreData,
        defn: Some(
            format!(
                "CREATE TABLE public.\"{}\" ({});\n",
                table.name,
                columns.join(", ")
            )
            .into(),
        ),
        drop_stmt: Some(format!("DROP TABLE public.\"{}\";\n", table.name).into()),
        namespace: Some("public".into()),
        tablespace: Some("".into()),
        table_am: Some("heap".into()),
        relkind: b'r',
        owner: Some("postgres".into()),
        ..TocEntry::default()
    }
}

pub(super) fn data_entry(id: DumpId, own: DumpId, table: &SampleTable) -> TocEntry {
    let columns: Vec<String> = table.columns.iter().map(|c| format!("\"{c}\"")).collect();
    let list = if columns.is_empty() {
        String::new()
    } else {
        format!("({})", columns.join(", "))
    };
    let partition_root = format!("-- load via partition root public.\"{}\"", table.name);
    TocEntry {
        dump_id: id,
        had_dumper: true,
        catalog_id: CatalogId {
            table_oid: 0,
            oid: 16_384,
        },
        tag: table.name.into(),
        kind: ObjectKind::TableData,
        section: Section::Data,
        defn: (table.chunks.len() > 1).then(|| partition_root.into()),
        copy_stmt: Some(format!("COPY public.\"{}\" {list} FROM stdin;\n", table.name).into()),
        namespace: Some("public".into()),
        owner: Some("postgres".into()),
        dependencies: vec![own],
        data_file: Some(format!("{id}.dat").into()),
        ..TocEntry::default()
    }
}

pub(super) fn large_object_entry(id: DumpId) -> TocEntry {
    TocEntry {
        dump_id: id,
        had_dumper: true,
        tag: "1 large object".into(),
        kind: ObjectKind::LargeObjectData,
        section: Section::Data,
        owner: Some("postgres".into()),
        data_file: Some(format!("{id}.dat").into()),
        ..TocEntry::default()
    }
}
