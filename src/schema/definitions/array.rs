//! Arrays of texts as the server writes them.

use bstr::BString;

/// The elements of an array as the server writes it (`array_out()`): braces, commas, quotes and backslashes.
pub(super) fn array(text: &[u8]) -> Vec<BString> {
    let inner = text
        .strip_prefix(b"{")
        .and_then(|rest| rest.strip_suffix(b"}"));
    let Some(inner) = inner.filter(|inner| !inner.is_empty()) else {
        return vec![];
    };
    let mut items = vec![];
    let mut item = BString::default();
    let mut is_quoted = false;
    let mut bytes = inner.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => item.extend(bytes.next()),
            b'"' => is_quoted = !is_quoted,
            b',' if !is_quoted => items.push(std::mem::take(&mut item)),
            _ => item.push(byte),
        }
    }
    items.push(item);
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_are_taken_apart() {
        let texts = |text: &str| array(text.as_bytes());
        assert!(texts("{}").is_empty());
        assert_eq!(texts("{a,b}"), ["a", "b"]);
        assert_eq!(texts(r#"{"a,b","c\"d\\e",""}"#), ["a,b", "c\"d\\e", ""]);
        assert_eq!(texts(r#"{"\"x y\"=r/o"}"#), ["\"x y\"=r/o"]);
    }
}
