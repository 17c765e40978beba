//! Archives of pg_dump's, restored: what comes of each equals what stock pg_restore makes of it.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::need;
use crate::support::cluster::Cluster;
use crate::support::equality::{assert_equal, contents, schema};
use crate::support::fixtures;
use crate::support::peers::{self, Missing};
use crate::support::pgark::Pgark;
use crate::support::run::{Finished, run};

/// A file or folder of `fixtures/pgdump`.
pub(super) fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/pgdump")
        .join(path)
}

/// All archives with data of the newest version, and of the others those that are different in one of
/// them: how large objects are stored, the header, the suffixes.
const ARCHIVES: [(&str, &[&str]); 4] = [
    (
        "15",
        &[
            "custom.dump",
            "directory",
            "tar",
            "pipe.dump",
            "inserts.tar",
        ],
    ),
    ("16", &["none.dump", "directory", "inserts.dump"]),
    ("17", &["tar", "pipe.dump", "zstd.dump"]),
    (
        "18",
        &[
            "custom.dump",
            "directory",
            "directory-lz4",
            "directory-zstd",
            "inserts.dump",
            "inserts.tar",
            "lz4.dump",
            "none.dump",
            "pipe.dump",
            "tar",
            "zstd.dump",
        ],
    ),
];

/// A server with the roles that the fixtures speak of.
pub(super) fn target() -> Result<Cluster, Missing> {
    let target = Cluster::start(18)?;
    peers::client(18)?;
    let roles = "CREATE ROLE admin SUPERUSER; CREATE ROLE golden_owner; CREATE ROLE golden_reader";
    target.psql("postgres", roles);
    Ok(target)
}

