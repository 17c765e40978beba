//! The options about TLS.
//!
//! Not here: reading the files they name, and TLS itself ([`crate::pg::connect::tls`]).

use std::path::{Path, PathBuf};

use super::value::{Wish, choice, wish};
use crate::pg::error::Error;
use crate::pg::options::text::Options;

/// `sslmode`, from the weakest to the strongest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SslMode {
    Disable,
    Allow,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

/// `sslnegotiation`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SslNegotiation {
    /// PostgreSQL's SSLRequest first.
    Postgres,
    /// TLS from the first byte on (server 17 and later).
    Direct,
}

/// A version of TLS that we have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TlsVersion {
    V1_2,
    V1_3,
}

/// `sslrootcert`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RootCert {
    /// The system's authorities.
    System,
    /// A file that the user named.
    Named(PathBuf),
    /// The file in the home folder, if it is there.
    Default(PathBuf),
    /// No file was named and there is no home folder.
    None,
}

/// A file that the user named, or the one that is used if it is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NamedFile {
    Named(PathBuf),
    Default(PathBuf),
    None,
}

/// Everything about TLS.
#[derive(Debug)]
pub(crate) struct TlsSettings {
    pub(crate) mode: SslMode,
    pub(crate) negotiation: SslNegotiation,
    pub(crate) root: RootCert,
    pub(crate) crl: NamedFile,
    pub(crate) crl_folder: Option<PathBuf>,
    pub(crate) cert: NamedFile,
    pub(crate) key: NamedFile,
    /// `sslcertmode`: `Prefer` is what libpq calls `allow`.
    pub(crate) cert_mode: Wish,
    pub(crate) server_name_indication: bool,
    pub(crate) min_version: TlsVersion,
    pub(crate) max_version: TlsVersion,
}

impl TlsSettings {
    /// libpq passes over a root file that is not there unless `sslmode` verifies; who named one
    /// should know that nothing is compared with it.
    pub(crate) fn warning(&self) -> Option<String> {
        let lenient = SslMode::Allow..=SslMode::Require;
        match &self.root {
            RootCert::Named(path) if lenient.contains(&self.mode) && !path.exists() => {
                let path = path.display();
                Some(format!(
                    "sslrootcert \"{path}\" does not exist: the server's certificate is not verified"
                ))
            }
            _ => None,
        }
    }
}

const SSL_MODES: &[(&str, SslMode)] = &[
    ("disable", SslMode::Disable),
    ("allow", SslMode::Allow),
    ("prefer", SslMode::Prefer),
    ("require", SslMode::Require),
    ("verify-ca", SslMode::VerifyCa),
    ("verify-full", SslMode::VerifyFull),
];

/// Checks and types the options about TLS. `home` is the folder of the default files.
pub(crate) fn tls_settings(options: &Options, home: Option<&Path>) -> Result<TlsSettings, Error> {
    let named = |keyword: &str, default: &str| match (options.text(keyword), home) {
        (Some(path), _) => NamedFile::Named(path.into()),
        (None, Some(home)) => NamedFile::Default(home.join(default)),
        (None, None) => NamedFile::None,
    };
    let root = match named("sslrootcert", "root.crt") {
        NamedFile::Named(path) if path.as_os_str() == "system" => RootCert::System,
        NamedFile::Named(path) => RootCert::Named(path),
        NamedFile::Default(path) => RootCert::Default(path),
        NamedFile::None => RootCert::None,
    };
    let crl_folder = options.text("sslcrldir").map(PathBuf::from);
    let settings = TlsSettings {
        mode: ssl_mode(options, &root)?,
        negotiation: choice(
            options,
            "sslnegotiation",
            SslNegotiation::Postgres,
            &[
                ("postgres", SslNegotiation::Postgres),
                ("direct", SslNegotiation::Direct),
            ],
        )?,
        crl: match (named("sslcrl", "root.crl"), &crl_folder) {
            // A named folder takes the place of the file in the home folder.
            (NamedFile::Default(_), Some(_)) => NamedFile::None,
            (file, _) => file,
        },
        root,
        crl_folder,
        cert: named("sslcert", "postgresql.crt"),
        key: named("sslkey", "postgresql.key"),
        cert_mode: wish(options, "sslcertmode", "allow")?,
        server_name_indication: options.get("sslsni").is_none_or(|value| value == "1"),
        min_version: min_version(options)?,
        max_version: max_version(options)?,
    };
    refuse_contradictions(&settings)?;
    Ok(settings)
}

/// The system's authorities vouch for millions of hosts, so with them everything is verified unless
/// something weaker is asked for, which is then refused (`conninfo_add_defaults`).
fn ssl_mode(options: &Options, root: &RootCert) -> Result<SslMode, Error> {
    let default = match root {
        RootCert::System => SslMode::VerifyFull,
        _ => SslMode::Prefer,
    };
    let mode = choice(options, "sslmode", default, SSL_MODES)?;
    if *root == RootCert::System && mode != SslMode::VerifyFull {
        return Err(Error::setting(
            "sslrootcert=system needs sslmode=verify-full: anyone can have a certificate from one \
             of the system's authorities",
        ));
    }
    Ok(mode)
}

fn refuse_contradictions(tls: &TlsSettings) -> Result<(), Error> {
    if tls.min_version > tls.max_version {
        return Err(Error::setting(
            "ssl_min_protocol_version is higher than ssl_max_protocol_version",
        ));
    }
    if tls.negotiation == SslNegotiation::Direct && tls.mode < SslMode::Require {
        return Err(Error::setting(
            "sslnegotiation=direct needs sslmode=require, verify-ca or verify-full",
        ));
    }
    Ok(())
}

/// TLS 1.0 and 1.1 are not to be had; a lower bound there is met all the same.
fn min_version(options: &Options) -> Result<TlsVersion, Error> {
    match tls_version(options, "ssl_min_protocol_version")? {
        Some(TlsWord::V1_3) => Ok(TlsVersion::V1_3),
        _ => Ok(TlsVersion::V1_2),
    }
}

fn max_version(options: &Options) -> Result<TlsVersion, Error> {
    match tls_version(options, "ssl_max_protocol_version")? {
        Some(TlsWord::Old) => Err(Error::setting(
            "ssl_max_protocol_version below TLSv1.2 is not supported",
        )),
        Some(TlsWord::V1_2) => Ok(TlsVersion::V1_2),
        Some(TlsWord::V1_3) | None => Ok(TlsVersion::V1_3),
    }
}

enum TlsWord {
    Old,
    V1_2,
    V1_3,
}

fn tls_version(options: &Options, keyword: &str) -> Result<Option<TlsWord>, Error> {
    let Some(value) = options.text(keyword) else {
        return Ok(None);
    };
    match value.to_ascii_lowercase().as_str() {
        "tlsv1" | "tlsv1.1" => Ok(Some(TlsWord::Old)),
        "tlsv1.2" => Ok(Some(TlsWord::V1_2)),
        "tlsv1.3" => Ok(Some(TlsWord::V1_3)),
        _ => Err(Error::setting(format!(
            "invalid {keyword} value: \"{value}\""
        ))),
    }
}
