//! Parts of an archive: schemas, tables, sections, definitions or data.

use pgark::restore::{Content, RestoreOptions, Sections, Selection};

use super::ground::{Small, options, restored};
use crate::need;
use crate::support::cluster::Cluster;
use crate::support::equality::assert_equal;

fn tables(target: &Cluster, database: &str) -> String {
    target.psql(
        database,
        "SELECT string_agg(oid::regclass::text, ' ' ORDER BY oid::regclass::text) FROM pg_class \
         WHERE relkind IN ('r', 'v', 'm', 'S', 'i') AND relnamespace::regnamespace::text IN ('app', 'other')",
    )
}

fn choosing(selection: Selection) -> RestoreOptions {
    RestoreOptions {
        selection,
        allow_non_empty: true,
        ..options()
    }
}

#[test]
fn sections_one_after_the_other_make_the_whole() {
    let small = need!(Small::new("c_sections"));
    let target = small.target(&[]);
    target.create_database("c_sections");
    target.psql(
        "c_sections",
        "ALTER DATABASE c_sections SET work_mem = '5MB'",
    );
    let none = Sections {
        pre_data: false,
        data: false,
        post_data: false,
    };
    for sections in [
        Sections {
            pre_data: true,
            ..none
        },
        Sections { data: true, ..none },
        Sections {
            post_data: true,
            ..none
        },
    ] {
        // Not allowed to be empty: what earlier sections made is expected.
        let options = RestoreOptions {
            selection: Selection {
                sections,
                ..Selection::default()
            },
            ..options()
        };
        restored(target, &small.store, &options);
    }
    assert_equal(small.source(), "c_sections", target, "c_sections");
}

#[test]
fn a_table_comes_without_its_index_and_a_schema_without_itself() {
    let small = need!(Small::new("c_parts"));
    let target = small.target(&[]);
    target.create_database("c_parts");
    target.psql(
        "c_parts",
        "CREATE SCHEMA app; CREATE SCHEMA other; CREATE TABLE app.here ()",
    );
    let one = Selection {
        tables: vec!["notes".into(), "counter".into()],
        ..Selection::default()
    };
    restored(target, &small.store, &choosing(one));
    assert_eq!(
        tables(target, "c_parts"),
        "app.here other.counter other.notes"
    );
    assert_eq!(
        target.psql("c_parts", "SELECT count(*) FROM other.notes"),
        "4"
    );
    let schema = Selection {
        schemas: vec!["app".into()],
        ..Selection::default()
    };
    restored(target, &small.store, &choosing(schema));
    assert_eq!(
        tables(target, "c_parts"),
        "app.child app.child_by_payload app.child_id_seq app.child_pkey app.here app.parent \
         app.parent_pkey other.counter other.notes"
    );
    assert_eq!(
        target.psql("c_parts", "SELECT count(*) FROM app.child"),
        "5000"
    );
}

#[test]
fn definitions_alone_and_then_rows_alone() {
    let small = need!(Small::new("c_halves"));
    let target = small.target(&[]);
    target.create_database("c_halves");
    let schema_only = RestoreOptions {
        selection: Selection {
            content: Content::SCHEMA_ONLY,
            ..Selection::default()
        },
        ..options()
    };
    let outcome = restored(target, &small.store, &schema_only);
    assert_eq!(outcome.databases[0].rows, 0);
    assert_eq!(
        target.psql("c_halves", "SELECT count(*) FROM app.parent"),
        "0"
    );
    // Rows of a table go in although another that it refers to may come later: no key is checked
    // where both are loaded by one worker in dump order, so only the parents first.
    for table in ["parent", "child", "notes"] {
        let data_only = RestoreOptions {
            selection: Selection {
                content: Content::DATA_ONLY,
                tables: vec![table.into()],
                ..Selection::default()
            },
            ..options()
        };
        restored(target, &small.store, &data_only);
    }
    assert_eq!(
        target.psql("c_halves", "SELECT count(*) FROM app.child"),
        "5000"
    );
}

#[test]
fn without_owners_and_grants_no_role_is_needed() {
    let small = need!(Small::new("c_no_roles"));
    let target = small.target(&[]);
    target.create_database("c_no_roles");
    let options = RestoreOptions {
        selection: Selection {
            owners: false,
            privileges: false,
            ..Selection::default()
        },
        ..options()
    };
    restored(target, &small.store, &options);
    let owners =
        "SELECT DISTINCT relowner::regrole FROM pg_class WHERE relnamespace = 'app'::regnamespace";
    assert_eq!(target.psql("c_no_roles", owners), "postgres");
    let objects = "SELECT DISTINCT lomowner::regrole FROM pg_largeobject_metadata";
    assert_eq!(target.psql("c_no_roles", objects), "postgres");
}

#[test]
fn a_role_becomes_the_owner_of_what_has_no_other() {
    let small = need!(Small::new("c_role"));
    let target = small.target(&[]);
    target.psql(
        "postgres",
        "DROP ROLE IF EXISTS keeper; CREATE ROLE keeper CREATEDB CREATEROLE SUPERUSER",
    );
    let options = RestoreOptions {
        role: Some("keeper".into()),
        create: true,
        selection: Selection {
            owners: false,
            ..Selection::default()
        },
        ..options()
    };
    restored(target, &small.store, &options);
    let owners =
        "SELECT DISTINCT relowner::regrole FROM pg_class WHERE relnamespace = 'app'::regnamespace";
    assert_eq!(target.psql("c_role", owners), "keeper");
}
