//! Findings about made-up archives on a made-up target.

use super::*;
use crate::restore::selection::Selection;
use crate::restore::testing::{database, entry, options, toc, work};
use crate::toc::{DumpId, Toc};

fn target() -> Target {
    Target {
        version_num: 130_023,
        is_superuser: true,
        roles: ["me".into(), "there".into()].into(),
        ..Target::default()
    }
}

fn with(id: i32, kind: ObjectKind, tag: &str, sql: &str) -> TocEntry {
    TocEntry {
        defn: Some(sql.into()),
        ..entry(id, kind, Some("s"), tag)
    }
}

/// The findings, and the rest of the entries without them.
fn found(
    entries: Vec<TocEntry>,
    globals: Option<Toc>,
    options: &RestoreOptions,
) -> (Vec<(Severity, String)>, Vec<TocEntry>) {
    let mut contents = Contents {
        databases: vec![database("d", toc(entries))],
        globals,
    };
    let work = [work(&contents.databases[0], options)];
    let target = target();
    let found = find(&contents, &work, &target, options);
    let findings = findings(&found, &contents, &target, options);
    let said = findings
        .into_iter()
        .map(|finding| (finding.severity, finding.text));
    let losses = losses(&found, options);
    crate::restore::adapt::leave_out::leave_out(&mut contents, &work, &losses);
    (said.collect(), contents.databases.remove(0).toc.entries)
}

fn skipping() -> RestoreOptions {
    RestoreOptions {
        skip_unavailable: true,
        ..options()
    }
}

#[test]
fn an_extension_takes_along_what_needs_it() {
    let mut table = with(2, ObjectKind::Table, "t", "CREATE TABLE s.t (a x);");
    table.dependencies = vec![DumpId(1)];
    let entries = vec![
        with(1, ObjectKind::Extension, "x", "CREATE EXTENSION x;"),
        table,
        with(3, ObjectKind::Table, "other", "CREATE TABLE s.other ();"),
    ];
    let said = "extension \"x\" is not available on the target server; needed by EXTENSION s.x";
    let (findings, left) = found(entries.clone(), None, &options());
    assert_eq!(findings, [(Severity::Problem, said.to_owned())]);
    assert_eq!(left.len(), 3);
    let (findings, left) = found(entries, None, &skipping());
    assert_eq!(findings, [(Severity::Notice, format!("{said}; left out"))]);
    let left: Vec<i32> = left.iter().map(|entry| entry.dump_id.0).collect();
    assert_eq!(left, [3]);
}

#[test]
fn of_a_role_goes_what_is_its_own() {
    let mut owned = with(1, ObjectKind::Table, "t", "CREATE TABLE s.t ();");
    (owned.owner, owned.drop_stmt) = (Some("gone".into()), Some("DROP TABLE s.t;".into()));
    let acl = "REVOKE ALL ON TABLE s.t FROM gone;\nGRANT SELECT ON TABLE s.t TO there;\n\
               SET SESSION AUTHORIZATION gone;\nGRANT SELECT ON TABLE s.t TO me;\n\
               RESET SESSION AUTHORIZATION;\nGRANT UPDATE ON TABLE s.t TO me;\n";
    let entries = vec![
        owned,
        with(2, ObjectKind::Acl, "TABLE t", acl),
        with(
            3,
            ObjectKind::Policy,
            "t p",
            "CREATE POLICY p ON s.t TO there, gone, me USING (true);\n",
        ),
        with(
            4,
            ObjectKind::Policy,
            "t q",
            "CREATE POLICY q ON s.t TO gone USING (true);\n",
        ),
        with(
            5,
            ObjectKind::UserMapping,
            "m",
            "CREATE USER MAPPING FOR gone SERVER s;\n",
        ),
    ];
    let (findings, left) = found(entries.clone(), None, &skipping());
    let said = "the target server has no role \"gone\"; needed by owner of TABLE s.t, part of ACL s.TABLE t, \
                part of POLICY s.t p, POLICY s.t q, USER MAPPING s.m; left out";
    assert_eq!(findings, [(Severity::Notice, said.to_owned())]);
    let sql: Vec<String> = left
        .iter()
        .map(|entry| String::from_utf8_lossy(entry.definition()).into_owned())
        .collect();
    assert_eq!(
        sql,
        [
            "CREATE TABLE s.t ();",
            "GRANT SELECT ON TABLE s.t TO there;\nGRANT UPDATE ON TABLE s.t TO me;\n",
            "CREATE POLICY p ON s.t TO there, me USING (true);\n",
        ]
    );
    assert_eq!(left[0].owner, Some("".into()));
    let role = entry(9, ObjectKind::Role, None, "gone");
    let (findings, _) = found(entries, Some(toc(vec![role])), &options());
    assert!(findings.is_empty(), "{findings:?}");
}

