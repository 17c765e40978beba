//! Tables of contents held against one another.

use super::*;

fn entry(id: i32, kind: ObjectKind, tag: &str, sql: &str, owner: &str) -> TocEntry {
    TocEntry {
        dump_id: DumpId(id),
        kind,
        tag: tag.into(),
        namespace: Some("s".into()),
        defn: Some(sql.into()),
        owner: Some(owner.into()),
        ..TocEntry::default()
    }
}

fn toc(entries: Vec<TocEntry>) -> Toc {
    Toc {
        entries,
        ..Toc::default()
    }
}

/// What an archive holds, and what a server.
fn sample() -> (Toc, Toc) {
    use ObjectKind as Kind;
    let archive = toc(vec![
        entry(1, Kind::Table, "same", "CREATE TABLE s.same ();", "a"),
        entry(2, Kind::Table, "gone", "CREATE TABLE s.gone ();", "a"),
        entry(
            3,
            Kind::Table,
            "left_out",
            "CREATE TABLE s.left_out ();",
            "a",
        ),
        entry(
            4,
            Kind::View,
            "changed",
            "CREATE VIEW s.changed AS SELECT 1;",
            "a",
        ),
        entry(
            5,
            Kind::View,
            "given",
            "CREATE VIEW s.given AS SELECT 1;",
            "a",
        ),
        entry(
            6,
            Kind::Acl,
            "TABLE same",
            "GRANT SELECT ON TABLE s.same TO b;",
            "a",
        ),
        entry(7, Kind::TableData, "same", "", "a"),
    ]);
    let server = toc(vec![
        entry(1, Kind::Table, "same", "CREATE TABLE s.same ();\n", "a"),
        entry(2, Kind::Table, "more", "CREATE TABLE s.more ();", "a"),
        entry(
            3,
            Kind::View,
            "changed",
            "CREATE VIEW s.changed AS SELECT 2;",
            "a",
        ),
        entry(
            4,
            Kind::View,
            "given",
            "CREATE VIEW s.given AS SELECT 1;",
            "c",
        ),
    ]);
    (archive, server)
}

fn lines(all: &[Difference]) -> Vec<String> {
    let all = all.iter();
    all.map(|d| format!("{} {}", d.object, d.what)).collect()
}

#[test]
fn what_is_missing_changed_or_given_away_is_named() {
    let (archive, server) = sample();
    let wanted: HashSet<DumpId> = [1, 2, 4, 5, 6, 7].into_iter().map(DumpId).collect();
    let found = |wording, owners| {
        let depth = Depth {
            wording,
            owners,
            names: [b"a", b"a"],
        };
        differences(&archive, Some(&wanted), &server, depth)
    };
    let compared = found(Wording::Same, true);
    assert_eq!(
        lines(&compared.differences),
        [
            "TABLE s.gone is missing",
            "VIEW s.changed is defined otherwise",
            "VIEW s.given belongs to \"c\", in the archive to \"a\"",
            "ACL s.TABLE same is missing",
        ]
    );
    assert_eq!(
        compared.notices,
        ["1 object is not in the archive, TABLE s.more among them"]
    );
    assert!(compared.not_comparable.is_empty());
    let compared = found(Wording::OfVersions, false);
    assert_eq!(lines(&compared.differences), ["TABLE s.gone is missing"]);
    assert_eq!(
        lines(&compared.not_comparable),
        ["VIEW s.changed is worded otherwise, by another version of PostgreSQL"]
    );
}
