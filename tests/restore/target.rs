//! The target: what is refused before anything is done, and what is done to databases and roles.

use std::num::NonZeroUsize;

use pgark::pg::Session;
use pgark::restore::{Error, GlobalsChoice, RestoreOptions, Selection, Statistics, restore};

use super::ground::{
    Small, block_on, config, creating, everything, options, problems, refused, restored, under,
};
use crate::need;
use crate::support::cluster::Cluster;
use crate::support::equality::{assert_equal, assert_same_properties};
use crate::support::pgark::Pgark;

/// Which of these databases there are.
fn present(target: &Cluster, names: &[&str]) -> Vec<String> {
    let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
    let sql = format!(
        "SELECT datname FROM pg_database WHERE datname IN ({}) ORDER BY 1",
        quoted.join(", ")
    );
    let found = target.psql("postgres", sql);
    found.lines().map(str::to_owned).collect()
}

#[test]
fn a_missing_database_is_one_sentence_and_nothing_is_done() {
    let (small, target) = need!(Small::alone("t_missing"));
    let target = &target;
    let into_existing = RestoreOptions {
        create: false,
        ..everything()
    };
    let error = refused(target, &small.store, &into_existing);
    assert_eq!(
        error.to_string(),
        "nothing was restored: database \"t_missing\" does not exist on the target server"
    );
    let hint = error.hint().unwrap();
    let all = "Use --create, or create it first. The server has \"postgres\", ";
    assert!(hint.starts_with(all), "{hint}");
    target.create_database("t_misssing");
    let error = refused(target, &small.store, &into_existing).to_string();
    let near = "does not exist on the target server, which has \"t_misssing\"";
    assert!(error.ends_with(near), "{error}");
    target.drop_database("t_misssing");
    let roles = target.psql(
        "postgres",
        "SELECT count(*) FROM pg_roles WHERE rolname ~ '^t_missing'",
    );
    assert_eq!(roles, "0");
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let (small, target) = need!(Small::alone("t_wrong"));
    let target = &target;
    target.create_database("there");
    target.psql("there", "CREATE TABLE t ()");
    let mut choice = under("t_wrong", "there");
    choice.extend(under("t_wrong", "not there"));
    let all = RestoreOptions {
        databases: choice,
        globals: GlobalsChoice::Without,
        jobs: NonZeroUsize::new(1000).unwrap(),
        ..options()
    };
    let problems = problems(&refused(target, &small.store, &all));
    assert_eq!(problems.len(), 4, "{problems:#?}");
    assert!(
        problems[0].contains("1,006 sessions are needed"),
        "{problems:#?}"
    );
    assert!(problems[1].contains("\"there\" on the target server is not empty"));
    assert!(problems[1].contains("relation public.t"), "{problems:#?}");
    assert!(problems[2].contains("\"not there\" does not exist"));
    assert!(
        problems[3].contains("no role \"t_wrong_a\", \"t_wrong_b\""),
        "{problems:#?}"
    );
}

#[test]
fn databases_that_the_archive_lacks_are_named_together() {
    let small = need!(Small::new("t_unknown"));
    let target = small.target(&[]);
    let mut choice = under("a", "a");
    choice.extend(under("t_unknown", "x"));
    choice.extend(under("b", "b"));
    let options = RestoreOptions {
        databases: choice,
        ..options()
    };
    let error = refused(target, &small.store, &options);
    let said = "the archive holds no database \"a\", \"b\"; it holds \"t_unknown\"";
    assert_eq!(error.to_string(), said);
}

#[test]
fn a_database_is_created_with_all_that_is_said_about_it() {
    let (small, target) = need!(Small::alone("t_created"));
    let target = &target;
    let outcome = restored(target, &small.store, &everything());
    assert_equal(small.source(), "t_created", target, "t_created");
    assert_same_properties(small.source(), "t_created", target);
    let database = &outcome.databases[0];
    assert_eq!((database.rows, database.tables), (6004, 4));
    assert!(
        outcome.archive_bytes_read > 0 && outcome.globals >= 4,
        "{outcome:?}"
    );
    // Again: it is in the way now, and --clean replaces it.
    let problems = problems(&refused(target, &small.store, &creating()));
    assert!(
        problems[0].contains("exists on the target server already"),
        "{problems:?}"
    );
    target.psql("t_created", "CREATE TABLE app.later ()");
    let replacing = RestoreOptions {
        clean: true,
        ..creating()
    };
    restored(target, &small.store, &replacing);
    assert_equal(small.source(), "t_created", target, "t_created");
    assert_same_properties(small.source(), "t_created", target);
}

