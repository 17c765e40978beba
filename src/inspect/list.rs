//! `--list`: every database's contents, as `pg_restore -l` prints them. Pure.
//!
//! A table in several chunks is one line, that of its first chunk: a list is for choosing objects, and
//! chunks are none.

use std::collections::HashSet;

use bstr::BString;

use crate::archive::manifest::{Database, Manifest};
use crate::toc::DumpId;
use crate::toc::list::{Head, entry_line, header, is_listed};

use super::contents::Contents;
use super::describe::Description;

/// The lists of globals and databases, each announced by a comment. Bytes, because names are.
pub(super) fn list(description: &Description) -> BString {
    let mut out = BString::default();
    for contents in &description.contents {
        let title = match &contents.database {
            None => format!("; Globals ({})\n", contents.folder),
            Some(name) => format!("; Database \"{name}\" ({})\n", contents.folder),
        };
        out.extend_from_slice(b";\n");
        out.extend_from_slice(title.as_bytes());
        push_contents(&mut out, contents, &description.manifest);
        out.push(b'\n');
    }
    out
}

fn push_contents(out: &mut BString, contents: &Contents, manifest: &Manifest) {
    let name = contents.database.as_ref();
    let database = name.and_then(|name| manifest.database(&name.0));
    let hidden = database.map(later_chunks).unwrap_or_default();
    let compression = &manifest.options.compression;
    let algorithm = compression.split(':').next().unwrap_or(compression);
    let head = Head::ours(&contents.toc, algorithm);
    out.extend_from_slice(&header(&contents.toc, &head));
    let entries = contents.toc.entries.iter();
    for entry in entries.filter(|entry| is_listed(entry) && !hidden.contains(&entry.dump_id)) {
        out.extend_from_slice(&entry_line(entry));
    }
}

/// The chunks that are no line of their own.
fn later_chunks(database: &Database) -> HashSet<DumpId> {
    let tables = database.tables.iter();
    let later = tables.flat_map(|table| table.chunks.iter().skip(1));
    later.map(|chunk| DumpId(chunk.dump_id)).collect()
}
