//! What a restore says afterwards, to people and to programs.

use std::process::Command;

use serde_json::{Value, json};

use crate::need;
use crate::support::archive::{Archive, dump_at};
use crate::support::cluster::Cluster;
use crate::support::peers;
use crate::support::pgark::Pgark;
use crate::support::run::{Finished, run};

#[test]
fn what_became_of_roles_is_in_the_result() {
    let major = need!(peers::installed_major());
    let source = need!(Cluster::start(major));
    source.psql(
        "postgres",
        "CREATE ROLE told_new; CREATE ROLE told_there; CREATE ROLE told_changed;
         GRANT told_new TO told_changed",
    );
    source.create_database("told");
    let archive = Archive::dump(&source, &["told"]);
    let target = need!(Cluster::start(major));
    target.psql(
        "postgres",
        "CREATE ROLE told_there; CREATE ROLE told_changed",
    );
    let restored = archive
        .try_restore(&target, &["--create", "--json"])
        .success();
    let outcome: Value = serde_json::from_slice(&restored.stdout).unwrap();
    let expected = json!({
        "created": ["told_new"],
        "existed": ["postgres", "told_changed", "told_there"],
        "changed": ["told_changed"],
    });
    assert_eq!(outcome["roles"], expected, "{outcome}");
    // Once more, in words: now all are there.
    target.drop_database("told");
    let again = archive.try_restore(&target, &["--create"]).success();
    let report = again.stdout();
    let there = "4 roles were there and stay as they are: \"postgres\", \"told_changed\", \"told_new\", \"told_there\"";
    assert!(report.contains(there), "{}", again.describe());
    assert!(!report.contains("created"), "{}", again.describe());
}

/// Progress beside a script on standard output is stamped like any other.
#[test]
fn progress_beside_a_script_is_stamped() {
    let major = need!(peers::installed_major());
    let source = need!(Cluster::start(major));
    source.create_database("told");
    let archive = Archive::dump(&source, &["told"]);
    // A list reads the archive's contents only: it has nothing to tell beside its lines.
    for (args, is_told) in [(&["-f", "-"][..], true), (&["-l"], false)] {
        let finished = Pgark::new(["restore", "--progress", "plain"])
            .arg(archive.path())
            .args(args)
            .run()
            .success();
        let stderr = finished.stderr();
        for line in stderr.lines() {
            let stamp = line.strip_prefix("pgark: 20").unwrap_or_default();
            assert!(stamp.contains("Z "), "{args:?}: {line}");
        }
        assert_eq!(stderr.contains("Z rows\n"), is_told, "{args:?}: {stderr}");
        assert_eq!(!stderr.is_empty(), is_told, "{args:?}: {stderr}");
    }
}

#[test]
fn who_has_no_role_is_told_to_name_one() {
    let source = need!(Cluster::start(need!(peers::installed_major())));
    source.create_database("told");
    let told = |role: &str, dump: Finished| {
        let stderr = dump.code(1).stderr();
        let words = format!("role \"{role}\" does not exist (SQLSTATE 28000)");
        assert!(stderr.contains(&words), "{stderr}");
        let hint = "hint: Say with -U (or PGUSER) which role to connect as; without it the name of the system user is";
        assert!(stderr.contains(hint), "{stderr}");
    };
    let archive = Archive::none_yet();
    told(
        "told_nobody",
        archive.try_dump(&source, &["told", "-U", "told_nobody"]),
    );
    // And whoever names none at all: the server's only role is not called so on purpose.
    let id = run(Command::new("id").arg("-un"), b"").success().stdout();
    let user = id.trim();
    source.psql(
        "postgres",
        "CREATE ROLE told_other SUPERUSER; SET SESSION AUTHORIZATION told_other;
         ALTER ROLE postgres RENAME TO told_owner",
    );
    let unnamed = dump_at(&source).env("PGUSER", "").arg("-f");
    told(user, unnamed.arg(archive.path()).arg("told").run());
}

/// In `-d` as in `NAME=NEW_NAME`, on a target that has one of nearly that name.
#[test]
fn a_target_that_is_not_there_is_told_the_nearest() {
    let source = need!(Cluster::start(need!(peers::installed_major())));
    source.create_database("told");
    source.create_database("told_target");
    let archive = Archive::dump(&source, &["told"]);
    for args in [&["-d", "told_targte"][..], &["told=told_targte"]] {
        let refused = archive.try_restore(&source, args).code(1).stderr();
        assert!(refused.contains("\"told_targte\""), "{refused}");
        assert!(refused.contains("\"told_target\""), "{refused}");
    }
}
