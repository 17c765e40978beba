//! Rust source, read just far enough for the rules: text without comments, strings and test code,
//! the string literals, and every path that is named. Not a parser; rustc has judged the file already.

use std::ops::Range;

/// One file below `src`.
pub struct Source {
    /// Relative to `src`, with slashes: `dump/plan.rs`.
    pub path: String,
    pub text: String,
    /// The text with comments, the contents of literals and test items blanked; lines are kept.
    pub code: String,
    /// String literals outside of test items: line, and what stands between the quotes.
    pub strings: Vec<(usize, String)>,
}

impl Source {
    pub fn new(path: &str, text: &str) -> Self {
        let Lexed { mut code, strings } = lex(text);
        let tests = test_items(&code);
        for range in &tests {
            blank(&mut code, range.clone());
        }
        let outside = |at: &usize| !tests.iter().any(|range| range.contains(at));
        let strings = strings
            .into_iter()
            .filter(|(at, _)| outside(at))
            .map(|(at, literal)| (line_of(text, at), literal))
            .collect();
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
            code: String::from_utf8(code).expect("only whole characters are blanked"),
            strings,
        }
    }

    /// The top-level module this file belongs to; "main" and "lib" for the two roots.
    pub fn module(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// The module path of the file: `["dump", "plan"]`.
    pub fn module_path(&self) -> Vec<&str> {
        let path = self.path.strip_suffix(".rs").unwrap_or(&self.path);
        let path = path.strip_suffix("/mod").unwrap_or(path);
        path.split('/').collect()
    }

    /// Every path named in the code, with its line; `use` trees are spread out, and `super` that
    /// climbs to the crate's root becomes `crate`.
    pub fn paths(&self) -> Vec<(usize, Vec<String>)> {
        let tokens = tokens(&self.code);
        let mut paths = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            // `pub(in crate::x)` needs nothing
            if tokens[at].text == "in" && at > 0 && tokens[at - 1].text == "(" {
                at += tokens[at..]
                    .iter()
                    .take_while(|token| token.text != ")")
                    .count();
            }
            let before = paths.len();
            let next = tree(&tokens, at, &[], &mut paths);
            // a name alone is a path too: `JoinSet` after an import
            at = if paths.len() > before { next } else { at + 1 };
        }
        let depth = self.module_path().len();
        for (_, path) in &mut paths {
            let climbs = path
                .iter()
                .take_while(|segment| *segment == "super")
                .count();
            if climbs >= depth && climbs > 0 {
                path.splice(..climbs, ["crate".to_owned()]);
            }
        }
        paths
    }

    /// What `use` brings in: each path, and whether the file passes its last name on (`pub use`).
    pub fn imports(&self) -> Vec<(Vec<String>, bool)> {
        let tokens = tokens(&self.code);
        let mut imports = Vec::new();
        for at in (0..tokens.len()).filter(|&at| tokens[at].text == "use") {
            let is_public = at > 0 && matches!(tokens[at - 1].text, "pub" | ")");
            let mut paths = Vec::new();
            tree(&tokens, at + 1, &[], &mut paths);
            imports.extend(paths.into_iter().map(|(_, path)| (path, is_public)));
        }
        imports
    }

    /// Names of macros that are called, with their lines.
    pub fn macros(&self) -> Vec<(usize, String)> {
        let tokens = tokens(&self.code);
        tokens
            .windows(2)
            .filter(|pair| pair[0].is_name() && pair[1].text == "!")
            .map(|pair| (pair[0].line, pair[0].text.to_owned()))
            .collect()
    }

    /// Modules that this file declares for tests only, in files of their own.
    pub fn test_modules(&self) -> Vec<String> {
        let code = String::from_utf8(lex(&self.text).code).expect("only whole characters");
        let folder = match self.path.strip_suffix("mod.rs") {
            Some(folder) => folder.to_owned(),
            None if matches!(self.module(), "lib" | "main") => String::new(),
            None => self.path.replace(".rs", "/"),
        };
        let after = code.split("#[cfg(test)]").skip(1);
        after
            .filter_map(|rest| rest.trim_start().strip_prefix("mod "))
            .filter_map(|rest| rest.split_once(';'))
            .filter(|(name, _)| !name.contains('{'))
            .map(|(name, _)| format!("{folder}{}", name.trim()))
            .collect()
    }
}

