//! The fixed-size member at the end from which a reader finds everything else.
//!
//! One line of JSON, padded with spaces to 511 bytes and ended by a newline. There is exactly one way
//! to write each trailer, and a reader accepts no other: a changed byte is never taken for a trailer.

use serde::{Deserialize, Serialize};

use crate::digest::Sha256;

use super::FORMAT_VERSION;
use super::text::digest;

/// The size of its content.
pub const TRAILER_BYTES: usize = 512;

/// A member's place and its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extent {
    /// Where the content begins in the file.
    pub offset: u64,
    /// How many bytes it has.
    pub size: u64,
    /// Their SHA-256.
    #[serde(with = "digest")]
    pub sha256: Sha256,
}

/// What the trailer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trailer {
    /// The format's version.
    pub format: u32,
    /// manifest.json. Its SHA-256 is the archive's digest.
    pub manifest: Extent,
    /// SHA256SUMS.
    pub sums: Extent,
}

/// Why 512 bytes are not a trailer that this version reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotATrailer {
    /// The bytes are no trailer, or were changed.
    Broken,
    /// They say that they are a trailer of this later version.
    Newer(u32),
}

#[derive(Deserialize)]
struct AnyVersion {
    format: u32,
}

impl Trailer {
    /// The 512 bytes; `None` if they do not suffice, which no number in it can bring about.
    pub fn to_bytes(&self) -> Option<Vec<u8>> {
        let mut out = serde_json::to_vec(self).ok()?;
        if out.len() >= TRAILER_BYTES {
            return None;
        }
        out.resize(TRAILER_BYTES - 1, b' ');
        out.push(b'\n');
        Some(out)
    }

    /// The trailer in these bytes, which must be exactly what [`to_bytes`](Self::to_bytes) makes of it.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NotATrailer> {
        if bytes.len() != TRAILER_BYTES {
            return Err(NotATrailer::Broken);
        }
        let any: AnyVersion = serde_json::from_slice(bytes).map_err(|_| NotATrailer::Broken)?;
        if any.format > FORMAT_VERSION {
            return Err(NotATrailer::Newer(any.format));
        }
        let trailer: Self = serde_json::from_slice(bytes).map_err(|_| NotATrailer::Broken)?;
        let same = trailer.to_bytes().is_some_and(|again| again == bytes);
        if !same || trailer.format != FORMAT_VERSION {
            return Err(NotATrailer::Broken);
        }
        Ok(trailer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trailer() -> Trailer {
        let extent = |offset| Extent {
            offset,
            size: u64::MAX,
            sha256: Sha256::of(b"x"),
        };
        Trailer {
            format: FORMAT_VERSION,
            manifest: extent(u64::MAX),
            sums: extent(512),
        }
    }

    #[test]
    fn the_largest_numbers_fit_and_come_back() {
        let bytes = trailer().to_bytes().unwrap_or_default();
        assert_eq!(bytes.len(), TRAILER_BYTES);
        assert_eq!(Trailer::from_bytes(&bytes), Ok(trailer()));
    }

    #[test]
    fn no_changed_byte_is_taken_for_the_same_trailer() {
        let bytes = trailer().to_bytes().unwrap_or_default();
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut changed = bytes.clone();
                changed[at] ^= 1 << bit;
                assert_ne!(Trailer::from_bytes(&changed), Ok(trailer()), "{at}");
            }
        }
    }

    #[test]
    fn a_later_version_is_recognised_whatever_else_it_says() {
        let mut later = b"{\"format\":2,\"somewhere\":{\"else\":1}}".to_vec();
        later.resize(TRAILER_BYTES, b' ');
        assert_eq!(Trailer::from_bytes(&later), Err(NotATrailer::Newer(2)));
        assert_eq!(Trailer::from_bytes(&later[1..]), Err(NotATrailer::Broken));
    }
}
