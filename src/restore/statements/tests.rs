//! Tests of the statements, entry by entry.

use super::creation::PARTITIONED_TABLE;
use super::*;
use crate::restore::options::RestoreOptions;
use crate::restore::testing::{entry, toc};
use crate::toc::{DumpId, ObjectKind, TocEntry};

fn owned(kind: ObjectKind, tag: &str, drop_stmt: &str) -> TocEntry {
    let mut entry = entry(7, kind, Some("app"), tag);
    entry.owner = Some("O'Neil".into());
    entry.drop_stmt = Some(drop_stmt.into());
    entry
}

fn owner_of(entry: &TocEntry) -> Option<String> {
    creation(&toc(vec![]), entry, Owners::Restore)
        .get(1)
        .map(ToString::to_string)
}

#[test]
fn the_prelude_is_the_targets() {
    let mut encoding = entry(1, ObjectKind::Encoding, None, "ENCODING");
    encoding.defn = Some("SET client_encoding = 'LATIN1';\n".into());
    let mut path = entry(2, ObjectKind::SearchPath, None, "SEARCHPATH");
    path.defn = Some("SELECT pg_catalog.set_config('search_path', '', false);\n".into());
    let toc = toc(vec![encoding, path]);
    let options = RestoreOptions {
        role: Some("a b".into()),
        ..RestoreOptions::default()
    };
    let text = prelude(&toc, 160_004, &options, Triggers::Leave).to_string();
    assert!(!text.contains("transaction_timeout"), "{text}");
    assert!(text.contains("client_encoding = 'LATIN1'"), "{text}");
    assert!(text.contains("'search_path', ''"), "{text}");
    assert!(text.contains("SET ROLE \"a b\";"), "{text}");
    let newer = prelude(&toc, 170_000, &RestoreOptions::default(), Triggers::Leave).to_string();
    assert!(newer.contains("transaction_timeout"), "{newer}");
    assert!(!newer.contains("SET ROLE"), "{newer}");
}

#[test]
fn defaults_are_set_only_where_they_differ() {
    let mut defaults = Defaults::default();
    let mut table = entry(1, ObjectKind::Table, Some("app"), "t");
    assert!(defaults.switch_to(&table).is_empty());
    table.tablespace = Some("".into());
    table.table_am = Some("heap".into());
    assert_eq!(
        defaults.switch_to(&table),
        [
            "SET default_tablespace = '';\n",
            "SET default_table_access_method = \"heap\";\n"
        ]
    );
    table.tablespace = Some("fast disk".into());
    assert_eq!(
        defaults.switch_to(&table),
        ["SET default_tablespace = \"fast disk\";\n"]
    );
    assert!(defaults.switch_to(&table).is_empty());
}

/// As `_selectOutputSchema` does: once for each change, and never to no schema.
#[test]
fn without_an_entry_for_the_path_each_entry_has_its_own() {
    let mut defaults = Defaults::of(&toc(vec![]));
    let mut path_for = |schema: Option<&str>| {
        let table = entry(1, ObjectKind::Table, schema, "t");
        defaults.switch_to(&table)
    };
    assert_eq!(
        path_for(Some("a b")),
        ["SET search_path = \"a b\", pg_catalog;\n"]
    );
    assert!(path_for(Some("a b")).is_empty());
    assert!(path_for(None).is_empty() && path_for(Some("")).is_empty());
    assert_eq!(
        path_for(Some("pg_catalog")),
        ["SET search_path = \"pg_catalog\";\n"]
    );
    let path = entry(2, ObjectKind::SearchPath, None, "SEARCHPATH");
    let mut defaults = Defaults::of(&toc(vec![path]));
    let table = entry(1, ObjectKind::Table, Some("a"), "t");
    assert!(defaults.switch_to(&table).is_empty());
}

#[test]
fn owners_are_set_as_each_kind_wants() {
    let cases = [
        (
            owned(ObjectKind::Table, "T x", "DROP TABLE app.\"T x\";\n"),
            Some("ALTER TABLE \"app\".\"T x\" OWNER TO \"O'Neil\";\n"),
        ),
        (
            owned(
                ObjectKind::Function,
                "f(integer)",
                "DROP FUNCTION app.f(integer);\n",
            ),
            Some("ALTER FUNCTION app.f(integer) OWNER TO \"O'Neil\";\n"),
        ),
        (
            owned(
                ObjectKind::OperatorClass,
                "c",
                "DROP OPERATOR CLASS app.c USING btree;\n",
            ),
            Some("ALTER OPERATOR CLASS app.c USING btree OWNER TO \"O'Neil\";\n"),
        ),
        (
            owned(
                ObjectKind::Blob,
                "4711",
                "SELECT pg_catalog.lo_unlink('4711');\n",
            ),
            Some("ALTER LARGE OBJECT 4711 OWNER TO \"O'Neil\";\n"),
        ),
        (owned(ObjectKind::Index, "i", "DROP INDEX app.i;\n"), None),
        (owned(ObjectKind::Table, "no drop", ""), None),
    ];
    for (entry, expected) in cases {
        assert_eq!(owner_of(&entry).as_deref(), expected, "{entry:?}");
    }
}

