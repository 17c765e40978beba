//! Database-level SQL changed to name another database, for `DB=NEWNAME`.
//!
//! Pure. A database's name stands only in its DATABASE and DATABASE PROPERTIES entries and in the
//! ACL, COMMENT and SECURITY LABEL entries whose tag begins with `DATABASE `. pg_dump writes it after
//! the keyword DATABASE (`ALTER DATABASE x`, `ALTER ROLE r IN DATABASE x`, `GRANT .. ON DATABASE x`)
//! and, where it resets `datistemplate`, as `datname = 'x'`. Nothing is replaced inside other quotes.

use bstr::{BString, ByteSlice};

use crate::toc::lex::{self, Token, TokenKind};
use crate::toc::quote;

/// `sql` with the database `old` called `new`.
pub(crate) fn rename_database(sql: &[u8], old: &[u8], new: &[u8]) -> BString {
    let tokens: Vec<Token> = lex::tokens(sql).collect();
    let mut out = BString::from(Vec::with_capacity(sql.len() + new.len()));
    let mut before = Before::default();
    for token in &tokens {
        let text = &sql[token.range.clone()];
        match replacement(&before, token.kind, text, old, new) {
            Some(replaced) => out.extend_from_slice(&replaced),
            None => out.extend_from_slice(text),
        }
        if token.kind != TokenKind::Blank {
            before.push(text);
        }
    }
    out
}

/// `CREATE DATABASE` without the `TABLESPACE = name` that pg_dump may write into it.
pub(crate) fn without_tablespace(sql: &[u8]) -> BString {
    let tokens: Vec<Token> = lex::tokens(sql)
        .filter(|token| token.kind != TokenKind::Blank)
        .collect();
    let text = |token: &Token| &sql[token.range.clone()];
    let clause = tokens.windows(3).find(|three| {
        text(&three[0]) == b"TABLESPACE"
            && text(&three[1]) == b"="
            && three[0].kind == TokenKind::Word
    });
    match clause {
        Some(clause) => {
            let before = sql[..clause[0].range.start].trim_end();
            [before, &sql[clause[2].range.end..]].concat().into()
        }
        None => sql.into(),
    }
}

/// The last two tokens that were not blank.
#[derive(Default)]
struct Before<'a> {
    last: &'a [u8],
    second_last: &'a [u8],
}

impl<'a> Before<'a> {
    fn push(&mut self, text: &'a [u8]) {
        self.second_last = self.last;
        self.last = text;
    }
}

/// pg_dump writes keywords in capitals and leaves out a name's quotes only when it is all in small
/// letters, so `DATABASE` is the keyword and `database` a role of that name.
fn replacement(
    before: &Before<'_>,
    kind: TokenKind,
    text: &[u8],
    old: &[u8],
    new: &[u8],
) -> Option<BString> {
    let is_name = matches!(kind, TokenKind::Word | TokenKind::Quoted);
    if is_name && before.last == b"DATABASE" && lex::name(text) == old {
        return Some(quote::ident(new));
    }
    let is_datname = before.last == b"=" && before.second_last == b"datname";
    if kind == TokenKind::Text && is_datname && lex::literal_value(text).as_deref() == Some(old) {
        return Some(quote::literal(new).trim_start().into());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn renamed(sql: &str, old: &str, new: &str) -> String {
        rename_database(sql.as_bytes(), old.as_bytes(), new.as_bytes()).to_string()
    }

    #[test]
    fn each_form_that_pg_dump_writes_is_renamed() {
        let cases = [
            (
                "CREATE DATABASE jobs WITH TEMPLATE = template0 ENCODING = 'UTF8';",
                "CREATE DATABASE \"new\" WITH TEMPLATE = template0 ENCODING = 'UTF8';",
            ),
            (
                "ALTER DATABASE jobs SET \"a.b\" TO 'ALTER DATABASE jobs';",
                "ALTER DATABASE \"new\" SET \"a.b\" TO 'ALTER DATABASE jobs';",
            ),
            (
                "ALTER ROLE database IN DATABASE jobs SET work_mem TO '1';",
                "ALTER ROLE database IN DATABASE \"new\" SET work_mem TO '1';",
            ),
            (
                "GRANT ALL ON DATABASE jobs TO jobs;\nGRANT CONNECT ON DATABASE jobs TO \"DATABASE\";",
                "GRANT ALL ON DATABASE \"new\" TO jobs;\nGRANT CONNECT ON DATABASE \"new\" TO \"DATABASE\";",
            ),
            (
                "COMMENT ON DATABASE jobs IS $$DATABASE jobs$$;",
                "COMMENT ON DATABASE \"new\" IS $$DATABASE jobs$$;",
            ),
            (
                "SECURITY LABEL FOR p ON DATABASE jobs IS 'x';",
                "SECURITY LABEL FOR p ON DATABASE \"new\" IS 'x';",
            ),
            (
                "UPDATE pg_catalog.pg_database SET datistemplate = false WHERE datname = 'jobs';",
                "UPDATE pg_catalog.pg_database SET datistemplate = false WHERE datname = 'new';",
            ),
            ("DROP DATABASE jobs2;", "DROP DATABASE jobs2;"),
        ];
        for (sql, expected) in cases {
            assert_eq!(renamed(sql, "jobs", "new"), expected);
        }
    }

    #[test]
    fn a_database_can_lose_its_tablespace() {
        let lose = |sql: &str| without_tablespace(sql.as_bytes()).to_string();
        assert_eq!(
            lose(
                "CREATE DATABASE \"TABLESPACE\" WITH LOCALE = 'TABLESPACE = x' TABLESPACE = \"fast one\";\n"
            ),
            "CREATE DATABASE \"TABLESPACE\" WITH LOCALE = 'TABLESPACE = x';\n"
        );
        assert_eq!(lose("CREATE DATABASE x;\n"), "CREATE DATABASE x;\n");
    }

    fn name_bytes() -> impl Strategy<Value = Vec<u8>> {
        let pieces = prop_oneof![
            Just(b"\"".to_vec()),
            Just(b"'".to_vec()),
            Just(b"\\".to_vec()),
            Just(b"$$".to_vec()),
            Just(b"--".to_vec()),
            Just(b"/*".to_vec()),
            Just(b";".to_vec()),
            Just(b"DATABASE ".to_vec()),
            Just(b"\n".to_vec()),
            proptest::collection::vec(1_u8.., 1..4),
        ];
        proptest::collection::vec(pieces, 1..6).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn hostile_names_come_out_as_if_written_so(
            old in name_bytes(),
            new in name_bytes(),
            role in name_bytes(),
            value in name_bytes(),
        ) {
            let write = |database: &[u8]| {
                let mut sql = BString::default();
                for piece in [
                    b"ALTER ROLE ".as_slice(),
                    &quote::ident(&role),
                    b" IN DATABASE ",
                    &quote::ident(database),
                    b" SET x TO ",
                    &quote::literal(&value),
                    b";\nUPDATE pg_database SET datistemplate = false WHERE datname = ",
                    &quote::literal(database),
                    b";\n",
                ] {
                    sql.extend_from_slice(piece);
                }
                sql
            };
            let without_blanks = |sql: &[u8]| -> Vec<BString> {
                lex::tokens(sql)
                    .filter(|token| token.kind != TokenKind::Blank)
                    .map(|token| sql[token.range].into())
                    .collect()
            };
            let renamed = rename_database(&write(&old), &old, &new);
            prop_assert_eq!(without_blanks(&renamed), without_blanks(&write(&new)));
        }
    }
}
