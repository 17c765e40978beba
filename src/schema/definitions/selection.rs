//! Which objects of a database are read, as OIDs. Pure.
//!
//! `schema::selection` makes OIDs of the patterns that users write.

use std::collections::BTreeSet;

use crate::schema::chosen::Chosen;

/// The wanted part of a database.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Only these relations; none for all.
    pub only_tables: Option<BTreeSet<u32>>,
    /// Relations that are left out.
    pub not_tables: BTreeSet<u32>,
    /// Only these schemas; none for all.
    pub only_schemas: Option<BTreeSet<u32>>,
    /// Schemas that are left out.
    pub not_schemas: BTreeSet<u32>,
    /// Only these extensions; none for all.
    pub only_extensions: Option<BTreeSet<u32>>,
    /// Extensions that are left out.
    pub not_extensions: BTreeSet<u32>,
}

impl From<&Chosen> for Selection {
    fn from(chosen: &Chosen) -> Self {
        Self {
            only_tables: chosen.only_tables.clone(),
            not_tables: chosen.not_tables.clone(),
            only_schemas: chosen.only_schemas.clone(),
            not_schemas: chosen.not_schemas.clone(),
            only_extensions: chosen.only_extensions.clone(),
            not_extensions: chosen.not_extensions.clone(),
        }
    }
}

impl Selection {
    /// Whether objects that are in no schema are taken: `include_everything` in pg_dump.c.
    pub(super) fn is_everything(&self) -> bool {
        self.only_tables.is_none() && self.only_schemas.is_none() && self.only_extensions.is_none()
    }
}
