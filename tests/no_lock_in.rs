//! No lock-in: what `dump` writes is recovered without pgark, by system tar, sha256sum, psql and the
//! pg_restore of a stock PostgreSQL 17, 18 or 19, and is then equal to its source.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use bstr::{BString, ByteSlice};
use pgark::pgdump::read_toc_dat;
use pgark::toc::ObjectKind;

use crate::need;
use crate::pgdump_formats::from_libpgdump;
use crate::support::cluster::Cluster;
use crate::support::equality::{assert_equal, assert_same_globals, assert_same_properties};
use crate::support::fixture_archive::{self, FixtureArchive};
use crate::support::fixtures::{DATABASES, LATIN1, SQL_ASCII};
use crate::support::peers::{self, Missing};
use crate::support::run::{Finished, run};

/// The archive of all fixtures, unpacked once for all tests here.
struct Unpacked {
    fixtures: &'static FixtureArchive,
    folder: tempfile::TempDir,
    databases: BTreeMap<BString, PathBuf>,
}

fn unpacked() -> Result<&'static Unpacked, Missing> {
    static UNPACKED: OnceLock<Result<Unpacked, Missing>> = OnceLock::new();
    UNPACKED.get_or_init(unpack).as_ref().map_err(Clone::clone)
}

fn unpack() -> Result<Unpacked, Missing> {
    let fixtures = fixture_archive::of_installed()?;
    let folder = fixtures.source.scratch();
    let databases = fixtures.archive.unpack(folder.path());
    Ok(Unpacked {
        fixtures,
        folder,
        databases,
    })
}

/// The first pg_restore that can leave the planner's statistics out, and the first server that takes them.
const SINCE_STATISTICS: u32 = 18;

/// Restores everything with nothing but stock tools into a fresh server and compares.
fn stock_tools_recover(major: u32, jobs: u32) -> Result<(), Missing> {
    let client = peers::client(major)?;
    let unpacked = unpacked()?;
    let target = Cluster::start(unpacked.fixtures.source.major())?;
    globals(&target, &client, unpacked.folder.path());
    assert_same_globals(&unpacked.fixtures.source, &target);
    for (database, folder) in &unpacked.databases {
        let database = database.to_str().unwrap();
        let mut restore = target.command(client.join("pg_restore"));
        restore.args(["-Fd", "--create", "-d", "postgres"]);
        restore.arg(format!("-j{jobs}")).arg(folder);
        if major >= SINCE_STATISTICS && target.major() < SINCE_STATISTICS {
            restore.arg("--no-statistics");
        }
        only_expected_errors(&run(&mut restore, b""));
        assert_equal(&unpacked.fixtures.source, database, &target, database);
        assert_same_properties(&unpacked.fixtures.source, database, &target);
    }
    Ok(())
}

/// Roles and tablespaces as README.txt says: a script by pg_restore, run by psql.
fn globals(target: &Cluster, client: &Path, folder: &Path) {
    let script = folder.join(format!("globals-{}.sql", target.port()));
    let mut restore = target.command(client.join("pg_restore"));
    restore.arg("-f").arg(&script).arg("globals");
    run(restore.current_dir(folder), b"").success();
    let mut psql = target.command(client.join("psql"));
    psql.args(["-X", "-q", "-d", "postgres", "-f"]).arg(&script);
    let finished = run(&mut psql, b"").success();
    for line in finished.stderr().lines() {
        // The superuser of either server has the same name.
        let expected = line.ends_with("ERROR:  role \"postgres\" already exists")
            || line.ends_with("unrecognized configuration parameter \"transaction_timeout\"");
        assert!(expected, "{}", finished.describe());
    }
}

