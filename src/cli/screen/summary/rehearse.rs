//! The outcome of a rehearsal: the objects that would fail, and the time of each phase.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

use super::restore::{failure_count, failures, others};
use super::{in_json, shown};
use crate::cli::screen::text::{duration, printable_line};
use crate::monitor::units::counted;
use crate::restore::{DatabaseOutcome, Rehearsal};
use crate::storage::Location;

/// For people.
pub(crate) fn render(rehearsal: &Rehearsal, elapsed: Duration) -> String {
    let outcome = &rehearsal.outcome;
    let mut text = format!(
        "rehearsed {} in {}: {}\n",
        counted(outcome.databases.len() as u64, "database", "databases"),
        duration(elapsed),
        failure_count(&outcome.failures),
    );
    for database in &outcome.databases {
        text.push_str(&one(database));
    }
    if !rehearsal.roles.is_empty() {
        let roles: Vec<String> = rehearsal
            .roles
            .iter()
            .map(|role| shown(role.as_ref()))
            .collect();
        let line = format!(
            "missing on the server, made for the rehearsal and dropped: roles {}",
            roles.join(", ")
        );
        let _ = writeln!(text, "\n{}", printable_line(&line));
    }
    if !outcome.failures.is_empty() {
        text.push_str(&failures(&outcome.failures));
    }
    text.push_str(&others(outcome));
    for left in &rehearsal.left_behind {
        let _ = writeln!(text, "left behind: {}", printable_line(left));
    }
    text
}

/// A line for each phase. They overlap, so the whole is less than their sum.
fn one(database: &DatabaseOutcome) -> String {
    let mut text = format!(
        "\n  {}: {}, {}\n",
        shown(database.source.as_ref()),
        duration(database.elapsed),
        counted(database.rows, "row", "rows"),
    );
    for phase in &database.phases {
        let elapsed = duration(phase.elapsed);
        let busy = duration(phase.busy);
        let _ = writeln!(
            text,
            "    {:<24} {elapsed:>9}   {busy:>9} of work",
            phase.phase
        );
    }
    text
}

/// For programs: the report of a restore, with the fields that only a rehearsal has.
pub(crate) fn to_json(archive: &Location, rehearsal: &Rehearsal, elapsed: Duration) -> Value {
    let mut json = super::restore::to_json(archive, &rehearsal.outcome, elapsed, "");
    let roles: Vec<Value> = rehearsal
        .roles
        .iter()
        .map(|role| in_json(role.as_ref()))
        .collect();
    json["rehearsal"] = json!({
        "roles": roles,
        "left_behind": rehearsal.left_behind,
    });
    json
}
