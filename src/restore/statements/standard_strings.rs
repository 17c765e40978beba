//! Archives that were written with `standard_conforming_strings = off`, put so that they mean the same with
//! it on.
//!
//! Pure. There a backslash in `'..'` is an escape. From 19 on no server takes it for one any more, and
//! everything else here reads SQL as with the setting on. So every constant with a backslash gets an `E`: the
//! server reads `'..'` with the setting off and `E'..'` in the same way (states `xq` and `xe` in scan.l).
//! COPY text is not SQL and stays. Dollar-quoted text stays too: the body of a function is read when it runs,
//! under the setting of that moment.

use std::collections::HashMap;
use std::ops::Range;

use bstr::{BString, ByteSlice};

use crate::source::{Content, Data};
use crate::toc::lex::{Strings, Token, TokenKind, is_word_byte, tokens_under};
use crate::toc::{DumpId, ObjectKind, Toc, TocEntry};

/// How an archive writes string constants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Constants {
    /// As they are everywhere today.
    #[default]
    Standard,
    /// With escapes; they were rewritten.
    Rewritten,
    /// With escapes, and not all of them could be told with certainty: nothing was rewritten.
    Unclear,
}

/// Encodings of clients whose characters may end in a byte that is a backslash by itself
/// (`PG_ENCODING_IS_CLIENT_ONLY` in pg_wchar.h): no database has them, `pg_dump -E` may.
const BACKSLASH_IN_CHARACTERS: [&[u8]; 7] = [
    b"BIG5",
    b"GB18030",
    b"GBK",
    b"JOHAB",
    b"SHIFT_JIS_2004",
    b"SJIS",
    b"UHC",
];

/// Rewrites the constants that need it.
pub(crate) fn normalise(toc: &mut Toc, data: &mut HashMap<DumpId, Data>) -> Constants {
    let is_setting = |entry: &&TocEntry| entry.kind == ObjectKind::StdStrings;
    let setting = toc.entries.iter().find(is_setting);
    // As `processStdStringsEntry` in pg_backup_archiver.c reads it.
    if !setting.is_some_and(|entry| entry.definition().contains_str("'off'")) {
        return Constants::Standard;
    }
    let encoding = toc.encoding().unwrap_or_default().to_ascii_uppercase();
    if BACKSLASH_IN_CHARACTERS.contains(&encoding.as_slice()) {
        return Constants::Unclear;
    }
    let mut all: Vec<(usize, Option<BString>, Option<BString>)> = Vec::new();
    for (position, entry) in toc.entries.iter().enumerate() {
        let texts = [&entry.defn, &entry.drop_stmt].map(|sql| match sql {
            Some(sql) if sql.contains(&b'\\') => rewritten(sql).map(Some).ok_or(()),
            other => Ok(other.clone()),
        });
        match texts {
            [Ok(defn), Ok(drop)] => all.push((position, defn, drop)),
            _ => return Constants::Unclear,
        }
    }
    for (position, defn, drop) in all {
        let entry = &mut toc.entries[position];
        (entry.defn, entry.drop_stmt) = (defn, drop);
        if entry.kind == ObjectKind::StdStrings {
            entry.defn = Some("SET standard_conforming_strings = 'on';\n".into());
        }
    }
    for data in data.values_mut() {
        if data.content == Content::Statements {
            data.content = Content::EscapedStatements;
        }
    }
    Constants::Rewritten
}

/// The statements with an `E` before each constant that needs it; `None` where one cannot be put so.
pub(crate) fn rewritten(sql: &[u8]) -> Option<BString> {
    let tokens: Vec<Token> = tokens_under(sql, Strings::Escaped).collect();
    let mut out = BString::default();
    let mut at = 0;
    let mut next = 0;
    while let Some(token) = tokens.get(next) {
        if token.kind != TokenKind::Text {
            next += 1;
            continue;
        }
        let (last, range) = whole(sql, &tokens, next);
        next = last + 1;
        let text = &sql[range.clone()];
        match text[0] {
            b'\'' if text.contains(&b'\\') => {
                out.extend_from_slice(&sql[at..range.start]);
                // `date'x'` is a word and a constant.
                if out.last().is_some_and(|&byte| is_word_byte(byte)) {
                    out.push(b' ');
                }
                out.push(b'E');
                at = range.start;
            }
            // With the setting off a server refuses U&''; and N'' has no form with escapes.
            b'n' | b'N' if text.contains(&b'\\') => return None,
            b'u' | b'U' => return None,
            _ => {}
        }
    }
    out.extend_from_slice(&sql[at..]);
    Some(out)
}

