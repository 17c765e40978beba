//! The tables of contents of an archive, for those who list them.

use crate::archive::manifest::Name;
use crate::toc::Toc;

/// A table of contents of the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// The database; `None` for globals.
    pub database: Option<Name>,
    /// Its folder in the archive.
    pub folder: String,
    /// Its contents.
    pub toc: Toc,
}
