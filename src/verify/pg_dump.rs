//! Archives of pg_dump's: everything in them is decoded, and that is all that can be done.
//!
//! The formats carry no checksums, so the best that comes out is "nothing is wrong that shows". What
//! shows: a table of contents that makes no sense, data that does not decompress or is not there, rows
//! without the mark at their end, rows of another number of columns than the table has.

use std::cmp::Reverse;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use tokio::task::JoinSet;

use crate::archive::manifest::Name;
use crate::archive::place::qualified;
use crate::archive::{Damage, Place};
use crate::monitor::{Event, Monitor, units};
use crate::source::{self, Content, Contents, Data, Fetched, PgDumpFacts, Source};
use crate::toc::TocEntry;

use super::copy_columns;
use super::report::{Findings, Verdict, VerifyOutcome};
use super::rows::RowCounter;
use crate::verify::error::Error;
use crate::verify::options::{Mode, VerifyOptions};

struct Check {
    source: Source,
    contents: Contents,
    /// Positions of the entries with data, the largest in the archive first.
    entries: Vec<usize>,
    findings: Arc<Findings>,
    next: AtomicUsize,
    counts: Counts,
    monitor: Monitor,
}

/// The result of decoding.
#[derive(Default)]
struct Counts {
    tables: AtomicU64,
    rows: AtomicU64,
    large_objects: AtomicU64,
}

/// Checks an archive whose header and table of contents could be read, and returns the findings.
pub(super) async fn check(
    source: Source,
    facts: PgDumpFacts,
    options: &VerifyOptions,
    findings: Arc<Findings>,
    outcome: &mut VerifyOutcome,
    monitor: &Monitor,
) -> Result<(), Error> {
    outcome.file_bytes = Some(facts.file_bytes);
    outcome.databases = source.databases().len() as u64;
    let is_indexed = options.mode != Mode::Quick && index(&source, &findings).await?;
    let contents = match source.databases() {
        [database, ..] => source.contents(&database.name).await,
        [] => Ok(Contents::default()),
    };
    let contents = contents.unwrap_or_else(|error| {
        findings.take_source(error, Place::default());
        Contents::default()
    });
    let mut check = Check::new(source, contents, findings, monitor);
    if !is_indexed {
        check.leave_out_unknown();
    }
    let check = Arc::new(check);
    outcome.members = check.entries.len() as u64;
    if options.mode == Mode::Quick {
        check.open_all();
    } else {
        check.decode_all(options.jobs).await?;
        outcome.rows = check.counts.rows.load(Ordering::Relaxed);
        outcome.rows_counted = Some(outcome.rows);
    }
    outcome.tables = check.tables();
    outcome.verdict = match check.findings.verdict() {
        Verdict::Whole => check.nothing_shows(&outcome.location, options),
        other => other,
    };
    Ok(())
}

/// Whether all data was found whose place the table of contents does not know. The search goes on beside its
/// caller, since it may go through the whole archive.
async fn index(source: &Source, findings: &Findings) -> Result<bool, Error> {
    let source = source.clone();
    let done = tokio::spawn(async move { source.index() }).await;
    match done.map_err(Error::Worker)? {
        Ok(()) => Ok(true),
        Err(error) => {
            findings.take_source(error, Place::default());
            Ok(false)
        }
    }
}

impl Check {
    fn new(source: Source, contents: Contents, findings: Arc<Findings>, monitor: &Monitor) -> Self {
        let data_of = |position: usize| {
            let entry: &TocEntry = &contents.toc.entries[position];
            contents.data.get(&entry.dump_id)
        };
        let all = 0..contents.toc.entries.len();
        let mut entries: Vec<usize> = all.filter(|&at| data_of(at).is_some()).collect();
        entries.sort_by_key(|&at| Reverse(data_of(at).map_or(0, Data::weight)));
        let bytes = entries
            .iter()
            .filter_map(|&at| data_of(at))
            .map(Data::weight);
        monitor.event(Event::Total {
            tasks: entries.len() as u64,
            bytes: bytes.fold(0, u64::saturating_add),
        });
        Self {
            source,
            contents,
            entries,
            findings,
            next: AtomicUsize::new(0),
            counts: Counts::default(),
            monitor: monitor.clone(),
        }
    }

    /// Leaves out the data that nobody knows the place of: to look for it would be to read the archive.
    fn leave_out_unknown(&mut self) {
        let Contents { toc, data, .. } = &self.contents;
        self.entries.retain(|&position| {
            let data = data.get(&toc.entries[position].dump_id);
            data.is_some_and(|data| data.stored_bytes.is_some())
        });
    }

    /// Tables with data.
    fn tables(&self) -> u64 {
        let data = self.contents.data.values();
        let tables =
            data.filter(|data| data.content != Content::LargeObjects && data.chunk_number == 1);
        tables.count() as u64
    }

    fn entry(&self, number: usize) -> Option<(&TocEntry, &Data)> {
        let entry = &self.contents.toc.entries[*self.entries.get(number)?];
        Some((entry, self.contents.data.get(&entry.dump_id)?))
    }

    fn is_over(&self) -> bool {
        self.monitor.is_interrupted() || self.findings.unreadable()
    }

