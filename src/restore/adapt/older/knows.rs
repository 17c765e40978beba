//! The features of an older server, and their consequence for one entry.

use crate::toc::ObjectKind;
use crate::toc::lex::words;
use bstr::BString;
use std::collections::HashSet;

/// What the target knows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Knows {
    /// Its `server_version_num`.
    pub(crate) version_num: u32,
    /// The parameters that it has.
    pub(crate) parameters: HashSet<BString>,
    /// The compression methods of columns that it was built with.
    pub(crate) compressions: HashSet<BString>,
}

impl Knows {
    /// Whether the server is older than this kind of object.
    pub(crate) fn lacks_kind(&self, kind: &ObjectKind) -> bool {
        self.lacks(kind.facts().since_major * 10_000)
    }

    pub(crate) fn lacks(&self, since: u32) -> bool {
        self.version_num < since
    }
}

/// The fate of an entry.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The entry is restored as it is.
    Stays,
    /// It says this instead.
    Says(BString),
    /// The entry is left out, with all that depends on it.
    Goes,
}

pub(crate) type Lose<'a> = dyn FnMut(&'static str, String) + 'a;

pub(crate) fn has(sql: &[u8], wanted: &[&[u8]]) -> bool {
    words(sql)
        .windows(wanted.len())
        .any(|found| found == wanted)
}
