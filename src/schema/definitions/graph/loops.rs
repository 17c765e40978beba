//! Circles of needs, and how each is broken: `findDependencyLoops()` and `repairDependencyLoop()` in
//! pg_dump_sort.c.
//!
//! The rules are tried in pg_dump's order, and the first that fits is applied. Which members of a circle are
//! seen first follows their numbers.

use super::super::letters::RelKind;
use super::super::model::Model;
use super::super::object::{Class, Node, Parts};
use super::super::rows::constraint::{Kind, On};

/// The two objects that stand for "before the data" and "after the data".
#[derive(Clone, Copy)]
pub(in super::super) struct Boundaries {
    pub(super) pre: Node,
    pub(super) post: Node,
}

/// Finds a circle from each object that is left, and breaks it.
pub(super) fn repair_all(left: &[Node], model: &mut Model, boundaries: Boundaries) {
    let mut search = Search::new(model.objects.len());
    for &start in left {
        match search.circle(start, model) {
            Some(circle) => {
                repair(&circle, model, boundaries);
                for node in circle {
                    search.is_done[node.0] = true;
                }
            }
            None => search.is_done[start.0] = true,
        }
    }
}

/// The state of the searches of one pass.
struct Search {
    /// Members of circles that were found, and starts without one.
    is_done: Vec<bool>,
    /// The last start to which there is no way from here.
    failed_for: Vec<Option<Node>>,
    is_on_path: Vec<bool>,
}

impl Search {
    fn new(count: usize) -> Self {
        Self {
            is_done: vec![false; count],
            failed_for: vec![None; count],
            is_on_path: vec![false; count],
        }
    }

    /// A way from `start` back to it: `findLoop()`.
    fn circle(&mut self, start: Node, model: &Model) -> Option<Vec<Node>> {
        let mut path: Vec<(Node, usize)> = vec![];
        let mut next = Some(start);
        loop {
            if let Some(node) = next.take().filter(|&node| self.may_enter(node, start)) {
                path.push((node, 0));
                self.is_on_path[node.0] = true;
                if model.object(node).needs.contains(&start) {
                    for (node, _) in &path {
                        self.is_on_path[node.0] = false;
                    }
                    return Some(path.into_iter().map(|(node, _)| node).collect());
                }
            }
            let (node, at) = path.last_mut()?;
            match model.object(*node).needs.get(*at) {
                Some(&need) => {
                    *at += 1;
                    next = Some(need);
                }
                None => {
                    self.failed_for[node.0] = Some(start);
                    self.is_on_path[node.0] = false;
                    path.pop();
                }
            }
        }
    }

    fn may_enter(&self, node: Node, start: Node) -> bool {
        !self.is_done[node.0] && self.failed_for[node.0] != Some(start) && !self.is_on_path[node.0]
    }
}

/// Breaks one circle.
fn repair(circle: &[Node], model: &mut Model, boundaries: Boundaries) {
    let is_repaired = match circle {
        [one] => itself(*one, model),
        [one, other] => pair(*one, *other, model),
        _ => many(circle, model, boundaries),
    };
    if !is_repaired {
        let first = circle.first().copied();
        let cut = circle.get(1).or(circle.first()).copied();
        if let Some((first, cut)) = first.zip(cut) {
            let names = circle.iter().map(|&node| model.qualified(node).to_string());
            let names: Vec<String> = names.collect();
            model.notices.push(format!(
                "a circle of dependencies could not be resolved, and is cut: {}",
                names.join(", ")
            ));
            forget(model, first, cut);
        }
    }
}

fn forget(model: &mut Model, who: Node, what: Node) {
    model.object_mut(who).needs.retain(|need| *need != what);
}

fn itself(node: Node, model: &mut Model) -> bool {
    let is_table = model.object(node).class == Class::Table;
    if is_table {
        forget(model, node, node);
    }
    is_table
}

/// Whether the rule is what the view does.
fn is_view_and_rule(model: &Model, view: Node, rule: Node) -> bool {
    let (view, rule) = (model.object(view), model.object(rule));
    view.class == Class::Table && rule.class == Class::Rule && {
        let rule = &model.rules[rule.at];
        rule.is_view && rule.table == view.at
    }
}

fn is_table_and_check(model: &Model, table: Node, check: Node) -> bool {
    let (table, check) = (model.object(table), model.object(check));
    table.class == Class::Table && check.class == Class::Constraint && {
        let check = &model.constraints[check.at];
        check.kind == Kind::Check && check.on == On::Table(table.at)
    }
}

fn is_table_and_default(model: &Model, table: Node, default: Node) -> bool {
    let (table, default) = (model.object(table), model.object(default));
    table.class == Class::Table
        && default.class == Class::Default
        && model.defaults[default.at].table == table.at
}

fn is_domain_and_constraint(model: &Model, domain: Node, constraint: Node) -> bool {
    let (domain, constraint) = (model.object(domain), model.object(constraint));
    domain.class == Class::Type && constraint.class == Class::Constraint && {
        let constraint = &model.constraints[constraint.at];
        constraint.on == On::Domain(domain.at)
    }
}

fn is_index_and_partition(model: &Model, index: Node, partition: Node) -> bool {
    let (index, partition) = (model.object(index), model.object(partition));
    index.class == Class::Index
        && partition.class == Class::Index
        && model.indexes[partition.at].parent_oid == index.catalog.oid
}

