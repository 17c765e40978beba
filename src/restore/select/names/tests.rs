//! Tests of the meaning of names, plain ones and patterns.

use super::*;
use crate::restore::testing::{entry, toc};
use crate::toc::{DumpId, Toc};

fn sample() -> Toc {
    let mut trigger = entry(6, ObjectKind::Trigger, Some("app"), "a b touch me");
    trigger.dependencies = vec![DumpId(1)];
    toc(vec![
        entry(1, ObjectKind::Table, Some("app"), "a b"),
        entry(2, ObjectKind::Table, Some("app"), "Jobs"),
        entry(3, ObjectKind::Table, Some("other"), "jobs"),
        entry(4, ObjectKind::View, Some("other"), "app.jobs"),
        entry(5, ObjectKind::Index, Some("app"), "jobs_key"),
        trigger,
        entry(7, ObjectKind::Function, Some("app"), "f(integer, app.kind)"),
        entry(8, ObjectKind::Procedure, Some("other"), "f()"),
        entry(9, ObjectKind::Extension, None, "jobs"),
    ])
}

fn chosen(set: impl Fn(&mut Selection)) -> Vec<i32> {
    let mut selection = Selection::default();
    set(&mut selection);
    let filters = Filters::new(&selection).unwrap();
    let toc = sample();
    let lookup = Lookup::new(&toc);
    let entries = toc.entries.iter();
    let chosen = entries.filter(|entry| filters.let_through(&lookup, entry));
    chosen.map(|entry| entry.dump_id.0).collect()
}

fn names(names: &[&str]) -> Vec<BString> {
    names.iter().copied().map(BString::from).collect()
}

#[test]
fn a_plain_name_is_compared_byte_by_byte_in_every_schema() {
    let tables = |given: &[&str]| chosen(|selection| selection.tables = names(given));
    assert_eq!(tables(&["jobs"]), [3]);
    assert_eq!(tables(&["Jobs"]), [2]);
    assert_eq!(tables(&["a b", "jobs"]), [1, 3]);
    assert!(tables(&["JOBS"]).is_empty());
}

#[test]
fn wildcards_dots_and_quotes_make_a_pattern() {
    let tables = |given: &str| chosen(|selection| selection.tables = names(&[given]));
    assert_eq!(tables("*.jobs"), [3]);
    assert_eq!(tables("*o*"), [2, 3, 4]);
    assert_eq!(tables("app.\"Jobs\""), [2]);
    assert_eq!(tables("\"jobs\""), [3]);
    assert_eq!(tables("jobs.other.jobs"), [3]);
    assert!(tables("elsewhere.other.jobs").is_empty());
    // As it stands it is the name of a view, which pg_restore would find.
    assert_eq!(tables("app.jobs"), [4]);
    assert!(tables("app.Jobs").is_empty(), "letters are folded");
}

#[test]
fn schemas_take_their_objects_along_and_no_others() {
    let schemas = |given: &str| chosen(|selection| selection.schemas = names(&[given]));
    assert_eq!(schemas("oth*"), [3, 4, 8]);
    assert_eq!(schemas("jobs.other"), [3, 4, 8]);
    assert!(schemas("App").is_empty());
    let without = chosen(|selection| selection.exclude_schemas = names(&["a??"]));
    assert_eq!(without, [3, 4, 8, 9]);
}

#[test]
fn functions_and_triggers_are_found_by_their_bare_names_too() {
    let functions = |given: &str| chosen(|selection| selection.functions = names(&[given]));
    assert_eq!(functions("f(integer, app.kind)"), [7]);
    assert_eq!(functions("app.f(integer, app.kind)"), [7]);
    assert_eq!(functions("app.f(*app.kind)"), [7]);
    assert_eq!(functions("f"), [7, 8]);
    assert_eq!(functions("other.f"), [8]);
    assert!(functions("f(integer)").is_empty());
    let triggers = |given: &str| chosen(|selection| selection.triggers = names(&[given]));
    assert_eq!(triggers("a b touch me"), [6]);
    assert_eq!(triggers("touch me"), [6]);
    assert_eq!(triggers("app.\"touch me\""), [6]);
    assert!(triggers("me").is_empty());
}

#[test]
fn options_for_objects_add_to_one_another_within_the_schemas() {
    let both = chosen(|selection| {
        selection.tables = names(&["jobs"]);
        selection.indexes = names(&["app.jobs_*"]);
    });
    assert_eq!(both, [3, 5]);
    let within = chosen(|selection| {
        selection.schemas = names(&["app"]);
        selection.tables = names(&["*"]);
        selection.functions = names(&["f"]);
    });
    assert_eq!(within, [1, 2, 7]);
}

#[test]
fn names_that_match_nothing_are_told() {
    let selection = Selection {
        schemas: names(&["app", "nope"]),
        exclude_schemas: names(&["nobody asks"]),
        tables: names(&["jobs", "T*"]),
        indexes: names(&["jobs_key", "jobs"]),
        functions: names(&["f()", "g"]),
        triggers: names(&["touch me", "touch"]),
        ..Selection::default()
    };
    let filters = Filters::new(&selection).unwrap();
    let unmatched = filters.unmatched(&[Lookup::new(&sample())]);
    let texts: Vec<&str> = unmatched.iter().map(|name| name.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "schema \"nope\"",
            "table \"T*\"",
            "index \"jobs\"",
            "function \"g\"",
            "trigger \"touch\""
        ]
    );
}

#[test]
fn a_name_with_too_many_dots_is_refused() {
    let refused = |selection: Selection| Filters::new(&selection).err().map(|e| e.to_string());
    let said = refused(Selection {
        tables: names(&["a.b.c.d"]),
        ..Selection::default()
    });
    assert_eq!(
        said.as_deref(),
        Some("improper qualified name (too many dotted names): a.b.c.d")
    );
    let schema = Selection {
        schemas: names(&["a.b.c"]),
        ..Selection::default()
    };
    assert!(refused(schema).is_some());
}