#[test]
fn a_database_comes_back_under_a_hostile_name() {
    let small = need!(Small::new("t_renamed"));
    let name = "DATABASE t_renamed; it's \"new\" -- \\ $$/*";
    let target = small.target(&[name]);
    let options = RestoreOptions {
        databases: under("t_renamed", name),
        ..creating()
    };
    restored(target, &small.store, &options);
    let query = |sql: &str| target.psql(name, sql);
    assert_eq!(query("SHOW work_mem"), "5MB");
    assert_eq!(query("SELECT count(*) FROM app.child"), "5000");
    let about = query(
        "SELECT shobj_description(oid, 'pg_database'), datacl::text ~ 't_renamed_a=c' \
         FROM pg_database WHERE datname = current_database()",
    );
    assert_eq!(about, "DATABASE small; it's small|t");
    let settings = query(
        "SELECT setconfig FROM pg_db_role_setting WHERE setrole <> 0 AND setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())",
    );
    assert_eq!(settings, "{statement_timeout=7min}");
    assert!(present(target, &["t_renamed"]).is_empty());
}

#[test]
fn one_database_can_become_two() {
    let small = need!(Small::new("t_twice"));
    let target = small.target(&["first", "second"]);
    let mut choice = under("t_twice", "first");
    choice.extend(under("t_twice", "second"));
    let options = RestoreOptions {
        databases: choice.clone(),
        ..creating()
    };
    restored(target, &small.store, &options);
    assert_eq!(
        present(target, &["first", "second", "t_twice"]),
        ["first", "second"]
    );
    let same = RestoreOptions {
        databases: [choice[0].clone(), choice[0].clone()].into(),
        ..creating()
    };
    assert!(refused(target, &small.store, &same).is_usage());
}

#[test]
fn what_is_there_is_dropped_or_left_or_added_to() {
    let small = need!(Small::new("t_there"));
    let target = small.target(&[]);
    target.create_database("t_there");
    restored(target, &small.store, &options());
    // Large objects stay: what --clean does about them depends on the archive's DROP commands.
    let unlink = || target.psql("t_there", "SELECT lo_unlink(90001), lo_unlink(90002)");
    unlink();
    let clean = RestoreOptions {
        clean: true,
        ..options()
    };
    restored(target, &small.store, &clean);
    let count = || target.psql("t_there", "SELECT count(*) FROM other.notes");
    assert_eq!(count(), "4");
    let only_notes = RestoreOptions {
        selection: Selection {
            tables: vec!["notes".into()],
            content: pgark::restore::Content::DATA_ONLY,
            ..Selection::default()
        },
        ..options()
    };
    restored(target, &small.store, &only_notes);
    assert_eq!(count(), "8");
    target.psql(
        "t_there",
        "DROP SCHEMA app, other CASCADE; SELECT lo_unlink(90001), lo_unlink(90002)",
    );
    let lenient = RestoreOptions {
        if_exists: true,
        ..clean.clone()
    };
    restored(target, &small.store, &lenient);
    target.psql(
        "t_there",
        "DROP SCHEMA app, other CASCADE; SELECT lo_unlink(90001), lo_unlink(90002)",
    );
    let outcome = super::ground::try_restore(target, &small.store, &clean).unwrap();
    assert!(!outcome.failures.is_empty());
    assert!(
        outcome
            .failures
            .iter()
            .all(|failure| failure.object.starts_with("DROP of "))
    );
    assert_eq!(count(), "4");
}

#[test]
fn roles_that_are_there_stay_as_they_are() {
    let (small, target) = need!(Small::alone("t_roles"));
    let target = &target;
    target.psql("postgres", "CREATE ROLE t_roles_a CREATEDB PASSWORD 'mine'");
    let secret = || {
        let sql = "SELECT rolpassword FROM pg_authid WHERE rolname = 't_roles_a'";
        target.psql("postgres", sql)
    };
    let before = secret();
    let globals_only = RestoreOptions {
        globals: GlobalsChoice::Only,
        ..options()
    };
    restored(target, &small.store, &globals_only);
    assert_eq!(secret(), before);
    let found = target.psql(
        "postgres",
        "SELECT rolcreatedb, pg_has_role('t_roles_b', 't_roles_a', 'member') \
         FROM pg_roles WHERE rolname = 't_roles_a'",
    );
    assert_eq!(found, "t|t");
    assert!(present(target, &["t_roles"]).is_empty());
    // Once both are there, a membership that was taken away stays away.
    target.psql("postgres", "REVOKE t_roles_a FROM t_roles_b");
    restored(target, &small.store, &globals_only);
    let member = "SELECT pg_has_role('t_roles_b', 't_roles_a', 'member')";
    assert_eq!(target.psql("postgres", member), "f");
}

#[test]
fn passwords_come_back_unless_they_are_left_out() {
    let (small, target) = need!(Small::alone("t_passwords"));
    let target = &target;
    let secret = |target: &Cluster| {
        let sql = "SELECT rolpassword IS NOT NULL FROM pg_authid WHERE rolname = 't_passwords_a'";
        target.psql("postgres", sql)
    };
    let globals_only = RestoreOptions {
        globals: GlobalsChoice::Only,
        ..options()
    };
    let without = RestoreOptions {
        role_passwords: false,
        ..globals_only.clone()
    };
    restored(target, &small.store, &without);
    assert_eq!(secret(target), "f");
    target.psql("postgres", "DROP ROLE t_passwords_a, t_passwords_b");
    restored(target, &small.store, &globals_only);
    assert_eq!(secret(target), "t");
}

