//! The static program, with all four subcommands, in a room without a network: an empty root folder that
//! holds nothing but the program, the archive and the server's socket, no `PATH`, no environment.
//!
//! strace watches it (see the script `empty-host`), so that what it opens and connects to is known, not
//! believed.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use crate::need;
use crate::support::cluster::{Cluster, Options, clean_command};
use crate::support::equality::{assert_equal, assert_same_globals, assert_same_properties};
use crate::support::fixture_archive::{self, FixtureArchive, databases};
use crate::support::peers::{self, Missing};
use crate::support::run::{Finished, run};

/// How `empty-host` says that it is not possible here.
const NOT_POSSIBLE: i32 = 77;

/// An empty host.
struct Host {
    /// Its root is in there, and what strace saw.
    folder: tempfile::TempDir,
}

/// What a program did there.
struct Seen {
    finished: Finished,
    /// The system calls after its own start, a line each.
    calls: Vec<String>,
}

impl Host {
    /// A host with the program and nothing else.
    fn new() -> Result<Self, Missing> {
        let program = peers::static_pgark()?;
        // /tmp, whatever TMPDIR says: the path of a socket has room for 107 bytes.
        let folder = tempfile::Builder::new()
            .prefix("pgark-host-")
            .tempdir_in("/tmp")
            .unwrap();
        let host = Self { folder };
        std::fs::create_dir_all(host.sockets()).unwrap();
        // The server runs as another user and has to get to its socket's folder.
        for (folder, mode) in [
            (host.folder.path(), 0o755),
            (&host.root(), 0o755),
            (&host.sockets(), 0o777),
        ] {
            std::fs::set_permissions(folder, std::fs::Permissions::from_mode(mode)).unwrap();
        }
        std::fs::copy(program, host.root().join("pgark")).unwrap();
        match host.run(&["--version"]).finished {
            no if no.status.code() == Some(NOT_POSSIBLE) => Err(Missing(no.stderr())),
            yes => {
                yes.success();
                Ok(host)
            }
        }
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("root")
    }

    fn sockets(&self) -> PathBuf {
        self.root().join("sockets")
    }

    /// The same with an archive of all fixtures.
    fn with(archive: &FixtureArchive) -> Result<Self, Missing> {
        let host = Self::new()?;
        std::fs::copy(archive.archive.path(), host.root().join("snap.tar")).unwrap();
        Ok(host)
    }

    /// A server whose socket is on the host, and in its own folder for everybody else.
    fn target(&self, major: u32) -> Result<Cluster, Missing> {
        let own = "..";
        let sockets = format!(
            "unix_socket_directories = '{own}, {}'",
            self.sockets().display()
        );
        Cluster::start_with(
            major,
            &Options {
                settings: vec![sockets],
                ..Options::default()
            },
        )
    }

    /// Runs the program there.
    #[track_caller]
    fn run(&self, args: &[&str]) -> Seen {
        let logs = tempfile::tempdir_in(self.folder.path()).unwrap();
        let mut command = clean_command(peers::script("empty-host"));
        command.arg(self.root()).arg(logs.path().join("log"));
        let finished = run(command.arg("/pgark").args(args), b"");
        let mut calls = Vec::new();
        for log in std::fs::read_dir(logs.path()).unwrap() {
            let log = std::fs::read_to_string(log.unwrap().path()).unwrap();
            // Its first thread begins with what made the host.
            let start = log.lines().position(is_start);
            let own = log.lines().skip(start.map_or(0, |start| start + 1));
            calls.extend(own.map(str::to_owned));
        }
        Seen { finished, calls }
    }
}

/// Whether the program under test starts with this call.
fn is_start(call: &str) -> bool {
    call.contains("execve(\"/pgark\",") && call.ends_with(" = 0")
}

impl Seen {
    /// Demands this exit status.
    #[track_caller]
    fn code(self, expected: i32) -> Self {
        let finished = self.finished.code(expected);
        Self { finished, ..self }
    }

    /// What stands between the quotes, or all arguments, of every call of one of these names.
    fn calls(&self, names: &[&str]) -> BTreeSet<&str> {
        let calls = self.calls.iter().filter_map(|line| line.split_once('('));
        let named = calls.filter(|(name, _)| names.contains(name));
        let told = named.map(|(_, arguments)| arguments.split('"').nth(1).unwrap_or(arguments));
        told.collect()
    }

