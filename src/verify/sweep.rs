//! The file from its first byte to its trailer, by several workers.
//!
//! Small members that lie next to one another are read together; a large one is read in pieces by one
//! worker, since a hash has an order. Memory is bounded by workers times a piece, and a block of decoded rows
//! each.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use bytes::Bytes;
use tokio::task::JoinSet;

use crate::archive::{ArchiveReader, Damage, layout, names};
use crate::digest::Sha256;
use crate::monitor::{Event, Monitor};

use super::agreement::Subject;
use super::member::{MemberCheck, Target};
use super::report::Findings;
use crate::verify::checks::Checks;
use crate::verify::error::Error;
use crate::verify::options::Mode;

/// How much is read at once: little enough for the processor's cache.
const PIECE_BYTES: u64 = 1 << 20;
/// The same over a network, where each request costs a wait.
const PIECE_BYTES_REMOTE: u64 = 8 << 20;

struct Sweep {
    reader: Arc<ArchiveReader>,
    findings: Arc<Findings>,
    deep: bool,
    targets: Vec<Target>,
    spans: Vec<Range<usize>>,
    piece_bytes: u64,
    next: AtomicUsize,
    rows: AtomicU64,
    monitor: Monitor,
}

/// Reads and checks everything up to the trailer. Returns the rows that were counted, when deep.
pub(super) async fn run(
    checks: &Checks,
    subjects: Vec<Subject>,
    monitor: &Monitor,
) -> Result<Option<u64>, Error> {
    let targets = targets(&checks.reader, subjects);
    monitor.event(Event::Total {
        tasks: targets.len() as u64,
        bytes: targets.last().map_or(0, |target| target.end),
    });
    let piece_bytes = if checks.reader.store().is_remote() {
        PIECE_BYTES_REMOTE
    } else {
        PIECE_BYTES
    };
    let sweep = Arc::new(Sweep {
        reader: Arc::clone(&checks.reader),
        findings: Arc::clone(&checks.findings),
        deep: checks.options.mode == Mode::Deep,
        spans: spans(&targets, piece_bytes),
        piece_bytes,
        targets,
        next: AtomicUsize::new(0),
        rows: AtomicU64::new(0),
        monitor: monitor.clone(),
    });
    let mut workers = JoinSet::new();
    for number in 0..checks.options.jobs.max(1) {
        let sweep = Arc::clone(&sweep);
        workers.spawn(async move { sweep.work(number).await });
    }
    while let Some(ended) = workers.join_next().await {
        ended.map_err(Error::Worker)?;
    }
    let rows = sweep.rows.load(Ordering::Relaxed);
    Ok(sweep.deep.then_some(rows))
}

/// Every member, the manifest and the sums among them, in the order of the file. The manifest was
/// found to agree with itself, so each begins where the one before ends.
pub(super) fn targets(reader: &ArchiveReader, subjects: Vec<Subject>) -> Vec<Target> {
    let trailer = reader.trailer();
    let target = |name: &str, offset: u64, size: u64, sha256: Sha256, subject| Target {
        name: name.to_owned(),
        header_at: offset - layout::header_bytes(name),
        content: offset..offset + size,
        end: offset + size + layout::padding(size) as u64,
        sha256,
        subject,
    };
    let members = reader.manifest().members.iter().zip(subjects);
    let mut targets: Vec<Target> = members
        .map(|(m, subject)| target(&m.name, m.offset, m.size, m.sha256, subject))
        .collect();
    for (name, extent) in [
        (names::MANIFEST, trailer.manifest),
        (names::SUMS, trailer.sums),
    ] {
        let (offset, size) = (extent.offset, extent.size);
        targets.push(target(name, offset, size, extent.sha256, Subject::Unknown));
    }
    targets
}

/// The bytes of one read: neighbours up to a piece, or one member.
fn spans(targets: &[Target], piece_bytes: u64) -> Vec<Range<usize>> {
    let mut spans: Vec<Range<usize>> = Vec::new();
    for (at, target) in targets.iter().enumerate() {
        match spans.last_mut() {
            Some(span) if target.end - targets[span.start].header_at <= piece_bytes => {
                span.end = at + 1;
            }
            _ => spans.push(at..at + 1),
        }
    }
    spans
}

