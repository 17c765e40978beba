//! Files that are no whole archive of this version.

use bstr::ByteSlice;

use super::{Said, source};
use crate::need;
use crate::support::archive::Archive;
use crate::support::pgark::Pgark;

/// What is no whole archive of this version: the file's content, the status of a restore and of verify, and
/// what both say.
fn no_archives(whole: &[u8]) -> Vec<(Vec<u8>, i32, i32, &'static str)> {
    let mut newer = whole.to_vec();
    for (before, after) in [
        ("pgark archive, format 1", "pgark archive, format 2"),
        ("{\"format\":1,", "{\"format\":2,"),
    ] {
        let at = newer.rfind(before).unwrap();
        newer[at..at + after.len()].copy_from_slice(after.as_bytes());
    }
    let mut flipped = whole.to_vec();
    let manifest = flipped.find("\"pg_dump_version\"").unwrap();
    flipped[manifest + 2] ^= 1;
    vec![
        (b"no archive\n".repeat(5000), 1, 4, "not a pgark archive"),
        (b"PGDMP\x01\x11\x00".repeat(500), 1, 4, "cannot be read"),
        (b"--\n-- PostgreSQL database dump\n".into(), 1, 4, "script"),
        (Vec::new(), 3, 3, "empty"),
        (whole[..whole.len() / 2].to_vec(), 3, 3, "cut off"),
        (whole[..whole.len() - 1].to_vec(), 3, 3, "cut off"),
        (newer, 1, 4, "format 2"),
        (flipped, 3, 3, "manifest.json"),
    ]
}

#[test]
fn what_is_no_whole_archive_is_refused_before_anything_is_done() {
    let cluster = need!(source());
    cluster.create_database("bad_archive");
    cluster.psql(
        "bad_archive",
        "CREATE TABLE t (id int); INSERT INTO t VALUES (1)",
    );
    let archive = Archive::dump(cluster, &["bad_archive"]);
    let whole = std::fs::read(archive.path()).unwrap();
    let untouched = "ALTER DATABASE bad_archive RENAME TO bad_archive_source";
    cluster.psql("postgres", untouched);
    for (content, restore_status, verify_status, words) in no_archives(&whole) {
        std::fs::write(archive.path(), content).unwrap();
        let finished = archive
            .try_restore(cluster, &["--create"])
            .code(restore_status);
        Said::by(&finished).message_has(&["snap.tar", words]);
        let verify = Pgark::new(["verify", "--progress", "none"]).arg(archive.path());
        let finished = verify.run().code(verify_status);
        assert!(finished.stdout().contains(words), "{}", finished.describe());
        let inspect = Pgark::new(["inspect"]).arg(archive.path()).run();
        Said::by(&inspect.code(restore_status)).message_has(&["snap.tar", words]);
        assert_eq!(archive.left_behind(), ["snap.tar"]);
    }
    std::fs::remove_file(archive.path()).unwrap();
    let finished = archive.try_restore(cluster, &["--create"]).code(1);
    Said::by(&finished)
        .message_has(&["snap.tar", "does not exist"])
        .hint_has(&["path"]);
    let made = "SELECT count(*) FROM pg_database WHERE datname = 'bad_archive'";
    assert_eq!(cluster.psql("postgres", made), "0");
}
