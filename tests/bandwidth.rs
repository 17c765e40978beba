//! `--bandwidth-limit`: everything takes at least the time that follows from it, and stops when it is told
//! to.

use std::time::{Duration, Instant};

use crate::need;
use crate::support::archive::{Archive, dump_at};
use crate::support::cluster::Cluster;
use crate::support::fixtures;
use crate::support::peers::{self, Missing};
use crate::support::pgark::Pgark;
use crate::support::s3::S3Server;

/// Users are promised a second; the machine may be busy with other tests. Whoever did not hear the wish would
/// take ten.
const SOON: Duration = Duration::from_secs(6);

/// What a limiter lets by at once before it begins to count.
const CREDIT: Duration = Duration::from_millis(100);

/// A database with about two megabytes of rows that do not compress.
fn noisy(name: &str) -> Result<&'static Cluster, Missing> {
    let cluster = fixtures::source(peers::installed_major()?)?;
    cluster.create_database(name);
    let rows = "CREATE TABLE noise AS SELECT sha512(i::text::bytea) AS v FROM generate_series(1, 30000) AS i";
    cluster.psql(name, rows);
    Ok(cluster)
}

/// The least time in which so many bytes can have gone by.
fn least(bytes: u64, bytes_per_second: u64) -> Duration {
    let whole = Duration::from_secs_f64(bytes as f64 / bytes_per_second as f64);
    whole.saturating_sub(CREDIT)
}

#[track_caller]
fn takes_at_least(least: Duration, run: impl FnOnce()) {
    let begun = Instant::now();
    run();
    let took = begun.elapsed();
    assert!(took >= least, "{took:?} instead of {least:?}");
}

#[test]
fn dump_and_reading_keep_to_the_rate() {
    let cluster = need!(noisy("pace_disk"));
    let archive = Archive::none_yet();
    let limit = ["--bandwidth-limit", "1MB/s"];
    let begun = Instant::now();
    archive
        .try_dump(cluster, &["pace_disk", "-j", "2", limit[0], limit[1]])
        .success();
    let took = begun.elapsed();
    let bytes = std::fs::metadata(archive.path()).unwrap().len();
    assert!(bytes > 1 << 20, "{bytes}");
    assert!(took >= least(bytes, 1 << 20), "{took:?} for {bytes} bytes");

    let path = archive.path();
    let path = path.to_str().unwrap();
    takes_at_least(least(bytes, 2 << 20), || {
        let verify = ["verify", path, "-j", "3", "--bandwidth-limit", "2MB"];
        Pgark::new(verify).run().success();
    });
    takes_at_least(least(bytes * 9 / 10, 2 << 20), || {
        let restore = ["pace_disk=pace_disk_back", "-C", "--bandwidth-limit", "2MB"];
        archive.restore(cluster, &restore);
    });
    for name in ["pace_disk", "pace_disk_back"] {
        cluster.drop_database(name);
    }
}

#[test]
fn an_object_store_is_written_and_read_no_faster() {
    let s3 = need!(S3Server::start());
    let cluster = need!(noisy("pace_bucket"));
    let url = "s3://bucket/snap.tar";
    let begun = Instant::now();
    let dump = dump_at(cluster).args(["pace_bucket", "-f", url, "--bandwidth-limit", "1MB"]);
    s3.told(dump).run().success();
    let took = begun.elapsed();
    let bytes = std::fs::metadata(s3.bucket().join("snap.tar"))
        .unwrap()
        .len();
    assert!(took >= least(bytes, 1 << 20), "{took:?} for {bytes} bytes");
    takes_at_least(least(bytes, 2 << 20), || {
        let verify = Pgark::new(["verify", url, "--bandwidth-limit", "2MB"]);
        s3.told(verify).run().success();
    });
    cluster.drop_database("pace_bucket");
}

#[test]
fn a_slow_transfer_stops_when_it_is_told_to() {
    let cluster = need!(noisy("pace_stop"));
    let archive = Archive::none_yet();
    archive.try_dump(cluster, &["pace_stop"]).success();
    let path = archive.path();
    // Half an hour's work each; who says a word of progress listens for signals already.
    let slow = ["--bandwidth-limit", "1kB", "--progress", "json"];
    let other = Archive::none_yet();
    let dump = Pgark::new(["dump", "-w", "pace_stop", "-f"]).at(cluster);
    let verify = Pgark::new(["verify"]).arg(&path);
    let back = ["-w", "-C", "--no-globals", "pace_stop=pace_stop_2"];
    let restore = Pgark::new(["restore"]).at(cluster).arg(&path).args(back);
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("all.sql");
    let write = Pgark::new(["restore", "-f"]).arg(&script).arg(&path);
    for (run, word) in [
        (dump.arg(other.path()), "\"data\""),
        (verify, "\"verify\""),
        (restore, "TABLE DATA public.noise"),
        (write, "TABLE DATA public.noise"),
    ] {
        let mut running = run.args(slow).start();
        while running.said(word) == 0 && !running.has_ended() {
            std::thread::sleep(Duration::from_millis(10));
        }
        running.signal("INT");
        running.finish(SOON).code(130);
    }
    assert_eq!(other.left_behind(), [""; 0]);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    cluster.drop_database("pace_stop");
    cluster.drop_database("pace_stop_2");
}
