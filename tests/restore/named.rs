//! Objects by their names and patterns, and the less common options of pg_restore, in real servers.

use pgark::monitor::Monitor;
use pgark::restore::{
    Content, Detail, Error, RestoreOptions, RestrictKey, RoleChoice, Selection, list, script,
};

use super::ground::{
    Small, block_on, objects, options, planned, refused, restored, try_restore, under,
};
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
            "no table \"nots\" is in the archive; did you mean other.notes?"
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
        "database \"n_strict\" of the archive holds no schema \"none*\", no table \"nots\""
    );
}

/// The error, and what it advises; nothing was done.
#[track_caller]
fn refused_with_hint(target: &Cluster, small: &Small, options: &RestoreOptions) -> [String; 2] {
    let error = refused(target, &small.store, options);
    let hint = error.hint().unwrap_or_default();
    [error.to_string(), hint]
}

#[test]
fn names_that_choose_nothing_are_an_error_and_nothing_is_done() {
    let small = need!(Small::new("n_nothing"));
    let target = small.target(&[]);
    target.create_database("n_nothing");
    let tables = |names: &[&str]| Selection {
        tables: names.iter().map(|&name| name.into()).collect(),
        ..Selection::default()
    };
    let [error, hint] = refused_with_hint(target, &small, &choosing(tables(&["nots", "none"])));
    assert_eq!(
        error,
        "database \"n_nothing\" of the archive holds no table \"nots\", no table \"none\""
    );
    assert!(hint.starts_with("Did you mean other.notes? "), "{hint}");
    // Both are there, the one not in the other.
    let apart = Selection {
        schemas: vec!["app".into()],
        ..tables(&["notes"])
    };
    let [error, _] = refused_with_hint(target, &small, &choosing(apart));
    assert_eq!(
        error,
        "database \"n_nothing\" of the archive holds nothing that all names together mean"
    );
    let schema = Selection {
        schemas: vec!["App".into()],
        ..Selection::default()
    };
    let [error, hint] = refused_with_hint(target, &small, &choosing(schema.clone()));
    assert_eq!(
        error,
        "database \"n_nothing\" of the archive holds no schema \"App\""
    );
    assert!(hint.starts_with("Did you mean app? "), "{hint}");
    // So it is of a list and of a script, which ask no server.
    let listed = block_on(list(
        &small.store,
        &choosing(schema.clone()),
        Detail::Wanted,
        &Monitor::void(),
    ));
    assert!(
        matches!(listed, Err(Error::UnknownNames { .. })),
        "{listed:?}"
    );
    let mut out = Vec::new();
    let (key, options) = (RestrictKey::new("x".into()).unwrap(), choosing(schema));
    let monitor = Monitor::void();
    let written = block_on(script(&small.store, &options, &key, &mut out, &monitor));
    assert!(
        matches!(written, Err(Error::UnknownNames { .. })),
        "{written:?}"
    );
    assert!(out.is_empty());
    let count =
        "SELECT count(*) FROM pg_namespace WHERE nspname IN ('app', 'other', 'pgark_restore')";
    assert_eq!(target.psql("n_nothing", count), "0");
}

#[test]
fn a_role_that_the_archive_does_not_name_cannot_be_mapped() {
    let small = need!(Small::new("n_mapped"));
    let target = small.target(&[]);
    target.create_database("n_mapped");
    let map = |roles: &[&str]| RestoreOptions {
        map_roles: roles
            .iter()
            .map(|&role| RoleChoice {
                source: role.into(),
                target: "postgres".into(),
            })
            .collect(),
        ..options()
    };
    let [error, hint] = refused_with_hint(target, &small, &map(&["n_maped_a", "n_mapped_b"]));
    assert_eq!(error, "--map-role: the archive names no role \"n_maped_a\"");
    assert!(
        hint.starts_with("Did you mean \"n_mapped_a\"? It names "),
        "{hint}"
    );
    let count = "SELECT count(*) FROM pg_namespace WHERE nspname IN ('app', 'pgark_restore')";
    assert_eq!(target.psql("n_mapped", count), "0");
    restored(target, &small.store, &map(&["n_mapped_a", "n_mapped_b"]));
    let owned = "SELECT count(*) FROM pg_shdepend s JOIN pg_roles r ON r.oid = refobjid \
                 WHERE rolname ~ '^n_mapped_'";
    assert_eq!(target.psql("n_mapped", owned), "0");
}

#[test]
fn a_role_that_only_the_rest_of_the_archive_names_is_a_notice() {
    let small = need!(Small::new("n_rest"));
    let target = small.target(&[]);
    // Of the server's roles, one that owns nothing in the database.
    small.source().psql(
        "postgres",
        "DROP ROLE IF EXISTS n_rest_c; CREATE ROLE n_rest_c",
    );
    let store = small
        .ground
        .dump(small.source(), &["n_rest", "postgres"], 16 << 10);
    small.source().psql("postgres", "DROP ROLE n_rest_c");
    target.create_database("n_rest");
    let options = RestoreOptions {
        databases: under("n_rest", "n_rest"),
        map_roles: vec![RoleChoice {
            source: "n_rest_c".into(),
            target: "postgres".into(),
        }],
        ..options()
    };
    let plan = planned(target, &store, &options);
    let said: Vec<&str> = plan.findings.iter().map(|f| f.text.as_str()).collect();
    assert_eq!(
        said,
        ["--map-role: no restored object names role \"n_rest_c\""]
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
