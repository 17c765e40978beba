//! Judgements about made-up entries and rights.

use super::*;
use crate::restore::adapt::leave_out::Cut;
use crate::restore::target::rights::Rights;
use crate::restore::testing::{database, entry, options, toc, work};
use crate::toc::DumpId;
use crate::toc::ObjectKind;

fn sql(id: i32, kind: ObjectKind, tag: &str, sql: &str) -> TocEntry {
    TocEntry {
        defn: Some(sql.into()),
        ..entry(id, kind, Some("s"), tag)
    }
}

fn target(rights: &[(&str, &str)]) -> Target {
    Target {
        version_num: 150_018,
        user: "me".into(),
        extensions: ["citext".into(), "file_fdw".into()].into(),
        rights: Rights::of(rights),
        ..Target::default()
    }
}

/// The deeds that are found, each with its entry's tag; the database is created.
fn found(target: &Target, entries: Vec<TocEntry>) -> Vec<String> {
    let contents = Contents {
        databases: vec![database("d", toc(entries))],
        globals: None,
    };
    let options = RestoreOptions {
        create: true,
        ..options()
    };
    let work = [work(&contents.databases[0], &options)];
    let found = find(&contents, &work, target, &options);
    let entries = &contents.databases[0].toc.entries;
    let one = |item: &Forbidden| format!("{}: {}", entries[item.position].tag, item.deed);
    found.iter().map(one).collect()
}

/// Entries of which every other takes a superuser.
fn objects() -> Vec<TocEntry> {
    use ObjectKind as Kind;
    let base = "CREATE TYPE s.base (\n    INTERNALLENGTH = 8,\n    INPUT = s.base_in\n);";
    vec![
        sql(1, Kind::Type, "base", base),
        sql(
            2,
            Kind::Type,
            "pair",
            "CREATE TYPE s.pair AS (\n\ta integer\n);",
        ),
        sql(
            3,
            Kind::Function,
            "plain()",
            "CREATE FUNCTION s.plain() RETURNS text\n    LANGUAGE sql\n    AS $$ SELECT 'LANGUAGE c LEAKPROOF' $$;",
        ),
        sql(
            4,
            Kind::Function,
            "c()",
            "CREATE FUNCTION s.c() RETURNS text\n    LANGUAGE c\n    AS 'x', 'y';",
        ),
        sql(
            5,
            Kind::Function,
            "quiet()",
            "CREATE FUNCTION s.quiet() RETURNS text\n    LANGUAGE sql LEAKPROOF\n    AS $$ SELECT 'x' $$;",
        ),
        sql(
            6,
            Kind::Publication,
            "all",
            "CREATE PUBLICATION \"all\" FOR ALL TABLES WITH (publish = 'insert');",
        ),
        sql(
            7,
            Kind::Publication,
            "some",
            "CREATE PUBLICATION some WITH (publish = 'insert');",
        ),
        sql(
            8,
            Kind::Extension,
            "citext",
            "CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA s;",
        ),
        sql(
            9,
            Kind::Extension,
            "file_fdw",
            "CREATE EXTENSION IF NOT EXISTS file_fdw WITH SCHEMA s;",
        ),
        sql(10, Kind::EventTrigger, "e", "CREATE EVENT TRIGGER e;"),
    ]
}

#[test]
fn what_takes_a_superuser_is_found_by_its_definition() {
    let entries = objects();
    let rights = [("use language", "sql"), ("create extension", "citext")];
    let expected = [
        "base: create base types",
        "c(): create functions in language c",
        "quiet(): create leakproof functions",
        "all: create publications FOR ALL TABLES",
        "file_fdw: create these extensions",
        "e: create event triggers",
    ];
    assert_eq!(found(&target(&rights), entries.clone()), expected);
    // A managed service lets its administrators do more with extensions than PostgreSQL says.
    let managed = [&rights[..], &[("managed", "rds_superuser")]].concat();
    assert!(!found(&target(&managed), entries.clone()).contains(&expected[4].to_owned()));
    let superuser = Target {
        is_superuser: true,
        ..target(&[])
    };
    assert!(found(&superuser, entries).is_empty());
}

