//! Object stores by URL: `s3://bucket/key`, `gs://bucket/key`, `az://container/key`, `https://host/path`.
//!
//! What a store is told comes in a [`Surroundings`], because only `cli` reads the environment: the
//! variables of each store's own tools, and for S3 the files of the AWS tools (`profile`). The clients
//! are `object_store`'s, their requests go through `http`; `web` is a read-only one for plain HTTPS.

mod azure;
mod first_contact;
mod gcs;
pub(super) mod http;
mod profile;
mod s3;
mod web;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use object_store::path::Path;
use object_store::{BackoffConfig, ClientOptions, DynObjectStore, RetryConfig};
use reqwest::Certificate;

use super::error::{self, Error};
use super::given::Location;
use first_contact::FirstContact;
use http::Direct;

/// How often one request is sent again: it is the time that ends it.
const RETRIES_MAX: usize = 1000;
/// How long one request may take with all its repetitions, at a store that has answered before.
const RETRY_TIMEOUT: Duration = Duration::from_secs(120);
/// The same before the store has answered at all.
const FIRST_RETRY_TIMEOUT: Duration = Duration::from_secs(3);
/// The longest pause between two of them.
const BACKOFF_MAX: Duration = Duration::from_secs(10);
/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may be silent.
const SILENCE_MAX: Duration = Duration::from_secs(60);
/// A file of certificates larger than this is none.
const CERTIFICATES_BYTES_MAX: u64 = 16 << 20;

/// What the user's surroundings say about object stores.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The environment variables that are text.
    pub variables: BTreeMap<String, String>,
    /// The user's home folder.
    pub home: Option<PathBuf>,
}

impl Surroundings {
    fn variable(&self, name: &str) -> Option<&str> {
        let value = self.variables.get(name)?;
        (!value.is_empty()).then_some(value.as_str())
    }

    /// The variables whose names begin so, with their names in lower case, as `object_store` spells them.
    fn with_prefix(&self, prefix: &str) -> impl Iterator<Item = (String, &str)> {
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
    shown: &'a str,
    /// The bucket or container.
    bucket: &'a str,
    /// The object's name in it.
    key: &'a str,
}

/// Whether this is a scheme of an object store.
pub(super) fn is_cloud(scheme: &str) -> bool {
    matches!(scheme, "s3" | "gs" | "az" | "https" | "http")
}

/// The store that the URL is of, and the object's place in it. No request is sent yet.
pub(super) fn open(
    given: &Location,
    scheme: &str,
    surroundings: &Surroundings,
) -> Result<(Arc<DynObjectStore>, Path), Error> {
    if matches!(scheme, "https" | "http") {
        return web::open(given, surroundings);
    }
    let location = BucketUrl::parse(given, scheme)?;
    let client = |retry_timeout| match scheme {
        "s3" => s3::open(&location, surroundings, retries(retry_timeout)),
        "gs" => gcs::open(&location, surroundings, retries(retry_timeout)),
        _ => azure::open(&location, surroundings, retries(retry_timeout)),
    };
    let objects = FirstContact::new(client(FIRST_RETRY_TIMEOUT)?, client(RETRY_TIMEOUT)?);
    let path = Path::parse(location.key);
    let path = path.map_err(|source| error::of_name(given.shown(), &source.into()))?;
    Ok((Arc::new(objects), path))
}

impl<'a> BucketUrl<'a> {
    fn parse(given: &'a Location, scheme: &str) -> Result<Self, Error> {
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

    /// What is wrong with the settings of a store. Its text holds no secrets: `object_store` names the
    /// setting.
    fn unusable(&self, source: object_store::Error) -> Error {
        error::of("use", self.shown, source)
    }
}

fn retries(retry_timeout: Duration) -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            max_backoff: BACKOFF_MAX,
            ..BackoffConfig::default()
        },
        max_retries: RETRIES_MAX,
        retry_timeout,
    }
}

/// The one TLS implementation of this program; somebody may have chosen it already.
fn choose_tls() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// How connections are made: what `object_store` decides itself, and the clients that send its requests. A
/// private certificate authority is added to the system's own.
fn client_options(
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
fn certificates<'a>(
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_and_a_key_are_needed() {
        let parse = |given: &str| {
            let given = Location::new(given);
            let found = BucketUrl::parse(&given, "s3").ok();
            found.map(|url| (url.bucket.to_owned(), url.key.to_owned()))
        };
        let found = parse("s3://bucket/a/b.tar");
        assert_eq!(found, Some(("bucket".into(), "a/b.tar".into())));
        for bad in ["s3://bucket", "s3://bucket/", "s3:///key", "s3://"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_missing_file_of_certificates_is_named() {
        let variables = [("AWS_CA_BUNDLE".to_owned(), "/nothing/ca.pem".to_owned())];
        let surroundings = Surroundings {
            variables: variables.into(),
            home: None,
        };
        let error = open(&Location::new("s3://bucket/key"), "s3", &surroundings);
        let text = error.err().map(|error| error.to_string());
        assert!(text.is_some_and(|text| text.contains("/nothing/ca.pem")));
    }
}
