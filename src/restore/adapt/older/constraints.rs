//! Constraints of 18 and later, for servers before it: NOT NULL with a name of its own, or not validated, or
//! not inherited; constraints that are not enforced.
//!
//! Pure. Before 18 a column is NOT NULL or not, its children are with it, and every constraint is enforced.

use std::collections::HashSet;
use std::ops::Range;

use bstr::{BString, ByteSlice};

use crate::restore::adapt::older::knows::{Fate, Knows, Lose, has};
use crate::toc::lex::{TokenKind, tokens, words};
use crate::toc::{DumpId, ObjectKind, Toc, TocEntry, quote};

/// NOT NULL is a constraint, and constraints may be not enforced, since this version.
const SINCE: u32 = 180_000;

/// Decides about a constraint that is added to a table after its creation.
pub(crate) fn fate_of(entry: &TocEntry, knows: &Knows, lose: &mut Lose<'_>) -> Fate {
    let sql = entry.definition();
    if !knows.lacks(SINCE) {
        return Fate::Stays;
    }
    let words = words(sql);
    if words.ends_with(&[b"NOT", b"ENFORCED"]) {
        lose("constraints that are not enforced", entry.tag.to_string());
        return Fate::Goes;
    }
    // `ALTER TABLE t ADD CONSTRAINT c NOT NULL a NOT VALID`
    let added = words.iter().position(|word| *word == b"ADD");
    let added = added.and_then(|at| words.get(at + 1..)).unwrap_or_default();
    let is_not_null = matches!(added, [b"CONSTRAINT", _, b"NOT", b"NULL", ..]);
    if entry.kind == ObjectKind::Constraint && is_not_null {
        lose("NOT NULL that is not validated", entry.tag.to_string());
        return Fate::Goes;
    }
    Fate::Stays
}

/// The definition of a table, with every NOT NULL in its column.
pub(crate) fn of_table(
    entry: &TocEntry,
    sql: BString,
    knows: &Knows,
    lose: &mut Lose<'_>,
) -> BString {
    if !knows.lacks(SINCE) || !sql.contains_str("NOT NULL") {
        return sql;
    }
    let Some(list) = Elements::of(&sql) else {
        return sql;
    };
    let mut elements: Vec<BString> = Vec::new();
    let mut columns: Vec<BString> = Vec::new();
    for element in &list.elements {
        let text = &sql[element.clone()];
        match (table_not_null(text), without_heirless(text)) {
            (Some(column), _) => columns.push(column.into()),
            (None, Some(rest)) => {
                lose("NOT NULL that is not inherited", entry.tag.to_string());
                elements.push(rest);
            }
            (None, None) => elements.push(text.into()),
        }
    }
    if columns.is_empty()
        && elements
            .iter()
            .zip(&list.elements)
            .all(|(a, b)| a == &sql[b.clone()])
    {
        return sql;
    }
    let elements = bstr::join(",", elements);
    let elements = elements.strip_suffix(b"\n").unwrap_or(&elements);
    let mut out = [&sql[..list.open], elements, b"\n", &sql[list.close..]].concat();
    let table = quote::qualified(entry.schema(), &entry.tag);
    for column in columns {
        let statement = [
            b"ALTER TABLE ONLY ",
            table.as_slice(),
            b" ALTER COLUMN ",
            &column,
            b" SET NOT NULL;\n",
        ];
        out.extend_from_slice(&statement.concat());
    }
    out.into()
}

/// Comments on NOT NULL constraints: before 18 those have no name that a comment could be on.
pub(crate) fn nameless(toc: &Toc, knows: &Knows) -> HashSet<DumpId> {
    let mut tags: HashSet<BString> = HashSet::new();
    if !knows.lacks(SINCE) {
        return HashSet::new();
    }
    for entry in &toc.entries {
        let is_table = entry.kind.is_table();
        if !is_table || !entry.definition().contains_str("CONSTRAINT ") {
            continue;
        }
        let words = words(entry.definition());
        let of = |name: &[u8]| -> Option<BString> {
            // The tag of a comment has the names as statements have them.
            let table = words.iter().position(|word| *word == b"TABLE")?;
            let (schema, table) = (words.get(table + 1)?, words.get(table + 2)?);
            Some(
                [b"\0", *schema, b"\0CONSTRAINT ", name, b" ON ", *table]
                    .concat()
                    .into(),
            )
        };
        for five in words.windows(4) {
            if let [b"CONSTRAINT", name, b"NOT", b"NULL"] = five {
                tags.extend(of(name));
            }
        }
    }
    let comments = toc.entries.iter().filter(|entry| {
        let schema = quote_as_pg_dump(entry.schema());
        let tag = [b"\0", schema.as_slice(), b"\0", entry.tag.as_slice()].concat();
        entry.kind == ObjectKind::Comment && tags.contains(&BString::from(tag))
    });
    comments.map(|entry| entry.dump_id).collect()
}

/// A schema's name as statements have it: in quotes where it is anything but a plain word. Keywords are left
/// out of this, so that of a schema that is called like one nothing is found.
fn quote_as_pg_dump(name: &[u8]) -> BString {
    let is_plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'_';
    let begins = name.first().is_some_and(|byte| !byte.is_ascii_digit());
    if begins && name.iter().all(is_plain) {
        name.into()
    } else {
        quote::ident(name)
    }
}

/// `CREATE TABLE t ( a, b, .. ) ..`: where its elements are.
struct Elements {
    /// Behind the parenthesis that opens the list, and before the one that closes it.
    open: usize,
    close: usize,
    elements: Vec<Range<usize>>,
}

