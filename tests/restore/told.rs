//! What a restore says afterwards, to people and to programs.

use serde_json::{Value, json};

use crate::need;
use crate::support::archive::Archive;
use crate::support::cluster::Cluster;
use crate::support::peers;
use crate::support::pgark::Pgark;

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
    for args in [&["-f", "-"][..], &["-l"]] {
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
        let is_told = args == ["-l"] || stderr.contains("Z rows\n");
        assert!(is_told, "{args:?}: {stderr}");
    }
}

#[test]
fn who_has_no_role_is_told_to_name_one() {
    let source = need!(Cluster::start(need!(peers::installed_major())));
    source.create_database("told");
    let dump = Archive::none_yet().try_dump(&source, &["told", "-U", "told_nobody"]);
    let stderr = dump.code(1).stderr();
    let words = "role \"told_nobody\" does not exist (SQLSTATE 28000)";
    assert!(stderr.contains(words), "{stderr}");
    let hint = "hint: Say with -U (or PGUSER) which role to connect as; without it the name of the system user is";
    assert!(stderr.contains(hint), "{stderr}");
}
