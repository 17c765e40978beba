//! Stores that fail or lose bytes while they are read.

use super::*;
use crate::storage::testing::{Call, Fault, Lasting, faulty};

#[tokio::test]
async fn whichever_read_fails_the_archive_is_not_called_whole() {
    for mode in [Mode::Quick, Mode::Full, Mode::Deep] {
        let (store, calls) = faulty();
        let sample = testing::small(Compression::default());
        let written = testing::write(&sample, &store, toc_bytes);
        written.await.unwrap_or_else(|e| panic!("{e}"));
        let options = VerifyOptions {
            mode,
            ..VerifyOptions::default()
        };
        calls.fail_from(0);
        let whole = verify(&store, &options, &Monitor::void()).await;
        assert_eq!(
            whole.map(|outcome| outcome.verdict).ok(),
            Some(Verdict::Whole)
        );
        for failing in 1..=calls.count() {
            calls.fail_from(failing);
            let outcome = verify(&store, &options, &Monitor::void()).await;
            let Ok(Verdict::NotVerifiable { why, .. }) = outcome.map(|outcome| outcome.verdict)
            else {
                panic!("{mode:?} {failing}");
            };
            assert!(
                why.contains("snap.tar") && why.contains("connection reset"),
                "{why}"
            );
        }
    }
}

#[tokio::test]
async fn reads_that_come_short_are_completed_or_said() {
    let (store, calls) = faulty();
    let sample = testing::small(Compression::default());
    let written = testing::write(&sample, &store, toc_bytes);
    written.await.unwrap_or_else(|e| panic!("{e}"));
    for lasting in [Lasting::Once, Lasting::FromThenOn] {
        calls.spoil(Call::Get, 3, Fault::Shorten, lasting);
        let outcome = verify(&store, &VerifyOptions::default(), &Monitor::void()).await;
        let verdict = outcome.map(|outcome| outcome.verdict);
        let is_right = match lasting {
            Lasting::Once => matches!(verdict, Ok(Verdict::Whole)),
            Lasting::FromThenOn => matches!(verdict, Ok(Verdict::NotVerifiable { .. })),
        };
        assert!(is_right, "{lasting:?} {verdict:?}");
    }
}
