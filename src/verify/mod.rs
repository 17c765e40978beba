//! Is this archive whole? Answered without a server.
//!
//! Three depths. [`Mode::Quick`]: tail, manifest, sums and tables of contents, and whether they agree
//! with one another. [`Mode::Full`] also reads the file from its first byte to its last: every content
//! is hashed, every header and padding byte compared with what the manifest implies. [`Mode::Deep`]
//! also decodes every chunk and counts.
//!
//! [`agreement`] (the manifest with itself) and [`references`] (with a TOC) are pure; [`sweep`] reads
//! the file with several workers, [`stream`] does so with an archive that comes through a pipe, [`member`]
//! and [`rows`] check what comes by; [`walk`] looks from the front when the end is missing; [`pg_dump`] decodes archives of another kind, which have nothing to
//! compare with. [`report`] holds the outcome and [`render`] says it to people.

mod agreement;
mod copy_columns;
mod member;
mod pg_dump;
mod references;
pub mod render;
pub mod report;
mod rows;
mod stream;
mod sweep;
mod walk;

use std::sync::Arc;

use crate::archive::layout::{BLOCK_BYTES, END_BYTES, TAIL_BYTES};
use crate::archive::reader::README_BEGIN;
use crate::archive::{ArchiveReader, Damage, Error as ArchiveError, FORMAT_VERSION, Place, names};
use crate::digest::Sha256;
use crate::monitor::{Monitor, Phase};
use crate::pgdump;
use crate::source::{self, Origin, Source};
use crate::storage::{Error as StorageError, Store};
use crate::toc::Toc;

use agreement::Subject;
use member::ImpliedHeader;
use report::Findings;
pub use report::{FINDINGS_MAX, Verdict, VerifyOutcome};
pub use stream::verify_pipe;

/// How deep to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// What a restore would read first.
    Quick,
    /// Every byte.
    #[default]
    Full,
    /// Every row.
    Deep,
}

/// What to verify and how.
#[derive(Debug, Clone)]
pub struct VerifyOptions {
    /// How deep.
    pub mode: Mode,
    /// How many workers read and hash at once.
    pub jobs: usize,
    /// The digest that the archive must have.
    pub digest: Option<Sha256>,
}

impl Default for VerifyOptions {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            jobs: 1,
            digest: None,
        }
    }
}

/// Why there is no outcome at all. Everything else, unreadable files included, is a [`Verdict`].
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The user asked for a stop.
    #[error("interrupted")]
    Interrupted,
    /// A worker died.
    #[error("a worker failed")]
    Worker(#[source] tokio::task::JoinError),
}

/// Verifies the archive.
pub async fn verify(
    store: &Store,
    options: &VerifyOptions,
    monitor: &Monitor,
) -> Result<VerifyOutcome, Error> {
    // A read may take long: from afar, or at a limited rate.
    let mut outcome = tokio::select! {
        outcome = judge(store, options, monitor) => outcome?,
        () = monitor.interrupted() => return Err(Error::Interrupted),
    };
    // Parts of two files do not fit together: neither is damaged for that.
    if matches!(outcome.verdict, Verdict::Damaged { .. })
        && let Err(error) = store.refuse_replaced().await
    {
        outcome.verdict = Verdict::NotVerifiable {
            hint: error.hint(),
            why: error.to_string(),
        };
    }
    outcome.reads = store.traffic();
    Ok(outcome)
}

async fn judge(
    store: &Store,
    options: &VerifyOptions,
    monitor: &Monitor,
) -> Result<VerifyOutcome, Error> {
    monitor.event(crate::monitor::Event::Phase(Phase::Verify));
    let mut outcome = VerifyOutcome::new(store.describe(), options.mode);
    let findings = Arc::new(Findings::default());
    match Source::open(store.clone()).await {
        Ok(source) => return check(source, options, findings, outcome, monitor).await,
        Err(error) => {
            outcome.file_bytes = store.size().await.ok();
            let is_ours = matches!(error, source::Error::Archive(_));
            outcome.has_checksums = is_ours;
            findings.take_source(error, Place::default());
            if findings.any() && is_ours {
                // A damaged end says little; the front shows where the file stops being an archive.
                let seen = walk::from_the_front(store, monitor).await;
                seen.into_iter().for_each(|damage| findings.add(damage));
            }
        }
    }
    if monitor.is_interrupted() {
        return Err(Error::Interrupted);
    }
    outcome.verdict = findings.verdict();
    Ok(outcome)
}

/// Checks an archive that opens.
async fn check(
    source: Source,
    options: &VerifyOptions,
    findings: Arc<Findings>,
    mut outcome: VerifyOutcome,
    monitor: &Monitor,
) -> Result<VerifyOutcome, Error> {
    match source.origin() {
        Origin::Ours(reader) => {
            outcome.describe(reader);
            let checks = Checks {
                reader: Arc::new(reader.clone()),
                findings: Arc::clone(&findings),
                options: options.clone(),
            };
            if let Some(subjects) = checks.run(monitor).await? {
                outcome.rows_counted = sweep::run(&checks, subjects, monitor).await?;
            }
            outcome.verdict = findings.verdict();
            outcome.demand(options.digest, &checks.reader);
        }
        Origin::PgDump { facts, .. } => {
            outcome.has_checksums = false;
            let source = source.clone();
            pg_dump::check(source, facts, options, findings, &mut outcome, monitor).await?;
        }
    }
    match monitor.is_interrupted() {
        true => Err(Error::Interrupted),
        false => Ok(outcome),
    }
}

/// The checks of an archive of ours.
struct Checks {
    reader: Arc<ArchiveReader>,
    findings: Arc<Findings>,
    options: VerifyOptions,
}