/// Two objects that need one another.
fn pair(one: Node, other: Node, model: &mut Model) -> bool {
    for (a, b) in [(one, other), (other, one)] {
        let (first, second) = (model.object(a), model.object(b));
        if first.class == Class::Type && second.class == Class::Function {
            type_and_function(a, b, model);
            return true;
        }
    }
    // The part does not need the whole that it is made with.
    for is_whole_and_part in [
        is_view_and_rule as fn(&Model, Node, Node) -> bool,
        is_table_and_check,
        is_table_and_default,
        is_domain_and_constraint,
    ] {
        for (a, b) in [(one, other), (other, one)] {
            if is_whole_and_part(model, a, b) {
                forget(model, b, a);
                return true;
            }
        }
    }
    for (a, b) in [(other, one), (one, other)] {
        if is_index_and_partition(model, a, b) {
            forget(model, b, a);
            return true;
        }
    }
    false
}

/// The function needs a type of that name only, which gets an entry.
fn type_and_function(of: Node, function: Node, model: &mut Model) {
    forget(model, function, of);
    let Some(shell) = model.types[model.object(of).at].shell else {
        return;
    };
    model.need(function, shell);
    let wanted = model.object(function).wanted;
    if !wanted.is_none() {
        model.object_mut(shell).wanted = wanted | Parts::DEFINITION;
    }
}

/// A longer circle.
fn many(circle: &[Node], model: &mut Model, boundaries: Boundaries) -> bool {
    if let Some((view, rule)) = find(circle, model, |model, view, rule| {
        is_view_and_rule(model, view, rule) && kind_of(model, view) == Some(RelKind::View)
    }) {
        forget(model, view, rule);
        let (view_at, rule_at) = (model.object(view).at, model.object(rule).at);
        model.tables[view_at].is_stand_in = true;
        model.rules[rule_at].is_separate = true;
        model.need(rule, view);
        model.need(rule, boundaries.post);
        return true;
    }
    if postpone(circle, model, boundaries) {
        return true;
    }
    if let Some((table, check)) = find(circle, model, is_table_and_check) {
        separate(table, check, model, boundaries.post);
        return true;
    }
    if let Some((table, default)) = find(circle, model, is_table_and_default) {
        forget(model, table, default);
        let at = model.object(default).at;
        model.defaults[at].is_separate = true;
        model.need(default, table);
        return true;
    }
    if let Some((domain, constraint)) = find(circle, model, is_domain_and_constraint) {
        separate(domain, constraint, model, boundaries.post);
        return true;
    }
    false
}

/// The first whole in the circle with a part of it in the circle, and the first such part.
fn find(
    circle: &[Node],
    model: &Model,
    matches: impl Fn(&Model, Node, Node) -> bool,
) -> Option<(Node, Node)> {
    circle.iter().find_map(|&whole| {
        let mut parts = circle.iter();
        let part = parts.find(|&&part| matches(model, whole, part))?;
        Some((whole, *part))
    })
}

fn kind_of(model: &Model, node: Node) -> Option<RelKind> {
    let object = model.object(node);
    (object.class == Class::Table).then(|| model.tables[object.at].kind)
}

/// A materialized view, its statistics or a function that needs something from after the data is made there
/// too.
fn postpone(circle: &[Node], model: &mut Model, boundaries: Boundaries) -> bool {
    let has = |boundary: Node| circle.contains(&boundary);
    let is_function = |&node: &Node| model.object(node).class == Class::Function;
    let is_views = |&node: &Node| {
        let object = model.object(node);
        object.class == Class::PlannerStatistics
            && model.planner_statistics[object.at].is_materialized_view
    };
    let is_view = |&node: &Node| kind_of(model, node) == Some(RelKind::MaterializedView);
    let of_view = circle.iter().find_map(|node| {
        let at_pre = is_view(node) && has(boundaries.pre);
        let at_post = is_views(node) && has(boundaries.post);
        at_pre
            .then_some(boundaries.pre)
            .or(at_post.then_some(boundaries.post))
    });
    let boundary = match of_view {
        Some(boundary) => boundary,
        None if circle.iter().any(is_function) && has(boundaries.pre) => boundaries.pre,
        None => return false,
    };
    let at = circle.iter().position(|&node| node == boundary);
    let next = at.and_then(|at| circle.get(at + 1)).or(circle.first());
    let Some(&next) = next else {
        return false;
    };
    forget(model, boundary, next);
    let (class, place) = {
        let object = model.object(next);
        (object.class, object.at)
    };
    match class {
        Class::Table if of_view.is_some() => {
            let table = &mut model.tables[place];
            table.is_postponed |= table.kind == RelKind::MaterializedView;
        }
        Class::PlannerStatistics if of_view.is_some() => {
            let statistics = &mut model.planner_statistics[place];
            statistics.is_after_data |= statistics.is_materialized_view;
        }
        Class::Function if of_view.is_none() => model.functions[place].is_postponed = true,
        _ => {}
    }
    true
}

fn separate(whole: Node, part: Node, model: &mut Model, post: Node) {
    forget(model, whole, part);
    let at = model.object(part).at;
    model.constraints[at].is_separate = true;
    model.need(part, whole);
    model.need(part, post);
}
