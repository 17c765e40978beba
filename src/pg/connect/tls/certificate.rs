//! The facts of an X.509 certificate that rustls does not tell.
//!
//! Parsing is the x509-cert crate's. It is needed for three things that rustls's own parser does not
//! give: the names by libpq's rules, the hash for channel binding, and certificates of version 1,
//! which the recipe in PostgreSQL's documentation ("Creating Certificates") makes with OpenSSL up to
//! 3.1 and which rustls refuses.

use std::net::IpAddr;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer, UnixTime};
use sha2::{Digest as _, Sha224, Sha256, Sha384, Sha512};
use x509_cert::certificate::{CertificateInner, Raw, Version};
use x509_cert::der::asn1::ContextSpecific;
use x509_cert::der::oid::ObjectIdentifier;
use x509_cert::der::oid::db::rfc5912;
use x509_cert::der::{Decode as _, Encode as _, Reader as _, TagNumber};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, SubjectAltName};
use x509_cert::spki::{AlgorithmIdentifierOwned, AlgorithmIdentifierRef};

use super::names::CertificateNames;

/// A certificate that could be read.
pub(crate) struct Certificate(CertificateInner<Raw>);

/// A certificate that could not be read, or a field of it.
#[derive(Debug)]
pub(crate) struct Malformed;

impl Certificate {
    pub(crate) fn parse(der: &CertificateDer<'_>) -> Result<Self, Malformed> {
        CertificateInner::from_der(der.as_ref())
            .map(Self)
            .map_err(|_| Malformed)
    }

    /// The names it is for. Alternative names that cannot be read make the certificate useless for
    /// naming a host.
    pub(crate) fn names(&self) -> Result<CertificateNames, Malformed> {
        let body = self.0.tbs_certificate();
        let mut names = CertificateNames::default();
        let common = body.subject().common_name().map_err(|_| Malformed)?;
        names.common = common.map(|name| name.value().into_owned());
        let alternatives = body
            .get_extension::<SubjectAltName>()
            .map_err(|_| Malformed)?;
        for name in alternatives
            .map(|(_, SubjectAltName(names))| names)
            .unwrap_or_default()
        {
            match name {
                GeneralName::DnsName(name) => names.dns.push(name.as_str().to_owned()),
                GeneralName::IpAddress(bytes) => names.addresses.extend(address(bytes.as_bytes())),
                _ => {}
            }
        }
        Ok(names)
    }

    /// The public key.
    pub(crate) fn public_key(&self) -> Result<SubjectPublicKeyInfoDer<'static>, Malformed> {
        let key = self.0.tbs_certificate().subject_public_key_info().to_der();
        key.map(SubjectPublicKeyInfoDer::from)
            .map_err(|_| Malformed)
    }

    /// Whether `now` is within its validity.
    pub(crate) fn is_valid_at(&self, now: UnixTime) -> bool {
        let validity = self.0.tbs_certificate().validity();
        let now = Duration::from_secs(now.as_secs());
        validity.not_before.to_unix_duration() <= now
            && now <= validity.not_after.to_unix_duration()
    }

    /// Whether it is of version 1: without extensions.
    pub(crate) fn is_version_1(&self) -> bool {
        self.0.tbs_certificate().version() == Version::V1
    }

    /// Whether it may sign others: a root of version 1 has no way to say so and may.
    pub(crate) fn is_authority(&self) -> bool {
        let constraints = self.0.tbs_certificate().get_extension::<BasicConstraints>();
        self.is_version_1() || matches!(constraints, Ok(Some((_, constraints))) if constraints.ca)
    }

    /// Whether it names `issuer` as the one who signed it.
    pub(crate) fn is_issued_by(&self, issuer: &Self) -> bool {
        self.0.tbs_certificate().issuer() == issuer.0.tbs_certificate().subject()
    }

    /// The signed bytes, and the signature.
    pub(crate) fn signed(&self) -> Result<(Vec<u8>, &[u8]), Malformed> {
        let body = self.0.tbs_certificate().to_der().map_err(|_| Malformed)?;
        let signature = self.0.signature().as_bytes().ok_or(Malformed)?;
        Ok((body, signature))
    }

    /// The `tls-server-end-point` of RFC 5929: the certificate's hash by the algorithm it was signed
    /// with, SHA-256 in place of MD5 and SHA-1. `None` where the signature names no hash (Ed25519).
    pub(crate) fn end_point(&self, der: &CertificateDer<'_>) -> Option<Vec<u8>> {
        let algorithm = self.0.signature_algorithm();
        let hash = match algorithm.oid {
            rfc5912::ID_RSASSA_PSS => pss_hash(algorithm)?,
            oid => signature_hash(oid)?,
        };
        Some(match hash {
            Hash::Sha224 => Sha224::digest(der).to_vec(),
            Hash::Sha256 => Sha256::digest(der).to_vec(),
            Hash::Sha384 => Sha384::digest(der).to_vec(),
            Hash::Sha512 => Sha512::digest(der).to_vec(),
        })
    }
}

#[derive(Clone, Copy)]
enum Hash {
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

const MD5_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.4");
const ECDSA_WITH_SHA_1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.1");

fn signature_hash(oid: ObjectIdentifier) -> Option<Hash> {
    match oid {
        MD5_WITH_RSA
        | rfc5912::SHA_1_WITH_RSA_ENCRYPTION
        | ECDSA_WITH_SHA_1
        | rfc5912::SHA_256_WITH_RSA_ENCRYPTION
        | rfc5912::ECDSA_WITH_SHA_256 => Some(Hash::Sha256),
        rfc5912::SHA_224_WITH_RSA_ENCRYPTION | rfc5912::ECDSA_WITH_SHA_224 => Some(Hash::Sha224),
        rfc5912::SHA_384_WITH_RSA_ENCRYPTION | rfc5912::ECDSA_WITH_SHA_384 => Some(Hash::Sha384),
        rfc5912::SHA_512_WITH_RSA_ENCRYPTION | rfc5912::ECDSA_WITH_SHA_512 => Some(Hash::Sha512),
        _ => None,
    }
}

/// The hash among the parameters of RSASSA-PSS (RFC 4055); SHA-1, so SHA-256, where none is named.
fn pss_hash(algorithm: &AlgorithmIdentifierOwned) -> Option<Hash> {
    let parameters = algorithm.parameters.as_ref()?;
    let named = parameters.sequence(|reader| {
        let hash =
            ContextSpecific::<AlgorithmIdentifierRef<'_>>::decode_explicit(reader, TagNumber(0))?;
        let _ = reader.read_slice(reader.remaining_len())?;
        Ok::<_, x509_cert::der::Error>(hash.map(|hash| hash.value.oid))
    });
    match named.ok()? {
        None => Some(Hash::Sha256),
        Some(rfc5912::ID_SHA_256) => Some(Hash::Sha256),
        Some(rfc5912::ID_SHA_384) => Some(Hash::Sha384),
        Some(rfc5912::ID_SHA_512) => Some(Hash::Sha512),
        Some(rfc5912::ID_SHA_224) => Some(Hash::Sha224),
        Some(_) => None,
    }
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    match bytes.len() {
        4 => Some(IpAddr::from(*bytes.first_chunk::<4>()?)),
        16 => Some(IpAddr::from(*bytes.first_chunk::<16>()?)),
        _ => None,
    }
}
