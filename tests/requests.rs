//! What reading an archive costs: requests and bytes of inspect, verify and the restore of one table.
//!
//! One worker restores: of several, one may begin to read what another has taken meanwhile.

use std::num::NonZeroUsize;

use pgark::archive::manifest::{Database, Manifest};
use pgark::archive::{ArchiveReader, layout, names};
use pgark::inspect::{self, InspectOptions};
use pgark::monitor::Monitor;
use pgark::restore::{self, DatabaseChoice, GlobalsChoice, RestoreOptions, Selection};
use pgark::storage::{Replace, Store, Traffic};
use pgark::verify::{self, Verdict, VerifyOptions};
use serde_json::Value;

use crate::need;
use crate::support::cluster::Cluster;
use crate::support::fixtures;
use crate::support::in_process::{Faulty, dump, server};
use crate::support::peers::{self, Missing};
use crate::support::pgark::Pgark;
use crate::support::s3::S3Server;

/// How many equal tables the database has.
const TABLES: usize = 50;
/// What a table may cost beyond its own bytes: the table of contents and the manifest.
const BESIDES_BYTES: u64 = 1 << 20;
/// How much verify reads at once from a store.
const PIECE_BYTES: u64 = 8 << 20;

/// Two databases: equal tables of a quarter of a megabyte, which do not compress, and something else.
fn source(databases: [&str; 2]) -> Result<&'static Cluster, Missing> {
    let cluster = fixtures::source(peers::installed_major()?)?;
    for database in databases {
        cluster.create_database(database);
    }
    let tables = (0..TABLES).map(|n| {
        format!(
            "CREATE TABLE t{n} AS SELECT i, sha512((i + {n} * 10000)::text::bytea) AS noise \
             FROM generate_series(1, 1800) AS i;"
        )
    });
    cluster.psql(databases[0], tables.collect::<String>());
    cluster.psql(databases[1], "CREATE TABLE other AS SELECT 1 AS one");
    Ok(cluster)
}

/// What the members of a table take in the archive.
fn stored_bytes(manifest: &Manifest, database: &Database, table: &str) -> (u64, u64) {
    let mut tables = database.tables.iter();
    let table = tables
        .find(|found| found.name.to_string() == table)
        .unwrap();
    let sizes = table.chunks.iter().map(|chunk| {
        let name = format!("databases/{}/{}.dat.zst", database.directory, chunk.dump_id);
        let found = manifest.members.iter().find(|member| member.name == name);
        found.unwrap().size
    });
    (sizes.sum(), table.chunks.len() as u64)
}

/// The same for what the program says at its end.
fn said(json: &Value) -> Traffic {
    let number = |field: &str| json["reads"][field].as_u64().unwrap();
    Traffic {
        requests: number("requests"),
        bytes: number("bytes"),
        repeated: number("repeated"),
    }
}

/// What each reading may cost, from what the archive holds.
struct Costs {
    inspect: Traffic,
    verify: Traffic,
    /// For one table.
    restore: Traffic,
    /// For all of that database.
    restore_all: Traffic,
    /// Its own part of that.
    own_bytes: u64,
}

async fn costs(store: &Store, database: &str) -> Costs {
    let reader = ArchiveReader::open(store.clone()).await.unwrap();
    let manifest = reader.manifest();
    let of_all = reader.trailer();
    let toc_of = |directory: &str| {
        let name = format!("databases/{directory}/toc.dat");
        reader.find(&name).unwrap().size
    };
    let facts = manifest.database(database.as_bytes()).unwrap();
    let (own_bytes, chunks) = stored_bytes(manifest, facts, "t7");
    let all = facts
        .tables
        .iter()
        .map(|table| stored_bytes(manifest, facts, &table.name.to_string()));
    let all = all.fold((0, 0), |sum, table| (sum.0 + table.0, sum.1 + table.1));
    let traffic = |requests, bytes| Traffic {
        requests,
        bytes,
        repeated: 0,
    };
    let opened = layout::TAIL_BYTES + of_all.manifest.size;
    let tocs = manifest
        .databases
        .iter()
        .map(|found| toc_of(&found.directory));
    let tocs: u64 = tocs.sum();
    let swept = reader.size() - layout::TAIL_BYTES;
    // The end, the tail again, each table of contents for what it says, and then every byte.
    // Its first line is looked at.
    let readme = reader.find(names::README).unwrap().size;
    let requests = 2 + 1 + 2 + 1 + swept.div_ceil(PIECE_BYTES);
    Costs {
        inspect: traffic(2, opened),
        verify: traffic(
            requests,
            opened + layout::TAIL_BYTES + tocs + readme + swept,
        ),
        restore: traffic(
            2 + 1 + chunks,
            opened + toc_of(&facts.directory) + own_bytes,
        ),
        restore_all: traffic(2 + 1 + all.1, opened + toc_of(&facts.directory) + all.0),
        own_bytes,
    }
}

