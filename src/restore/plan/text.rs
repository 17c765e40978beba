//! The plan of a restore as people read it: `--dry-run`.
//!
//! Pure. How the plan is made is `plan`'s business.

use std::fmt::Write as _;

use super::{DatabasePlan, Preparation, RestorePlan, losses};
use crate::monitor::units::{self, counted};
use crate::restore::finding::Severity;

impl RestorePlan {
    /// The plan as text: what is lost, what it comes to, then a line for every step.
    pub fn render(&self) -> String {
        let mut text = String::new();
        for lost in losses::render(&self.dropped) {
            line(&mut text, 0, format_args!("{lost}"));
        }
        line(&mut text, 0, format_args!("{}", self.summary()));
        for finding in &self.findings {
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
        for setting in &self.settings {
            line(&mut text, 1, format_args!("{setting}"));
        }
        if !self.globals.is_empty() {
            line(&mut text, 0, format_args!("roles and tablespaces"));
        }
        for global in &self.globals {
            line(&mut text, 1, format_args!("{global}"));
        }
        for database in &self.databases {
            database.render(&mut text);
        }
        text
    }

    /// How much would be done, and whether anything stands in its way.
    fn summary(&self) -> String {
        let entries = self
            .databases
            .iter()
            .map(|database| database.steps.len())
            .sum();
        let rows = self.databases.iter().map(|database| database.rows);
        let rows = rows.sum::<Option<u64>>();
        let bytes = self.databases.iter().map(|database| database.bytes).sum();
        let databases = counted(self.databases.len() as u64, "database", "databases");
        let mut parts = vec![format!("{databases}: {}", volume(entries, rows, bytes))];
        if self.new_roles > 0 {
            let roles = counted(self.new_roles as u64, "role", "roles");
            parts.push(format!("{roles} to be created"));
        }
        if !self.existing_roles.is_empty() {
            let count = self.existing_roles.len() as u64;
            let (one, many) = (
                "role is there and stays as it is",
                "roles are there and stay as they are",
            );
            parts.push(counted(count, one, many));
        }
        let of = |severity| {
            let found = self
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
}

/// `40 entries, 1,234 rows, 5.0 MiB`
fn volume(entries: usize, rows: Option<u64>, bytes: u64) -> String {
    let entries = counted(entries as u64, "entry", "entries");
    let rows = rows.map(|rows| counted(rows, "row", "rows") + ", ");
    let bytes = units::bytes(bytes);
    format!("{entries}, {}{bytes}", rows.unwrap_or_default())
}

impl DatabasePlan {
    fn render(&self, text: &mut String) {
        let from = if self.source == self.target {
            String::new()
        } else {
            format!(" from \"{}\"", self.source)
        };
        let preparation = match self.preparation {
            Preparation::Create => ", created",
            Preparation::Fill => ", filled, as every server has it",
            Preparation::Replace => ", dropped if it is there, and created",
            Preparation::Clean => ", what is restored dropped first",
            Preparation::Use => "",
            Preparation::Resume => ", resumed",
        };
        let volume = volume(self.steps.len(), self.rows, self.bytes);
        line(
            text,
            0,
            format_args!("database \"{}\"{from}{preparation}: {volume}", self.target),
        );
        for (part, step) in &self.steps {
            line(text, 1, format_args!("{part:<9} {step}"));
        }
    }
}

/// Names may hold newlines; a line of the plan may not.
fn line(text: &mut String, depth: usize, content: std::fmt::Arguments<'_>) {
    let content = content.to_string().replace(['\n', '\r'], " ");
    let indent = "  ".repeat(depth);
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{indent}{content}");
}
