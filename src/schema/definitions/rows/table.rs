//! What is read of tables. See `kinds::table`.

use bstr::BString;

use super::super::acl::Rights;
use super::super::letters::{
    Compression, Generated, Identity, Persistence, RelKind, ReplicaIdentity, Storage,
};
use super::super::object::Node;
use crate::toc::ObjectKind;

/// A relation.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) node: Node,
    pub(crate) kind: RelKind,
    pub(crate) row_type_oid: u32,
    pub(crate) owner: BString,
    /// How many check constraints it has.
    pub(crate) check_count: i32,
    pub(crate) has_triggers: bool,
    pub(crate) persistence: Persistence,
    /// The type of a typed table, or zero.
    pub(crate) of_type_oid: u32,
    pub(crate) rights: Rights,
    pub(crate) toast_options: Vec<BString>,
    /// The table whose column a sequence belongs to, or zero.
    pub(crate) owning_oid: u32,
    pub(crate) owning_column: i32,
    pub(crate) is_identity: bool,
    pub(crate) tablespace: BString,
    pub(crate) replica_identity: ReplicaIdentity,
    pub(crate) has_row_security: bool,
    pub(crate) forces_row_security: bool,
    pub(crate) options: Vec<BString>,
    pub(crate) check_option: Option<BString>,
    pub(crate) access_method: Option<BString>,
    pub(crate) is_partition: bool,
    /// Whether its columns and what hangs on it are read: `interesting` in pg_dump.c.
    pub(crate) is_read: bool,
    /// The places of the tables it inherits from.
    pub(crate) parents: Vec<usize>,
    pub(crate) columns: Vec<Column>,
    /// The places of its check constraints, by name.
    pub(crate) checks: Vec<usize>,
    /// The places of its indexes.
    pub(crate) indexes: Vec<usize>,
    pub(crate) partition_key: Option<BString>,
    pub(crate) partition_bound: Option<BString>,
    /// Its server's name and its options.
    pub(crate) foreign: Option<(BString, BString)>,
    /// The query of a view, without its semicolon.
    pub(crate) query: Option<BString>,
    /// Whether a stand-in is written, and the view by its rule.
    pub(crate) is_stand_in: bool,
    /// Whether it must wait until after the data.
    pub(crate) is_postponed: bool,
}

/// That a partition belongs to its parent.
#[derive(Debug)]
pub(crate) struct Attach {
    pub(crate) node: Node,
    pub(crate) parent: usize,
    pub(crate) partition: usize,
}

/// A column.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) name: BString,
    pub(crate) statistics_target: Option<i32>,
    pub(crate) storage: Storage,
    /// Its type's; none of a dropped column.
    pub(crate) type_storage: Option<Storage>,
    pub(crate) is_dropped: bool,
    pub(crate) is_local: bool,
    pub(crate) type_sql: BString,
    pub(crate) options: BString,
    /// The collation's OID if it is not the type's, else zero.
    pub(crate) collation: u32,
    pub(crate) foreign_options: BString,
    pub(crate) identity: Identity,
    pub(crate) generated: Generated,
    pub(crate) compression: Compression,
    pub(crate) not_null: Option<NotNull>,
    /// The OID of a NOT NULL constraint that existing rows may break.
    pub(crate) invalid_not_null: Option<u32>,
    /// The place of its default.
    pub(crate) default: Option<usize>,
}

/// That a column may not be null.
#[derive(Debug)]
pub(crate) struct NotNull {
    /// Empty where the constraint has the name that it would get by itself.
    pub(crate) name: BString,
    pub(crate) comment: Option<BString>,
    pub(crate) is_not_inherited: bool,
    /// Whether it is the table's own, and not a parent's.
    pub(crate) is_local: bool,
}

impl Table {
    /// The word in CREATE, and the entry's.
    pub(crate) fn kind_word(&self) -> (&'static str, ObjectKind) {
        match self.kind {
            RelKind::View => ("VIEW", ObjectKind::View),
            RelKind::MaterializedView => ("MATERIALIZED VIEW", ObjectKind::MaterializedView),
            RelKind::ForeignTable => ("FOREIGN TABLE", ObjectKind::ForeignTable),
            RelKind::Table | RelKind::PartitionedTable | RelKind::Sequence | RelKind::Composite => {
                ("TABLE", ObjectKind::Table)
            }
        }
    }

    /// `FOREIGN ` before TABLE.
    pub(crate) fn foreign_word(&self) -> &'static str {
        match self.kind {
            RelKind::ForeignTable => "FOREIGN ",
            _ => "",
        }
    }

    /// The column of this number, from one.
    pub(crate) fn column(&self, number: i32) -> Option<&Column> {
        let at = usize::try_from(number).ok()?.checked_sub(1)?;
        self.columns.get(at)
    }

    /// Whether a column stands in CREATE TABLE: `shouldPrintColumn()` in pg_dump.c.
    pub(crate) fn prints(&self, column: &Column) -> bool {
        !column.is_dropped && (column.is_local || self.is_partition)
    }

    /// What an index's column number names: `getAttrName()` in pg_dump.c. System columns have negative
    /// numbers.
    pub(crate) fn column_name(&self, number: i32) -> Option<&[u8]> {
        const SYSTEM: [&str; 6] = ["ctid", "xmin", "cmin", "xmax", "cmax", "tableoid"];
        if number > 0 {
            return self.column(number).map(|column| &column.name[..]);
        }
        let at = usize::try_from(-number).ok()?.checked_sub(1)?;
        SYSTEM.get(at).map(|name| name.as_bytes())
    }
}
