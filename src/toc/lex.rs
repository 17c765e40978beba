//! A tokenizer for the SQL that a TOC holds: just enough to tell names and keywords from what is
//! inside quotes and comments, and to find where a statement ends.
//!
//! Not a parser, and not for SQL in general: a `BEGIN ATOMIC` body holds semicolons that end no
//! statement of their own, so [`statements`] is only asked about kinds that cannot contain one.
//! Rules: PostgreSQL documentation, "Lexical Structure".

use std::ops::Range;

use bstr::BString;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// Spaces, newlines and comments.
    Blank,
    /// A keyword or an unquoted name.
    Word,
    /// A name in double quotes.
    Quoted,
    /// A string constant in any of its spellings.
    Text,
    /// `;`
    Semicolon,
    /// One byte of anything else.
    Other,
}

/// One token of `sql[range]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The sort of token.
    pub kind: TokenKind,
    /// Where it is.
    pub range: Range<usize>,
}

/// Every byte of `sql`, in tokens. An unterminated quote or comment reaches to the end.
pub fn tokens(sql: &[u8]) -> Tokens<'_> {
    tokens_under(sql, Strings::Standard)
}

/// What a backslash in `'..'` is: `standard_conforming_strings`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strings {
    /// A character as any other: on.
    Standard,
    /// An escape, as in `E'..'`: off. There are no servers of that kind from 19 on.
    Escaped,
}

/// [`tokens`] as a server takes them under this setting.
pub fn tokens_under(sql: &[u8], strings: Strings) -> Tokens<'_> {
    let plain = match strings {
        Strings::Standard => Escapes::Doubled,
        Strings::Escaped => Escapes::Backslash,
    };
    Tokens { sql, at: 0, plain }
}

/// The iterator behind [`tokens`].
pub struct Tokens<'a> {
    sql: &'a [u8],
    at: usize,
    /// How a quote in `'..'` is written.
    plain: Escapes,
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let rest = self.sql.get(self.at..)?;
        let first = *rest.first()?;
        let (kind, length) = token_at(rest, first, self.plain);
        let start = self.at;
        self.at += length;
        Some(Token {
            kind,
            range: start..self.at,
        })
    }
}

fn token_at(rest: &[u8], first: u8, plain: Escapes) -> (TokenKind, usize) {
    match first {
        b if b.is_ascii_whitespace() || b == 0x0b => (TokenKind::Blank, blank_length(rest)),
        b'-' if rest.starts_with(b"--") => (TokenKind::Blank, line_length(rest)),
        b'/' if rest.starts_with(b"/*") => (TokenKind::Blank, comment_length(rest)),
        b'\'' => (TokenKind::Text, quoted_length(rest, b'\'', plain)),
        b'"' => (
            TokenKind::Quoted,
            quoted_length(rest, b'"', Escapes::Doubled),
        ),
        b'$' => match dollar_length(rest) {
            Some(length) => (TokenKind::Text, length),
            None => (TokenKind::Other, 1),
        },
        b';' => (TokenKind::Semicolon, 1),
        b if starts_word(b) => word_or_prefixed(rest, plain),
        _ => (TokenKind::Other, 1),
    }
}

/// A word, or the constant or name that a one-letter prefix introduces: `E'..'`, `B'..'`, `X'..'`,
/// `N'..'`, `U&'..'`, `U&".."`.
fn word_or_prefixed(rest: &[u8], plain: Escapes) -> (TokenKind, usize) {
    let length = rest.iter().take_while(|&&b| continues_word(b)).count();
    if length != 1 {
        return (TokenKind::Word, length);
    }
    let text = |from: usize, escapes| {
        let length = from + quoted_length(&rest[from..], b'\'', escapes);
        (TokenKind::Text, length)
    };
    match (rest[0].to_ascii_lowercase(), rest.get(1), rest.get(2)) {
        (b'e', Some(b'\''), _) => text(1, Escapes::Backslash),
        (b'b' | b'x', Some(b'\''), _) => text(1, Escapes::Doubled),
        // The server takes the letter by itself, and then a plain constant.
        (b'n', Some(b'\''), _) => text(1, plain),
        (b'u', Some(b'&'), Some(b'\'')) => text(2, Escapes::Doubled),
        (b'u', Some(b'&'), Some(b'"')) => {
            let length = 2 + quoted_length(&rest[2..], b'"', Escapes::Doubled);
            (TokenKind::Quoted, length)
        }
        _ => (TokenKind::Word, length),
    }
}

