//! An S3 server on loopback that ends with the test.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::peers::{self, Missing};
use super::pgark::Pgark;

/// How long it may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running server with one bucket, `bucket`.
pub struct S3Server {
    server: Child,
    folder: tempfile::TempDir,
    port: u16,
}

impl S3Server {
    pub fn start() -> Result<Self, Missing> {
        let program = peers::s3_server()?;
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("bucket")).unwrap();
        // Somebody else may take the port in between; then nobody answers with our keys.
        let port = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = port.local_addr().unwrap().port();
        let server = Command::new(program)
            .args(["--host", "127.0.0.1", "--port", &port.to_string()])
            .args(["--access-key", "key", "--secret-key", "secret"])
            .arg(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begun.elapsed() < PATIENCE, "the S3 server does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(Self {
            server,
            folder,
            port,
        })
    }

    /// Tells a call of pgark where the server is and who calls.
    pub fn told(&self, call: Pgark) -> Pgark {
        call.env(
            "AWS_ENDPOINT_URL",
            format!("http://127.0.0.1:{}", self.port),
        )
        .env("AWS_ACCESS_KEY_ID", "key")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env("AWS_REGION", "us-east-1")
    }

    /// The folder of the bucket.
    pub fn bucket(&self) -> std::path::PathBuf {
        self.folder.path().join("bucket")
    }

    /// Everything that the server keeps, parts of unfinished uploads included.
    pub fn files(&self) -> Vec<String> {
        fn collect(folder: &Path, files: &mut Vec<String>) {
            for entry in std::fs::read_dir(folder).unwrap().flatten() {
                match entry.path().is_dir() {
                    true => collect(&entry.path(), files),
                    false => files.push(entry.file_name().to_string_lossy().into_owned()),
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
