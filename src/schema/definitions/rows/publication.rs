//! What is read of publications. See `kinds::publication`.

use bstr::BString;

use super::super::letters::GeneratedColumns;
use super::super::object::Node;

/// A publication.
#[derive(Debug)]
pub(crate) struct Publication {
    pub(crate) node: Node,
    pub(crate) owner: BString,
    pub(crate) has_all_tables: bool,
    pub(crate) has_all_sequences: bool,
    /// What is published, in pg_dump's order.
    pub(crate) actions: [(&'static str, bool); 4],
    pub(crate) is_via_root: bool,
    pub(crate) generated: GeneratedColumns,
    /// The places of the tables that one of all tables leaves out.
    pub(crate) except: Vec<usize>,
}

/// That a table is published.
#[derive(Debug)]
pub(crate) struct PublicationTable {
    pub(crate) node: Node,
    pub(crate) publication: usize,
    pub(crate) table: usize,
    pub(crate) condition: Option<BString>,
    pub(crate) columns: Vec<BString>,
}

/// That a schema's tables are published.
#[derive(Debug)]
pub(crate) struct PublicationSchema {
    pub(crate) node: Node,
    pub(crate) publication: usize,
    pub(crate) schema: usize,
}
