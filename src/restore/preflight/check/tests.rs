//! Findings about made-up targets.

use super::*;
use crate::restore::Severity;
use crate::restore::selection::Selection;
use crate::restore::testing::{database, entry, options, toc, work};
use crate::toc::Toc;

/// A superuser's server of version 17 with an empty database "d".
fn target() -> Target {
    Target {
        version_num: 170_004,
        version: "17.4".to_owned(),
        is_superuser: true,
        free_sessions: 50,
        tablespaces: ["pg_default".into()].into(),
        databases: [(
            "d".into(),
            TargetDatabase {
                allows_connections: true,
                ..TargetDatabase::default()
            },
        )]
        .into(),
        ..Target::default()
    }
}

fn found(
    target: &Target,
    options: &RestoreOptions,
    (entries, globals): (Vec<TocEntry>, Option<Toc>),
) -> Vec<(Severity, String)> {
    let source = Server {
        version_num: 170_002,
        version: "17.2".to_owned(),
        system_identifier: None,
    };
    let contents = Contents {
        databases: vec![database("d", toc(entries))],
        globals,
    };
    let work = [work(&contents.databases[0], options)];
    let findings = check(&source, &contents, &work, target, options);
    let texts = findings
        .into_iter()
        .map(|found| (found.severity, found.text));
    texts.collect()
}

fn problem(text: &str) -> (Severity, String) {
    (Severity::Problem, text.to_owned())
}

fn notice(text: &str) -> (Severity, String) {
    (Severity::Notice, text.to_owned())
}

#[test]
fn where_nothing_is_wrong_nothing_is_found() {
    let nothing: Vec<(Severity, String)> = Vec::new();
    assert_eq!(found(&target(), &options(), (vec![], None)), nothing);
}

#[test]
fn servers_are_looked_at() {
    let mut old = target();
    (old.version_num, old.version) = (150_018, "15.18".to_owned());
    (old.free_sessions, old.own_sessions) = (4, 2);
    assert_eq!(
        found(&old, &options(), (vec![], None)),
        [
            notice(
                "the archive comes from PostgreSQL 17.2, newer than the target's 15.18: some \
                 objects may fail"
            ),
            problem("7 sessions are needed and the target server has room for 6"),
        ]
    );
}

#[test]
fn tablespaces_count_where_something_is_in_them() {
    let mut table = entry(1, ObjectKind::Table, Some("s"), "t");
    let globals = || {
        let spaces = [(1, "used"), (2, "unused"), (3, "fine")];
        let entries = spaces.map(|(id, name)| entry(id, ObjectKind::Tablespace, None, name));
        Some(toc(entries.into()))
    };
    let mut target = target();
    for name in ["used", "unused"] {
        target
            .unusable_folders
            .insert(name.into(), "there is no folder /f".to_owned());
    }
    table.tablespace = Some("used".into());
    assert_eq!(
        found(&target, &options(), (vec![table], globals())),
        [notice(
            "tablespace \"unused\" is left out, nothing restored is in it: there is no folder /f"
        )]
    );
}

/// As 19 refuses them.
#[test]
fn names_are_one_line_each() {
    let mut target = target();
    target.databases.clear();
    let create = RestoreOptions {
        create: true,
        ..options()
    };
    let globals = || {
        let entries = [
            entry(1, ObjectKind::Role, None, "a\rb"),
            entry(2, ObjectKind::Role, None, "plain"),
            entry(3, ObjectKind::Tablespace, None, "c\nd"),
        ];
        Some(toc(entries.into()))
    };
    let mut mule = entry(4, ObjectKind::Encoding, None, "ENCODING");
    mule.defn = Some("SET client_encoding = 'MULE_INTERNAL';\n".into());
    let found_at = |version_num| {
        let target = Target {
            version_num,
            ..target.clone()
        };
        found(&target, &create, (vec![mule.clone()], globals()))
    };
    assert_eq!(
        found_at(190_000),
        [
            problem("role \"a\\rb\" cannot be made on PostgreSQL 19: its name holds a line end"),
            problem(
                "tablespace \"c\\nd\" cannot be made on PostgreSQL 19: its name holds a line end"
            ),
            problem(
                "database \"d\" of the archive is in the encoding MULE_INTERNAL, which PostgreSQL 19 does \
                 not know"
            ),
        ]
    );
    assert!(found_at(180_000).is_empty());
}

#[test]
fn a_database_must_be_possible() {
    let mut target = target();
    target.databases.clear();
    let create = RestoreOptions {
        create: true,
        ..options()
    };
    assert!(found(&target, &create, (vec![], None)).is_empty());
    target
        .locale_errors
        .insert("d".into(), "no such locale".to_owned());
    let said = "database \"d\" cannot have its locale on the target server: no such locale";
    assert_eq!(found(&target, &create, (vec![], None)), [problem(said)]);
    (target.is_superuser, target.user) = (false, "me".into());
    let without_owners = RestoreOptions {
        selection: Selection {
            owners: false,
            ..Selection::default()
        },
        ..create
    };
    let said = [
        problem(said),
        problem("role \"me\" may not create databases on the target server"),
    ];
    assert_eq!(found(&target, &without_owners, (vec![], None)), said);
}
