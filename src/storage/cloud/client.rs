//! How connections to stores are made: time limits, certificates, and the URL of a bucket.
//!
//! The settings of each store are in its own file.

use crate::storage::cloud::http::Direct;
use crate::storage::cloud::timeouts::{CONNECT_TIMEOUT, SILENCE_MAX};
use crate::storage::error::{self, Error};
use crate::storage::given::Location;
use object_store::ClientOptions;
use reqwest::Certificate;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A file of certificates larger than this is none.
pub(super) const CERTIFICATES_BYTES_MAX: u64 = 16 << 20;

/// What the user's surroundings say about object stores.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The environment variables that are text.
    pub variables: BTreeMap<String, String>,
    /// The user's home folder.
    pub home: Option<PathBuf>,
}

impl Surroundings {
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        let value = self.variables.get(name)?;
        (!value.is_empty()).then_some(value.as_str())
    }

    /// The variables with this prefix, their names in lower case, as `object_store` spells them.
    pub(super) fn with_prefix(&self, prefix: &str) -> impl Iterator<Item = (String, &str)> {
        self.variables
            .iter()
            .filter(move |(name, value)| name.starts_with(prefix) && !value.is_empty())
            .map(|(name, value)| (name.to_ascii_lowercase(), value.as_str()))
    }
}

/// A URL of an object store, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BucketUrl<'a> {
    /// The URL for messages.
    pub(super) shown: &'a str,
    /// The bucket or container.
    pub(super) bucket: &'a str,
    /// The object's name in it.
    pub(super) key: &'a str,
}

impl<'a> BucketUrl<'a> {
    pub(super) fn parse(given: &'a Location, scheme: &str) -> Result<Self, Error> {
        let shown = given.shown();
        let incomplete = || Error::BucketUrl {
            location: shown.to_owned(),
            scheme: scheme.to_owned(),
        };
        let (_, rest) = given.exposed().split_once("://").ok_or_else(incomplete)?;
        match rest.split_once('/') {
            Some((bucket, key)) if !bucket.is_empty() && !key.is_empty() => {
                Ok(Self { shown, bucket, key })
            }
            _ => Err(incomplete()),
        }
    }

    /// The fault in the settings of a store. Its text holds no secrets: `object_store` names the setting.
    pub(super) fn unusable(&self, source: object_store::Error) -> Error {
        error::of("use", self.shown, source)
    }
}

/// The one TLS implementation of this program; somebody may have chosen it already.
pub(super) fn choose_tls() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// How connections are made: the options for `object_store`, and the clients that send its requests. A
/// private certificate authority is added to the system's own.
pub(super) fn client_options(
    shown: &str,
    surroundings: &Surroundings,
    allow_http: bool,
) -> Result<(ClientOptions, Direct), Error> {
    choose_tls();
    let options = ClientOptions::new()
        .with_allow_http(allow_http)
        .with_connect_timeout(CONNECT_TIMEOUT)
        .with_timeout_disabled()
        .with_read_timeout(SILENCE_MAX);
    let mut certificates = Vec::new();
    if let Some((file, pem)) = self::certificates(shown, surroundings)? {
        let found = Certificate::from_pem_bundle(&pem);
        certificates = found.map_err(|source| Error::Certificates {
            location: shown.to_owned(),
            file: file.to_owned(),
            source: std::io::Error::other(source.without_url().to_string()),
        })?;
    }
    Ok((options, Direct { certificates }))
}

/// The file of certificates that the user names, and its content.
pub(super) fn certificates<'a>(
    shown: &str,
    surroundings: &'a Surroundings,
) -> Result<Option<(&'a str, Vec<u8>)>, Error> {
    let Some(file) = surroundings.variable("AWS_CA_BUNDLE") else {
        return Ok(None);
    };
    let unusable = |source| Error::Certificates {
        location: shown.to_owned(),
        file: file.to_owned(),
        source,
    };
    let meta = std::fs::metadata(file).map_err(unusable)?;
    if meta.len() > CERTIFICATES_BYTES_MAX {
        return Err(unusable(std::io::Error::other("it is too large")));
    }
    let pem = std::fs::read(file).map_err(unusable)?;
    Ok(Some((file, pem)))
}
