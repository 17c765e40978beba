//! An entry's definition in parts: the texts that are sent at once, each noted in the journal under its
//! position.

use crate::restore::statements::creation::creation_by_owner;
use crate::restore::statements::owner::Owners;
use crate::toc::{Subject, Toc, TocEntry};
use bstr::{BString, ByteSlice};

/// Statements about large objects are sent this many at a time: each takes a lock, and a transaction
/// has room for only so many (`max_locks_per_transaction`).
const STATEMENTS_AT_ONCE: usize = 1000;

/// The part of an entry's definition that is sent at once.
pub(crate) struct Statement {
    pub(crate) sql: BString,
    /// Whether it makes the object itself, and does not say something about it afterwards.
    pub(crate) is_definition: bool,
}

/// The statements of an entry's definition. Their positions are the journal's parts.
pub(crate) fn statements(toc: &Toc, entry: &TocEntry, owners: Owners) -> Vec<Statement> {
    let mut statements = Vec::new();
    for (index, sql) in creation_by_owner(toc, entry, owners)
        .into_iter()
        .enumerate()
    {
        let is_definition = index == 0;
        if is_about_large_objects(entry) {
            statements.extend(pieces(&sql).into_iter().map(|piece| Statement {
                sql: piece.into(),
                is_definition,
            }));
        } else {
            statements.push(Statement { sql, is_definition });
        }
    }
    statements
}

fn is_about_large_objects(entry: &TocEntry) -> bool {
    entry.subject() == Subject::LargeObjects
}

/// `sql` in pieces of whole statements. Statements about large objects are built of OIDs, role names
/// and literals; a piece may end only after a semicolon outside all quotes.
pub(crate) fn pieces(sql: &[u8]) -> Vec<&[u8]> {
    use crate::toc::lex::{TokenKind, tokens};
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut statements = 0;
    for token in tokens(sql).filter(|token| token.kind == TokenKind::Semicolon) {
        statements += 1;
        if statements == STATEMENTS_AT_ONCE {
            pieces.push(&sql[start..token.range.end]);
            start = token.range.end;
            statements = 0;
        }
    }
    if !sql[start..].trim().is_empty() {
        pieces.push(&sql[start..]);
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_end_between_statements() {
        let one = "ALTER LARGE OBJECT 1 OWNER TO \"a;\nb\";\n";
        let sql = one.repeat(2 * STATEMENTS_AT_ONCE + 1);
        let pieces = pieces(sql.as_bytes());
        assert_eq!(pieces.len(), 3);
        assert_eq!(pieces.concat(), sql.as_bytes());
        assert!(pieces.iter().all(|piece| piece.trim().ends_with(b";")));
        assert!(super::pieces(b"\n").is_empty());
    }
}
