//! Do a database's table of contents and the manifest speak of the same things? Pure.
//!
//! Both ways: every chunk has its TABLE DATA entry, every entry with data has its chunk. Dependencies
//! on entries that are not there are no damage, nor is a table's own entry that is missing: filters and
//! `--data-only` leave objects out, in pg_dump's archives as in ours.

use std::collections::{HashMap, HashSet};

use crate::archive::manifest::{Chunk, Database, Table};
use crate::archive::place::qualified;
use crate::archive::{Damage, Place};
use crate::monitor::units::counted;
use crate::toc::{DumpId, ObjectKind, Toc, TocEntry};

use super::copy_columns;

/// Compares; `toc_place` is the TOC's own member.
pub(super) fn check(database: &Database, toc: &Toc, toc_place: impl Fn() -> Place) -> Vec<Damage> {
    let entries = toc.entries.iter().map(|entry| (entry.dump_id, entry));
    let check = Check {
        entries: entries.collect(),
        toc_place,
    };
    let mut damages = check.totals(database, toc);
    let mut claimed = HashSet::new();
    for table in &database.tables {
        for chunk in &table.chunks {
            claimed.insert(chunk.dump_id);
            let what = check.table_data(table, chunk);
            damages.extend(what.map(|what| check.of_table(table, chunk.dump_id, what)));
        }
    }
    let large = database
        .large_objects
        .iter()
        .flat_map(|large| &large.chunks);
    for chunk in large {
        claimed.insert(chunk.dump_id);
        damages.extend(check.large_object_data(chunk));
    }
    let with_data = toc.entries.iter().filter(|entry| has_data(entry));
    for entry in with_data.filter(|entry| !claimed.contains(&entry.dump_id.0)) {
        damages.push(check.unclaimed(entry));
    }
    damages
}

struct Check<'a, P> {
    entries: HashMap<DumpId, &'a TocEntry>,
    toc_place: P,
}

impl<P: Fn() -> Place> Check<'_, P> {
    fn totals(&self, database: &Database, toc: &Toc) -> Vec<Damage> {
        let mut damages = Vec::new();
        let found = toc.entries.len() as u64;
        if found != database.toc_entries {
            let damage = Damage::new((self.toc_place)(), "has another number of entries");
            damages.push(damage.compared(database.toc_entries, found));
        }
        if toc.database != database.name.0 {
            let damage = Damage::new((self.toc_place)(), "is of another database");
            damages.push(damage.compared(&database.name, &toc.database));
        }
        damages
    }

    /// Names the fault of a row chunk's entry, if it has one.
    fn table_data(&self, table: &Table, chunk: &Chunk) -> Option<String> {
        let Some(entry) = self.entries.get(&DumpId(chunk.dump_id)) else {
            return Some("its entry is not in the TOC".to_owned());
        };
        if entry.kind != ObjectKind::TableData || entry.data_file != data_file(chunk) {
            return Some("its entry is not one of table data in its member".to_owned());
        }
        if entry.schema() != &table.schema.0[..] || entry.tag != table.name.0 {
            return Some(format!("its entry is of table \"{}\"", entry.tag));
        }
        let statement = entry.copy_stmt.as_ref();
        let columns = statement.and_then(|statement| copy_columns::count(statement));
        if columns == Some(table.columns) {
            return None;
        }
        let columns = columns.map_or("no COPY columns".to_owned(), |n| {
            counted(n as u64, "column", "columns")
        });
        Some(format!("its entry has {columns}, not {}", table.columns))
    }

    fn large_object_data(&self, chunk: &Chunk) -> Option<Damage> {
        let entry = self.entries.get(&DumpId(chunk.dump_id));
        let right = entry.is_some_and(|entry| {
            let copies = entry
                .copy_stmt
                .as_ref()
                .is_some_and(|copy| !copy.is_empty());
            !copies && entry.data_file == data_file(chunk)
        });
        (!right).then(|| {
            let mut place = (self.toc_place)();
            place.chunk = Some(chunk.dump_id);
            Damage::new(
                place,
                "the entry of these large objects is missing or not theirs",
            )
        })
    }

    fn unclaimed(&self, entry: &TocEntry) -> Damage {
        let mut place = (self.toc_place)();
        place.chunk = Some(entry.dump_id.0);
        let what = format!(
            "{} \"{}\" has no data in the manifest",
            entry.kind, entry.tag
        );
        Damage::new(place, what)
    }

    fn of_table(&self, table: &Table, chunk: i32, what: String) -> Damage {
        let place = Place {
            table: Some(qualified(&table.schema, &table.name)),
            chunk: Some(chunk),
            ..(self.toc_place)()
        };
        Damage::new(place, what)
    }
}

