//! Storage parameters of relations.

use bstr::BString;

use super::super::super::text::sql;
use crate::toc::quote::{ident_as_needed, literal_plain};

/// `name=value` of some options: `appendReloptionsArray()` in string_utils.c.
pub(crate) fn options(options: &[BString], prefix: &str) -> BString {
    let list: Vec<BString> = options
        .iter()
        .map(|option| {
            let (name, value) =
                bstr::ByteSlice::split_once_str(&option[..], "=").unwrap_or((&option[..], b""));
            let bare = ident_as_needed(value);
            let value = if bare == value {
                bare
            } else {
                literal_plain(value)
            };
            sql!(prefix, ident_as_needed(name), "=", value)
        })
        .collect();
    bstr::join(", ", list).into()
}
