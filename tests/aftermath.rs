//! Who is told how an operation ended: a file of metrics, and commands.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::Value;

use crate::need;
use crate::support::archive::Archive;
use crate::support::cluster::Cluster;
use crate::support::peers;
use crate::support::pgark::Pgark;

fn server() -> Result<Cluster, peers::Missing> {
    let server = Cluster::start(peers::installed_major()?)?;
    server.create_database("d");
    server.psql(
        "d",
        "CREATE TABLE t AS SELECT generate_series(1, 1000) AS i",
    );
    Ok(server)
}

/// The value of a metric; its labels are the same for all.
fn metric(file: &Path, name: &str) -> Option<f64> {
    let text = fs::read_to_string(file).unwrap();
    let lines = text.lines();
    let mut found = lines.filter(|line| line.starts_with(&format!("{name}{{")));
    let value = found.next()?.rsplit(' ').next()?.parse();
    Some(value.unwrap())
}

fn told(file: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

#[test]
fn a_dump_tells_how_it_ended() {
    let server = need!(server());
    let archive = Archive::none_yet();
    let metrics = archive.folder().join("pgark.prom");
    let (good, bad) = (archive.folder().join("good"), archive.folder().join("bad"));
    let on_success = format!("cat >'{}'", good.display());
    let on_failure = format!("cat >'{}'; exit 7", bad.display());
    let options = [
        "d",
        "--metrics-file",
        metrics.to_str().unwrap(),
        "--on-success",
        &on_success,
        "--on-failure",
        &on_failure,
    ];
    archive.try_dump(&server, &options).success();
    assert_eq!(metric(&metrics, "pgark_rows"), Some(1000.0));
    assert_eq!(metric(&metrics, "pgark_last_exit_status"), Some(0.0));
    let bytes = fs::metadata(archive.path()).unwrap().len();
    assert_eq!(metric(&metrics, "pgark_archive_bytes"), Some(bytes as f64));
    let success = metric(&metrics, "pgark_last_success_timestamp_seconds");
    assert_eq!(
        metric(&metrics, "pgark_last_run_timestamp_seconds"),
        success
    );
    let mode = fs::metadata(&metrics).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o644, "the collector runs as somebody else");
    let said = told(&good);
    assert_eq!((&said["status"], &said["error"]), (&0.into(), &Value::Null));
    assert_eq!(said["result"]["rows"], 1000);
    assert!(!bad.exists());
    fs::remove_file(&good).unwrap();

    // The archive is there already: refused, and the last success stays what it was.
    let finished = archive.try_dump(&server, &options).code(1);
    let notice = "notice: the command of --on-failure failed: exit status: 7";
    assert!(
        finished.stderr().contains(notice),
        "{}",
        finished.describe()
    );
    assert_eq!(metric(&metrics, "pgark_last_exit_status"), Some(1.0));
    assert_eq!(
        metric(&metrics, "pgark_last_success_timestamp_seconds"),
        success
    );
    assert_eq!(metric(&metrics, "pgark_rows"), None);
    let said = told(&bad);
    assert_eq!(
        (&said["command"], &said["status"]),
        (&"dump".into(), &1.into())
    );
    assert_eq!(said["result"], Value::Null);
    let message = said["error"]["message"].as_str().unwrap();
    assert!(message.contains("exists"), "{message}");
    assert!(!good.exists());
    let left = archive.left_behind();
    assert_eq!(left, ["bad", "pgark.prom", "snap.tar"]);
}

#[test]
fn what_cannot_be_told_does_not_change_how_it_ended() {
    let server = need!(server());
    let archive = Archive::none_yet();
    let nowhere = archive.folder().join("nowhere/pgark.prom");
    let options = [
        "d",
        "--on-success",
        "exit 9",
        "--metrics-file",
        nowhere.to_str().unwrap(),
    ];
    let finished = archive.try_dump(&server, &options).success();
    let said = finished.stderr();
    assert!(said.contains("notice: cannot write"), "{said}");
    assert!(
        said.contains("notice: the command of --on-success failed: exit status: 9"),
        "{said}"
    );
}

#[test]
fn verify_and_restore_tell_it_too() {
    let server = need!(server());
    let archive = Archive::dump(&server, &["d"]);
    let file = archive.folder().join("told");
    let tell = format!("cat >'{}'", file.display());
    let verify = |status: i32| {
        let verify = Pgark::new(["verify", "--on-success", &tell, "--on-failure", &tell]);
        verify.arg(archive.path()).run().code(status);
        told(&file)
    };
    let said = verify(0);
    assert_eq!(
        (&said["command"], &said["status"]),
        (&"verify".into(), &0.into())
    );
    assert!(said["result"].is_object(), "{said}");
    server.create_database("copy");
    let options = ["-d", "copy", "--on-success", &tell];
    archive.try_restore(&server, &options).success();
    assert_eq!(told(&file)["result"]["databases"][0]["rows"], 1000);
    let mut bytes = fs::read(archive.path()).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(archive.path(), bytes).unwrap();
    let said = verify(3);
    assert_eq!(
        (&said["status"], &said["error"]["exit_status"]),
        (&3.into(), &3.into())
    );
}
