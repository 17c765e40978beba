//! Lists of entries: printed by `-l`, edited by the user, read by `-L`.
//!
//! Pure. The lines are pg_restore's (`PrintTOCSummary` and `SortTocFromFile` in
//! `pg_backup_archiver.c`): an entry's id, a semicolon, and what the entry is, which is a comment.
//! What is left in the list is restored, in the order of the list. A table in several chunks is one
//! line, and stands for all of them. The entries of each database follow a line `; Database "name"`;
//! where exactly one database is restored that line may be missing. Roles and tablespaces are in no list.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use bstr::{BString, ByteSlice};

use super::contents::DatabaseContents;
use super::options::DatabaseChoice;
use super::select::Need;
use crate::toc::list::{entry_line, one_line};
use crate::toc::{DumpId, ObjectKind, Toc, TocEntry};

/// How much a list tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// What would be restored.
    Wanted,
    /// Every entry, and what it depends on.
    Everything,
}

/// The list of one database, of which `needs` says what is wanted.
pub(super) fn render(database: &DatabaseContents, needs: &[Need], detail: Detail) -> BString {
    let toc = &database.toc;
    let mut out = heading(database);
    let chunks = chunks(toc);
    for (entry, need) in toc.entries.iter().zip(needs) {
        let is_told = need.any() || detail == Detail::Everything;
        let first = chunks.get(&entry.dump_id).and_then(|ids| ids.first());
        if !is_told || first.is_some_and(|first| *first != entry.dump_id) {
            continue;
        }
        out.extend_from_slice(&entry_line(entry));
        if detail == Detail::Everything && !entry.dependencies.is_empty() {
            let ids = entry.dependencies.iter().map(|id| format!(" {id}"));
            let line = format!(";\tdepends on:{}\n", ids.collect::<String>());
            out.extend_from_slice(line.as_bytes());
        }
    }
    out.push(b'\n');
    out
}

fn heading(database: &DatabaseContents) -> BString {
    let toc = &database.toc;
    let entries = toc.entries.len().to_string();
    [
        b";\n; Database \"".as_slice(),
        &one_line(&database.source),
        b"\"\n;     TOC Entries: ",
        entries.as_bytes(),
        b"\n;     Dumped from database version: ",
        &one_line(&toc.server_version),
        b"\n;\n; Selected TOC Entries:\n;\n",
    ]
    .concat()
    .into()
}

/// A list that was read.
#[derive(Debug, Clone, Default)]
pub struct List {
    parts: Vec<Part>,
}

/// The lines below one heading, or above the first.
#[derive(Debug, Clone)]
struct Part {
    heading: Heading,
    lines: Vec<Line>,
}

#[derive(Debug, Clone)]
enum Heading {
    None,
    /// What follows `; Database `.
    Database(BString),
    Globals,
}

#[derive(Debug, Clone, Copy)]
struct Line {
    number: usize,
    id: DumpId,
}

/// A list that cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields are")]
pub enum ListError {
    /// A line that is neither a comment nor an entry.
    #[error("line {number} of the list names no entry: {text}")]
    NotAnEntry { number: usize, text: BString },
    /// Entries that are not there.
    #[error("the list names entries that database \"{database}\" does not have: {}", lines.join(", "))]
    Unknown {
        database: BString,
        lines: Vec<String>,
    },
    /// Lines that could belong to several databases.
    #[error("line {number} of the list does not say which database it is about")]
    NoDatabase { number: usize },
    /// A database that was named and is not in the list.
    #[error("the list has no part for database \"{database}\"")]
    NoPart { database: BString },
}

impl List {
    /// Reads a list.
    pub fn parse(text: &[u8]) -> Result<Self, ListError> {
        let mut parts = vec![Part {
            heading: Heading::None,
            lines: Vec::new(),
        }];
        for (index, text) in text.lines().enumerate() {
            if let Some(heading) = Heading::parse(text) {
                parts.push(Part {
                    heading,
                    lines: Vec::new(),
                });
            }
            let line = Line::parse(index + 1, text)?;
            if let Some(part) = parts.last_mut() {
                part.lines.extend(line);
            }
        }
        Ok(Self { parts })
    }

    /// Of `chosen`, none of which the user named, those that the list speaks of; all of them where
    /// [`arrange`](Self::arrange) is to say what is wrong.
    pub(super) fn spoken_of(&self, chosen: Vec<DatabaseChoice>) -> Vec<DatabaseChoice> {
        let is_loose = self
            .parts
            .first()
            .is_some_and(|part| !part.lines.is_empty());
        let speaks_of = |choice: &DatabaseChoice| {
            let mut parts = self.parts.iter();
            parts.any(|part| part.is_for(&choice.source))
        };
        if is_loose || !chosen.iter().any(speaks_of) {
            return chosen;
        }
        chosen.into_iter().filter(speaks_of).collect()
    }