/// A constant with the parts that continue it, which stand on lines of their own (documentation, "String
/// Constants"): the last token of it, and where it is.
fn whole(sql: &[u8], tokens: &[Token], first: usize) -> (usize, Range<usize>) {
    let mut last = first;
    let begins = |token: &Token| sql[token.range.start] == b'\'';
    let is_dollar = sql[tokens[first].range.start] == b'$';
    let mut next = first + 1;
    let mut is_on_new_line = false;
    while let Some(token) = tokens.get(next).filter(|_| !is_dollar) {
        match token.kind {
            TokenKind::Blank => is_on_new_line |= sql[token.range.clone()].contains(&b'\n'),
            TokenKind::Text if is_on_new_line && begins(token) => {
                (last, is_on_new_line) = (next, false);
            }
            _ => break,
        }
        next += 1;
    }
    (last, tokens[first].range.start..tokens[last].range.end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restore::testing::{entry, toc};
    use crate::toc::lex::tokens;
    use proptest::prelude::*;

    fn put(sql: &str) -> Option<String> {
        rewritten(sql.as_bytes()).map(|sql| String::from_utf8_lossy(&sql).into_owned())
    }

    #[test]
    fn constants_with_a_backslash_get_a_letter() {
        let cases = [
            (
                r"SELECT 'a', 'b\\c', 'it''s \' one'",
                r"SELECT 'a', E'b\\c', E'it''s \' one'",
            ),
            (
                r"CHECK (a <> 'q''\\'::text), 'x'",
                r"CHECK (a <> E'q''\\'::text), 'x'",
            ),
            (
                r"SELECT E'a\\', B'1', X'F', $$'\$$, $q$\'$q$",
                r"SELECT E'a\\', B'1', X'F', $$'\$$, $q$\'$q$",
            ),
            (
                r#"COMMENT ON TABLE "a\'" IS date'\\';"#,
                r#"COMMENT ON TABLE "a\'" IS date E'\\';"#,
            ),
            (
                "SELECT 'a' -- '\\\n  'b\\\\', 'c\\'' ",
                "SELECT E'a' -- '\\\n  'b\\\\', E'c\\'' ",
            ),
            ("SELECT E'a'\n'\\\\'", "SELECT E'a'\n'\\\\'"),
            (r"SELECT 'a' 'b\\'", r"SELECT 'a' E'b\\'"),
        ];
        for (sql, expected) in cases {
            assert_eq!(put(sql).as_deref(), Some(expected));
        }
        assert_eq!(put(r"SELECT N'\\'"), None);
        assert_eq!(put(r"SELECT U&'\0041'"), None);
    }

    #[test]
    fn an_archive_is_put_as_a_whole_or_not_at_all() {
        let with = |id, kind, sql: &str| {
            let mut entry = entry(id, kind, None, "x");
            entry.defn = Some(sql.into());
            entry
        };
        let sample = |encoding: &str, sql: &str| {
            toc(vec![
                with(
                    1,
                    ObjectKind::Encoding,
                    &format!("SET client_encoding = '{encoding}';\n"),
                ),
                with(
                    2,
                    ObjectKind::StdStrings,
                    "SET standard_conforming_strings = 'off';\n",
                ),
                with(3, ObjectKind::Comment, r"COMMENT ON TABLE t IS 'a\\b';"),
                with(4, ObjectKind::View, sql),
            ])
        };
        let mut fine = sample("UTF8", "CREATE VIEW v AS SELECT 1;");
        assert_eq!(
            normalise(&mut fine, &mut HashMap::new()),
            Constants::Rewritten
        );
        assert_eq!(
            fine.entries[2].definition(),
            br"COMMENT ON TABLE t IS E'a\\b';"
        );
        assert!(fine.entries[1].definition().contains_str("'on'"));
        assert_eq!(
            normalise(&mut fine, &mut HashMap::new()),
            Constants::Standard
        );
        for mut unclear in [
            sample("SJIS", "CREATE VIEW v AS SELECT 1;"),
            sample("UTF8", r"CREATE VIEW v AS SELECT N'\\';"),
        ] {
            let before = unclear.clone();
            assert_eq!(
                normalise(&mut unclear, &mut HashMap::new()),
                Constants::Unclear
            );
            assert_eq!(unclear, before);
        }
    }

    proptest! {
        /// A server with the setting on sees the constants where one with it off saw them.
        #[test]
        fn constants_stay_where_they_are(parts in proptest::collection::vec(
            prop_oneof!["[a-z ,;()\n]{0,4}", r"'([a-z \n]|''|\\\\|\\')*'", "\"[a-z'\\\\]{1,3}\"", r"\$\$[a-z'\\]*\$\$"],
            0..12,
        )) {
            let sql = parts.join(" ");
            let Some(put) = rewritten(sql.as_bytes()) else { return Ok(()) };
            let kinds = |tokens: Vec<Token>| -> Vec<TokenKind> {
                tokens.into_iter().map(|token| token.kind).collect()
            };
            let before = kinds(tokens_under(sql.as_bytes(), Strings::Escaped).collect());
            let mut after = kinds(tokens(&put).collect());
            // A part that continues a constant is read like its beginning.
            after.truncate(before.len());
            if !sql.contains('\n') {
                prop_assert_eq!(after, before);
            }
        }
    }
}
