//! An archive that comes through a pipe: every byte once, and the manifest last.
//!
//! [`pass`] takes it apart as it comes, [`open`] looks at one member, [`seen`] compares the members with the
//! manifest. The rest is `verify`'s way with a file: the few parts that it needs were kept.

mod open;
mod pass;
mod seen;

#[cfg(test)]
pub(super) mod tests;

use std::sync::Arc;

use crate::archive::{ArchiveReader, Damage, Error as ArchiveError, Foreign, Place, names};
use crate::monitor::{Event, Monitor, Phase};
use crate::storage::Store;
use crate::storage::{Error as StorageError, PipeReader, Traffic};

use super::report::{Findings, Verdict, VerifyOutcome};
use super::sweep;
use crate::verify::checks::Checks;
use crate::verify::error::Error;
use crate::verify::options::{Mode, VerifyOptions};
use pass::{Pass, Passed};

/// The archive's name in messages, as the user gave it.
const LOCATION: &str = "-";
const TO_A_FILE: &str = "Write it to a file, and verify that.";

/// Verifies the archive that comes out of a pipe, to its end in any case: who else reads along is not cut
/// off. [`Mode::Quick`] is no less work than [`Mode::Full`].
pub async fn verify_pipe(
    pipe: PipeReader,
    options: &VerifyOptions,
    monitor: &Monitor,
) -> Result<VerifyOutcome, Error> {
    monitor.event(Event::Phase(Phase::Verify));
    let mut outcome = VerifyOutcome::new(LOCATION, options.mode);
    let read = tokio::select! {
        read = read(pipe, options.mode == Mode::Deep, monitor) => read,
        () = monitor.interrupted() => return Err(Error::Interrupted),
    };
    match read {
        Ok(passed) => judge(passed, options, &mut outcome, monitor).await?,
        Err(error) => {
            let findings = Findings::default();
            findings.take(error.into(), None);
            outcome.verdict = findings.verdict();
        }
    }
    Ok(outcome)
}

async fn read(mut pipe: PipeReader, deep: bool, monitor: &Monitor) -> Result<Passed, StorageError> {
    let mut pass = Pass::new(deep);
    let worker = 0;
    let subject = "standard input".to_owned();
    monitor.event(Event::Started { worker, subject });
    loop {
        let piece = pipe.next().await?;
        if piece.is_empty() {
            monitor.event(Event::Finished { worker });
            return Ok(pass.finish());
        }
        let bytes = piece.len() as u64;
        pass.feed(piece);
        let rows = 0;
        monitor.event(Event::Advanced {
            worker,
            bytes,
            rows,
        });
    }
}

async fn judge(
    passed: Passed,
    options: &VerifyOptions,
    outcome: &mut VerifyOutcome,
    monitor: &Monitor,
) -> Result<(), Error> {
    outcome.file_bytes = Some(passed.size);
    outcome.reads = Traffic {
        bytes: passed.size,
        ..Traffic::default()
    };
    if passed.too_much {
        outcome.verdict = unfit(format!(
            "\"{LOCATION}\": more than {} bytes of the archive would have to be kept in memory",
            pass::KEPT_BYTES_MAX
        ));
        return Ok(());
    }
    let findings = Arc::new(Findings::default());
    let store = Store::of_parts(LOCATION, passed.size, passed.parts);
    match ArchiveReader::open(store).await {
        Ok(reader) => {
            outcome.describe(&reader);
            let checks = Checks {
                reader: Arc::new(reader),
                findings: Arc::clone(&findings),
                options: options.clone(),
            };
            if let Some(subjects) = checks.run(monitor).await? {
                let manifest = checks.reader.manifest();
                let targets = sweep::targets(&checks.reader, subjects);
                let (damages, rows) = seen::judge(passed.members, &targets, manifest);
                findings.add_all(damages);
                outcome.rows_counted = (options.mode == Mode::Deep).then_some(rows);
            }
            outcome.verdict = findings.verdict();
            outcome.demand(options.digest, &checks.reader);
            return Ok(());
        }
        Err(ArchiveError::NotAnArchive { foreign, .. }) if is_pg_dump(&foreign) => {
            outcome.has_checksums = false;
            outcome.verdict = unfit(format!(
                "\"{LOCATION}\" is an archive of pg_dump, which cannot be verified in a pipe"
            ));
            return Ok(());
        }
        Err(error) => {
            match error {
                // No member with its name began there, nor anything that looked like one.
                ArchiveError::Storage(_) => findings.add(misplaced_manifest()),
                error => findings.take(error, None),
            }
            if findings.any() {
                // A damaged end says little; the front shows where this stops being an archive.
                let seen = passed.walk.verdict(passed.size);
                seen.into_iter().for_each(|damage| findings.add(damage));
            }
        }
    }
    outcome.verdict = findings.verdict();
    Ok(())
}

fn misplaced_manifest() -> Damage {
    let place = Place {
        offset: None,
        ..Place::of_member(names::MANIFEST, 0)
    };
    Damage::new(
        place,
        "was not found in a pipe where the trailer says it is",
    )
}

fn is_pg_dump(foreign: &Foreign) -> bool {
    matches!(foreign, Foreign::PgDumpCustom | Foreign::PgDumpTar)
}

fn unfit(why: String) -> Verdict {
    Verdict::NotVerifiable {
        why,
        hint: Some(TO_A_FILE.to_owned()),
    }
}
