//! Exit statuses and messages of failures that need no server.

use std::fs;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::run;

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn file(folder: &TempDir, name: &str, content: &[u8]) -> String {
    let path = folder.path().join(name);
    fs::write(&path, content).expect("a file");
    path.display().to_string()
}

/// `NO_COLOR` wins over everything, `CLICOLOR_FORCE` over there being no terminal.
#[test]
fn colours_keep_to_the_conventions() {
    let said = |variables: &[(&str, &str)]| {
        let variables = variables.iter().copied();
        let output = super::pgark().args(["dump", "-h"]).envs(variables).output();
        String::from_utf8(output.expect("the program starts").stderr).expect("text")
    };
    let plain = said(&[]);
    assert!(plain.starts_with("pgark: error: "), "{plain}");
    assert!(plain.contains("\nhint: "), "{plain}");
    let coloured = said(&[("CLICOLOR_FORCE", "1")]);
    let error = "pgark: \x1b[1;31merror:\x1b[0m ";
    assert!(coloured.starts_with(error), "{coloured:?}");
    let hint = "\n\x1b[36mhint:\x1b[0m ";
    assert!(coloured.contains(hint), "{coloured:?}");
    for variables in [
        &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")][..],
        &[("CLICOLOR", "0")],
        &[("TERM", "xterm")],
    ] {
        assert_eq!(said(variables), plain, "{variables:?}");
    }
}

#[test]
fn an_archive_that_is_not_there() {
    for (command, expected) in [("verify", 4), ("inspect", 1)] {
        let (status, stdout, stderr) = run(&[command, "/nowhere/snap.tar", "-q"]);
        let said = stdout + &stderr;
        assert_eq!(status, expected, "{command}: {said}");
        assert!(said.contains("/nowhere/snap.tar"), "{command}: {said}");
    }
}

#[test]
fn a_folder_and_files_that_are_no_archives() {
    let folder = folder();
    let empty = file(&folder, "empty.tar", b"");
    let text = file(&folder, "text.tar", &b"not an archive\n".repeat(1000));
    let here = folder.path().display().to_string();
    for (path, inspected, verified) in [(&empty, 3, 3), (&text, 1, 4), (&here, 1, 4)] {
        let (status, stdout, stderr) = run(&["inspect", path]);
        assert_eq!(
            (status, stdout.as_str()),
            (inspected, ""),
            "{path}: {stderr}"
        );
        assert!(
            stderr.starts_with("pgark: error: ") && stderr.contains(path),
            "{stderr}"
        );
        let (status, stdout, stderr) = run(&["verify", path]);
        assert_eq!(status, verified, "{path}: {stdout}{stderr}");
        assert!(
            stdout.contains(path) && stderr.contains(path),
            "{stdout}{stderr}"
        );
    }
}

#[test]
fn a_server_that_is_not_there() {
    let folder = folder();
    let archive = folder.path().join("snap.tar").display().to_string();
    let host = folder.path().display().to_string();
    let (status, stdout, stderr) = run(&[
        "dump",
        "a",
        "-f",
        &archive,
        "-h",
        &host,
        "-U",
        "me",
        "-w",
        "--progress",
        "none",
    ]);
    assert_eq!((status, stdout.as_str()), (1, ""), "{stderr}");
    assert!(
        stderr.contains("pgark: error: ") && stderr.contains(&host),
        "{stderr}"
    );
    assert!(stderr.contains("hint: "), "{stderr}");
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

#[test]
fn an_archive_that_exists_is_not_replaced_unasked() {
    let folder = folder();
    let archive = file(&folder, "snap.tar", b"precious");
    let host = folder.path().display().to_string();
    let (status, _, stderr) = run(&["dump", "a", "-f", &archive, "-h", &host, "-U", "me", "-w"]);
    assert_eq!(status, 1, "{stderr}");
    assert_eq!(fs::read(&archive).expect("still there"), b"precious");
}

#[test]
fn errors_are_json_where_standard_error_is() {
    let (status, _, stderr) = run(&["inspect", "/nowhere/snap.tar", "--progress", "json"]);
    assert_eq!(status, 1);
    for line in stderr.lines() {
        let value: serde_json::Value = serde_json::from_str(line).expect("an object a line");
        assert_eq!(value["event"], "error", "{line}");
        assert_eq!(value["exit_status"], 1, "{line}");
    }
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    // the pipe is closed before anything is written to it
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let status = Command::new(assert_cmd::cargo::cargo_bin!("pgark"))
        .args(["restore", "--help"])
        .stdout(writer)
        .stderr(Stdio::piped())
        .output()
        .expect("the program runs");
    assert_eq!(status.status.code(), Some(0));
    assert!(
        status.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&status.stderr)
    );
}

#[test]
fn a_result_that_cannot_be_written_is_an_error() {
    let Ok(full) = fs::OpenOptions::new().write(true).open("/dev/full") else {
        return; // not on every system
    };
    let output = Command::new(assert_cmd::cargo::cargo_bin!("pgark"))
        .arg("--help")
        .stdout(full)
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        stderr.contains("cannot write to standard output"),
        "{stderr}"
    );
}
