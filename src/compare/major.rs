//! The major version in a version as programs call themselves.

use bstr::ByteSlice;

/// `15.18 (Debian ..)`
pub(super) fn major_of(version: &[u8]) -> Option<u32> {
    let digits = version
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    version[..digits].to_str().ok()?.parse().ok()
}
