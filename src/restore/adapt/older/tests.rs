//! Made-up tables of contents, fitted.

use super::*;
use crate::restore::testing::{database, entry, toc};

fn with(kind: ObjectKind, tag: &str, sql: &str) -> TocEntry {
    TocEntry {
        defn: Some(sql.into()),
        ..entry(1, kind, None, tag)
    }
}

/// The definitions after a fit, and the notices.
fn fitted(
    version_num: u32,
    entries: Vec<TocEntry>,
    globals: Vec<TocEntry>,
) -> (Vec<String>, Vec<String>) {
    let mut contents = Contents {
        databases: vec![database("d", toc(entries))],
        globals: Some(toc(globals)),
    };
    let knows = Knows {
        version_num,
        parameters: ["work_mem".into()].into(),
        compressions: match version_num {
            ..140_000 => HashSet::new(),
            _ => ["pglz".into(), "lz4".into()].into(),
        },
    };
    let notices = fit(&mut contents, &knows);
    let globals = contents.globals.unwrap_or_default().entries;
    let all = contents.databases[0].toc.entries.iter().chain(&globals);
    let text = |entry: &TocEntry| String::from_utf8_lossy(entry.definition()).into_owned();
    (all.map(text).collect(), notices)
}

#[test]
fn what_a_database_is_said_to_be_is_put_as_the_target_knows_it() {
    use ObjectKind as Kind;
    let entries = vec![
        with(
            Kind::Database,
            "d",
            "CREATE DATABASE d WITH ENCODING = 'UTF8' LOCALE_PROVIDER = libc LOCALE = 'C';\n",
        ),
        with(
            Kind::DatabaseProperties,
            "d",
            "ALTER DATABASE d SET work_mem TO '1MB';\nALTER DATABASE d SET \"Future\" TO 'on';\n\
             ALTER DATABASE d SET \"my.own\" TO 'x';\n",
        ),
        with(
            Kind::Table,
            "t",
            "CREATE TABLE s.t (a text);\nALTER TABLE ONLY s.t ALTER COLUMN a SET COMPRESSION lz4;\n",
        ),
    ];
    let range =
        "CREATE TYPE s.r AS RANGE (\n    subtype = integer,\n    multirange_type_name = s.rs\n);";
    let (sql, _) = fitted(130_023, vec![with(Kind::Type, "r", range)], vec![]);
    assert_eq!(
        sql,
        ["CREATE TYPE s.r AS RANGE (\n    subtype = integer\n);"]
    );
    let settings = vec![with(
        Kind::RoleSettings,
        "r",
        "ALTER ROLE r SET future TO 'on';\n",
    )];
    let (sql, notices) = fitted(130_023, entries.clone(), settings);
    assert_eq!(
        sql,
        [
            "CREATE DATABASE d WITH ENCODING = 'UTF8'  LOCALE = 'C';\n",
            "ALTER DATABASE d SET work_mem TO '1MB';\nALTER DATABASE d SET \"my.own\" TO 'x';\n",
            "CREATE TABLE s.t (a text);\n",
        ]
    );
    assert_eq!(
        notices,
        [
            "the target (PostgreSQL 13) does not know compression methods of columns, left out: t",
            "the target (PostgreSQL 13) does not know parameters, left out: future, future",
        ]
    );
    let (sql, _) = fitted(160_000, entries, vec![]);
    assert!(sql[0].contains("LOCALE_PROVIDER") && sql[2].contains("COMPRESSION"));
}

#[test]
fn grants_lose_what_is_no_privilege_there() {
    let acl = "REVOKE ALL ON TABLE s.t FROM o;\nGRANT SELECT,MAINTAIN,UPDATE ON TABLE s.t TO o;\n\
               GRANT MAINTAIN ON TABLE s.t TO \"MAINTAIN\";\n";
    let defaults = "ALTER DEFAULT PRIVILEGES FOR ROLE o GRANT SELECT,MAINTAIN ON TABLES TO r;\n";
    let entries = vec![
        with(ObjectKind::Acl, "TABLE t", acl),
        with(
            ObjectKind::DefaultAcl,
            "DEFAULT PRIVILEGES FOR TABLES",
            defaults,
        ),
    ];
    let (sql, notices) = fitted(160_000, entries.clone(), vec![]);
    assert_eq!(
        sql,
        [
            "REVOKE ALL ON TABLE s.t FROM o;\nGRANT SELECT,UPDATE ON TABLE s.t TO o;\n",
            "ALTER DEFAULT PRIVILEGES FOR ROLE o GRANT SELECT ON TABLES TO r;\n",
        ]
    );
    let said = "the target (PostgreSQL 16) does not know the privilege MAINTAIN, left out: TABLE t, \
                DEFAULT PRIVILEGES FOR TABLES";
    assert_eq!(notices, [said]);
    assert_eq!(fitted(170_000, entries, vec![]).0[0], acl);
}

