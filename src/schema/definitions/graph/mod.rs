//! The order of the objects, and what each entry says that it needs. Pure.
//!
//! ```text
//! order    the order by kind and name
//! sort     the order that respects needs, as near to that one as possible
//! loops    what is done where objects need one another in a circle
//! flatten  needs without objects that have no entry
//! ```

mod flatten;
mod loops;
mod order;
mod sort;

pub(super) use flatten::flatten;
pub(super) use loops::Boundaries;

use super::model::{Draft, Model, NO_CATALOG};
use super::object::{Class, Node, Side};

/// Adds the two boundaries and sorts: `sortDumpableObjects*()` in pg_dump_sort.c.
pub(super) fn sorted(model: &mut Model) -> Vec<Node> {
    let boundaries = add_boundaries(model);
    let mut nodes: Vec<Node> = model.nodes().collect();
    nodes.sort_by(|&a, &b| order::compare(model, a, b));
    loop {
        match sort::topological(&nodes, model) {
            Ok(sorted) => return sorted,
            Err(left) => loops::repair_all(&left, model, boundaries),
        }
    }
}

/// `createBoundaryObjects()` and `addBoundaryDependencies()` in pg_dump.c.
fn add_boundaries(model: &mut Model) -> Boundaries {
    let mut add = |class, name: &str| {
        model.add(Draft {
            class,
            catalog: NO_CATALOG,
            name: name.into(),
            namespace: None,
            at: 0,
        })
    };
    let pre = add(Class::PreData, "PRE-DATA BOUNDARY");
    let post = add(Class::PostData, "POST-DATA BOUNDARY");
    for node in model.nodes() {
        let object = model.object(node);
        match object.class.side() {
            Side::Before => model.need(pre, node),
            Side::After => model.need(node, post),
            Side::ItsOwn if is_separate(model, node) => model.need(node, post),
            Side::ItsOwn => {}
            Side::Beside if is_after_data(model, node) => model.need(node, post),
            Side::Beside => {
                model.need(node, pre);
                model.need(post, node);
            }
            Side::Boundary if node == post => model.need(post, pre),
            Side::Boundary => {}
        }
    }
    Boundaries { pre, post }
}

/// Whether statistics come after the data, and not with it.
fn is_after_data(model: &Model, node: Node) -> bool {
    model.planner_statistics[model.object(node).at].is_after_data
}

/// Whether a rule or constraint is a statement of its own.
fn is_separate(model: &Model, node: Node) -> bool {
    let object = model.object(node);
    match object.class {
        Class::Rule => model.rules[object.at].is_separate,
        Class::Constraint | Class::ForeignKey => model.constraints[object.at].is_separate,
        _ => false,
    }
}
