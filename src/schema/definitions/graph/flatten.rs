//! What an entry says that it needs: entries only. An object without one stands for what it needs itself:
//! `findDumpableDependencies()` in pg_dump.c.

use std::collections::HashSet;

use super::super::model::Model;
use super::super::object::{Node, Side};
use crate::toc::{DumpId, TocEntry};

/// As in pg_dump something may be named several times, but not more often in one entry than this.
const NEEDS_MAX: usize = 100_000;

/// Completes the entries that are objects and do not say yet what they need.
pub(in super::super) fn flatten(entries: &mut [TocEntry], model: &Model) {
    let has_entry: HashSet<DumpId> = entries.iter().map(|entry| entry.dump_id).collect();
    for entry in entries.iter_mut().filter(|own| own.dependencies.is_empty()) {
        let number = usize::try_from(entry.dump_id.0 - 1).unwrap_or(usize::MAX);
        if number < model.objects.len() {
            entry.dependencies = needs(Node(number), model, &has_entry);
        }
    }
}

fn needs(node: Node, model: &Model, has_entry: &HashSet<DumpId>) -> Vec<DumpId> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut path = vec![model.object(node).needs.iter()];
    while let Some(here) = path.last_mut() {
        let Some(&next) = here.next() else {
            path.pop();
            continue;
        };
        if found.len() + seen.len() >= NEEDS_MAX && !seen.insert(next) {
            continue;
        }
        let object = model.object(next);
        if has_entry.contains(&next.dump_id()) {
            found.push(next.dump_id());
        } else if object.class.side() != Side::Boundary {
            path.push(object.needs.iter());
        }
    }
    found
}
