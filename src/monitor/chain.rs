//! An error and its causes, in one line.

use std::error::Error;

/// The error's text, then each source's, with colons between them: `cannot read "x": permission denied`.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
