//! Google Cloud Storage, with the credentials that Google's own tools use: `GOOGLE_APPLICATION_CREDENTIALS`,
//! `GOOGLE_SERVICE_ACCOUNT`, `gcloud`'s application default credentials, the machine's own.

use std::sync::Arc;

use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::{DynObjectStore, RetryConfig};

use super::{Location, Surroundings, client_options};
use crate::storage::error::Error;

/// Where `gcloud auth application-default login` leaves its file, below the home folder.
const DEFAULT_CREDENTIALS: &str = ".config/gcloud/application_default_credentials.json";

/// A client for the bucket.
pub(super) fn open(
    location: &Location<'_>,
    surroundings: &Surroundings,
    retries: RetryConfig,
) -> Result<Arc<DynObjectStore>, Error> {
    let mut builder = GoogleCloudStorageBuilder::new()
        .with_client_options(client_options(location.given, surroundings, false)?)
        .with_retry(retries);
    let default = surroundings.home.as_ref();
    let default = default.map(|home| home.join(DEFAULT_CREDENTIALS));
    if let Some(file) = default.filter(|file| file.is_file()) {
        builder = builder.with_application_credentials(file.to_string_lossy());
    }
    for (name, value) in surroundings.with_prefix("GOOGLE_") {
        if let Ok(key) = name.parse() {
            builder = builder.with_config(key, value);
        }
    }
    let built = builder.with_bucket_name(location.bucket).build();
    Ok(Arc::new(built.map_err(|source| location.unusable(source))?))
}
