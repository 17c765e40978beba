//! S3 and the services that speak its language.
//!
//! Settings in the order of the AWS tools: environment variables before the profile's files, then what
//! the machine or its container offers (web identity, container credentials, instance metadata), for
//! which `object_store` asks.

use std::sync::Arc;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey, S3ConditionalPut};
use object_store::{DynObjectStore, RetryConfig};

use super::profile::Profile;
use crate::storage::cloud::client::{BucketUrl, Surroundings, client_options};
use crate::storage::error::Error;

/// A client for the bucket.
pub(super) fn open(
    location: &BucketUrl<'_>,
    surroundings: &Surroundings,
    retries: RetryConfig,
) -> Result<Arc<DynObjectStore>, Error> {
    let settings = settings(location, surroundings)?;
    let is_http = |(key, value): &(AmazonS3ConfigKey, String)| {
        let is_endpoint = matches!(
            key,
            AmazonS3ConfigKey::Endpoint | AmazonS3ConfigKey::S3Endpoint
        );
        is_endpoint && value.starts_with("http://")
    };
    let allow_http = settings.iter().any(is_http);
    let (options, direct) = client_options(location.shown, surroundings, allow_http)?;
    let mut builder = AmazonS3Builder::new()
        .with_client_options(options)
        .with_http_connector(direct)
        .with_retry(retries)
        .with_conditional_put(S3ConditionalPut::ETagMatch);
    for (key, value) in settings {
        // Whether plain HTTP may be used is said by the endpoint itself.
        if !matches!(key, AmazonS3ConfigKey::Client(_)) {
            builder = builder.with_config(key, value);
        }
    }
    let built = builder.with_bucket_name(location.bucket).build();
    Ok(Arc::new(built.map_err(|source| location.unusable(source))?))
}

/// All settings, the weaker ones first.
fn settings(
    location: &BucketUrl<'_>,
    surroundings: &Surroundings,
) -> Result<Vec<(AmazonS3ConfigKey, String)>, Error> {
    let mut settings = Vec::new();
    let has_key = surroundings.variable("AWS_ACCESS_KEY_ID").is_some();
    if let Some(profile) = Profile::find(surroundings, location.shown)? {
        settings.extend(profile.settings(has_key, location.shown)?);
    }
    for (name, value) in surroundings.with_prefix("AWS_") {
        if let Ok(key) = name.parse() {
            settings.push((key, value.to_owned()));
        }
    }
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_comes_before_the_profile() {
        let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
        let config = folder.path().join("config");
        let text = "[profile x]\nregion = eu-central-1\nendpoint_url = http://127.0.0.1:1\n";
        std::fs::write(&config, text).unwrap_or_else(|e| panic!("{e}"));
        let variables = [
            ("AWS_CONFIG_FILE", config.to_str().unwrap_or_default()),
            ("AWS_PROFILE", "x"),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", "key"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let surroundings = Surroundings {
            variables: variables.into(),
            home: None,
        };
        let location = BucketUrl {
            shown: "s3://b/k",
            bucket: "b",
            key: "k",
        };
        let found = settings(&location, &surroundings).unwrap_or_else(|e| panic!("{e}"));
        let last = |wanted| {
            let named = found.iter().rev().find(|(key, _)| *key == wanted);
            named.map(|(_, value)| value.as_str())
        };
        assert_eq!(last(AmazonS3ConfigKey::Region), Some("eu-west-1"));
        assert_eq!(
            last(AmazonS3ConfigKey::Endpoint),
            Some("http://127.0.0.1:1")
        );
        assert!(open(&location, &surroundings, RetryConfig::default()).is_ok());
    }
}