fn starts_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn continues_word(byte: u8) -> bool {
    starts_word(byte) || byte.is_ascii_digit() || byte == b'$'
}

fn blank_length(rest: &[u8]) -> usize {
    rest.iter()
        .take_while(|b| b.is_ascii_whitespace() || **b == 0x0b)
        .count()
}

fn line_length(rest: &[u8]) -> usize {
    rest.iter()
        .position(|&b| b == b'\n')
        .map_or(rest.len(), |newline| newline + 1)
}

/// Comments nest in SQL, unlike in C.
fn comment_length(rest: &[u8]) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

/// How a quote inside quotes is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escapes {
    /// By doubling it only.
    Doubled,
    /// By doubling it or with a backslash before it.
    Backslash,
}

/// The length of the quoted text that `rest` begins with, both quotes included.
fn quoted_length(rest: &[u8], quote: u8, escapes: Escapes) -> usize {
    let mut at = 1;
    while at < rest.len() {
        if rest[at] == b'\\' && escapes == Escapes::Backslash {
            at += 2;
        } else if rest[at] != quote {
            at += 1;
        } else if rest.get(at + 1) == Some(&quote) {
            at += 2;
        } else {
            return at + 1;
        }
    }
    rest.len()
}

/// The length of the dollar-quoted constant that `rest` begins with, if it does.
fn dollar_length(rest: &[u8]) -> Option<usize> {
    let tag = rest[1..].iter().take_while(|&&b| b != b'$').count();
    let inner = rest.get(1..1 + tag)?;
    let valid = inner.iter().all(|&b| continues_word(b) && b != b'$')
        && inner.first().is_none_or(|&b| starts_word(b));
    if !valid || rest.get(1 + tag) != Some(&b'$') {
        return None;
    }
    let delimiter = &rest[..tag + 2];
    let body = &rest[tag + 2..];
    let end = bstr::ByteSlice::find(body, delimiter).unwrap_or(body.len());
    Some((2 * delimiter.len() + end).min(rest.len()))
}

/// The name that a [`TokenKind::Word`] or [`TokenKind::Quoted`] token stands for, as pg_dump writes
/// names: it leaves out the quotes only where folding would change nothing, so a word is itself.
pub fn name(token: &[u8]) -> Vec<u8> {
    let Some(inner) = token
        .strip_prefix(b"\"")
        .and_then(|rest| rest.strip_suffix(b"\""))
    else {
        return token.to_vec();
    };
    bstr::ByteSlice::replace(inner, "\"\"", "\"")
}

/// Words and quoted names, in order.
pub fn words(sql: &[u8]) -> Vec<&[u8]> {
    word_places(sql).map(|place| &sql[place]).collect()
}

/// Where words and quoted names are, in order.
pub fn word_places(sql: &[u8]) -> impl Iterator<Item = Range<usize>> {
    tokens(sql)
        .filter(|token| matches!(token.kind, TokenKind::Word | TokenKind::Quoted))
        .map(|token| token.range)
}

/// The word or quoted name behind the first `word`.
pub fn follower<'a>(sql: &'a [u8], word: &[u8]) -> Option<&'a [u8]> {
    let words = words(sql);
    let at = words.iter().position(|found| *found == word)?;
    words.get(at + 1).copied()
}

/// `CREATE DATABASE d .. TABLESPACE = x`: the tablespace, and the statement without it.
pub fn without_tablespace(sql: &[u8]) -> Option<(BString, BString)> {
    let places: Vec<Range<usize>> = word_places(sql).collect();
    let mut pairs = places.windows(2);
    let pair = pairs.find(|pair| sql[pair[0].clone()] == *b"TABLESPACE")?;
    let without = [&sql[..pair[0].start], &sql[pair[1].end..]].concat();
    Some((name(&sql[pair[1].clone()]).into(), without.into()))
}

