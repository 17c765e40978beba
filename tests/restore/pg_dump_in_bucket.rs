//! Archives of pg_dump's in an object store: what `inspect`, `verify` and `restore` say and do is what
//! they say and do with the same archive on disk.

use std::path::Path;
use std::process::Command;

use super::pg_dump_archives::{fixture, pg_restore, target, whole};
use crate::need;
use crate::support::cluster::Cluster;
use crate::support::pgark::Pgark;
use crate::support::run::{Finished, run};
use crate::support::s3::S3Server;

/// By name in the bucket: every format, and what is different to read by ranges.
const ARCHIVES: [(&str, &str); 6] = [
    ("custom.dump", "18/custom.dump"),
    ("nightly/pipe.dump", "18/pipe.dump"),
    ("nightly/file.tar", "18/tar"),
    // Without the slash this server takes a folder for an object that it cannot read.
    ("folder/", "18/directory"),
    ("nightly/folder/", "18/directory-zstd"),
    ("a/b c/", "18/directory-lz4"),
];

fn copied(archive: &Path, to: &Path) {
    std::fs::remove_dir_all(to).ok();
    std::fs::create_dir_all(to.parent().unwrap()).unwrap();
    run(Command::new("cp").arg("-r").arg(archive).arg(to), b"").success();
}

#[track_caller]
fn call(s3: &S3Server, target: &Cluster, args: &[&str], archive: &str) -> Finished {
    let call = Pgark::new([args, &["--progress", "none"]].concat()).arg(archive);
    s3.told(call).at(target).run()
}

/// What it says, without what it calls the archive and how often it asked for it.
#[track_caller]
fn said(s3: &S3Server, target: &Cluster, args: &[&str], archive: &str) -> (Option<i32>, String) {
    let finished = call(s3, target, args, archive);
    let mut said = finished.stdout();
    if let Ok(serde_json::Value::Object(mut json)) = serde_json::from_str(&said) {
        json.remove("reads");
        said = serde_json::to_string(&json).unwrap();
    }
    let said = (said + &finished.stderr()).replace(archive, "ARCHIVE");
    (finished.status.code(), said)
}

#[test]
fn archives_of_pg_dump_in_a_bucket_are_as_on_disk() {
    let s3 = need!(S3Server::start());
    let target = need!(target());
    pg_restore(&target, &fixture("18/custom.dump"), "expected");
    let expected = whole(&target, "expected");
    for (name, local) in ARCHIVES {
        let local = fixture(local);
        copied(&local, &s3.bucket().join(name.trim_end_matches('/')));
        let (url, local) = (format!("s3://bucket/{name}"), local.to_str().unwrap());
        for words in [
            &["inspect"][..],
            &["inspect", "--json"],
            &["inspect", "--list"],
            &["verify"],
            &["verify", "--quick"],
        ] {
            let (there, here) = (
                said(&s3, &target, words, &url),
                said(&s3, &target, words, local),
            );
            assert_eq!(there, here, "{url}");
            let expected = if words[0] == "verify" { 4 } else { 0 };
            assert_eq!(there.0, Some(expected), "{url}: {}", there.1);
        }
        target.create_database("copy");
        let restore = ["restore", "-w", "-j", "3", "-d", "copy"];
        call(&s3, &target, &restore, &url).success();
        assert!(whole(&target, "copy") == expected, "{url}");
        target.drop_database("copy");
    }
}

#[test]
fn what_is_missing_of_a_folder_in_a_bucket_is_said() {
    let s3 = need!(S3Server::start());
    let target = need!(target());
    let folder = s3.bucket().join("folder");
    copied(&fixture("18/directory"), &folder);
    let lost = std::fs::read_dir(&folder).unwrap().flatten();
    let lost = lost.map(|file| file.path()).find(|path| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.starts_with("33") && name.ends_with(".dat.gz")
    });
    let lost = lost.unwrap();
    std::fs::remove_file(&lost).unwrap();
    let (code, text) = said(&s3, &target, &["verify"], "s3://bucket/folder/");
    assert_eq!(code, Some(3), "{text}");
    let name = lost.file_stem().unwrap().to_str().unwrap();
    assert!(text.contains(&format!("no file \"{name}\"")), "{text}");
    std::fs::remove_file(folder.join("toc.dat")).unwrap();
    let (code, text) = said(&s3, &target, &["verify"], "s3://bucket/folder/");
    assert_eq!(code, Some(4), "{text}");
    assert!(
        text.contains("s3://bucket/folder") || text.contains("ARCHIVE"),
        "{text}"
    );
}
