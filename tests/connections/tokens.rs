//! Passwords that expire: a command prints a new one for each connection.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::need;
use crate::support::archive::{Archive, dump_at};
use crate::support::cluster::{Cluster, Options};
use crate::support::peers;

/// A role whose passwords are worth one connection, and a command that makes such a password. It writes down for
/// whom.
fn with_tokens() -> Result<(Cluster, tempfile::TempDir), peers::Missing> {
    let options = Options {
        hba: vec!["local all token scram-sha-256".into()],
        settings: vec!["password_encryption = 'scram-sha-256'".into()],
    };
    let cluster = Cluster::start_with(peers::installed_major()?, &options)?;
    cluster.create_database("d");
    cluster.psql(
        "d",
        "CREATE ROLE token SUPERUSER LOGIN; CREATE TABLE t AS SELECT generate_series(1, 1000) AS i;",
    );
    let folder = cluster.scratch();
    let psql = peers::installed_client()?.join("psql");
    let script = format!(
        "#!/bin/sh\nset -e\nprintf '%s\\n' \"$PGUSER $PGDATABASE\" >>'{folder}/asked'\n\
         password=token-$(wc -l <'{folder}/asked')\n\
         PGUSER=postgres '{psql}' -Xqw -d postgres -c \"ALTER ROLE token PASSWORD '$password'\"\n\
         echo \"$password\"\n",
        folder = folder.path().display(),
        psql = psql.display(),
    );
    let path = folder.path().join("command");
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    Ok((cluster, folder))
}

#[test]
fn each_connection_gets_a_password_of_its_own() {
    let (cluster, folder) = need!(with_tokens());
    let command = folder.path().join("command");
    let command = command.to_str().unwrap();
    let archive = Archive::none_yet();
    // One at a time: a new password ends the one before.
    let options = ["d", "-j1", "-U", "token", "--password-command", command];
    archive.try_dump(&cluster, &options).success();
    let asked = fs::read_to_string(folder.path().join("asked")).unwrap();
    assert!(asked.lines().count() >= 3, "{asked}");
    assert!(asked.lines().all(|line| line == "token d"), "{asked}");
    let restored = [
        "-j1",
        "-U",
        "token",
        "--password-command",
        command,
        "-d",
        "postgres",
    ];
    archive.try_restore(&cluster, &restored).success();
    assert_eq!(cluster.psql("postgres", "SELECT count(*) FROM t"), "1000");
}

#[test]
fn a_command_that_fails_says_why() {
    let (cluster, _) = need!(with_tokens());
    for (command, said) in [
        (
            "echo no token today >&2; exit 3",
            "exit status: 3: no token today",
        ),
        ("true", "it printed nothing"),
        ("printf 'a\\nb\\n'", "it printed more than one line"),
        (
            "echo wrong",
            "password authentication failed for user \"token\"",
        ),
    ] {
        let dump = dump_at(&cluster).args(["-U", "token", "d", "-f", "-", "--password-command"]);
        let finished = dump.arg(command).run().code(1);
        assert!(finished.stderr().contains(said), "{}", finished.describe());
    }
}
