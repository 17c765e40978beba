//! TLS as libpq does it: what each `sslmode` trusts, client certificates, names, channel binding.
//!
//! The protocol is rustls's, with ring's cryptography, named explicitly so that nothing depends on a
//! process-wide default. Not here: whether to use TLS at all and how to ask for it
//! ([`super::startup`]).

mod certificate;
mod files;
mod names;
mod verifier;

use std::fmt;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustls::client::{ResolvesClientCert, Resumption, WebPkiServerVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, RootCertStore, SignatureScheme, SupportedProtocolVersion};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::pg::error::Error;
use crate::pg::options::settings::{
    RootCert, SslMode, SslNegotiation, TlsSettings, TlsVersion, Wish,
};
use certificate::Certificate;
use verifier::{Authorities, Revocation, Verifier};

/// The protocol's name in TLS's own negotiation (server 17 and later ask for it).
const ALPN: &[u8] = b"postgresql";

/// The files, read once for all connections.
pub(crate) struct Material {
    provider: Arc<CryptoProvider>,
    verifier: Arc<Verifier>,
    identity: Option<Arc<CertifiedKey>>,
    versions: Vec<&'static SupportedProtocolVersion>,
    server_name_indication: bool,
}

impl fmt::Debug for Material {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Material").finish_non_exhaustive()
    }
}

/// A stream over which TLS was agreed.
pub(crate) struct Secured {
    pub(crate) stream: TlsStream<TcpStream>,
    /// The server's certificate as channel binding sees it; `None` where it cannot be bound to.
    pub(crate) end_point: Option<Vec<u8>>,
    /// The fate of our certificate.
    pub(crate) client_cert: ClientCert,
}

/// Whether the server asked for our certificate and got one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClientCert {
    NotAskedFor,
    NotSent,
    Sent,
}

impl Material {
    /// Reads certificates, keys and revocation lists.
    pub(crate) fn load(settings: &TlsSettings) -> Result<Self, Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let authorities = match roots(settings)? {
            Some(certificates) => Some(authorities(settings, certificates, &provider)?),
            None => None,
        };
        let identity = match settings.cert_mode {
            Wish::Disable => None,
            Wish::Prefer | Wish::Require => {
                files::identity(&settings.cert, &settings.key, &provider)?
            }
        };
        let all = [
            (TlsVersion::V1_3, &rustls::version::TLS13),
            (TlsVersion::V1_2, &rustls::version::TLS12),
        ];
        let wanted = settings.min_version..=settings.max_version;
        let versions = all.iter().filter(|(version, _)| wanted.contains(version));
        Ok(Self {
            verifier: Arc::new(Verifier {
                algorithms: provider.signature_verification_algorithms,
                authorities,
            }),
            provider,
            identity,
            versions: versions.map(|(_, version)| *version).collect(),
            server_name_indication: settings.server_name_indication,
        })
    }

    /// A configuration for one connection, and the note of what the server asked for in it.
    fn client_config(&self) -> Result<(ClientConfig, Arc<Identity>), Error> {
        let identity = Arc::new(Identity {
            key: self.identity.clone(),
            asked_for: AtomicBool::new(false),
        });
        let builder = ClientConfig::builder_with_provider(Arc::clone(&self.provider));
        let mut config = builder
            .with_protocol_versions(&self.versions)
            .map_err(Error::from)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::<Verifier>::clone(&self.verifier))
            .with_client_cert_resolver(Arc::<Identity>::clone(&identity));
        config.alpn_protocols = vec![ALPN.to_vec()];
        config.enable_sni = self.server_name_indication;
        // PostgreSQL's server resumes no sessions.
        config.resumption = Resumption::disabled();
        Ok((config, identity))
    }
}

/// Agrees on TLS over an open stream. `host` is the name that the user gave, if any; `address` is
/// where the stream leads.
pub(crate) async fn secure(
    stream: TcpStream,
    material: &Material,
    settings: &TlsSettings,
    host: Option<&str>,
    address: IpAddr,
) -> Result<Secured, Error> {
    if settings.mode == SslMode::VerifyFull && host.is_none() {
        return Err(Error::setting(
            "sslmode=verify-full needs a host's name, not only hostaddr",
        ));
    }
    let (config, identity) = material.client_config()?;
    // A name that DNS could not have (a host file can) is not announced, only compared.
    let server_name = host.and_then(|host| ServerName::try_from(host.to_owned()).ok());
    let server_name = server_name.unwrap_or_else(|| ServerName::from(address));
    let connecting = TlsConnector::from(Arc::new(config)).connect(server_name, stream);
    let stream = connecting.await.map_err(handshake_error)?;
    let connection = stream.get_ref().1;
    if settings.negotiation == SslNegotiation::Direct && connection.alpn_protocol() != Some(ALPN) {
        return Err(tls_error(
            "the server does not confirm that it speaks PostgreSQL's protocol",
        ));
    }
    let certificates = connection.peer_certificates().unwrap_or_default();
    let der = certificates
        .first()
        .ok_or_else(|| tls_error("the server has no certificate"))?;
    let certificate = Certificate::parse(der).map_err(|_| tls_error("unreadable certificate"))?;
    if let (SslMode::VerifyFull, Some(host)) = (settings.mode, host) {
        check_name(&certificate, host)?;
    }
    Ok(Secured {
        end_point: certificate.end_point(der),
        client_cert: match (identity.asked_for.load(Ordering::Relaxed), &identity.key) {
            (false, _) => ClientCert::NotAskedFor,
            (true, None) => ClientCert::NotSent,
            (true, Some(_)) => ClientCert::Sent,
        },
        stream,
    })
}

