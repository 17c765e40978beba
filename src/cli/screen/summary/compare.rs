//! What a comparison of a server with an archive found.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{in_json, shown};
use crate::cli::screen::text::printable_line;
use crate::compare::{Comparison, DatabaseComparison, Difference, Verdict};
use crate::monitor::units::counted;

/// More lines than this nobody reads on a terminal; `--json` lists all.
const LISTED_MAX: usize = 100;

/// For people.
pub(crate) fn render(comparison: &Comparison) -> String {
    let mut text = String::new();
    if !comparison.globals.is_empty() {
        let count = counted(comparison.globals.len() as u64, "difference", "differences");
        let _ = writeln!(text, "roles and tablespaces: {count}");
        list(&mut text, "differs", &comparison.globals);
    }
    for database in &comparison.databases {
        text.push_str(&one(database));
    }
    text
}

fn one(database: &DatabaseComparison) -> String {
    let name = shown(database.target.as_ref());
    let verdict = match (database.differences.len(), database.not_comparable.len()) {
        (0, 0) if database.left_out > 0 => format!(
            "equal where restored; {} left out",
            counted(database.left_out, "object", "objects")
        ),
        (0, 0) => "equal to the archive".to_owned(),
        (0, _) => "no difference found, but not everything could be compared".to_owned(),
        (different, _) => counted(different as u64, "difference", "differences"),
    };
    let read = [
        counted(database.tables, "table", "tables"),
        counted(database.rows, "row", "rows"),
        counted(database.sequences, "sequence", "sequences"),
        counted(database.large_objects, "large object", "large objects"),
        counted(database.definitions, "definition", "definitions"),
    ];
    let mut text = format!("{name}: {verdict} ({} compared)\n", read.join(", "));
    list(&mut text, "differs", &database.differences);
    list(&mut text, "not compared", &database.not_comparable);
    for notice in &database.notices {
        let _ = writeln!(text, "  notice: {}", printable_line(notice));
    }
    text
}

fn list(text: &mut String, label: &str, all: &[Difference]) {
    for difference in all.iter().take(LISTED_MAX) {
        let line = format!("{}: {}", difference.object, difference.what);
        let _ = writeln!(text, "  {label}: {}", printable_line(&line));
    }
    let more = all.len().saturating_sub(LISTED_MAX);
    if more > 0 {
        let _ = writeln!(text, "  … and {more} more; --json lists all");
    }
}

/// For programs.
pub(crate) fn to_json(comparison: &Comparison) -> Value {
    let databases = comparison.databases.iter().map(|database| {
        json!({
            "source": in_json(database.source.as_ref()),
            "target": in_json(database.target.as_ref()),
            "tables": database.tables,
            "rows": database.rows,
            "sequences": database.sequences,
            "large_objects": database.large_objects,
            "definitions": database.definitions,
            "left_out": database.left_out,
            "differences": database.differences,
            "not_comparable": database.not_comparable,
            "notices": database.notices,
        })
    });
    json!({
        "verdict": comparison.verdict(),
        "globals": { "differences": comparison.globals },
        "databases": databases.collect::<Vec<_>>(),
    })
}

/// The sentence for standard error, where not all is equal.
pub(crate) fn verdict(comparison: &Comparison) -> Option<String> {
    match comparison.verdict() {
        Verdict::Equal => None,
        Verdict::Different => Some(format!(
            "the server differs from the archive: {}",
            counted(
                comparison
                    .databases
                    .iter()
                    .map(|database| database.differences.len() as u64)
                    .sum::<u64>()
                    + comparison.globals.len() as u64,
                "difference",
                "differences"
            )
        )),
        Verdict::NotComparable => {
            let mut all = comparison.databases.iter().flat_map(|d| &d.not_comparable);
            let first = all.next()?;
            let (object, what) = (&first.object, &first.what);
            let more = match all.count() as u64 {
                0 => String::new(),
                more => format!(" (and {} more)", counted(more, "thing", "things")),
            };
            let text = "not everything could be compared with the archive";
            Some(format!("{text}: {object}: {what}{more}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_named_and_outweighs_what_is_unknown() {
        let difference = |object: &str, what: &str| Difference {
            object: object.to_owned(),
            what: what.to_owned(),
        };
        let equal = DatabaseComparison {
            source: "a".into(),
            target: "a".into(),
            tables: 1,
            rows: 1_000,
            ..DatabaseComparison::default()
        };
        let other = DatabaseComparison {
            target: "b".into(),
            differences: vec![difference("TABLE DATA s.t", "2 rows are missing")],
            not_comparable: vec![difference("large objects", "permission denied")],
            ..equal.clone()
        };
        let comparison = Comparison {
            globals: Vec::new(),
            databases: vec![equal, other],
        };
        insta::assert_snapshot!(render(&comparison), @r"
        a: equal to the archive (1 table, 1,000 rows, 0 sequences, 0 large objects, 0 definitions compared)
        b: 1 difference (1 table, 1,000 rows, 0 sequences, 0 large objects, 0 definitions compared)
          differs: TABLE DATA s.t: 2 rows are missing
          not compared: large objects: permission denied
        ");
        let said = "the server differs from the archive: 1 difference";
        assert_eq!(verdict(&comparison).as_deref(), Some(said));
        assert_eq!(to_json(&comparison)["verdict"], "different");
        let names_only = DatabaseComparison {
            not_comparable: vec![difference("definitions", "looked for by name only")],
            ..DatabaseComparison::default()
        };
        let comparison = Comparison {
            globals: Vec::new(),
            databases: vec![names_only],
        };
        let said = "not everything could be compared with the archive: definitions: looked for by name only";
        assert_eq!(verdict(&comparison).as_deref(), Some(said));
        assert!(!render(&comparison).contains("equal"));
        let partial = DatabaseComparison {
            target: "c".into(),
            left_out: 2,
            ..DatabaseComparison::default()
        };
        let comparison = Comparison {
            globals: Vec::new(),
            databases: vec![partial],
        };
        let said = "c: equal where restored; 2 objects left out (";
        assert!(render(&comparison).starts_with(said));
    }
}
