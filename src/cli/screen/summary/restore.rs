//! The outcome of a restore, with all that failed in the user's terms.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::time::Duration;

use bstr::{BStr, BString};
use serde_json::{Value, json};

use super::{databases_table, in_json, shown};
use crate::cli::screen::text::{duration, printable, printable_line};
use crate::monitor::nearest;
use crate::monitor::units::{bytes, count, counted};
use crate::restore::{DatabaseOutcome, Failure, PhaseTime, RestoreOutcome, RoleOutcome, Skipped};
use crate::storage::Location;

/// More failures than this nobody reads on a terminal; `--json` lists all.
const FAILURES_MAX: usize = 100;

/// The first few objects that were skipped because of a failure.
const SKIPPED_MAX: usize = 10;

/// For people.
///
/// `again` is the command that would do the rest.
pub(crate) fn render(outcome: &RestoreOutcome, elapsed: Duration, again: &str) -> String {
    let rows: u64 = outcome.databases.iter().map(|database| database.rows).sum();
    let there = outcome.databases.iter();
    let there = there.filter(|database| !database.is_rolled_back).count();
    let mut text = format!(
        "restored {}, {}, {} in {}\n",
        counted(there as u64, "database", "databases"),
        counted(
            outcome
                .databases
                .iter()
                .map(|database| database.tables)
                .sum(),
            "table",
            "tables",
        ),
        counted(rows, "row", "rows"),
        duration(elapsed),
    );
    let rows: Vec<_> = outcome.databases.iter().map(row).collect();
    if !rows.is_empty() {
        let heading = ["database", "entries", "tables", "rows", "raw size"];
        let _ = write!(text, "\n{}", databases_table(&heading, rows));
    }
    text.push_str(&roles(&outcome.roles));
    if !outcome.failures.is_empty() {
        text.push_str(&failures(&outcome.failures));
    }
    text.push_str(&damaged(outcome));
    text.push_str(&others(outcome));
    text.push_str(&earlier(outcome));
    if outcome.is_resumable {
        let _ = write!(
            text,
            "\nto try again what is missing, and nothing else:\n  {}\nUntil then the databases keep a \
             journal, schema pgark_restore.\n",
            printable_line(again)
        );
    }
    text
}

/// The fate of roles: the first question of a user whose server has roles of its own.
fn roles(roles: &RoleOutcome) -> String {
    let listed = |names: &[BString]| nearest::listed(names.iter().map(|name| name.as_slice()));
    let mut text = String::new();
    let mut line = |what: (&str, &str), names: &[BString]| {
        if !names.is_empty() {
            let count = counted(names.len() as u64, what.0, what.1);
            let line = printable_line(&format!("{count}: {}", listed(names)));
            let before = if text.is_empty() { "\n" } else { "" };
            let _ = writeln!(text, "{before}{line}");
        }
    };
    line(("role created", "roles created"), &roles.created);
    let there = (
        "role was there and stays as it is",
        "roles were there and stay as they are",
    );
    line(there, &roles.existed);
    let joined = (
        "of them was made a member of created roles",
        "of them were made members of created roles",
    );
    line(joined, &roles.changed);
    text
}

/// The work of earlier restores that this one resumed.
fn earlier(outcome: &RestoreOutcome) -> String {
    match outcome
        .databases
        .iter()
        .map(|database| database.earlier)
        .sum()
    {
        0 => String::new(),
        entries => format!(
            "\n{} of all this had been restored before\n",
            counted(entries, "entry", "entries")
        ),
    }
}

fn row(database: &DatabaseOutcome) -> Vec<String> {
    let source = shown(database.source.as_ref());
    let name = if database.source == database.target {
        source
    } else {
        format!("{} (from {source})", shown(database.target.as_ref()))
    };
    vec![
        name,
        count(database.entries),
        count(database.tables),
        count(database.rows),
        bytes(database.raw_bytes),
    ]
}

/// How many errors there were, and how many objects are missing because of them.
pub(crate) fn failure_count(failures: &[Failure]) -> String {
    let errors = counted(failures.len() as u64, "error", "errors");
    match failures
        .iter()
        .map(|failure| failure.skipped.len() as u64)
        .sum()
    {
        0 => errors,
        skipped => {
            let them = if failures.len() == 1 { "it" } else { "them" };
            format!(
                "{errors}, and {} skipped because of {them}",
                counted(skipped, "object", "objects")
            )
        }
    }
}

