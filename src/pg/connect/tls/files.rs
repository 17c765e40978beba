//! Certificates, keys and revocation lists from files.
//!
//! Which of them must be there, and who may be able to read a key, is as in libpq
//! (`fe-secure-openssl.c`, `initialize_SSL`).

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use crate::pg::error::Error;
use crate::pg::options::settings::NamedFile;

/// Larger files are no certificates. Revocation lists of public authorities reach some megabytes.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// More files than this in `sslcrldir` are refused.
const CRL_FILES_MAX: usize = 10_000;

fn read(what: &'static str, path: &Path) -> Result<Vec<u8>, Error> {
    let mut content = Vec::new();
    let read = File::open(path)
        .and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut content))
        .and_then(|_| {
            if content.len() as u64 > FILE_BYTES_MAX {
                Err(io::Error::other("the file is too large"))
            } else {
                Ok(())
            }
        });
    read.map_err(|source| file_error(what, path, source))?;
    Ok(content)
}

fn file_error(what: &'static str, path: &Path, source: io::Error) -> Error {
    Error::File {
        what,
        path: path.to_owned(),
        source,
    }
}

fn unusable(what: &'static str, path: &Path, why: impl Into<String>) -> Error {
    file_error(what, path, io::Error::other(why.into()))
}

fn pem_error(what: &'static str, path: &Path, error: &pem::Error) -> Error {
    unusable(what, path, format!("not PEM: {error:?}"))
}

/// All certificates of a PEM file, at least one.
pub(crate) fn certificates(
    what: &'static str,
    path: &Path,
) -> Result<Vec<CertificateDer<'static>>, Error> {
    let content = read(what, path)?;
    let certificates = CertificateDer::pem_slice_iter(&content).collect::<Result<Vec<_>, _>>();
    let certificates = certificates.map_err(|error| pem_error(what, path, &error))?;
    if certificates.is_empty() {
        return Err(unusable(what, path, "it holds no certificate"));
    }
    Ok(certificates)
}

/// The revocation lists of `sslcrl` and of all files in `sslcrldir`.
pub(crate) fn revocation_lists(
    file: &NamedFile,
    folder: Option<&Path>,
) -> Result<Vec<CertificateRevocationListDer<'static>>, Error> {
    const WHAT: &str = "certificate revocation list";
    let mut lists = Vec::new();
    let mut add = |path: &Path| -> Result<(), Error> {
        let content = read(WHAT, path)?;
        for list in CertificateRevocationListDer::pem_slice_iter(&content) {
            lists.push(list.map_err(|error| pem_error(WHAT, path, &error))?);
        }
        Ok(())
    };
    match file {
        NamedFile::Named(path) => add(path)?,
        NamedFile::Default(path) if path.exists() => add(path)?,
        NamedFile::Default(_) | NamedFile::None => {}
    }
    if let Some(folder) = folder {
        let error = |source| file_error("folder of revocation lists", folder, source);
        for (count, entry) in fs::read_dir(folder).map_err(error)?.enumerate() {
            if count == CRL_FILES_MAX {
                return Err(error(io::Error::other("it holds too many files")));
            }
            let path = entry.map_err(error)?.path();
            if path.is_file() {
                add(&path)?;
            }
        }
    }
    Ok(lists)
}

/// The client's certificate and its key. `None` where there is no certificate, which is not an error:
/// the server may do without.
pub(crate) fn identity(
    cert: &NamedFile,
    key: &NamedFile,
    provider: &CryptoProvider,
) -> Result<Option<Arc<CertifiedKey>>, Error> {
    let (NamedFile::Named(cert) | NamedFile::Default(cert)) = cert else {
        return Ok(None);
    };
    if !cert.exists() {
        return Ok(None);
    }
    let chain = certificates("client certificate", cert)?;
    let key_path = key_path(key, cert)?;
    let key = private_key(key_path)?;
    let signing = provider.key_provider.load_private_key(key);
    let signing = signing.map_err(|error| unusable("private key", key_path, error.to_string()))?;
    let identity = CertifiedKey::new(chain, signing);
    match identity.keys_match() {
        Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::KeyMismatch)) => {
            let why = format!(
                "it does not belong to the certificate \"{}\"",
                cert.display()
            );
            Err(unusable("private key", key_path, why))
        }
        // Where it cannot be told (a certificate of version 1), the server will tell.
        _ => Ok(Some(Arc::new(identity))),
    }
}

fn key_path<'a>(key: &'a NamedFile, cert: &Path) -> Result<&'a PathBuf, Error> {
    match key {
        NamedFile::Named(path) => Ok(path),
        NamedFile::Default(path) if path.exists() => Ok(path),
        _ => Err(Error::setting(format!(
            "there is a client certificate, \"{}\", but no private key (sslkey)",
            cert.display()
        ))),
    }
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, Error> {
    const WHAT: &str = "private key";
    let metadata = fs::metadata(path).map_err(|source| file_error(WHAT, path, source))?;
    if !metadata.is_file() {
        return Err(unusable(WHAT, path, "it is not a plain file"));
    }
    // A key that belongs to root may be shared with a group, as Debian does for ssl-cert.
    let forbidden = if metadata.uid() == 0 { 0o037 } else { 0o077 };
    if metadata.mode() & forbidden != 0 {
        let why = "others than its owner can use it; its permissions must be u=rw (0600) or less, or \
                   u=rw,g=r (0640) or less if it belongs to root";
        return Err(unusable(WHAT, path, why));
    }
    let content = read(WHAT, path)?;
    if is_encrypted(&content) {
        return Err(unusable(
            WHAT,
            path,
            "it is encrypted, which is not supported",
        ));
    }
    match PrivateKeyDer::from_pem_slice(&content) {
        Ok(key) => Ok(key),
        // libpq takes the binary form as well.
        Err(pem::Error::NoItemsFound) => PrivateKeyDer::try_from(content)
            .map_err(|_| unusable(WHAT, path, "it is neither PEM nor DER")),
        Err(error) => Err(pem_error(WHAT, path, &error)),
    }
}

/// PKCS #8 says so in its label, the older form in a header.
fn is_encrypted(content: &[u8]) -> bool {
    let content = String::from_utf8_lossy(content);
    content.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----")
        || content.contains("Proc-Type: 4,ENCRYPTED")
}
