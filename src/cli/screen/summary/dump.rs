//! The outcome of a dump.

use std::time::Duration;

use serde_json::{Value, json};

use super::{databases_table, facts, in_json, shown};
use crate::archive::manifest::LeftOut;
use crate::cli::screen::text::duration;
use crate::dump::{DatabaseOutcome, DumpOutcome};
use crate::monitor::units::{bytes, count, counted};
use crate::storage::Location;

/// For people.
pub(crate) fn render(location: &Location, outcome: &DumpOutcome, elapsed: Duration) -> String {
    let sum = |field: fn(&DatabaseOutcome) -> u64| outcome.databases.iter().map(field).sum();
    let head = format!(
        "{location}: {}, {}, {} in {}\n",
        counted(outcome.databases.len() as u64, "database", "databases"),
        counted(sum(|database| database.tables), "table", "tables"),
        counted(outcome.rows, "row", "rows"),
        duration(elapsed),
    );
    let rows = outcome.databases.iter().map(|database| {
        vec![
            shown(database.name.as_ref()),
            count(database.tables),
            count(database.rows),
            count(database.large_objects),
            bytes(database.raw_bytes),
        ]
    });
    let heading = ["database", "tables", "rows", "large objects", "raw size"];
    let table = databases_table(&heading, rows.collect());
    let mut said = vec![
        ("raw size", bytes(outcome.raw_bytes)),
        ("archive", archive_size(outcome)),
        ("snapshots", spread(outcome)),
    ];
    said.extend(LeftOut::in_words(&outcome.left_out).map(|words| ("left out", words)));
    said.push(("digest", outcome.digest.to_string()));
    let facts = facts(&said);
    format!("{head}\n{table}\n{facts}")
}

fn archive_size(outcome: &DumpOutcome) -> String {
    let archive = bytes(outcome.archive_bytes);
    let percent = (u128::from(outcome.archive_bytes) * 100).checked_div(outcome.raw_bytes.into());
    // Of next to nothing even the format is many times as much.
    match percent.filter(|&percent| percent <= 100) {
        Some(percent) => format!("{archive}, {percent} % of the raw size"),
        None => archive,
    }
}

fn spread(outcome: &DumpOutcome) -> String {
    match outcome.databases.len() {
        0 | 1 => "one".to_owned(),
        _ => format!("all taken within {}", duration(outcome.snapshot_spread)),
    }
}

/// For programs.
pub(crate) fn to_json(location: &Location, outcome: &DumpOutcome, elapsed: Duration) -> Value {
    let databases = outcome.databases.iter().map(|database| {
        json!({
            "name": in_json(database.name.as_ref()),
            "tables": database.tables,
            "rows": database.rows,
            "raw_bytes": database.raw_bytes,
            "large_objects": database.large_objects,
        })
    });
    json!({
        "archive": location,
        "digest": outcome.digest.to_string(),
        "archive_bytes": outcome.archive_bytes,
        "raw_bytes": outcome.raw_bytes,
        "rows": outcome.rows,
        "databases": databases.collect::<Vec<_>>(),
        "left_out": outcome.left_out,
        "snapshot_spread_us": u64::try_from(outcome.snapshot_spread.as_micros()).ok(),
        "elapsed_s": elapsed.as_secs_f64(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::manifest::WhyLeftOut;
    use crate::digest::Sha256;

    fn outcome(databases: &[(&str, u64)]) -> DumpOutcome {
        let database = |(name, rows): &(&str, u64)| DatabaseOutcome {
            name: (*name).into(),
            tables: 12,
            rows: *rows,
            raw_bytes: rows * 100,
            large_objects: 0,
        };
        let databases: Vec<_> = databases.iter().map(database).collect();
        DumpOutcome {
            digest: Sha256::of(b""),
            archive_bytes: 26_000_000,
            raw_bytes: databases.iter().map(|database| database.raw_bytes).sum(),
            rows: databases.iter().map(|database| database.rows).sum(),
            databases,
            left_out: vec![],
            snapshot_spread: Duration::from_micros(3210),
            elsewhere: None,
        }
    }

    #[test]
    fn one_screen_says_it_all() {
        let outcome = outcome(&[("accounts", 1_234_567), ("jobs", 89)]);
        let text = render(&"snap.tar".into(), &outcome, Duration::from_secs(42));
        insta::assert_snapshot!(text, @r"
        snap.tar: 2 databases, 24 tables, 1,234,656 rows in 42.0 s

          database  tables       rows  large objects   raw size
          accounts      12  1,234,567              0  117.7 MiB
          jobs          12         89              0    8.7 KiB

        raw size   117.7 MiB
        archive    24.8 MiB, 21 % of the raw size
        snapshots  all taken within 3.2 ms
        digest     e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        ");
    }

    #[test]
    fn what_was_left_out_is_said() {
        let left = |name: &str, why| LeftOut {
            name: name.into(),
            why,
        };
        let outcome = DumpOutcome {
            left_out: vec![
                left("closed", WhyLeftOut::NoConnections),
                left("template1", WhyLeftOut::Fresh),
            ],
            ..outcome(&[("a", 1)])
        };
        let text = render(&"snap.tar".into(), &outcome, Duration::ZERO);
        let line = "left out   closed (allows no connections), template1 (as every server has it)";
        assert!(text.contains(line), "{text}");
        let value = to_json(&"snap.tar".into(), &outcome, Duration::ZERO);
        assert_eq!(
            value["left_out"][0],
            json!({"name": "closed", "why": "no_connections"})
        );
    }

    #[test]
    fn an_empty_dump_divides_by_nothing() {
        let text = render(&"snap.tar".into(), &outcome(&[]), Duration::ZERO);
        assert!(
            text.starts_with("snap.tar: 0 databases, 0 tables, 0 rows in 0 µs"),
            "{text}"
        );
    }

    #[test]
    fn json_has_units_in_its_names() {
        let value = to_json(
            &"snap.tar".into(),
            &outcome(&[("a", 1)]),
            Duration::from_millis(1500),
        );
        assert_eq!(value["elapsed_s"], 1.5);
        assert_eq!(value["snapshot_spread_us"], 3210);
        assert_eq!(value["databases"][0]["name"], "a");
    }

    #[test]
    fn an_archive_larger_than_its_rows_is_told_without_a_share() {
        let mut tiny = outcome(&[("a", 1)]);
        assert_eq!(archive_size(&tiny), "24.8 MiB");
        tiny.raw_bytes = 52_000_000;
        assert_eq!(archive_size(&tiny), "24.8 MiB, 50 % of the raw size");
    }
}