pub(crate) fn failures(failures: &[Failure]) -> String {
    let mut text = format!("\n{}:\n", failure_count(failures));
    for failure in failures.iter().take(FAILURES_MAX) {
        text.push_str(&one_failure(failure));
    }
    let more = failures.len().saturating_sub(FAILURES_MAX);
    if more > 0 {
        let _ = writeln!(text, "\n  … and {more} more; --json lists all");
    }
    text
}

fn one_failure(failure: &Failure) -> String {
    let database = place(failure.database.as_ref());
    let mut text = format!("\n  {database}: {}\n", printable_line(&failure.object));
    let mut line = |label: &str, value: &str| {
        let value = printable(value.trim_end()).replace('\n', "\n        ");
        let _ = writeln!(text, "    {label}: {value}");
    };
    let code = failure
        .sqlstate
        .as_ref()
        .map(|code| format!(" {code}"))
        .unwrap_or_default();
    line(&format!("error{code}"), &failure.message);
    let more = [
        ("detail", &failure.detail),
        ("context", &failure.context),
        ("hint", &failure.hint),
    ];
    for (label, value) in more {
        if let Some(value) = value {
            line(label, value);
        }
    }
    if !failure.statement.is_empty() {
        line("statement", &failure.statement);
    }
    if !failure.skipped.is_empty() {
        line("not restored because of it", &skipped(&failure.skipped));
    }
    text
}

/// Roles and tablespaces belong to no database.
fn place(database: &BStr) -> String {
    if database.is_empty() {
        return "globals".to_owned();
    }
    shown(database)
}

/// Objects that are missing because the archive is damaged.
pub(crate) fn damaged(outcome: &RestoreOutcome) -> String {
    if outcome.damaged.is_empty() {
        return String::new();
    }
    let mut text = "\nmissing, as the archive is damaged:\n".to_owned();
    push_skipped(&mut text, outcome.damaged.iter());
    text
}

/// Objects left out for another reason than an error before them.
pub(crate) fn others(outcome: &RestoreOutcome) -> String {
    let failed: HashSet<_> = outcome
        .failures
        .iter()
        .flat_map(|failure| {
            failure
                .skipped
                .iter()
                .map(|object| (&failure.database, object))
        })
        .collect();
    let others: Vec<_> = outcome
        .skipped
        .iter()
        .filter(|skipped| !failed.contains(&(&skipped.database, &skipped.object)))
        .collect();
    if others.is_empty() {
        return String::new();
    }
    let mut text = format!(
        "\n{} left out:\n",
        counted(others.len() as u64, "object", "objects")
    );
    push_skipped(&mut text, others.into_iter());
    text
}

/// A line for each, up to a number.
fn push_skipped<'a>(text: &mut String, all: impl ExactSizeIterator<Item = &'a Skipped>) {
    let more = all.len().saturating_sub(FAILURES_MAX);
    for skipped in all.take(FAILURES_MAX) {
        let (object, because) = (&skipped.object, &skipped.because);
        let line = format!("{}: {object}: {because}", place(skipped.database.as_ref()));
        let _ = writeln!(text, "  {}", printable_line(&line));
    }
    if more > 0 {
        let _ = writeln!(text, "  … and {more} more; --json lists all");
    }
}

fn skipped(objects: &[String]) -> String {
    let mut text = objects
        .iter()
        .take(SKIPPED_MAX)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    let more = objects.len().saturating_sub(SKIPPED_MAX);
    if more > 0 {
        let _ = write!(text, " and {more} more");
    }
    text
}

/// For programs.
pub(crate) fn to_json(
    archive: &Location,
    outcome: &RestoreOutcome,
    elapsed: Duration,
    again: &str,
) -> Value {
    let databases = outcome.databases.iter().map(|database| {
        json!({
            "source": in_json(database.source.as_ref()),
            "target": in_json(database.target.as_ref()),
            "entries": database.entries,
            "earlier": database.earlier,
            "tables": database.tables,
            "rows": database.rows,
            "raw_bytes": database.raw_bytes,
            "elapsed_s": database.elapsed.as_secs_f64(),
            "phases": database.phases.iter().map(phase_json).collect::<Vec<_>>(),
        })
    });
    let failures = outcome.failures.iter().map(|failure| {
        json!({
            "database": in_json(failure.database.as_ref()),
            "object": failure.object,
            "statement": failure.statement,
            "sqlstate": failure.sqlstate,
            "message": failure.message,
            "detail": failure.detail,
            "hint": failure.hint,
            "context": failure.context,
            "skipped": failure.skipped,
        })
    });
    json!({
        "archive": archive,
        "databases": databases.collect::<Vec<_>>(),
        "globals": outcome.globals,
        "roles": {
            "created": names(&outcome.roles.created),
            "existed": names(&outcome.roles.existed),
            "changed": names(&outcome.roles.changed),
        },
        "failures": failures.collect::<Vec<_>>(),
        "skipped": outcome.skipped.iter().map(skipped_json).collect::<Vec<_>>(),
        "damaged": outcome.damaged.iter().map(skipped_json).collect::<Vec<_>>(),
        "disk_full": outcome.full,
        "archive_bytes_read": outcome.archive_bytes_read,
        "reads": outcome.reads,
        "elapsed_s": elapsed.as_secs_f64(),
        "notices": outcome.notices,
        "resume": outcome.is_resumable.then_some(again),
    })
}

