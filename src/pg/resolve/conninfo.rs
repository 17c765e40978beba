//! Connection strings in the keyword = value form.
//!
//! The syntax is that of the documentation, "Keyword/Value Connection Strings". Errors give a
//! position rather than the text there, which may be part of a password with a space in it. Not
//! here: the URI form ([`super::uri`]).

use super::uri;
use crate::pg::error::Error;
use crate::pg::options::text::Options;

/// Whether the name given for a database is a connection string.
pub(crate) fn is_connection_string(text: &str) -> bool {
    uri::after_scheme(text).is_some() || text.contains('=')
}

/// Reads a connection string of either form.
pub(crate) fn parse(text: &str) -> Result<Options, Error> {
    match uri::after_scheme(text) {
        Some(rest) => uri::parse(rest),
        None => parse_pairs(text),
    }
}

/// The characters that C's `isspace` accepts.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\x0b' | '\x0c' | '\r')
}

fn parse_pairs(text: &str) -> Result<Options, Error> {
    let mut options = Options::default();
    let mut rest = text.trim_start_matches(is_space);
    while !rest.is_empty() {
        let position = text[..text.len() - rest.len()].chars().count() + 1;
        let (keyword, after) = keyword(rest).ok_or_else(|| {
            Error::setting(format!(
                "missing \"=\" after the word at character {position} of the connection string"
            ))
        })?;
        let (value, after) = value(after)?;
        options.set(keyword, &value).map_err(|_| {
            // The "keyword" may be the end of a password that was not quoted.
            let shown = if text.contains("password") {
                ""
            } else {
                keyword
            };
            Error::setting(format!(
                "invalid connection option \"{shown}\" at character {position} of the connection \
                 string"
            ))
        })?;
        rest = after.trim_start_matches(is_space);
    }
    Ok(options)
}

/// A keyword and the text after its `=`.
fn keyword(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c| c == '=' || is_space(c))?;
    let after = text[end..].trim_start_matches(is_space);
    Some((&text[..end], after.strip_prefix('=')?))
}

/// A value, quoted or not, without its quotes and backslashes, and the rest of the text.
fn value(text: &str) -> Result<(String, &str), Error> {
    let text = text.trim_start_matches(is_space);
    let quoted = text.strip_prefix('\'');
    let mut chars = quoted.unwrap_or(text).chars();
    let mut value = String::new();
    while let Some(c) = chars.next() {
        match c {
            '\\' => value.extend(chars.next()),
            '\'' if quoted.is_some() => return Ok((value, chars.as_str())),
            c if quoted.is_none() && is_space(c) => return Ok((value, chars.as_str())),
            c => value.push(c),
        }
    }
    if quoted.is_some() {
        return Err(Error::setting(
            "unterminated quoted value in the connection string",
        ));
    }
    Ok((value, ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn get<'a>(options: &'a Options, keyword: &str) -> &'a str {
        options.get(keyword).unwrap_or("(unset)")
    }

    #[test]
    fn pairs_quotes_and_backslashes() {
        let text = " host = localhost port=5433 dbname='my \\'db\\\\' user=a\\ b\tpassword='' ";
        let options = parse(text).unwrap();
        assert_eq!(get(&options, "host"), "localhost");
        assert_eq!(get(&options, "port"), "5433");
        assert_eq!(get(&options, "dbname"), "my 'db\\");
        assert_eq!(get(&options, "user"), "a b");
        assert_eq!(get(&options, "password"), "");
    }

    #[test]
    fn later_pairs_win_and_an_unquoted_value_may_be_empty() {
        let options = parse("user=a user=b host=").unwrap();
        assert_eq!(get(&options, "user"), "b");
        assert_eq!(get(&options, "host"), "");
        assert_eq!(parse("").unwrap(), Options::default());
    }

    #[test]
    fn errors_do_not_repeat_what_may_be_a_password() {
        let text = |conninfo: &str| parse(conninfo).unwrap_err().to_string();
        assert!(text("hosst=a").contains("invalid connection option \"hosst\""));
        assert!(text("host").contains("character 1 "));
        assert!(text("dbname='a").contains("unterminated"));
        assert!(!text("password=one hunter2").contains("hunter2"));
        assert!(!text("password=one hunter2=3").contains("hunter2"));
    }

    #[test]
    fn a_plain_name_is_no_connection_string() {
        assert!(!is_connection_string("accounts"));
        assert!(!is_connection_string("http://x"));
        assert!(is_connection_string("a=b"));
        assert!(is_connection_string("postgres://"));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC*") {
            let _ = parse(&text);
        }

        #[test]
        fn a_quoted_value_comes_back(value in "\\PC*") {
            let quoted = value.replace('\\', "\\\\").replace('\'', "\\'");
            let options = parse(&format!("dbname='{quoted}' user=u")).unwrap();
            prop_assert_eq!(options.get("dbname"), Some(value.as_str()));
            prop_assert_eq!(options.get("user"), Some("u"));
        }
    }
}
