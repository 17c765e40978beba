//! Requests to object stores: straight to the endpoint, and with bounds on the answers.
//!
//! Requests to S3, Azure and Google carry credentials, a session token among them. A redirection would hand
//! these to the host that the answer names, so none is followed ([`Redirected`] says where it would have
//! led). What an error's answer says is read up to a bound, and so is every answer that is not an object.

use crate::storage::cloud::redirected::Redirected;
use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
};
use object_store::{ClientConfigKey, ClientOptions};
use reqwest::header::LOCATION;
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Url};

use crate::storage::cloud::timeouts::{CONNECT_TIMEOUT, SILENCE_MAX};

/// More of an error's answer is not read: S3's have some hundred bytes.
const ERROR_BYTES_MAX: usize = 64 << 10;
/// The largest answer that is no object: a list of a thousand names of a kilobyte each, several times over.
const ANSWER_BYTES_MAX: usize = 16 << 20;
/// How long a connection to the machine's own metadata service may take, as `object_store` has it: where
/// there is none, nothing answers.
const METADATA_CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// Makes the clients of one store.
#[derive(Debug)]
pub(super) struct Direct {
    /// Of a private authority.
    pub(super) certificates: Vec<Certificate>,
}

impl HttpConnector for Direct {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let value = |options: &ClientOptions, key| options.get_config_value(&key);
        let allow_http = value(options, ClientConfigKey::AllowHttp).as_deref() == Some("true");
        let metadata = ClientOptions::new().with_connect_timeout(METADATA_CONNECT_TIMEOUT);
        let is_metadata = value(options, ClientConfigKey::ConnectTimeout)
            == value(&metadata, ClientConfigKey::ConnectTimeout);
        let mut builder = Client::builder()
            .user_agent(concat!("pgark/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .referer(false)
            .https_only(!allow_http)
            .read_timeout(SILENCE_MAX)
            .connect_timeout(if is_metadata {
                METADATA_CONNECT_TIMEOUT
            } else {
                CONNECT_TIMEOUT
            });
        for certificate in &self.certificates {
            builder = builder.add_root_certificate(certificate.clone());
        }
        let client = builder
            .build()
            .map_err(|error| object_store::Error::Generic {
                store: "HTTP",
                source: error.without_url().into(),
            })?;
        Ok(HttpClient::new(Guarded(client)))
    }
}

/// A client that takes no more than it needs.
#[derive(Debug)]
struct Guarded(Client);

#[async_trait]
impl HttpService for Guarded {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let is_object = is_of_object(&request);
        let url = request.uri().to_string();
        let answer = HttpService::call(&self.0, request).await?;
        let status = answer.status();
        if status.is_redirection()
            && let Some(target) = answer.headers().get(LOCATION)
        {
            let host = host_of(&url, target.to_str().unwrap_or("another place"));
            return Err(HttpError::new(HttpErrorKind::Unknown, Redirected { host }));
        }
        match status.is_success() {
            true if is_object => Ok(answer),
            true => whole(answer).await,
            false => Ok(beginning(answer).await),
        }
    }
}

/// Whether the answer may be an object's content, which is as long as it is: all else comes to a GET with a
/// query.
fn is_of_object(request: &HttpRequest) -> bool {
    let query = request.uri().query().unwrap_or_default();
    let is_list = query.split('&').any(|part| {
        part.starts_with("list-type=") || ["comp=list", "uploads", "uploads="].contains(&part)
    });
    request.method() == reqwest::Method::GET && !is_list
}

/// Where a redirection leads. It may be relative.
fn host_of(url: &str, target: &str) -> String {
    let target = Url::parse(url).and_then(|url| url.join(target));
    let host = target.ok().and_then(|target| {
        let port = target.port().map(|port| format!(":{port}"));
        Some(format!(
            "{}{}",
            target.host_str()?,
            port.unwrap_or_default()
        ))
    });
    host.unwrap_or_else(|| "another host".to_owned())
}

/// The answer with all of its body, which is not allowed to be endless.
async fn whole(answer: HttpResponse) -> Result<HttpResponse, HttpError> {
    let (parts, body) = answer.into_parts();
    let mut pieces = body.bytes_stream();
    let mut taken = BytesMut::new();
    while let Some(piece) = pieces.next().await {
        taken.extend_from_slice(&piece?);
        if taken.len() > ANSWER_BYTES_MAX {
            return Err(HttpError::new(HttpErrorKind::Decode, Endless));
        }
    }
    Ok(HttpResponse::from_parts(parts, taken.freeze().into()))
}

#[derive(Debug)]
struct Endless;

impl std::error::Error for Endless {}

impl fmt::Display for Endless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the store's answer does not end within {ANSWER_BYTES_MAX} bytes"
        )
    }
}

/// An error's answer with as much of its body as can matter. The beginning of an answer that breaks off is
/// enough too.
async fn beginning(answer: HttpResponse) -> HttpResponse {
    let (parts, body) = answer.into_parts();
    let mut pieces = body.bytes_stream();
    let mut taken = BytesMut::new();
    while taken.len() < ERROR_BYTES_MAX
        && let Some(Ok(piece)) = pieces.next().await
    {
        let wanted = piece.len().min(ERROR_BYTES_MAX - taken.len());
        taken.extend_from_slice(&piece[..wanted]);
    }
    // A store's words are text; a cut may have gone through a character.
    let text = String::from_utf8_lossy(&taken).into_owned();
    HttpResponse::from_parts(parts, Bytes::from(text).into())
}