#[test]
fn who_may_not_is_told_before() {
    let (small, target) = need!(Small::alone("t_rights"));
    let target = &target;
    target.psql(
        "postgres",
        "DROP ROLE IF EXISTS nobody_much; CREATE ROLE nobody_much LOGIN",
    );
    let config = config(target, "nobody_much");
    let monitor = pgark::monitor::Monitor::void();
    let options = everything();
    let error = block_on(restore(&config, &small.store, &options, &monitor)).unwrap_err();
    let problems = problems(&error);
    assert_eq!(problems.len(), 3, "{problems:#?}");
    assert!(problems[0].contains("\"nobody_much\" may not give objects to role \"postgres\""));
    assert!(problems[1].contains("\"nobody_much\" may not create databases"));
    assert!(problems[2].contains("\"nobody_much\" may not create roles"));
}

#[test]
fn a_database_in_use_is_not_replaced() {
    let small = need!(Small::new("t_in_use"));
    let target = small.target(&[]);
    target.create_database("t_in_use");
    let replacing = RestoreOptions {
        clean: true,
        ..creating()
    };
    let config = config(target, "postgres").with_dbname(b"t_in_use");
    let error = block_on(async {
        let _session = Session::connect(&config).await.unwrap();
        let monitor = pgark::monitor::Monitor::void();
        restore(&config, &small.store, &replacing, &monitor)
            .await
            .unwrap_err()
    });
    assert!(matches!(error, Error::Preflight { .. }), "{error}");
    assert!(
        error.to_string().contains("others have 1 session in it"),
        "{error}"
    );
}

#[test]
fn a_dry_run_says_it_all_and_does_nothing() {
    let (small, target) = need!(Small::alone("t_dry"));
    let target = &target;
    let plan = |options: &[&str]| {
        let archive = small.ground.path("1.tar");
        let call = Pgark::new(["restore", "--dry-run"]).arg(archive).at(target);
        call.args(options).run()
    };
    let text = plan(&["--create"]).success().stdout();
    let summary = text.lines().next().unwrap_or_default();
    assert!(
        summary.starts_with("1 database: ") && summary.contains("6,004 rows, "),
        "{summary}"
    );
    let end =
        "; 2 roles to be created; 1 role is there and stays as it is; nothing stands in its way";
    assert!(summary.ends_with(end), "{summary}");
    for line in [
        "roles and tablespaces\n",
        "  ROLE t_dry_a\n",
        "database \"t_dry\", created: ",
        "6,004 rows",
        "  synchronous_commit = off; one commit at the end waits for the disk\n",
        "  max_parallel_maintenance_workers = workers that have nothing to do, at most 2\n",
        "  database  DATABASE t_dry\n",
        "  pre-data  TABLE app.child\n",
        "  data      TABLE DATA app.child (chunk 1 of ",
        "  post-data FK CONSTRAINT app.child child_parent_fkey\n",
        "  grants    ACL app.TABLE parent\n",
        "  last      MATERIALIZED VIEW DATA other.counts\n",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(present(target, &["t_dry"]).is_empty());
    let impossible = plan(&["--no-globals"]);
    assert_eq!(impossible.status.code(), Some(1), "{}", impossible.stderr());
    let text = impossible.stdout();
    let mut lines = text.lines();
    let summary = lines.next().unwrap_or_default();
    assert!(
        summary.starts_with("1 database: ") && summary.ends_with("problems stand in its way"),
        "{text}"
    );
    let first = lines.next().unwrap_or_default();
    assert!(
        first.starts_with("problem: database \"t_dry\" does not exist"),
        "{text}"
    );
}

#[test]
fn every_table_with_rows_has_statistics_afterwards() {
    let small = need!(Small::new("t_analyze"));
    let target = small.target(&[]);
    let options = RestoreOptions {
        statistics: Statistics::Analyze,
        ..creating()
    };
    restored(target, &small.store, &options);
    let known = "SELECT string_agg(DISTINCT tablename, ' ' ORDER BY tablename) FROM pg_stats \
                 WHERE schemaname IN ('app', 'other')";
    assert_eq!(target.psql("t_analyze", known), "child counts notes parent");
}

#[test]
fn vacuum_marks_pages_as_visible_to_all() {
    // A server of its own: a long transaction of another test, in whatever database, holds back what counts
    // as visible to all.
    let (small, target) = need!(Small::alone("t_vacuum"));
    let options = RestoreOptions {
        vacuum: true,
        // A commit of another session that is not on disk yet counts for up to 32 transactions around it
        // (`TransactionIdGetCommitLSN`), and this database has hardly more.
        jobs: NonZeroUsize::MIN,
        ..everything()
    };
    restored(&target, &small.store, &options);
    let visible = "SELECT relallvisible = relpages AND relpages > 0 FROM pg_class \
                   WHERE oid = 'app.child'::regclass";
    assert_eq!(target.psql("t_vacuum", visible), "t");
}
