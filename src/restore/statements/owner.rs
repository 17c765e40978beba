//! Whose an object is, and how a session becomes its owner: `_getObjectDescription` and `_becomeOwner` in
//! `pg_backup_archiver.c`.

use crate::restore::options::RestoreOptions;
use crate::restore::statements::text::{SESSION_USER, for_each_object, joined};
use crate::toc::kind::OwnerName;
use crate::toc::{ObjectKind, Subject, TocEntry, quote};
use bstr::{BString, ByteSlice};

/// Becomes this user. Only a session that logged in as a superuser may.
pub(crate) fn session_user(name: &[u8]) -> BString {
    joined(&[SESSION_USER, &quote::literal(name), b";\n"])
}

/// Becomes the user again who logged in.
pub(crate) const SESSION_USER_AGAIN: &[u8] = b"SET SESSION AUTHORIZATION DEFAULT;\n";

/// Whether ownership is restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owners {
    /// By ALTER .. OWNER TO.
    Restore,
    /// `--use-set-session-authorization`: the future owner of an object creates it.
    Become,
    /// `-O`: the user who restores owns everything.
    Skip,
}

impl Owners {
    /// As the options say.
    pub(crate) fn of(options: &RestoreOptions) -> Self {
        match (options.selection.owners, options.session_authorization) {
            (false, _) => Self::Skip,
            (true, false) => Self::Restore,
            (true, true) => Self::Become,
        }
    }
}

/// `ALTER .. OWNER TO`, for objects with an owner of their own. As in pg_restore, an entry without a DROP
/// command counts as one without an owner.
pub(crate) fn ownership(entry: &TocEntry) -> Option<BString> {
    let owner = entry.owner.as_ref().filter(|owner| !owner.is_empty())?;
    let drop_stmt = entry.drop_stmt.as_ref().filter(|sql| !sql.is_empty())?;
    let owner = quote::ident(owner);
    if entry.kind == ObjectKind::BlobMetadata {
        let after = joined(&[b" OWNER TO ", &owner, b";\n"]);
        return Some(for_each_object(
            entry.definition(),
            b"ALTER LARGE OBJECT ",
            &after,
        ));
    }
    let object = owned_object(entry, drop_stmt)?;
    Some(joined(&[b"ALTER ", &object, b" OWNER TO ", &owner, b";\n"]))
}

/// A statement between becoming its owner and ceasing to be.
pub(crate) fn by_owner(owner: &[u8], sql: &[u8]) -> BString {
    let end: &[u8] = if sql.trim_end().ends_with(b";") {
        b"\n"
    } else {
        b";\n"
    };
    joined(&[&session_user(owner), sql, end, SESSION_USER_AGAIN])
}

/// Whom a session on a server becomes for an entry (`_becomeOwner`); `None` where it stays who it is.
pub(crate) fn owner_to_become(entry: &TocEntry, owners: Owners) -> Option<&BString> {
    let owner = entry.owner.as_ref().filter(|owner| !owner.is_empty())?;
    (owners == Owners::Become && can_be_owners_work(entry)).then_some(owner)
}

/// Whether an entry may be restored by its owner. A database may not: few owners may create one, and it takes
/// a statement of its own. Nor may large objects, whose statements are for many at a time.
pub(crate) fn can_be_owners_work(entry: &TocEntry) -> bool {
    !matches!(entry.subject(), Subject::Database | Subject::LargeObjects)
}

/// How ALTER names the object.
fn owned_object(entry: &TocEntry, drop_stmt: &[u8]) -> Option<BString> {
    match entry.kind.facts().owner {
        OwnerName::Tag => {
            let name = if entry.schema().is_empty() {
                quote::ident(&entry.tag)
            } else {
                quote::qualified(entry.schema(), &entry.tag)
            };
            Some(joined(&[entry.kind.desc(), b" ", &name]))
        }
        OwnerName::LargeObject => Some(joined(&[b"LARGE OBJECT ", &entry.tag])),
        OwnerName::Drop => {
            let object = drop_stmt.strip_prefix(b"DROP ")?;
            Some(object.trim_end_with(|c| c == ';' || c == '\n').into())
        }
        OwnerName::None => None,
    }
}
