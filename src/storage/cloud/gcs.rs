//! Google Cloud Storage, with the credentials that Google's own tools use: `GOOGLE_APPLICATION_CREDENTIALS`,
//! `GOOGLE_SERVICE_ACCOUNT`, `gcloud`'s application default credentials, the machine's own. Or an emulator
//! without any (`STORAGE_EMULATOR_HOST`).

use std::sync::Arc;

use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::{DynObjectStore, RetryConfig};

use crate::storage::cloud::client::{BucketUrl, Surroundings, client_options};
use crate::storage::error::Error;

/// Where `gcloud auth application-default login` leaves its file, below the home folder.
const DEFAULT_CREDENTIALS: &str = ".config/gcloud/application_default_credentials.json";

/// A client for the bucket.
pub(super) fn open(
    location: &BucketUrl<'_>,
    surroundings: &Surroundings,
    retries: RetryConfig,
) -> Result<Arc<DynObjectStore>, Error> {
    let emulator = surroundings.variable("STORAGE_EMULATOR_HOST").map(url_of);
    let allow_http = emulator.is_some();
    let (options, direct) = client_options(location.shown, surroundings, allow_http)?;
    let mut builder = GoogleCloudStorageBuilder::new()
        .with_client_options(options)
        .with_http_connector(direct)
        .with_retry(retries);
    let default = surroundings.home.as_ref();
    let default = default.map(|home| home.join(DEFAULT_CREDENTIALS));
    if let Some(file) = default.filter(|file| file.is_file()) {
        builder = builder.with_application_credentials(file.to_string_lossy());
    }
    for (name, value) in surroundings.with_prefix("GOOGLE_") {
        match name.parse() {
            // Whether plain HTTP may be used is said by the emulator's address.
            Ok(GoogleConfigKey::Client(_)) | Err(_) => {}
            Ok(key) => builder = builder.with_config(key, value),
        }
    }
    if let Some(url) = emulator {
        builder = builder.with_base_url(&url).with_skip_signature(true);
    }
    let built = builder.with_bucket_name(location.bucket).build();
    Ok(Arc::new(built.map_err(|source| location.unusable(source))?))
}

/// Google's tools take an emulator with and without `http://`.
fn url_of(emulator: &str) -> String {
    if emulator.contains("://") {
        emulator.trim_end_matches('/').to_owned()
    } else {
        format!("http://{emulator}")
    }
}