    /// Whether the data of each entry is where it must be.
    fn open_all(&self) {
        for (entry, data) in (0..self.entries.len()).filter_map(|number| self.entry(number)) {
            if self.is_over() {
                return;
            }
            if let Err(error) = self.source.read(data, Fetched::Piecewise) {
                self.findings.take_source(error, self.place(entry));
            }
        }
    }

    async fn decode_all(self: &Arc<Self>, jobs: usize) -> Result<(), Error> {
        let mut workers = JoinSet::new();
        for worker in 0..jobs.max(1) {
            let check = Arc::clone(self);
            workers.spawn(async move { check.work(worker) });
        }
        while let Some(ended) = workers.join_next().await {
            ended.map_err(Error::Worker)?;
        }
        Ok(())
    }

    fn work(&self, worker: usize) {
        while let Some((entry, data)) = self.entry(self.next.fetch_add(1, Ordering::Relaxed)) {
            if self.is_over() {
                return;
            }
            let subject = format!("{} {}", entry.kind, entry.tag);
            self.monitor.event(Event::Started { worker, subject });
            match self.decode(worker, entry, data) {
                Ok(Some(damage)) => self.findings.add(damage),
                Ok(None) => {}
                Err(error) => self.findings.take_source(error, self.place(entry)),
            }
            self.monitor.event(Event::Finished { worker });
        }
    }

    /// Decodes one entry's data to its end.
    fn decode(
        &self,
        worker: usize,
        entry: &TocEntry,
        data: &Data,
    ) -> Result<Option<Damage>, source::Error> {
        let mut reader = self.source.read(data, Fetched::Piecewise)?;
        let mut counter = self.counter(entry, data);
        loop {
            if data.content == Content::LargeObjects && reader.next_object()?.is_none() {
                return Ok(None);
            }
            while let Some(block) = reader.next_block()? {
                let bytes = block.weight;
                let rows = counter.push(block.content);
                let advanced = Event::Advanced {
                    worker,
                    bytes,
                    rows,
                };
                self.monitor.event(advanced);
                if self.is_over() {
                    return Ok(None);
                }
            }
            if data.content != Content::LargeObjects {
                let damage = counter.end(|| self.place(entry));
                self.counts
                    .rows
                    .fetch_add(counter.rows(), Ordering::Relaxed);
                self.counts.tables.fetch_add(1, Ordering::Relaxed);
                return Ok(damage);
            }
            self.counts.large_objects.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn counter(&self, entry: &TocEntry, data: &Data) -> Counter {
        let statement = entry.copy_stmt.as_ref();
        let columns = statement.and_then(|statement| copy_columns::count(statement));
        match columns.filter(|_| data.content == Content::Rows) {
            Some(columns) => Counter::Rows(Box::default(), columns),
            None => Counter::Nothing,
        }
    }

    fn place(&self, entry: &TocEntry) -> Place {
        let name = Name(entry.tag.clone());
        let is_table = !entry.schema().is_empty();
        Place {
            database: Some(Name(self.contents.toc.database.clone())),
            table: is_table.then(|| qualified(&Name(entry.schema().into()), &name)),
            chunk: Some(entry.dump_id.0),
            member: entry.data_file.as_ref().map(ToString::to_string),
            offset: None,
        }
    }

    /// The verdict where nothing was found.
    fn nothing_shows(&self, location: &str, options: &VerifyOptions) -> Verdict {
        let looked = match options.mode {
            Mode::Quick => {
                "its table of contents can be read, its data was not looked at".to_owned()
            }
            Mode::Full | Mode::Deep => {
                let count = |count: &AtomicU64, one, many| {
                    units::counted(count.load(Ordering::Relaxed), one, many)
                };
                format!(
                    "all of it can be decoded: {}, {}, {}",
                    count(&self.counts.tables, "table", "tables"),
                    count(&self.counts.rows, "row", "rows"),
                    count(&self.counts.large_objects, "large object", "large objects"),
                )
            }
        };
        let digest = match options.digest {
            Some(_) => ", and no digest to compare with the demanded one",
            None => "",
        };
        Verdict::NotVerifiable {
            why: format!(
                "\"{location}\" is an archive of pg_dump's, which carries no checksums{digest}; {looked}"
            ),
            hint: Some(
                "Nobody can tell whether these are the bytes written. Archives of pgark dump can be verified."
                    .to_owned(),
            ),
        }
    }
}

/// Sees the content of an entry.
enum Counter {
    Rows(Box<RowCounter>, u32),
    /// Statements, large objects: there is nothing to count in them.
    Nothing,
}

impl Counter {
    /// Takes the next block and says how many rows ended in it.
    fn push(&mut self, block: &[u8]) -> u64 {
        let Self::Rows(counter, _) = self else {
            return 0;
        };
        let before = counter.counted().rows;
        counter.push(block);
        counter.counted().rows - before
    }

    fn rows(&self) -> u64 {
        match self {
            Self::Rows(counter, _) => counter.counted().rows,
            Self::Nothing => 0,
        }
    }

    fn end(&self, place: impl FnOnce() -> Place) -> Option<Damage> {
        let Self::Rows(counter, columns) = self else {
            return None;
        };
        let counted = counter.counted();
        if counted.is_cut {
            return Some(Damage::new(place(), "its last row does not end"));
        }
        let wrong = counted.wrong(*columns)?;
        let what = format!("its row {} has another number of columns", wrong.number);
        Some(Damage::new(place(), what).compared(columns, wrong.columns))
    }
}
