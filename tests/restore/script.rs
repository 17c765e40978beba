//! Scripts (`-f`) as a user runs them: by psql, into a real server, with the result of a restore.

use std::path::Path;

use bstr::ByteSlice;

use super::ground::Small;
use crate::need;
use crate::support::archive::Archive;
use crate::support::cluster::Cluster;
use crate::support::equality::{assert_equal, assert_same_globals, assert_same_properties};
use crate::support::fixture_archive;
use crate::support::peers;
use crate::support::pgark::Pgark;
use crate::support::run::{Finished, run};

fn script(archive: &Path, args: &[&str]) -> Pgark {
    Pgark::new(["restore", "--progress", "none"])
        .arg(archive)
        .args(args)
}

/// Runs a script by psql, which must end with this status.
#[track_caller]
fn psql(target: &Cluster, database: &str, script: &Path, on_error_stop: bool) -> Finished {
    let bin = peers::installed_client().unwrap();
    let mut command = target.command(bin.join("psql"));
    command.args(["-X", "-q", "-d", database, "-f"]).arg(script);
    if on_error_stop {
        command.args(["-v", "ON_ERROR_STOP=1"]);
    }
    run(&mut command, b"").success()
}

#[test]
fn a_script_of_one_database_makes_it_again() {
    let small = need!(Small::new("s_one"));
    let target = small.target(&["s_again"]);
    let file = small.ground.path("one.sql");
    let name = file.to_str().unwrap();
    let archive = small.ground.path("1.tar");
    let said = script(&archive, &["s_one", "-C", "-f", name])
        .run()
        .success();
    assert_eq!(
        (said.stdout(), said.stderr()),
        (String::new(), String::new())
    );
    let said = psql(target, "postgres", &file, true);
    assert_eq!(said.stderr(), "", "{}", said.describe());
    assert_equal(small.source(), "s_one", target, "s_one");
    assert_same_properties(small.source(), "s_one", target);
    // Under another name, dropped first and made again: the script is of that one.
    for _ in 0..2 {
        let args = [
            "s_one=s_again",
            "-C",
            "-c",
            "--if-exists",
            "-f",
            name,
            "--force",
        ];
        script(&archive, &args).run().success();
        let said = psql(target, "postgres", &file, true);
        assert_eq!(said.stderr(), "", "{}", said.describe());
    }
    assert_equal(small.source(), "s_one", target, "s_again");
}

/// Whoever is to own an object creates it, where it may: the test gives its roles the rights for that.
#[test]
fn owners_make_what_is_theirs() {
    let small = need!(Small::new("s_owners"));
    let target = small.target(&["s_owners_run"]);
    // The owner of a foreign key reads the table that it references.
    let owner = "ALTER TABLE app.parent OWNER TO s_owners_a";
    small.source().psql("s_owners", owner);
    small.ground.dump(small.source(), &["s_owners"], 16 << 10);
    let rights = "GRANT CREATE ON DATABASE {} TO s_owners_a, s_owners_b;";
    let file = small.ground.path("owners.sql");
    let archive = small.ground.path("1.tar");
    let option = "--use-set-session-authorization";
    let args = ["s_owners", option, "-f", file.to_str().unwrap()];
    script(&archive, &args).run().success();
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(
        text.contains("SET SESSION AUTHORIZATION 's_owners_a';"),
        "{text}"
    );
    assert!(!text.contains("ALTER TABLE app.child OWNER TO "), "{text}");
    for database in ["s_owners", "s_owners_run"] {
        target.create_database(database);
        target.psql(database, rights.replace("{}", database));
    }
    let said = psql(target, "s_owners", &file, true);
    assert_eq!(said.stderr(), "", "{}", said.describe());
    assert_equal(small.source(), "s_owners", target, "s_owners");
    // A run writes the same owners, whatever it does in one message and in several sessions.
    let args = ["s_owners=s_owners_run", option, "--no-globals", "-j", "2"];
    let done = script(&archive, &args).at(target).run().success();
    assert_eq!(done.stderr(), "", "{}", done.describe());
    assert_equal(small.source(), "s_owners", target, "s_owners_run");
    let by_superuser = "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace \
                        WHERE nspname IN ('app', 'other') AND relowner = 10";
    let expected = small.source().psql("s_owners", by_superuser);
    assert_eq!(target.psql("s_owners_run", by_superuser), expected);
}

#[test]
fn a_script_of_the_whole_archive_makes_everything() {
    let fixtures = need!(fixture_archive::of_installed());
    let target = need!(Cluster::start(fixtures.source.major()));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("all.sql");
    let args = ["-C", "-f", file.to_str().unwrap()];
    script(&fixtures.archive.path(), &args).run().success();
    let said = psql(&target, "postgres", &file, false);
    for line in said.stderr().lines() {
        // The superuser of either server has the same name.
        let expected = line.ends_with("ERROR:  role \"postgres\" already exists");
        assert!(expected, "{}", said.describe());
    }
    assert_same_globals(&fixtures.source, &target);
    for database in fixture_archive::databases() {
        assert_equal(&fixtures.source, database, &target, database);
        assert_same_properties(&fixtures.source, database, &target);
    }
}

#[test]
fn several_databases_are_connected_to_in_turn() {
    let fixtures = need!(fixture_archive::of_installed());
    let args = ["jobs", "metrics", "--no-globals", "-s", "-f", "-"];
    let said = script(&fixtures.archive.path(), &args).run().success();
    let script = said.stdout();
    let connects: Vec<&str> = script
        .lines()
        .filter(|line| line.starts_with("\\connect"))
        .collect();
    assert_eq!(connects, ["\\connect jobs", "\\connect metrics"]);
    assert!(!script.contains("CREATE ROLE"));
    let globals = self::script(&fixtures.archive.path(), &["--globals-only", "-f", "-"])
        .run()
        .success()
        .stdout();
    assert!(globals.contains("CREATE ROLE"));
    assert!(!globals.contains("\\connect"));
    let restricted = script
        .lines()
        .filter(|line| line.starts_with("\\restrict "));
    assert!(
        restricted
            .clone()
            .all(|line| line.len() == "\\restrict ".len() + 64)
    );
    assert_eq!(restricted.count(), 3);
}

#[test]
fn a_script_that_is_not_complete_is_not_there() {
    let small = need!(Small::new("s_broken"));
    let archive = Archive::none_yet();
    let mut bytes = std::fs::read(small.ground.path("1.tar")).unwrap();
    let frame = bytes.find(b"\x28\xb5\x2f\xfd").unwrap();
    bytes[frame + 20] ^= 1;
    std::fs::write(archive.path(), bytes).unwrap();
    let file = archive.folder().join("out.sql");
    let args = ["s_broken", "-f", file.to_str().unwrap()];
    let said = script(&archive.path(), &args).run();
    assert_eq!(said.status.code(), Some(3), "{}", said.describe());
    assert_eq!(archive.left_behind(), ["snap.tar"]);
    let nowhere = script(&archive.path(), &["-f", "/nonexistent/out.sql"]).run();
    assert_eq!(nowhere.status.code(), Some(1), "{}", nowhere.describe());
    assert!(
        nowhere
            .stderr()
            .contains("cannot write /nonexistent/out.sql")
    );
}
