//! `--with-dependants`: from the objects that were named to all that they need and own.
//!
//! Pure. An entry's needs are its dependencies, theirs, and its schema. The possessions of a table, view,
//! sequence or domain are its rows, indexes, constraints, triggers, policies, rules, defaults, statistics,
//! owned sequences and, of a partitioned table, its partitions. A foreign key comes along where both its ends
//! do. Grants, comments and security labels come with their objects. Bodies of functions record no needs; so
//! extensions come along. The other direction is not followed: views on a table, functions that use it,
//! publications it is in.

use std::collections::HashMap;

use bstr::ByteSlice;

use super::lookup::Lookup;
use crate::toc::kind::{BelongsTo, Family};
use crate::toc::lex;
use crate::toc::{ObjectKind, TocEntry};

/// `seeds` with everything that they need and own, which is in the result too. Nothing that `is_excluded`
/// comes along.
pub(crate) fn with_dependants(
    lookup: &Lookup<'_>,
    seeds: Vec<bool>,
    is_excluded: &dyn Fn(&TocEntry) -> bool,
) -> Vec<bool> {
    let mut closure = Closure {
        lookup,
        excluded: is_excluded,
        owned: owned(lookup),
        schemas: schemas(lookup),
        chosen: vec![false; seeds.len()],
        to_follow: Vec::new(),
    };
    let positions = seeds.into_iter().enumerate();
    for (position, _) in positions.filter(|(_, is_seed)| *is_seed) {
        closure.choose(position);
    }
    closure.follow();
    closure.add_extensions();
    closure.add_joints();
    closure.add_subordinates();
    closure.chosen
}

struct Closure<'a> {
    lookup: &'a Lookup<'a>,
    excluded: &'a dyn Fn(&TocEntry) -> bool,
    /// The possessions of each entry.
    owned: HashMap<usize, Vec<usize>>,
    /// The entries of schemas by their names.
    schemas: HashMap<&'a [u8], usize>,
    chosen: Vec<bool>,
    /// Chosen entries whose needs and possessions are still to be chosen.
    to_follow: Vec<usize>,
}

impl Closure<'_> {
    fn choose(&mut self, position: usize) {
        let entry = &self.lookup.toc.entries[position];
        if !self.chosen[position] && !(self.excluded)(entry) {
            self.chosen[position] = true;
            self.to_follow.push(position);
        }
    }

    fn follow(&mut self) {
        while let Some(position) = self.to_follow.pop() {
            let entry = &self.lookup.toc.entries[position];
            let schema = entry.namespace.as_ref().map(|name| name.as_slice());
            let schema = schema.and_then(|name| self.schemas.get(name).copied());
            let owned = self.owned.remove(&position).unwrap_or_default();
            let needed = dependencies(self.lookup, entry).chain(schema);
            for other in needed.chain(owned).collect::<Vec<usize>>() {
                self.choose(other);
            }
        }
    }

    /// The body of a function and the operator classes of an exclusion constraint are in nobody's
    /// dependencies. Where there is such a thing, the archive's extensions come along.
    fn add_extensions(&mut self) {
        let entries = &self.lookup.toc.entries;
        let mut chosen = entries.iter().zip(&self.chosen);
        if !chosen.any(|(entry, is_chosen)| *is_chosen && has_hidden_needs(entry)) {
            return;
        }
        for (position, entry) in entries.iter().enumerate() {
            if entry.kind == ObjectKind::Extension {
                self.choose(position);
            }
        }
        self.follow();
    }

    /// An entry that joins several objects comes where all of them do.
    fn add_joints(&mut self) {
        for (position, entry) in self.lookup.toc.entries.iter().enumerate() {
            let mut ends = dependencies(self.lookup, entry).peekable();
            if is_joint(&entry.kind) && ends.peek().is_some() && ends.all(|end| self.chosen[end]) {
                self.chosen[position] |= !(self.excluded)(entry);
            }
        }
    }

    /// Comments and grants come with their object. A grant on a column also depends on that on its table, for
    /// order only.
    fn add_subordinates(&mut self) {
        let entries = &self.lookup.toc.entries;
        for (position, entry) in entries.iter().enumerate() {
            let mut about = dependencies(self.lookup, entry)
                .filter(|&position| entries[position].kind != ObjectKind::Acl);
            if is_subordinate(entry) && about.any(|position| self.chosen[position]) {
                self.chosen[position] |= !(self.excluded)(entry);
            }
        }
    }
}

