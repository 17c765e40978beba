//! The file that a dump writes before its archive has a name: two dumps to one name, dumps that are killed,
//! and who may read what is written.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::interrupts::{bulky, slow, start_dump};
use crate::need;
use crate::support::archive::{Archive, dump_at};
use crate::support::cluster::Cluster;
use crate::support::peers;
use crate::support::pgark::Pgark;
use crate::support::run::TIMEOUT;

/// The partial file in the folder of the archive, as soon as there is one.
fn partial(archive: &Archive) -> PathBuf {
    let deadline = Instant::now() + TIMEOUT;
    loop {
        let names = archive.left_behind();
        if let Some(name) = names.iter().find(|name| name.contains(".pgark-partial-")) {
            return archive.folder().join(name);
        }
        assert!(Instant::now() < deadline, "no partial file: {names:?}");
        sleep(Duration::from_millis(5));
    }
}

/// What is said of it, by each command that reads archives.
fn inspected(file: &Path) -> String {
    let said = |command: &str, status: i32| {
        let read = Pgark::new([command, "--progress", "none"]).arg(file).run();
        let read = read.code(status);
        read.stdout() + &read.stderr()
    };
    let words = "is no archive but the partial file of a dump to \"snap.tar\" by process ";
    for (command, status) in [("verify", 4), ("restore", 1)] {
        let said = said(command, status);
        assert!(said.contains(words), "{command}: {said}");
        assert!(!said.contains("damaged"), "{command}: {said}");
    }
    said("inspect", 1)
}

#[test]
fn the_second_of_two_dumps_to_one_name_is_refused_before_anything_is_done() {
    let cluster = need!(bulky("partial_two"));
    let archive = Archive::none_yet();
    let first = start_dump(cluster, &archive, &slow("partial_two"));
    let partial = partial(&archive);
    for options in [&["postgres"][..], &["postgres", "--force"]] {
        let said = archive.try_dump(cluster, options).code(1).stderr();
        let expected = format!(
            "\"{}\" is being written by another dump: process {} on ",
            archive.path().display(),
            first.id()
        );
        assert!(said.contains(&expected), "{said}");
        assert!(said.contains(partial.to_str().unwrap()), "{said}");
    }
    let said = inspected(&partial);
    assert!(
        said.contains("is no archive but the partial file of a dump to \"snap.tar\" by process ")
            && said.contains("which is at work"),
        "{said}"
    );
    // Beside it, under another name, there is room.
    let beside = dump_at(cluster)
        .args(["postgres", "-f"])
        .arg(archive.folder().join("other.tar"));
    assert_eq!(beside.run().success().stderr(), "");
    first.finish(TIMEOUT).success();
    assert_eq!(archive.left_behind(), ["other.tar", "snap.tar"]);
    archive.verified();
}

#[test]
fn of_two_dumps_that_begin_at_once_one_comes_to_its_end() {
    let cluster = need!(bulky("partial_race"));
    for _ in 0..5 {
        let archive = Archive::none_yet();
        let dump = || start_dump(cluster, &archive, &["partial_race", "-j", "1"]);
        let dumps = [dump(), dump(), dump()];
        let ended = dumps.map(|dump| dump.finish(TIMEOUT));
        let done = ended.iter().filter(|finished| finished.status.success());
        // One that begins when another has ended finds its archive.
        assert_eq!(done.count(), 1, "{ended:#?}");
        for refused in ended.iter().filter(|finished| !finished.status.success()) {
            let said = refused.stderr();
            let is_told = said.contains("is being written by another dump")
                || said.contains("exists already");
            assert!(is_told, "{said}");
        }
        assert_eq!(archive.left_behind(), ["snap.tar"]);
        archive.verified();
    }
}

