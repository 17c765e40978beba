//! The outcome: a verdict, and the scope of the checks.
//!
//! Findings are bounded, because a file of zeros would have one for each of a million members; the
//! total is counted.

use std::sync::{Mutex, MutexGuard};

use serde::Serialize;

use crate::archive::{ArchiveReader, Damage, Error as ArchiveError, Place, names};
use crate::digest::Sha256;
use crate::monitor::chain;
use crate::storage::Traffic;
use crate::{source, storage};

use crate::verify::options::Mode;

/// How many findings are kept. The first in the order of the file are reported first.
pub const FINDINGS_MAX: usize = 100;

/// The result of a verification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// Everything that was looked at is as it was written. Exit status 0.
    Whole,
    /// Something is not. Exit status 3.
    Damaged {
        /// The fault and its place, at most [`FINDINGS_MAX`].
        findings: Vec<Damage>,
        /// How many there were.
        total: u64,
    },
    /// Everything that was looked at is as it was written, and this is another archive than the one that was
    /// demanded. Exit status 3.
    OtherArchive {
        /// The digest that was demanded.
        demanded: String,
    },
    /// It cannot be told: the file could not be read, or carries no checksums. Exit status 4.
    NotVerifiable {
        /// Why, as a sentence that names the file.
        why: String,
        /// The advice.
        hint: Option<String>,
    },
}

/// The result of [`verify`](super::verify()). Its JSON is an interface: fields are added, never
/// renamed and never given another meaning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerifyOutcome {
    /// The archive as it was named.
    pub location: String,
    /// How deep it was looked at.
    pub mode: Mode,
    /// The verdict.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// The archive's digest, where its manifest is whole.
    pub digest: Option<String>,
    /// The size of the file.
    pub file_bytes: Option<u64>,
    /// Databases in it.
    pub databases: u64,
    /// Tables with data.
    pub tables: u64,
    /// Files in the tar.
    pub members: u64,
    /// Rows, by the manifest.
    pub rows: u64,
    /// Rows that were decoded and counted, in [`Mode::Deep`].
    pub rows_counted: Option<u64>,
    /// The bytes read of the file.
    pub reads: Traffic,
    /// Whether it is, or was, an archive with checksums: pg_dump's have none.
    #[serde(skip)]
    pub has_checksums: bool,
}

impl VerifyOutcome {
    pub(super) fn new(location: &str, mode: Mode) -> Self {
        Self {
            location: location.to_owned(),
            mode,
            verdict: Verdict::Whole,
            digest: None,
            file_bytes: None,
            databases: 0,
            tables: 0,
            members: 0,
            rows: 0,
            rows_counted: None,
            reads: Traffic::default(),
            has_checksums: true,
        }
    }

    /// Holds the archive against the digest that was demanded.
    pub(super) fn demand(&mut self, demanded: Option<Sha256>, reader: &ArchiveReader) {
        let found = reader.digest();
        let Some(demanded) = demanded.filter(|demanded| *demanded != found) else {
            return;
        };
        match &mut self.verdict {
            Verdict::Whole => {
                let demanded = demanded.to_string();
                self.verdict = Verdict::OtherArchive { demanded };
            }
            Verdict::Damaged { findings, total } => {
                let place = Place::of_member(names::MANIFEST, reader.trailer().manifest.offset);
                let damage = Damage::new(place, "is of another archive than the demanded one");
                findings.push(damage.compared(demanded, found));
                *total += 1;
            }
            Verdict::OtherArchive { .. } | Verdict::NotVerifiable { .. } => {}
        }
    }

    pub(super) fn describe(&mut self, reader: &ArchiveReader) {
        let manifest = reader.manifest();
        self.digest = Some(reader.digest().to_string());
        self.file_bytes = Some(reader.size());
        self.databases = manifest.databases.len() as u64;
        let tables = manifest.databases.iter().map(|d| d.tables.len() as u64);
        self.tables = tables.sum();
        self.members = manifest.members.len() as u64;
        let rows = manifest.databases.iter().map(|database| database.rows());
        self.rows = rows.fold(0, u64::saturating_add);
    }
}

const ROWS_CUT_OFF: &str = "the rows are cut off: the mark at their end is missing";

/// Collects findings from several workers.
#[derive(Default)]
pub(super) struct Findings(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    damages: Vec<Damage>,
    total: u64,
    unreadable: Option<(String, Option<String>)>,
}

impl Findings {
    /// Nothing that happens while the lock is held can panic, so a poisoned one is as good.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    pub(super) fn add(&self, damage: Damage) {
        let mut kept = self.kept();
        kept.total += 1;
        if kept.damages.len() < FINDINGS_MAX {
            kept.damages.push(damage);
        }
    }

    pub(super) fn add_all(&self, damages: impl IntoIterator<Item = Damage>) {
        damages.into_iter().for_each(|damage| self.add(damage));
    }

    /// Sorts an error into damage and a mere failure to read. `reading` is the member.
    pub(super) fn take(&self, error: ArchiveError, reading: Option<&str>) {
        let error = match error {
            ArchiveError::Damaged { damage, .. } => return self.add(*damage),
            ArchiveError::Storage(storage::Error::Short { end, .. }) => {
                let what = "the file became shorter while it was read";
                return self.add(Damage::new(Place::at(end), what));
            }
            other => other,
        };
        let hint = error.hint();
        let mut why = chain(&error);
        if let Some(member) = reading {
            why = format!("{why} (reading {member})");
        }
        self.kept().unreadable.get_or_insert((why, hint));
    }

    /// The same for an archive of pg_dump's. `place` is the entry that was read.
    pub(super) fn take_source(&self, error: source::Error, place: Place) {
        if let source::Error::Archive(error) = error {
            return self.take(error, None);
        }
        if !error.is_damage() {
            let found = (chain(&error), error.hint());
            self.kept().unreadable.get_or_insert(found);
            return;
        }
        // The place says already which entry it is.
        let what = match &error {
            source::Error::PgDump { source, .. } => chain(source),
            source::Error::CutOff { .. } => ROWS_CUT_OFF.to_owned(),
            other => chain(other),
        };
        self.add(Damage::new(place, what));
    }

    pub(super) fn any(&self) -> bool {
        self.kept().total > 0
    }

    /// Whether reading failed, so that going on is of no use.
    pub(super) fn unreadable(&self) -> bool {
        self.kept().unreadable.is_some()
    }

    /// Damage outweighs a failure to read.
    pub(super) fn verdict(&self) -> Verdict {
        let mut kept = self.kept();
        let mut findings = std::mem::take(&mut kept.damages);
        findings.sort_by_key(|damage| damage.place.offset);
        match kept.unreadable.take() {
            _ if kept.total > 0 => Verdict::Damaged {
                findings,
                total: kept.total,
            },
            Some((why, hint)) => Verdict::NotVerifiable { why, hint },
            None => Verdict::Whole,
        }
    }
}
