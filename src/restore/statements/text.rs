//! Small texts around statements: their first line for messages, arrays for parameters, pieces joined.

use crate::toc::ObjectKind;
use bstr::{BString, ByteSlice, ByteVec};

/// `sql` for a message: its first line that is not blank or a comment, without possible secrets.
pub(crate) fn first_line(kind: &ObjectKind, sql: &[u8]) -> String {
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
pub(crate) fn text_array(texts: &[BString]) -> BString {
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
pub(crate) fn joined(pieces: &[&[u8]]) -> BString {
    pieces.concat().into()
}

/// How the statement begins by which a session becomes another user.
pub(crate) const SESSION_USER: &[u8] = b"SET SESSION AUTHORIZATION ";

/// One command for each large object OID in `oids`, one a line, as BLOB METADATA entries list them.
pub(crate) fn for_each_object(oids: &[u8], before: &[u8], after: &[u8]) -> BString {
    let mut sql = BString::default();
    for oid in oids.lines().filter(|oid| !oid.is_empty()) {
        sql.push_str(before);
        sql.push_str(oid);
        sql.push_str(after);
    }
    sql
}
