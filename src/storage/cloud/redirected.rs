//! The error of a store that sends requests on to another host.

/// A store answered that the request is to be sent elsewhere.
#[derive(Debug, thiserror::Error)]
#[error("the store sends requests on to {host}")]
pub(in crate::storage) struct Redirected {
    /// The host, and nothing more of the URL: it may hold secrets.
    pub(in crate::storage) host: String,
}
