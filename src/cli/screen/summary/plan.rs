//! The plan of a restore as people read it: `restore --dry-run`.
//!
//! Pure. `crate::restore` makes the plan.

use std::fmt::Write as _;

use crate::monitor::units::{self, counted};
use crate::restore::{DatabasePlan, Dropped, Preparation, RestorePlan, Severity};

/// The plan names this many of the things that are dropped.
const DROPPED_MAX: usize = 50;

/// The plan as text: the losses, one line of summary, then a line for every step.
pub(crate) fn render(plan: &RestorePlan) -> String {
    let mut text = String::new();
    for lost in losses(&plan.dropped) {
        line(&mut text, 0, format_args!("{lost}"));
    }
    line(&mut text, 0, format_args!("{}", summary(plan)));
    for finding in &plan.findings {
        let label = match finding.severity {
            Severity::Problem => "problem",
            Severity::Notice => "notice",
        };
        line(&mut text, 0, format_args!("{label}: {}", finding.text));
        if let Some(hint) = &finding.hint {
            line(&mut text, 1, format_args!("{hint}"));
        }
    }
    line(&mut text, 0, format_args!("settings of sessions"));
    for setting in &plan.settings {
        line(&mut text, 1, format_args!("{setting}"));
    }
    if !plan.globals.is_empty() {
        line(&mut text, 0, format_args!("roles and tablespaces"));
    }
    for global in &plan.globals {
        line(&mut text, 1, format_args!("{global}"));
    }
    for database in &plan.databases {
        render_database(database, &mut text);
    }
    text
}

/// How much would be done, and whether anything stands in its way.
fn summary(plan: &RestorePlan) -> String {
    let entries = plan
        .databases
        .iter()
        .map(|database| database.steps.len())
        .sum();
    let rows = plan.databases.iter().map(|database| database.rows);
    let rows = rows.sum::<Option<u64>>();
    let bytes = plan.databases.iter().map(|database| database.bytes).sum();
    let databases = counted(plan.databases.len() as u64, "database", "databases");
    let mut parts = vec![format!("{databases}: {}", volume(entries, rows, bytes))];
    if plan.new_roles > 0 {
        let roles = counted(plan.new_roles as u64, "role", "roles");
        parts.push(format!("{roles} to be created"));
    }
    if !plan.existing_roles.is_empty() {
        let count = plan.existing_roles.len() as u64;
        let (one, many) = (
            "role is there and stays as it is",
            "roles are there and stay as they are",
        );
        parts.push(counted(count, one, many));
    }
    let of = |severity| {
        let found = plan
            .findings
            .iter()
            .filter(|finding| finding.severity == severity);
        found.count() as u64
    };
    parts.push(match of(Severity::Problem) {
        0 => "nothing stands in its way".to_owned(),
        problems => format!(
            "{} in its way",
            counted(problems, "problem stands", "problems stand")
        ),
    });
    parts.join("; ")
}

/// A line for each of them, behind their sum.
fn losses(dropped: &[Dropped]) -> Vec<String> {
    if dropped.is_empty() {
        return Vec::new();
    }
    let sum: u64 = dropped.iter().filter_map(|one| one.bytes).sum();
    let mut lines = vec![format!("dropped first, {}", units::bytes(sum))];
    for one in dropped.iter().take(DROPPED_MAX) {
        let size = one.bytes.map_or("size unknown".to_owned(), units::bytes);
        let object = one.object.iter().map(|object| format!(", {object}"));
        let object: String = object.collect();
        lines.push(format!("  database \"{}\"{object}: {size}", one.database));
    }
    let more = dropped.len().saturating_sub(DROPPED_MAX);
    if more > 0 {
        lines.push(format!("  and {more} more"));
    }
    lines
}

/// `40 entries, 1,234 rows, 5.0 MiB`
fn volume(entries: usize, rows: Option<u64>, bytes: u64) -> String {
    let entries = counted(entries as u64, "entry", "entries");
    let rows = rows.map(|rows| counted(rows, "row", "rows") + ", ");
    let bytes = units::bytes(bytes);
    format!("{entries}, {}{bytes}", rows.unwrap_or_default())
}

fn render_database(plan: &DatabasePlan, text: &mut String) {
    let from = if plan.source == plan.target {
        String::new()
    } else {
        format!(" from \"{}\"", plan.source)
    };
    let preparation = match plan.preparation {
        Preparation::Create => ", created",
        Preparation::Fill => ", filled, as every server has it",
        Preparation::Replace => ", dropped if it is there, and created",
        Preparation::Clean => ", objects to be restored dropped first",
        Preparation::Use => "",
        Preparation::Resume => ", resumed",
    };
    let volume = volume(plan.steps.len(), plan.rows, plan.bytes);
    line(
        text,
        0,
        format_args!("database \"{}\"{from}{preparation}: {volume}", plan.target),
    );
    for (part, step) in &plan.steps {
        line(text, 1, format_args!("{part:<9} {step}"));
    }
}

/// Names may hold newlines; a line of the plan may not.
fn line(text: &mut String, depth: usize, content: std::fmt::Arguments<'_>) {
    let content = content.to_string().replace(['\n', '\r'], " ");
    let indent = "  ".repeat(depth);
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{indent}{content}");
}
