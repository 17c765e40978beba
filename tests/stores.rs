//! Archives in an object store: a real S3 server, which is no work of ours.

use crate::need;
use crate::support::cluster::Cluster;
use crate::support::fixtures;
use crate::support::peers::{self, Missing};
use crate::support::pgark::Pgark;
use crate::support::run::Finished;
use crate::support::s3::S3Server;

const URL: &str = "s3://bucket/nightly/snap.tar";

fn call(s3: &S3Server, cluster: &Cluster, args: &[&str]) -> Finished {
    s3.told(Pgark::new(args).at(cluster)).run()
}

/// A dump of this database into the bucket, in small parts.
fn dump_of(database: &str) -> [&str; 9] {
    [
        "dump",
        "-w",
        database,
        "--part-size",
        "5MB",
        "--progress",
        "none",
        "-f",
        URL,
    ]
}

/// A database of several parts' worth of rows that do not compress.
fn bulky(name: &str) -> Result<&'static Cluster, Missing> {
    let cluster = fixtures::source(peers::installed_major()?)?;
    cluster.create_database(name);
    let rows = "CREATE TABLE big AS SELECT i, sha512(i::text::bytea) AS noise FROM generate_series(1, 200000) AS i; \
                CREATE TABLE small AS SELECT 7 AS id";
    cluster.psql(name, rows);
    Ok(cluster)
}

#[test]
fn a_bucket_serves_as_a_disk_does() {
    let s3 = need!(S3Server::start());
    let cluster = need!(bulky("in_bucket"));
    let dump = dump_of("in_bucket");
    call(&s3, cluster, &dump).success();
    assert_eq!(s3.files(), ["snap.tar"]);
    let again = call(&s3, cluster, &dump).code(1);
    assert!(
        again.stderr().contains("exists already"),
        "{}",
        again.describe()
    );
    let replaced = call(&s3, cluster, &[&dump[..], &["--force"]].concat());
    replaced.success();

    let inspected = call(&s3, cluster, &["inspect", URL]).success();
    assert!(
        inspected.stdout().contains("in_bucket"),
        "{}",
        inspected.describe()
    );
    let verified = call(
        &s3,
        cluster,
        &["verify", "--deep", "--progress", "none", URL],
    )
    .success();
    assert!(
        verified.stdout().contains("200,001 rows"),
        "{}",
        verified.describe()
    );

    let restore = [
        "restore",
        URL,
        "in_bucket=out_of_bucket",
        "--create",
        "-w",
        "--progress",
        "none",
    ];
    call(&s3, cluster, &restore).success();
    let sum = "SELECT sum(hashtext(t::text)) FROM big AS t";
    assert_eq!(
        cluster.psql("out_of_bucket", sum),
        cluster.psql("in_bucket", sum)
    );
    for name in ["in_bucket", "out_of_bucket"] {
        cluster.drop_database(name);
    }
}

#[test]
fn what_is_damaged_in_a_bucket_is_found() {
    let s3 = need!(S3Server::start());
    let cluster = need!(bulky("bucket_damaged"));
    let dump = dump_of("bucket_damaged");
    call(&s3, cluster, &dump).success();
    cluster.drop_database("bucket_damaged");
    let file = s3.bucket().join("nightly/snap.tar");
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let verified = call(&s3, cluster, &["verify", "--progress", "none", URL]).code(3);
    assert!(verified.stdout().contains("big"), "{}", verified.describe());
}

#[test]
fn an_interrupted_dump_leaves_no_part_behind() {
    let s3 = need!(S3Server::start());
    let cluster = need!(bulky("bucket_stopped"));
    let dump = dump_of("bucket_stopped");
    let running = s3.told(Pgark::new(dump).at(cluster)).start();
    // Once parts are there it is interrupted.
    let begun = std::time::Instant::now();
    while s3.files().is_empty() && begun.elapsed().as_secs() < 30 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    running.signal("INT");
    let finished = running.finish(crate::support::run::TIMEOUT);
    // It may have been faster than the signal.
    if finished.status.code() == Some(130) {
        let left = s3.files();
        assert!(left.is_empty(), "{left:?}");
    } else {
        finished.success();
        assert_eq!(s3.files(), ["snap.tar"]);
    }
    cluster.drop_database("bucket_stopped");
}

#[test]
fn wrong_keys_and_buckets_are_one_clear_message() {
    let s3 = need!(S3Server::start());
    let cluster = need!(fixtures::source(need!(peers::installed_major())));
    let wrong = s3.told(Pgark::new(["inspect", URL]).at(cluster));
    let wrong = wrong.env("AWS_SECRET_ACCESS_KEY", "another").run().code(1);
    assert!(
        wrong.stderr().contains("the secret key does not fit"),
        "{}",
        wrong.describe()
    );
    assert!(
        wrong.stderr().contains("credentials"),
        "{}",
        wrong.describe()
    );
    assert!(!wrong.stderr().contains("another"), "{}", wrong.describe());
    let nothing = call(&s3, cluster, &["inspect", "s3://bucket/nothing.tar"]).code(1);
    assert!(
        nothing.stderr().contains("does not exist"),
        "{}",
        nothing.describe()
    );
    let no_name = call(&s3, cluster, &["inspect", "s3://bucket"]).code(1);
    assert!(
        no_name.stderr().contains("s3://BUCKET/NAME"),
        "{}",
        no_name.describe()
    );
}
