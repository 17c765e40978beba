//! The location in CREATE TABLESPACE.

use crate::toc::lex::{self, TokenKind};
use bstr::BString;

/// The folder in `CREATE TABLESPACE .. LOCATION '..'`; none for one that PostgreSQL places itself.
pub(crate) fn tablespace_folder(sql: &[u8]) -> Option<BString> {
    let tokens = lex::tokens(sql).filter(|token| token.kind != TokenKind::Blank);
    let mut is_location = false;
    for token in tokens {
        let text = &sql[token.range];
        if is_location && token.kind == TokenKind::Text {
            return lex::literal_value(text)
                .filter(|folder| !folder.is_empty())
                .map(BString::from);
        }
        is_location = text == b"LOCATION";
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_a_tablespace_is_found() {
        let folder = |sql: &str| tablespace_folder(sql.as_bytes()).map(|f| f.to_string());
        let sql = "CREATE TABLESPACE \"LOCATION\" OWNER x LOCATION '/mnt/it''s';";
        assert_eq!(folder(sql).as_deref(), Some("/mnt/it's"));
        assert_eq!(folder("CREATE TABLESPACE t LOCATION '';"), None);
    }
}
