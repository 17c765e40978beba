//! An order in which everything comes after what it needs: `TopoSort()` in pg_dump_sort.c.
//!
//! The result is filled from its end. Of the objects that nobody waits for, the last one of the given order
//! is taken, so that the result stays near to the given order.

use std::collections::BinaryHeap;

use super::super::model::Model;
use super::super::object::Node;

/// The sorted objects, or, if there are circles, what is left, by number.
pub(super) fn topological(nodes: &[Node], model: &Model) -> Result<Vec<Node>, Vec<Node>> {
    let needs = |node: Node| model.object(node).needs.as_slice();
    by_needs(nodes, needs)
}

fn by_needs<'a>(
    nodes: &[Node],
    needs: impl Fn(Node) -> &'a [Node],
) -> Result<Vec<Node>, Vec<Node>> {
    let mut waiting = vec![0_usize; nodes.len()];
    let mut place = vec![0_usize; nodes.len()];
    for (at, &node) in nodes.iter().enumerate() {
        place[node.0] = at;
        for other in needs(node) {
            waiting[other.0] += 1;
        }
    }
    let free = (0..nodes.len()).filter(|&at| waiting[nodes[at].0] == 0);
    let mut free: BinaryHeap<usize> = free.collect();
    let mut sorted = Vec::with_capacity(nodes.len());
    while let Some(at) = free.pop() {
        sorted.push(nodes[at]);
        for other in needs(nodes[at]) {
            waiting[other.0] -= 1;
            if waiting[other.0] == 0 {
                free.push(place[other.0]);
            }
        }
    }
    if sorted.len() == nodes.len() {
        sorted.reverse();
        return Ok(sorted);
    }
    let left = (0..nodes.len()).filter(|&number| waiting[number] != 0);
    Err(left.map(Node).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_nobody_waits_for_keeps_its_place() {
        let needs = [vec![], vec![Node(2)], vec![], vec![Node(0)]];
        let nodes = [Node(0), Node(1), Node(2), Node(3)];
        let sorted = by_needs(&nodes, |node| &needs[node.0]).unwrap();
        assert_eq!(sorted, [Node(0), Node(2), Node(1), Node(3)]);
    }

    #[test]
    fn members_of_a_circle_are_left_with_what_they_need() {
        let needs = [vec![Node(1)], vec![Node(0), Node(2)], vec![], vec![Node(0)]];
        let nodes = [Node(3), Node(2), Node(1), Node(0)];
        let left = by_needs(&nodes, |node| &needs[node.0]).unwrap_err();
        assert_eq!(left, [Node(0), Node(1), Node(2)]);
    }

    proptest! {
        #[test]
        fn everything_comes_after_what_it_needs(
            edges in proptest::collection::vec((0_usize..40, 0_usize..40), 0..200)
        ) {
            let mut needs = vec![vec![]; 40];
            for (a, b) in edges {
                // From a higher number to a lower one: no circles.
                if a > b {
                    needs[a].push(Node(b));
                }
            }
            let nodes: Vec<Node> = (0..40).map(|number| Node((number * 7) % 40)).collect();
            let sorted = by_needs(&nodes, |node| &needs[node.0]).unwrap();
            let place = |node: Node| sorted.iter().position(|own| *own == node).unwrap();
            for (number, needs) in needs.iter().enumerate() {
                for &other in needs {
                    prop_assert!(place(other) < place(Node(number)));
                }
            }
            prop_assert_eq!(sorted.len(), 40);
        }
    }
}
