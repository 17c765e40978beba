//! Archives in Garage, a replicated store: as on a disk, and with nodes lost in the middle and brought back.

use std::sync::OnceLock;
use std::thread::sleep;
use std::time::Duration;

use crate::need;
use crate::support::cluster::Cluster;
use crate::support::equality::{assert_equal, assert_same_contents};
use crate::support::fixtures;
use crate::support::garage::{BUCKET, Garage};
use crate::support::peers::{self, Missing};
use crate::support::pgark::Pgark;
use crate::support::run::{Finished, Running, TIMEOUT};

const URL: &str = "s3://pgark/nightly/snap.tar";

/// How many tables of 5 MB the database `garage_bulk` has.
const TABLES: usize = 16;

/// Long before the end of the patience with a store that is gone.
const SOON: Duration = Duration::from_secs(90);

fn call(garage: &Garage, cluster: &Cluster, args: &[&str]) -> Pgark {
    let call = garage.told(Pgark::new(args).at(cluster));
    call.args(["--progress", "none"])
}

/// The source server with a database of 80 MB that are stored as they are, so that there is a middle.
fn bulky() -> Result<&'static Cluster, Missing> {
    static MADE: OnceLock<()> = OnceLock::new();
    let cluster = fixtures::source(peers::installed_major()?)?;
    MADE.get_or_init(|| {
        cluster.create_database("garage_bulk");
        let tables = (0..TABLES).map(|n| {
            format!(
                "CREATE TABLE t{n} AS SELECT i, sha512((i + {n})::text::bytea) AS noise \
                 FROM generate_series(1, 36000) AS i;"
            )
        });
        cluster.psql("garage_bulk", tables.collect::<String>());
    });
    Ok(cluster)
}

/// The dump of it, part by part.
const DUMP: [&str; 10] = [
    "dump",
    "-w",
    "garage_bulk",
    "-j",
    "1",
    "-Z",
    "none",
    "--part-size",
    "5MB",
    "-f",
];

fn dump(garage: &Garage, cluster: &Cluster) -> Pgark {
    garage.told(Pgark::new(DUMP).at(cluster)).arg(URL)
}

/// Lets it go on until something is true, and holds it there.
#[track_caller]
fn hold_when(running: &mut Running, is_time: impl Fn(&Running) -> bool) {
    while !is_time(running) {
        assert!(!running.has_ended(), "it ended before");
        sleep(Duration::from_millis(2));
    }
    running.signal("STOP");
    assert!(!running.has_ended(), "it ended before");
}

/// What happens to a node while it is not there.
enum Meanwhile {
    /// The program does not notice.
    GoesOn,
    /// The program's requests fail for as long.
    Waits,
}

/// A dump, a verification and a restore, with this node lost in the middle of the first and of the last.
fn lose(node: usize, meanwhile: &Meanwhile, copy: &str) {
    let mut garage = need!(Garage::start());
    let cluster = need!(bulky());
    let target = need!(fixtures::target(cluster.major()));

    let mut dumping = dump(&garage, cluster).args(["--progress", "none"]).start();
    hold_when(&mut dumping, |_| garage.blocks(Garage::SPOKEN_TO) > 10);
    garage.kill(node);
    dumping.signal("CONT");
    match meanwhile {
        Meanwhile::GoesOn => {
            let before = garage.blocks(Garage::SPOKEN_TO);
            while garage.blocks(Garage::SPOKEN_TO) < before + 10 {
                assert!(!dumping.has_ended(), "too fast to be seen");
                sleep(Duration::from_millis(2));
            }
        }
        Meanwhile::Waits => sleep(Duration::from_secs(3)),
    }
    garage.revive(node);
    dumping.finish(TIMEOUT).success();
    assert_eq!(garage.end_uploads(), 0);
    let verified = call(&garage, cluster, &["verify", "--deep", URL]).run();
    let verified = verified.success();
    assert!(
        verified.stdout().contains("576,000 rows"),
        "{}",
        verified.describe()
    );

    let restore = ["restore", URL, "-w", "--no-globals", "--create", "-j", "1"];
    let mut restoring = garage.told(Pgark::new(restore).at(target));
    restoring = restoring.args([format!("garage_bulk={copy}"), "--progress=json".to_owned()]);
    let mut restoring = restoring.start();
    let tables = |running: &Running| running.said("\"subject\":\"");
    hold_when(&mut restoring, |running| tables(running) >= 2);
    let before = tables(&restoring);
    assert!(before < TABLES - 4, "{before} tables are in already");
    garage.kill(node);
    restoring.signal("CONT");
    match meanwhile {
        Meanwhile::GoesOn => {
            while tables(&restoring) < before + 4 {
                assert!(!restoring.has_ended(), "it ended before");
                sleep(Duration::from_millis(2));
            }
        }
        Meanwhile::Waits => sleep(Duration::from_secs(3)),
    }
    garage.revive(node);
    restoring.finish(TIMEOUT).success();
    assert_equal(cluster, "garage_bulk", target, copy);
    target.drop_database(copy);
}

#[test]
fn a_node_that_is_lost_is_not_missed() {
    lose(Garage::UNSEEN, &Meanwhile::GoesOn, "garage_unseen");
}

#[test]
fn the_node_that_is_spoken_to_is_waited_for() {
    lose(Garage::SPOKEN_TO, &Meanwhile::Waits, "garage_spoken_to");
}

