//! How names and literals are written in SQL.
//!
//! For text that is built here; a name that comes out of a catalog query is better quoted by the
//! server's own `quote_ident`, which knows its keywords.

use bstr::BString;

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
    fn quotes_are_doubled_and_backslashes_escaped() {
        assert_eq!(ident(b"a\"b"), "\"a\"\"b\"");
        assert_eq!(qualified(b"s", b"T.x"), "\"s\".\"T.x\"");
        assert_eq!(literal(b"it's"), "'it''s'");
        assert_eq!(literal(b"\\n'"), " E'\\\\n'''");
        assert_eq!(ident(&[0xff]), BString::from(vec![b'"', 0xff, b'"']));
    }
}
