//! The description as text for people, and as JSON. Pure: `cli` prints it.

use serde::Serialize;

use crate::archive::manifest::{Database, GlobalsFacts, LeftOut, Name, Passwords};
use crate::archive::place::qualified;
use crate::monitor::units;

use super::columns::{Align, aligned};
use super::describe::{DatabaseSummary, Description, Totals};

/// Longer names are cut in tables; the JSON holds them whole.
const NAME_CHARS_MAX: usize = 40;
/// How many of the biggest tables a summary shows.
pub(super) const BIGGEST_TABLES: usize = 10;

/// The description as one JSON object, ended by a newline.
pub(super) fn json<T: Serialize>(description: &T) -> Result<String, serde_json::Error> {
    let mut out = serde_json::to_string_pretty(description)?;
    out.push('\n');
    Ok(out)
}

/// A summary of some lines.
pub(super) fn summary(description: &Description) -> String {
    let parts = [
        facts(description),
        databases(description),
        biggest_tables(description),
        extensions(description),
    ];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("\n")
}

fn facts(description: &Description) -> String {
    let manifest = &description.manifest;
    let totals = &description.totals;
    let host = manifest.server.host.as_ref();
    let host = host.map(|host| format!(" on {host}")).unwrap_or_default();
    let mut made = format!(
        "{} by {} {}, {}, {}",
        readable(&description.created),
        manifest.creator,
        match manifest.schema_reader.as_deref() {
            Some("catalogs") => "from the catalogs".to_owned(),
            _ => format!("with pg_dump {}", manifest.pg_dump_version),
        },
        manifest.options.compression,
        units::counted(u64::from(manifest.options.jobs), "job", "jobs"),
    );
    let options = &manifest.options;
    for option in options.sections.iter().chain(&options.filters) {
        made.push_str(&format!(", {option}"));
    }
    let mut lines = vec![
        (
            "archive",
            format!("{}, format {}", description.location, manifest.format),
        ),
        ("made", made),
        (
            "from",
            format!("PostgreSQL {}{host}", manifest.server.version),
        ),
        ("snapshots", snapshots(description)),
        ("size", sizes(description)),
        ("holds", holds(totals)),
    ];
    if let Some(globals) = &manifest.globals {
        lines.push(("globals", globals_line(globals)));
    }
    lines.extend(LeftOut::in_words(&manifest.left_out).map(|words| ("left out", words)));
    lines.push(("digest", description.digest.clone()));
    let lines = lines
        .into_iter()
        .map(|(name, text)| format!("{name:<10}{text}\n"));
    lines.collect()
}

fn holds(totals: &Totals) -> String {
    let mut text = format!(
        "{}, {}, {}",
        units::counted(totals.databases, "database", "databases"),
        units::counted(totals.tables, "table", "tables"),
        units::counted(totals.rows, "row", "rows"),
    );
    if totals.large_objects > 0 {
        let large = units::counted(totals.large_objects, "large object", "large objects");
        text.push_str(&format!(", {large}"));
    }
    text
}

fn sizes(description: &Description) -> String {
    let totals = &description.totals;
    format!(
        "{}; {} of rows in {} ({})",
        units::bytes(description.file_bytes),
        units::bytes(totals.raw_bytes),
        units::bytes(totals.stored_bytes),
        units::ratio(totals.raw_bytes, totals.stored_bytes),
    )
}

/// The first snapshot's time, and how far the last is from it.
fn snapshots(description: &Description) -> String {
    let manifest = &description.manifest;
    let times = manifest
        .databases
        .iter()
        .map(|d| d.snapshot.taken_at.as_str());
    match (times.min(), manifest.databases.len()) {
        (None, _) => "none".to_owned(),
        (Some(first), 1) => readable(first),
        (Some(first), _) => {
            let spread = units::span(manifest.snapshot_spread_us);
            format!("{}, all within {spread}", readable(first))
        }
    }
}

/// A name that fits in a table.
pub(super) fn cell(name: &Name) -> String {
    let text = name.to_string();
    match text.char_indices().nth(NAME_CHARS_MAX) {
        None => text,
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// RFC 3339 in UTC without its letters.
fn readable(time: &str) -> String {
    match time.strip_suffix('Z') {
        Some(time) => format!("{} UTC", time.replacen('T', " ", 1)),
        None => time.to_owned(),
    }
}

fn globals_line(globals: &GlobalsFacts) -> String {
    let passwords = match globals.passwords {
        Passwords::Included => "passwords included",
        Passwords::Unreadable => "passwords not included: the user of the dump could not read them",
        Passwords::Excluded => "passwords not included",
    };
    format!(
        "{}, {}, {}; {passwords}",
        units::counted(globals.roles, "role", "roles"),
        units::counted(globals.memberships, "membership", "memberships"),
        units::counted(globals.tablespaces, "tablespace", "tablespaces"),
    )
}

fn databases(description: &Description) -> String {
    let head = [
        ("database", Align::Left),
        ("on server", Align::Right),
        ("tables", Align::Right),
        ("rows", Align::Right),
        ("raw", Align::Right),
        ("stored", Align::Right),
        ("ratio", Align::Right),
        ("encoding", Align::Left),
        ("snapshot", Align::Left),
    ];
    let details = description.manifest.databases.iter();
    let rows: Vec<Vec<String>> = description
        .databases
        .iter()
        .zip(details)
        .map(|(summary, database)| database_row(summary, database))
        .collect();
    aligned(&head, &rows, "")
}

fn database_row(summary: &DatabaseSummary, database: &Database) -> Vec<String> {
    // The date is in the head of the summary.
    let taken_at = database.snapshot.taken_at.as_str();
    let time = taken_at.split_once('T').map_or(taken_at, |(_, time)| time);
    vec![
        cell(&summary.name),
        units::bytes(summary.size_bytes),
        units::count(summary.tables),
        units::count(summary.rows),
        units::bytes(summary.raw_bytes),
        units::bytes(summary.stored_bytes),
        units::ratio(summary.raw_bytes, summary.stored_bytes),
        database.encoding.clone(),
        time.trim_end_matches('Z').to_owned(),
    ]
}

fn biggest_tables(description: &Description) -> String {
    let head = [
        ("biggest tables", Align::Left),
        ("database", Align::Left),
        ("rows", Align::Right),
        ("raw", Align::Right),
        ("stored", Align::Right),
        ("ratio", Align::Right),
        ("chunks", Align::Right),
    ];
    let biggest = description.tables.iter().filter(|table| table.rows > 0);
    let rows: Vec<Vec<String>> = biggest
        .take(BIGGEST_TABLES)
        .map(|table| {
            vec![
                cell(&qualified(&table.schema, &table.name)),
                cell(&table.database),
                units::count(table.rows),
                units::bytes(table.raw_bytes),
                units::bytes(table.stored_bytes),
                units::ratio(table.raw_bytes, table.stored_bytes),
                units::count(table.chunks),
            ]
        })
        .collect();
    if rows.is_empty() {
        String::new()
    } else {
        aligned(&head, &rows, "")
    }
}

fn extensions(description: &Description) -> String {
    let head = [("extensions", Align::Left), ("", Align::Left)];
    let with_some = description.manifest.databases.iter();
    let rows: Vec<Vec<String>> = with_some
        .filter(|database| !database.extensions.is_empty())
        .map(|database| {
            let named = database.extensions.iter();
            let named: Vec<_> = named.map(|e| format!("{} {}", e.name, e.version)).collect();
            vec![cell(&database.name), named.join(", ")]
        })
        .collect();
    if rows.is_empty() {
        String::new()
    } else {
        aligned(&head, &rows, "")
    }
}
