//! Throwaway PostgreSQL servers of any major version.
//!
//! A server belongs to the test process: the script `throwaway-server` holds it and ends it when the
//! pipe from us closes, so that nothing is left running after a panic or a `kill -9` either.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::eye;
use super::peers::{self, Missing};
use super::run::{Finished, run};

/// A running server. Superuser is `postgres`, trusted without a password on the socket and on
/// 127.0.0.1 unless [`Options::hba`] says otherwise.
pub struct Cluster {
    major: u32,
    port: u16,
    /// The `throwaway-server` script; the server lives until its standard input closes.
    guardian: Child,
    /// Socket, data, log and the view of the installation; removed by the guardian.
    dir: PathBuf,
    /// The private view of the installation, whose share folder is ours to write.
    bin: PathBuf,
}

/// What a server is given beyond the usual.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Lines for the head of pg_hba.conf.
    pub hba: Vec<String>,
    /// Lines for postgresql.conf, for instance `work_mem = '8MB'`.
    pub settings: Vec<String>,
}

impl Cluster {
    /// Starts a server of the test's own.
    pub fn start(major: u32) -> Result<Self, Missing> {
        Self::start_with(major, &Options::default())
    }

    /// Starts a server of the test's own with options.
    pub fn start_with(major: u32, options: &Options) -> Result<Self, Missing> {
        Self::start_from(&peers::server(major)?, major, options)
    }

    /// Starts a server of the test's own that is a fetched one, see [`peers::fetched_server`].
    pub fn start_fetched(major: u32) -> Result<Self, Missing> {
        let installation = peers::fetched_server(major)?;
        Self::start_from(&installation, major, &Options::default())
    }

    /// Starts a standby of `primary`.
    pub fn standby_of(primary: &Self) -> Result<Self, Missing> {
        let copy = peers::installed_client()?.join("pg_basebackup");
        let from = primary.socket_dir().display();
        let standby = format!("standby-of:{from} {} {}", primary.port, copy.display());
        let options = Options {
            settings: vec![standby],
            ..Options::default()
        };
        Self::start_with(primary.major, &options)
    }