struct Lexed {
    code: Vec<u8>,
    /// Offset of the literal, and its content.
    strings: Vec<(usize, String)>,
}

fn lex(text: &str) -> Lexed {
    let bytes = text.as_bytes();
    let mut code = bytes.to_vec();
    let mut strings = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let end = if rest.starts_with(b"//") {
            at + rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len())
        } else if rest.starts_with(b"/*") {
            at + block_comment(rest)
        } else if let Some(hashes) = raw_string(bytes, at) {
            let open = at + 1 + hashes + 1;
            let close = format!("\"{}", "#".repeat(hashes));
            let length = text[open..].find(&close).unwrap_or(text.len() - open);
            strings.push((at, text[open..open + length].to_owned()));
            open + length + close.len()
        } else if rest[0] == b'"' {
            let length = string(&rest[1..]);
            strings.push((at, text[at + 1..at + 1 + length].to_owned()));
            at + length + 2
        } else if rest[0] == b'\'' {
            at + character(rest)
        } else {
            at += 1;
            continue;
        };
        blank(&mut code, at..end.min(bytes.len()));
        at = end;
    }
    Lexed { code, strings }
}

fn block_comment(bytes: &[u8]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < bytes.len() {
        match &bytes[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// The number of `#` of a raw string that begins here with `r`, whatever stands before the `r`
/// (`b`, `c`), unless the `r` ends a name.
fn raw_string(bytes: &[u8], at: usize) -> Option<usize> {
    if bytes[at] != b'r' {
        return None;
    }
    let name_before = at > 0 && is_name(bytes[at - 1]) && !matches!(bytes[at - 1], b'b' | b'c');
    let hashes = bytes[at + 1..].iter().take_while(|b| **b == b'#').count();
    (!name_before && bytes.get(at + 1 + hashes) == Some(&b'"')).then_some(hashes)
}

/// The length of a string's content, given what follows the opening quote.
fn string(bytes: &[u8]) -> usize {
    let mut at = 0;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at.min(bytes.len())
}

/// The length of a character literal, or 1 for a lifetime's quote.
fn character(bytes: &[u8]) -> usize {
    let text = String::from_utf8_lossy(&bytes[1..bytes.len().min(16)]);
    let mut characters = text.char_indices();
    match characters.next() {
        Some((_, '\\')) => text[2..].find('\'').map_or(1, |close| close + 4),
        Some((_, first)) if text[first.len_utf8()..].starts_with('\'') => first.len_utf8() + 2,
        _ => 1,
    }
}

fn blank(code: &mut [u8], range: Range<usize>) {
    for byte in &mut code[range] {
        if *byte != b'\n' {
            *byte = b' ';
        }
    }
}

/// Items under `#[cfg(test)]`, in code that is already blanked.
fn test_items(code: &[u8]) -> Vec<Range<usize>> {
    let text = String::from_utf8_lossy(code);
    text.match_indices("#[cfg(test)]")
        .map(|(start, _)| {
            let open = code[start..].iter().position(|b| matches!(b, b'{' | b';'));
            let Some(open) = open.map(|open| start + open) else {
                return start..code.len();
            };
            let mut depth = 0_i64;
            let closes = |byte: &u8| {
                depth += i64::from(*byte == b'{') - i64::from(*byte == b'}');
                depth == 0
            };
            let end = code[open..].iter().position(closes);
            start..end.map_or(code.len(), |end| open + end + 1)
        })
        .collect()
}

fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at]
        .iter()
        .filter(|b| **b == b'\n')
        .count()
        + 1
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

struct Token<'a> {
    text: &'a str,
    line: usize,
}

impl Token<'_> {
    fn is_name(&self) -> bool {
        self.text
            .bytes()
            .next()
            .is_some_and(|b| is_name(b) && !b.is_ascii_digit())
    }
}