fn check_name(certificate: &Certificate, host: &str) -> Result<(), Error> {
    let names = certificate
        .names()
        .map_err(|_| tls_error("the certificate's names are unreadable"))?;
    if names.include(host) {
        return Ok(());
    }
    Err(Error::CertificateName {
        host: host.to_owned(),
        names: names.list(),
    })
}

/// The certificates to trust; `None` when none are to be looked at.
fn roots(settings: &TlsSettings) -> Result<Option<Vec<CertificateDer<'static>>>, Error> {
    let (RootCert::Named(path) | RootCert::Default(path)) = &settings.root else {
        return match settings.root {
            RootCert::System => system_roots().map(Some),
            _ if settings.mode >= SslMode::VerifyCa => Err(no_root_file(None)),
            _ => Ok(None),
        };
    };
    match path.exists() {
        true => files::certificates("root certificate", path).map(Some),
        false if settings.mode >= SslMode::VerifyCa => Err(no_root_file(Some(path))),
        false => Ok(None),
    }
}

fn no_root_file(path: Option<&Path>) -> Error {
    let missing = match path {
        Some(path) => format!(
            "the root certificate file \"{}\" does not exist",
            path.display()
        ),
        None => "no root certificate file is known".to_owned(),
    };
    Error::setting(format!(
        "{missing}; name one with sslrootcert, use the system's authorities with \
         sslrootcert=system, or choose a sslmode that does not verify certificates"
    ))
}

fn system_roots() -> Result<Vec<CertificateDer<'static>>, Error> {
    let found = rustls_native_certs::load_native_certs();
    if found.certs.is_empty() {
        let why: Vec<String> = found.errors.iter().map(ToString::to_string).collect();
        return Err(Error::setting(format!(
            "sslrootcert=system, but the system has no certificates of authorities ({})",
            why.join("; ")
        )));
    }
    Ok(found.certs)
}

fn authorities(
    settings: &TlsSettings,
    certificates: Vec<CertificateDer<'static>>,
    provider: &Arc<CryptoProvider>,
) -> Result<Authorities, Error> {
    let mut store = RootCertStore::empty();
    for certificate in &certificates {
        match store.add(certificate.clone()) {
            // Among the system's there are always some that this version cannot read.
            Err(_) if settings.root == RootCert::System => {}
            added => added.map_err(Error::from)?,
        }
    }
    let lists = files::revocation_lists(&settings.crl, settings.crl_folder.as_deref())?;
    let revocation = if lists.is_empty() {
        Revocation::NotChecked
    } else {
        Revocation::Checked
    };
    let builder =
        WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider));
    let webpki = builder
        .with_crls(lists)
        .enforce_revocation_expiration()
        .build();
    let webpki = webpki.map_err(|error| Error::setting(format!("root certificates: {error}")))?;
    Ok(Authorities {
        webpki,
        certificates,
        revocation,
    })
}

/// Our certificate, and whether this connection's server asked for one.
#[derive(Debug)]
struct Identity {
    key: Option<Arc<CertifiedKey>>,
    asked_for: AtomicBool,
}

impl ResolvesClientCert for Identity {
    fn resolve(
        &self,
        _root_hint_subjects: &[&[u8]],
        _schemes: &[SignatureScheme],
    ) -> Option<Arc<CertifiedKey>> {
        self.asked_for.store(true, Ordering::Relaxed);
        self.key.clone()
    }

    fn has_certs(&self) -> bool {
        self.key.is_some()
    }
}

fn tls_error(what: &str) -> Error {
    rustls::Error::General(what.to_owned()).into()
}

/// The error that tokio-rustls wraps is the one that says something.
fn handshake_error(error: std::io::Error) -> Error {
    let inner = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner.cloned() {
        Some(error) => error.into(),
        None => Error::TlsBroken(error),
    }
}