    fn start_from(installation: &Path, major: u32, options: &Options) -> Result<Self, Missing> {
        // /tmp, whatever TMPDIR says: the path of a socket has room for 107 bytes.
        let dir = tempfile::Builder::new()
            .prefix("pgark-")
            .tempdir_in("/tmp")
            .unwrap();
        let dir = dir.keep();
        let view = run(
            Command::new(peers::script("server-view"))
                .arg(installation)
                .arg(dir.join("view")),
            b"",
        );
        let bin = PathBuf::from(view.success().stdout().trim_end());

        let mut guardian = Command::new(peers::script("throwaway-server"))
            .arg(&bin)
            .arg(&dir)
            .args(options.settings.iter())
            .args(options.hba.iter().map(|line| format!("hba:{line}")))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // A group of its own, so that a Ctrl-C in the terminal reaches it through the pipe only.
            .process_group(0)
            .spawn()
            .unwrap();
        let mut answer = String::new();
        let stdout = guardian.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut answer).unwrap();
        let port = answer
            .strip_prefix("ready ")
            .and_then(|port| port.trim_end().parse().ok());
        let port = port.unwrap_or_else(|| panic!("a server {major} did not start, see above"));
        Ok(Self {
            major,
            port,
            guardian,
            dir,
            bin,
        })
    }

    /// Its major version.
    pub fn major(&self) -> u32 {
        self.major
    }

    /// Its port, for the socket and for 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder of its socket, which serves as `-h`.
    pub fn socket_dir(&self) -> &Path {
        &self.dir
    }

    /// The data folder. It belongs to the server's user.
    pub fn data_dir(&self) -> PathBuf {
        self.socket_dir().join("data")
    }

    /// A new folder that is gone with the server at the latest: what tests share is never dropped.
    pub fn scratch(&self) -> tempfile::TempDir {
        tempfile::tempdir_in(self.socket_dir()).unwrap()
    }

    /// The server's log so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.socket_dir().join("log")).unwrap()
    }

    /// The program folder of its server: postgres, initdb, pg_ctl.
    pub fn bin(&self) -> &Path {
        &self.bin
    }

    /// The `PG*` variables that make any libpq program connect to it as `postgres`.
    pub fn env(&self) -> Vec<(String, String)> {
        let socket_dir = self.socket_dir();
        vec![
            ("PGHOST".into(), socket_dir.to_str().unwrap().into()),
            ("PGPORT".into(), self.port.to_string()),
            ("PGUSER".into(), "postgres".into()),
        ]
    }

    /// A `postgresql://` URI of a database over TCP.
    pub fn url(&self, database: &str) -> String {
        format!(
            "postgresql://postgres@127.0.0.1:{}/{}",
            self.port,
            percent_encode(database)
        )
    }

    /// A `postgresql://` URI of a database over the socket.
    pub fn socket_url(&self, database: &str) -> String {
        let host = percent_encode(self.socket_dir().to_str().unwrap());
        format!(
            "postgresql://postgres@{host}:{}/{}",
            self.port,
            percent_encode(database)
        )
    }

    /// A program that will connect to this server, and to nothing that the environment of the tests
    /// speaks of.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = clean_command(program);
        command.envs(self.env());
        command
    }

    /// Runs statements in psql one by one; the answer as unaligned tuples, or the first error.
    pub fn try_psql(&self, database: impl AsRef<OsStr>, sql: impl AsRef<[u8]>) -> Finished {
        let psql = peers::installed_client().map(|bin| bin.join("psql"));
        let psql = psql.unwrap_or_else(|missing| panic!("psql: {}", missing.0));
        let mut command = self.command(psql);
        // The name goes by the environment: psql takes one with a `=` for a conninfo string.
        command.env("PGDATABASE", database);
        command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-"]);
        run(&mut command, sql.as_ref())
    }

    /// Like [`Cluster::try_psql`], and fails the test on an error. Without the last newline. A question goes
    /// through a client of its own, which is no psql and none of ours.
    #[track_caller]
    pub fn psql(&self, database: impl AsRef<OsStr>, sql: impl AsRef<[u8]>) -> String {
        let (name, text) = (
            database.as_ref().to_str(),
            std::str::from_utf8(sql.as_ref()),
        );
        if let (Some(name), Ok(text)) = (name, text)
            && eye::is_question(text)
            && let Some(answer) = eye::ask(self.socket_dir(), self.port, name, text)
        {
            let answer = answer.unwrap_or_else(|error| panic!("{name}: {text}: {error:?}"));
            return answer.trim_end_matches('\n').to_owned();
        }
        let finished = self.try_psql(database, sql).success();
        finished.stdout().trim_end_matches('\n').to_owned()
    }

    /// Creates an empty database from template0, in UTF-8.
    #[track_caller]
    pub fn create_database(&self, name: &str) {
        self.create_database_in(name, "UTF8");
    }

    /// Creates an empty database from template0 in an encoding.
    #[track_caller]
    pub fn create_database_in(&self, name: &str, encoding: &str) {
        let quoted = name.replace('"', "\"\"");
        self.psql(
            "postgres",
            format!(
                "CREATE DATABASE \"{quoted}\" TEMPLATE template0 ENCODING '{encoding}' LOCALE 'C';"
            ),
        );
    }

    /// Drops a database, and the sessions in it, if it exists. Its subscriptions have to go first.
    #[track_caller]
    pub fn drop_database(&self, name: &str) {
        let quoted = name.replace('"', "\"\"");
        let found = "SELECT subname FROM pg_subscription JOIN pg_database d ON d.oid = subdbid WHERE datname = ";
        let literal = name.replace('\'', "''");
        for subscription in self
            .psql("postgres", format!("{found} '{literal}'"))
            .lines()
        {
            self.psql(name, format!("DROP SUBSCRIPTION \"{subscription}\""));
        }
        self.psql(
            "postgres",
            format!("DROP DATABASE IF EXISTS \"{quoted}\" WITH (FORCE);"),
        );
    }

    /// Ends the server at once, as a crash would, and removes its data.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.guardian.stdin.take());
        self.guardian.wait().ok();
    }
}

/// A program without any `PG*` variable of the caller's, speaking English.
pub fn clean_command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name
            .to_str()
            .is_some_and(|name| name.starts_with("PG") && !name.starts_with("PGARK_"))
        {
            command.env_remove(name);
        }
    }
    command
        .env("LC_ALL", "C")
        .env("PGPASSFILE", "/nonexistent/pgpass");
    command
}

fn percent_encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