#[test]
fn a_role_that_nobody_can_create_stops_nothing() {
    let acl = "GRANT SELECT ON TABLE s.t TO pg_checkpoint;\nGRANT SELECT ON TABLE s.t TO me;\n";
    let entries = vec![with(1, ObjectKind::Acl, "TABLE t", acl)];
    let grant = with(
        2,
        ObjectKind::RoleMembership,
        "pg_checkpoint TO me",
        "GRANT pg_checkpoint TO me;\n",
    );
    let (findings, left) = found(entries, Some(toc(vec![grant])), &options());
    let said = "the target (PostgreSQL 13) does not know the predefined role \"pg_checkpoint\"; needed by part \
                of ACL s.TABLE t, ROLE MEMBERSHIP pg_checkpoint TO me; left out";
    assert_eq!(findings, [(Severity::Notice, said.to_owned())]);
    assert_eq!(left[0].definition(), b"GRANT SELECT ON TABLE s.t TO me;\n");
}

/// The database itself: its owner, its settings for roles, its tablespace.
#[test]
fn what_is_said_of_the_database_counts_where_it_is_created() {
    let mut itself = with(
        1,
        ObjectKind::Database,
        "d",
        "CREATE DATABASE d WITH TABLESPACE = nowhere;\n",
    );
    (itself.owner, itself.drop_stmt) = (Some("gone".into()), Some("DROP DATABASE d;".into()));
    itself.namespace = None;
    let settings = "ALTER ROLE gone IN DATABASE d SET work_mem TO '1MB';\nALTER DATABASE d SET work_mem TO '2MB';\n";
    let mut properties = with(2, ObjectKind::DatabaseProperties, "d", settings);
    properties.namespace = None;
    let entries = vec![itself, properties];
    let (findings, _) = found(entries.clone(), None, &options());
    assert!(findings.is_empty(), "{findings:?}");
    let create = RestoreOptions {
        create: true,
        ..options()
    };
    let (findings, _) = found(entries.clone(), None, &create);
    assert_eq!(
        findings,
        [
            (
                Severity::Problem,
                "the target server has no tablespace \"nowhere\"; needed by part of DATABASE d".to_owned()
            ),
            (
                Severity::Problem,
                "the target server has no role \"gone\"; needed by owner of DATABASE d, part of DATABASE \
                 PROPERTIES d"
                    .to_owned()
            ),
        ]
    );
    let skip = RestoreOptions {
        skip_unavailable: true,
        ..create.clone()
    };
    let (_, left) = found(entries.clone(), None, &skip);
    assert_eq!(left[0].definition(), b"CREATE DATABASE d WITH ;\n");
    assert_eq!(left[0].owner, Some("".into()));
    assert_eq!(
        left[1].definition(),
        b"ALTER DATABASE d SET work_mem TO '2MB';\n"
    );
    // Who wants neither owners nor grants does not mind about settings of roles either.
    let plain = RestoreOptions {
        selection: Selection {
            owners: false,
            privileges: false,
            tablespaces: false,
            ..Selection::default()
        },
        ..create
    };
    let (findings, left) = found(entries[1..].to_vec(), None, &plain);
    assert_eq!(findings[0].0, Severity::Notice);
    assert_eq!(
        left[0].definition(),
        b"ALTER DATABASE d SET work_mem TO '2MB';\n"
    );
}