#[test]
fn what_appears_meanwhile_stays_and_the_archive_gets_another_name() {
    let cluster = need!(bulky("partial_taken"));
    let archive = Archive::none_yet();
    let dump = start_dump(cluster, &archive, &slow("partial_taken"));
    partial(&archive);
    fs::write(archive.path(), b"theirs").unwrap();
    let finished = dump.finish(TIMEOUT).code(1);
    let other = archive.folder().join("snap-2.tar");
    let expected = format!(
        "\"{}\" appeared while the dump was at work, so the archive is \"{}\"",
        archive.path().display(),
        other.display()
    );
    assert!(
        finished.stderr().contains(&expected),
        "{}",
        finished.describe()
    );
    assert!(
        finished.stdout().contains(other.to_str().unwrap()),
        "{}",
        finished.describe()
    );
    assert_eq!(fs::read(archive.path()).unwrap(), b"theirs");
    assert_eq!(archive.left_behind(), ["snap-2.tar", "snap.tar"]);
    Pgark::new(["verify"]).arg(&other).run().success();
}

#[test]
fn the_file_of_a_killed_dump_is_named_by_the_next_one() {
    let cluster = need!(bulky("partial_killed"));
    let archive = Archive::none_yet();
    let dump = start_dump(cluster, &archive, &slow("partial_killed"));
    let partial = partial(&archive);
    let deadline = Instant::now() + TIMEOUT;
    while fs::metadata(&partial).unwrap().len() == 0 && Instant::now() < deadline {
        sleep(Duration::from_millis(5));
    }
    dump.signal("KILL");
    dump.finish(TIMEOUT);
    let said = inspected(&partial);
    assert!(
        said.contains("which ended before it was complete")
            && said.contains("Remove it and dump again."),
        "{said}"
    );
    let bytes = fs::metadata(&partial).unwrap().len();
    assert!(bytes > 0);
    for _ in 0..2 {
        let said = archive
            .try_dump(cluster, &["postgres", "--force"])
            .success()
            .stderr();
        let size = pgark::monitor::units::bytes(bytes);
        let expected = format!(
            "a dump that was killed left its partial file behind, {size} and 0 minutes old: rm '{}'\n",
            partial.display()
        );
        assert!(said.contains(&expected), "{said}");
    }
    // It is nobody's to remove but the user's.
    fs::remove_file(&partial).unwrap();
    assert_eq!(
        archive
            .try_dump(cluster, &["postgres", "--force"])
            .success()
            .stderr(),
        ""
    );
}

fn mode(file: &Path) -> u32 {
    fs::metadata(file).unwrap().permissions().mode() & 0o7777
}

#[test]
fn only_its_owner_may_read_what_is_written() {
    let cluster = need!(Cluster::start(need!(peers::installed_major())));
    cluster.psql("postgres", "CREATE ROLE someone PASSWORD 'secret'");
    let archive = Archive::none_yet();
    let dump = |options: &[&str]| {
        let dump = dump_at(&cluster)
            .args(["postgres", "--force", "-f"])
            .arg(archive.path());
        dump.args(options)
    };
    dump(&[]).under("umask 000").run().success();
    assert_eq!(mode(&archive.path()), 0o600);
    fs::set_permissions(archive.path(), fs::Permissions::from_mode(0o666)).unwrap();
    dump(&[]).under("umask 022").run().success();
    assert_eq!(mode(&archive.path()), 0o600);
    dump(&["--file-mode", "0640"])
        .under("umask 077")
        .run()
        .success();
    assert_eq!(mode(&archive.path()), 0o640);

    let script = archive.folder().join("all.sql");
    let restore = |options: &[&str]| {
        let restore = Pgark::new(["restore", "-f"])
            .arg(&script)
            .arg(archive.path());
        restore.args(options)
    };
    restore(&[]).under("umask 000").run().success();
    assert_eq!(mode(&script), 0o600);
    assert!(
        fs::read_to_string(&script)
            .unwrap()
            .contains("PASSWORD 'SCRAM-SHA-256$")
    );
    fs::remove_file(&script).unwrap();
    restore(&["--file-mode=644"])
        .under("umask 077")
        .run()
        .success();
    assert_eq!(mode(&script), 0o644);
    // A list holds names, no secrets.
    fs::remove_file(&script).unwrap();
    restore(&["-l"]).under("umask 022").run().success();
    assert_eq!(mode(&script), 0o644);
}
