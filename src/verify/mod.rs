//! Is this archive whole? Answered without a server.
//!
//! Three depths. [`Mode::Quick`]: tail, manifest, sums and tables of contents, and whether they agree
//! with one another. [`Mode::Full`] also reads the file from its first byte to its last: every content
//! is hashed, every header and padding byte compared with what the manifest implies. [`Mode::Deep`]
//! also decodes every chunk and counts.
//!
//! [`agreement`] (the manifest with itself) and [`references`] (with a TOC) are pure; [`sweep`] reads the
//! file with several workers, [`stream`] does so with an archive that comes through a pipe, [`member`] and
//! [`rows`] check what comes by; [`walk`] looks from the front when the end is missing; [`pg_dump`] decodes
//! archives of another kind, which have nothing to compare with. [`report`] holds the outcome and [`render`]
//! says it to people.

mod agreement;
mod checks;
mod copy_columns;
mod error;
mod member;
mod options;
mod pg_dump;
mod references;
pub mod render;
pub mod report;
mod rows;
mod stream;
mod sweep;
mod walk;

use std::sync::Arc;

use crate::archive::Place;
use crate::monitor::{Monitor, Phase};
use crate::source::{self, Origin, Source};
use crate::storage::Store;

use checks::Checks;
pub use error::Error;
pub use options::{Mode, VerifyOptions};
use report::Findings;
pub use report::{FINDINGS_MAX, Verdict, VerifyOutcome};
pub use stream::verify_pipe;

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
    if monitor.is_interrupted() {
        Err(Error::Interrupted)
    } else {
        Ok(outcome)
    }
}

#[cfg(test)]
mod tests;
