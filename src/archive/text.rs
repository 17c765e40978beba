//! Types that JSON lacks: bytes that are mostly text, and digests.
//!
//! For the structs of [`super::manifest`] and [`super::trailer`].

use std::fmt;

use bstr::BString;
use serde::{Deserialize, Serialize};

/// Bytes from a database: a JSON string where they are UTF-8, else `{"hex": "..."}`.
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(pub BString);

/// For people: control characters and bytes that are no UTF-8 are escaped, so that no name can change
/// a terminal or break a line.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            for c in chunk.valid().chars() {
                if c.is_control() {
                    write!(f, "{}", c.escape_default())?
                } else {
                    write!(f, "{c}")?
                }
            }
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl From<BString> for Name {
    fn from(bytes: BString) -> Self {
        Self(bytes)
    }
}

impl From<&[u8]> for Name {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl Serialize for Name {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(&self.0) {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => {
                let hex = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
                NameOnWire::Bytes { hex }.serialize(serializer)
            }
        }
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match NameOnWire::deserialize(deserializer)? {
            NameOnWire::Text(text) => Ok(Self(text.into())),
            NameOnWire::Bytes { hex } => bytes_of_hex(&hex)
                .map(|bytes| Self(bytes.into()))
                .ok_or_else(|| serde::de::Error::custom("a name's hex digits are broken")),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum NameOnWire {
    Text(String),
    Bytes { hex: String },
}

fn bytes_of_hex(hex: &str) -> Option<Vec<u8>> {
    if !hex.len().is_multiple_of(2) || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let pairs = hex.as_bytes().chunks_exact(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

/// Digests as text, for `#[serde(with)]`.
pub(super) mod digest {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<T: Display, S: Serializer>(
        value: &T,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(crate) fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_text_where_it_can_be() {
        let json = |bytes: &[u8]| serde_json::to_string(&Name::from(bytes)).unwrap_or_default();
        assert_eq!(json("é\"".as_bytes()), "\"é\\\"\"");
        assert_eq!(json(&[0xe9, 0x0a]), "{\"hex\":\"e90a\"}");
        for bytes in [&b"abc"[..], &[0xff, 0x01]] {
            let back: Result<Name, _> = serde_json::from_str(&json(bytes));
            assert_eq!(back.ok(), Some(Name::from(bytes)));
        }
        assert!(serde_json::from_str::<Name>("{\"hex\":\"zz\"}").is_err());
        assert!(serde_json::from_str::<Name>("{\"hex\":\"123\"}").is_err());
    }

    #[test]
    fn a_name_for_people_cannot_change_their_terminal() {
        let name = Name::from(&b"a\x1b[31m\nb\xff\"c"[..]);
        assert_eq!(name.to_string(), "a\\u{1b}[31m\\nb\\xff\"c");
    }
}
