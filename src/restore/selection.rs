//! Which entries of a table of contents a restore is asked for, with every default resolved. The words
//! are pg_restore's.
//!
//! [`names`](super::select::names) says the meaning of names, `select` the consequence for an entry.

use bstr::BString;

/// Which entries of a table of contents are wanted.
#[derive(Debug, Clone)]
pub struct Selection {
    /// `-n`: only objects of these schemas.
    pub schemas: Vec<BString>,
    /// `-N`: no objects of these schemas.
    pub exclude_schemas: Vec<BString>,
    /// `-t`: these tables, views, materialized views, sequences and foreign tables.
    pub tables: Vec<BString>,
    /// `-I`: these indexes.
    pub indexes: Vec<BString>,
    /// `-P`: these functions, procedures and aggregates.
    pub functions: Vec<BString>,
    /// `-T`: these triggers.
    pub triggers: Vec<BString>,
    /// `--with-dependants`: the named objects come with everything they need and own.
    pub with_dependants: bool,
    /// `--strict-names`: a name that no entry bears is an error.
    pub strict_names: bool,
    /// `--section`.
    pub sections: Sections,
    /// `-s`, `-a` and their kin.
    pub content: Content,
    /// Whether ownership is restored (not `-O`).
    pub owners: bool,
    /// Whether grants are restored (not `-x`).
    pub privileges: bool,
    /// Whether comments are restored.
    pub comments: bool,
    /// Whether row security and its policies are restored.
    pub policies: bool,
    /// Whether publications are restored.
    pub publications: bool,
    /// Whether security labels are restored.
    pub security_labels: bool,
    /// Whether subscriptions are restored.
    pub subscriptions: bool,
    /// Whether objects go to the tablespaces they were in.
    pub tablespaces: bool,
    /// Whether tables get the access methods they had.
    pub table_access_methods: bool,
}

impl Default for Selection {
    /// Everything.
    fn default() -> Self {
        Self {
            schemas: Vec::new(),
            exclude_schemas: Vec::new(),
            tables: Vec::new(),
            indexes: Vec::new(),
            functions: Vec::new(),
            triggers: Vec::new(),
            with_dependants: false,
            strict_names: false,
            sections: Sections::default(),
            content: Content::default(),
            owners: true,
            privileges: true,
            comments: true,
            policies: true,
            publications: true,
            security_labels: true,
            subscriptions: true,
            tablespaces: true,
            table_access_methods: true,
        }
    }
}

/// The sections that are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sections {
    /// The definitions that must exist before rows.
    pub pre_data: bool,
    /// Rows, large objects, sequence values.
    pub data: bool,
    /// Indexes, constraints, triggers.
    pub post_data: bool,
}

impl Default for Sections {
    /// All of them.
    fn default() -> Self {
        Self {
            pre_data: true,
            data: true,
            post_data: true,
        }
    }
}

/// Definitions, data, statistics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content {
    /// Definitions of objects.
    pub definitions: bool,
    /// Rows, large objects, sequence values.
    pub data: bool,
    /// What the planner knows about tables, where the archive holds it.
    pub statistics: bool,
}

impl Content {
    /// `-s`
    pub const SCHEMA_ONLY: Self = Self {
        definitions: true,
        data: false,
        statistics: false,
    };
    /// `-a`
    pub const DATA_ONLY: Self = Self {
        definitions: false,
        data: true,
        statistics: false,
    };
    /// `--statistics-only`
    pub const STATISTICS_ONLY: Self = Self {
        definitions: false,
        data: false,
        statistics: true,
    };
}

impl Default for Content {
    /// All of it.
    fn default() -> Self {
        Self {
            definitions: true,
            data: true,
            statistics: true,
        }
    }
}