/// pg_restore 17 and 18 set a parameter that older servers do not have, and go on. pg_restore 17 gives them the
/// planner's statistics, which they do not take. Nothing else may go wrong.
#[track_caller]
fn only_expected_errors(finished: &Finished) {
    // The words of several workers come in pieces: they can be counted, not taken apart.
    let stderr = finished.stderr();
    let errors = stderr.matches("error: ").count();
    let expected = "ERROR:  unrecognized configuration parameter \"transaction_timeout\"";
    let statistics = "ERROR:  function pg_catalog.pg_restore_";
    let expected = stderr.matches(expected).count() + stderr.matches(statistics).count();
    let warnings = stderr.matches("warning: ").count();
    let summaries = stderr
        .matches("warning: errors ignored on restore: ")
        .count();
    assert_eq!(
        (errors, warnings),
        (expected, summaries),
        "{}",
        finished.describe()
    );
    assert_eq!(finished.status.code(), Some(i32::from(errors > 0)));
}

#[test]
fn stock_17_recovers_everything_with_one_job() {
    need!(stock_tools_recover(17, 1));
}

#[test]
fn stock_17_recovers_everything_with_four_jobs() {
    need!(stock_tools_recover(17, 4));
}

#[test]
fn stock_18_recovers_everything_with_one_job() {
    need!(stock_tools_recover(18, 1));
}

#[test]
fn stock_18_recovers_everything_with_four_jobs() {
    need!(stock_tools_recover(18, 4));
}

#[test]
fn stock_19_recovers_everything_with_one_job() {
    need!(stock_tools_recover(19, 1));
}

#[test]
fn stock_19_recovers_everything_with_four_jobs() {
    need!(stock_tools_recover(19, 4));
}

#[test]
fn the_archive_that_is_recovered_has_what_is_hard() {
    let unpacked = need!(unpacked());
    let manifest = unpacked.fixtures.archive.manifest();
    let tables = || manifest.databases.iter().flat_map(|db| &db.tables);
    assert!(tables().any(|table| table.chunks.len() > 10));
    assert!(tables().any(|table| table.rows == 0));
    assert!(tables().any(|table| table.columns == 0 && table.rows > 0));
    let large_objects = manifest
        .databases
        .iter()
        .filter_map(|db| db.large_objects.as_ref());
    assert!(large_objects.clone().any(|all| all.chunks.len() > 1));
    assert!(large_objects.map(|all| all.count).sum::<u64>() > 100);
    assert_eq!(
        manifest.databases.len(),
        DATABASES.len() + 3,
        "in the order in which they were named"
    );
    assert_eq!(manifest.databases[9].directory, "we%22ird%2F%20%25name");
}

/// A trigger of a partitioned table changes the rows of its partitions if it is there before them, which
/// pg_restore with several jobs does not know to avoid.
#[test]
fn a_trigger_that_reaches_partitions_waits_for_their_rows() {
    let fixtures = need!(unpacked()).fixtures;
    let toc = fixtures.archive.toc("jobs");
    let find = |kind: ObjectKind, tag: &str| {
        let mut entries = toc.entries.iter();
        let found = entries.find(|entry| entry.kind == kind && entry.tag == tag);
        found.unwrap_or_else(|| panic!("no {kind} {tag}"))
    };
    let trigger = find(ObjectKind::Trigger, "job touch");
    for partition in [
        "job_waiting",
        "job_running",
        "job_done_early",
        "job_done_late",
    ] {
        let rows = find(ObjectKind::TableData, partition).dump_id;
        assert!(trigger.dependencies.contains(&rows), "{partition}");
    }
}

#[test]
fn an_independent_reader_agrees_on_every_table_of_contents() {
    let unpacked = need!(unpacked());
    let globals = unpacked.folder.path().join("globals");
    for folder in unpacked.databases.values().chain([&globals]) {
        if folder.ends_with(SQL_ASCII) || folder.ends_with(LATIN1) {
            continue; // it reads texts in UTF-8 only
        }
        let ours = read_toc_dat(&std::fs::read(folder.join("toc.dat")).unwrap()).unwrap();
        let theirs = libpgdump::format::directory::read_metadata(folder).unwrap();
        assert_eq!(theirs.header.version.to_string(), "1.15.0");
        assert_eq!(BString::from(theirs.dbname), ours.database);
        assert_eq!(theirs.entries.len(), ours.entries.len());
        for (theirs, ours) in theirs.entries.iter().zip(&ours.entries) {
            assert_eq!(&from_libpgdump(theirs), ours, "{}", folder.display());
        }
    }
}
