//! How names and literals are written in SQL.
//!
//! For text that is built here; a name that comes out of a catalog query is better quoted by the
//! server's own `quote_ident`, which knows its keywords.

use bstr::{BString, ByteSlice};

use super::keywords::KEYWORDS;

/// The characters that a dollar quote's delimiter grows by, over and over.
const DOLLAR_SUFFIX: &[u8] = b"_XXXXXXX";

/// `name`, or `"name"` where it could not stand bare: pg_dump's `fmtId()`.
pub fn ident_as_needed(name: &[u8]) -> BString {
    let is_start = |byte: &u8| byte.is_ascii_lowercase() || *byte == b'_';
    let is_plain = name.first().is_some_and(is_start)
        && name
            .iter()
            .all(|byte| is_start(byte) || byte.is_ascii_digit());
    let is_keyword = || {
        let found = name.to_str().map(|name| KEYWORDS.binary_search(&name));
        matches!(found, Ok(Ok(_)))
    };
    if is_plain && !is_keyword() {
        name.into()
    } else {
        ident(name)
    }
}

/// `schema.name`, each in quotes only where it must be.
pub fn qualified_as_needed(schema: &[u8], name: &[u8]) -> BString {
    let mut out = ident_as_needed(schema);
    out.push(b'.');
    out.extend_from_slice(&ident_as_needed(name));
    out
}

/// [`literal`] where a blank stands before it already.
pub fn literal_after_blank(text: &[u8]) -> BString {
    literal(text).trim_start().into()
}

/// `'text'`, for a session with `standard_conforming_strings`: backslashes stand for themselves.
pub fn literal_plain(text: &[u8]) -> BString {
    enclosed(text, b'\'')
}

/// `$$text$$`, with a delimiter that the text does not hold: `appendStringLiteralDQ()` in string_utils.c.
pub fn dollar(text: &[u8]) -> BString {
    let mut delimiter = BString::from("$");
    let mut suffix = DOLLAR_SUFFIX.iter().cycle();
    while text.contains_str(&delimiter) {
        delimiter.extend(suffix.next());
    }
    delimiter.push(b'$');
    let mut out = delimiter.clone();
    out.extend_from_slice(text);
    out.extend_from_slice(&delimiter);
    out
}

/// `"name"`, always in quotes.
pub fn ident(name: &[u8]) -> BString {
    enclosed(name, b'"')
}

/// `"schema"."name"`.
pub fn qualified(schema: &[u8], name: &[u8]) -> BString {
    let mut out = ident(schema);
    out.push(b'.');
    out.extend_from_slice(&ident(name));
    out
}

/// `'text'`, or ` E'text'` where it holds a backslash, so that it means the same under either
/// setting of `standard_conforming_strings` (as `PQescapeLiteral` does).
pub fn literal(text: &[u8]) -> BString {
    if !text.contains(&b'\\') {
        return enclosed(text, b'\'');
    }
    let doubled: Vec<u8> = text
        .iter()
        .flat_map(|&b| std::iter::repeat_n(b, if b == b'\\' { 2 } else { 1 }))
        .collect();
    let mut out = BString::from(" E");
    out.extend_from_slice(&enclosed(&doubled, b'\''));
    out
}

fn enclosed(text: &[u8], quote: u8) -> BString {
    let mut out = Vec::with_capacity(text.len() + 2);
    out.push(quote);
    for &byte in text {
        if byte == quote {
            out.push(quote);
        }
        out.push(byte);
    }
    out.push(quote);
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_where_they_must_be() {
        for bare in ["a", "_1", "a_b2", "abort", "zone"] {
            assert_eq!(ident_as_needed(bare.as_bytes()), bare);
        }
        for name in [
            "", "1a", "A", "a b", "a$", "select", "between", "left", "\u{e4}",
        ] {
            assert_eq!(ident_as_needed(name.as_bytes()), ident(name.as_bytes()));
        }
        assert_eq!(qualified_as_needed(b"s", b"T"), "s.\"T\"");
        assert!(KEYWORDS.is_sorted());
    }

    #[test]
    fn a_dollar_quote_does_not_occur_in_its_text() {
        assert_eq!(dollar(b"a'b"), "$$a'b$$");
        assert_eq!(dollar(b"$1"), "$_$$1$_$");
        assert_eq!(dollar(b"$_ $_X"), "$_XX$$_ $_X$_XX$");
        assert_eq!(literal_plain(b"a\\'b"), "'a\\''b'");
    }

    #[test]
    fn quotes_are_doubled_and_backslashes_escaped() {
        assert_eq!(ident(b"a\"b"), "\"a\"\"b\"");
        assert_eq!(qualified(b"s", b"T.x"), "\"s\".\"T.x\"");
        assert_eq!(literal(b"it's"), "'it''s'");
        assert_eq!(literal(b"\\n'"), " E'\\\\n'''");
        assert_eq!(ident(&[0xff]), BString::from(vec![b'"', 0xff, b'"']));
    }
}
