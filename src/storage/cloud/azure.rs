//! Azure Blob Storage: the account and its credentials come from the `AZURE_STORAGE_*` variables of the Azure
//! tools, a connection string among them, or from the machine's own identity.

use std::sync::Arc;

use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::{DynObjectStore, RetryConfig};

use crate::storage::cloud::client::{BucketUrl, Surroundings, client_options};
use crate::storage::error::Error;

/// A client for the container.
pub(super) fn open(
    location: &BucketUrl<'_>,
    surroundings: &Surroundings,
    retries: RetryConfig,
) -> Result<Arc<DynObjectStore>, Error> {
    let settings = settings(surroundings);
    let is_http = |(key, value): &(AzureConfigKey, String)| {
        *key == AzureConfigKey::Endpoint && value.starts_with("http://")
    };
    let allow_http = settings.iter().any(is_http);
    let (options, direct) = client_options(location.shown, surroundings, allow_http)?;
    let mut builder = MicrosoftAzureBuilder::new()
        .with_client_options(options)
        .with_http_connector(direct)
        .with_retry(retries);
    for (key, value) in settings {
        // Whether plain HTTP may be used is said by the endpoint itself.
        if !matches!(key, AzureConfigKey::Client(_)) {
            builder = builder.with_config(key, value);
        }
    }
    let built = builder.with_container_name(location.bucket).build();
    Ok(Arc::new(built.map_err(|source| location.unusable(source))?))
}

/// All settings, the weaker ones first.
fn settings(surroundings: &Surroundings) -> Vec<(AzureConfigKey, String)> {
    let connection = surroundings.variable("AZURE_STORAGE_CONNECTION_STRING");
    let mut settings = connection.map(of_connection_string).unwrap_or_default();
    for (name, value) in surroundings.with_prefix("AZURE_") {
        let name = match name.as_str() {
            // The names of the Azure CLI.
            "azure_storage_account" => "azure_storage_account_name",
            "azure_storage_key" => "azure_storage_account_key",
            other => other,
        };
        if let Ok(key) = name.parse() {
            settings.push((key, value.to_owned()));
        }
    }
    settings
}

/// What a connection string says about blobs: `Key=value;Key=value`, "Configure Azure Storage connection
/// strings" in Azure's documentation. Values may hold a `=`.
fn of_connection_string(text: &str) -> Vec<(AzureConfigKey, String)> {
    let parts = text.split(';').filter_map(|part| part.split_once('='));
    let parts: Vec<(&str, &str)> = parts
        .map(|(key, value)| (key.trim(), value.trim()))
        .collect();
    let find = |name: &str| {
        parts
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| *value)
    };
    let account = find("AccountName");
    let of_suffix = || {
        let protocol = find("DefaultEndpointsProtocol").unwrap_or("https");
        Some(format!(
            "{protocol}://{}.blob.{}",
            account?,
            find("EndpointSuffix")?
        ))
    };
    let endpoint = find("BlobEndpoint").map(|url| url.trim_end_matches('/').to_owned());
    let settings = [
        (AzureConfigKey::AccountName, account.map(str::to_owned)),
        (
            AzureConfigKey::AccessKey,
            find("AccountKey").map(str::to_owned),
        ),
        (
            AzureConfigKey::SasKey,
            find("SharedAccessSignature").map(str::to_owned),
        ),
        (AzureConfigKey::Endpoint, endpoint.or_else(of_suffix)),
    ];
    let given = settings.into_iter();
    given
        .filter_map(|(key, value)| Some((key, value?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_string_is_taken_apart() {
        let found = of_connection_string(
            "DefaultEndpointsProtocol=https;AccountName=acc;AccountKey=a2V5==;EndpointSuffix=core.windows.net",
        );
        let text = |key| {
            let named = found.iter().find(|(found, _)| *found == key);
            named.map(|(_, value)| value.as_str())
        };
        assert_eq!(text(AzureConfigKey::AccountName), Some("acc"));
        assert_eq!(text(AzureConfigKey::AccessKey), Some("a2V5=="));
        let endpoint = Some("https://acc.blob.core.windows.net");
        assert_eq!(text(AzureConfigKey::Endpoint), endpoint);
        let of_emulator =
            "BlobEndpoint=http://127.0.0.1:1/acc/;SharedAccessSignature=sv=1&sig=x%3D";
        let found = of_connection_string(of_emulator);
        let expected = [
            (AzureConfigKey::SasKey, "sv=1&sig=x%3D".to_owned()),
            (
                AzureConfigKey::Endpoint,
                "http://127.0.0.1:1/acc".to_owned(),
            ),
        ];
        assert_eq!(found, expected);
    }
}