/// Whether the byte may be part of a word that goes on.
pub fn is_word_byte(byte: u8) -> bool {
    continues_word(byte)
}

/// The value of a string constant as pg_dump's `appendStringLiteral` writes it: quotes doubled, and
/// backslashes too in the `E''` form.
pub fn literal_value(text: &[u8]) -> Option<Vec<u8>> {
    let (escaped, quoted) = match text.strip_prefix(b"E") {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let inner = quoted.strip_prefix(b"'")?.strip_suffix(b"'")?;
    let value = bstr::ByteSlice::replace(inner, "''", "'");
    Some(if escaped {
        bstr::ByteSlice::replace(&value[..], "\\\\", "\\")
    } else {
        value
    })
}

/// The statements of `sql`, each without the semicolon that ends it and without the blanks and
/// comments around it; those that consist of nothing else are left out.
pub fn statements(sql: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    let mut span: Option<Range<usize>> = None;
    for token in tokens(sql) {
        match token.kind {
            TokenKind::Blank => {}
            TokenKind::Semicolon => found.extend(span.take()),
            _ => {
                let start = span.as_ref().map_or(token.range.start, |span| span.start);
                span = Some(start..token.range.end);
            }
        }
    }
    found.extend(span);
    found.into_iter().map(|range| &sql[range]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kinds(sql: &str) -> Vec<(TokenKind, &str)> {
        tokens(sql.as_bytes())
            .filter(|token| token.kind != TokenKind::Blank)
            .map(|token| (token.kind, &sql[token.range]))
            .collect()
    }

    #[test]
    fn quotes_comments_and_words_are_told_apart() {
        use TokenKind::{Other, Quoted, Semicolon, Text, Word};
        assert_eq!(
            kinds("ALTER \"a\"\"b;\" -- no ; here\n/* nor /* ; */ ; */ x$1 = E'\\';' $q$;$q$;"),
            [
                (Word, "ALTER"),
                (Quoted, "\"a\"\"b;\""),
                (Word, "x$1"),
                (Other, "="),
                (Text, "E'\\';'"),
                (Text, "$q$;$q$"),
                (Semicolon, ";"),
            ]
        );
        assert_eq!(
            kinds("'a\\' U&\"d\" $1 $$x$$"),
            [
                (Text, "'a\\'"),
                (Quoted, "U&\"d\""),
                (Other, "$"),
                (Other, "1"),
                (Text, "$$x$$"),
            ]
        );
    }

    #[test]
    fn statements_are_cut_at_semicolons_outside_quotes() {
        let sql = b"-- head\nCREATE ROLE \"a;b\";\n\nALTER ROLE x SET y TO 'p;q'; ; /* end */";
        let found = statements(sql);
        assert_eq!(
            found,
            [
                &b"CREATE ROLE \"a;b\""[..],
                &b"ALTER ROLE x SET y TO 'p;q'"[..]
            ]
        );
    }

    #[test]
    fn a_quoted_name_is_read_back() {
        assert_eq!(name(b"plain"), b"plain");
        assert_eq!(name(b"\"a\"\"b\""), b"a\"b");
    }

    proptest! {
        #[test]
        fn tokens_cover_every_byte_once(sql in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut at = 0;
            for token in tokens(&sql) {
                prop_assert_eq!(token.range.start, at);
                prop_assert!(token.range.end > at);
                at = token.range.end;
            }
            prop_assert_eq!(at, sql.len());
        }

        #[test]
        fn every_quoted_name_is_read_back(bytes in proptest::collection::vec(1_u8.., 0..40)) {
            let quoted = crate::toc::quote::ident(&bytes);
            let all: Vec<Token> = tokens(&quoted).collect();
            prop_assert_eq!(all.len(), 1);
            prop_assert_eq!(name(&quoted), bytes);
        }
    }
}
