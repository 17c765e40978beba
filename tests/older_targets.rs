//! Archives of a newer server restored into an older one: what can be there is there, and the rest is named.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::need;
use crate::support::cluster::Cluster;
use crate::support::equality::{is_among, missing_contents};
use crate::support::fixture_archive::{self, FixtureArchive, databases};
use crate::support::peers::Missing;

/// Restores with these options. Returns the outcome, and the objects that failed or were skipped.
#[track_caller]
fn restore(
    fixtures: &FixtureArchive,
    target: &Cluster,
    options: &[&str],
) -> (Value, BTreeSet<String>) {
    let always = ["--json", "--no-analyze", "-j", "2"];
    let options = [options, &always].concat();
    let finished = fixtures.archive.try_restore(target, &options);
    let outcome: Value = serde_json::from_slice(&finished.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut objects = BTreeSet::new();
    for list in ["failures", "skipped"] {
        let all = outcome[list].as_array().unwrap().iter();
        objects.extend(all.map(|item| text(&item["object"])));
    }
    finished.code(i32::from(!objects.is_empty()));
    (outcome, objects)
}

fn notices(outcome: &Value) -> Vec<String> {
    let all = outcome["notices"].as_array().unwrap().iter();
    all.map(|notice| notice.as_str().unwrap().to_owned())
        .collect()
}

/// Restores everything from `from` into `into`, and demands each row that no failure explains. Returns what
/// the user was told: notices, and the objects that are not there.
#[track_caller]
fn everything_that_can_be(
    from: u32,
    into: u32,
) -> Result<(Vec<String>, BTreeSet<String>), Missing> {
    let fixtures = fixture_archive::of_fetched(from)?;
    let target = Cluster::start_fetched(into)?;
    // Locales that the target has not are the user's to choose.
    let lacking = [("accounts", "icu", 15), ("jobs", "builtin", 17)];
    let lacking: Vec<_> = lacking
        .into_iter()
        .filter(|lacking| into < lacking.2)
        .collect();
    if !lacking.is_empty() {
        let refused = fixtures.archive.try_restore(&target, &["--create"]).code(1);
        for (name, provider, _) in lacking {
            let said = format!(
                "database \"{name}\" has the locale provider {provider}, which the target lacks"
            );
            assert!(refused.stderr().contains(&said), "{}", refused.describe());
        }
    }
    for name in ["accounts", "jobs"] {
        target.create_database(name);
    }
    let (first, mut objects) = restore(fixtures, &target, &["accounts", "jobs"]);
    let others: Vec<&str> = databases()
        .into_iter()
        .filter(|name| !matches!(*name, "accounts" | "jobs"))
        .collect();
    let (second, more) = restore(fixtures, &target, &[&["--create"], &others[..]].concat());
    objects.extend(more);
    for database in databases() {
        for missing in missing_contents(&fixtures.source, &target, database) {
            let text = format!("{database}: {missing} is missing without a word: {objects:#?}");
            assert!(is_among(&missing, &objects), "{text}");
        }
    }
    let mut said = notices(&first);
    said.extend(notices(&second));
    Ok((said, objects))
}

#[track_caller]
fn assert_said(notices: &[String], wanted: &str) {
    let is_said = notices.iter().any(|notice| notice.contains(wanted));
    assert!(is_said, "{wanted}: {notices:#?}");
}

const MAINTAIN: &str = "does not know the privilege MAINTAIN, left out: TABLE person";

#[test]
fn from_18_into_13() {
    let (notices, objects) = need!(everything_that_can_be(18, 13));
    assert_said(&notices, "the archive comes from PostgreSQL 18");
    let said = "the target (PostgreSQL 13) does not know compression methods of columns, left out: document";
    assert_said(&notices, said);
    assert_said(&notices, MAINTAIN);
    for named in [
        "TABLE kinds.virtual",
        "TABLE DATA kinds.virtual",
        "INDEX queue.nulls_a",
        "VIEW app.as_invoker",
        "ROLE MEMBERSHIP app_owner TO app_lead",
    ] {
        assert!(objects.contains(named), "{named}: {objects:#?}");
    }
    // Most is there: it is not the whole that was named.
    assert!(objects.len() < 60, "{objects:#?}");
}

#[test]
fn from_17_into_14() {
    let (notices, objects) = need!(everything_that_can_be(17, 14));
    assert_said(&notices, "the archive comes from PostgreSQL 17");
    assert_said(&notices, MAINTAIN);
    assert!(objects.contains("INDEX queue.nulls_a"), "{objects:#?}");
    assert!(!objects.contains("TYPE analysis.span"), "{objects:#?}");
    assert!(objects.len() < 60, "{objects:#?}");
}

/// What 18 has not is said by name; what is not there beyond that fails by its own.
#[test]
fn from_19_into_18() {
    let (notices, objects) = need!(everything_that_can_be(19, 18));
    for said in [
        "does not know connections of foreign-data wrappers, left out: connecting",
        "does not know options of subscriptions, left out: wal_receiver_timeout of patient",
        "does not know publications of all tables but some, left out: most",
        "does not know publications of sequences, left out: counters",
        "does not know subscriptions to foreign servers, left out: from_elsewhere",
    ] {
        assert_said(&notices, said);
    }
    // The function skips nulls; the index has an operator class that became the default one. What the planner
    // knew of it goes with it.
    let expected = [
        "INDEX kinds.every_type_ip",
        "STATISTICS DATA kinds.every_type_ip",
        "VIEW queue.first_host",
    ];
    let expected: BTreeSet<String> = expected.into_iter().map(str::to_owned).collect();
    assert_eq!(objects, expected);
}

#[test]
fn from_19_into_13() {
    let (notices, objects) = need!(everything_that_can_be(19, 13));
    for said in [
        MAINTAIN,
        "does not know NOT NULL that is not inherited, left out: modern_child",
        "does not know NOT NULL that is not validated, left out: modern b_needed",
        "does not know constraints that are not enforced, left out: ",
        "does not know publications of generated columns, left out: generated",
    ] {
        assert_said(&notices, said);
    }
    // It has a virtual column, and so it is nowhere.
    assert!(objects.contains("TABLE queue.modern"), "{objects:#?}");
    assert!(
        !objects.contains("TABLE queue.modern_child"),
        "{objects:#?}"
    );
    assert!(objects.len() < 60, "{objects:#?}");
}
