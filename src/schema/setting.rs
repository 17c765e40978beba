//! One `name=value` of `pg_db_role_setting` as `ALTER .. SET` wants it.
//!
//! Pure.

use bstr::{BString, ByteSlice};

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

/// How a name or a text is written.
type Quote = fn(&[u8]) -> BString;

/// `"name" TO 'value'` from `name=value`, list settings item by item.
pub(super) fn assignment(setting: &[u8]) -> BString {
    written(setting, quote::ident, quote::literal)
}

/// The same as pg_dump writes it for a database or a role (`makeAlterConfigCommand()` in dumputils.c).
pub(super) fn assignment_in_alter(setting: &[u8]) -> BString {
    written(setting, quote::ident_as_needed, quote::literal_after_blank)
}

/// The same as pg_dump writes it for a function (`dumpFunc()` in pg_dump.c).
pub(super) fn assignment_in_function(setting: &[u8]) -> BString {
    written(setting, quote::ident_as_needed, quote::literal_plain)
}

fn written(setting: &[u8], ident: Quote, literal: Quote) -> BString {
    let (name, value) = setting.split_once_str("=").unwrap_or((setting, b""));
    let value = if LIST_SETTINGS.contains(&name.to_ascii_lowercase().as_slice()) {
        let items: Vec<BString> = list_items(value).iter().map(|item| literal(item)).collect();
        items.join(&b", "[..]).into()
    } else {
        literal(value)
    };
    [&ident(name)[..], b" TO ", &value].concat().into()
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
        assert_eq!(
            assignment(b"search_path=\"$user\", public"),
            "\"search_path\" TO '$user', 'public'"
        );
        assert_eq!(assignment(b"work_mem=1GB"), "\"work_mem\" TO '1GB'");
        assert_eq!(assignment(b"my.param=a=b"), "\"my.param\" TO 'a=b'");
    }
}