/// Names, `::`, and single characters for the rest.
fn tokens(code: &str) -> Vec<Token<'_>> {
    let bytes = code.as_bytes();
    let mut tokens = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < bytes.len() {
        let length = match bytes[at] {
            b if is_name(b) => bytes[at..].iter().take_while(|b| is_name(**b)).count(),
            b':' if bytes.get(at + 1) == Some(&b':') => 2,
            _ => 1,
        };
        line += usize::from(bytes[at] == b'\n');
        if !bytes[at].is_ascii_whitespace() {
            tokens.push(Token {
                text: &code[at..at + length],
                line,
            });
        }
        at += length;
    }
    tokens
}

/// Reads a path or use tree from `at`, with `prefix` before it; returns where it ends. Type arguments
/// end a path; what stands in them is found as a path of its own.
fn tree(
    tokens: &[Token<'_>],
    mut at: usize,
    prefix: &[String],
    paths: &mut Vec<(usize, Vec<String>)>,
) -> usize {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text);
    let mut path = prefix.to_vec();
    let line = tokens.get(at).map_or(0, |token| token.line);
    loop {
        if text(at) == "{" && (!path.is_empty()) {
            at += 1;
            while at < tokens.len() && text(at) != "}" {
                let next = tree(tokens, at, &path, paths);
                at = next.max(at + 1);
            }
            return at + 1;
        }
        if text(at) == "*" && !path.is_empty() {
            path.push("*".into());
            paths.push((line, path));
            return at + 1;
        }
        if !tokens.get(at).is_some_and(Token::is_name) {
            return at;
        }
        path.push(text(at).to_owned());
        at += 1;
        if text(at) != "::" || text(at + 1) == "<" {
            paths.push((line, path));
            return at;
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(path: &str, text: &str) -> Vec<String> {
        let source = Source::new(path, text);
        source
            .paths()
            .into_iter()
            .map(|(_, path)| path.join("::"))
            .collect()
    }

    #[test]
    fn comments_literals_and_tests_are_not_code() {
        let text = r##"
            //! crate::a
            /* crate::b /* crate::c */ crate::d */
            const E: &str = "crate::e \" crate::f";
            const G: &[u8] = br#"crate::g " "#;
            const Q: char = '"'; const R: char = '\''; fn s<'a>(t: &'a str) {}
            use crate::real;
            #[cfg(test)]
            mod tests { use crate::h; fn x() { { crate::i(); } } }
            fn after() { crate::too(); }
        "##;
        let found = paths("m/x.rs", text);
        let found: Vec<_> = found
            .iter()
            .filter(|path| path.starts_with("crate"))
            .collect();
        assert_eq!(found, ["crate::real", "crate::too"]);
    }

    #[test]
    fn use_trees_are_spread_out() {
        let text = "use crate::{a, b::{self, c as d, e::*}, f::g};";
        let found = paths("m.rs", text);
        for expected in [
            "crate::a",
            "crate::b::self",
            "crate::b::c",
            "crate::b::e::*",
            "crate::f::g",
        ] {
            assert!(
                found.iter().any(|path| path == expected),
                "{expected}: {found:?}"
            );
        }
    }

    #[test]
    fn super_that_climbs_to_the_root_is_the_root() {
        assert!(paths("dump/plan.rs", "use super::super::pg;").contains(&"crate::pg".into()));
        assert!(paths("dump/mod.rs", "use super::pg;").contains(&"crate::pg".into()));
        assert!(paths("dump/plan.rs", "use super::worker;").contains(&"super::worker".into()));
    }

    #[test]
    fn strings_have_lines_and_macros_have_names() {
        let source = Source::new("m.rs", "fn a() {\n    println!(\"x\ny\");\n}\n");
        assert_eq!(source.strings, [(2, "x\ny".to_owned())]);
        assert_eq!(source.macros(), [(2, "println".to_owned())]);
    }

    #[test]
    fn test_modules_in_files_of_their_own_are_known() {
        let declare = "#[cfg(test)]\nmod tests;\nmod other;\n";
        assert_eq!(Source::new("a/b.rs", declare).test_modules(), ["a/b/tests"]);
        assert_eq!(Source::new("a/mod.rs", declare).test_modules(), ["a/tests"]);
        assert_eq!(Source::new("lib.rs", declare).test_modules(), ["tests"]);
    }
}
