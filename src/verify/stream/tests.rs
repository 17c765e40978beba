//! `verify` gives the same verdict on the same bytes in a file and in a pipe.

use std::collections::BTreeSet;

use tokio::io::AsyncReadExt as _;

use super::*;
use crate::archive::Damage;
use crate::archive::chunk::Compression;
use crate::archive::testing;
use crate::verify::tests::{archive, verified};

pub(in crate::verify) async fn piped(bytes: &[u8], options: &VerifyOptions) -> VerifyOutcome {
    // Pieces that end anywhere.
    let (first, second) = bytes.split_at(bytes.len() / 3);
    let input = std::io::Cursor::new(first.to_vec()).chain(std::io::Cursor::new(second.to_vec()));
    let outcome = verify_pipe(PipeReader::new(input, None), options, &Monitor::void()).await;
    outcome.unwrap_or_else(|e| panic!("{e}"))
}

fn texts(findings: &[Damage]) -> Vec<String> {
    findings.iter().map(ToString::to_string).collect()
}

fn members(findings: &[Damage]) -> BTreeSet<&str> {
    let members = findings.iter().map(|damage| damage.place.member.as_deref());
    members.flatten().collect()
}

/// Demands the verdict that the same bytes have in a file, and the same findings wherever headers lead to all
/// members.
pub(in crate::verify) async fn assert_same_in_a_pipe(
    bytes: &[u8],
    options: &VerifyOptions,
    of_file: &VerifyOutcome,
) {
    let of_pipe = piped(bytes, options).await;
    match (&of_file.verdict, &of_pipe.verdict) {
        (
            Verdict::Damaged { findings, total },
            Verdict::Damaged {
                findings: in_pipe,
                total: total_in_pipe,
            },
        ) => {
            let (file, pipe) = (texts(findings), texts(in_pipe));
            if (total, &file) != (total_in_pipe, &pipe) {
                // Of members that were moved not all can be looked at, but all are named.
                let (members, in_pipe) = (members(findings), members(in_pipe));
                let is_moved = members.len() > 1 || in_pipe.contains(names::MANIFEST);
                assert!(is_moved && members == in_pipe, "{file:#?}\n{pipe:#?}");
            }
        }
        (Verdict::NotVerifiable { why, .. }, Verdict::NotVerifiable { why: in_pipe, .. }) => {
            assert_eq!(&why.replace("snap.tar", LOCATION), in_pipe);
        }
        (file, pipe) => assert_eq!(file, pipe),
    }
    assert_eq!(of_file.digest, of_pipe.digest);
    assert_eq!(of_file.file_bytes, of_pipe.file_bytes);
}

#[tokio::test]
async fn all_that_is_said_of_a_whole_archive_is_the_same() {
    for compression in [Compression::default(), Compression::None] {
        let bytes = archive(&testing::several(compression)).await;
        for mode in [Mode::Full, Mode::Deep] {
            let of_file = verified(&bytes, mode).await;
            let options = VerifyOptions {
                mode,
                ..VerifyOptions::default()
            };
            let of_pipe = piped(&bytes, &options).await;
            let expected = VerifyOutcome {
                location: LOCATION.to_owned(),
                reads: of_pipe.reads,
                ..of_file
            };
            assert_eq!(of_pipe, expected);
        }
    }
}

/// The outcome for these bytes in pieces of this length.
async fn in_pieces(bytes: &[u8], length: usize) -> VerifyOutcome {
    let mut pass = Pass::new(true);
    for piece in bytes.chunks(length) {
        pass.feed(bytes::Bytes::copy_from_slice(piece));
    }
    judged(pass.finish()).await
}

async fn judged(passed: Passed) -> VerifyOutcome {
    let options = VerifyOptions {
        mode: Mode::Deep,
        ..VerifyOptions::default()
    };
    let mut outcome = VerifyOutcome::new(LOCATION, options.mode);
    let judged = judge(passed, &options, &mut outcome, &Monitor::void()).await;
    judged.unwrap_or_else(|e| panic!("{e}"));
    outcome
}

