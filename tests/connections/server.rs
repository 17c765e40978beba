//! A PostgreSQL server of the tests' own: made, configured, started, and stopped when dropped.

use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Where the installed server's programs are.
const BIN: &str = "/usr/lib/postgresql/15/bin";

pub(super) struct Server {
    process: Child,
    folder: tempfile::TempDir,
    port: u16,
}

/// PostgreSQL refuses to run as root; its own system user is there where it was installed.
fn as_server_user(command: &mut Command) -> &mut Command {
    if let Some((uid, gid)) = server_user() {
        command.uid(uid).gid(gid);
    }
    command
}

fn server_user() -> Option<(u32, u32)> {
    let id = |args: &[&str]| -> u32 {
        let output = Command::new("id").args(args).output().expect("id runs");
        let text = String::from_utf8(output.stdout).expect("id prints a number");
        text.trim().parse().expect("id prints a number")
    };
    (id(&["-u"]) == 0).then(|| (id(&["-u", "postgres"]), id(&["-g", "postgres"])))
}

fn hand_over(path: &Path) {
    if let Some((uid, gid)) = server_user() {
        chown(path, Some(uid), Some(gid)).expect("root may chown");
    }
}

impl Server {
    /// Makes and starts a server with these lines in pg_hba.conf and, more of them, in
    /// postgresql.conf. `files` are written into the data folder first, readable by the server only.
    pub(super) fn start(hba: &str, conf: &str, files: &[(&str, &[u8])]) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("pgark-connections-")
            .tempdir_in("/tmp")
            .expect("a folder in /tmp");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("chmod");
        hand_over(folder.path());
        let data = folder.path().join("data");
        let made = as_server_user(&mut Command::new(format!("{BIN}/initdb")))
            .args([
                "-N",
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
                "-D",
            ])
            .arg(&data)
            .stdout(Stdio::null())
            .status();
        assert!(made.expect("initdb runs").success());
        for (name, content) in files {
            let path = data.join(name);
            fs::write(&path, content).expect("write");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("chmod");
            hand_over(&path);
        }
        let port = free_port();
        let mut file = fs::OpenOptions::new()
            .append(true)
            .open(data.join("postgresql.conf"))
            .expect("postgresql.conf");
        writeln!(
            file,
            "listen_addresses = '127.0.0.1,::1'\nport = {port}\nunix_socket_directories = '{}'\n\
             fsync = off\nmax_connections = 30\nshared_buffers = 16MB\n{conf}",
            folder.path().display()
        )
        .expect("write");
        let trusting = format!("local all postgres trust\n{hba}\n");
        fs::write(data.join("pg_hba.conf"), trusting).expect("write");
        let log = fs::File::create(folder.path().join("log")).expect("log");
        let process = as_server_user(&mut Command::new(format!("{BIN}/postgres")))
            .arg("-D")
            .arg(&data)
            .stdout(log.try_clone().expect("log"))
            .stderr(log)
            .spawn()
            .expect("postgres starts");
        let mut server = Self {
            process,
            folder,
            port,
        };
        server.wait();
        server
    }

    fn wait(&mut self) {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let asked = Command::new(format!("{BIN}/pg_isready"))
                .args([
                    "-q",
                    "-h",
                    self.socket_folder(),
                    "-p",
                    &self.port.to_string(),
                ])
                .status();
            if asked.expect("pg_isready runs").success() {
                return;
            }
            let log = || fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            assert!(
                self.process.try_wait().expect("wait").is_none(),
                "{}",
                log()
            );
            assert!(Instant::now() < deadline, "{}", log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Runs statements as the superuser, each in its own transaction.
    pub(super) fn psql(&self, statements: &[&str]) {
        for statement in statements {
            let done = Command::new(format!("{BIN}/psql"))
                .args(["-XqAt", "-v", "ON_ERROR_STOP=1", "-U", "postgres"])
                .args(["-h", self.socket_folder(), "-p", &self.port.to_string()])
                .args(["-c", statement, "postgres"])
                .stdout(Stdio::null())
                .status();
            assert!(done.expect("psql runs").success(), "{statement}");
        }
    }

    pub(super) fn socket_folder(&self) -> &str {
        self.folder.path().to_str().expect("a plain path")
    }

    /// A folder for the test's own files.
    pub(super) fn scratch(&self, name: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::create_dir_all(&path).expect("mkdir");
        path
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGQUIT is PostgreSQL's immediate shutdown, which takes the children along.
        let pid = self.process.id().to_string();
        let _ = Command::new("kill").args(["-QUIT", &pid]).status();
        let _ = self.process.wait();
    }
}

/// A port that was free a moment ago.
pub(super) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}
