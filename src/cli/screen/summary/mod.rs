//! The text at the end of an operation: outcomes as one screen for people, or as JSON. Pure.

pub(crate) mod compare;
pub(crate) mod dump;
pub(crate) mod plan;
pub(crate) mod rehearse;
pub(crate) mod restore;

use bstr::BStr;
use serde_json::{Value, json};

use super::text::printable_line;
use crate::archive::manifest::Name;

/// More databases than this would not fit on one screen; `--json` lists all.
const DATABASE_LINES_MAX: usize = 30;

/// Longer names are cut, so that columns stay columns.
const NAME_CHARS_MAX: usize = 40;

/// A name for people: on one line, not too long, bytes that are not UTF-8 replaced.
fn shown(name: &BStr) -> String {
    let name = printable_line(&name.to_string());
    if name.chars().count() <= NAME_CHARS_MAX {
        return name;
    }
    let cut: String = name.chars().take(NAME_CHARS_MAX - 1).collect();
    format!("{cut}…")
}

/// A name in JSON: a string, or `{"hex": ..}` where it is not UTF-8, as in the manifest.
fn in_json(name: &BStr) -> Value {
    serde_json::to_value(Name(name.to_owned())).unwrap_or_else(|_| json!(name.to_string()))
}

/// Rows of cells as lines, indented; the first column is left-aligned, the others right-aligned.
fn columns(rows: &[Vec<String>]) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..count)
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::from("  ");
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let cell = match column {
                0 => format!("{cell:<width$}"),
                _ => format!("  {cell:>width$}"),
            };
            line.push_str(&cell);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// A table with a heading, cut after [`DATABASE_LINES_MAX`] rows.
fn databases_table(heading: &[&str], rows: Vec<Vec<String>>) -> String {
    let more = rows.len().saturating_sub(DATABASE_LINES_MAX);
    let mut all = vec![heading.iter().map(|title| (*title).to_owned()).collect()];
    all.extend(rows.into_iter().take(DATABASE_LINES_MAX));
    let mut text = columns(&all);
    if more > 0 {
        text.push_str(&format!("  … and {more} more\n"));
    }
    text
}

/// Lines of a label and a value.
fn facts(facts: &[(&str, String)]) -> String {
    let width = facts
        .iter()
        .map(|(label, _)| label.len())
        .max()
        .unwrap_or(0);
    facts
        .iter()
        .map(|(label, value)| format!("{label:<width$}  {value}\n"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_on_their_line_and_in_their_column() {
        assert_eq!(shown("a\nb\x1b".into()), "a\\x0ab\\x1b");
        assert_eq!(
            shown("ü".repeat(50).as_str().into()).chars().count(),
            NAME_CHARS_MAX
        );
        assert_eq!(
            in_json(b"caf\xe9".as_slice().into()),
            json!({ "hex": "636166e9" })
        );
    }

    #[test]
    fn tables_are_aligned_and_cut() {
        let row = |number: usize| vec![format!("db{number}"), number.to_string()];
        let text = databases_table(&["database", "rows"], (0..40).map(row).collect());
        assert_eq!(text.lines().count(), 32);
        assert_eq!(text.lines().nth(10), Some("  db9          9"));
        assert_eq!(text.lines().last(), Some("  … and 10 more"));
    }
}
