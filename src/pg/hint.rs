//! What the user can do about an error of this module.

use std::io;

use super::db_error::DbError;
use super::error::Error;

impl Error {
    /// What the user can do about it, as a sentence.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Connect { source, note, .. } => {
                note.as_deref().map(str::to_owned).or_else(|| source.hint())
            }
            Self::AllAttempts { attempts, .. } => attempts.iter().rev().find_map(Self::hint),
            Self::PasswordRequired => Some(
                "Put the password into ~/.pgpass or PGPASSWORD, or run in a terminal without -w."
                    .to_owned(),
            ),
            Self::Io { source, .. } => io_hint(source.kind()).map(str::to_owned),
            Self::Timeout { .. } => Some(
                "Check the host's address and that no firewall drops the packets; connect_timeout \
                 says how long to wait."
                    .to_owned(),
            ),
            Self::Lookup { .. } => Some(
                "Check the spelling of the host, and that this machine can resolve it.".to_owned(),
            ),
            Self::Tls(error) => tls_hint(error).map(str::to_owned),
            Self::Pooler { .. } => Some(
                "Connect to the PostgreSQL server itself, or through a pool in session mode \
                 (pool_mode = session) with room for three connections or more."
                    .to_owned(),
            ),
            Self::NoTls => Some(
                "Turn on ssl on the server, or choose sslmode=prefer where the network is trusted."
                    .to_owned(),
            ),
            Self::CertificateName { .. } => Some(
                "Connect by a name that the certificate has, or have one made for this name; \
                 sslmode=verify-ca checks only who signed it."
                    .to_owned(),
            ),
            Self::Db(error) => error
                .hint
                .clone()
                .or_else(|| missing_role_hint(error).map(str::to_owned))
                .or_else(|| sqlstate_hint(&error.code).map(str::to_owned)),
            _ => None,
        }
    }
}

fn io_hint(kind: io::ErrorKind) -> Option<&'static str> {
    match kind {
        io::ErrorKind::ConnectionRefused => Some(
            "Nothing listens there: start the server, or check host and port and the server's \
             listen_addresses.",
        ),
        io::ErrorKind::NotFound => Some(
            "No server has its socket there: start the server, or name the folder of its socket, \
             or a host, with -h, and the port with -p.",
        ),
        io::ErrorKind::PermissionDenied => {
            Some("This system user may not use that socket; connect over TCP with -h localhost.")
        }
        _ => None,
    }
}

fn tls_hint(error: &rustls::Error) -> Option<&'static str> {
    use rustls::{AlertDescription, CertificateError};
    match error {
        rustls::Error::InvalidCertificate(
            CertificateError::UnknownIssuer | CertificateError::BadSignature,
        ) => Some(
            "The server's certificate is not signed by an authority in the root certificate file: \
             name the right file with sslrootcert.",
        ),
        rustls::Error::InvalidCertificate(
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. },
        ) => Some("The server needs a new certificate, or a clock is wrong."),
        rustls::Error::InvalidCertificate(
            CertificateError::UnknownRevocationStatus | CertificateError::ExpiredRevocationList,
        ) => Some(
            "Every authority of the chain needs a revocation list that is not out of date \
             (sslcrl, sslcrldir).",
        ),
        rustls::Error::AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::UnknownCA
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateExpired,
        ) => Some("The server wants a client certificate that it trusts: sslcert and sslkey."),
        _ => None,
    }
}

/// `role "root" does not exist`: nobody has said who to connect as, or not rightly. The server says so in
/// English where it knows no language yet; in others the hint of the SQLSTATE stands.
fn missing_role_hint(error: &DbError) -> Option<&'static str> {
    let is_missing = error.code == "28000"
        && error.message.starts_with("role \"")
        && error.message.ends_with("\" does not exist");
    is_missing.then_some(
        "Say with -U (or PGUSER) which role to connect as; without it the name of the system user is taken. \
         The server's superuser is often called postgres.",
    )
}

fn sqlstate_hint(code: &str) -> Option<&'static str> {
    match code {
        "28P01" => Some("Check user and password: -U, -W, PGPASSWORD, ~/.pgpass."),
        "28000" => Some(
            "The server's pg_hba.conf decides who may connect from where, by which method and with \
             or without TLS; a missing role is reported this way too.",
        ),
        "3D000" => Some("psql -l lists the databases of the server."),
        "53300" => Some(
            "Use fewer jobs (-j), close other sessions, or raise max_connections on the server.",
        ),
        "57P03" => Some("The server is starting up or shutting down; try again in a moment."),
        "42501" => Some("Grant the privilege named above, or connect as a user who has it."),
        _ => None,
    }
}
