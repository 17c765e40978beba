//! Files that are no archive, made by the programs that people use: what they are is said, and the command
//! that the hint names works.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::pgark::Pgark;
use crate::support::run::{Finished, run};

struct Ground {
    folder: tempfile::TempDir,
}

impl Ground {
    /// A folder with an archive called `my snap.tar`.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/archives/v1/zstd.tar");
        fs::copy(archive, folder.path().join("my snap.tar")).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a line in a shell in the folder, which must succeed.
    #[track_caller]
    fn shell(&self, line: &str) -> Finished {
        let mut bash = Command::new("bash");
        let program = Path::new(env!("CARGO_BIN_EXE_pgark")).parent().unwrap();
        let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
        bash.args(["-c", line])
            .env("PATH", path)
            .current_dir(self.folder.path());
        bash.env("GNUPGHOME", self.folder.path());
        run(&mut bash, b"").success()
    }

    fn pgark(&self, args: &[&str]) -> Finished {
        let folder = self.folder.path().display();
        Pgark::new(args).under(&format!("cd {folder}")).run()
    }

    /// What all commands say of this file: the same words, no matter whether it is a file or comes through a
    /// pipe.
    #[track_caller]
    fn said_of(&self, name: &str, expected: &str) -> String {
        let mut hint = String::new();
        for (args, status) in [
            (&["inspect", name][..], 1),
            (&["restore", name, "-f", "-"], 1),
            (&["verify", name], 4),
        ] {
            let finished = self.pgark(args).code(status);
            let said = finished.stdout() + &finished.stderr();
            let sentence = format!("\"{name}\" {expected}");
            assert!(said.contains(&sentence), "{}", finished.describe());
            let (_, found) = said.split_once("hint: ").unwrap();
            hint = found.trim_end().to_owned();
        }
        if self.path(name).is_file() {
            let piped = Pgark::new(["verify", "-"]).stdin(fs::read(self.path(name)).unwrap());
            let finished = piped.run().code(4);
            let said = finished.stdout();
            assert!(
                said.contains(&format!("\"-\" {expected}")),
                "{}",
                finished.describe()
            );
        }
        hint
    }
}

#[test]
fn what_was_packed_is_unpacked_by_the_command_that_is_named() {
    let ground = Ground::new();
    let gpg = "gpg --batch -q --pinentry-mode loopback --passphrase x";
    for (pack, name, expected) in [
        (
            "gzip -k",
            "my snap.tar.gz",
            "is not a pgark archive but a file compressed with gzip",
        ),
        (
            "zstd -q -k",
            "my snap.tar.zst",
            "is not a pgark archive but a file compressed with zstd",
        ),
        (
            "xz -k",
            "my snap.tar.xz",
            "is not a pgark archive but a file compressed with xz",
        ),
        (
            "bzip2 -k",
            "my snap.tar.bz2",
            "is not a pgark archive but a file compressed with bzip2",
        ),
        (
            gpg,
            "my snap.tar.gpg",
            "is not a pgark archive but a file encrypted with OpenPGP",
        ),
    ] {
        let program = pack.split(' ').next().unwrap();
        if Command::new(program).arg("--version").output().is_err() {
            continue;
        }
        match program {
            "gpg" => ground.shell(&format!("{pack} -c 'my snap.tar'")),
            _ => ground.shell(&format!("{pack} 'my snap.tar'")),
        };
        let hint = ground.said_of(name, expected);
        let (_, command) = hint.split_once("Undo that first: ").unwrap();
        let (first, second) = command.split_once(". Or without a second file: ").unwrap();
        assert!(first.ends_with("> 'my snap.tar'"), "{hint}");
        // Not over the original: the file that it makes must be whole by itself.
        fs::rename(ground.path("my snap.tar"), ground.path("kept")).unwrap();
        let unattended = |line: &str| line.replace("gpg -d", &format!("{gpg} -d"));
        ground.shell(&unattended(first));
        ground.pgark(&["verify", "my snap.tar"]).success();
        let piped = ground.shell(&unattended(second));
        assert!(
            piped.stdout().starts_with("whole: \"-\""),
            "{}",
            piped.describe()
        );
        fs::rename(ground.path("kept"), ground.path("my snap.tar")).unwrap();
        fs::remove_file(ground.path(name)).unwrap();
    }
}

