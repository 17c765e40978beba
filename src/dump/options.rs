//! What a dump is asked for.

use std::num::NonZeroUsize;

use bstr::BString;

use crate::archive::Compression;
use crate::schema::reader::SchemaReader;
use crate::storage::{Replace, UploadOptions};

pub use crate::schema::entries::Content;
pub use crate::schema::selection::Filters;

/// How often a dump begins, where definitions change while they are read.
pub(super) const ATTEMPTS: u32 = 5;

/// The databases to dump.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Databases {
    /// These.
    Listed(Vec<BString>),
    /// All that none of these patterns names, template0 and a fresh template1 apart.
    All {
        /// Patterns as in psql.
        exclude: Vec<BString>,
    },
}

/// The large objects to dump.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LargeObjects {
    /// All, unless schemas or tables are selected, as in pg_dump.
    #[default]
    Default,
    /// All.
    Include,
    /// No large object.
    Exclude,
}

/// The globals to dump.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Globals {
    /// Roles with passwords where they can be read, memberships, tablespaces.
    #[default]
    All,
    /// Roles and tablespaces, without passwords.
    NoRolePasswords,
    /// No globals.
    None,
}

/// A dump's options.
#[derive(Debug, Clone)]
pub struct DumpOptions {
    /// The databases to dump.
    pub databases: Databases,
    /// How many workers, each with a session of its own.
    pub jobs: NonZeroUsize,
    /// How chunks are compressed.
    pub compression: Compression,
    /// The schemas and tables to dump.
    pub filters: Filters,
    /// Definitions, data or both.
    pub content: Content,
    /// The large objects to dump.
    pub large_objects: LargeObjects,
    /// Whether the planner's statistics come along.
    pub planner_statistics: bool,
    /// The globals to dump.
    pub globals: Globals,
    /// The role that every session becomes.
    pub role: Option<BString>,
    /// How long to wait for a table's lock; none for ever.
    pub lock_wait_timeout_ms: Option<u64>,
    /// Whether to wait for a snapshot that no serializable transaction can disturb.
    pub serializable_deferrable: bool,
    /// The raw size at which a chunk ends.
    pub chunk_bytes: u64,
    /// Whether an existing archive is replaced.
    pub replace: Replace,
    /// How the archive is written.
    pub upload: UploadOptions,
    /// Who reads the schema.
    pub schema_reader: SchemaReader,
}

impl DumpOptions {
    /// Whether large objects are read.
    pub fn wants_large_objects(&self) -> bool {
        match self.large_objects {
            LargeObjects::Exclude => false,
            LargeObjects::Include => self.content != Content::SchemaOnly,
            LargeObjects::Default => {
                self.content != Content::SchemaOnly && !self.filters.is_partial()
            }
        }
    }
}
