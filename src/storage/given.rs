//! A location as the user gave it, which prints itself without possible secrets.
//!
//! A URL may hold a password (`https://user:password@host/`) or a signature (`?X-Amz-Signature=..`). Nothing
//! but `storage` gets at these: everything else can only print the rest. [`redacted`] does the same with URLs
//! anywhere in a text, for messages of other programs and libraries.

use std::fmt;

use serde::{Serialize, Serializer};

/// The mark of an omission.
const HIDDEN: &str = "***";

/// A path or a URL.
#[derive(Clone, PartialEq, Eq)]
pub struct Location {
    given: String,
    shown: String,
}

impl Location {
    /// The location that the user gave.
    pub fn new(given: impl Into<String>) -> Self {
        let given = given.into();
        let shown = shown(&given);
        Self { given, shown }
    }

    /// All of it, to open what it names.
    pub(super) fn exposed(&self) -> &str {
        &self.given
    }

    /// The location without secrets, for people and programs.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// Whether it means standard input or output.
    pub fn is_pipe(&self) -> bool {
        self.given == "-"
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.given.is_empty()
    }
}

impl From<&str> for Location {
    fn from(given: &str) -> Self {
        Self::new(given)
    }
}

impl From<String> for Location {
    fn from(given: String) -> Self {
        Self::new(given)
    }
}

impl From<&String> for Location {
    fn from(given: &String) -> Self {
        Self::new(given)
    }
}

impl From<&Location> for Location {
    fn from(given: &Location) -> Self {
        given.clone()
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.shown, f)
    }
}

impl Serialize for Location {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.shown)
    }
}

/// A path as it is, a URL without user, password, query and fragment. `https:/host` is taken for a URL with a
/// slash too few.
fn shown(given: &str) -> String {
    match scheme_bytes(given) {
        Some(scheme) => {
            let slashes = given[scheme + 1..].bytes().take_while(|&byte| byte == b'/');
            let begin = scheme + 1 + slashes.count();
            format!("{}{}", &given[..begin], without_secrets(&given[begin..]))
        }
        None => given.to_owned(),
    }
}

/// How long the scheme of a URL is, if this is one: RFC 3986, then a colon and a slash.
fn scheme_bytes(text: &str) -> Option<usize> {
    let end = text.find(":/")?;
    let is_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte);
    let scheme = &text[..end];
    // A letter and a colon are a drive.
    let is_url = scheme.len() > 1
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(is_scheme);
    is_url.then_some(end)
}

/// The text after the slashes of a URL.
fn without_secrets(rest: &str) -> String {
    let authority_end = rest.find('/').unwrap_or(rest.len());
    let authority = &rest[..authority_end];
    let is_port = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // A password with a slash in it that should have been written %2F.
    let is_cut = authority
        .rsplit_once(':')
        .is_some_and(|(_, port)| !is_port(port) && !port.ends_with(']'));
    let user_end = match authority.rfind('@') {
        Some(at) => Some(at),
        None if is_cut => rest.rfind('@'),
        None => None,
    };
    let (user, rest) = match user_end {
        Some(at) => (format!("{HIDDEN}@"), &rest[at + 1..]),
        None => (String::new(), rest),
    };
    let path_end = rest.find(['?', '#']).unwrap_or(rest.len());
    let (path, query) = rest.split_at(path_end);
    match query.get(..1) {
        Some(mark) => format!("{user}{path}{mark}{HIDDEN}"),
        None => format!("{user}{path}"),
    }
}

/// A text in which every URL is without user, password and query.
pub fn redacted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let is_scheme = |c: char| c.is_ascii_alphanumeric() || "+.-".contains(c);
        let begin = rest[..at].rfind(|c| !is_scheme(c)).map_or(0, |before| {
            before + rest[before..].chars().next().map_or(1, char::len_utf8)
        });
        let ends = |c: char| c.is_whitespace() || "\"'`<>()[]{}".contains(c) || c.is_control();
        let end = rest[at + 3..]
            .find(ends)
            .map_or(rest.len(), |end| at + 3 + end);
        out.push_str(&rest[..begin]);
        out.push_str(&shown(&rest[begin..end]));
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

/// The scheme of a URL; `None` for a path.
pub(super) fn scheme_of(location: &str) -> Option<&str> {
    let (scheme, _) = location.split_once("://")?;
    let valid = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+.-".contains(&b));
    valid.then_some(scheme)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_of_a_url_is_shown() {
        for (given, expected) in [
            ("https://host/snap.tar", "https://host/snap.tar"),
            ("https://host:8443/a/b.tar", "https://host:8443/a/b.tar"),
            ("https://[::1]:80/a", "https://[::1]:80/a"),
            ("https://[::1]/a", "https://[::1]/a"),
            ("https://joe:secret@host/a", "https://***@host/a"),
            ("https://joe:secret@host", "https://***@host"),
            ("https://secret@host/a", "https://***@host/a"),
            ("https://joe:sec@ret@host/a", "https://***@host/a"),
            ("https://joe:sec/ret@host/a", "https://***@host/a"),
            ("https://joe:sec?ret@host/a", "https://***@host/a"),
            ("https://host/a@2x.tar", "https://host/a@2x.tar"),
            (
                "https://host/a?X-Amz-Signature=secret",
                "https://host/a?***",
            ),
            ("https://host/a#secret", "https://host/a#***"),
            ("https://j:s@host/a?secret#secret", "https://***@host/a?***"),
            ("s3://key:secret@bucket/a", "s3://***@bucket/a"),
            ("s3://key:sec/ret@bucket/a", "s3://***@bucket/a"),
            ("az://container/a?sv=1&sig=secret", "az://container/a?***"),
            ("https:/joe:secret@host/a", "https:/***@host/a"),
            ("sftp://joe:secret@host/a", "sftp://***@host/a"),
            ("postgresql://joe:secret@host/a", "postgresql://***@host/a"),
            ("/a/b?c#d@e.tar", "/a/b?c#d@e.tar"),
            ("a:b@c.tar", "a:b@c.tar"),
            ("C:/a?b", "C:/a?b"),
            ("", ""),
            ("-", "-"),
        ] {
            let location = Location::new(given);
            assert_eq!(location.to_string(), expected);
            let all = format!("{location:?} {}", serde_json::json!(location));
            let has_secret = given.contains("secret") || given.contains("sec");
            assert!(!has_secret || !all.contains("sec"), "{all}");
            // What was shown already shows itself.
            assert_eq!(Location::new(expected).shown(), expected);
            assert_eq!(location.exposed(), given);
        }
    }

    #[test]
    fn urls_within_a_text_are_redacted() {
        for (text, expected) in [
            ("", ""),
            ("no url: a@b?c", "no url: a@b?c"),
            (
                "unexpected argument 'https://joe:secret@host/a?b' found",
                "unexpected argument 'https://***@host/a?***' found",
            ),
            (
                "GET http://k:s@h/é?x in 2ms, then s3://a:b@c/d",
                "GET http://***@h/é?*** in 2ms, then s3://***@c/d",
            ),
            ("é\u{2028}https://a:b@c", "é\u{2028}https://***@c"),
            ("://", "://"),
        ] {
            assert_eq!(redacted(text), expected);
        }
    }
}