fn dependencies<'a>(
    lookup: &'a Lookup<'_>,
    entry: &'a TocEntry,
) -> impl Iterator<Item = usize> + use<'a> {
    let ids = entry.dependencies.iter();
    ids.filter_map(|id| lookup.position(*id))
}

fn schemas<'a>(lookup: &Lookup<'a>) -> HashMap<&'a [u8], usize> {
    let entries = lookup.toc.entries.iter().enumerate();
    entries
        .filter(|(_, entry)| entry.kind == ObjectKind::Schema)
        .map(|(position, entry)| (entry.tag.as_slice(), position))
        .collect()
}

fn owned(lookup: &Lookup<'_>) -> HashMap<usize, Vec<usize>> {
    let entries = || lookup.toc.entries.iter().enumerate();
    let tables: HashMap<(&[u8], &[u8]), usize> = entries()
        .filter(|(_, entry)| entry.kind.is_table())
        .map(|(position, entry)| ((entry.schema(), entry.tag.as_slice()), position))
        .collect();
    let mut owned: HashMap<usize, Vec<usize>> = HashMap::new();
    for (position, entry) in entries() {
        let owner = match entry.kind {
            ObjectKind::SequenceOwnedBy => owning_table(entry, &tables),
            _ => owner(lookup, entry),
        };
        if let Some(owner) = owner {
            owned.entry(owner).or_default().push(position);
        }
    }
    owned
}

/// The table in `ALTER SEQUENCE s.q OWNED BY s.t.c`, which is no dependency of the entry.
fn owning_table(entry: &TocEntry, tables: &HashMap<(&[u8], &[u8]), usize>) -> Option<usize> {
    let words = lex::words(entry.definition());
    let by = words
        .windows(2)
        .position(|pair| pair == [&b"OWNED"[..], &b"BY"[..]])?;
    let (schema, table) = (words.get(by + 2)?, words.get(by + 3)?);
    let (schema, table) = (lex::name(schema), lex::name(table));
    tables.get(&(schema.as_slice(), table.as_slice())).copied()
}

/// The entry that another belongs to, which is one of its dependencies.
fn owner(lookup: &Lookup<'_>, entry: &TocEntry) -> Option<usize> {
    let of = |position: &usize| &lookup.toc.entries[*position];
    let mut candidates = dependencies(lookup, entry).filter(|position| can_own(&of(position).kind));
    let is_relation =
        |kind: &ObjectKind| !matches!(kind, ObjectKind::Sequence | ObjectKind::Domain);
    match entry.kind.facts().belongs_to {
        BelongsTo::Nothing => None,
        BelongsTo::Relation => candidates.find(|owner| is_relation(&of(owner).kind)),
        BelongsTo::Namesake => candidates.find(|owner| bears_name_of(entry, of(owner))),
        BelongsTo::Table => candidates.find(|owner| of(owner).kind.is_table()),
        BelongsTo::Sequence => candidates.find(|owner| of(owner).kind == ObjectKind::Sequence),
        BelongsTo::TableAbove => {
            candidates.find(|owner| of(owner).kind.is_table() && !bears_name_of(entry, of(owner)))
        }
    }
}

fn can_own(kind: &ObjectKind) -> bool {
    kind.is_relation() || *kind == ObjectKind::Domain
}

fn bears_name_of(entry: &TocEntry, owner: &TocEntry) -> bool {
    let rest = entry.tag.strip_prefix(owner.tag.as_slice());
    entry.namespace == owner.namespace
        && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b" "))
}

fn has_hidden_needs(entry: &TocEntry) -> bool {
    match entry.kind {
        ObjectKind::Function | ObjectKind::Procedure => true,
        ObjectKind::Constraint => entry.definition().contains_str(" EXCLUDE USING "),
        _ => false,
    }
}

/// Entries between objects that belong to none of them alone.
fn is_joint(kind: &ObjectKind) -> bool {
    matches!(kind, ObjectKind::FkConstraint | ObjectKind::IndexAttach)
}

/// Entries about another object, wanted with it.
pub(crate) fn is_subordinate(entry: &TocEntry) -> bool {
    matches!(
        entry.kind.facts().family,
        Family::Remark | Family::Statistics
    )
}

#[cfg(test)]
mod tests;
