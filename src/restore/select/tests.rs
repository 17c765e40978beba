//! Tests of the selection, on hand-made tables of contents.

use super::*;
use crate::restore::testing::{entry, toc};
use crate::toc::DumpId;

fn sample() -> Toc {
    let mut encoding = entry(1, ObjectKind::Encoding, None, "ENCODING");
    encoding.section = Section::PreData;
    let mut data = entry(20, ObjectKind::TableData, Some("app"), "t");
    data.had_dumper = true;
    data.defn = None;
    data.dependencies = vec![DumpId(11)];
    let mut chunk = data.clone();
    chunk.dump_id = DumpId(21);
    chunk.defn = Some("-- load via partition root app.t".into());
    let mut objects = entry(24, ObjectKind::LargeObjectData, None, "LARGE OBJECT DATA");
    objects.had_dumper = true;
    objects.defn = None;
    let mut acl = entry(12, ObjectKind::Acl, Some("app"), "TABLE t");
    acl.dependencies = vec![DumpId(11)];
    let mut column_acl = entry(13, ObjectKind::Acl, Some("app"), "COLUMN u.a");
    column_acl.dependencies = vec![DumpId(14), DumpId(12)];
    let mut object_acl = entry(25, ObjectKind::Acl, None, "LARGE OBJECT 4711");
    object_acl.dependencies = vec![DumpId(23)];
    toc(vec![
        encoding,
        entry(2, ObjectKind::Database, None, "jobs"),
        entry(3, ObjectKind::Comment, None, "DATABASE jobs"),
        entry(4, ObjectKind::Schema, None, "app"),
        entry(5, ObjectKind::Extension, None, "hstore"),
        entry(10, ObjectKind::Function, Some("app"), "f(integer)"),
        entry(11, ObjectKind::Table, Some("app"), "t"),
        acl,
        entry(14, ObjectKind::Table, Some("app"), "u"),
        column_acl,
        entry(15, ObjectKind::View, Some("other"), "t"),
        data,
        chunk,
        entry(22, ObjectKind::SequenceSet, Some("app"), "s"),
        entry(23, ObjectKind::Blob, None, "4711"),
        objects,
        object_acl,
        entry(30, ObjectKind::Index, Some("app"), "i"),
    ])
}

fn wanted(selection: &Selection, database: DatabaseEntries) -> Vec<(i32, char)> {
    let toc = sample();
    let filters = Filters::new(selection).unwrap();
    let criteria = Criteria {
        selection,
        filters: &filters,
        database,
        listed: None,
    };
    required(&toc, &criteria)
        .into_iter()
        .zip(&toc.entries)
        .filter(|(need, _)| need.any())
        .map(|(need, entry)| {
            let letter = match (need.definition, need.data) {
                (true, true) => 'b',
                (true, false) => 'd',
                _ => 'r',
            };
            (entry.dump_id.0, letter)
        })
        .collect()
}

fn ids(selection: &Selection) -> Vec<i32> {
    wanted(selection, DatabaseEntries::Leave)
        .into_iter()
        .map(|(id, _)| id)
        .collect()
}

#[test]
fn without_filters_everything_but_the_database_itself_is_wanted() {
    let all = [
        (4, 'd'),
        (5, 'd'),
        (10, 'd'),
        (11, 'd'),
        (12, 'd'),
        (14, 'd'),
        (13, 'd'),
        (15, 'd'),
        (20, 'r'),
        (21, 'r'),
        (22, 'r'),
        (23, 'r'),
        (24, 'r'),
        (25, 'r'),
        (30, 'd'),
    ];
    let selection = Selection::default();
    assert_eq!(wanted(&selection, DatabaseEntries::Leave), all);
    let created = wanted(&selection, DatabaseEntries::Create);
    assert_eq!(created[..2], [(2, 'd'), (3, 'd')]);
    assert_eq!(created[2..], all);
}

#[test]
fn schema_only_and_data_only_part_where_pg_restore_parts() {
    let schema_only = Selection {
        content: Content::SCHEMA_ONLY,
        ..Selection::default()
    };
    assert_eq!(ids(&schema_only), [4, 5, 10, 11, 12, 14, 13, 15, 30]);
    let data_only = Selection {
        content: Content::DATA_ONLY,
        ..Selection::default()
    };
    assert_eq!(ids(&data_only), [20, 21, 22, 23, 24, 25]);
}

#[test]
fn a_table_comes_with_its_data_and_grants_but_without_its_indexes() {
    let selection = Selection {
        tables: vec!["t".into()],
        ..Selection::default()
    };
    assert_eq!(ids(&selection), [11, 12, 15, 20, 21]);
    let in_schema = Selection {
        schemas: vec!["app".into()],
        ..selection
    };
    assert_eq!(ids(&in_schema), [11, 12, 20, 21]);
}

