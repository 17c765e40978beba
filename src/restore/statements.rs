//! The SQL for one entry and for a session, rendered for the server it goes to.
//!
//! Pure. The rules are those of `_printTocEntry` and `_getObjectDescription` in PostgreSQL's
//! `pg_backup_archiver.c`; [`settings`] has what sessions are told, [`drops`] how things are dropped.
//! Which entries are restored is `select`'s business, in what order `graph`'s.

mod drops;
mod settings;

use bstr::{BString, ByteSlice, ByteVec};

use super::lex;
use super::options::RestoreOptions;
use crate::toc::{ObjectKind, Toc, TocEntry, quote};

pub(super) use drops::{IfExists, drop};
pub(super) use settings::{
    Defaults, SESSION_USER_AGAIN, Triggers, prelude, script_prelude, session_user,
};

/// How the statement begins by which a session becomes another user.
const SESSION_USER: &[u8] = b"SET SESSION AUTHORIZATION ";

/// `RELKIND_PARTITIONED_TABLE`: its access method is set by ALTER TABLE, not by a default.
const PARTITIONED_TABLE: u8 = b'p';

/// Whether ownership is restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owners {
    /// By ALTER .. OWNER TO.
    Restore,
    /// `--use-set-session-authorization`: whoever is to own an object creates it.
    Become,
    /// `-O`: whoever restores owns.
    Skip,
}

impl Owners {
    /// As the options say.
    pub(super) fn of(options: &RestoreOptions) -> Self {
        match (options.selection.owners, options.session_authorization) {
            (false, _) => Self::Skip,
            (true, false) => Self::Restore,
            (true, true) => Self::Become,
        }
    }
}