impl Elements {
    fn of(sql: &[u8]) -> Option<Self> {
        let mut depth = 0_usize;
        let mut open = None;
        let mut from = 0;
        let mut elements = Vec::new();
        for token in tokens(sql).filter(|token| token.kind == TokenKind::Other) {
            match sql[token.range.start] {
                b'(' if open.is_none() => {
                    (open, from, depth) = (Some(token.range.end), token.range.end, 1);
                }
                b'(' => depth += 1,
                b')' => depth = depth.checked_sub(1)?,
                b',' if depth == 1 => {
                    elements.push(from..token.range.start);
                    from = token.range.end;
                }
                _ => {}
            }
            if let Some(open) = open.filter(|_| depth == 0) {
                elements.push(from..token.range.start);
                return Some(Self {
                    open,
                    close: token.range.start,
                    elements,
                });
            }
        }
        None
    }
}

/// `CONSTRAINT c NOT NULL a`, of a column that comes from a parent: the column.
fn table_not_null(element: &[u8]) -> Option<&[u8]> {
    match words(element).as_slice() {
        [b"CONSTRAINT", _, b"NOT", b"NULL", column, ..] | [b"NOT", b"NULL", column, ..] => {
            Some(column)
        }
        _ => None,
    }
}

/// `a integer CONSTRAINT c NOT NULL NO INHERIT` without the constraint: children would have it.
fn without_heirless(element: &[u8]) -> Option<BString> {
    if !has(element, &[b"NOT", b"NULL", b"NO", b"INHERIT"]) {
        return None;
    }
    let places: Vec<Range<usize>> = crate::toc::lex::word_places(element).collect();
    let text = |at: usize| &element[places[at].clone()];
    let at = (0..places.len().saturating_sub(3))
        .find(|&at| text(at) == b"NOT" && text(at + 1) == b"NULL" && text(at + 2) == b"NO")?;
    let is_named = at >= 2 && text(at - 2) == b"CONSTRAINT";
    let begin = places[if is_named { at - 2 } else { at }].start;
    let before = element[..begin].trim_ascii_end();
    Some([before, &element[places[at + 3].end..]].concat().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restore::testing::{entry, toc};

    fn table(sql: &str, version_num: u32) -> (String, Vec<String>) {
        let entry = entry(1, ObjectKind::Table, Some("s"), "t");
        let knows = Knows {
            version_num,
            ..Knows::default()
        };
        let mut lost = Vec::new();
        let mut lose = |what: &'static str, object: String| lost.push(format!("{what}: {object}"));
        let fitted = of_table(&entry, sql.into(), &knows, &mut lose);
        (String::from_utf8_lossy(&fitted).into_owned(), lost)
    }

    #[test]
    fn a_column_of_a_parent_is_not_null_all_the_same() {
        let sql = "CREATE TABLE s.t (\n    CONSTRAINT \"n, (n\" NOT NULL a,\n    NOT NULL \"b c\",\n    \
                   d numeric(3,1) DEFAULT ('x)'::text IS NOT NULL)\n)\nINHERITS (s.p);\n";
        let expected = "CREATE TABLE s.t (\n    d numeric(3,1) DEFAULT ('x)'::text IS NOT NULL)\n)\n\
                        INHERITS (s.p);\n\
                        ALTER TABLE ONLY \"s\".\"t\" ALTER COLUMN a SET NOT NULL;\n\
                        ALTER TABLE ONLY \"s\".\"t\" ALTER COLUMN \"b c\" SET NOT NULL;\n";
        assert_eq!(table(sql, 170_000), (expected.to_owned(), vec![]));
        assert_eq!(table(sql, 180_000), (sql.to_owned(), vec![]));
        let alone = "CREATE TABLE s.t (\n    CONSTRAINT n NOT NULL a\n)\nINHERITS (s.p);\n";
        let expected = "CREATE TABLE s.t (\n)\nINHERITS (s.p);\n\
                        ALTER TABLE ONLY \"s\".\"t\" ALTER COLUMN a SET NOT NULL;\n";
        assert_eq!(table(alone, 170_000).0, expected);
    }

    #[test]
    fn what_is_not_inherited_is_left_out() {
        let sql = "CREATE TABLE s.t (\n    a integer CONSTRAINT n NOT NULL NO INHERIT,\n    b text NOT NULL\n);\n";
        let expected = "CREATE TABLE s.t (\n    a integer,\n    b text NOT NULL\n);\n";
        let said = "NOT NULL that is not inherited: t".to_owned();
        assert_eq!(table(sql, 170_000), (expected.to_owned(), vec![said]));
        let plain = "CREATE TABLE s.t (\n    a integer CONSTRAINT n NOT NULL\n);\n";
        assert_eq!(table(plain, 130_000), (plain.to_owned(), vec![]));
    }

    #[test]
    fn a_comment_on_a_name_that_is_gone_goes_too() {
        let mut table = entry(1, ObjectKind::Table, Some("s"), "T");
        table.defn =
            Some("CREATE TABLE s.\"T\" (\n    a integer CONSTRAINT n NOT NULL\n);\n".into());
        let comment = |id, schema, tag| entry(id, ObjectKind::Comment, Some(schema), tag);
        let toc = toc(vec![
            table,
            comment(2, "s", "CONSTRAINT n ON \"T\""),
            comment(3, "other", "CONSTRAINT n ON \"T\""),
            comment(4, "s", "CONSTRAINT k ON \"T\""),
        ]);
        let at = |version_num| Knows {
            version_num,
            ..Knows::default()
        };
        assert_eq!(nameless(&toc, &at(170_000)), [DumpId(2)].into());
        assert!(nameless(&toc, &at(180_000)).is_empty());
    }
}
