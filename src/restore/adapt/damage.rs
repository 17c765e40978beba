//! `--skip-damaged`: the data that cannot be read is found before the first row goes in, and left out.
//!
//! A table comes whole or empty: of one with a damaged chunk no chunk is loaded. Everything that is wanted is
//! read and decoded for that, once more than without the option. The definitions stay.

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bstr::BString;
use tokio::task::JoinSet;

use crate::monitor::chain;
use crate::monitor::units::counted;
use crate::monitor::{Event, Monitor, Phase};
use crate::restore::contents::{Contents, DatabaseContents};
use crate::restore::error::Error;
use crate::restore::outcome::Skipped;
use crate::restore::plan::DatabaseWork;
use crate::source::{self, Data, Source};
use crate::toc::{ObjectKind, TocEntry};

/// The data of one entry.
struct Piece {
    database: usize,
    position: usize,
    subject: String,
    data: Data,
}

/// The damage, with its reason, by database and entry.
type Damaged = BTreeMap<(usize, usize), String>;

/// Leaves out the damaged part of the wanted data. Returns it, one item for each table.
pub(crate) async fn leave_out(
    source: &Source,
    contents: &Contents,
    work: &mut [DatabaseWork],
    jobs: NonZeroUsize,
    monitor: &Monitor,
) -> Result<Vec<Skipped>, Error> {
    let damaged = find(source, wanted(contents, work), jobs, monitor).await?;
    let mut left_out = Vec::new();
    for (at, (database, work)) in contents.databases.iter().zip(work).enumerate() {
        let of_database = damaged.range((at, 0)..=(at, usize::MAX));
        let of_database = of_database.map(|((_, position), why)| (*position, why.as_str()));
        left_out.extend(leave_out_of(database, work, of_database));
    }
    Ok(left_out)
}

fn wanted(contents: &Contents, work: &[DatabaseWork]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (at, (database, work)) in contents.databases.iter().zip(work).enumerate() {
        for (position, entry) in work.wanted(database) {
            let data = database.chunks.get(&entry.dump_id);
            if let Some(data) = data.filter(|_| work.needs[position].data) {
                pieces.push(Piece {
                    database: at,
                    position,
                    subject: format!("{}: {}", database.target, database.describe(entry)),
                    data: data.clone(),
                });
            }
        }
    }
    pieces
}

/// Reads all pieces, several at once.
async fn find(
    source: &Source,
    pieces: Vec<Piece>,
    jobs: NonZeroUsize,
    monitor: &Monitor,
) -> Result<Damaged, Error> {
    monitor.event(Event::Phase(Phase::Verify));
    monitor.event(Event::Total {
        tasks: pieces.len() as u64,
        bytes: pieces.iter().map(|piece| piece.data.weight()).sum(),
    });
    let (pieces, next) = (Arc::new(pieces), Arc::new(AtomicUsize::new(0)));
    let mut readers = JoinSet::new();
    for worker in 0..jobs.get() {
        let (source, monitor) = (source.clone(), monitor.clone());
        let (pieces, next) = (Arc::clone(&pieces), Arc::clone(&next));
        readers.spawn(async move {
            let mut damaged = Damaged::new();
            while let Some(piece) = pieces.get(next.fetch_add(1, Ordering::Relaxed)) {
                match read(&source, piece, worker, &monitor).await {
                    Ok(()) => {}
                    Err(error) if error.is_damage() => {
                        damaged.insert((piece.database, piece.position), chain(&error));
                    }
                    Err(error) => return Err(error),
                }
                monitor.event(Event::Finished { worker });
            }
            Ok(damaged)
        });
    }
    let mut damaged = Damaged::new();
    while let Some(ended) = readers.join_next().await {
        match ended {
            Ok(found) => damaged.extend(found?),
            Err(panic) => std::panic::resume_unwind(panic.into_panic()),
        }
    }
    Ok(damaged)
}

/// Reads one piece as a restore would.
async fn read(
    source: &Source,
    piece: &Piece,
    worker: usize,
    monitor: &Monitor,
) -> Result<(), source::Error> {
    monitor.event(Event::Started {
        worker,
        subject: piece.subject.clone(),
    });
    let fetched = source.fetch(&piece.data).await?;
    let mut reader = source.read(&piece.data, fetched)?;
    let has_objects = piece.data.content == source::Content::LargeObjects;
    while !has_objects || reader.next_object()?.is_some() {
        while let Some(block) = reader.next_block()? {
            monitor.event(Event::Advanced {
                worker,
                bytes: block.weight,
                rows: 0,
            });
        }
        if !has_objects {
            break;
        }
    }
    Ok(())
}

/// The owner of an entry's data: a table, together with its other chunks, or the entry itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Owner {
    Table(BString, BString),
    Entry(usize),
}

fn owner(position: usize, entry: &TocEntry) -> Owner {
    match entry.kind {
        ObjectKind::TableData => Owner::Table(entry.schema().into(), entry.tag.clone()),
        _ => Owner::Entry(position),
    }
}

fn leave_out_of<'a>(
    database: &DatabaseContents,
    work: &mut DatabaseWork,
    damaged: impl Iterator<Item = (usize, &'a str)>,
) -> Vec<Skipped> {
    let entries = &database.toc.entries;
    let mut found: Vec<(Owner, usize, String)> = Vec::new();
    let mut known: HashMap<Owner, usize> = HashMap::new();
    for (position, why) in damaged {
        let owner = owner(position, &entries[position]);
        match known.get(&owner) {
            Some(&at) => found[at].1 += 1,
            None => {
                known.insert(owner.clone(), found.len());
                found.push((owner, 1, why.to_owned()));
            }
        }
    }
    let mut there = vec![0; found.len()];
    for (position, entry) in entries.iter().enumerate() {
        let at = known.get(&owner(position, entry));
        let Some(&at) = at.filter(|_| database.chunks.contains_key(&entry.dump_id)) else {
            continue;
        };
        there[at] += usize::from(work.earlier.restored.contains(&position));
        work.leave_out_data(position);
    }
    let skipped = found.into_iter().zip(there);
    let skipped = skipped.map(|((owner, damaged, why), there)| {
        let object = match owner {
            Owner::Table(schema, name) => format!("TABLE DATA {schema}.{name}"),
            Owner::Entry(position) => database.describe(&entries[position]),
        };
        let others = match damaged - 1 {
            0 => String::new(),
            more => format!(", and {more} more of it"),
        };
        let there = match there {
            0 => String::new(),
            there => format!(
                "; its rows restored before stay: {}",
                counted(there as u64, "chunk", "chunks")
            ),
        };
        Skipped {
            database: database.target.clone(),
            object,
            because: format!("{why}{others}{there}"),
        }
    });
    skipped.collect()
}
