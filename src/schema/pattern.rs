//! Patterns of `-n`, `-t`, `--exclude-table-data` and their kin as regular expressions.
//!
//! Pure. The rules are psql's (documentation of psql, "Patterns"; `patternToSQLRegex()` in
//! PostgreSQL's `fe_utils/string_utils.c`): `*` and `?` are wildcards, a dot separates schema and
//! name, letters are folded to lower case, and inside double quotes nothing is special. Taking a
//! pattern apart is `toc::pattern`'s business. The server matches; see `sql/matching_*.sql`.

use bstr::{BString, ByteSlice};

use crate::toc::pattern::split;

/// A pattern as anchored regular expressions, one per dotted part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// The database, where the pattern has three parts; taken literally.
    pub database: Option<BString>,
    /// The schema, where the pattern has two parts or three.
    pub schema: Option<BString>,
    /// The last part.
    pub name: BString,
}

/// A pattern that has more parts than the object it names.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("improper qualified name (too many dotted names): {pattern}")]
pub struct Error {
    pattern: BString,
}

/// Splits a table pattern: `name`, `schema.name` or `database.schema.name`.
pub fn table(pattern: &[u8]) -> Result<Pattern, Error> {
    let mut parts = split(pattern);
    if parts.len() > 3 {
        return Err(Error {
            pattern: pattern.into(),
        });
    }
    let name = parts
        .pop()
        .map(|part| regex(part.bytes()))
        .unwrap_or_default();
    let schema = parts.pop().map(|part| regex(part.bytes()));
    let database = parts.pop().map(|part| part.literal().into());
    Ok(Pattern {
        database,
        schema,
        name,
    })
}

/// A schema pattern: `schema` or `database.schema`; the database may stand in `schema`'s place only.
pub fn schema(pattern: &[u8]) -> Result<Pattern, Error> {
    let mut parts = split(pattern);
    if parts.len() > 2 {
        return Err(Error {
            pattern: pattern.into(),
        });
    }
    let name = parts
        .pop()
        .map(|part| regex(part.bytes()))
        .unwrap_or_default();
    let database = parts.pop().map(|part| part.literal().into());
    Ok(Pattern {
        database,
        schema: None,
        name,
    })
}

/// An extension pattern, in which no dot may stand: extensions are in no schema.
pub fn extension(pattern: &[u8]) -> Result<Pattern, Error> {
    match schema(pattern)? {
        plain @ Pattern { database: None, .. } => Ok(plain),
        _ => Err(Error {
            pattern: pattern.into(),
        }),
    }
}

/// A database pattern. A dot separates nothing in it.
pub fn database(pattern: &[u8]) -> BString {
    let mut whole = Vec::new();
    for part in split(pattern) {
        if !whole.is_empty() {
            whole.push((b'.', true));
        }
        whole.extend_from_slice(part.bytes());
    }
    regex(&whole)
}

/// Whether a pattern is more than a name, so that it may well name nothing today.
pub fn has_wildcards(pattern: &[u8]) -> bool {
    let parts = split(pattern);
    let mut bytes = parts.iter().flat_map(|part| part.bytes());
    bytes.any(|&(byte, quoted)| !quoted && b"*?|+()[]".contains_byte(byte))
}

/// The anchored expression for the bytes of a part, each with whether it was quoted.
fn regex(bytes: &[(u8, bool)]) -> BString {
    let mut out = BString::from("^(");
    for (index, &(byte, quoted)) in bytes.iter().enumerate() {
        let next = bytes.get(index + 1).map(|&(next, _)| next);
        match byte {
            b'*' if !quoted => out.extend_from_slice(b".*"),
            b'?' if !quoted => out.push(b'.'),
            // An unescaped dollar would never match: names are not lines.
            b'$' => out.extend_from_slice(b"\\$"),
            _ if quoted && b"|*+?()[]{}.^\\".contains_byte(byte) => {
                out.extend_from_slice(&[b'\\', byte]);
            }
            // `[]` is an array type's suffix, not an empty character class.
            b'[' if next == Some(b']') => out.extend_from_slice(b"\\["),
            _ => out.push(byte),
        }
    }
    out.extend_from_slice(b")$");
    out
}

trait ContainsByte {
    fn contains_byte(&self, byte: u8) -> bool;
}

impl ContainsByte for [u8] {
    fn contains_byte(&self, byte: u8) -> bool {
        self.find_byte(byte).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pattern: &str) -> (Option<String>, String) {
        let pattern = table(pattern.as_bytes()).unwrap();
        (
            pattern.schema.map(|schema| schema.to_string()),
            pattern.name.to_string(),
        )
    }

    #[test]
    fn wildcards_dots_case_and_quotes() {
        assert_eq!(of("Foo"), (None, "^(foo)$".into()));
        assert_eq!(of("s*.t?"), (Some("^(s.*)$".into()), "^(t.)$".into()));
        assert_eq!(
            of(r#""Foo".bar"#),
            (Some("^(Foo)$".into()), "^(bar)$".into())
        );
        assert_eq!(of(r#""a.b""#), (None, r"^(a\.b)$".into()));
        assert_eq!(of(r#""a""b*""#), (None, r#"^(a"b\*)$"#.into()));
        assert_eq!(of("a$b|c"), (None, r"^(a\$b|c)$".into()));
        assert_eq!(of("x[]"), (None, r"^(x\[])$".into()));
    }

    #[test]
    fn three_parts_name_a_database_and_four_are_refused() {
        let pattern = table(b"Db.s.t").unwrap();
        assert_eq!(pattern.database, Some("db".into()));
        assert!(table(b"a.b.c.d").is_err());
        assert!(schema(b"a.b.c").is_err());
        assert_eq!(schema(b"pub*").unwrap().name, "^(pub.*)$");
        assert_eq!(extension(b"hst*").unwrap().name, "^(hst.*)$");
        assert!(extension(b"public.hstore").is_err());
    }

    #[test]
    fn a_name_is_told_from_a_pattern() {
        for name in ["a", "s.a", "\"a*\"", "a$b", ".^"] {
            assert!(!has_wildcards(name.as_bytes()), "{name}");
        }
        for pattern in ["a*", "s?.a", "a|b", "t[0-9]", "\"a\".*"] {
            assert!(has_wildcards(pattern.as_bytes()), "{pattern}");
        }
    }

    #[test]
    fn a_database_pattern_keeps_its_dots() {
        assert_eq!(database(b"app.*"), r"^(app\..*)$");
    }
}
