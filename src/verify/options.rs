//! The part to verify, and the depth.

use crate::digest::Sha256;

/// How deep to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// What a restore would read first.
    Quick,
    /// Every byte.
    #[default]
    Full,
    /// Every row.
    Deep,
}

/// The archive to verify and the depth.
#[derive(Debug, Clone)]
pub struct VerifyOptions {
    /// How deep.
    pub mode: Mode,
    /// How many workers read and hash at once.
    pub jobs: usize,
    /// The digest that the archive must have.
    pub digest: Option<Sha256>,
}

impl Default for VerifyOptions {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            jobs: 1,
            digest: None,
        }
    }
}
