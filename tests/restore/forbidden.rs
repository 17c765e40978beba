//! Restores by a user that is no superuser, as on managed services.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::need;
use crate::support::archive::Archive;
use crate::support::cluster::Cluster;
use crate::support::equality::{is_among, missing_contents};
use crate::support::fixture_archive::{self, FixtureArchive, databases};
use crate::support::fixtures;
use crate::support::peers;
use crate::support::pgark::Pgark;
use crate::support::run::Finished;

/// `pgark restore --create` as the user `restorer`.
fn restore(target: &Cluster, archive: PathBuf, options: &[&str]) -> Finished {
    let arguments = [
        "restore",
        "--progress",
        "none",
        "-w",
        "--create",
        "--json",
        "-j",
        "3",
    ];
    let restore = Pgark::new(arguments).at(target).env("PGUSER", "restorer");
    restore.arg(archive).args(options).run()
}

/// A user that may create databases and roles, and nothing else.
fn with_restorer(target: Cluster) -> Cluster {
    target.psql("postgres", "CREATE ROLE restorer LOGIN CREATEDB CREATEROLE");
    target
}

/// Restores all fixtures with what is forbidden left out; everything else must be there.
#[track_caller]
fn everything_else_is_restored(fixtures: &FixtureArchive, target: &Cluster, options: &[&str]) {
    let options = [&["--skip-forbidden"], options].concat();
    let finished = restore(target, fixtures.archive.path(), &options).success();
    let outcome: serde_json::Value = serde_json::from_slice(&finished.stdout).unwrap();
    assert_eq!(outcome["failures"], serde_json::json!([]), "{outcome:#}");
    let left_out: BTreeSet<String> = outcome["skipped"]
        .as_array()
        .unwrap()
        .iter()
        .map(|skipped| skipped["object"].as_str().unwrap().to_owned())
        .collect();
    for object in [
        "EVENT TRIGGER note_ddl",
        "EXTENSION postgres_fdw",
        "PUBLICATION everything",
        "FUNCTION analysis.row_number_again()",
        "OPERATOR CLASS analysis.celsius_ops",
        "ACL LANGUAGE plpgsql",
    ] {
        assert!(left_out.contains(object), "{object}: {left_out:#?}");
    }
    for database in databases() {
        for missing in missing_contents(&fixtures.source, target, database) {
            // The extension's own tables are nowhere but in the extension.
            if !missing.contains(" pgark_fixture.") {
                let text = format!("{database}: {missing} is missing without a word");
                assert!(is_among(&missing, &left_out), "{text}");
            }
        }
    }
}

#[test]
fn what_a_plain_user_may_do_is_done() {
    let fixtures = need!(fixture_archive::of_installed());
    let target = with_restorer(need!(Cluster::start(fixtures.source.major())));
    everything_else_is_restored(fixtures, &target, &[]);
    // Roles are made, and whoever made them gives them their objects.
    let owner = "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'app.person'::regclass";
    assert_eq!(target.psql("accounts", owner), "app_owner");
    let owner =
        "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'app.membership'::regclass";
    assert_eq!(target.psql("accounts", owner), "restorer");
}

#[test]
fn so_it_is_since_roles_have_their_own_administrators() {
    let fixtures = need!(fixture_archive::of_fetched(18));
    let target = with_restorer(need!(Cluster::start_fetched(18)));
    everything_else_is_restored(fixtures, &target, &["--map-role", "postgres=restorer"]);
    let owner = "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'app.person'::regclass";
    assert_eq!(target.psql("accounts", owner), "app_owner");
}

#[test]
fn roles_that_are_there_own_nothing_that_a_stranger_restores() {
    let fixtures = need!(fixture_archive::of_installed());
    let target = with_restorer(need!(Cluster::start(fixtures.source.major())));
    fixtures::load_roles(&target);
    everything_else_is_restored(fixtures, &target, &["-O"]);
    let others = "SELECT count(*) FROM pg_class WHERE relowner <> 'restorer'::regrole AND oid >= 16384 \
                  AND relname !~ '^pg_toast'";
    assert_eq!(target.psql("results", others), "0");
}

#[test]
fn without_leave_to_leave_it_out_nothing_is_begun() {
    let fixtures = need!(fixture_archive::of_installed());
    let target = with_restorer(need!(Cluster::start(fixtures.source.major())));
    let finished = restore(&target, fixtures.archive.path(), &[]).code(1);
    let said = finished.stderr();
    for expected in [
        "role \"restorer\" may not create event triggers: EVENT TRIGGER note \"drop\", EVENT TRIGGER note_ddl",
        "may not create these extensions: EXTENSION file_fdw, EXTENSION postgres_fdw (database \"jobs\")",
        "may not give objects to role \"postgres\", of which it is no member: ",
        "may not give the attribute SUPERUSER to roles: ROLE second_superuser",
        "may not grant rights on parameters: PARAMETER ACL log_statement",
        "--skip-forbidden leaves out what the user may not do",
    ] {
        assert_eq!(said.matches(expected).count(), 1, "{expected}\n{said}");
    }
    let made = "SELECT count(*) FROM pg_roles WHERE rolname = 'app_owner'";
    assert_eq!(target.psql("postgres", made), "0");
    assert_eq!(
        target.psql("postgres", "SELECT count(*) FROM pg_database"),
        "3"
    );
}

