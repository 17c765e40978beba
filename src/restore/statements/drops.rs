//! How what an entry describes is dropped.
//!
//! Pure. The rules are those of the drop loop of `RestoreArchive` in PostgreSQL's
//! `pg_backup_archiver.c`.

use bstr::{BString, ByteSlice};

use crate::restore::statements::text::{for_each_object, joined};
use crate::toc::{ObjectKind, TocEntry};

/// The treatment of a missing object by a drop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IfExists {
    /// `--if-exists`: passes over it.
    PassOver,
    /// A missing object is an error.
    Fail,
}

/// The command that drops what the entry describes, if it has one.
pub(crate) fn drop(entry: &TocEntry, if_exists: IfExists) -> Option<BString> {
    let drop_stmt = entry.drop_stmt.as_ref().filter(|sql| !sql.is_empty())?;
    let lenient = if_exists == IfExists::PassOver;
    Some(match entry.kind {
        ObjectKind::BlobMetadata if lenient => {
            for_each_object(entry.definition(), UNLINK_WHERE, b"';\n")
        }
        ObjectKind::BlobMetadata => for_each_object(
            entry.definition(),
            b"SELECT pg_catalog.lo_unlink('",
            b"');\n",
        ),
        // Groups of ours have no OID of their own, and a command that passes over missing objects.
        ObjectKind::Blob if entry.catalog_id.oid == 0 => drop_stmt.clone(),
        ObjectKind::Blob if lenient => {
            let oid = entry.catalog_id.oid.to_string();
            joined(&[UNLINK_WHERE, oid.as_bytes(), b"';\n"])
        }
        _ if lenient => with_if_exists(&entry.kind, drop_stmt),
        _ => drop_stmt.clone(),
    })
}

const UNLINK_WHERE: &[u8] = b"SELECT pg_catalog.lo_unlink(oid) \
    FROM pg_catalog.pg_largeobject_metadata WHERE oid = '";

/// The DROP command with IF EXISTS where its grammar has room for it.
fn with_if_exists(kind: &ObjectKind, drop_stmt: &[u8]) -> BString {
    use ObjectKind as Kind;
    // A comment stands for the drop of what initdb created.
    if drop_stmt.starts_with(b"--") {
        return drop_stmt.into();
    }
    let (head, rest) = match drop_stmt.strip_prefix(b"ALTER TABLE") {
        Some(rest) => (&b"ALTER TABLE IF EXISTS"[..], rest),
        None => (&b""[..], drop_stmt),
    };
    // DROP DEFAULT knows no IF EXISTS; a rule ON SELECT is dropped by replacing its view.
    if matches!(kind, Kind::Default | Kind::DatabaseProperties)
        || rest.starts_with(b"CREATE OR REPLACE VIEW")
    {
        return joined(&[head, rest]);
    }
    let mark = match kind {
        Kind::Constraint | Kind::CheckConstraint | Kind::FkConstraint => {
            BString::from("DROP CONSTRAINT")
        }
        _ => joined(&[b"DROP ", kind.desc()]),
    };
    match rest.find(&mark) {
        Some(at) => {
            let end = at + mark.len();
            joined(&[head, &rest[..end], b" IF EXISTS", &rest[end..]])
        }
        None => joined(&[head, rest]),
    }
}