#[test]
fn memberships_are_put_plainly_where_that_means_the_same() {
    let role = |name: &str, word: &str| {
        let sql = format!("CREATE ROLE {name};\nALTER ROLE {name} WITH NOSUPERUSER {word};\n");
        with(ObjectKind::Role, name, &sql)
    };
    let cases = [
        (
            "GRANT a TO b WITH ADMIN TRUE, INHERIT TRUE GRANTED BY c;\n",
            "GRANT a TO b WITH ADMIN OPTION GRANTED BY c;\n",
        ),
        (
            "GRANT a TO b WITH INHERIT FALSE;\n",
            "GRANT a TO b WITH INHERIT FALSE;\n",
        ),
        (
            "GRANT a TO proud WITH INHERIT FALSE;\n",
            "GRANT a TO proud;\n",
        ),
        (
            "GRANT a TO proud WITH INHERIT TRUE;\n",
            "GRANT a TO proud WITH INHERIT TRUE;\n",
        ),
        (
            "GRANT a TO b WITH INHERIT TRUE, SET FALSE;\n",
            "GRANT a TO b WITH INHERIT TRUE, SET FALSE;\n",
        ),
    ];
    let mut globals = vec![role("b", "INHERIT"), role("proud", "NOINHERIT")];
    globals.extend(cases.map(|(sql, _)| with(ObjectKind::RoleMembership, "", sql)));
    let (sql, _) = fitted(150_000, vec![], globals);
    assert_eq!(sql[2..], cases.map(|(_, expected)| expected));
}

#[test]
fn what_came_with_18_and_19_is_left_out_before() {
    use ObjectKind as Kind;
    let wrapper = "CREATE FOREIGN DATA WRAPPER w VALIDATOR s.v CONNECTION s.\"f g\" OPTIONS (\n    a 'CONNECTION x'\n);\n";
    let defaults = "ALTER DEFAULT PRIVILEGES FOR ROLE o GRANT SELECT ON LARGE OBJECTS TO r;\n";
    let mut comment = with(Kind::Comment, "CONSTRAINT c ON t", "COMMENT ..");
    (comment.dump_id, comment.dependencies) = (DumpId(2), vec![DumpId(1)]);
    let check = "ALTER TABLE s.t\n    ADD CONSTRAINT c CHECK ((a > 1)) NOT ENFORCED;\n";
    let mut later = vec![
        with(Kind::StatisticsData, "t", "SELECT 1;\n"),
        with(Kind::ExtendedStatisticsData, "x", "SELECT 2;\n"),
        with(Kind::ForeignDataWrapper, "w", wrapper),
        with(
            Kind::DefaultAcl,
            "DEFAULT PRIVILEGES FOR LARGE OBJECTS",
            defaults,
        ),
    ];
    for (entry, id) in later.iter_mut().zip(3..) {
        entry.dump_id = DumpId(id);
    }
    let mut entries = vec![with(Kind::CheckConstraint, "t c", check), comment];
    entries.append(&mut later);
    let parameter = with(Kind::ParameterAcl, "PARAMETER work_mem", "GRANT ..");
    let (sql, notices) = fitted(140_000, entries.clone(), vec![parameter.clone()]);
    let left = "CREATE FOREIGN DATA WRAPPER w VALIDATOR s.v OPTIONS (\n    a 'CONNECTION x'\n);\n";
    assert_eq!(sql, [left]);
    assert_eq!(
        notices,
        [
            "connections of foreign-data wrappers, left out: w",
            "constraints that are not enforced, left out: t c",
            "default privileges of large objects, left out: DEFAULT PRIVILEGES FOR LARGE OBJECTS",
            "privileges on parameters, left out: PARAMETER work_mem",
        ]
        .map(|what| format!("the target (PostgreSQL 14) does not know {what}"))
    );
    let (sql, notices) = fitted(180_000, entries.clone(), vec![parameter.clone()]);
    assert_eq!(
        (sql.len(), notices.len()),
        (entries.len(), 1),
        "{notices:?}"
    );
    let (_, notices) = fitted(190_000, entries, vec![parameter]);
    assert!(notices.is_empty(), "{notices:?}");
}
