//! Names of NOT NULL constraints that pg_dump leaves without quotes.
//!
//! A child table that has a NOT NULL constraint of its own on a column of its parent's states it without the
//! column: `CONSTRAINT name NOT NULL a`. pg_dump 18 (18.6, `dumpTableSchema` in pg_dump.c) and 19 (19rc1)
//! write that name as it is. In small letters it is right by chance; in capitals it is another name; else it
//! is text of the table's owner in the place of SQL. The catalogs know the names, so each is looked for where
//! it must be and put in quotes. pg_dump's own archives hold the text, and nothing that would tell where a
//! name ends.

use std::collections::BTreeMap;

use bstr::{BString, ByteSlice};

use super::Error;
use crate::pg::Session;
use crate::toc::lex::{TokenKind, tokens};
use crate::toc::{Toc, quote};

/// `pg_class`, in an entry's catalog id.
const PG_CLASS: u32 = 1259;
/// NOT NULL constraints of tables have names since this version.
const SINCE: u32 = 18;

/// One such constraint.
#[derive(Debug, Clone)]
struct Unprinted {
    constraint: BString,
    column: BString,
    /// Whether it is called as the server would call it; then pg_dump writes no name.
    is_default: bool,
    is_heirless: bool,
    table: BString,
}

/// Puts the names in quotes. Asks in the session's snapshot, which must be pg_dump's.
pub async fn quote_names(session: &mut Session, toc: &mut Toc) -> Result<(), Error> {
    if session.server_version().major() < SINCE {
        return Ok(());
    }
    let mut tables: BTreeMap<u32, Vec<Unprinted>> = BTreeMap::new();
    let sql = include_bytes!("sql/unprinted_not_null.sql");
    for row in session.query(sql, &[]).await? {
        tables.entry(row.u32(0)?).or_default().push(Unprinted {
            constraint: row.text(1)?.into(),
            column: row.text(2)?.into(),
            is_default: row.bool(3)?,
            is_heirless: row.bool(4)?,
            table: row.text(5)?.into(),
        });
    }
    for entry in &mut toc.entries {
        let is_table = entry.kind.is_table();
        if !is_table || entry.catalog_id.table_oid != PG_CLASS {
            continue;
        }
        if let (Some(constraints), Some(defn)) =
            (tables.get(&entry.catalog_id.oid), &mut entry.defn)
        {
            *defn = quoted(defn, constraints)?;
        }
    }
    Ok(())
}

/// The definition with every name in quotes; an error where a name that needs them is not where it should be.
fn quoted(sql: &[u8], constraints: &[Unprinted]) -> Result<BString, Error> {
    let mut out = BString::default();
    let mut at = 0;
    let mut element = first_element(sql);
    for constraint in constraints {
        // Elements before it are columns of the table's own: they are quoted as they should be.
        let before = element;
        let found = loop {
            let Some(begin) = element else { break None };
            if let Some(length) = constraint.length_at(&sql[begin..]) {
                break Some((begin, length));
            }
            element = next_element(sql, begin);
        };
        match found {
            Some((begin, length)) => {
                out.extend_from_slice(&sql[at..begin]);
                out.extend_from_slice(&constraint.sql(&sql[begin..begin + length]));
                at = begin + length;
                element = next_element(sql, at);
            }
            None if constraint.is_plain() => element = before,
            None => {
                return Err(Error::UnquotedConstraint {
                    constraint: constraint.constraint.clone(),
                    table: constraint.table.clone(),
                });
            }
        }
    }
    out.extend_from_slice(&sql[at..]);
    Ok(out)
}

impl Unprinted {
    /// Whether pg_dump's text is right as it is, unless it is a keyword: that fails by its own name.
    fn is_plain(&self) -> bool {
        let is_small = |byte: &u8| byte.is_ascii_lowercase() || *byte == b'_';
        self.is_default
            || self.constraint.first().is_some_and(is_small)
                && self
                    .constraint
                    .iter()
                    .all(|byte| is_small(byte) || byte.is_ascii_digit())
    }

