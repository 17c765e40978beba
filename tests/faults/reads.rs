//! Verifications and restores from a store that fails.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use pgark::archive::manifest::Manifest;
use pgark::monitor::Monitor;
use pgark::restore::{self, DatabaseChoice, GlobalsChoice, RestoreOptions, RestoreOutcome};
use pgark::storage::{Replace, Store};
use pgark::verify::{self, Mode, Verdict, VerifyOptions};

use super::{TABLES, dump, manifest, source};
use crate::need;
use crate::support::cluster::Cluster;
use crate::support::faulty::{Call, Fault, Lasting};
use crate::support::fixtures;
use crate::support::in_process::{Faulty, server};

/// An archive whose store can be spoilt, with what it holds.
struct Scene {
    source: &'static Cluster,
    database: &'static str,
    target: &'static Cluster,
    faulty: Faulty,
    manifest: Manifest,
}

impl Scene {
    async fn new(
        source: &'static Cluster,
        target: &'static Cluster,
        database: &'static str,
    ) -> Self {
        let faulty = Faulty::new();
        let store = faulty.store();
        dump(source, database, &store, Replace::Never)
            .await
            .unwrap();
        let manifest = manifest(&store).await;
        Self {
            source,
            database,
            target,
            faulty,
            manifest,
        }
    }

    async fn verify(&self) -> Verdict {
        let options = VerifyOptions {
            mode: Mode::Deep,
            jobs: 2,
            digest: None,
        };
        let outcome = verify::verify(&self.faulty.store(), &options, &Monitor::void()).await;
        outcome.unwrap().verdict
    }

    /// Restores into an empty database.
    async fn restore(&self) -> (Result<RestoreOutcome, restore::Error>, Store) {
        self.target.drop_database(self.database);
        self.target.create_database(self.database);
        let name = || self.database.into();
        let options = RestoreOptions {
            databases: vec![DatabaseChoice {
                source: name(),
                target: name(),
            }],
            jobs: NonZeroUsize::new(2).unwrap(),
            globals: GlobalsChoice::Without,
            ..RestoreOptions::default()
        };
        let store = self.faulty.store();
        let done = restore::restore(&server(self.target), &store, &options, &Monitor::void()).await;
        (done, store)
    }

    /// How many times each read of a restore, or of a verification, is sent when nothing happens.
    fn reads(&self) -> u64 {
        self.faulty
            .calls
            .counts()
            .get(&Call::Get)
            .copied()
            .unwrap_or(0)
    }

    /// Whether so many reads were sent: one that was begun too early, and in vain, is sent again.
    fn was_hit(&self, nth: u64) -> bool {
        self.reads() >= nth
    }

    /// What the target holds is what the source does.
    #[track_caller]
    fn assert_equal(&self, what: &str) {
        let sums = TABLES.map(|table| {
            format!("SELECT count(*), sum(hashtext(t::text)::bigint) FROM {table} AS t;")
        });
        let objects = "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class \
                       WHERE relnamespace = 'public'::regnamespace";
        let sql = sums.concat() + objects;
        let found = self.target.psql(self.database, &sql);
        assert_eq!(found, self.source.psql(self.database, &sql), "{what}");
    }

