//! `--clean`: drops from a database everything that is going to be restored, in reverse order.
//!
//! The order is that of the drop loop of `RestoreArchive` in PostgreSQL's `pg_backup_archiver.c`, but for
//! indexes and keys of partitions: they cannot be dropped while those of the table that they are attached to
//! are there (`performDeletion`, `dropconstraint_internal`), and go with these. The statements are
//! `statements`'.

use std::collections::{HashMap, HashSet};

use bstr::{BString, ByteSlice};

use super::engine::Engine;
use super::extension_schema;
use super::sessions::Seat;
use crate::pg::{self, TransactionStatus};
use crate::restore::error::Error;
use crate::restore::journal::{self, Notes, Part};
use crate::restore::run::failing::Halt;
use crate::restore::select::Need;
use crate::restore::statements::{IfExists, drop};
use crate::toc::{DumpId, ObjectKind, Toc, TocEntry};

/// One entry to be dropped, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Drop {
    position: usize,
    if_exists: IfExists,
}

/// Drops everything that is going to be restored.
pub(crate) async fn drop_objects(engine: &Engine, database: usize) -> Result<(), Halt> {
    let contents = engine.database(database);
    let work = &engine.work[database];
    let if_exists = if engine.options.if_exists {
        IfExists::PassOver
    } else {
        IfExists::Fail
    };
    let is_done = |position: &usize| {
        let done = work.earlier.parts.get(position);
        done.is_some_and(|done| done.contains(&Part::Dropped))
    };
    let mut seat = engine.seat(database).await?;
    let mut again = Vec::new();
    for drop in order(&contents.toc, &work.needs, if_exists) {
        if is_done(&drop.position) {
            continue;
        }
        if let Some(error) = attempt(engine, &mut seat, drop).await? {
            // An object that is dropped later may have been the obstacle.
            let is_passing = is_in_use(&error) && !engine.options.stops_at_errors();
            if is_passing {
                again.push(drop.position);
            } else {
                refused(engine, &mut seat, drop, error).await?;
            }
        }
    }
    for position in again {
        let drop = Drop {
            position,
            if_exists: IfExists::PassOver,
        };
        if let Some(error) = attempt(engine, &mut seat, drop).await? {
            refused(engine, &mut seat, drop, error).await?;
        }
    }
    if engine.keeps_journal(database) {
        let noted = journal::store::prepared(&mut seat.session).await;
        noted.map_err(Error::server("note that everything old was dropped"))?;
    }
    engine.sessions.give_back(seat);
    Ok(())
}

/// The objects to drop, in their order. An object that falls with another one may be gone when its turn
/// comes.
fn order(toc: &Toc, needs: &[Need], if_exists: IfExists) -> Vec<Drop> {
    let attached = attached(toc);
    let partitions = partitions(toc, needs);
    let wanted = (0..toc.entries.len())
        .rev()
        .filter(|&position| needs[position].any());
    let (last, first): (Vec<usize>, Vec<usize>) =
        wanted.partition(|position| attached.contains(position));
    let first = first.into_iter().map(|position| Drop {
        position,
        if_exists: if partitions.contains(&position) {
            IfExists::PassOver
        } else {
            if_exists
        },
    });
    let last = last.into_iter().map(|position| Drop {
        position,
        if_exists: IfExists::PassOver,
    });
    first.chain(last).collect()
}

/// The indexes and keys that are attached to others, whose names INDEX ATTACH entries bear. The tag of a key
/// is its table's name and its own; one that only looks like another's comes late for nothing.
fn attached(toc: &Toc) -> HashSet<usize> {
    let attaches = of_kind(toc, &ObjectKind::IndexAttach);
    let names: HashSet<(&[u8], &[u8])> = attaches
        .map(|(_, attach)| (attach.schema(), attach.tag.as_slice()))
        .collect();
    let is_attached = |entry: &TocEntry| {
        let is_named = |name: &[u8]| names.contains(&(entry.schema(), name));
        match entry.kind {
            ObjectKind::Index => is_named(&entry.tag),
            ObjectKind::Constraint => {
                let mut blanks = entry.tag.find_iter(" ");
                blanks.any(|blank| is_named(&entry.tag[blank + 1..]))
            }
            _ => false,
        }
    };
    let entries = toc.entries.iter().enumerate();
    let found = entries.filter(|(_, entry)| is_attached(entry));
    found.map(|(position, _)| position).collect()
}

/// The partitions whose parent is dropped as well. A TABLE ATTACH entry bears the partition's name and
/// depends on both.
fn partitions(toc: &Toc, needs: &[Need]) -> HashSet<usize> {
    let tables = of_kind(toc, &ObjectKind::Table);
    let tables: HashMap<DumpId, usize> = tables
        .map(|(position, table)| (table.dump_id, position))
        .collect();
    let mut found = HashSet::new();
    for (_, attach) in of_kind(toc, &ObjectKind::TableAttach) {
        let of_attach = attach.dependencies.iter();
        let of_attach = of_attach.filter_map(|id| tables.get(id).copied());
        let (partition, parents): (Vec<usize>, Vec<usize>) = of_attach.partition(|&position| {
            let entry = &toc.entries[position];
            entry.tag == attach.tag && entry.namespace == attach.namespace
        });
        if parents.iter().any(|&parent| needs[parent].any()) {
            found.extend(partition);
        }
    }
    found
}