#[test]
fn an_owner_must_be_one_that_the_user_may_become_and_that_may_create_there() {
    let owned = |id, kind, schema: Option<&str>, tag: &str, owner: &str| TocEntry {
        owner: Some(owner.into()),
        drop_stmt: Some("DROP x".into()),
        ..entry(id, kind, schema, tag)
    };
    use ObjectKind as Kind;
    let entries = vec![
        owned(1, Kind::Schema, None, "a", "friend"),
        owned(2, Kind::Table, Some("a"), "friends", "friend"),
        owned(3, Kind::Table, Some("a"), "strangers", "stranger"),
        owned(4, Kind::Table, Some("a"), "mine", "me"),
        owned(5, Kind::Table, Some("b"), "elsewhere", "friend"),
        owned(6, Kind::Table, Some("public"), "in_public", "friend"),
        owned(7, Kind::Publication, None, "p", "friend"),
    ];
    let mut target = target(&[("act as", "friend")]);
    let expected = [
        "strangers: give objects to role \"stranger\", of which it is no member",
        "elsewhere: give objects in schema \"b\" to role \"friend\", which may not create there",
        "in_public: give objects in schema \"public\" to role \"friend\", which may not create there",
        "p: give objects in database \"d\" to role \"friend\", which may not create there",
    ];
    assert_eq!(found(&target, entries.clone()), expected);
    // Before 15 anybody may create in schema public.
    target.version_num = 140_000;
    assert_eq!(found(&target, entries).len(), 3);
}

#[test]
fn single_statements_are_found_and_the_rest_remains() {
    use ObjectKind as Kind;
    let settings = "ALTER DATABASE d SET work_mem TO '1MB';\nALTER DATABASE d SET log_statement TO 'all';\n\
                    ALTER DATABASE d SET \"my.own\" TO 'x';\nALTER ROLE other IN DATABASE d SET work_mem TO '1MB';";
    let acl = "REVOKE ALL ON TABLE s.t FROM a;\nSET SESSION AUTHORIZATION a;\nGRANT SELECT ON TABLE s.t TO b;\n\
               RESET SESSION AUTHORIZATION;\nGRANT SELECT ON TABLE s.t TO c;";
    let mut grants = sql(3, Kind::Acl, "TABLE t", acl);
    grants.dependencies = vec![DumpId(2)];
    let contents = Contents {
        databases: vec![database(
            "d",
            toc(vec![
                sql(1, Kind::DatabaseProperties, "d", settings),
                sql(2, Kind::Table, "t", "CREATE TABLE s.t ();"),
                grants,
                sql(
                    4,
                    Kind::Acl,
                    "FUNCTION of_extension()",
                    "GRANT ALL ON FUNCTION f() TO a;",
                ),
            ]),
        )],
        globals: None,
    };
    let options = RestoreOptions {
        create: true,
        ..options()
    };
    let work = [work(&contents.databases[0], &options)];
    let target = target(&[("set", "work_mem"), ("know", "log_statement")]);
    let found = find(&contents, &work, &target, &options);
    let deeds: Vec<&str> = found.iter().map(|item| item.deed.as_str()).collect();
    assert_eq!(
        deeds,
        [
            "set parameter log_statement",
            "set parameters for role \"other\"",
            "grant as role \"a\"",
            "grant rights on objects of extensions or of the system",
        ]
    );
    let remains = |cut: &Cut| match cut {
        Cut::Definition(sql) => sql.to_string(),
        other => format!("{other:?}"),
    };
    assert_eq!(
        remains(&found[0].cut),
        "ALTER DATABASE d SET work_mem TO '1MB';\nALTER DATABASE d SET \"my.own\" TO 'x';\n"
    );
    assert_eq!(
        remains(&found[2].cut),
        "REVOKE ALL ON TABLE s.t FROM a;\nGRANT SELECT ON TABLE s.t TO c;\n"
    );
    let said = findings(&found, &contents, &target, &options);
    assert_eq!(
        said[0].text,
        "role \"me\" may not grant as role \"a\": ACL s.TABLE t"
    );
    assert!(
        said.iter()
            .all(|finding| finding.severity == Severity::Problem)
    );
    assert!(
        said[3]
            .hint
            .as_deref()
            .is_some_and(|hint| hint.contains("--skip-forbidden"))
    );
}
