//! Removes from a restore the objects that its user may not create (`--skip-forbidden`) and those that need
//! something the target lacks (`--skip-unavailable`).
//!
//! Pure. The tables of contents lose the entries, or parts of them, and all entries that depend on them.
//! Every later step sees an archive that never had them.

use std::collections::{HashMap, HashSet};

use bstr::BString;

use crate::restore::contents::{Contents, DatabaseContents};
use crate::restore::outcome::Skipped;
use crate::restore::plan::DatabaseWork;
use crate::toc::lex::{self, follower};
use crate::toc::{DumpId, ObjectKind, Toc, TocEntry};

/// Something to be taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Loss {
    /// Position of the database; `None` for roles and tablespaces.
    pub(crate) database: Option<usize>,
    /// Position of the entry in its table of contents.
    pub(crate) position: usize,
    /// The entry for people.
    pub(crate) object: String,
    /// Why, for people.
    pub(crate) because: String,
    /// The part that is taken from the entry.
    pub(crate) cut: Cut,
}

impl Loss {
    /// The object, or the part of it that is taken out, for people.
    pub(crate) fn part(&self) -> String {
        let object = &self.object;
        match &self.cut {
            Cut::Definition(rest) if !rest.is_empty() => format!("part of {object}"),
            Cut::Entry | Cut::Definition(_) => object.clone(),
            Cut::Owner => format!("owner of {object}"),
            Cut::Tablespace => format!("tablespace of {object}"),
        }
    }
}

/// Removes them. Returns the removed part of each, for the report.
pub(crate) fn leave_out(
    contents: &mut Contents,
    work: &[DatabaseWork],
    losses: &[Loss],
) -> Vec<Skipped> {
    let mut skipped: Vec<Skipped> = losses
        .iter()
        .map(|loss| Skipped {
            database: target(contents, loss.database),
            object: loss.part(),
            because: loss.because.clone(),
        })
        .collect();
    let of = |database: Option<usize>| losses.iter().filter(move |loss| loss.database == database);
    if let Some(globals) = &mut contents.globals {
        let gone = cut(globals, of(None));
        globals
            .entries
            .retain(|entry| !gone.contains(&entry.dump_id));
    }
    for (number, (database, work)) in contents.databases.iter_mut().zip(work).enumerate() {
        let gone = cut(&mut database.toc, of(Some(number)));
        let all = with_dependants(&database.toc, gone.clone());
        skipped.extend(dependants(database, work, &gone, &all));
        database
            .toc
            .entries
            .retain(|entry| !all.contains(&entry.dump_id));
    }
    skipped
}

fn target(contents: &Contents, database: Option<usize>) -> BString {
    let database = database.and_then(|number| contents.databases.get(number));
    database
        .map(|database| database.target.clone())
        .unwrap_or_default()
}

/// Changes entries. Returns those of which nothing remains.
fn cut<'a>(toc: &mut Toc, items: impl Iterator<Item = &'a Loss>) -> HashSet<DumpId> {
    let mut gone = HashSet::new();
    for item in items {
        let entry = &mut toc.entries[item.position];
        match &item.cut {
            Cut::Entry => {
                gone.insert(entry.dump_id);
            }
            Cut::Owner => entry.owner = Some(BString::default()),
            Cut::Tablespace => entry.tablespace = Some(BString::default()),
            Cut::Definition(rest) if rest.is_empty() => {
                gone.insert(entry.dump_id);
            }
            Cut::Definition(rest) => entry.defn = Some(rest.clone()),
        }
    }
    gone
}

/// All that depends on `gone`, at any distance.
pub(crate) fn with_dependants(toc: &Toc, mut gone: HashSet<DumpId>) -> HashSet<DumpId> {
    let kinds: HashMap<DumpId, &ObjectKind> = toc
        .entries
        .iter()
        .map(|entry| (entry.dump_id, &entry.kind))
        .collect();
    loop {
        let before = gone.len();
        let names: HashSet<(&ObjectKind, &[u8], &[u8])> = toc
            .entries
            .iter()
            .filter(|entry| gone.contains(&entry.dump_id))
            .map(|entry| (&entry.kind, entry.schema(), entry.tag.as_slice()))
            .collect();
        for entry in &toc.entries {
            let mut needed = entry.dependencies.iter();
            let needs_it = needed.any(|id| {
                gone.contains(id) && kinds.get(id).is_some_and(|kind| !is_for_order(kind))
            });
            let needs_by_name = match entry.kind {
                ObjectKind::ShellType => {
                    names.contains(&(&ObjectKind::Type, entry.schema(), entry.tag.as_slice()))
                }
                // pg_dump notes no dependencies of these.
                ObjectKind::UserMapping => {
                    let server = follower(entry.definition(), b"SERVER").map(lex::name);
                    server.is_some_and(|name| names.contains(&(&ObjectKind::Server, b"", &name)))
                }
                ObjectKind::TableData | ObjectKind::SequenceSet => {
                    is_of_extension(toc, &gone, entry)
                }
                _ => false,
            };
            if needs_it || needs_by_name {
                gone.insert(entry.dump_id);
            }
        }
        if gone.len() == before {
            return gone;
        }
    }
}

