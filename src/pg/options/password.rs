//! When and how a person is asked for a password.

use std::io;
use std::sync::Arc;

/// Asks a person for a password; gets the text of the prompt. Called at most once for a
/// [`ServerConfig`](crate::pg::ServerConfig) and its copies, on a thread that may block.
pub type PasswordPrompt = Arc<dyn Fn(&str) -> io::Result<String> + Send + Sync>;

/// When a person is asked for a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PasswordPolicy {
    /// When the server wants one and none is known.
    #[default]
    Default,
    /// Never (`-w`).
    Never,
    /// Before the first connection (`-W`).
    Force,
}
