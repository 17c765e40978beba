//! The server that most of these tests share: with TLS, and with a role for each way in.

use std::sync::OnceLock;
use std::time::Duration;

use super::pki::Pki;
use crate::support::cluster::{Cluster, Options};
use crate::support::peers::{self, Missing};

/// Of every role that has one.
pub(super) const PASSWORD: &str = "pass'w\\ö:rd";

/// A server with TLS, and the files that belong to it.
pub(super) struct Secured {
    pub(super) cluster: Cluster,
    pub(super) pki: Pki,
}

/// Who may come in how. What is not named here is trusted, on the socket and on 127.0.0.1.
const HBA: &[&str] = &[
    "local all peerless scram-sha-256",
    "host all scram 127.0.0.1/32 scram-sha-256",
    "host all md5 127.0.0.1/32 md5",
    "host all clear 127.0.0.1/32 password",
    "hostssl all tls_only 127.0.0.1/32 trust",
    "hostnossl all plain_only 127.0.0.1/32 trust",
    "hostssl all certified 127.0.0.1/32 cert",
    "host all tls_only,plain_only,certified,nobody_at_all 127.0.0.1/32 reject",
];

const ROLES: &str = "
    CREATE ROLE scram LOGIN PASSWORD :password;
    CREATE ROLE clear LOGIN PASSWORD :password;
    CREATE ROLE peerless LOGIN PASSWORD :password;
    SET password_encryption = 'md5';
    CREATE ROLE md5 LOGIN PASSWORD :password;
    CREATE ROLE tls_only LOGIN;
    CREATE ROLE plain_only LOGIN;
    CREATE ROLE certified LOGIN;
";

impl Secured {
    /// Starts one of a test's own.
    pub(super) fn start(major: u32) -> Result<Self, Missing> {
        let cluster = Cluster::start_with(
            major,
            &Options {
                hba: HBA.iter().map(|line| (*line).to_owned()).collect(),
                settings: vec!["password_encryption = 'scram-sha-256'".to_owned()],
            },
        )?;
        let pki = Pki::make(&cluster.socket_dir().join("pki"));
        let literal = format!("'{}'", PASSWORD.replace('\'', "''"));
        cluster.psql("postgres", ROLES.replace(":password", &literal));
        let secured = Self { cluster, pki };
        for name in ["ca.crt", "server.crt", "server.key"] {
            secured.pki.hand_over(name, &secured.cluster.data_dir());
        }
        secured.pki.hand_over(".", &secured.cluster.data_dir());
        secured.use_certificate("server");
        Ok(secured)
    }

    /// The shared one. Only to be read.
    pub(super) fn shared() -> Result<&'static Self, Missing> {
        static SHARED: OnceLock<Result<Secured, Missing>> = OnceLock::new();
        let shared = SHARED.get_or_init(|| Self::start(peers::installed_major()?));
        shared.as_ref().map_err(Clone::clone)
    }

    /// Makes the server present `NAME.crt` from now on.
    pub(super) fn use_certificate(&self, name: &str) {
        let file = |ending| self.pki.path(&format!("{name}.{ending}"));
        let settings = format!(
            "ALTER SYSTEM SET ssl_ca_file = '{}';
             ALTER SYSTEM SET ssl_cert_file = '{}';
             ALTER SYSTEM SET ssl_key_file = '{}';
             ALTER SYSTEM SET ssl = on;
             ALTER SYSTEM SET log_line_prefix = '{name} ';
             SELECT pg_reload_conf();",
            self.pki.path("ca.crt"),
            file("crt"),
            file("key"),
        );
        self.cluster.psql("postgres", settings);
        // A new session has what the postmaster had when it began.
        for _ in 0..200 {
            if self.cluster.psql("postgres", "SHOW log_line_prefix") == format!("{name} ") {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!(
            "the server does not take up {name}.crt: {}",
            self.cluster.log()
        );
    }

    /// A connection string for the server's TCP port.
    pub(super) fn tcp(&self, rest: &str) -> String {
        let port = self.cluster.port();
        format!("host=localhost hostaddr=127.0.0.1 port={port} dbname=postgres {rest}")
    }

    /// A connection string for the server's socket.
    pub(super) fn socket(&self, rest: &str) -> String {
        let (folder, port) = (self.cluster.socket_dir().display(), self.cluster.port());
        format!("host={folder} port={port} dbname=postgres {rest}")
    }
}

/// [`PASSWORD`] as a connection string writes it.
pub(super) fn quoted_password() -> String {
    PASSWORD.replace('\\', "\\\\").replace('\'', "\\'")
}
