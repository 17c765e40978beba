//! Tests of the entries that come along, on a hand-made table of contents.

use super::*;
use crate::restore::testing::{entry, toc};
use crate::toc::{DumpId, Toc};

/// Two tables that refer to one another's worlds, and all there is about them.
fn sample() -> Toc {
    use ObjectKind as Kind;
    let on = |id: i32, kind: Kind, tag: &str, dependencies: &[i32]| {
        let mut entry = entry(id, kind, Some("s"), tag);
        entry.dependencies = dependencies.iter().copied().map(DumpId).collect();
        entry
    };
    let mut schema = on(1, Kind::Schema, "s", &[]);
    schema.namespace = None;
    let mut extension = on(50, Kind::Extension, "hstore", &[]);
    extension.namespace = None;
    let mut owned_by = on(13, Kind::SequenceOwnedBy, "t_id_seq", &[12]);
    owned_by.defn = Some("ALTER SEQUENCE s.t_id_seq OWNED BY s.\"t\".id;\n".into());
    toc(vec![
        schema,
        on(2, Kind::Type, "mood", &[]),
        on(3, Kind::Function, "touch()", &[]),
        on(4, Kind::Comment, "TYPE mood", &[2]),
        on(10, Kind::Table, "t", &[2]),
        on(11, Kind::Acl, "TABLE t", &[10]),
        on(12, Kind::Sequence, "t_id_seq", &[]),
        owned_by,
        on(14, Kind::Default, "t id", &[10, 12]),
        on(20, Kind::Table, "t2", &[]),
        on(21, Kind::View, "v", &[10]),
        on(22, Kind::Table, "part", &[]),
        on(23, Kind::TableAttach, "part", &[20, 22]),
        on(30, Kind::TableData, "t", &[10]),
        on(31, Kind::TableData, "part", &[22]),
        on(32, Kind::SequenceSet, "t_id_seq", &[12]),
        on(40, Kind::Constraint, "t t_pkey", &[10, 30]),
        on(41, Kind::Constraint, "t2 t2_pkey", &[20]),
        on(42, Kind::Index, "by_mood", &[10, 30]),
        on(43, Kind::Trigger, "t touch", &[10, 3]),
        on(44, Kind::FkConstraint, "t t_fkey", &[10, 20, 41]),
        on(45, Kind::Comment, "CONSTRAINT t_fkey ON t", &[44]),
        on(46, Kind::Policy, "t mine", &[10]),
        extension,
    ])
}

fn along(seeds: &[i32], excluded: &[i32]) -> Vec<i32> {
    let toc = sample();
    let named = |entry: &TocEntry| seeds.contains(&entry.dump_id.0);
    let seeds = toc.entries.iter().map(named).collect();
    let is_excluded = |entry: &TocEntry| excluded.contains(&entry.dump_id.0);
    let chosen = with_dependants(&Lookup::new(&toc), seeds, &is_excluded);
    let entries = toc.entries.iter().zip(chosen).filter(|(_, chosen)| *chosen);
    entries.map(|(entry, _)| entry.dump_id.0).collect()
}

/// The extension is there for the body of the trigger's function.
const OF_T: [i32; 16] = [1, 2, 3, 4, 10, 11, 12, 13, 14, 30, 32, 40, 42, 43, 46, 50];

#[test]
fn a_table_comes_with_what_it_needs_and_owns_and_without_views_on_it() {
    assert_eq!(along(&[10], &[]), OF_T);
}

#[test]
fn a_foreign_key_comes_with_both_its_tables() {
    let mut both = OF_T.to_vec();
    both.extend([20, 22, 23, 31, 41, 44, 45]);
    both.sort_unstable();
    assert_eq!(along(&[10, 20], &[]), both);
}

#[test]
fn a_partitioned_table_comes_with_its_partitions_and_a_partition_alone() {
    assert_eq!(along(&[20], &[]), [1, 20, 22, 23, 31, 41]);
    assert_eq!(along(&[22], &[]), [1, 22, 31]);
}

#[test]
fn what_is_needed_comes_whole() {
    let mut view = OF_T.to_vec();
    view.push(21);
    view.sort_unstable();
    assert_eq!(along(&[21], &[]), view);
    assert_eq!(along(&[43], &[]), OF_T, "a trigger needs its table");
}

#[test]
fn a_sequence_is_no_reason_for_its_table() {
    assert_eq!(along(&[12], &[]), [1, 12, 32]);
}

#[test]
fn nothing_excluded_is_brought() {
    let without: Vec<i32> = OF_T
        .into_iter()
        .filter(|id| ![2, 4, 43, 3, 50].contains(id))
        .collect();
    assert_eq!(along(&[10], &[2, 43]), without);
}
