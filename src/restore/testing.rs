//! Hand-made tables of contents for this module's unit tests.

use bstr::BString;

use super::contents::DatabaseContents;
use super::options::RestoreOptions;
use crate::toc::{DumpId, ObjectKind, Section, Toc, TocEntry};

/// A table of contents of these entries.
pub(super) fn toc(entries: Vec<TocEntry>) -> Toc {
    Toc {
        database: "jobs".into(),
        entries,
        ..Toc::default()
    }
}

/// An entry with the section that its kind has in real archives and a definition.
pub(super) fn entry(id: i32, kind: ObjectKind, schema: Option<&str>, tag: &str) -> TocEntry {
    use ObjectKind as Kind;
    let section = match kind {
        Kind::Acl | Kind::Comment | Kind::SecurityLabel => Section::None,
        Kind::TableData
        | Kind::SequenceSet
        | Kind::Blob
        | Kind::BlobMetadata
        | Kind::LargeObjectData => Section::Data,
        Kind::Index
        | Kind::IndexAttach
        | Kind::Constraint
        | Kind::FkConstraint
        | Kind::Trigger
        | Kind::EventTrigger
        | Kind::DefaultAcl
        | Kind::MaterializedViewData => Section::PostData,
        _ => Section::PreData,
    };
    TocEntry {
        dump_id: DumpId(id),
        tag: tag.into(),
        section,
        defn: Some(BString::from(format!("-- {} {tag}\n", kind.desc()))),
        kind,
        namespace: schema.map(BString::from),
        ..TocEntry::default()
    }
}

/// A restore of everything.
pub(super) fn options() -> RestoreOptions {
    RestoreOptions::default()
}

/// A database in the archive with this table of contents and no data.
pub(super) fn database(name: &str, toc: Toc) -> DatabaseContents {
    let facts = r#"{"name": "", "directory": "", "owner": "", "encoding": "UTF8", "collate": "C",
        "ctype": "C", "locale_provider": "libc", "locale": null, "icu_rules": null,
        "collation_version": null, "tablespace": "pg_default", "connection_limit": -1,
        "settings": [], "comment": null, "size_bytes": 0, "server_version": "", "extensions": [],
        "snapshot": {"name": "", "wal_position": "", "taken_at": ""}, "tables": [],
        "large_objects": null, "toc_entries": 0}"#;
    DatabaseContents {
        source: name.into(),
        target: name.into(),
        facts: serde_json::from_str(facts).expect("a database of a manifest"),
        toc,
        chunks: std::collections::HashMap::new(),
    }
}
