//! What the format bounds in a manifest, and nothing else may be read of an archive before it holds. Pure.
//!
//! The reader asks for this as it opens an archive, so that every command relies on it alike. Places, sums
//! and names follow from other parts of the archive: `verify` compares those.

use crate::digest::RowDigest;

use super::layout::{MEMBER_BYTES_MAX, README_BYTES_MAX, SECONDS_MAX};
use super::manifest::{Chunk, Database, Manifest, Member};
use super::names;

/// A number that no archive has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OutOfBounds {
    /// Which, as a sentence without its subject.
    pub(super) what: String,
    /// The bound.
    pub(super) expected: String,
    /// The value found.
    pub(super) found: String,
}

/// The first number of the manifest that no archive has.
pub(super) fn check(manifest: &Manifest) -> Result<(), OutOfBounds> {
    within(
        "its created_unix cannot be an archive's date",
        (0..=SECONDS_MAX).contains(&manifest.created_unix),
        format!("0 to {SECONDS_MAX}"),
        manifest.created_unix,
    )?;
    for member in &manifest.members {
        let most = bytes_max(member);
        within(
            format!("its size of {} is larger than a member can be", member.name),
            member.size <= most,
            format!("at most {most}"),
            member.size,
        )?;
    }
    manifest.databases.iter().try_for_each(check_database)
}

fn bytes_max(member: &Member) -> u64 {
    match member.name.as_str() {
        names::README => README_BYTES_MAX,
        _ => MEMBER_BYTES_MAX,
    }
}

fn check_database(database: &Database) -> Result<(), OutOfBounds> {
    let name = &database.name;
    for table in &database.tables {
        let what = format!("a table of database \"{name}\" has an impossible dump id");
        let id = table.dump_id;
        within(what, id.is_none_or(|id| id > 0), "from 1", id.unwrap_or(0))?;
        for chunk in &table.chunks {
            check_id(database, chunk)?;
            let what = format!(
                "chunk {} of database \"{name}\" has more rows than bytes",
                chunk.dump_id
            );
            let most = format!("at most {}", chunk.raw_bytes);
            within(what, chunk.rows <= chunk.raw_bytes, most, chunk.rows)?;
        }
    }
    let large = database.large_objects.iter();
    for chunk in large.flat_map(|large| &large.chunks) {
        check_id(database, chunk)?;
        let what = format!(
            "chunk {} of database \"{name}\" has large objects, and rows",
            chunk.dump_id
        );
        let has_none = (chunk.rows, chunk.digest) == (0, RowDigest::default());
        within(what, has_none, "0 rows", chunk.rows)?;
    }
    Ok(())
}

fn check_id(database: &Database, chunk: &Chunk) -> Result<(), OutOfBounds> {
    let what = format!(
        "a chunk of database \"{}\" has an impossible dump id",
        database.name
    );
    within(what, chunk.dump_id > 0, "from 1", chunk.dump_id)
}

fn within(
    what: impl Into<String>,
    holds: bool,
    expected: impl Into<String>,
    found: impl ToString,
) -> Result<(), OutOfBounds> {
    if holds {
        Ok(())
    } else {
        Err(OutOfBounds {
            what: what.into(),
            expected: expected.into(),
            found: found.to_string(),
        })
    }
}