#[test]
fn the_fixtures_come_back_from_a_replicated_store() {
    let garage = need!(Garage::start());
    let source = need!(fixtures::source(need!(peers::installed_major())));
    let target = need!(fixtures::target(source.major()));
    let dump = ["dump", "-w", "-f", URL, "-j", "2", "--part-size", "5MB"];
    let dump = [&dump[..], &fixtures::DATABASES].concat();
    call(&garage, source, &dump).run().success();

    // This store takes no conditional requests: the look beforehand has to do it.
    let again = call(&garage, source, &dump).run().code(1);
    says(&again, &["\"s3://pgark/nightly/snap.tar\" exists already"]);
    let replaced = call(&garage, source, &dump).arg("--force").run();
    replaced.success();
    assert_eq!(garage.end_uploads(), 0);

    let inspected = garage.told(Pgark::new(["inspect", URL])).run().success();
    for name in fixtures::DATABASES {
        assert!(inspected.stdout().contains(name), "{name}");
    }
    call(&garage, source, &["verify", "--deep", URL])
        .run()
        .success();
    let copy = |name: &str| format!("garage_{name}");
    let names = fixtures::DATABASES.map(|name| format!("{name}={}", copy(name)));
    let restore = ["restore", URL, "-w", "--no-globals", "--create", "-j", "2"];
    let restore = call(&garage, target, &restore).args(names);
    restore.run().success();
    for name in fixtures::DATABASES {
        assert_same_contents(source, name, target, &copy(name));
        target.drop_database(&copy(name));
    }
}

#[test]
fn an_interrupted_dump_leaves_no_upload_behind() {
    let garage = need!(Garage::start());
    let cluster = need!(bulky());
    let mut dumping = dump(&garage, cluster).start();
    hold_when(&mut dumping, |_| garage.blocks(Garage::SPOKEN_TO) > 10);
    dumping.signal("INT");
    dumping.signal("CONT");
    dumping.finish(TIMEOUT).code(130);
    assert_eq!(garage.end_uploads(), 0);
    let nothing = garage.told(Pgark::new(["inspect", URL])).run().code(1);
    says(&nothing, &["does not exist"]);
}

#[test]
fn a_dump_to_a_store_that_is_gone_ends_soon_when_interrupted() {
    let mut garage = need!(Garage::start());
    let cluster = need!(bulky());
    let mut dumping = dump(&garage, cluster).start();
    hold_when(&mut dumping, |_| garage.blocks(Garage::SPOKEN_TO) > 10);
    garage.kill(Garage::SPOKEN_TO);
    dumping.signal("INT");
    dumping.signal("CONT");
    let finished = dumping.finish(SOON).code(130);
    says(&finished, &["may still be in the store", "interrupted"]);
    garage.revive(Garage::SPOKEN_TO);
    assert_eq!(garage.end_uploads(), 1);
}

#[track_caller]
fn says(finished: &Finished, words: &[&str]) {
    let stderr = finished.stderr();
    for words in words {
        assert!(stderr.contains(words), "{words}\n{}", finished.describe());
    }
    assert_eq!(stderr.matches("error:").count(), 1, "{stderr}");
}

/// A wrong setting, and what is said about it.
struct Wrong {
    variable: (&'static str, String),
    url: &'static str,
    said: [&'static str; 2],
}

fn wrong_settings() -> [Wrong; 5] {
    let wrong = |name, value: &str, said| Wrong {
        variable: (name, value.to_owned()),
        url: URL,
        said,
    };
    let other_key = format!("GK{}", "34".repeat(12));
    let other_secret = "bad5ec2e7".repeat(8)[..64].to_owned();
    [
        wrong(
            "AWS_ACCESS_KEY_ID",
            &other_key,
            ["does not know this access key", "AWS_ACCESS_KEY_ID"],
        ),
        wrong(
            "AWS_SECRET_ACCESS_KEY",
            &other_secret,
            ["the secret key does not fit", "AWS_SECRET_ACCESS_KEY"],
        ),
        wrong(
            "AWS_REGION",
            "eu-central-1",
            [
                "the region of the bucket is garage",
                "Set AWS_REGION=garage",
            ],
        ),
        wrong(
            "AWS_ENDPOINT_URL",
            "http://127.0.0.1:1",
            ["no connection to the store", "AWS_ENDPOINT_URL"],
        ),
        Wrong {
            url: "s3://elsewhere/snap.tar",
            ..wrong(
                "AWS_REGION",
                "garage",
                ["there is no such bucket", "the bucket in the URL"],
            )
        },
    ]
}

#[test]
fn what_is_wrong_is_one_message_without_a_secret() {
    assert_eq!(BUCKET, "pgark");
    let garage = need!(Garage::start());
    let cluster = need!(bulky());
    for wrong in wrong_settings() {
        let (name, value) = &wrong.variable;
        for args in [&["inspect"][..], &DUMP] {
            let call = garage.told(Pgark::new(args).at(cluster));
            let call = call.arg(wrong.url).arg("-v").env(name, value);
            let finished = call.run_for(SOON).code(1);
            says(&finished, &wrong.said);
            let all = finished.stderr() + &finished.stdout();
            let has_secret = all.contains(&Garage::secret());
            let has_wrong = name.contains("SECRET") && all.contains(value);
            assert!(!has_secret && !has_wrong, "{}", finished.describe());
        }
    }
    assert_eq!(garage.end_uploads(), 0);
    let nothing = garage.told(Pgark::new(["inspect", URL])).run().code(1);
    says(
        &nothing,
        &["\"s3://pgark/nightly/snap.tar\" does not exist"],
    );
}
