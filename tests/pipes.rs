//! Archives on their way through a pipe.

use std::io::Read as _;
use std::process::{Command, Stdio};

use pgark::archive::names;

use crate::need;
use crate::support::archive::{Archive, dump_at};
use crate::support::cluster::Cluster;
use crate::support::fixture_archive;
use crate::support::fixtures;
use crate::support::peers::{self, Missing};
use crate::support::pgark::Pgark;
use crate::support::run::{Finished, run};

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
fn no_archive_goes_to_a_terminal_or_comes_from_one() {
    let cluster = need!(fixtures::source(need!(peers::installed_major())));
    // util-linux's script runs a command on a terminal of its own.
    let on_terminal = "exec script -qec \"$(printf '%q ' \"$@\")\" /dev/null";
    let dump = dump_at(cluster).args(["-f", "-", "accounts"]);
    let refused = dump.under(on_terminal).run().code(2);
    let said = refused.stdout();
    assert!(
        said.contains("an archive cannot be written to a terminal"),
        "{said}"
    );
    let verify = Pgark::new(["verify", "-"]).under(on_terminal).run();
    let said = verify.code(2).stdout();
    assert!(said.contains("no archive comes from a terminal"), "{said}");
}

/// What verify says of these bytes on standard input.
fn verify_piped(bytes: &[u8], mode: &[&str]) -> Finished {
    let verify = ["verify", "-", "--progress", "none"];
    Pgark::new(verify).args(mode).stdin(bytes).run()
}

/// Demands the same exit status and, but for the name, the same words of a file and of a pipe. Returns the
/// text.
#[track_caller]
fn said_of_both(bytes: &[u8], mode: &[&str], status: i32) -> String {
    let archive = Archive::none_yet();
    let path = archive.path();
    let path = path.to_str().unwrap();
    std::fs::write(path, bytes).unwrap();
    let verify = ["verify", path, "--progress", "none"];
    let of_file = Pgark::new(verify).args(mode).run().code(status);
    let of_pipe = verify_piped(bytes, mode).code(status);
    for (file, pipe) in [
        (of_file.stdout(), of_pipe.stdout()),
        (of_file.stderr(), of_pipe.stderr()),
    ] {
        assert_eq!(file.replace(path, "-"), pipe);
    }
    of_pipe.stdout()
}

#[test]
fn verify_says_the_same_of_a_pipe_as_of_a_file() {
    let fixture = need!(fixture_archive::of_installed());
    let whole = std::fs::read(fixture.archive.path()).unwrap();
    let text = said_of_both(&whole, &[], 0);
    assert!(
        text.starts_with("whole: \"-\" (every byte checked)"),
        "{text}"
    );
    let text = said_of_both(&whole, &["--deep"], 0);
    assert!(text.contains("every byte and "), "{text}");
    let table = fixture.archive.table("metrics", "public", "samples");
    let member = names::data_member("metrics", table.chunks[0].dump_id, true);
    let manifest = fixture.archive.manifest();
    let member = manifest.members.iter().find(|other| other.name == member);
    let offset = usize::try_from(member.unwrap().offset).unwrap();
    let flipped = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        bytes
    };
    // In a chunk, in its header, in the end.
    for (at, named) in [
        (offset + 100, "table \"public.samples\""),
        (offset - 512 + 124, "table \"public.samples\""),
        (offset - 512, "table \"public.samples\""),
        (20, "README.txt"),
        (whole.len() - 1, "blocks that end the tar"),
        (whole.len() - 1100, "damaged"),
        (whole.len() - 2048, "trailer.json"),
    ] {
        for mode in [&[][..], &["--deep"]] {
            let text = said_of_both(&flipped(at), mode, 3);
            assert!(text.contains(named), "{at} {text}");
        }
    }
    for length in [0, 300, offset + 50, whole.len() / 2, whole.len() - 1] {
        said_of_both(&whole[..length], &[], 3);
    }
    said_of_both(&[&whole[..], b"more"].concat(), &[], 3);
    said_of_both(b"#!/bin/sh\necho\n", &[], 4);
    let wrong = ["--digest", &"0".repeat(64)];
    said_of_both(&whole, &wrong, 3);
}

#[test]
fn the_verdict_on_a_pipe_is_json_too() {
    let fixture = need!(fixture_archive::of_installed());
    let whole = std::fs::read(fixture.archive.path()).unwrap();
    let json = verify_piped(&whole, &["--json", "--deep"]).success();
    let json: serde_json::Value = serde_json::from_str(&json.stdout()).unwrap();
    assert_eq!(json["verdict"], "whole");
    assert_eq!(json["location"], "-");
    assert_eq!(json["rows"], json["rows_counted"]);
    assert_eq!(json["reads"]["bytes"], whole.len());
    let damaged = verify_piped(&whole[..whole.len() / 2], &["--json"]).code(3);
    let json: serde_json::Value = serde_json::from_str(&damaged.stdout()).unwrap();
    assert_eq!(json["verdict"], "damaged");
}

#[test]
fn an_archive_of_pg_dump_cannot_be_verified_in_a_pipe() {
    let cluster = need!(fixtures::source(need!(peers::installed_major())));
    let bin = need!(peers::client_for(cluster.major()));
    for format in ["-Fc", "-Ft"] {
        let mut pg_dump = cluster.command(bin.join("pg_dump"));
        let dumped = run(pg_dump.args([format, "accounts"]), b"").success();
        let refused = verify_piped(&dumped.stdout, &[]).code(4);
        let said = refused.stdout();
        assert!(said.contains("cannot be verified in a pipe"), "{said}");
        assert!(
            refused.stderr().contains("hint: Write it to a file"),
            "{}",
            refused.describe()
        );
    }
}

#[test]
fn dump_and_verify_meet_in_one_pipe() {
    let cluster = need!(noisy("pipe_both"));
    let archive = Archive::none_yet();
    let script = "\"$@\" | tee \"$COPY\" | \"$1\" verify - --deep; echo \"${PIPESTATUS[*]}\"; exit";
    let dump = dump_at(cluster).args(["-f", "-", "pipe_both"]);
    let both = dump
        .env("COPY", archive.path())
        .under(script)
        .run()
        .success();
    let said = both.stdout();
    assert!(
        said.starts_with("whole: \"-\" (every byte and 120,000 rows checked)"),
        "{said}"
    );
    assert!(said.ends_with("\n0 0 0\n"), "{said}");
    assert_eq!(
        archive
            .verified()
            .table("pipe_both", "public", "noise")
            .rows,
        120_000
    );
    cluster.drop_database("pipe_both");
}
