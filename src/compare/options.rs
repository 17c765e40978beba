//! The two sides of a comparison, in the words of its user.

use std::collections::HashSet;
use std::num::NonZeroUsize;

use bstr::BString;

use crate::schema::program::PgDump;
use crate::schema::reader::SchemaReader;
use crate::toc::DumpId;

/// The databases to compare, and how.
#[derive(Debug, Clone)]
pub struct CompareOptions {
    /// The databases; empty for all of them under their own names.
    pub databases: Vec<Pair>,
    /// How many sessions read at once.
    pub jobs: NonZeroUsize,
    /// Who reads the schema of the server.
    pub schema_reader: SchemaReader,
    /// The pg_dump that reads what we refuse to read.
    pub pg_dump: PgDump,
    /// Whether owners and grants must be the archive's.
    pub owners: bool,
    /// Whether the grants on objects of the whole server must be the archive's.
    pub shared: SharedGrants,
}

/// A database of the archive and the one on the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// Its name in the archive.
    pub source: BString,
    /// Its name on the server.
    pub target: BString,
    /// The entries that must be there; `None` for all.
    pub entries: Option<HashSet<DumpId>>,
    /// Objects that a restore left out, which nobody looks for.
    pub left_out: u64,
}

/// Tablespaces and parameters whose grants must be the archive's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SharedGrants {
    /// No grant is compared.
    #[default]
    Nothing,
    /// All.
    All,
    /// All parameters and these tablespaces: a restore leaves others as they are.
    Tablespaces(Vec<BString>),
}

impl SharedGrants {
    pub(super) fn holds_tablespace(&self, name: &[u8]) -> bool {
        match self {
            Self::Nothing => false,
            Self::All => true,
            Self::Tablespaces(names) => names.iter().any(|other| other == name),
        }
    }
}
