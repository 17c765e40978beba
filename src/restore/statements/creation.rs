//! The statements that make the object of one entry: `_printTocEntry` in `pg_backup_archiver.c`.

use crate::restore::statements::owner::{
    Owners, by_owner, can_be_owners_work, owner_to_become, ownership,
};
use crate::restore::statements::text::for_each_object;
use crate::restore::statements::text::joined;
use crate::toc::{ObjectKind, Toc, TocEntry, lex, quote};
use bstr::{BString, ByteSlice, ByteVec};

/// `RELKIND_PARTITIONED_TABLE`: its access method is set by ALTER TABLE, not by a default.
pub(crate) const PARTITIONED_TABLE: u8 = b'p';

/// The statements that create the object of an entry: its definition first, then its owner and access method.
/// Each is sent by itself, so that a missing role does not undo the object.
pub(crate) fn creation(toc: &Toc, entry: &TocEntry, owners: Owners) -> Vec<BString> {
    let mut sql = vec![definition(toc, entry, owners)];
    if owners == Owners::Restore {
        sql.extend(ownership(entry));
    }
    if entry.relkind == PARTITIONED_TABLE
        && let Some(table_am) = &entry.table_am
    {
        sql.push(joined(&[
            b"ALTER TABLE ",
            &quote::qualified(entry.schema(), &entry.tag),
            b" SET ACCESS METHOD ",
            &quote::ident(table_am),
            b";\n",
        ]));
    }
    sql.retain(|statement| !statement.trim().is_empty());
    sql
}

pub(crate) fn definition(toc: &Toc, entry: &TocEntry, owners: Owners) -> BString {
    let defn = entry.definition();
    match entry.kind {
        // The definition in old archives says AUTHORIZATION; a comment stands for a schema that
        // initdb creates.
        ObjectKind::Schema if owners == Owners::Skip && !defn.starts_with(b"--") => {
            joined(&[b"CREATE SCHEMA ", &quote::ident(&entry.tag), b";\n"])
        }
        ObjectKind::BlobMetadata => {
            for_each_object(defn, b"SELECT pg_catalog.lo_create('", b"');\n")
        }
        ObjectKind::Acl if entry.tag.starts_with(b"LARGE OBJECTS") => group_acl(toc, entry),
        _ => defn.into(),
    }
}

/// An ACL for a group of large objects holds the commands for one of them; they are repeated for
/// every object that the BLOB METADATA entry lists (`IssueACLPerBlob`).
fn group_acl(toc: &Toc, entry: &TocEntry) -> BString {
    let group = entry
        .dependencies
        .first()
        .and_then(|id| toc.entry(*id))
        .filter(|group| group.kind == ObjectKind::BlobMetadata);
    let Some(group) = group else {
        return entry.definition().into();
    };
    let mut sql = BString::default();
    for command in lex::statements(entry.definition()) {
        if let Some((before, after)) = around_object(command) {
            let after = joined(&[after, b";\n"]);
            sql.push_str(for_each_object(group.definition(), before, &after));
        }
    }
    sql
}

/// The words before and after the OID in `.. LARGE OBJECT 4711 ..`.
fn around_object(command: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut words = [&b""[..]; 2];
    for token in lex::tokens(command) {
        if token.kind == lex::TokenKind::Blank {
            continue;
        }
        if words == [&b"LARGE"[..], &b"OBJECT"[..]] {
            let start = token.range.start;
            let digits = command[start..].iter().take_while(|b| b.is_ascii_digit());
            let end = start + digits.count();
            return Some((&command[..start], &command[end..]));
        }
        words = [words[1], &command[token.range]];
    }
    None
}

/// The same as [`creation`] for a server, each statement said as the entry's owner where that is asked for.
/// It is sent as one message, so that a failure takes the change of the session's user with it.
pub(crate) fn creation_by_owner(toc: &Toc, entry: &TocEntry, owners: Owners) -> Vec<BString> {
    if owners == Owners::Become && !can_be_owners_work(entry) {
        return creation(toc, entry, Owners::Restore);
    }
    let mut statements = creation(toc, entry, owners);
    if let Some(owner) = owner_to_become(entry, owners) {
        for sql in &mut statements {
            *sql = by_owner(owner, sql);
        }
    }
    statements
}
