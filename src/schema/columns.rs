//! Columns of the catalogs' rows as values.

use bstr::{BString, ByteSlice};

use super::Error;
use crate::pg::Row;

/// A column that cannot be null.
pub(super) fn text(row: &Row, column: usize) -> Result<BString, Error> {
    Ok(row.text(column)?.into())
}

/// A column that can be null.
pub(super) fn optional(row: &Row, column: usize) -> Option<BString> {
    row.get(column).map(BString::from)
}

/// `{1,2}` as a list.
pub(super) fn oids(array: Option<&[u8]>) -> Vec<u32> {
    let array = array.unwrap_or_default();
    let inner = array
        .strip_prefix(b"{")
        .and_then(|rest| rest.strip_suffix(b"}"))
        .unwrap_or_default();
    inner
        .split_str(",")
        .filter_map(|oid| oid.to_str().ok()?.parse().ok())
        .collect()
}

/// A list as `{1,2}`.
pub(super) fn oid_array(oids: impl Iterator<Item = u32>) -> Vec<u8> {
    let list: Vec<String> = oids.map(|oid| oid.to_string()).collect();
    format!("{{{}}}", list.join(",")).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oid_arrays_there_and_back() {
        assert_eq!(oid_array([1, 22].into_iter()), b"{1,22}");
        assert_eq!(oids(Some(b"{1,22}")), [1, 22]);
        assert_eq!(oids(Some(b"{}")), [0u32; 0]);
        assert_eq!(oids(None), [0u32; 0]);
    }
}
