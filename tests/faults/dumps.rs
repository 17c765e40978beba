//! Dumps into a store that fails.

use object_store::path::Path;
use object_store::{DynObjectStore, ObjectStoreExt, PutPayload};

use pgark::monitor::Monitor;
use pgark::storage::{Error as StorageError, Replace, Store};
use pgark::verify::{self, Mode, Verdict, VerifyOptions};
use pgark::{archive, dump as operation};

use super::{digests, dump, manifest, source};
use crate::need;
use crate::support::cluster::Cluster;
use crate::support::faulty::{Call, Calls, Fault, Lasting};
use crate::support::in_process::Faulty;

/// What was under the name before, where something was.
const OLD: &[u8] = b"an older archive";

/// What a dump left.
#[derive(Debug, PartialEq, Eq)]
enum Left {
    /// What was there before, and nothing else.
    Nothing,
    /// A whole archive with all rows.
    Archive,
}

struct Scene {
    cluster: &'static Cluster,
    database: &'static str,
    /// What the rows are.
    digests: Vec<String>,
}

async fn verdict(store: &Store) -> Verdict {
    let options = VerifyOptions {
        mode: Mode::Deep,
        ..VerifyOptions::default()
    };
    verify::verify(store, &options, &Monitor::void())
        .await
        .unwrap()
        .verdict
}

impl Scene {
    /// Dumps while the calls are spoilt; returns what came of it and what is there.
    async fn dump(
        &self,
        lasting: Lasting,
        spoil: impl FnOnce(&Calls),
    ) -> (Result<(), operation::Error>, Left) {
        let faulty = Faulty::new();
        let Faulty { memory, calls, .. } = &faulty;
        let name = Path::from("snap.tar");
        let objects: &DynObjectStore = &**memory;
        // An older archive is replaced as a whole or not at all.
        let replace = match lasting {
            Lasting::Once => Replace::Existing,
            Lasting::FromThenOn => Replace::Never,
        };
        if replace == Replace::Existing {
            objects
                .put(&name, PutPayload::from_static(OLD))
                .await
                .unwrap();
        }
        spoil(calls);
        let done = dump(self.cluster, self.database, &faulty.store(), replace).await;
        calls.spoil_nothing();
        let there = match objects.get(&name).await {
            Ok(object) => Some(object.bytes().await.unwrap()),
            Err(_) => None,
        };
        let is_as_before = match replace {
            Replace::Existing => there.as_deref() == Some(OLD),
            Replace::Never => there.is_none(),
        };
        if is_as_before {
            return (done.map(drop), Left::Nothing);
        }
        let fresh = Store::over(memory.clone(), "snap.tar").unwrap();
        assert_eq!(verdict(&fresh).await, Verdict::Whole);
        assert_eq!(digests(&manifest(&fresh).await), self.digests);
        (done.map(drop), Left::Archive)
    }
}

async fn scene(cluster: &'static Cluster, database: &'static str) -> (Scene, Vec<(Call, u64)>) {
    let faulty = Faulty::new();
    let (store, calls) = (faulty.store(), &faulty.calls);
    calls.spoil_nothing();
    dump(cluster, database, &store, Replace::Never)
        .await
        .unwrap();
    let counts = calls.counts().into_iter().collect();
    let digests = digests(&manifest(&store).await);
    assert_eq!(digests.len(), 3);
    let scene = Scene {
        cluster,
        database,
        digests,
    };
    (scene, counts)
}

#[tokio::test(flavor = "multi_thread")]
async fn whichever_call_fails_the_archive_is_there_or_it_is_not() {
    let cluster = need!(source("faults_dumped"));
    let (scene, counts) = scene(cluster, "faults_dumped").await;
    let number = |call| {
        counts
            .iter()
            .find(|(kind, _)| *kind == call)
            .map_or(0, |(_, n)| *n)
    };
    assert!(number(Call::PutPart) > 3, "{counts:?}");
    assert_eq!((number(Call::PutMultipart), number(Call::Complete)), (1, 1));
    for &(call, count) in &counts {
        for nth in 1..=count {
            for fault in [Fault::Refuse, Fault::Lose, Fault::Delay] {
                let lasting = match fault {
                    Fault::Delay if nth > 1 => continue,
                    Fault::Delay => &[Lasting::Once][..],
                    _ => &[Lasting::Once, Lasting::FromThenOn],
                };
                for &lasting in lasting {
                    let spoil = |calls: &Calls| calls.spoil(call, nth, fault, lasting);
                    let (done, left) = scene.dump(lasting, spoil).await;
                    let what = format!("{call:?} {nth} {fault:?} {lasting:?}: {done:?}");
                    assert_eq!(done.is_ok(), left == Left::Archive, "{what}");
                    // Late is not lost, and a completed upload whose answer is lost is found.
                    if fault == Fault::Delay || (call, fault) == (Call::Complete, Fault::Lose) {
                        assert!(done.is_ok(), "{what}");
                    }
                }
            }
        }
    }
    cluster.drop_database("faults_dumped");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_gone_from_some_call_on_has_the_archive_or_not() {
    let cluster = need!(source("faults_gone"));
    let (scene, counts) = scene(cluster, "faults_gone").await;
    let all: u64 = counts.iter().map(|(_, count)| count).sum();
    for nth in 1..=all {
        let (done, left) = scene
            .dump(Lasting::FromThenOn, |calls| calls.fail_from(nth))
            .await;
        assert_eq!(
            done.is_ok(),
            left == Left::Archive,
            "{nth} of {all}: {done:?}"
        );
        // The last call asks for the size of what is there already.
        assert_eq!(done.is_ok(), nth == all, "{nth} of {all}: {done:?}");
    }
    cluster.drop_database("faults_gone");
}

/// What goes wrong in what is written no store that only takes it can notice, beyond its size; S3's compare
/// each request with its signed hash.
#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_arrives_short_is_noticed_at_once_and_one_that_is_changed_by_verify() {
    let cluster = need!(source("faults_parts"));
    let faulty = Faulty::new();
    let (store, calls) = (faulty.store(), &faulty.calls);
    calls.spoil(Call::PutPart, 2, Fault::Shorten, Lasting::Once);
    let done = dump(cluster, "faults_parts", &store, Replace::Never).await;
    let is_said = matches!(
        done,
        Err(operation::Error::Archive(archive::Error::Storage(
            StorageError::Stored { .. }
        )))
    );
    assert!(is_said, "{done:?}");
    calls.spoil_nothing();
    assert!(!store.exists().await.unwrap());

    calls.spoil(Call::PutPart, 2, Fault::Corrupt, Lasting::Once);
    dump(cluster, "faults_parts", &store, Replace::Never)
        .await
        .unwrap();
    calls.spoil_nothing();
    let found = verdict(&store).await;
    assert!(matches!(found, Verdict::Damaged { .. }), "{found:?}");
    cluster.drop_database("faults_parts");
}