    /// How long pg_dump's text for it is, if `sql` begins with that.
    fn length_at(&self, sql: &[u8]) -> Option<usize> {
        let head = if self.is_default {
            BString::from("NOT NULL ")
        } else {
            [b"CONSTRAINT ", self.constraint.as_slice(), b" NOT NULL "]
                .concat()
                .into()
        };
        let rest = sql.strip_prefix(head.as_slice())?;
        let quoted = quote::ident(&self.column);
        let column = [quoted.as_slice(), self.column.as_slice()]
            .into_iter()
            .find(|column| rest.starts_with(column))?;
        let mut length = head.len() + column.len();
        if self.is_heirless && sql[length..].starts_with(b" NO INHERIT") {
            length += b" NO INHERIT".len();
        }
        matches!(sql.get(length), Some(b',' | b'\n')).then_some(length)
    }

    /// It again, with the name in quotes.
    fn sql(&self, text: &[u8]) -> BString {
        if self.is_default || self.is_plain() {
            return text.into();
        }
        const BEFORE: usize = b"CONSTRAINT ".len();
        let after = &text[BEFORE + self.constraint.len()..];
        [&text[..BEFORE], &quote::ident(&self.constraint), after]
            .concat()
            .into()
    }
}

/// Where the first element in `CREATE TABLE t (` begins.
fn first_element(sql: &[u8]) -> Option<usize> {
    let open = tokens(sql)
        .find(|token| token.kind == TokenKind::Other && sql[token.range.clone()] == *b"(")?;
    Some(open.range.end + blanks(&sql[open.range.end..]))
}

/// The beginning of the element after the one at `from`, or the end of the text.
fn next_element(sql: &[u8], from: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let others = tokens(&sql[from..]).filter(|token| token.kind == TokenKind::Other);
    for token in others {
        match sql[from + token.range.start] {
            b'(' => depth += 1,
            b')' => depth = depth.checked_sub(1)?,
            b',' if depth == 0 => {
                let begin = from + token.range.end;
                return Some(begin + blanks(&sql[begin..]));
            }
            _ => {}
        }
    }
    None
}

fn blanks(sql: &[u8]) -> usize {
    sql.len() - sql.trim_start().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn constraint(name: &str, column: &str) -> Unprinted {
        Unprinted {
            constraint: name.into(),
            column: column.into(),
            is_default: name.ends_with("_not_null"),
            is_heirless: false,
            table: "s.t".into(),
        }
    }

    #[test]
    fn names_are_found_by_their_place_and_put_in_quotes() {
        let hostile = "x NOT NULL a,\n    y int); DROP TABLE z; --'\"";
        let sql = format!(
            "CREATE TABLE s.\"t (\" (\n    own numeric(3,1) DEFAULT '\n    CONSTRAINT Big NOT NULL a,',\n    \
             CONSTRAINT Big NOT NULL a,\n    CONSTRAINT {hostile} NOT NULL \"b c\",\n    \
             CONSTRAINT small NOT NULL d,\n    NOT NULL e,\n    \
             CONSTRAINT Last one NOT NULL f\n)\nINHERITS (s.p);\n"
        );
        let constraints = [
            constraint("Big", "a"),
            constraint(hostile, "b c"),
            constraint("small", "d"),
            constraint("t_e_not_null", "e"),
            constraint("Last one", "f"),
        ];
        let quoted = quoted(sql.as_bytes(), &constraints).unwrap();
        let expected = "CREATE TABLE s.\"t (\" (\n    own numeric(3,1) DEFAULT '\n    CONSTRAINT Big NOT NULL a,',\n    \
             CONSTRAINT \"Big\" NOT NULL a,\n    \
             CONSTRAINT \"x NOT NULL a,\n    y int); DROP TABLE z; --'\"\"\" NOT NULL \"b c\",\n    \
             CONSTRAINT small NOT NULL d,\n    NOT NULL e,\n    \
             CONSTRAINT \"Last one\" NOT NULL f\n)\nINHERITS (s.p);\n";
        assert_eq!(quoted, expected);
    }

    #[test]
    fn a_name_that_is_somewhere_else_is_refused() {
        let sql = b"CREATE TABLE s.t (\n    CONSTRAINT other NOT NULL a\n)\nINHERITS (s.p);\n";
        let said = quoted(sql, &[constraint("Big", "a")])
            .unwrap_err()
            .to_string();
        assert!(
            said.contains("\"Big\" of table s.t without quotes"),
            "{said}"
        );
        // Right as it is, or not written at all.
        assert_eq!(
            quoted(sql, &[constraint("small", "b")]).unwrap(),
            sql.as_bstr()
        );
    }
}
