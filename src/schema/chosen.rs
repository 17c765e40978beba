//! What the filters chose in one database, as OIDs. Pure.
//!
//! [`selection`](super::selection) resolves the patterns. Here are the consequences for relations that are
//! not in the schema's TOC themselves.

use std::collections::BTreeSet;

/// The relations and schemas that were named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chosen {
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

impl Chosen {
    /// Whether objects that are in no schema are taken: `include_everything` in pg_dump.c.
    pub fn is_everything(&self) -> bool {
        self.only_tables.is_none() && self.only_schemas.is_none() && self.only_extensions.is_none()
    }

    /// Whether the rows of an extension's configuration table are dumped: with the extension, or without it
    /// where the table or its schema was named, and never where one of them was excluded
    /// (`processExtensionTables()` in pg_dump.c).
    pub fn takes_config(
        &self,
        extension: u32,
        relation: u32,
        schema: u32,
        with_extension: bool,
    ) -> bool {
        let is_other = |only: &BTreeSet<u32>| !only.contains(&extension);
        if self.only_extensions.as_ref().is_some_and(is_other)
            || self.not_extensions.contains(&extension)
        {
            return false;
        }
        let named = |oids: &Option<BTreeSet<u32>>, oid| {
            oids.as_ref().is_some_and(|oids| oids.contains(&oid))
        };
        let wanted = with_extension
            || named(&self.only_tables, relation)
            || named(&self.only_schemas, schema);
        wanted && !self.not_tables.contains(&relation) && !self.not_schemas.contains(&schema)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_table_comes_with_its_extension_or_by_name() {
        let all = Chosen::default();
        assert!(all.takes_config(9, 1, 2, true));
        assert!(!all.takes_config(9, 1, 2, false));
        let by_table = Chosen {
            only_tables: Some([1].into()),
            ..Chosen::default()
        };
        assert!(by_table.takes_config(9, 1, 2, false));
        assert!(!by_table.takes_config(9, 3, 2, false));
        let by_schema = Chosen {
            only_schemas: Some([2].into()),
            ..Chosen::default()
        };
        assert!(by_schema.takes_config(9, 1, 2, false));
    }

    #[test]
    fn an_exclusion_wins() {
        let not_table = Chosen {
            not_tables: [1].into(),
            ..Chosen::default()
        };
        assert!(!not_table.takes_config(9, 1, 2, true));
        let not_schema = Chosen {
            only_tables: Some([1].into()),
            not_schemas: [2].into(),
            ..Chosen::default()
        };
        assert!(!not_schema.takes_config(9, 1, 2, true));
        let not_extension = Chosen {
            only_tables: Some([1].into()),
            not_extensions: [9].into(),
            ..Chosen::default()
        };
        assert!(!not_extension.takes_config(9, 1, 2, false));
    }
}
