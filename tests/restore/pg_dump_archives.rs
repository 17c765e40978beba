//! Archives of pg_dump's, restored: what comes of each equals what stock pg_restore makes of it.

use std::path::{Path, PathBuf};

use crate::need;
use crate::support::cluster::Cluster;
use crate::support::equality::{assert_equal, contents};
use crate::support::peers::{self, Missing};
use crate::support::pgark::Pgark;
use crate::support::run::{Finished, run};

/// A file or folder of `fixtures/pgdump`.
fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/pgdump")
        .join(path)
}

/// A server with the roles that the fixtures speak of.
fn target() -> Result<Cluster, Missing> {
    let target = Cluster::start(18)?;
    let roles = "CREATE ROLE admin SUPERUSER; CREATE ROLE golden_owner; CREATE ROLE golden_reader";
    target.psql("postgres", roles);
    Ok(target)
}

#[track_caller]
fn restore_with_pg_restore(target: &Cluster, archive: &Path, into: &str) {
    let client = peers::client(18).unwrap_or_else(|missing| panic!("{}", missing.0));
    target.create_database(into);
    let mut command = target.command(client.join("pg_restore"));
    command.args(["-e", "-d", into]).arg(archive);
    run(&mut command, b"").success();
}

#[track_caller]
fn restore(target: &Cluster, archive: &Path, args: &[&str]) -> Finished {
    let words = ["restore", "-w", "--progress", "none"];
    Pgark::new(words).at(target).arg(archive).args(args).run()
}

#[test]
fn every_fixture_comes_back_as_pg_restore_brings_it_back() {
    let target = need!(target());
    need!(peers::client(18));
    for version in ["15", "17", "18"] {
        let expected = format!("expected {version}");
        restore_with_pg_restore(
            &target,
            &fixture(&format!("{version}/custom.dump")),
            &expected,
        );
        assert!(contents(&target, &expected).contains("3000000001"));
        let folder = std::fs::read_dir(fixture(version)).unwrap();
        for entry in folder.map(|entry| entry.unwrap().path()) {
            if entry.ends_with("schema.dump") {
                continue;
            }
            target.create_database("copy");
            restore(&target, &entry, &["-d", "copy", "-j", "3"]).success();
            assert_equal(&target, &expected, &target, "copy");
            target.drop_database("copy");
        }
    }
}