impl Costs {
    /// Verify joins small members into pieces, which may leave gaps: a few requests more.
    #[track_caller]
    fn assert_verified(&self, found: Traffic) {
        assert_eq!(found.bytes, self.verify.bytes);
        let most = self.verify.requests * 2;
        assert!(
            (self.verify.requests..=most).contains(&found.requests),
            "{found:?}"
        );
    }

    #[track_caller]
    fn assert_restored(&self, found: Traffic) {
        assert_eq!(found, self.restore);
        let most = self.own_bytes * 105 / 100 + BESIDES_BYTES;
        assert!(found.bytes <= most, "{found:?}");
    }
}

/// What it took to restore these tables, or all, of the first database.
async fn restored(target: &Cluster, store: &Store, tables: &[&str], jobs: usize) -> Traffic {
    target.create_database("requests");
    let options = RestoreOptions {
        databases: vec![DatabaseChoice {
            source: "requests".into(),
            target: "requests".into(),
        }],
        jobs: NonZeroUsize::new(jobs).unwrap(),
        globals: GlobalsChoice::Without,
        selection: Selection {
            tables: tables.iter().map(|&table| table.into()).collect(),
            ..Selection::default()
        },
        ..RestoreOptions::default()
    };
    let done = restore::restore(&server(target), store, &options, &Monitor::void()).await;
    let done = done.unwrap();
    assert_eq!(done.failures.len(), 0);
    assert_eq!(target.psql("requests", "SELECT count(*) FROM t7"), "1800");
    target.drop_database("requests");
    done.reads
}

#[tokio::test(flavor = "multi_thread")]
async fn each_reading_costs_what_it_needs() {
    let databases = ["requests", "requests_other"];
    let cluster = need!(source(databases));
    let target = need!(fixtures::target(cluster.major()));
    let faulty = Faulty::new();
    dump(cluster, &databases, &faulty.store(), Replace::Never)
        .await
        .unwrap();
    let costs = costs(&faulty.store(), databases[0]).await;

    let store = faulty.store();
    let (options, monitor) = (InspectOptions::default(), Monitor::void());
    inspect::inspect(&store, &options, &monitor).await.unwrap();
    assert_eq!(store.traffic(), costs.inspect);

    let verified = verify::verify(&faulty.store(), &VerifyOptions::default(), &monitor).await;
    let verified = verified.unwrap();
    assert_eq!(verified.verdict, Verdict::Whole);
    costs.assert_verified(verified.reads);

    faulty.calls.spoil_nothing();
    let found = restored(target, &faulty.store(), &["t7"], 1).await;
    costs.assert_restored(found);
    // What is counted is what was sent.
    let reads = faulty.calls.take_reads();
    let sent: u64 = reads.iter().map(|range| range.end - range.start).sum();
    assert_eq!((found.requests, found.bytes), (faulty.calls.count(), sent));

    // Nothing is read in vain: what is read ahead is what is loaded next.
    let (found, needed) = (
        restored(target, &faulty.store(), &[], 1).await,
        costs.restore_all,
    );
    assert_eq!(found, needed);
    // Of several workers two may begin to read the same.
    let found = restored(target, &faulty.store(), &[], 4).await;
    assert!(found.bytes <= needed.bytes * 5 / 4, "{found:?} {needed:?}");
    databases
        .iter()
        .for_each(|database| cluster.drop_database(database));
}

#[test]
fn the_program_says_what_it_read_from_a_bucket() {
    let s3 = need!(S3Server::start());
    let databases = ["requests_bucket", "requests_bucket_other"];
    let cluster = need!(source(databases));
    let target = need!(fixtures::target(cluster.major()));
    let url = "s3://bucket/snap.tar";
    let call = |cluster: &Cluster, args: &[&str]| {
        let call = s3.told(Pgark::new(args).at(cluster));
        call.arg(url).run().success()
    };
    call(
        cluster,
        &[
            "dump",
            "-w",
            databases[0],
            databases[1],
            "--no-globals",
            "-f",
        ],
    );
    let file = s3.bucket().join("snap.tar");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let costs = runtime.block_on(costs(
        &Store::open(file.to_str().unwrap()).unwrap(),
        databases[0],
    ));
    let json = |text: String| said(&serde_json::from_str(&text).unwrap());

    let inspected = call(cluster, &["inspect", "--json"]);
    assert_eq!(json(inspected.stdout()), costs.inspect);
    let inspected = call(cluster, &["inspect"]);
    assert!(
        inspected.stderr().contains("in 2 requests"),
        "{}",
        inspected.describe()
    );
    costs.assert_verified(json(call(cluster, &["verify", "--json"]).stdout()));
    target.create_database(databases[0]);
    let restore = [
        "restore",
        "-w",
        "--json",
        "--no-globals",
        "-j1",
        "-t",
        "t7",
        "-d",
        databases[0],
    ];
    let restored = s3.told(Pgark::new(restore).at(target));
    let restored = restored.args([url, databases[0]]).run().success();
    costs.assert_restored(json(restored.stdout()));
    assert!(
        restored.stderr().contains("read "),
        "{}",
        restored.describe()
    );
    target.drop_database(databases[0]);
    databases
        .iter()
        .for_each(|database| cluster.drop_database(database));
}
