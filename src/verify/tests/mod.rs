//! Whole archives, every class of damage, and manifests that lie. All in memory.

mod bounds;
mod damage;
mod faults;
mod golden;
mod hostile;

use super::*;
use crate::archive::chunk::Compression;
use crate::archive::testing::{self, Sample};
use crate::archive::{ArchiveReader, Damage, names};
use crate::digest::Sha256;
use crate::pgdump;
use crate::pgdump::TocCompression;
use crate::toc::Toc;

fn toc_bytes(toc: &Toc) -> Vec<u8> {
    pgdump::write_toc_dat(toc, TocCompression::Zstd).unwrap_or_else(|e| panic!("{e}"))
}

pub(super) async fn archive(sample: &Sample) -> Vec<u8> {
    let store = testing::memory(None).await;
    let written = testing::write(sample, &store, toc_bytes).await;
    written.unwrap_or_else(|e| panic!("{e}"));
    testing::bytes_of(&store).await
}

/// The verdict on these bytes as an object far away, which must be that on a pipe, at every depth but the
/// quick.
pub(super) async fn verified(bytes: &[u8], mode: Mode) -> VerifyOutcome {
    let store = testing::memory(Some(bytes)).await;
    let options = VerifyOptions {
        mode,
        jobs: 3,
        digest: None,
    };
    let outcome = verify(&store, &options, &Monitor::void()).await;
    let outcome = outcome.unwrap_or_else(|e| panic!("{e}"));
    if mode != Mode::Quick {
        stream::tests::assert_same_in_a_pipe(bytes, &options, &outcome).await;
    }
    outcome
}

/// The damage; empty where there is none.
async fn findings(bytes: &[u8], mode: Mode) -> Vec<Damage> {
    match verified(bytes, mode).await.verdict {
        Verdict::Whole | Verdict::OtherArchive { .. } => Vec::new(),
        Verdict::Damaged { findings, .. } => findings,
        Verdict::NotVerifiable { why, .. } => panic!("not verifiable: {why}"),
    }
}

#[tokio::test]
async fn what_was_written_is_whole_at_every_depth() {
    for compression in [Compression::Zstd(1), Compression::None] {
        let bytes = archive(&testing::several(compression)).await;
        assert!(bytes.len() > 1 << 20);
        for mode in [Mode::Quick, Mode::Full, Mode::Deep] {
            let outcome = verified(&bytes, mode).await;
            assert_eq!(outcome.verdict, Verdict::Whole, "{mode:?}");
            assert_eq!(outcome.databases, 5);
            let counted = (mode == Mode::Deep).then_some(outcome.rows);
            assert_eq!(outcome.rows_counted, counted);
            assert!(outcome.rows > 50_000);
        }
    }
}

#[tokio::test]
async fn a_demanded_digest_must_be_the_archives() {
    let bytes = archive(&testing::small(Compression::default())).await;
    let store = testing::memory(Some(&bytes)).await;
    let mut options = VerifyOptions::default();
    let outcome = verify(&store, &options, &Monitor::void()).await;
    let digest = outcome.ok().and_then(|outcome| outcome.digest);
    options.digest = digest.and_then(|digest| digest.parse().ok());
    assert!(options.digest.is_some());
    let outcome = verify(&store, &options, &Monitor::void()).await;
    assert_eq!(outcome.map(|o| o.verdict).ok(), Some(Verdict::Whole));
    let wanted = Sha256::of(b"another");
    options.digest = Some(wanted);
    let outcome = verify(&store, &options, &Monitor::void()).await;
    let outcome = outcome.unwrap_or_else(|e| panic!("{e}"));
    let demanded = wanted.to_string();
    let text = render::text(&outcome);
    let expected = format!("(every byte checked), and not the archive with digest {demanded}\n");
    assert!(
        text.starts_with("whole: ") && text.contains(&expected),
        "{text}"
    );
    assert_eq!(outcome.verdict, Verdict::OtherArchive { demanded });
    // One that is damaged as well says both.
    let mut damaged = bytes.clone();
    damaged[600] ^= 1;
    let store = testing::memory(Some(&damaged)).await;
    let outcome = verify(&store, &options, &Monitor::void()).await;
    let Ok(Verdict::Damaged { findings, total: 2 }) = outcome.map(|o| o.verdict) else {
        panic!("not damaged");
    };
    assert!(
        findings[1].what.contains("of another archive"),
        "{findings:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_or_checked_is_not_called_damaged() {
    let unverifiable = async |store: &Store| {
        let outcome = verify(store, &VerifyOptions::default(), &Monitor::void()).await;
        match outcome.map(|outcome| outcome.verdict) {
            Ok(Verdict::NotVerifiable { why, hint }) => (why, hint.is_some()),
            other => panic!("{other:?}"),
        }
    };
    let (why, hint) = unverifiable(&testing::memory(None).await).await;
    assert!(why.contains("does not exist") && hint, "{why}");
    let newer = testing::memory(Some(b"PGDMP\x01\x11\x00")).await;
    let (why, hint) = unverifiable(&newer).await;
    assert!(
        why.contains("version 1.17 is not supported") && hint,
        "{why}"
    );
    let script = b"--\n-- PostgreSQL database dump\n--\n";
    let (why, hint) = unverifiable(&testing::memory(Some(script)).await).await;
    assert!(why.contains("a script for psql") && hint, "{why}");
    let (why, _) = unverifiable(&testing::memory(Some(b"#!/bin/sh\n")).await).await;
    assert!(why.contains("is not a pgark archive"), "{why}");
}

#[tokio::test]
async fn an_interrupted_verify_has_no_verdict() {
    let bytes = archive(&testing::small(Compression::default())).await;
    let store = testing::memory(Some(&bytes)).await;
    struct Silent;
    impl crate::monitor::Sink for Silent {
        fn event(&self, _event: crate::monitor::Event) {}
    }
    let (monitor, interrupt) = Monitor::new(Arc::new(Silent));
    interrupt.interrupt();
    let outcome = verify(&store, &VerifyOptions::default(), &monitor).await;
    assert!(matches!(outcome, Err(Error::Interrupted)));
}

#[tokio::test]
async fn the_text_says_what_was_looked_at_and_the_json_holds_the_findings() {
    let bytes = archive(&testing::small(Compression::default())).await;
    let text = render::text(&verified(&bytes, Mode::Deep).await);
    assert!(
        text.starts_with("whole: \"snap.tar\" (every byte and "),
        "{text}"
    );
    assert!(text.contains("5 databases, 6 tables, "), "{text}");
    let mut cut = bytes.clone();
    cut.truncate(bytes.len() / 2);
    let outcome = verified(&cut, Mode::Full).await;
    let text = render::text(&outcome);
    assert!(
        text.starts_with("damaged: \"snap.tar\", 2 problems\n  "),
        "{text}"
    );
    let json = render::json(&outcome).unwrap_or_default();
    assert!(
        json.contains("\"verdict\": \"damaged\"") && json.contains("\"mode\": \"full\""),
        "{json}"
    );
    assert!(outcome.hint().is_some());
}
