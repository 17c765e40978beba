//! Hand-made tables of contents for this module's unit tests.

use bstr::BString;

use super::contents::DatabaseContents;
use super::options::RestoreOptions;
use super::plan::DatabaseWork;
use super::select::names::Filters;
use super::statements::standard_strings::Constants;
use crate::source;
use crate::toc::{DumpId, ObjectKind, Section, Toc, TocEntry};

/// A table of contents of these entries.
pub(crate) fn toc(entries: Vec<TocEntry>) -> Toc {
    Toc {
        database: "jobs".into(),
        entries,
        ..Toc::default()
    }
}

/// An entry with the section that its kind has in real archives and a definition.
pub(crate) fn entry(id: i32, kind: ObjectKind, schema: Option<&str>, tag: &str) -> TocEntry {
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
pub(crate) fn options() -> RestoreOptions {
    RestoreOptions::default()
}

/// The decision of these options for a database.
pub(crate) fn work(database: &DatabaseContents, options: &RestoreOptions) -> DatabaseWork {
    let filters = Filters::new(&options.selection).expect("names");
    DatabaseWork::new(database, options, &filters, None)
}

/// A database in the archive with this table of contents and no data.
pub(crate) fn database(name: &str, toc: Toc) -> DatabaseContents {
    DatabaseContents {
        source: name.into(),
        target: name.into(),
        facts: source::Database {
            name: name.into(),
            encoding: Some("UTF8".to_owned()),
            locale: Some(source::Locale {
                provider: "libc".to_owned(),
                collate: "C".to_owned(),
                ctype: "C".to_owned(),
                name: None,
            }),
            tablespace: Some("pg_default".into()),
        },
        toc,
        chunks: std::collections::HashMap::new(),
        in_order: Vec::new(),
        constants: Constants::default(),
        listed: None,
    }
}