#[tokio::test]
async fn pieces_may_end_anywhere() {
    let whole = archive(&testing::small(Compression::None)).await;
    let mut damaged = whole.clone();
    // A header whose size is unreadable, and a changed row.
    damaged[124] ^= 1;
    let rows = b"3\tname 3\n";
    let row = damaged.windows(rows.len()).position(|part| part == rows);
    damaged[row.unwrap_or_default()] ^= 1;
    for bytes in [&whole[..], &damaged] {
        let at_once = in_pieces(bytes, bytes.len()).await;
        let is_whole = at_once.verdict == Verdict::Whole;
        assert_eq!(is_whole, bytes == whole);
        for length in [1, 7, 511, 512, 513, 5000] {
            assert_eq!(in_pieces(bytes, length).await, at_once, "{length}");
        }
    }
}

#[tokio::test]
async fn memory_is_bounded_and_that_is_said() {
    let bytes = archive(&testing::small(Compression::default())).await;
    let mut pass = Pass::new(true).keeping_at_most(3000);
    pass.feed(bytes.clone().into());
    let passed = pass.finish();
    assert_eq!(passed.size, bytes.len() as u64);
    assert!(passed.members.is_empty());
    let Verdict::NotVerifiable { why, hint } = judged(passed).await.verdict else {
        panic!("kept all the same");
    };
    assert!(why.contains("kept in memory") && hint.is_some(), "{why}");
}

#[tokio::test]
async fn what_is_no_archive_or_cannot_be_read_is_not_called_damaged() {
    let options = VerifyOptions::default();
    for (content, part) in [
        (
            &b"PGDMP\x01\x0f\x00 and more"[..],
            "cannot be verified in a pipe",
        ),
        (b"toc.dat\0", "cannot be verified in a pipe"),
        (b"#!/bin/sh\n", "is not a pgark archive"),
        (
            b"--\n-- PostgreSQL database dump\n--\n",
            "a script for psql",
        ),
    ] {
        let Verdict::NotVerifiable { why, hint } = piped(content, &options).await.verdict else {
            panic!("{part}");
        };
        assert!(why.contains(part) && hint.is_some(), "{why}");
    }
    let broken = failing_pipe();
    let outcome = verify_pipe(PipeReader::new(broken, None), &options, &Monitor::void()).await;
    let verdict = outcome.map(|outcome| outcome.verdict);
    let Ok(Verdict::NotVerifiable { why, .. }) = verdict else {
        panic!("{verdict:?}");
    };
    assert!(why.contains("cannot read standard input: "), "{why}");
}

/// A pipe that breaks.
fn failing_pipe() -> impl tokio::io::AsyncRead + Send + Unpin + 'static {
    struct Failing;
    impl tokio::io::AsyncRead for Failing {
        fn poll_read(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
            _: &mut tokio::io::ReadBuf<'_>,
        ) -> std::task::Poll<std::io::Result<()>> {
            std::task::Poll::Ready(Err(std::io::ErrorKind::ConnectionReset.into()))
        }
    }
    Failing
}

#[tokio::test]
async fn a_demanded_digest_must_be_the_archives() {
    let bytes = archive(&testing::small(Compression::default())).await;
    let mut options = VerifyOptions {
        digest: Some(crate::digest::Sha256::of(b"another")),
        ..VerifyOptions::default()
    };
    let outcome = piped(&bytes, &options).await;
    let demanded = crate::digest::Sha256::of(b"another").to_string();
    assert_eq!(outcome.verdict, Verdict::OtherArchive { demanded });
    options.digest = outcome.digest.and_then(|digest| digest.parse().ok());
    assert!(options.digest.is_some());
    assert_eq!(piped(&bytes, &options).await.verdict, Verdict::Whole);
}
