//! Object stores by URL: `s3://bucket/key`, `gs://bucket/key`, `az://container/key`, `https://host/path`.
//!
//! What a store is told comes in a [`Surroundings`], because only `cli` reads the environment: the
//! variables of each store's own tools, and for S3 the files of the AWS tools (`profile`). The clients
//! are `object_store`'s, their requests go through `http`; `web` is a read-only one for plain HTTPS.

mod azure;
mod client;
mod first_contact;
mod gcs;
pub(super) mod http;
mod profile;
pub(super) mod redirected;
mod s3;
mod timeouts;
mod web;

use std::sync::Arc;
use std::time::Duration;

use object_store::path::Path;
use object_store::{BackoffConfig, DynObjectStore, RetryConfig};

use super::error::{self, Error};
use super::given::Location;
use client::BucketUrl;
use first_contact::FirstContact;

pub use client::Surroundings;

/// How often one request is sent again: it is the time that ends it.
const RETRIES_MAX: usize = 1000;
/// How long one request may take with all its repetitions, at a store that has answered before.
const RETRY_TIMEOUT: Duration = Duration::from_secs(120);
/// How long it may take before the store has answered at all.
const FIRST_RETRY_TIMEOUT: Duration = Duration::from_secs(3);
/// The longest pause between two of them.
const BACKOFF_MAX: Duration = Duration::from_secs(10);
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