#[test]
fn a_schema_filter_leaves_out_what_is_in_no_schema() {
    let only = Selection {
        schemas: vec!["app".into()],
        ..Selection::default()
    };
    assert_eq!(ids(&only), [10, 11, 12, 14, 13, 20, 21, 22, 30]);
    let without = Selection {
        exclude_schemas: vec!["app".into()],
        ..Selection::default()
    };
    assert_eq!(ids(&without), [4, 5, 15, 23, 24, 25]);
}

#[test]
fn what_belongs_to_no_section_follows_the_entry_before_it() {
    let selection = Selection {
        sections: Sections {
            pre_data: true,
            data: false,
            post_data: false,
        },
        ..Selection::default()
    };
    assert_eq!(ids(&selection), [4, 5, 10, 11, 12, 14, 13, 15]);
}

#[test]
fn without_privileges_no_acl_is_wanted() {
    let selection = Selection {
        privileges: false,
        ..Selection::default()
    };
    let left = ids(&selection);
    assert!(left.iter().all(|id| ![12, 13, 25].contains(id)), "{left:?}");
}

#[test]
fn each_sort_of_entry_can_be_left_out() {
    use ObjectKind as Kind;
    let about = |id: i32, kind: Kind, tag: &str| entry(id, kind, None, tag);
    let toc = toc(vec![
        entry(1, Kind::Table, Some("app"), "t"),
        about(2, Kind::Comment, "TABLE t"),
        about(3, Kind::SecurityLabel, "TABLE t"),
        entry(4, Kind::Policy, Some("app"), "t p"),
        entry(5, Kind::RowSecurity, Some("app"), "t"),
        about(6, Kind::Comment, "POLICY p ON t"),
        about(7, Kind::Publication, "all"),
        entry(8, Kind::PublicationTable, Some("app"), "all t"),
        about(9, Kind::SecurityLabel, "PUBLICATION all"),
        about(10, Kind::Subscription, "s"),
        about(11, Kind::Comment, "SUBSCRIPTION s"),
        entry(12, Kind::StatisticsData, Some("app"), "t"),
        entry(13, Kind::PublicationTablesInSchema, Some("app"), "all app"),
    ]);
    let left_out = |set: fn(&mut Selection)| {
        let mut selection = Selection::default();
        set(&mut selection);
        let filters = Filters::new(&selection).unwrap();
        let criteria = Criteria {
            selection: &selection,
            filters: &filters,
            database: DatabaseEntries::Leave,
            listed: None,
        };
        let needs = required(&toc, &criteria);
        let left_out = needs
            .iter()
            .zip(&toc.entries)
            .filter(|(need, _)| !need.any());
        left_out
            .map(|(_, entry)| entry.dump_id.0)
            .collect::<Vec<_>>()
    };
    assert!(left_out(|_| {}).is_empty());
    assert_eq!(left_out(|s| s.comments = false), [2, 6, 11]);
    assert_eq!(left_out(|s| s.security_labels = false), [3, 9]);
    assert_eq!(left_out(|s| s.policies = false), [4, 5, 6]);
    assert_eq!(left_out(|s| s.publications = false), [7, 8, 9, 13]);
    assert_eq!(left_out(|s| s.subscriptions = false), [10, 11]);
    assert_eq!(left_out(|s| s.content.statistics = false), [12]);
}

#[test]
fn statistics_come_with_what_they_are_about() {
    let mut statistics = entry(2, ObjectKind::StatisticsData, Some("app"), "t");
    statistics.dependencies = vec![DumpId(1)];
    let mut others = entry(4, ObjectKind::StatisticsData, Some("app"), "u");
    others.dependencies = vec![DumpId(3)];
    let toc = toc(vec![
        entry(1, ObjectKind::Table, Some("app"), "t"),
        statistics,
        entry(3, ObjectKind::Table, Some("app"), "u"),
        others,
    ]);
    let needs = |selection: &Selection| {
        let filters = Filters::new(selection).unwrap();
        let criteria = Criteria {
            selection,
            filters: &filters,
            database: DatabaseEntries::Leave,
            listed: None,
        };
        let needs = required(&toc, &criteria);
        needs.iter().map(|need| need.any()).collect::<Vec<_>>()
    };
    let mut selection = Selection {
        tables: vec!["t".into()],
        ..Selection::default()
    };
    assert_eq!(needs(&selection), [true, true, false, false]);
    selection.tables.clear();
    selection.content = Content::STATISTICS_ONLY;
    assert_eq!(needs(&selection), [false, true, false, true]);
}

#[test]
fn a_list_names_what_is_wanted() {
    let selection = Selection::default();
    let filters = Filters::new(&selection).unwrap();
    let listed = [DumpId(2), DumpId(11), DumpId(20)].into();
    let criteria = Criteria {
        selection: &selection,
        filters: &filters,
        database: DatabaseEntries::Create,
        listed: Some(&listed),
    };
    let toc = sample();
    let needs = required(&toc, &criteria);
    let wanted = toc.entries.iter().zip(needs).filter(|(_, need)| need.any());
    let ids: Vec<i32> = wanted.map(|(entry, _)| entry.dump_id.0).collect();
    assert_eq!(ids, [2, 11, 20]);
}