#[test]
fn an_armored_message_and_one_for_a_key_are_told_too() {
    let ground = Ground::new();
    if Command::new("gpg").arg("--version").output().is_err() {
        return;
    }
    let gpg = "gpg --batch -q --pinentry-mode loopback --passphrase ''";
    ground.shell(&format!(
        "{gpg} --quick-gen-key ops@example.org default default never"
    ));
    let to = format!("{gpg} --trust-model always -r ops@example.org");
    ground.shell(&format!(
        "{to} -o binary -e 'my snap.tar'; {to} -a -o armored -e 'my snap.tar'"
    ));
    ground.shell(&format!(
        "{gpg} -o signed -s 'my snap.tar'; gpgconf --kill all"
    ));
    for name in ["binary", "armored", "signed"] {
        ground.said_of(
            name,
            "is not a pgark archive but a file encrypted with OpenPGP",
        );
    }
}

#[test]
fn an_archive_that_was_packed_again_is_said_to_be_one() {
    let ground = Ground::new();
    ground.shell("mkdir a && cd a && tar xf '../my snap.tar'");
    let expected =
        "is not a pgark archive any more: it was unpacked, and packed again by another program";
    for (name, how) in [
        ("names.tar", "cd a && tar cf ../names.tar *"),
        ("dot.tar", "cd a && tar cf ../dot.tar ."),
        ("folder.tar", "tar cf folder.tar a"),
        (
            "ustar.tar",
            "cd a && tar cf ../ustar.tar --format=ustar --owner=0 --group=0 --numeric-owner README.txt databases/accounts",
        ),
        ("data.tar", "cd a && tar cf ../data.tar databases"),
    ] {
        ground.shell(how);
        let hint = ground.said_of(name, expected);
        assert!(hint.contains("sha256sum -c SHA256SUMS"), "{hint}");
    }
    // The way that the hint shows ends in a restore.
    ground.shell("mkdir unpacked && tar xf names.tar -C unpacked");
    ground.shell("cd unpacked && sha256sum -c SHA256SUMS");
    let script = ground
        .pgark(&["restore", "unpacked/databases/accounts", "-f", "-"])
        .success();
    assert!(
        script.stdout().contains("3\tname 3\n"),
        "{}",
        script.describe()
    );
}

#[test]
fn the_folder_of_an_archive_and_another_tar_are_told() {
    let ground = Ground::new();
    ground.shell("mkdir a && cd a && tar xf '../my snap.tar'");
    let hint = ground.said_of(
        "a",
        "is not a pgark archive but the folder of one that was unpacked",
    );
    assert!(hint.contains("cd a && sha256sum -c SHA256SUMS"), "{hint}");
    assert!(hint.contains("pgark restore a/databases/NAME"), "{hint}");
    ground.shell("tar cf outer.tar 'my snap.tar'");
    let hint = ground.said_of(
        "outer.tar",
        "is not a pgark archive but another tar, which holds my snap.tar",
    );
    assert!(hint.contains("tar xf outer.tar"), "{hint}");
}