/// The statements that create what an entry describes: its definition first, then what is said about
/// it afterwards. Each is sent by itself, so that a missing role does not undo the object.
pub(super) fn creation(toc: &Toc, entry: &TocEntry, owners: Owners) -> Vec<BString> {
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

fn definition(toc: &Toc, entry: &TocEntry, owners: Owners) -> BString {
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

/// One command for each large object OID in `oids`, one a line, as BLOB METADATA entries list them.
fn for_each_object(oids: &[u8], before: &[u8], after: &[u8]) -> BString {
    let mut sql = BString::default();
    for oid in oids.lines().filter(|oid| !oid.is_empty()) {
        sql.push_str(before);
        sql.push_str(oid);
        sql.push_str(after);
    }
    sql
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

/// What stands before and after the OID in `.. LARGE OBJECT 4711 ..`.
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

/// `ALTER .. OWNER TO`, for what has an owner of its own. As in pg_restore, what has no DROP command
/// is taken to have none.
fn ownership(entry: &TocEntry) -> Option<BString> {
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

/// The same as [`creation`] for a server, each statement said as the entry's owner where that is asked for. It is
/// sent as one message, so that a failure takes the change of the session's user with it.
pub(super) fn creation_by_owner(toc: &Toc, entry: &TocEntry, owners: Owners) -> Vec<BString> {
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

/// A statement between becoming its owner and ceasing to be.
pub(super) fn by_owner(owner: &[u8], sql: &[u8]) -> BString {
    let end: &[u8] = match sql.trim_end().ends_with(b";") {
        true => b"\n",
        false => b";\n",
    };
    joined(&[&session_user(owner), sql, end, SESSION_USER_AGAIN])
}

/// Whom a session on a server becomes for an entry (`_becomeOwner`); `None` where it stays who it is.
pub(super) fn owner_to_become(entry: &TocEntry, owners: Owners) -> Option<&BString> {
    let owner = entry.owner.as_ref().filter(|owner| !owner.is_empty())?;
    (owners == Owners::Become && can_be_owners_work(entry)).then_some(owner)
}

/// Whether an entry may be restored by its owner. Not a database, which few owners may create, and which takes a
/// statement of its own; nor large objects, whose statements are for many at a time.
fn can_be_owners_work(entry: &TocEntry) -> bool {
    use ObjectKind as Kind;
    match entry.kind {
        Kind::Database | Kind::DatabaseProperties => false,
        Kind::Blob | Kind::BlobMetadata | Kind::LargeObjectData => false,
        Kind::Acl | Kind::Comment | Kind::SecurityLabel => {
            !entry.tag.starts_with(b"LARGE OBJECT") && !entry.tag.starts_with(b"DATABASE ")
        }
        _ => true,
    }
}

/// How ALTER names the object.
fn owned_object(entry: &TocEntry, drop_stmt: &[u8]) -> Option<BString> {
    use ObjectKind as Kind;
    match entry.kind {
        Kind::Collation
        | Kind::Conversion
        | Kind::Database
        | Kind::Domain
        | Kind::EventTrigger
        | Kind::ForeignDataWrapper
        | Kind::ForeignTable
        | Kind::MaterializedView
        | Kind::ProceduralLanguage
        | Kind::Publication
        | Kind::Schema
        | Kind::Sequence
        | Kind::Server
        | Kind::Statistics
        | Kind::Subscription
        | Kind::Table
        | Kind::TextSearchConfiguration
        | Kind::TextSearchDictionary
        | Kind::Type
        | Kind::View => {
            let name = if entry.schema().is_empty() {
                quote::ident(&entry.tag)
            } else {
                quote::qualified(entry.schema(), &entry.tag)
            };
            Some(joined(&[entry.kind.desc(), b" ", &name]))
        }
        Kind::Blob => Some(joined(&[b"LARGE OBJECT ", &entry.tag])),
        // The tag holds the arguments unquoted; the DROP command has it all as ALTER wants it.
        Kind::Aggregate
        | Kind::Function
        | Kind::Operator
        | Kind::OperatorClass
        | Kind::OperatorFamily
        | Kind::Procedure => {
            let object = drop_stmt.strip_prefix(b"DROP ")?;
            Some(object.trim_end_with(|c| c == ';' || c == '\n').into())
        }
        _ => None,
    }
}

/// `sql` for a message: its first line that is not blank or a comment, without what may be secret.
pub(super) fn first_line(kind: &ObjectKind, sql: &[u8]) -> String {
    const LONGEST: usize = 200;
    let line = sql
        .lines()
        .find(|line| {
            let is_preface = line.starts_with(b"--") || line.starts_with(SESSION_USER);
            !line.trim().is_empty() && !is_preface
        })
        .unwrap_or_default();
    let line = match secret_start(kind, line) {
        Some(at) => format!("{} ...", line[..at].trim_end().as_bstr()),
        None => line.as_bstr().to_string(),
    };
    match line.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}...", &line[..at]),
        None => line,
    }
}

/// Where a password or a connection string may begin in the first line of such a definition.
fn secret_start(kind: &ObjectKind, line: &[u8]) -> Option<usize> {
    let word: &[u8] = match kind {
        ObjectKind::RolePassword => b" PASSWORD",
        ObjectKind::Subscription => b" CONNECTION",
        ObjectKind::UserMapping | ObjectKind::Server => b" OPTIONS",
        _ => return None,
    };
    line.find(word).map(|at| at + word.len())
}

/// Texts as one value of type `text[]`.
pub(super) fn text_array(texts: &[BString]) -> BString {
    let mut array = BString::from("{");
    for (index, text) in texts.iter().enumerate() {
        array.push_str(if index == 0 { "\"" } else { ",\"" });
        for &byte in text.iter() {
            if matches!(byte, b'"' | b'\\') {
                array.push(b'\\');
            }
            array.push(byte);
        }
        array.push(b'"');
    }
    array.push(b'}');
    array
}

/// `pieces` one after the other.
pub(super) fn joined(pieces: &[&[u8]]) -> BString {
    pieces.concat().into()
}

#[cfg(test)]
mod tests;