impl Sweep {
    async fn work(&self, worker: usize) {
        loop {
            let next = self.next.fetch_add(1, Ordering::Relaxed);
            let targets = self.spans.get(next).map(|span| &self.targets[span.clone()]);
            let Some(targets @ [first, ..]) = targets else {
                return;
            };
            self.monitor.event(Event::Started {
                worker,
                subject: first.name.clone(),
            });
            self.check_span(worker, targets).await;
            self.monitor.event(Event::Finished { worker });
            if self.is_over() {
                return;
            }
        }
    }

    fn is_over(&self) -> bool {
        self.monitor.is_interrupted() || self.findings.unreadable()
    }

    /// Checks neighbouring members. What a network delivered damaged is read once more.
    async fn check_span(&self, worker: usize, targets: &[Target]) {
        let store = self.reader.store();
        let mut seen = self.read_span(targets, Some(worker)).await;
        if matches!(&seen, Some(seen) if !seen.damages.is_empty())
            && store.is_remote()
            && !self.is_over()
        {
            store.repeats();
            seen = self.read_span(targets, None).await;
        }
        if let Some(seen) = seen {
            self.findings.add_all(seen.damages);
            self.rows.fetch_add(seen.rows, Ordering::Relaxed);
        }
    }

    /// Reads neighbouring members in pieces and gives each member its part. `worker` reports it; nothing
    /// comes back where something could not be read.
    async fn read_span(&self, targets: &[Target], worker: Option<usize>) -> Option<Seen> {
        let mut line = Line {
            sweep: self,
            rest: targets.iter(),
            current: None,
            seen: Seen::default(),
        };
        let start = targets.first().map_or(0, |first| first.header_at);
        let end = targets.last().map_or(0, |last| last.end);
        let mut at = start;
        while at < end && !self.is_over() {
            let until = end.min(at + self.piece_bytes);
            match self.reader.store().read_range(at..until).await {
                Ok(piece) => line.feed(at, piece),
                Err(error) => {
                    self.findings.take(error.into(), line.subject());
                    return None;
                }
            }
            if let Some(worker) = worker {
                self.monitor.event(Event::Advanced {
                    worker,
                    bytes: until - at,
                    rows: 0,
                });
            }
            at = until;
        }
        Some(line.seen)
    }
}

/// The findings in some members.
#[derive(Default)]
struct Seen {
    damages: Vec<Damage>,
    rows: u64,
}

/// Members that come by one after the other.
struct Line<'a> {
    sweep: &'a Sweep,
    rest: std::slice::Iter<'a, Target>,
    current: Option<(&'a Target, MemberCheck<'a>)>,
    seen: Seen,
}

impl<'a> Line<'a> {
    /// Takes the bytes at `at`, which continue those before.
    fn feed(&mut self, mut at: u64, mut piece: Bytes) {
        while !piece.is_empty() {
            let begun = self.current.take().or_else(|| self.begin());
            let Some((target, mut check)) = begun else {
                return;
            };
            // No more than the piece's own length, which is a usize.
            let bytes = (target.end - at).min(piece.len() as u64) as usize;
            check.feed(at, &piece.split_to(bytes));
            at += bytes as u64;
            if at < target.end {
                self.current = Some((target, check));
            } else {
                let (damages, rows) = check.finish();
                self.seen.damages.extend(damages);
                self.seen.rows += rows;
            }
        }
    }

    fn begin(&mut self) -> Option<(&'a Target, MemberCheck<'a>)> {
        let target = self.rest.next()?;
        let manifest = self.sweep.reader.manifest();
        Some((target, MemberCheck::new(target, manifest, self.sweep.deep)))
    }

    /// The member that is being read.
    fn subject(&self) -> Option<&str> {
        let next = self.rest.as_slice().first();
        let target = self.current.as_ref().map(|(target, _)| *target).or(next);
        target.map(|target| target.name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_read_together_and_large_members_alone() {
        let mut targets: Vec<Target> = Vec::new();
        for size in [1000, 1000, PIECE_BYTES, 512, 3 * PIECE_BYTES, 100, 100] {
            let header_at = targets.last().map_or(0, |target| target.end);
            let content = header_at + 512..header_at + 512 + size;
            targets.push(Target {
                name: "x".to_owned(),
                header_at,
                end: content.end + layout::padding(size) as u64,
                content,
                sha256: Sha256::of(b""),
                subject: Subject::Unknown,
            });
        }
        assert_eq!(spans(&targets, PIECE_BYTES), [0..2, 2..3, 3..4, 4..5, 5..7]);
        assert_eq!(spans(&[], PIECE_BYTES), Vec::<Range<usize>>::new());
    }
}
