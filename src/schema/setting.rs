//! One `name=value` of `pg_db_role_setting` as `ALTER .. SET` wants it.
//!
//! Pure.

use bstr::{BStr, BString, ByteSlice};

use crate::toc::quote;

/// Settings whose value is a list of names, each to be quoted on its own: those with `GUC_LIST_QUOTE` of any
/// version from 13 to 19 (`variable_is_guc_list_quote()` in PostgreSQL's dumputils.c). A test asks servers.
pub const LIST_SETTINGS: [&[u8]; 8] = [
    b"local_preload_libraries",
    b"oauth_validator_libraries",
    b"output_plugin_libraries",
    b"search_path",
    b"session_preload_libraries",
    b"shared_preload_libraries",
    b"temp_tablespaces",
    b"unix_socket_directories",
];

/// Those of them where an empty name is as good as none.
const EMPTY_NAMES: [&[u8]; 2] = [b"search_path", b"temp_tablespaces"];

/// How a name or a text is written.
type Quote = fn(&[u8]) -> BString;

/// `"name" TO 'value'` from `name=value`, list settings item by item. None of an empty list: `''` is a list
/// of one empty name, with which libraries cannot be loaded and nobody can log in, and before `TO NULL` of
/// version 19 there is no word for it. (pg_dump 18 writes nothing after `TO`, which is an error at the
/// restore.)
pub(super) fn assignment(setting: &[u8]) -> Option<BString> {
    written(setting, quote::ident, quote::literal)
}

/// The same as pg_dump writes it for a database or a role (`makeAlterConfigCommand()` in dumputils.c).
pub(super) fn assignment_in_alter(setting: &[u8]) -> Option<BString> {
    written(setting, quote::ident_as_needed, quote::literal_after_blank)
}

/// The same as pg_dump writes it for a function (`dumpFunc()` in pg_dump.c).
pub(super) fn assignment_in_function(setting: &[u8]) -> Option<BString> {
    written(setting, quote::ident_as_needed, quote::literal_plain)
}

/// What the user is told of a setting that cannot be written.
pub fn left_out(setting: &[u8], of: &BStr) -> String {
    let setting = setting.as_bstr().to_string();
    let name = setting.trim_end_matches('=');
    format!("the setting {name} of {of}, which is an empty list, is left out: no statement sets it")
}

fn written(setting: &[u8], ident: Quote, literal: Quote) -> Option<BString> {
    let (name, value) = setting.split_once_str("=").unwrap_or((setting, b""));
    let lower = name.to_ascii_lowercase();
    let value = if LIST_SETTINGS.contains(&lower.as_slice()) {
        if value.trim().is_empty() && !EMPTY_NAMES.contains(&lower.as_slice()) {
            return None;
        }
        let items: Vec<BString> = list_items(value).iter().map(|item| literal(item)).collect();
        items.join(&b", "[..]).into()
    } else {
        literal(value)
    };
    Some([&ident(name)[..], b" TO ", &value].concat().into())
}

/// Splits `a, "B,c"` as `SplitGUCList()` does: quotes are taken off (a doubled one is one), spaces outside
/// them dropped.
fn list_items(value: &[u8]) -> Vec<BString> {
    let mut items = vec![BString::default()];
    let mut quoted = false;
    let mut bytes = value.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' if quoted && bytes.next_if_eq(&b'"').is_some() => items
                .last_mut()
                .into_iter()
                .for_each(|item| item.push(b'"')),
            b'"' => quoted = !quoted,
            b',' if !quoted => items.push(BString::default()),
            _ if !quoted && byte.is_ascii_whitespace() => {}
            _ => {
                if let Some(item) = items.last_mut() {
                    item.push(byte);
                }
            }
        }
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_settings_are_quoted_item_by_item() {
        let written = |setting: &[u8]| assignment(setting).unwrap();
        assert_eq!(
            written(b"search_path=\"$user\", public"),
            "\"search_path\" TO '$user', 'public'"
        );
        assert_eq!(written(b"search_path=\"\""), "\"search_path\" TO ''");
        assert_eq!(written(b"work_mem=1GB"), "\"work_mem\" TO '1GB'");
        assert_eq!(written(b"my.param=a=b"), "\"my.param\" TO 'a=b'");
    }

    #[test]
    fn an_empty_list_of_libraries_has_no_words() {
        assert_eq!(assignment(b"session_preload_libraries="), None);
        assert_eq!(assignment_in_function(b"local_preload_libraries= "), None);
        assert!(assignment(b"search_path=").is_some());
        assert!(assignment(b"application_name=").is_some());
    }
}