fn has_data(entry: &TocEntry) -> bool {
    entry
        .data_file
        .as_ref()
        .is_some_and(|file| !file.is_empty())
}

/// pg_dump's name for the file in the TOC, whatever the compression.
fn data_file(chunk: &Chunk) -> Option<bstr::BString> {
    Some(format!("{}.dat", chunk.dump_id).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::manifest::Name;
    use crate::digest::RowDigest;

    fn table() -> Table {
        Table {
            schema: "s".into(),
            name: "t".into(),
            oid: 1,
            dump_id: Some(10),
            rows: 0,
            raw_bytes: 0,
            digest: RowDigest::default(),
            columns: 2,
            in_order: false,
            chunks: vec![Chunk {
                dump_id: 20,
                rows: 0,
                raw_bytes: 0,
                digest: RowDigest::default(),
            }],
        }
    }

    fn toc() -> Toc {
        let own = TocEntry {
            dump_id: DumpId(10),
            kind: ObjectKind::Table,
            ..TocEntry::default()
        };
        let data = TocEntry {
            dump_id: DumpId(20),
            kind: ObjectKind::TableData,
            namespace: Some("s".into()),
            tag: "t".into(),
            copy_stmt: Some("COPY s.t (a, b) FROM stdin;\n".into()),
            data_file: Some("20.dat".into()),
            had_dumper: true,
            ..TocEntry::default()
        };
        Toc {
            database: "d".into(),
            entries: vec![own, data],
            ..Toc::default()
        }
    }

    fn complaints(change: impl Fn(&mut Toc, &mut Table)) -> Vec<String> {
        let (mut toc, mut table) = (toc(), table());
        change(&mut toc, &mut table);
        let mut database = crate::archive::testing::described(b"d");
        database.toc_entries = 2;
        database.tables = vec![table];
        let place = || Place::of_member("databases/d/toc.dat", 512);
        let damages = check(&database, &toc, place);
        damages.iter().map(|damage| damage.to_string()).collect()
    }

    #[test]
    fn agreement_is_silent_and_each_disagreement_is_one_sentence() {
        assert_eq!(complaints(|_, _| {}), Vec::<String>::new());
        let one = |change: fn(&mut Toc, &mut Table), part: &str| {
            let said = complaints(change);
            assert!(
                said.len() == 1 && said[0].contains(part),
                "{part}: {said:?}"
            );
        };
        one(|_, t| t.columns = 3, "its entry has 2 columns, not 3");
        one(|toc, _| toc.entries[1].copy_stmt = None, "no COPY columns");
        one(
            |toc, _| toc.entries[1].data_file = Some("21.dat".into()),
            "not one of table data",
        );
        one(
            |_, t| t.name = Name::from("u"),
            "its entry is of table \"t\"",
        );
        one(
            |_, t| t.chunks.clear(),
            "TABLE DATA \"t\" has no data in the manifest",
        );
        one(
            |toc, _| toc.database = "e".into(),
            "another database (expected d, found e)",
        );
    }

    #[test]
    fn a_missing_entry_is_named_with_its_table() {
        let said = complaints(|toc, _| {
            toc.entries.pop();
        });
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(
            said[1].starts_with("database \"d\", table \"s.t\", chunk 20"),
            "{said:?}"
        );
    }
}