#[track_caller]
pub(super) fn pg_restore(target: &Cluster, archive: &Path, into: &str) {
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

/// Schema and contents.
pub(super) fn whole(target: &Cluster, database: &str) -> (String, String) {
    let client = peers::client(18).unwrap_or_else(|missing| panic!("{}", missing.0));
    (
        schema(target, database, &client, &[]),
        contents(target, database),
    )
}

/// Restores into a new database `copy`, and demands that it is what was expected.
#[track_caller]
fn assert_restored(target: &Cluster, archive: &Path, args: &[&str], expected: &(String, String)) {
    target.create_database("copy");
    restore(target, archive, &[&["-d", "copy"], args].concat()).success();
    assert!(whole(target, "copy") == *expected, "{}", archive.display());
    target.drop_database("copy");
}

#[test]
fn every_fixture_comes_back_as_pg_restore_brings_it_back() {
    let target = need!(target());
    for (version, archives) in ARCHIVES {
        let database = format!("expected {version}");
        pg_restore(
            &target,
            &fixture(&format!("{version}/custom.dump")),
            &database,
        );
        let expected = whole(&target, &database);
        assert!(expected.1.contains("3000000001"), "{}", expected.1);
        for archive in archives {
            let archive = fixture(&format!("{version}/{archive}"));
            assert_restored(&target, &archive, &["-j", "3"], &expected);
        }
    }
}

#[test]
fn rows_and_large_objects_come_after_the_definitions() {
    let target = need!(target());
    let client = need!(peers::client(18));
    for version in ["15", "18"] {
        let path = |name: &str| fixture(&format!("{version}/{name}"));
        target.create_database("expected");
        for part in ["-s", "-a"] {
            let mut command = target.command(client.join("pg_restore"));
            command
                .args(["-e", "-d", "expected", part])
                .arg(path("tar"));
            run(&mut command, b"").success();
        }
        for (first, then) in [("tar", "directory"), ("none.dump", "inserts.dump")] {
            target.create_database("copy");
            restore(&target, &path(first), &["-d", "copy", "-s"]).success();
            restore(&target, &path(then), &["-d", "copy", "-a"]).success();
            assert_equal(&target, "expected", &target, "copy");
            target.drop_database("copy");
        }
        target.drop_database("expected");
    }
}

#[test]
fn a_database_is_created_with_what_the_archive_says_of_it() {
    let target = need!(target());
    let archive = fixture("18/pipe.dump");
    let client = need!(peers::client(18));
    let mut command = target.command(client.join("pg_restore"));
    command.args(["-e", "-C", "-d", "postgres"]).arg(&archive);
    run(&mut command, b"").success();
    let options = ["--create"];
    let expected = schema(&target, "golden", &client, &options);
    target.drop_database("golden");
    restore(&target, &archive, &["--create"]).success();
    assert_eq!(schema(&target, "golden", &client, &options), expected);
    let compared = |status| {
        let words = [
            "verify",
            "-w",
            "--progress",
            "none",
            "--against",
            "postgres",
        ];
        let verify = Pgark::new(words).at(&target).arg(&archive).run();
        verify.code(status).stdout()
    };
    compared(4);
    target.psql("golden", "DELETE FROM app.bulk WHERE n = 7");
    let said = compared(3);
    assert!(said.contains("app.bulk"), "{said}");
    target.psql("golden", "INSERT INTO app.bulk VALUES (7, md5('7'))");
    restore(&target, &archive, &["--create", "golden=other name"]).success();
    assert_equal(&target, "golden", &target, "other name");
}

#[test]
fn what_such_an_archive_does_not_hold_is_said() {
    let target = need!(Cluster::start(18));
    let archive = fixture("18/custom.dump");
    target.create_database("copy");
    let said = restore(&target, &archive, &["-d", "copy"]).code(1).stderr();
    assert!(
        said.contains("no role \"admin\", \"golden_owner\", \"golden_reader\""),
        "{said}"
    );
    assert!(said.contains("The archive does not hold them"), "{said}");
    let said = restore(&target, &archive, &["--globals-only"])
        .code(2)
        .stderr();
    assert!(said.contains("holds no roles and tablespaces"), "{said}");
    let plan = restore(&target, &archive, &["-d", "copy", "-O", "-x", "--dry-run"]);
    let plan = plan.success().stdout();
    assert!(
        plan.contains("TABLE DATA app.bulk") && !plan.contains(" rows"),
        "{plan}"
    );
    restore(&target, &archive, &["-d", "copy", "-O", "-x"]).success();
    assert_eq!(target.psql("copy", "SELECT count(*) FROM app.bulk"), "200");
}

#[test]
fn a_script_of_every_format_makes_the_same_database() {
    let target = need!(target());
    pg_restore(&target, &fixture("17/custom.dump"), "expected");
    let expected = whole(&target, "expected");
    for name in [
        "pipe.dump",
        "directory-lz4",
        "tar",
        "inserts.dump",
        "none.dump",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("script.sql");
        let options = ["restore", "--progress", "none", "-f"];
        let archive = fixture(&format!("17/{name}"));
        Pgark::new(options)
            .arg(&script)
            .arg(archive)
            .run()
            .success();
        target.create_database("copy");
        target.psql("copy", std::fs::read(&script).unwrap());
        assert!(whole(&target, "copy") == expected, "{name}");
        target.drop_database("copy");
    }
}

/// An archive as that crate writes it for a PostgreSQL of this version, which had no other writer at
/// hand: header versions 1.12 and 1.13.
fn by_libpgdump(appear_as: &str, path: &Path) {
    let mut dump = libpgdump::new("old", "UTF8", appear_as).unwrap();
    let (schema, owner) = (Some("public"), Some("postgres"));
    let create = Some("CREATE TABLE public.t (a integer, b text);\n");
    let kind = libpgdump::ObjectType::Table;
    let table = dump.add_entry(kind, schema, Some("t"), owner, create, None, None, &[]);
    let copy = Some("COPY public.t (a, b) FROM stdin;\n");
    let kind = libpgdump::ObjectType::TableData;
    let deps = [table.unwrap()];
    let data = dump.add_entry(kind, schema, Some("t"), owner, None, None, copy, &deps);
    let rows = (0..5000)
        .map(|n| format!("{n}\trow {n}\n"))
        .collect::<String>()
        + "\\.\n\n\n";
    dump.set_entry_data(data.unwrap(), rows.into_bytes())
        .unwrap();
    let kind = libpgdump::ObjectType::Blob;
    let create = Some("SELECT pg_catalog.lo_create('4711');\n");
    let oid = Some("4711");
    let object = dump.add_entry(kind, None, oid, owner, create, None, None, &[]);
    object.unwrap();
    dump.add_blob(4711, b"large".repeat(100_000)).unwrap();
    dump.set_format(libpgdump::Format::Custom);
    dump.save(path).unwrap();
}

#[test]
fn versions_1_12_and_1_13_come_back_too() {
    let target = need!(target());
    let folder = tempfile::tempdir().unwrap();
    for version in ["9.0", "11.0"] {
        let archive = folder.path().join(version);
        by_libpgdump(version, &archive);
        pg_restore(&target, &archive, version);
        let expected = whole(&target, version);
        assert!(expected.1.contains("4711"), "{}", expected.1);
        assert_restored(&target, &archive, &[], &expected);
    }
}

#[test]
fn what_every_pg_dump_at_hand_writes_of_the_fixtures_comes_back() {
    let major = need!(peers::installed_major());
    let source = need!(fixtures::source(major));
    let target = need!(fixtures::target(major));
    let clients = [
        need!(peers::installed_client()),
        need!(peers::client(17)),
        need!(peers::client(18)),
    ];
    let folder = tempfile::tempdir().unwrap();
    let formats: [&[&str]; 5] = [
        &["-Fc"],
        &["-Fd", "-j2"],
        &["-Ft"],
        &["-Fc", "to a pipe"],
        &["-Fc", "-Z0", "--inserts", "--rows-per-insert=7"],
    ];
    for (number, database) in fixtures::DATABASES.into_iter().enumerate() {
        let client = &clients[number % clients.len()];
        let format = formats[number % formats.len()];
        let archive = folder.path().join(database);
        let mut dump = source.command(client.join("pg_dump"));
        dump.env("PGDATABASE", database);
        if format.contains(&"to a pipe") {
            dump.arg("-Fc").stdout(Stdio::piped());
            let bytes = run(&mut dump, b"").success().stdout;
            std::fs::write(&archive, bytes).unwrap();
        } else {
            dump.args(format).arg("-f").arg(&archive);
            run(&mut dump, b"").success();
        }
        let copy = format!("{database} of pg_dump");
        target.create_database(&copy);
        restore(target, &archive, &["-d", &copy, "-j", "4", "--no-analyze"]).success();
        assert_equal(source, database, target, &copy);
        target.drop_database(&copy);
    }
}

#[test]
fn rows_that_are_cut_off_do_not_arrive() {
    let target = need!(target());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut");
    let whole = std::fs::read(fixture("18/tar")).unwrap();
    // The last rows of the table are replaced by others: what shows is the mark at their end.
    let mark = b"200\t3644a684f98ea8fe223c713b77189a77\n\\.\n";
    let at = whole.windows(mark.len()).position(|w| w == mark).unwrap();
    let mut cut = whole.clone();
    let replaced = b"200\t3644a684f98ea8fe223c713b77189a77\n201";
    cut[at..at + mark.len() - 1].copy_from_slice(&replaced[..mark.len() - 1]);
    std::fs::write(&path, cut).unwrap();
    target.create_database("copy");
    let finished = restore(&target, &path, &["-d", "copy"]).code(3);
    let said = finished.stderr();
    assert!(
        said.contains("TABLE DATA app.bulk: the rows are cut off"),
        "{said}"
    );
    assert_eq!(target.psql("copy", "SELECT count(*) FROM app.bulk"), "0");
}
