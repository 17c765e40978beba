//! The key of `\restrict`, by which psql refuses meta-commands in a script (CVE-2025-8714).

/// What a script's `\restrict` needs: a word that nothing in the archive can guess.
#[derive(Debug, Clone)]
pub struct RestrictKey(pub(crate) String);

impl RestrictKey {
    /// A key of letters and digits; psql takes no other.
    pub fn new(key: String) -> Option<Self> {
        let is_word = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_word.then_some(Self(key))
    }
}