#[test]
fn without_owners_a_schema_is_created_without_authorization() {
    let mut schema = entry(1, ObjectKind::Schema, None, "app");
    schema.defn = Some("CREATE SCHEMA app AUTHORIZATION x;\n".into());
    schema.drop_stmt = Some("DROP SCHEMA app;\n".into());
    schema.owner = Some("x".into());
    let sql = creation(&toc(vec![]), &schema, Owners::Skip);
    assert_eq!(sql, ["CREATE SCHEMA \"app\";\n"]);
}

#[test]
fn a_partitioned_table_gets_its_access_method_afterwards() {
    let mut table = entry(1, ObjectKind::Table, Some("app"), "t");
    table.relkind = PARTITIONED_TABLE;
    table.table_am = Some("columnar".into());
    assert!(Defaults::default().switch_to(&table).is_empty());
    let sql = creation(&toc(vec![]), &table, Owners::Restore);
    assert_eq!(
        sql[1],
        "ALTER TABLE \"app\".\"t\" SET ACCESS METHOD \"columnar\";\n"
    );
}

#[test]
fn groups_of_large_objects_are_taken_apart() {
    let mut group = owned(ObjectKind::BlobMetadata, "1..2", "SELECT lo_unlink('1');\n");
    group.defn = Some("1\n2\n".into());
    let mut acl = entry(8, ObjectKind::Acl, None, "LARGE OBJECTS 1..2");
    acl.defn = Some("GRANT ALL ON LARGE OBJECT 1 TO \"LARGE OBJECT 9\";\n\n".into());
    acl.dependencies = vec![DumpId(7)];
    let toc = toc(vec![group.clone(), acl.clone()]);
    assert_eq!(
        creation(&toc, &group, Owners::Restore),
        [
            "SELECT pg_catalog.lo_create('1');\nSELECT pg_catalog.lo_create('2');\n",
            "ALTER LARGE OBJECT 1 OWNER TO \"O'Neil\";\nALTER LARGE OBJECT 2 OWNER TO \"O'Neil\";\n",
        ]
    );
    assert_eq!(
        creation(&toc, &acl, Owners::Restore),
        ["GRANT ALL ON LARGE OBJECT 1 TO \"LARGE OBJECT 9\";\n\
          GRANT ALL ON LARGE OBJECT 2 TO \"LARGE OBJECT 9\";\n"]
    );
}

#[test]
fn if_exists_goes_where_the_grammar_has_room() {
    let cases = [
        (
            ObjectKind::Table,
            "DROP TABLE a.t;\n",
            "DROP TABLE IF EXISTS a.t;\n",
        ),
        (
            ObjectKind::FkConstraint,
            "ALTER TABLE ONLY a.t DROP CONSTRAINT c;\n",
            "ALTER TABLE IF EXISTS ONLY a.t DROP CONSTRAINT IF EXISTS c;\n",
        ),
        (
            ObjectKind::Default,
            "ALTER TABLE a.t ALTER COLUMN c DROP DEFAULT;\n",
            "ALTER TABLE IF EXISTS a.t ALTER COLUMN c DROP DEFAULT;\n",
        ),
        (
            ObjectKind::Rule,
            "CREATE OR REPLACE VIEW a.v AS SELECT NULL::int AS x;\n",
            "CREATE OR REPLACE VIEW a.v AS SELECT NULL::int AS x;\n",
        ),
        (
            ObjectKind::Schema,
            "-- *not* dropping schema, since initdb creates it\n",
            "-- *not* dropping schema, since initdb creates it\n",
        ),
        (
            ObjectKind::Blob,
            "SELECT pg_catalog.lo_unlink('5');\n",
            "SELECT pg_catalog.lo_unlink(oid) FROM pg_catalog.pg_largeobject_metadata \
             WHERE oid = '5';\n",
        ),
    ];
    for (kind, sql, expected) in cases {
        let mut entry = owned(kind, "x", sql);
        entry.catalog_id.oid = 5;
        assert_eq!(drop(&entry, IfExists::Fail), Some(sql.into()));
        assert_eq!(drop(&entry, IfExists::PassOver), Some(expected.into()));
    }
}

#[test]
fn a_message_shows_no_secret() {
    let show = |kind, sql: &str| first_line(&kind, sql.as_bytes());
    assert_eq!(
        show(
            ObjectKind::RolePassword,
            "ALTER ROLE x PASSWORD 'SCRAM-SHA-256$4096:abc';"
        ),
        "ALTER ROLE x PASSWORD ..."
    );
    assert_eq!(
        show(
            ObjectKind::Subscription,
            "-- c\nCREATE SUBSCRIPTION s CONNECTION 'host=h password=p' PUBLICATION p;"
        ),
        "CREATE SUBSCRIPTION s CONNECTION ..."
    );
    assert_eq!(
        show(ObjectKind::Table, "\nCREATE TABLE a.t (\n x int\n);"),
        "CREATE TABLE a.t ("
    );
}
