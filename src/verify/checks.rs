//! The checks of an archive of ours that need few reads: its end, its tables of contents, its first line.
//!
//! All other bytes are [`sweep`](super::sweep)'s.

use super::{agreement, member, references};
use crate::archive::layout::{BLOCK_BYTES, END_BYTES, TAIL_BYTES};
use crate::archive::reader::README_BEGIN;
use crate::archive::{ArchiveReader, Damage, Error as ArchiveError, FORMAT_VERSION, Place, names};
use crate::digest::Sha256;
use crate::monitor::Monitor;
use crate::pgdump;
use crate::storage::Error as StorageError;
use crate::toc::Toc;
use crate::verify::agreement::Subject;
use crate::verify::error::Error;
use crate::verify::member::ImpliedHeader;
use crate::verify::options::{Mode, VerifyOptions};
use crate::verify::report::Findings;
use std::sync::Arc;

/// The checks of an archive of ours.
pub(super) struct Checks {
    pub(super) reader: Arc<ArchiveReader>,
    pub(super) findings: Arc<Findings>,
    pub(super) options: VerifyOptions,
}

impl Checks {
    /// Everything but the bytes between the first and the trailer. Returns the subject of each member, where
    /// those are to be looked at too.
    pub(super) async fn run(&self, monitor: &Monitor) -> Result<Option<Vec<Subject>>, Error> {
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
    pub(super) async fn confirmed<C>(&self, check: impl Fn() -> C) -> C::Output
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

    /// SHA256SUMS itself. Its expected content was compared already; this check is for its presence.
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

    /// Every table of contents: its hash, its syntax, and its agreement with the manifest.
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