impl Checks {
    /// Everything but the bytes between the first and the trailer. Returns what each member is about, where
    /// these are to be looked at too.
    async fn run(&self, monitor: &Monitor) -> Result<Option<Vec<Subject>>, Error> {
        self.keep(self.confirmed(|| self.check_tail()).await);
        let agreement = agreement::check(&self.reader);
        let sound = agreement.damages.is_empty();
        self.findings.add_all(agreement.damages);
        if monitor.is_interrupted() {
            return Err(Error::Interrupted);
        }
        self.check_tocs(&agreement.subjects).await;
        if !sound {
            // The places of a manifest that contradicts itself are not worth reading.
            return Ok(None);
        }
        if self.options.mode == Mode::Quick {
            self.keep(self.confirmed(|| self.check_sums_content()).await);
            return Ok(None);
        }
        self.check_first_line().await;
        Ok(Some(agreement.subjects))
    }

    /// What a network delivered damaged is read once more before it is called so.
    async fn confirmed<C>(&self, check: impl Fn() -> C) -> C::Output
    where
        C: Future<Output = Result<Vec<Damage>, StorageError>>,
    {
        let store = self.reader.store();
        match check().await {
            Ok(damages) if !damages.is_empty() && store.is_remote() => {
                store.repeats();
                check().await
            }
            done => done,
        }
    }

    fn keep(&self, result: Result<Vec<Damage>, StorageError>) {
        match result {
            Ok(damages) => self.findings.add_all(damages),
            Err(error) => self.findings.take(error.into(), None),
        }
    }

    /// The trailer's header and the end of the tar; the trailer itself was read strictly.
    async fn check_tail(&self) -> Result<Vec<Damage>, StorageError> {
        let size = self.reader.size();
        let start = size.saturating_sub(TAIL_BYTES);
        let tail = self.reader.store().read_range(start..size).await?;
        let mut damages = Vec::new();
        if tail.len() as u64 != TAIL_BYTES {
            let what = "the file is too short for the end of an archive";
            return Ok(vec![Damage::new(Place::at(size), what)]);
        }
        let header = tail.slice(..BLOCK_BYTES as usize);
        let zeros = tail.slice((TAIL_BYTES - END_BYTES) as usize..);
        let implied = ImpliedHeader::new(names::TRAILER, BLOCK_BYTES, self.reader.manifest());
        if let Some(at) = implied.first_difference(0, &header) {
            let place = Place::of_member(names::TRAILER, start + at);
            damages.push(Damage::new(place, member::HEADER_DIFFERS));
        }
        if let Some(at) = zeros.iter().position(|&byte| byte != 0) {
            let what = "the blocks that end the tar are not zero";
            let place = Place::at(size - END_BYTES + at as u64);
            damages.push(Damage::new(place, what));
        }
        Ok(damages)
    }

    /// README.txt begins as those of this format do. One that is missing or changed is found elsewhere.
    async fn check_first_line(&self) {
        let begins = format!("{README_BEGIN}{FORMAT_VERSION}\n");
        match self.reader.member(names::README).await {
            Ok(readme) if !readme.starts_with(begins.as_bytes()) => {
                let offset = self.reader.find(names::README).map(|member| member.offset);
                let place = Place {
                    offset,
                    ..Place::of_member(names::README, 0)
                };
                let what = "does not begin with the line that tells the format";
                self.findings.add(Damage::new(place, what));
            }
            Ok(_) | Err(ArchiveError::Damaged { .. } | ArchiveError::NoMember { .. }) => {}
            Err(error) => self.findings.take(error, Some(names::README)),
        }
    }

    /// SHA256SUMS itself. What it must say was compared already; this is whether it is there.
    async fn check_sums_content(&self) -> Result<Vec<Damage>, StorageError> {
        let sums = self.reader.trailer().sums;
        let range = sums.offset..sums.offset.saturating_add(sums.size);
        let found = Sha256::of(&self.reader.store().read_range(range).await?);
        if found == sums.sha256 {
            return Ok(Vec::new());
        }
        let place = Place::of_member(names::SUMS, sums.offset);
        let damage = Damage::new(place, member::HASH_DIFFERS);
        Ok(vec![damage.compared(sums.sha256, found)])
    }

    /// Every table of contents: its hash, its syntax, and what it and the manifest say of each other.
    async fn check_tocs(&self, subjects: &[Subject]) {
        let members = &self.reader.manifest().members;
        for (member, subject) in members.iter().zip(subjects) {
            let database = match subject {
                Subject::Toc { database } => Some(*database),
                Subject::GlobalsToc => None,
                _ => continue,
            };
            let place = || Place::of_member(&member.name, member.offset);
            match self.read_toc(&member.name).await {
                Ok(Ok(toc)) => {
                    let database = database.and_then(|at| self.reader.manifest().databases.get(at));
                    if let Some(database) = database {
                        self.findings
                            .add_all(references::check(database, &toc, place));
                    }
                }
                Ok(Err(error)) => {
                    let what = format!("is not a table of contents: {error}");
                    self.findings.add(Damage::new(place(), what));
                }
                // Full and deep find a changed hash again when they read every byte.
                Err(ArchiveError::Damaged { .. }) if self.options.mode != Mode::Quick => {}
                Err(error) => self.findings.take(error, Some(&member.name)),
            }
        }
    }

    async fn read_toc(&self, member: &str) -> Result<Result<Toc, pgdump::Error>, ArchiveError> {
        let bytes = self.reader.member(member).await?;
        Ok(pgdump::read_toc_dat(&bytes))
    }
}

#[cfg(test)]
mod tests;
