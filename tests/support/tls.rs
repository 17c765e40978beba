//! Certificates for servers that speak TLS, and the settings that give them to a server.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::peers::{self, Missing};
use super::run::run;

/// A folder of certificates; the script `make-certificates` says which. Removed on drop.
pub struct Certificates {
    dir: TempDir,
}

impl Certificates {
    /// Makes them, in some tenths of a second.
    pub fn make() -> Result<Self, Missing> {
        let dir = tempfile::tempdir_in("/tmp").unwrap();
        let made = run(
            Command::new(peers::script("make-certificates")).arg(dir.path()),
            b"",
        );
        if made.status.success() {
            return Ok(Self { dir });
        }
        let log = std::fs::read_to_string(dir.path().join("make.log")).unwrap_or_default();
        Err(Missing(format!("{}{log}", made.stderr())))
    }

    /// The path of one of the files.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Settings of a server that shows the certificate `name` (`server` or `elsewhere`) and trusts
    /// clients that the same authority signed.
    pub fn settings(&self, name: &str) -> Vec<String> {
        let setting = |key: &str, path: &Path| format!("{key} = '{}'", path.display());
        vec![
            "ssl = on".to_owned(),
            setting("ssl_cert_file", &self.path(&format!("{name}.crt"))),
            setting("ssl_key_file", &self.path(&format!("{name}.key"))),
            setting("ssl_ca_file", &self.path("ca.crt")),
        ]
    }
}
