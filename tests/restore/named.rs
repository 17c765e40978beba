//! Objects by their names and patterns, and the less common options of pg_restore, in real servers.

use pgark::restore::{Content, Error, RestoreOptions, Selection};

use super::ground::{Small, objects, options, planned, refused, restored, try_restore};
use crate::need;
use crate::support::cluster::Cluster;

fn choosing(selection: Selection) -> RestoreOptions {
    RestoreOptions {
        selection,
        allow_non_empty: true,
        ..options()
    }
}

/// What a restore with this selection would do, the names of its steps.
fn steps(target: &Cluster, small: &Small, selection: Selection) -> Vec<String> {
    let plan = planned(target, &small.store, &choosing(selection));
    assert!(plan.is_possible(), "{:#?}", plan.findings);
    let steps = plan.databases[0].steps.iter();
    steps.map(|(_, step)| step.clone()).collect()
}

#[test]
fn patterns_name_tables_indexes_functions_and_rules_out_schemas() {
    let small = need!(Small::new("n_patterns"));
    let target = small.target(&[]);
    target.create_database("n_patterns");
    let selection = Selection {
        tables: vec!["app.par*".into(), "other.\"notes\"".into()],
        indexes: vec!["child_by_*".into()],
        functions: vec!["twice".into()],
        ..Selection::default()
    };
    assert_eq!(
        steps(target, &small, selection.clone()),
        [
            "FUNCTION app.twice(integer)",
            "TABLE app.parent",
            "COMMENT app.TABLE parent",
            "TABLE other.notes",
            "TABLE DATA app.parent",
            "TABLE DATA other.notes",
            "INDEX app.child_by_payload",
            "ACL app.TABLE parent",
        ]
    );
    let without = Selection {
        exclude_schemas: vec!["a*".into()],
        ..selection
    };
    assert_eq!(
        steps(target, &small, without),
        ["TABLE other.notes", "TABLE DATA other.notes"]
    );
}

#[test]
fn strict_names_refuse_what_matches_nothing() {
    let small = need!(Small::new("n_strict"));
    let target = small.target(&[]);
    target.create_database("n_strict");
    let selection = Selection {
        tables: vec!["notes".into(), "nots".into()],
        schemas: vec!["oth?r".into(), "none*".into()],
        ..Selection::default()
    };
    let lenient = planned(target, &small.store, &choosing(selection.clone()));
    let notices: Vec<&str> = lenient.findings.iter().map(|f| f.text.as_str()).collect();
    assert_eq!(
        notices,
        [
            "no schema \"none*\" is in the archive",
            "no table \"nots\" is in the archive"
        ]
    );
    let strict = choosing(Selection {
        strict_names: true,
        ..selection
    });
    let error = refused(target, &small.store, &strict);
    assert!(matches!(error, Error::UnknownNames { .. }), "{error:?}");
    assert_eq!(
        error.to_string(),
        "the archive holds no schema \"none*\", no table \"nots\""
    );
}

#[test]
fn no_trigger_sees_the_rows_and_no_key_is_checked() {
    let small = need!(Small::new("n_triggers"));
    let target = small.target(&[]);
    target.create_database("n_triggers");
    let schema = Selection {
        content: Content::SCHEMA_ONLY,
        ..Selection::default()
    };
    restored(target, &small.store, &choosing(schema));
    target.psql(
        "n_triggers",
        "CREATE FUNCTION app.no() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE 'a trigger sees %', NEW; END $$;
         CREATE TRIGGER no BEFORE INSERT ON app.child FOR EACH ROW EXECUTE FUNCTION app.no()",
    );
    let mut child = choosing(Selection {
        content: Content::DATA_ONLY,
        tables: vec!["child".into()],
        ..Selection::default()
    });
    let outcome = try_restore(target, &small.store, &child).unwrap();
    assert!(outcome.failures[0].message.contains("a trigger sees"));
    child.disable_triggers = true;
    child.superuser = Some("postgres".into());
    restored(target, &small.store, &child);
    let count = "SELECT count(*) FROM app.child WHERE parent NOT IN (SELECT id FROM app.parent)";
    assert_eq!(target.psql("n_triggers", count), "5000");
    let disabled = "SELECT count(*) FROM pg_trigger WHERE tgenabled <> 'O'";
    assert_eq!(target.psql("n_triggers", disabled), "0");
}

#[test]
fn a_table_that_is_there_already_gets_no_rows_unless_asked() {
    let small = need!(Small::new("n_unfed"));
    let target = small.target(&[]);
    target.create_database("n_unfed");
    target.psql(
        "n_unfed",
        "CREATE SCHEMA other; CREATE TABLE other.notes (note text)",
    );
    let mut options = choosing(Selection {
        tables: vec!["notes".into()],
        ..Selection::default()
    });
    options.no_data_for_failed_tables = true;
    let outcome = try_restore(target, &small.store, &options).unwrap();
    assert_eq!(objects(&outcome.failures), ["TABLE other.notes"]);
    assert_eq!(outcome.failures[0].skipped, ["TABLE DATA other.notes"]);
    let count = || target.psql("n_unfed", "SELECT count(*) FROM other.notes");
    assert_eq!(count(), "0");
    options.no_data_for_failed_tables = false;
    let outcome = try_restore(target, &small.store, &options).unwrap();
    assert_eq!(objects(&outcome.failures), ["TABLE other.notes"]);
    assert_eq!(count(), "4");
}