/// What belongs to `restore_map_old` and what it was granted.
const MAPPED: &str = "
    CREATE SCHEMA s AUTHORIZATION restore_map_old;
    CREATE TABLE s.t (id int);
    ALTER TABLE s.t OWNER TO restore_map_old;
    GRANT SELECT ON s.t TO restore_map_reader;
    CREATE TABLE public.mine (id int);
    GRANT INSERT ON public.mine TO restore_map_old;
    ALTER TABLE public.mine ENABLE ROW LEVEL SECURITY;
    CREATE POLICY p ON public.mine TO restore_map_old, restore_map_reader USING (true);
    ALTER DEFAULT PRIVILEGES FOR ROLE restore_map_old GRANT SELECT ON TABLES TO restore_map_reader;
    ALTER ROLE restore_map_old IN DATABASE restore_map SET work_mem = '7MB';";

#[test]
fn another_role_takes_the_place_of_one() {
    let major = need!(crate::support::peers::installed_major());
    let (source, target) = (need!(Cluster::start(major)), need!(Cluster::start(major)));
    source.psql(
        "postgres",
        "CREATE ROLE restore_map_old LOGIN PASSWORD 'x'; CREATE ROLE restore_map_reader; \
         GRANT restore_map_reader TO restore_map_old",
    );
    source.create_database("restore_map");
    source.psql("restore_map", MAPPED);
    source.psql(
        "postgres",
        "ALTER DATABASE restore_map OWNER TO restore_map_old",
    );
    let archive = Archive::dump(&source, &["restore_map"]);
    let map = ["--create", "--map-role", "restore_map_old=the \"new\" one"];
    let refused = archive.try_restore(&target, &map).code(1);
    let said = "the target server has no role \"the \"new\" one\"";
    assert!(refused.stderr().contains(said), "{}", refused.describe());
    target.psql("postgres", "CREATE ROLE \"the \"\"new\"\" one\"");
    archive.restore(&target, &map);
    let old = "SELECT count(*) FROM pg_roles WHERE rolname = 'restore_map_old'";
    assert_eq!(target.psql("postgres", old), "0");
    let is_so = "SELECT
        (SELECT count(*) FROM pg_class WHERE oid = 's.t'::regclass AND relowner = r.oid),
        (SELECT count(*) FROM pg_database WHERE datname = 'restore_map' AND datdba = r.oid),
        has_table_privilege(r.oid, 'public.mine', 'INSERT'),
        (SELECT count(*) FROM pg_policy WHERE polroles @> ARRAY[r.oid]),
        (SELECT count(*) FROM pg_default_acl WHERE defaclrole = r.oid),
        (SELECT setconfig FROM pg_db_role_setting WHERE setrole = r.oid),
        pg_has_role(r.oid, 'restore_map_reader', 'MEMBER')
        FROM pg_roles AS r WHERE rolname = 'the \"new\" one'";
    assert_eq!(
        target.psql("restore_map", is_so),
        "1|1|t|1|1|{work_mem=7MB}|t"
    );
    let map = ["--create", "--clean", "--map-role", "nobody=postgres"];
    let refused = archive.try_restore(&target, &map).code(1);
    let said = "--map-role: the archive names no role \"nobody\"";
    assert!(refused.stderr().contains(said), "{}", refused.describe());
}

#[test]
fn what_was_left_out_is_said_even_quietly() {
    let target = with_restorer(need!(Cluster::start(need!(peers::installed_major()))));
    target.create_database("f_quiet");
    let publication =
        "CREATE TABLE public.t (id int); CREATE PUBLICATION everything FOR ALL TABLES";
    target.psql("f_quiet", publication);
    let archive = Archive::dump(&target, &["f_quiet"]);
    let restore = |options: &[&str]| {
        let arguments = ["restore", "-q", "-w", "-C", "-O", "--no-globals"];
        let restore = Pgark::new(arguments).at(&target).env("PGUSER", "restorer");
        let restore = restore.arg(archive.path()).arg("--skip-forbidden");
        restore.args(options).run()
    };
    let said = restore(&["f_quiet=f_quiet_1"]).success().stdout();
    let left_out = "PUBLICATION everything: ";
    assert!(said.contains(left_out), "{said}");
    // What is not there is not called equal.
    let finished = restore(&["--verify", "--progress", "none", "f_quiet=f_quiet_2"]);
    let finished = finished.success();
    assert_eq!(finished.stdout().matches(left_out).count(), 1);
}
