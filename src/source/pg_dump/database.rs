//! What an archive of pg_dump's says about its database: the CREATE DATABASE that it holds.
//!
//! Not a parser of SQL: the statement is pg_dump's own (`dumpDatabase`), `CREATE DATABASE name WITH` and
//! then `KEY = value` after `KEY = value`, where a value is a word, a name in quotes or a literal.

use bstr::{BString, ByteSlice};

use crate::source::facts::{Database, Locale};
use crate::toc::{ObjectKind, Toc};

/// The database of an archive. A fact that no CREATE DATABASE tells is unknown.
pub(super) fn of(toc: &Toc) -> Database {
    let encoding = toc.encoding().and_then(|name| name.to_str().ok());
    let mut database = Database {
        name: toc.database.clone(),
        encoding: encoding.map(str::to_owned),
        ..Database::default()
    };
    let entry = toc
        .entries
        .iter()
        .find(|entry| entry.kind == ObjectKind::Database);
    if let Some(entry) = entry {
        describe(&mut database, &options(entry.definition()));
    }
    database
}

fn describe(database: &mut Database, options: &[(String, BString)]) {
    let value = |key: &str| {
        let option = options.iter().find(|(name, _)| name == key);
        option.map(|(_, value)| value)
    };
    let text = |key: &str| {
        value(key)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };
    let libc = text("LOCALE");
    let collate = text("LC_COLLATE").or_else(|| libc.clone());
    let ctype = text("LC_CTYPE").or(libc);
    if let (Some(collate), Some(ctype)) = (collate, ctype) {
        database.locale = Some(Locale {
            provider: text("LOCALE_PROVIDER").unwrap_or_else(|| "libc".to_owned()),
            collate,
            ctype,
            name: text("ICU_LOCALE").or_else(|| text("BUILTIN_LOCALE")),
        });
    }
    database.encoding = text("ENCODING").or(database.encoding.take());
    database.tablespace = value("TABLESPACE").cloned();
}

/// The options in the order of the statement.
fn options(statement: &[u8]) -> Vec<(String, BString)> {
    let mut words = Words(statement);
    let mut options = Vec::new();
    // CREATE DATABASE name WITH
    if words.nth(3).is_none() {
        return options;
    }
    while let (Some(key), Some(equals), Some(value)) = (words.next(), words.next(), words.next()) {
        if equals != "=" {
            break;
        }
        options.push((key.to_string(), value));
    }
    options
}

/// Words, names and literals without their quotes, up to the end of the statement.
struct Words<'a>(&'a [u8]);

impl Iterator for Words<'_> {
    type Item = BString;

    fn next(&mut self) -> Option<BString> {
        self.0 = self.0.trim_start();
        let (&first, rest) = self.0.split_first()?;
        if first == b';' {
            return None;
        }
        if first != b'\'' && first != b'"' {
            let ends = |byte: &u8| byte.is_ascii_whitespace() || *byte == b';';
            let end = self.0.iter().position(ends).unwrap_or(self.0.len());
            let (word, rest) = self.0.split_at(end);
            self.0 = rest;
            return Some(word.into());
        }
        let mut word = BString::default();
        self.0 = rest;
        loop {
            let end = self.0.find_byte(first)?;
            word.extend_from_slice(&self.0[..end]);
            self.0 = &self.0[end + 1..];
            if self.0.first() != Some(&first) {
                return Some(word);
            }
            word.push(first);
            self.0 = &self.0[1..];
        }
    }
}

/// `server_version_num` of a `server_version`, for instance 150018 of `15.18 (Debian 15.18-1)` and 90624 of
/// `9.6.24`; zero for any other text.
pub(super) fn version_num(version: &str) -> u32 {
    let numbers = version.split_whitespace().next().unwrap_or_default();
    let mut parts = numbers.split('.').map(|part| {
        let digits = part
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(part.len());
        part[..digits].parse::<u32>().unwrap_or(0).min(9999)
    });
    let mut part = || parts.next().unwrap_or(0);
    match part() {
        major @ ..10 => major * 10_000 + part() * 100 + part(),
        major => major * 10_000 + part(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toc::TocEntry;

    fn database(statement: &str) -> Database {
        let entry = TocEntry {
            kind: ObjectKind::Database,
            defn: Some(statement.into()),
            ..TocEntry::default()
        };
        of(&Toc {
            database: "d".into(),
            entries: vec![entry],
            ..Toc::default()
        })
    }

    #[test]
    fn the_statement_tells_encoding_locale_and_tablespace() {
        let found = database(
            "CREATE DATABASE \"a WITH \"\"b\" WITH TEMPLATE = template0 ENCODING = 'UTF8' \
             LOCALE_PROVIDER = icu LOCALE = 'C' ICU_LOCALE = 'de-DE' TABLESPACE = \"fast disk\";\n\n",
        );
        let expected = Database {
            name: "d".into(),
            encoding: Some("UTF8".into()),
            locale: Some(Locale {
                provider: "icu".into(),
                collate: "C".into(),
                ctype: "C".into(),
                name: Some("de-DE".into()),
            }),
            tablespace: Some("fast disk".into()),
        };
        assert_eq!(found, expected);
        let older = database(
            "CREATE DATABASE d WITH TEMPLATE = template0 ENCODING = 'LATIN1' \
             LC_COLLATE = 'de''s' LC_CTYPE = 'C';",
        );
        let locale = older.locale.unwrap_or_default();
        assert_eq!(
            (locale.provider, locale.collate),
            ("libc".into(), "de's".into())
        );
        for broken in [
            "",
            "CREATE DATABASE \"d",
            "CREATE DATABASE d WITH x y z",
            ";",
        ] {
            assert_eq!(database(broken).locale, None, "{broken}");
        }
    }

    #[test]
    fn versions_become_numbers() {
        assert_eq!(version_num("15.18 (Debian 15.18-0+deb12u1)"), 150_018);
        assert_eq!(version_num("9.6.24"), 90_624);
        assert_eq!(version_num("18beta1"), 180_000);
        assert_eq!(version_num(""), 0);
        assert_eq!(version_num("99999.7"), 99_990_007);
    }
}