#[test]
fn what_is_something_else_is_named() {
    let ground = Ground::new();
    for (name, content, expected) in [
        (
            "page",
            &b"<!DOCTYPE html>\n<html>Sign in</html>"[..],
            "but a web page (HTML)",
        ),
        (
            "error",
            b"<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>",
            "but an XML document",
        ),
        (
            "report",
            b"{\"verdict\": \"whole\"}\n",
            "but a JSON document",
        ),
        ("zeros", &[0; 10_240], "but begins with nothing but zeros"),
        (
            "script",
            b"--\n-- PostgreSQL database dump\n--\n",
            "but a script for psql",
        ),
        ("sql", b"CREATE TABLE t ();\n", "but a script for psql"),
        (
            "age",
            b"age-encryption.org/v1\n-> X25519 x",
            "but a file encrypted with age",
        ),
    ] {
        fs::write(ground.path(name), content).unwrap();
        let hint = ground.said_of(name, &format!("is not a pgark archive {expected}"));
        assert!(!hint.is_empty());
    }
    ground.shell("cd / && true");
    // What pgark itself wrote as a script is one.
    ground
        .pgark(&["restore", "my snap.tar", "accounts", "-f", "own.sql"])
        .success();
    ground.said_of("own.sql", "is not a pgark archive but a script for psql");
    fs::write(ground.path("empty"), b"").unwrap();
    let empty = ground.pgark(&["verify", "empty"]).code(3);
    assert!(
        empty.stdout().contains("the file is empty"),
        "{}",
        empty.describe()
    );
}

#[test]
fn another_digest_is_another_archive_and_no_damage() {
    let ground = Ground::new();
    let wanted = "0".repeat(64);
    let finished = ground
        .pgark(&["verify", "my snap.tar", "--digest", &wanted])
        .code(3);
    let (said, error) = (finished.stdout(), finished.stderr());
    let expected = format!(
        "whole: \"my snap.tar\" (every byte checked), and not the archive with digest {wanted}\n"
    );
    assert!(said.starts_with(&expected), "{}", finished.describe());
    assert!(
        !said.contains("damage") && error.contains("It is not damaged."),
        "{}",
        finished.describe()
    );
    let json = ground
        .pgark(&["verify", "my snap.tar", "--digest", &wanted, "--json"])
        .code(3);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["verdict"], "other_archive");
    assert_eq!(json["demanded"], wanted);
    assert_ne!(json["digest"], wanted);
}

#[test]
fn a_location_that_is_almost_right_gets_the_sentence_that_helps() {
    let ground = Ground::new();
    let dump = |file: &'static str| {
        [
            "dump",
            "-w",
            "-h",
            "127.0.0.1",
            "-p",
            "1",
            "jobs",
            "-f",
            file,
        ]
    };
    for (file, sentence, help) in [
        (
            "s3:/bucket/x.tar",
            "is no file here, and no URL",
            "Did you mean s3://bucket/x.tar?",
        ),
        (
            "s3:bucket/x.tar",
            "is no file here, and no URL",
            "Did you mean s3://bucket/x.tar?",
        ),
        (
            "host:/a/x.tar",
            "is on another host",
            "ssh host 'cat > /a/x.tar'",
        ),
        (
            "sftp://host/x.tar",
            "sftp:// is not supported",
            "ssh HOST 'cat > PATH'",
        ),
        (
            "gcs://bucket/x.tar",
            "gcs:// is not supported",
            "Write it as gs://",
        ),
    ] {
        for (args, status) in [
            (&["verify", file][..], 4),
            (&["inspect", file], 1),
            (&["restore", file, "-f", "-"], 1),
            (&dump(file), 1),
        ] {
            let finished = ground.pgark(args).code(status);
            let said = finished.stderr();
            assert!(
                said.contains(sentence) && said.contains(help),
                "{}",
                finished.describe()
            );
        }
    }
    let empty = ground
        .pgark(&["restore", "my snap.tar", "accounts", "-f", ""])
        .code(2);
    assert!(
        empty.stderr().contains("that one is not set"),
        "{}",
        empty.describe()
    );
    // A file may have a colon in its name.
    ground.shell("mv 'my snap.tar' at-12:30.tar && mv at-12:30.tar s3:x");
    ground.pgark(&["verify", "s3:x"]).success();
}