    /// The databases whose contents are to be restored: all of `chosen`, or where `is_named` does not
    /// say that the user named them, those that the list speaks of.
    pub(super) fn arrange(
        &self,
        chosen: Vec<DatabaseContents>,
        is_named: bool,
    ) -> Result<Vec<DatabaseContents>, ListError> {
        let is_only = chosen.len() == 1;
        let loose = self.parts.first().and_then(|part| part.lines.first());
        if let Some(line) = loose.filter(|_| !is_only) {
            let number = line.number;
            return Err(ListError::NoDatabase { number });
        }
        let mut arranged = Vec::new();
        for mut database in chosen {
            let parts = || {
                self.parts
                    .iter()
                    .filter(|part| part.is_for(&database.source))
            };
            if parts().next().is_some() || loose.is_some() {
                let lines = parts().chain(self.parts.first());
                let lines: Vec<Line> = lines.flat_map(|part| part.lines.clone()).collect();
                arrange(&mut database, &lines)?;
                arranged.push(database);
            } else if is_named || is_only {
                return Err(ListError::NoPart {
                    database: database.source,
                });
            }
        }
        Ok(arranged)
    }
}

impl Part {
    fn is_for(&self, database: &[u8]) -> bool {
        let Heading::Database(text) = &self.heading else {
            return false;
        };
        let name = [b"\"".as_slice(), &one_line(database), b"\""].concat();
        let rest = text.strip_prefix(name.as_slice());
        rest.is_some_and(|rest| rest.trim().is_empty() || rest.starts_with(b" ("))
    }
}

impl Heading {
    fn parse(line: &[u8]) -> Option<Self> {
        let comment = line.strip_prefix(b"; ")?;
        if comment.starts_with(b"Globals (") {
            return Some(Self::Globals);
        }
        let name = comment.strip_prefix(b"Database ")?;
        name.starts_with(b"\"").then(|| Self::Database(name.into()))
    }
}

impl Line {
    /// The entry that a line names; none for a comment.
    fn parse(number: usize, text: &[u8]) -> Result<Option<Self>, ListError> {
        let end = text.find_byte(b';').unwrap_or(text.len());
        let named = text[..end].trim();
        if named.is_empty() {
            return Ok(None);
        }
        let digits = named
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let id = named[..digits].to_str().ok().and_then(|id| id.parse().ok());
        let id = id.ok_or_else(|| ListError::NotAnEntry {
            number,
            text: one_line(text),
        })?;
        Ok(Some(Self {
            number,
            id: DumpId(id),
        }))
    }
}

/// Puts the entries that the list names behind all others, in its order, as pg_restore does. The first
/// mention of an entry counts.
fn arrange(database: &mut DatabaseContents, lines: &[Line]) -> Result<(), ListError> {
    let toc = &database.toc;
    let known: HashSet<DumpId> = toc.entries.iter().map(|entry| entry.dump_id).collect();
    let unknown = lines.iter().filter(|line| !known.contains(&line.id));
    let unknown: Vec<String> = unknown
        .map(|line| format!("{} (line {})", line.id, line.number))
        .collect();
    if !unknown.is_empty() {
        return Err(ListError::Unknown {
            database: database.source.clone(),
            lines: unknown,
        });
    }
    let chunks = chunks(toc);
    let mut order: HashMap<DumpId, usize> = HashMap::new();
    for line in lines {
        let alone = [line.id];
        let ids = chunks.get(&line.id);
        for id in ids.map_or(&alone[..], |ids| ids.as_slice()) {
            let next = order.len();
            order.entry(*id).or_insert(next);
        }
    }
    let place = |entry: &TocEntry| order.get(&entry.dump_id).map(|place| place + 1);
    database
        .toc
        .entries
        .sort_by_key(|entry| place(entry).unwrap_or(0));
    database.listed = Some(order.into_keys().collect());
    Ok(())
}

/// For each entry of rows all those of its table: a table has several where it is in chunks.
fn chunks(toc: &Toc) -> HashMap<DumpId, Rc<Vec<DumpId>>> {
    let mut by_table: HashMap<(&[u8], &BString), Vec<DumpId>> = HashMap::new();
    let rows = |entry: &&TocEntry| entry.kind == ObjectKind::TableData;
    for entry in toc.entries.iter().filter(rows) {
        let table = by_table.entry((entry.schema(), &entry.tag)).or_default();
        table.push(entry.dump_id);
    }
    let mut chunks = HashMap::new();
    for ids in by_table.into_values().map(Rc::new) {
        chunks.extend(ids.iter().map(|id| (*id, Rc::clone(&ids))));
    }
    chunks
}

#[cfg(test)]
mod tests;
