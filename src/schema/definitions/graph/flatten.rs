//! What an entry says that it needs: entries only. An object without one stands for what it needs itself:
//! `findDumpableDependencies()` in pg_dump.c.

use std::collections::HashSet;

use super::super::model::Model;
use super::super::object::{Node, Side};
use crate::toc::{DumpId, TocEntry};

/// As in pg_dump something may be named several times, as often as there are ways to it. After so many steps
/// from one entry each object is visited once more at most.
const STEPS_MAX: usize = 100_000;

/// Completes the entries that are objects and do not say yet what they need.
pub(in super::super) fn flatten(entries: &mut [TocEntry], model: &Model) {
    let has_entry: HashSet<DumpId> = entries.iter().map(|entry| entry.dump_id).collect();
    let mut walk = Walk {
        model,
        has_entry,
        fruitless: HashSet::new(),
    };
    for entry in entries.iter_mut().filter(|own| own.dependencies.is_empty()) {
        let number = usize::try_from(entry.dump_id.0 - 1).unwrap_or(usize::MAX);
        if number < model.objects.len() {
            entry.dependencies = walk.needs(Node(number));
        }
    }
}

struct Walk<'a> {
    model: &'a Model,
    has_entry: HashSet<DumpId>,
    /// Objects from which no way leads to an entry. Without them a chain of views that are not dumped, each
    /// with twenty columns of the one before, has more ways than anybody can walk.
    fruitless: HashSet<Node>,
}

/// An object on the way.
struct Step<'a> {
    node: Node,
    rest: std::slice::Iter<'a, Node>,
    /// How much had been found before it.
    found_before: usize,
    /// Whether everything below it was looked at.
    is_whole: bool,
}

impl<'a> Walk<'a> {
    fn step(&self, node: Node, found_before: usize) -> Step<'a> {
        Step {
            node,
            rest: self.model.object(node).needs.iter(),
            found_before,
            is_whole: true,
        }
    }

    fn needs(&mut self, node: Node) -> Vec<DumpId> {
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        let mut steps = 0;
        let mut path = vec![self.step(node, 0)];
        while let Some(here) = path.last_mut() {
            let Some(&next) = here.rest.next() else {
                self.leave(&mut path, found.len());
                continue;
            };
            steps += 1;
            if steps > STEPS_MAX && !seen.insert(next) {
                here.is_whole = false;
            } else if self.has_entry.contains(&next.dump_id()) {
                found.push(next.dump_id());
            } else if self.model.object(next).class.side() != Side::Boundary
                && !self.fruitless.contains(&next)
            {
                let step = self.step(next, found.len());
                path.push(step);
            }
        }
        found
    }

    /// The last object of the path has been looked at.
    fn leave(&mut self, path: &mut Vec<Step<'a>>, found: usize) {
        let Some(done) = path.pop() else { return };
        if !done.is_whole {
            if let Some(above) = path.last_mut() {
                above.is_whole = false;
            }
        } else if done.found_before == found {
            self.fruitless.insert(done.node);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::model::{Draft, NO_CATALOG};
    use super::super::super::object::Class;
    use super::*;
    use crate::schema::chosen::Chosen;

    /// Objects that need others, by number.
    fn model(needs: &[&[usize]]) -> Model {
        let mut model = Model::new(18, Chosen::default());
        for _ in needs {
            model.add(Draft {
                class: Class::Table,
                catalog: NO_CATALOG,
                name: "t".into(),
                namespace: None,
                at: 0,
            });
        }
        for (who, needs) in needs.iter().enumerate() {
            for &what in *needs {
                model.need(Node(who), Node(what));
            }
        }
        model
    }

    fn flat(model: &Model, who: usize, entries: &[usize]) -> Vec<i32> {
        let mut walk = Walk {
            model,
            has_entry: entries.iter().map(|&at| Node(at).dump_id()).collect(),
            fruitless: HashSet::new(),
        };
        walk.needs(Node(who))
            .into_iter()
            .map(|id| id.0 - 1)
            .collect()
    }

    #[test]
    fn an_object_without_an_entry_stands_for_what_it_needs() {
        let model = model(&[&[], &[0, 0], &[1, 0], &[]]);
        assert_eq!(flat(&model, 2, &[0, 1]), [1, 0]);
        assert_eq!(flat(&model, 2, &[0]), [0, 0, 0]);
        assert_eq!(flat(&model, 2, &[3]), [0; 0]);
    }

    #[test]
    fn a_long_chain_with_many_ways_has_an_end() {
        let levels: Vec<Vec<usize>> = (0..40_usize)
            .map(|at| vec![at.saturating_sub(1); 20])
            .collect();
        let mut levels: Vec<&[usize]> = levels.iter().map(Vec::as_slice).collect();
        levels[0] = &[];
        let chain = model(&levels);
        assert!(flat(&chain, 39, &[39]).is_empty());
        let found = flat(&chain, 39, &[0]);
        assert!(!found.is_empty() && found.iter().all(|&at| at == 0));
    }
}
