//! The statements that make an object, as the archive has them.
//!
//! To an object belongs what bears its name: a table's constraints, triggers, policies and defaults; and what
//! is about it or made for it alone: comments, labels, rights, indexes. Not here: rows ([`super::rows`]).

use std::collections::BTreeSet;

use bstr::{BString, ByteSlice, ByteVec as _};

use super::find::{self, Found};
use super::named::ObjectName;
use super::{Error, ObjectName as Name};
use crate::source::Source;
use crate::storage::Store;
use crate::toc::kind::Family;
use crate::toc::{DumpId, ObjectKind, TocEntry};

/// The statements, each under a line that says what it is.
pub async fn sql(store: &Store, name: &ObjectName) -> Result<BString, Error> {
    let source = Source::open(store.clone()).await?;
    let Found { database, contents } = find::database(&source, name).await?;
    let entries = &contents.toc.entries;
    let chosen = chosen(entries, name);
    if chosen.is_empty() {
        let objects = entries.iter().filter(|entry| is_object(entry));
        let objects: Vec<&TocEntry> = objects.collect();
        return Err(find::nothing("object", name, &database, &objects));
    }
    Ok(chosen
        .into_iter()
        .flat_map(shown)
        .collect::<Vec<u8>>()
        .into())
}

/// Whether an entry is an object with a definition, and not about another one.
fn is_object(entry: &TocEntry) -> bool {
    let is_about = matches!(
        entry.kind.facts().family,
        Family::Remark | Family::Statistics | Family::Setting | Family::Database
    );
    !is_about
        && entry.kind != ObjectKind::Acl
        && !entry.definition().is_empty()
        && !entry.had_dumper
}

/// The entries to show, in the order of the archive.
fn chosen<'a>(entries: &'a [TocEntry], name: &Name) -> Vec<&'a TocEntry> {
    let mut found: BTreeSet<DumpId> = BTreeSet::new();
    for entry in entries.iter().filter(|entry| is_object(entry)) {
        let tag = entry.tag.as_slice();
        // A function with its arguments; what hangs on a table has the table's name in front of its own.
        let ends = tag
            .iter()
            .enumerate()
            .filter(|(_, byte)| b"( ".contains(byte));
        let mut ends = ends.map(|(end, _)| end);
        if name.means(entry.schema(), tag)
            || ends.any(|end| name.means(entry.schema(), &tag[..end]))
        {
            found.insert(entry.dump_id);
        }
    }
    let objects = found.clone();
    for entry in entries {
        let is_about = entry.kind.facts().family == Family::Remark
            || matches!(entry.kind, ObjectKind::Acl | ObjectKind::Index);
        let mut needs = entry.dependencies.iter();
        if is_about && needs.any(|id| objects.contains(id)) {
            found.insert(entry.dump_id);
        }
    }
    let is_found = |entry: &&TocEntry| found.contains(&entry.dump_id);
    entries.iter().filter(is_found).collect()
}

fn shown(entry: &TocEntry) -> Vec<u8> {
    let mut text = Vec::new();
    text.push_str("-- ");
    text.push_str(entry.kind.desc());
    text.push_byte(b' ');
    if !entry.schema().is_empty() {
        text.push_str(entry.schema().replace("\n", " "));
        text.push_byte(b'.');
    }
    text.push_str(entry.tag.replace("\n", " "));
    if let Some(owner) = entry.owner.as_ref().filter(|owner| !owner.is_empty()) {
        text.push_str("; owner ");
        text.push_str(owner.replace("\n", " "));
    }
    text.push_str("\n\n");
    text.push_str(entry.definition().trim_ascii());
    text.push_str("\n\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: i32, kind: ObjectKind, tag: &str, needs: &[i32]) -> TocEntry {
        TocEntry {
            dump_id: DumpId(id),
            kind,
            tag: tag.into(),
            namespace: Some("s".into()),
            defn: Some("SELECT 1;".into()),
            dependencies: needs.iter().copied().map(DumpId).collect(),
            ..TocEntry::default()
        }
    }

    #[test]
    fn an_object_comes_with_what_is_its_own() {
        let entries = [
            entry(1, ObjectKind::Table, "t", &[]),
            entry(2, ObjectKind::Table, "t2", &[1]),
            entry(3, ObjectKind::Comment, "TABLE t", &[1]),
            entry(4, ObjectKind::Constraint, "t t_pkey", &[1]),
            entry(5, ObjectKind::Index, "i", &[1]),
            entry(6, ObjectKind::Function, "t(integer)", &[]),
            entry(7, ObjectKind::StatisticsData, "t", &[1]),
            entry(8, ObjectKind::Acl, "TABLE t", &[1]),
        ];
        let ids = |name: &str| {
            let name: ObjectName = name.parse().unwrap();
            let chosen = chosen(&entries, &name);
            chosen
                .iter()
                .map(|entry| entry.dump_id.0)
                .collect::<Vec<_>>()
        };
        assert_eq!(ids("s.t"), [1, 3, 4, 5, 6, 8]);
        assert_eq!(ids("t2"), [2]);
        assert_eq!(ids("t(integer)"), [6]);
        assert_eq!(ids("x.t"), [0; 0]);
    }
}