    /// The rows in the target by table, which must be whole chunks; those of the tables that are there.
    #[track_caller]
    fn chunks_loaded(&self, what: &str) -> BTreeMap<String, Vec<bool>> {
        let mut loaded = BTreeMap::new();
        let tables = self
            .manifest
            .databases
            .iter()
            .flat_map(|database| &database.tables);
        for table in tables {
            let name = table.name.to_string();
            let sql = format!("SELECT id FROM {name} ORDER BY id");
            let ids = self.target.try_psql(self.database, sql);
            if !ids.status.success() {
                continue;
            }
            let ids = ids.stdout();
            let ids: Vec<u64> = ids.lines().map(|id| id.parse().unwrap()).collect();
            let mut first = 1;
            let chunks = table.chunks.iter().map(|chunk| {
                let range = first..first + chunk.rows;
                first += chunk.rows;
                let there = ids.iter().filter(|id| range.contains(id)).count() as u64;
                assert!(
                    there == 0 || there == chunk.rows,
                    "{what}: part of a chunk of {name}"
                );
                there > 0
            });
            loaded.insert(name.clone(), chunks.collect());
        }
        loaded
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verification_judges_the_archive_and_not_its_way() {
    let cluster = need!(source("faults_verified"));
    let scene = Scene::new(cluster, cluster, "faults_verified").await;
    scene.faulty.calls.spoil_nothing();
    assert_eq!(scene.verify().await, Verdict::Whole);
    let reads = scene.reads();
    for nth in 1..=reads {
        for fault in [Fault::Cut, Fault::Shorten, Fault::Corrupt, Fault::Delay] {
            scene
                .faulty
                .calls
                .spoil(Call::Get, nth, fault, Lasting::Once);
            assert_eq!(scene.verify().await, Verdict::Whole, "{nth} {fault:?}");
        }
        scene
            .faulty
            .calls
            .spoil(Call::Get, nth, Fault::Corrupt, Lasting::FromThenOn);
        let found = scene.verify().await;
        assert!(matches!(found, Verdict::Damaged { .. }), "{nth} {found:?}");
        scene
            .faulty
            .calls
            .spoil(Call::Get, nth, Fault::Refuse, Lasting::FromThenOn);
        let found = scene.verify().await;
        assert!(
            matches!(found, Verdict::NotVerifiable { .. }),
            "{nth} {found:?}"
        );
    }
    // For good: that takes its time.
    scene
        .faulty
        .calls
        .spoil(Call::Get, reads, Fault::Shorten, Lasting::FromThenOn);
    let found = scene.verify().await;
    assert!(matches!(found, Verdict::NotVerifiable { .. }), "{found:?}");
    cluster.drop_database("faults_verified");
}

#[tokio::test(flavor = "multi_thread")]
async fn whichever_read_fails_the_restore_is_whole_or_says_so() {
    let cluster = need!(source("faults_restored"));
    let target = need!(fixtures::target(cluster.major()));
    let scene = Scene::new(cluster, target, "faults_restored").await;
    scene.faulty.calls.spoil_nothing();
    scene.restore().await.0.unwrap();
    scene.assert_equal("nothing");
    let reads = scene.reads();
    assert!(reads > 8, "{reads}");
    for nth in 1..=reads {
        for fault in [Fault::Cut, Fault::Corrupt] {
            scene
                .faulty
                .calls
                .spoil(Call::Get, nth, fault, Lasting::Once);
            let what = format!("{nth} of {reads}, {fault:?}");
            let (done, store) = scene.restore().await;
            let done = done.unwrap_or_else(|error| panic!("{what}: {error:?}"));
            assert!(done.failures.is_empty(), "{what}: {:?}", done.failures);
            // Data may have been read too early, and in vain. In the middle of the tail are the zeros that
            // end the tar, which only verify looks at.
            let least = u64::from(nth <= 3 && (nth, fault) != (1, Fault::Corrupt));
            let repeated = store.traffic().repeated;
            assert!((least..=1).contains(&repeated), "{what}: {repeated}");
            scene.assert_equal(&what);
        }
        for fault in [Fault::Refuse, Fault::Corrupt] {
            scene
                .faulty
                .calls
                .spoil(Call::Get, nth, fault, Lasting::FromThenOn);
            fails_cleanly(&scene, nth, fault).await;
        }
    }
    // Once for good, for that takes its time; and late.
    scene
        .faulty
        .calls
        .spoil(Call::Get, reads / 2, Fault::Cut, Lasting::FromThenOn);
    fails_cleanly(&scene, reads / 2, Fault::Cut).await;
    scene
        .faulty
        .calls
        .spoil(Call::Get, reads / 2, Fault::Delay, Lasting::FromThenOn);
    let (done, _) = scene.restore().await;
    assert!(done.unwrap().failures.is_empty());
    scene.assert_equal("late");
    cluster.drop_database("faults_restored");
    target.drop_database("faults_restored");
}

/// A restore that must fail: what is damaged is named, and there are whole chunks in the target only.
async fn fails_cleanly(scene: &Scene, nth: u64, fault: Fault) {
    let (done, _) = scene.restore().await;
    let what = format!("{nth}, {fault:?} from then on");
    let error = match done {
        Err(error) => error,
        Ok(done) => {
            assert!(done.failures.is_empty(), "{what}: {:?}", done.failures);
            assert!(!scene.was_hit(nth), "{what}");
            return scene.assert_equal(&what);
        }
    };
    assert_eq!(
        error.is_damage(),
        fault == Fault::Corrupt,
        "{what}: {error:?}"
    );
    let loaded = scene.chunks_loaded(&what);
    let all = loaded.values().flatten();
    assert!(
        loaded.len() < TABLES.len() || !all.clone().all(|there| *there),
        "{what}"
    );
    // Tail, manifest, table of contents; then only data is read.
    if nth > 3 && fault == Fault::Corrupt {
        let mut text = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(error) = cause {
            text.push_str(&format!("\n{error}"));
            cause = error.source();
        }
        let of_table = TABLES
            .iter()
            .find(|table| text.contains(&format!("public.{table}")));
        assert!(of_table.is_some(), "{what}: {text}");
    }
}
