//! Patterns for names, as psql reads them: taken apart, and matched without a server.
//!
//! Pure. The rules are psql's (documentation of psql, "Patterns"): `*` and `?` are wildcards, a dot
//! separates schema and name, letters are folded to lower case, and inside double quotes nothing is
//! special. What psql leaves to the server's regular expressions (`|`, `[a-z]`) is literal here;
//! `schema::pattern` makes regular expressions of the same parts where there is a server to match.

use std::iter::Peekable;

/// One dotted part of a pattern: its bytes, each with whether nothing about it is special.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part(Vec<(u8, bool)>);

/// Takes a pattern apart at its dots. There is at least one part.
pub fn split(pattern: &[u8]) -> Vec<Part> {
    let mut parts = vec![];
    let mut part = Part::default();
    let mut quoted = false;
    let mut bytes = pattern.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' if quoted && doubled(&mut bytes) => part.0.push((b'"', true)),
            b'"' => quoted = !quoted,
            b'.' if !quoted => parts.push(std::mem::take(&mut part)),
            _ if quoted => part.0.push((byte, true)),
            _ => part.0.push((byte.to_ascii_lowercase(), false)),
        }
    }
    parts.push(part);
    parts
}

fn doubled(bytes: &mut Peekable<impl Iterator<Item = u8>>) -> bool {
    bytes.next_if_eq(&b'"').is_some()
}

impl Part {
    /// The bytes, each with whether it was quoted.
    pub fn bytes(&self) -> &[(u8, bool)] {
        &self.0
    }

    /// The part continued by literal bytes that may hold wildcards: neither dots nor quotes nor capitals have
    /// a meaning in them.
    pub fn continued(mut self, bytes: &[u8]) -> Self {
        let is_literal = |byte: u8| !matches!(byte, b'*' | b'?');
        self.0
            .extend(bytes.iter().map(|&byte| (byte, is_literal(byte))));
        self
    }

    /// The bytes alone.
    pub fn literal(&self) -> Vec<u8> {
        self.0.iter().map(|&(byte, _)| byte).collect()
    }

    /// Whether the whole of `name` matches.
    pub fn matches(&self, name: &[u8]) -> bool {
        let (mut at, mut pattern_at) = (0, 0);
        // Where to go on after the latest `*`, which takes one byte more each time.
        let mut retry: Option<(usize, usize)> = None;
        loop {
            match self.0.get(pattern_at) {
                Some((b'*', false)) => {
                    pattern_at += 1;
                    retry = Some((pattern_at, at));
                    continue;
                }
                Some((b'?', false)) if at < name.len() => {
                    at += character_length(&name[at..]);
                    pattern_at += 1;
                    continue;
                }
                Some((byte, _)) if name.get(at) == Some(byte) => {
                    at += 1;
                    pattern_at += 1;
                    continue;
                }
                None if at == name.len() => return true,
                _ => {}
            }
            match &mut retry {
                Some((after, taken)) if *taken < name.len() => {
                    *taken += 1;
                    (pattern_at, at) = (*after, *taken);
                }
                _ => return false,
            }
        }
    }
}

/// A `?` stands for one character; a byte that is none counts as one.
fn character_length(rest: &[u8]) -> usize {
    match bstr::decode_utf8(rest) {
        (Some(_), length) => length,
        (None, _) => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matches(pattern: &str, name: &str) -> bool {
        let parts = split(pattern.as_bytes());
        assert_eq!(parts.len(), 1, "{pattern}");
        parts[0].matches(name.as_bytes())
    }

    #[test]
    fn wildcards_quotes_and_case() {
        for (pattern, name) in [
            ("Foo", "foo"),
            ("f*", "f"),
            ("*", ""),
            ("*b*d", "abcd.bd"),
            ("t?", "tä"),
            ("\"Foo\"*", "Foox"),
            ("\"a*\"", "a*"),
            ("\"a\"\"b\"", "a\"b"),
            ("a|b", "a|b"),
        ] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("Foo", "Foo"),
            ("f?", "f"),
            ("\"a*\"", "ab"),
            ("*b", "abc"),
            ("a|b", "a"),
            ("", "x"),
        ] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn dots_separate_outside_quotes() {
        let literal = |pattern: &[u8]| split(pattern).iter().map(Part::literal).collect::<Vec<_>>();
        assert_eq!(
            literal(b"\"a.b\".C"),
            [b"a.b".to_vec(), b"c".to_vec()],
            "quoted dots belong to the name"
        );
        assert_eq!(literal(b"."), [b"".to_vec(), b"".to_vec()]);
    }

    #[test]
    fn arguments_of_functions_keep_their_dots_and_quotes() {
        let part = split(b"F").remove(0).continued(b"(app.\"T\", *)");
        assert!(part.matches(b"f(app.\"T\", integer[])"));
        assert!(!part.matches(b"f(app.t, integer)"));
    }

    proptest! {
        #[test]
        fn a_quoted_name_matches_itself_alone(name in "\\PC{0,12}", other in "\\PC{0,12}") {
            let pattern = format!("\"{}\"", name.replace('"', "\"\""));
            prop_assert!(matches(&pattern, &name));
            prop_assert_eq!(matches(&pattern, &other), name == other);
        }

        #[test]
        fn a_star_takes_any_tail(head in "[a-z]{0,4}", tail in proptest::collection::vec(any::<u8>(), 0..12)) {
            let name = [head.as_bytes(), &tail].concat();
            let pattern = format!("{head}*");
            prop_assert!(split(pattern.as_bytes())[0].matches(&name));
        }
    }
}