fn of_kind<'a>(
    toc: &'a Toc,
    kind: &'a ObjectKind,
) -> impl Iterator<Item = (usize, &'a TocEntry)> + use<'a> {
    let entries = toc.entries.iter().enumerate();
    entries.filter(move |(_, entry)| entry.kind == *kind)
}

/// `dependent_objects_still_exist` and `invalid_table_definition`: something else has to go first.
fn is_in_use(error: &pg::Error) -> bool {
    matches!(error.sqlstate(), Some("2BP01" | "42P16"))
}

/// Tries to drop one entry. Returns why that failed, if it did.
async fn attempt(engine: &Engine, seat: &mut Seat, it: Drop) -> Result<Option<pg::Error>, Halt> {
    let database = seat.database();
    let entry = &engine.database(database).toc.entries[it.position];
    let Some(sql) = drop(entry, it.if_exists) else {
        return Ok(None);
    };
    let notes = Notes {
        dump_id: engine.keeps_journal(database).then_some(entry.dump_id),
        ..Notes::default()
    };
    let noted = notes.with(Part::Dropped, &sql);
    let canceller = seat.session.canceller();
    let work = execute(seat, &noted);
    let error = engine.stop.guard(&canceller, work).await?.err();
    match error {
        Some(error) if error.is_connection_lost() && engine.keeps_journal(database) => {
            Err(Halt::ServerLost(error))
        }
        error => Ok(error),
    }
}

/// Executes a statement so that the transaction that it is in, if any, can go on where it fails.
async fn execute(seat: &mut Seat, sql: &[u8]) -> Result<(), pg::Error> {
    if seat.session.transaction_status() == TransactionStatus::Idle {
        return seat.session.execute(sql).await;
    }
    let whole = [b"SAVEPOINT pgark;\n", sql, b"\nRELEASE SAVEPOINT pgark;\n"].concat();
    let done = seat.session.execute(&whole).await;
    if done.is_err() {
        // Where this fails too, every statement that follows does, and says so.
        let _ = seat.session.execute(b"ROLLBACK TO SAVEPOINT pgark").await;
    }
    done
}

/// Reports that an entry could not be dropped, unless it is right where it is.
async fn refused(engine: &Engine, seat: &mut Seat, it: Drop, error: pg::Error) -> Result<(), Halt> {
    let database = seat.database();
    let contents = engine.database(database);
    let entry = &contents.toc.entries[it.position];
    let is_lost = error.is_connection_lost();
    if is_in_use(&error) {
        let held = extension_schema::held(seat, entry).await;
        if matches!(held, Ok(Some(held)) if held.extension && !held.others) {
            return Ok(());
        }
    }
    let sql: BString = drop(entry, it.if_exists).unwrap_or_default();
    let object = format!("DROP of {}", contents.describe(entry));
    engine.failed(database, (object, &entry.kind), &sql, error)?;
    if is_lost {
        *seat = engine.seat(database).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restore::testing::{entry, toc};

    fn on(mut entry: TocEntry, dependencies: &[i32]) -> TocEntry {
        entry.dependencies = dependencies.iter().copied().map(DumpId).collect();
        entry
    }

    /// A partitioned table with a key and an index, and its partition, whose name comes first.
    fn partitioned() -> Toc {
        use ObjectKind as Kind;
        toc(vec![
            entry(1, Kind::Table, Some("s"), "p"),
            entry(2, Kind::Table, Some("s"), "a"),
            on(entry(3, Kind::TableAttach, Some("s"), "a"), &[2, 1]),
            on(entry(4, Kind::Constraint, Some("s"), "a a_pkey"), &[2]),
            on(entry(5, Kind::Constraint, Some("s"), "p p_pkey"), &[1]),
            on(entry(6, Kind::Index, Some("s"), "a_v_idx"), &[2]),
            on(entry(7, Kind::Index, Some("s"), "p_v_idx"), &[1]),
            on(entry(8, Kind::IndexAttach, Some("s"), "a_pkey"), &[4, 5]),
            on(entry(9, Kind::IndexAttach, Some("s"), "a_v_idx"), &[6, 7]),
        ])
    }

    fn dropped(toc: &Toc, needs: &[Need]) -> Vec<(i32, bool)> {
        let drops = order(toc, needs, IfExists::Fail);
        let drops = drops.into_iter();
        drops
            .map(|drop| {
                let id = toc.entries[drop.position].dump_id.0;
                (id, drop.if_exists == IfExists::PassOver)
            })
            .collect()
    }

    #[test]
    fn what_goes_with_something_else_comes_last_and_need_not_be_there() {
        let toc = partitioned();
        let needs = vec![Need::DEFINITION; toc.entries.len()];
        let first = [9, 8, 7, 5, 3];
        let mut expected: Vec<(i32, bool)> = first.map(|id| (id, false)).to_vec();
        expected.extend([(2, true), (1, false), (6, true), (4, true)]);
        assert_eq!(dropped(&toc, &needs), expected);
    }

    #[test]
    fn a_partition_alone_must_be_there() {
        let toc = partitioned();
        let mut needs = vec![Need::default(); toc.entries.len()];
        (needs[1], needs[3]) = (Need::DEFINITION, Need::DEFINITION);
        assert_eq!(dropped(&toc, &needs), [(2, false), (4, true)]);
    }
}