fn names(names: &[BString]) -> Vec<Value> {
    names.iter().map(|name| in_json(name.as_ref())).collect()
}

fn skipped_json(skipped: &Skipped) -> Value {
    json!({
        "database": in_json(skipped.database.as_ref()),
        "object": skipped.object,
        "because": skipped.because,
    })
}

fn phase_json(time: &PhaseTime) -> Value {
    json!({
        "phase": time.phase,
        "elapsed_s": time.elapsed.as_secs_f64(),
        "busy_s": time.busy.as_secs_f64(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::Traffic;

    fn outcome(failures: Vec<Failure>) -> RestoreOutcome {
        let database = DatabaseOutcome {
            source: "jobs".into(),
            target: "jobs_copy".into(),
            tables: 3,
            rows: 1_234,
            raw_bytes: 5 << 20,
            entries: 40,
            ..DatabaseOutcome::default()
        };
        RestoreOutcome {
            tablespaces: Vec::new(),
            databases: vec![database],
            failures,
            skipped: Vec::new(),
            globals: 0,
            roles: RoleOutcome {
                created: vec!["app_owner".into(), "reader".into()],
                existed: vec!["postgres".into()],
                changed: Vec::new(),
            },
            notices: Vec::new(),
            full: None,
            damaged: Vec::new(),
            archive_bytes_read: 1,
            reads: Traffic::default(),
            is_resumable: false,
        }
    }

    #[test]
    fn counts_come_first_and_failures_in_the_user_s_terms_after_them() {
        let failure = Failure {
            database: "jobs_copy".into(),
            object: "TABLE DATA public.job (chunk 2 of 5)".into(),
            statement: "COPY public.job (id) FROM stdin;".into(),
            sqlstate: Some("23505".into()),
            message: "duplicate key value violates unique constraint \"job_pkey\"".into(),
            detail: Some("Key (id)=(1) already exists.".into()),
            hint: None,
            context: None,
            skipped: vec!["INDEX public.job_x".into()],
        };
        let mut outcome = outcome(vec![failure]);
        outcome.is_resumable = true;
        outcome.databases[0].earlier = 7;
        let again = "pgark restore --resume x.tar";
        let text = render(&outcome, Duration::from_secs(3), again);
        insta::assert_snapshot!(text, @r#"
        restored 1 database, 3 tables, 1,234 rows in 3.0 s

          database               entries  tables   rows  raw size
          jobs_copy (from jobs)       40       3  1,234   5.0 MiB

        2 roles created: "app_owner", "reader"
        1 role was there and stays as it is: "postgres"

        1 error, and 1 object skipped because of it:

          jobs_copy: TABLE DATA public.job (chunk 2 of 5)
            error 23505: duplicate key value violates unique constraint "job_pkey"
            detail: Key (id)=(1) already exists.
            statement: COPY public.job (id) FROM stdin;
            not restored because of it: INDEX public.job_x

        7 entries of all this had been restored before

        to try again what is missing, and nothing else:
          pgark restore --resume x.tar
        Until then the databases keep a journal, schema pgark_restore.
        "#);
    }

    #[test]
    fn many_failures_are_cut_and_all_are_in_the_json() {
        let failure = Failure {
            database: "a".into(),
            object: "TABLE public.t".into(),
            statement: String::new(),
            sqlstate: None,
            message: "no".into(),
            detail: None,
            hint: None,
            context: None,
            skipped: vec!["x".into(); 12],
        };
        let outcome = outcome(vec![failure; 150]);
        let text = render(&outcome, Duration::ZERO, "");
        assert!(
            text.contains("150 errors, and 1,800 objects skipped"),
            "{text}"
        );
        assert!(text.contains("… and 50 more; --json lists all") && text.contains("and 2 more"));
        let value = to_json(&"x".into(), &outcome, Duration::ZERO, "");
        assert_eq!(value["failures"].as_array().map(Vec::len), Some(150));
    }
}
