//! Colours of the words that lines on standard error begin with, by the conventions of anstream: `NO_COLOR`,
//! `CLICOLOR`, `CLICOLOR_FORCE`, `TERM`, and whether a terminal reads it.

use std::io;

/// A word that begins a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Label {
    Error,
    Problem,
    Notice,
    Hint,
}

impl Label {
    /// The word and a colon, in its colour if that is wanted.
    pub(crate) fn render(self, is_coloured: bool) -> String {
        let (word, code) = match self {
            Self::Error => ("error:", "1;31"),
            Self::Problem => ("problem:", "31"),
            Self::Notice => ("notice:", "33"),
            Self::Hint => ("hint:", "36"),
        };
        if is_coloured {
            format!("\x1b[{code}m{word}\x1b[0m")
        } else {
            word.to_owned()
        }
    }
}

/// Whether standard error takes colours.
pub(crate) fn is_wanted() -> bool {
    anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never
}
