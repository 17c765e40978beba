//! An S3 server on loopback that ends with the test.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::peers::{self, Missing};
use super::pgark::Pgark;

/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often another port is tried when somebody else was faster.
const PORTS_TRIED: u32 = 20;

/// A port nobody listens on, of those that systems do not give to outgoing connections: one of these
/// could be taken between the look and the server's own start.
pub fn free_port() -> u16 {
    const PORTS: std::ops::Range<u32> = 21_000..31_000;
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let nth = NEXT.fetch_add(1, Ordering::Relaxed);
        let offset = std::process::id().wrapping_mul(97).wrapping_add(nth);
        let port = PORTS.start + offset % (PORTS.end - PORTS.start);
        let port = u16::try_from(port).expect("ports have 16 bits");
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// Where a store of this machine that speaks S3's language is, and who calls.
pub struct Account {
    pub port: u16,
    pub key: String,
    pub secret: String,
    pub region: String,
}

impl Account {
    /// Tells a call of pgark.
    pub fn told(self, call: Pgark) -> Pgark {
        let variables = self.variables().into_iter();
        variables.fold(call, |call, (name, value)| call.env(&name, value))
    }

    /// The environment variables that say so.
    pub fn variables(self) -> [(String, String); 4] {
        let endpoint = format!("http://127.0.0.1:{}", self.port);
        [
            ("AWS_ENDPOINT_URL", endpoint),
            ("AWS_ACCESS_KEY_ID", self.key),
            ("AWS_SECRET_ACCESS_KEY", self.secret),
            ("AWS_REGION", self.region),
        ]
        .map(|(name, value)| (name.to_owned(), value))
    }
}

/// The server, once it listens; nothing if it ended, because the port was taken after all.
fn listening(program: &Path, folder: &Path, port: u16) -> Option<Child> {
    let mut server = Command::new(program)
        .args(["--host", "127.0.0.1", "--port", &port.to_string()])
        .args(["--access-key", "key", "--secret-key", "secret"])
        .arg(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if server.try_wait().unwrap().is_some() {
            return None;
        }
        assert!(begun.elapsed() < PATIENCE, "the S3 server does not answer");
        std::thread::sleep(Duration::from_millis(20));
    }
    // Whoever answered: if it was another, ours cannot listen and ends.
    std::thread::sleep(Duration::from_millis(100));
    server.try_wait().unwrap().is_none().then_some(server)
}

/// A running server with one bucket, `bucket`.
pub struct S3Server {
    server: Child,
    folder: tempfile::TempDir,
    port: u16,
}

impl S3Server {
    pub fn start() -> Result<Self, Missing> {
        let program = &peers::s3_server()?;
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("bucket")).unwrap();
        for _ in 0..PORTS_TRIED {
            let port = free_port();
            if let Some(server) = listening(program, folder.path(), port) {
                return Ok(Self {
                    server,
                    folder,
                    port,
                });
            }
        }
        panic!("no S3 server began to listen on {PORTS_TRIED} ports");
    }

    /// Where it is.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Tells a call of pgark where the server is and who calls.
    pub fn told(&self, call: Pgark) -> Pgark {
        self.account().told(call)
    }

    /// Where the server is and who calls.
    pub fn account(&self) -> Account {
        Account {
            port: self.port,
            key: "key".to_owned(),
            secret: "secret".to_owned(),
            region: "us-east-1".to_owned(),
        }
    }

    /// The folder of the bucket.
    pub fn bucket(&self) -> std::path::PathBuf {
        self.folder.path().join("bucket")
    }

    /// Everything that the server keeps, parts of unfinished uploads included. Without its own temporary
    /// files, of which it can forget one whose request was cut.
    pub fn files(&self) -> Vec<String> {
        fn collect(folder: &Path, files: &mut Vec<String>) {
            for entry in std::fs::read_dir(folder).unwrap().flatten() {
                if entry.path().is_dir() {
                    collect(&entry.path(), files)
                } else {
                    let name = entry.file_name().to_string_lossy().into_owned();
                    if !(name.starts_with(".tmp.") && name.ends_with(".internal.part")) {
                        files.push(name);
                    }
                }
            }
        }
        let mut files = Vec::new();
        collect(self.folder.path(), &mut files);
        files
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        self.server.kill().ok();
        self.server.wait().ok();
    }
}
