//! One entry of a table of contents, and the numbers that identify it.
//!
//! The fields are those of `struct _tocEntry` in PostgreSQL's `pg_backup_archiver.h` that reach a file. The
//! fields that pg_restore adds while it works are in `restore::graph`.

use std::fmt;

use bstr::BString;

use super::kind::{Family, ObjectKind};

/// An entry's number within its dump, from 1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DumpId(pub i32);

impl fmt::Display for DumpId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The object's row in the source's catalogs; both zero for an entry without one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct CatalogId {
    /// The OID of the catalog, for instance 1259 for `pg_class`.
    pub table_oid: u32,
    /// The OID of the row.
    pub oid: u32,
}

/// The part of a restore an entry belongs to. The numbers are `teSection`'s.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Section {
    /// Comments, grants and other entries that follow their object.
    #[default]
    None = 1,
    /// The definitions that must exist before rows.
    PreData = 2,
    /// Rows, large objects, sequence values.
    Data = 3,
    /// Indexes, constraints, triggers, refreshes.
    PostData = 4,
}

/// One entry. An absent text and an empty one are different things in a TOC, hence the options.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TocEntry {
    /// The entry's number.
    pub dump_id: DumpId,
    /// Whether a data dumper belongs to the entry, that is, whether it has a data member.
    pub had_dumper: bool,
    /// The object in the source's catalogs.
    pub catalog_id: CatalogId,
    /// The object's name, as `pg_restore -l` shows it. For an ACL or COMMENT with its kind before it.
    pub tag: BString,
    /// What sort of object it is.
    pub kind: ObjectKind,
    /// When it is restored.
    pub section: Section,
    /// The SQL that creates the object.
    pub defn: Option<BString>,
    /// The SQL that drops it.
    pub drop_stmt: Option<BString>,
    /// The COPY statement that data is loaded with.
    pub copy_stmt: Option<BString>,
    /// The schema it is in.
    pub namespace: Option<BString>,
    /// The tablespace; empty for the database's default.
    pub tablespace: Option<BString>,
    /// The table access method. Never empty: pg_restore would set an empty default.
    pub table_am: Option<BString>,
    /// `pg_class.relkind` of a table-like object; zero where unknown (archives before 1.16).
    pub relkind: u8,
    /// The owning role.
    pub owner: Option<BString>,
    /// The entries that must be restored before it.
    pub dependencies: Vec<DumpId>,
    /// The data file of a directory or tar archive, for instance `3412.dat`.
    pub data_file: Option<BString>,
}

/// What an entry is about. Comments, rights and labels say it in their tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The database itself.
    Database,
    /// Large objects, one or many.
    LargeObjects,
    /// An event trigger.
    EventTrigger,
    /// A row-security policy, or that a table has some.
    Policy,
    /// A publication, or a member of one.
    Publication,
    /// A subscription.
    Subscription,
    /// Anything else.
    Other,
}

impl TocEntry {
    /// The schema, or the empty string for an object in none.
    pub fn schema(&self) -> &[u8] {
        self.namespace.as_ref().map_or(b"", |name| name)
    }

    /// The definition, or the empty string.
    pub fn definition(&self) -> &[u8] {
        self.defn.as_ref().map_or(b"", |defn| defn)
    }

    /// The object of the entry, as far as rules for whole groups of entries must know.
    pub fn subject(&self) -> Subject {
        const TAGS: [(&[u8], Subject); 6] = [
            (b"DATABASE ", Subject::Database),
            // Also the "LARGE OBJECTS" tags that pg_dump 17 and later write for groups of them.
            (b"LARGE OBJECT", Subject::LargeObjects),
            (b"EVENT TRIGGER ", Subject::EventTrigger),
            (b"POLICY", Subject::Policy),
            (b"PUBLICATION", Subject::Publication),
            (b"SUBSCRIPTION", Subject::Subscription),
        ];
        match (self.kind.facts().family, &self.kind) {
            (Family::Remark, _) => {
                let tagged = TAGS.iter().find(|(tag, _)| self.tag.starts_with(tag));
                tagged.map_or(Subject::Other, |(_, subject)| *subject)
            }
            (Family::Database, _) => Subject::Database,
            (Family::LargeObject, _) => Subject::LargeObjects,
            (Family::Publication, _) => Subject::Publication,
            (_, ObjectKind::EventTrigger) => Subject::EventTrigger,
            (_, ObjectKind::Policy | ObjectKind::RowSecurity) => Subject::Policy,
            (_, ObjectKind::Subscription) => Subject::Subscription,
            _ => Subject::Other,
        }
    }

    /// Whether it is about the database itself.
    pub fn is_about_database(&self) -> bool {
        self.subject() == Subject::Database
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_database_entries_are_about_the_database() {
        let entry = |kind: ObjectKind, tag: &str| TocEntry {
            kind,
            tag: tag.into(),
            ..TocEntry::default()
        };
        assert!(entry(ObjectKind::Acl, "DATABASE jobs").is_about_database());
        assert!(entry(ObjectKind::Database, "jobs").is_about_database());
        assert!(!entry(ObjectKind::Acl, "TABLE t").is_about_database());
        assert!(!entry(ObjectKind::Table, "DATABASE jobs").is_about_database());
    }
}
