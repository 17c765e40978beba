//! What is read of the planner's statistics. See `kinds::planner_statistics`.

use bstr::BString;

use super::super::object::Node;

/// What the planner knows of a relation.
#[derive(Debug)]
pub(crate) struct PlannerStatistics {
    pub(crate) node: Node,
    pub(crate) is_materialized_view: bool,
    /// Whether they can only be given back when indexes are made and views are refreshed.
    pub(crate) is_after_data: bool,
    /// What is known of it as a whole, once that was read.
    pub(crate) whole: Option<Whole>,
    /// The columns of an index on expressions, in their order; else empty.
    pub(crate) numbered: Vec<BString>,
    pub(crate) columns: Vec<ColumnStatistics>,
}

/// What the planner knows of a relation as a whole.
#[derive(Debug)]
pub(crate) struct Whole {
    pub(crate) pages: BString,
    pub(crate) tuples: BString,
    pub(crate) all_visible: BString,
    /// Since 18.
    pub(crate) all_frozen: Option<BString>,
}

/// What the planner knows of a column.
#[derive(Debug)]
pub(crate) struct ColumnStatistics {
    pub(crate) column: BString,
    /// Places in `kinds::planner_statistics::ARGUMENTS`, and the values.
    pub(crate) values: Vec<(usize, BString)>,
}
