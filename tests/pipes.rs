//! Archives on their way through a pipe.

use std::io::Read as _;
use std::process::{Command, Stdio};

use crate::need;
use crate::support::archive::{Archive, dump_at};
use crate::support::cluster::Cluster;
use crate::support::fixtures;
use crate::support::peers::{self, Missing};
use crate::support::pgark::Pgark;

/// A database with some megabytes of rows that do not compress: more than pipes and buffers hold.
fn noisy(name: &str) -> Result<&'static Cluster, Missing> {
    let cluster = fixtures::source(peers::installed_major()?)?;
    cluster.create_database(name);
    let rows = "CREATE TABLE noise AS SELECT sha512(i::text::bytea) AS v FROM generate_series(1, 120000) AS i";
    cluster.psql(name, rows);
    Ok(cluster)
}

/// The end of what a dump writes when it is done: without it no archive is whole.
const TRAILER: &[u8] = b"{\"format\":1,\"manifest\":{\"offset\":";

fn has_trailer(bytes: &[u8]) -> bool {
    bytes.windows(TRAILER.len()).any(|part| part == TRAILER)
}

#[test]
fn a_dump_into_a_pipe_is_an_archive_like_any_other() {
    let cluster = need!(fixtures::source(need!(peers::installed_major())));
    let dump = dump_at(cluster).args(["-f", "-", "accounts", "filestore", "--force"]);
    let dumped = dump.run().success();
    assert!(has_trailer(&dumped.stdout));
    let said = dumped.stderr();
    assert!(said.starts_with("-: 2 databases, "), "{said}");
    assert!(said.contains("\ndigest     "), "{said}");
    let archive = Archive::none_yet();
    std::fs::write(archive.path(), &dumped.stdout).unwrap();
    let archive = archive.verified();
    assert!(!archive.database("accounts").tables.is_empty());

    let planned = dump_at(cluster).args(["-f", "-", "accounts", "--dry-run"]);
    let planned = planned.run().success();
    assert_eq!(planned.stdout(), "");
    assert!(
        planned.stderr().contains("accounts"),
        "{}",
        planned.describe()
    );
    let json = dump_at(cluster).args(["-f", "-", "accounts", "--json"]);
    let json = json.run().success();
    let said: serde_json::Value = serde_json::from_str(&json.stderr()).unwrap();
    assert_eq!(said["archive_bytes"], json.stdout.len());
}

#[test]
fn a_reader_that_leaves_is_an_error() {
    let cluster = need!(noisy("pipe_closed"));
    let dump = dump_at(cluster).args(["-f", "-", "pipe_closed"]);
    // The status of the whole pipe is the dump's.
    let piped = "\"$@\" | head -c 1000; exit ${PIPESTATUS[0]}";
    let dumped = dump.under(piped).run().code(1);
    assert!(!has_trailer(&dumped.stdout));
    let said = dumped.stderr();
    assert!(
        said.contains("error: cannot write to standard output\n  caused by: Broken pipe"),
        "{said}"
    );
    cluster.drop_database("pipe_closed");
}

#[test]
fn an_interrupt_is_heard_while_nobody_reads() {
    let cluster = need!(noisy("pipe_stalled"));
    let path = std::env::var("PATH").unwrap();
    let bin = need!(peers::client_for(cluster.major()));
    let mut child = cluster
        .command(env!("CARGO_BIN_EXE_pgark"))
        .args([
            "dump",
            "-w",
            "-f",
            "-",
            "pipe_stalled",
            "--progress",
            "none",
        ])
        .env("PATH", format!("{}:{path}", bin.display()))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = child.stdout.take().unwrap();
    // Something comes, and then nobody reads any more.
    let mut received = vec![0; 200_000];
    output.read_exact(&mut received).unwrap();
    let interrupt = Command::new("kill")
        .args(["-s", "INT", &child.id().to_string()])
        .status();
    assert!(interrupt.unwrap().success());
    let status = child.wait().unwrap();
    output.read_to_end(&mut received).unwrap();
    let mut said = String::new();
    child.stderr.unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(status.code(), Some(130), "{said}");
    assert!(said.contains("interrupted"), "{said}");
    assert!(!has_trailer(&received));
    cluster.drop_database("pipe_stalled");
}

#[test]
fn what_reads_by_ranges_refuses_a_pipe() {
    for command in ["restore", "inspect"] {
        let refused = Pgark::new([command, "-"]).run().code(2);
        let said = refused.stderr();
        assert!(
            said.contains("an archive on standard input cannot be"),
            "{said}"
        );
        assert!(said.contains("hint: "), "{said}");
    }
}

#[test]
fn no_archive_goes_to_a_terminal() {
    let cluster = need!(fixtures::source(need!(peers::installed_major())));
    // util-linux's script runs a command on a terminal of its own.
    let on_terminal = "exec script -qec \"$(printf '%q ' \"$@\")\" /dev/null";
    let dump = dump_at(cluster).args(["-f", "-", "accounts"]);
    let refused = dump.under(on_terminal).run().code(2);
    let said = refused.stdout();
    assert!(
        said.contains("error: an archive cannot be written to a terminal"),
        "{said}"
    );
}