    /// Demands that it got no file but these open, looked for none that tells names of users or hosts but
    /// one, and started no other program.
    #[track_caller]
    fn opened_only(&self, files: &[&str]) {
        let opens = self.calls.iter().filter(|call| call.contains("open"));
        let strange: Vec<_> = opens
            .filter(|call| {
                let file = call.split('"').nth(1).unwrap_or_default();
                let is_open = !call.contains(" = -1 ") && !file.starts_with("/proc/self/");
                (is_open && !files.contains(&file)) || (file.starts_with("/etc/") && file != USERS)
            })
            .collect();
        let told = self.finished.describe();
        assert!(strange.is_empty(), "{strange:?}\n{told}");
        assert_eq!(self.calls(&["execve"]), BTreeSet::new());
    }

    /// Demands that it had no socket of any sort.
    #[track_caller]
    fn had_no_socket(&self) {
        let sockets = self.calls(&["socket", "connect", "bind"]);
        assert_eq!(sockets, BTreeSet::new(), "{}", self.finished.describe());
    }
}

/// Who the user is. It is not there.
const USERS: &str = "/etc/passwd";

#[test]
fn an_archive_is_verified_restored_compared_and_made_where_there_is_nothing() {
    let archive = need!(fixture_archive::of_installed());
    let host = need!(Host::with(archive));
    for words in [
        &["inspect", "/snap.tar"][..],
        &["verify", "/snap.tar"],
        &["verify", "--deep", "/snap.tar"],
    ] {
        let seen = host.run(words).code(0);
        seen.had_no_socket();
        seen.opened_only(&["/snap.tar"]);
        assert!(
            seen.calls(&["openat", "open"]).contains("/snap.tar"),
            "strace sees nothing"
        );
    }

    let target = need!(host.target(archive.source.major()));
    let port = target.port().to_string();
    let socket = format!("/sockets/.s.PGSQL.{port}");
    let server = ["-h", "/sockets", "-p", &port, "-U", "postgres"];
    let restore = [
        &["restore", "/snap.tar", "--create", "-j", "4"],
        &server[..],
    ]
    .concat();
    let seen = host.run(&restore).code(0);
    assert_eq!(
        seen.calls(&["connect", "bind"]),
        BTreeSet::from([socket.as_str()])
    );
    let made = seen.calls(&["socket"]);
    assert!(
        made.iter()
            .all(|arguments| arguments.starts_with("AF_UNIX, ")),
        "{made:?}"
    );
    seen.opened_only(&["/snap.tar"]);

    assert_same_globals(&archive.source, &target);
    for database in databases() {
        assert_same_properties(&archive.source, database, &target);
        assert_equal(&archive.source, database, &target, database);
    }
    let against = [
        &["verify", "/snap.tar", "--against", "postgres"],
        &server[..],
    ]
    .concat();
    let seen = host.run(&against).code(0);
    let said = seen.finished.stdout();
    assert!(said.contains("equal"), "{said}");
    assert_eq!(
        seen.calls(&["connect", "bind"]),
        BTreeSet::from([socket.as_str()])
    );

    need!(dumped_again(&host, archive, &server, &socket));
}

/// From there into another archive, which is as good.
fn dumped_again(
    host: &Host,
    archive: &FixtureArchive,
    server: &[&str],
    socket: &str,
) -> Result<(), Missing> {
    let mut dump = vec!["dump", "-f", "/again.tar"];
    dump.extend(server);
    dump.extend(databases());
    let seen = host.run(&dump).code(0);
    assert_eq!(seen.calls(&["connect", "bind"]), BTreeSet::from([socket]));
    assert_eq!(seen.calls(&["execve"]), BTreeSet::new());
    host.run(&["verify", "--deep", "/again.tar"]).code(0);
    let again = host.target(archive.source.major())?;
    let port = again.port().to_string();
    let server = ["-h", "/sockets", "-p", &port, "-U", "postgres"];
    let restore = [&["restore", "/again.tar", "--create"], &server[..]].concat();
    host.run(&restore).code(0);
    assert_same_globals(&archive.source, &again);
    for database in databases() {
        assert_same_properties(&archive.source, database, &again);
        assert_equal(&archive.source, database, &again, database);
    }
    Ok(())
}

#[test]
fn where_nobody_has_a_name_the_user_is_asked_for() {
    let host = need!(Host::with(need!(fixture_archive::of_installed())));
    let seen = host
        .run(&["restore", "/snap.tar", "--create", "-h", "/sockets"])
        .code(2);
    let said = seen.finished.stderr();
    assert!(said.contains("-U") && said.contains("user"), "{said}");
    seen.had_no_socket();
}