/// Whether these are rows of a configuration table of an extension that is gone. pg_dump notes nothing of
/// that: they are those of a relation that the archive does not define, in a schema of such extensions and of
/// no other.
fn is_of_extension(toc: &Toc, gone: &HashSet<DumpId>, entry: &TocEntry) -> bool {
    let is_definition = |other: &&TocEntry| {
        matches!(
            other.kind,
            ObjectKind::Table | ObjectKind::ForeignTable | ObjectKind::Sequence
        ) && other.schema() == entry.schema()
            && other.tag == entry.tag
    };
    let of_schema = |other: &&TocEntry| {
        let schema = follower(other.definition(), b"SCHEMA").map(lex::name);
        other.kind == ObjectKind::Extension && schema.as_deref() == Some(entry.schema())
    };
    let mut extensions = toc.entries.iter().filter(of_schema).peekable();
    extensions.peek().is_some()
        && extensions.all(|extension| gone.contains(&extension.dump_id))
        && !toc.entries.iter().any(|other| is_definition(&other))
}

/// Dependencies on these are about order only: of a column's grants on its table's, of rows on the rows
/// that foreign keys ask for, of refreshes on refreshes.
fn is_for_order(kind: &ObjectKind) -> bool {
    matches!(
        kind,
        ObjectKind::Acl
            | ObjectKind::Comment
            | ObjectKind::TableData
            | ObjectKind::MaterializedViewData
    )
}

/// A wanted object that is left out because of another one.
fn dependants(
    database: &DatabaseContents,
    work: &DatabaseWork,
    gone: &HashSet<DumpId>,
    all: &HashSet<DumpId>,
) -> Vec<Skipped> {
    let entries = database.toc.entries.iter().zip(&work.needs);
    let left_out = entries.filter(|(entry, need)| {
        let is_first_chunk = database
            .chunks
            .get(&entry.dump_id)
            .is_none_or(|chunk| chunk.chunk_number == 1);
        let is_dependant = all.contains(&entry.dump_id) && !gone.contains(&entry.dump_id);
        need.any() && is_dependant && is_first_chunk
    });
    left_out
        .map(|(entry, _)| Skipped {
            database: database.target.clone(),
            object: database.describe_whole(entry),
            because: "it depends on an object that is left out".to_owned(),
        })
        .collect()
}

/// The part that is taken from an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cut {
    /// All of it, and with it whatever depends on it.
    Entry,
    /// Its owner.
    Owner,
    /// Its tablespace.
    Tablespace,
    /// Some statements: these remain.
    Definition(BString),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restore::testing::{database, entry, options, toc, work};

    #[test]
    fn what_depends_on_it_goes_too_and_what_only_comes_after_it_stays() {
        let needing = |id, kind, tag: &str, ids: &[i32]| {
            let mut entry = entry(id, kind, Some("s"), tag);
            entry.dependencies = ids.iter().copied().map(DumpId).collect();
            entry
        };
        use ObjectKind as Kind;
        let mut owned = needing(9, Kind::Table, "owned", &[]);
        owned.owner = Some("x".into());
        let entries = vec![
            needing(1, Kind::ShellType, "base", &[]),
            needing(2, Kind::Function, "base_in", &[1]),
            needing(3, Kind::Type, "base", &[2]),
            needing(4, Kind::Table, "t", &[3]),
            needing(5, Kind::TableData, "t", &[4]),
            needing(6, Kind::TableData, "u", &[5]),
            needing(7, Kind::Comment, "TABLE t", &[4]),
            owned,
        ];
        let mut contents = Contents {
            databases: vec![database("d", toc(entries))],
            globals: None,
        };
        let work = [work(&contents.databases[0], &options())];
        let loss = |position, cut| Loss {
            database: Some(0),
            position,
            object: "object".to_owned(),
            because: "the user may not do it".to_owned(),
            cut,
        };
        let all = [loss(2, Cut::Entry), loss(7, Cut::Owner)];
        let skipped = leave_out(&mut contents, &work, &all);
        let left = contents.databases[0].toc.entries.iter();
        let left: Vec<i32> = left.map(|entry| entry.dump_id.0).collect();
        assert_eq!(left, [6, 9]);
        assert_eq!(contents.databases[0].toc.entries[1].owner, Some("".into()));
        let objects: Vec<&str> = skipped.iter().map(|item| item.object.as_str()).collect();
        assert_eq!(
            objects,
            [
                "object",
                "owner of object",
                "SHELL TYPE s.base",
                "FUNCTION s.base_in",
                "TABLE s.t",
                "TABLE DATA s.t",
                "COMMENT s.TABLE t"
            ]
        );
    }
}
