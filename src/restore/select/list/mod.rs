//! Lists of entries: printed by `-l`, edited by the user, read by `-L`.
//!
//! Pure. The lines are pg_restore's (`PrintTOCSummary` and `SortTocFromFile` in `pg_backup_archiver.c`): an
//! entry's id, a semicolon, and a description, which is a comment. The lines left in the list are restored,
//! in the order of the list. A table in several chunks is one line, which stands for all of them. The entries
//! of each database follow a line `; Database "name"`; where exactly one database is restored that line may
//! be missing. Roles and tablespaces are in no list.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use bstr::{BString, ByteSlice};

use super::Need;
use crate::toc::list::{entry_line, one_line};
use crate::toc::{DumpId, ObjectKind, Toc, TocEntry};

/// How much a list tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// The entries to be restored.
    Wanted,
    /// Every entry, and its dependencies.
    Everything,
}

/// The list of the database called `name`; `needs` says which entries are wanted.
pub(crate) fn render(name: &[u8], toc: &Toc, needs: &[Need], detail: Detail) -> BString {
    let mut out = heading(name, toc);
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

fn heading(name: &[u8], toc: &Toc) -> BString {
    let entries = toc.entries.len().to_string();
    [
        b";\n; Database \"".as_slice(),
        &one_line(name),
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
    /// The name after `; Database `.
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

    /// Of the databases `chosen`, none of which the user named, those in the list. All of them where lines
    /// belong to no database, or to none of these: `arrange` then reports the fault.
    pub(crate) fn spoken_of<T>(&self, chosen: Vec<T>, name: impl Fn(&T) -> &BString) -> Vec<T> {
        let speaks_of = |one: &T| self.has_part_for(name(one));
        if self.loose_line().is_some() || !chosen.iter().any(speaks_of) {
            return chosen;
        }
        chosen.into_iter().filter(speaks_of).collect()
    }

    /// The number of the first line that stands below no heading.
    pub(crate) fn loose_line(&self) -> Option<usize> {
        let loose = self.parts.first().and_then(|part| part.lines.first());
        loose.map(|line| line.number)
    }

    /// Whether the list has a heading for this database.
    pub(crate) fn has_part_for(&self, database: &[u8]) -> bool {
        self.parts.iter().any(|part| part.is_for(database))
    }

    /// Puts the entries that the list names for this database behind all others of its TOC, in the list's
    /// order, as pg_restore does. Lines above the first heading come last. The first mention of an entry
    /// counts. Returns the entries named.
    pub(crate) fn sort(
        &self,
        database: &BString,
        toc: &mut Toc,
    ) -> Result<HashSet<DumpId>, ListError> {
        let parts = self.parts.iter().filter(|part| part.is_for(database));
        let lines: Vec<Line> = parts
            .chain(self.parts.first())
            .flat_map(|part| part.lines.clone())
            .collect();
        let order = order(database, toc, &lines)?;
        let place = |entry: &TocEntry| order.get(&entry.dump_id).map(|place| place + 1);
        toc.entries.sort_by_key(|entry| place(entry).unwrap_or(0));
        Ok(order.into_keys().collect())
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

/// The place of each entry that the lines name: a table in several chunks has one line for all of them.
fn order(
    database: &BString,
    toc: &Toc,
    lines: &[Line],
) -> Result<HashMap<DumpId, usize>, ListError> {
    let known: HashSet<DumpId> = toc.entries.iter().map(|entry| entry.dump_id).collect();
    let unknown = lines.iter().filter(|line| !known.contains(&line.id));
    let unknown: Vec<String> = unknown
        .map(|line| format!("{} (line {})", line.id, line.number))
        .collect();
    if !unknown.is_empty() {
        return Err(ListError::Unknown {
            database: database.clone(),
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
    Ok(order)
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
