//! Azure Blob Storage: the account and its credentials come from the `AZURE_STORAGE_*` variables of the Azure
//! tools, or from the machine's own identity.

use std::sync::Arc;

use object_store::azure::MicrosoftAzureBuilder;
use object_store::{DynObjectStore, RetryConfig};

use super::{Location, Surroundings, client_options};
use crate::storage::error::Error;

/// A client for the container.
pub(super) fn open(
    location: &Location<'_>,
    surroundings: &Surroundings,
    retries: RetryConfig,
) -> Result<Arc<DynObjectStore>, Error> {
    let endpoint = surroundings.variable("AZURE_STORAGE_ENDPOINT");
    let allow_http = endpoint.is_some_and(|endpoint| endpoint.starts_with("http://"));
    let mut builder = MicrosoftAzureBuilder::new()
        .with_client_options(client_options(location.given, surroundings, allow_http)?)
        .with_retry(retries);
    for (name, value) in surroundings.with_prefix("AZURE_") {
        let name = match name.as_str() {
            // The names of the Azure CLI.
            "azure_storage_account" => "azure_storage_account_name",
            "azure_storage_key" => "azure_storage_account_key",
            other => other,
        };
        if let Ok(key) = name.parse() {
            builder = builder.with_config(key, value);
        }
    }
    let built = builder.with_container_name(location.bucket).build();
    Ok(Arc::new(built.map_err(|source| location.unusable(source))?))
}
