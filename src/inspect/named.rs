//! The name of an object as a user types it: `SCHEMA.NAME`, in front of it `DATABASE:` where there are
//! several.
//!
//! Pure. A part in double quotes is taken as it is. Not here: patterns ([`crate::toc::pattern`]).

use std::fmt;
use std::str::FromStr;

use bstr::{BString, ByteSlice};

/// A name that was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectName {
    /// None where the archive has only one.
    pub database: Option<BString>,
    /// None where any schema will do.
    pub schema: Option<BString>,
    /// The name.
    pub name: BString,
}

impl ObjectName {
    /// Whether an entry of this schema and name is meant.
    pub fn means(&self, schema: &[u8], name: &[u8]) -> bool {
        self.name == name && self.schema.as_ref().is_none_or(|own| own == schema)
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{}.", schema.as_bstr())?;
        }
        write!(f, "{}", self.name.as_bstr())
    }
}

impl FromStr for ObjectName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (database, rest) = match part(text, ':') {
            Some((database, rest)) => (Some(database), rest),
            None => (None, text),
        };
        let (schema, rest) = match part(rest, '.') {
            Some((schema, rest)) => (Some(schema), rest),
            None => (None, rest),
        };
        match part(&format!("{rest}."), '.') {
            Some((name, "")) if !name.is_empty() => Ok(Self {
                database,
                schema,
                name,
            }),
            _ => Err("expected [DATABASE:][SCHEMA.]NAME".into()),
        }
    }
}

/// What stands in front of the first `mark` that is in no quotes, without its own quotes, and what is behind
/// it.
fn part(text: &str, mark: char) -> Option<(BString, &str)> {
    let mut is_quoted = false;
    let mut found = String::new();
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' if is_quoted && characters.next_if(|(_, next)| *next == '"').is_some() => {
                found.push('"');
            }
            '"' => is_quoted = !is_quoted,
            _ if character == mark && !is_quoted => {
                return Some((found.into(), &text[at + mark.len_utf8()..]));
            }
            _ => found.push(character),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (Option<String>, Option<String>, String) {
        let name: ObjectName = text.parse().unwrap();
        let text = |part: BString| part.to_string();
        (
            name.database.map(text),
            name.schema.map(text),
            name.name.to_string(),
        )
    }

    #[test]
    fn a_name_has_up_to_three_parts() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(parts("t"), (None, None, "t".into()));
        assert_eq!(parts("s.t"), (None, some("s"), "t".into()));
        assert_eq!(parts("d:s.t"), (some("d"), some("s"), "t".into()));
        let quoted = parts("\"a:b\":\"s.s\".\"t\"\"u.v\"");
        assert_eq!(quoted, (some("a:b"), some("s.s"), "t\"u.v".into()));
        assert_eq!(parts("s.f(integer, text)").2, "f(integer, text)");
        for wrong in ["", "s.", "d:", "a.b.c", "\"t"] {
            assert!(wrong.parse::<ObjectName>().is_err(), "{wrong}");
        }
    }
}
