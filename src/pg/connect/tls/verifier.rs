//! Whether a server's certificate can be trusted, as `sslmode` asks.
//!
//! The chain is rustls's to verify (webpki). On top come two cases that OpenSSL, and so libpq, accepts
//! and webpki does not: a certificate that is itself in the root file, and one of version 1 signed by
//! an authority in the root file. Not here: names ([`super::names`]), which are checked after the
//! handshake as libpq does, because only `verify-full` looks at them.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, PeerMisbehaved, SignatureScheme};
use webpki::RawPublicKeyEntity;

use super::certificate::{Certificate, Malformed};

/// Trust in the authorities of a root file.
#[derive(Debug)]
pub(crate) struct Authorities {
    /// Verifies chains, and revocation lists where there are any.
    pub(crate) webpki: Arc<WebPkiServerVerifier>,
    /// The root file's certificates.
    pub(crate) certificates: Vec<CertificateDer<'static>>,
    /// Whether revocation lists were given. Then a certificate that webpki cannot check against them is
    /// refused.
    pub(crate) revocation: Revocation,
}

/// Whether certificates are looked up in revocation lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Revocation {
    Checked,
    NotChecked,
}

/// A verifier for a `sslmode`.
#[derive(Debug)]
pub(crate) struct Verifier {
    pub(crate) algorithms: WebPkiSupportedAlgorithms,
    /// Without authorities any certificate is accepted: `sslmode=require` means that when there is no root
    /// file.
    pub(crate) authorities: Option<Authorities>,
}

impl From<Malformed> for rustls::Error {
    fn from(_: Malformed) -> Self {
        CertificateError::BadEncoding.into()
    }
}

impl Authorities {
    fn verify(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        now: UnixTime,
        algorithms: &WebPkiSupportedAlgorithms,
    ) -> Result<(), rustls::Error> {
        let verified =
            self.webpki
                .verify_server_cert(end_entity, intermediates, server_name, &[], now);
        match verified {
            Ok(_) => Ok(()),
            // webpki looks at the name last: the chain is good.
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(()),
            Err(_) if self.accept_as_openssl_does(end_entity, now, algorithms)? => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn accept_as_openssl_does(
        &self,
        end_entity: &CertificateDer<'_>,
        now: UnixTime,
        algorithms: &WebPkiSupportedAlgorithms,
    ) -> Result<bool, rustls::Error> {
        let certificate = Certificate::parse(end_entity)?;
        if self.revocation == Revocation::Checked || !certificate.is_valid_at(now) {
            return Ok(false);
        }
        if self
            .certificates
            .iter()
            .any(|root| root.as_ref() == end_entity.as_ref())
        {
            return Ok(true);
        }
        if !certificate.is_version_1() {
            return Ok(false);
        }
        let roots = self
            .certificates
            .iter()
            .filter_map(|root| Certificate::parse(root).ok());
        for root in roots {
            if root.is_authority()
                && root.is_valid_at(now)
                && certificate.is_issued_by(&root)
                && is_signed_by(&certificate, &root, algorithms)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn is_signed_by(
    certificate: &Certificate,
    issuer: &Certificate,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Result<bool, rustls::Error> {
    let key = issuer.public_key()?;
    let key = RawPublicKeyEntity::try_from(&key).map_err(|_| Malformed)?;
    let (message, signature) = certificate.signed()?;
    let mut algorithms = algorithms.all.iter();
    Ok(algorithms.any(|algorithm| {
        key.verify_signature(*algorithm, &message, signature)
            .is_ok()
    }))
}

impl Verifier {
    /// Checks a signature of the handshake with the certificate's key; `limit` is how many of the
    /// scheme's algorithms may be tried.
    fn verify_handshake(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
        limit: usize,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let mapping = self.algorithms.mapping.iter();
        let algorithms = mapping.filter(|(scheme, _)| *scheme == signed.scheme);
        let algorithms = algorithms.flat_map(|(_, algorithms)| algorithms.iter().take(limit));
        let key = Certificate::parse(certificate)?.public_key()?;
        let key = RawPublicKeyEntity::try_from(&key).map_err(|_| Malformed)?;
        for algorithm in algorithms {
            if key
                .verify_signature(*algorithm, message, signed.signature())
                .is_ok()
            {
                return Ok(HandshakeSignatureValid::assertion());
            }
        }
        Err(CertificateError::BadSignature.into())
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if let Some(authorities) = &self.authorities {
            authorities.verify(
                end_entity,
                intermediates,
                server_name,
                now,
                &self.algorithms,
            )?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        // In TLS 1.2 a scheme does not name the curve, so all of its algorithms are tried.
        self.verify_handshake(message, certificate, signed, usize::MAX)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        if is_forbidden_in_tls13(signed.scheme) {
            return Err(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme.into());
        }
        self.verify_handshake(message, certificate, signed, 1)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// RFC 8446, 4.2.3: PKCS #1 v1.5 and SHA-1 are for certificates only, not for the handshake.
fn is_forbidden_in_tls13(scheme: SignatureScheme) -> bool {
    matches!(
        scheme,
        SignatureScheme::RSA_PKCS1_SHA1
            | SignatureScheme::RSA_PKCS1_SHA256
            | SignatureScheme::RSA_PKCS1_SHA384
            | SignatureScheme::RSA_PKCS1_SHA512
            | SignatureScheme::ECDSA_SHA1_Legacy
    )
}
