//! One object behind an HTTPS URL, presigned ones included: read by ranges, never written.
//!
//! `object_store`'s own HTTP client speaks WebDAV and takes paths, not URLs with a query; a presigned URL
//! also allows nothing but GET, so the size is learnt from the answer to a range.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt;
use object_store::path::Path;
use object_store::{
    Attributes, DynObjectStore, Error, GetOptions, GetRange, GetResult, GetResultPayload,
    ObjectMeta, Result,
};
use reqwest::header::{CONTENT_RANGE, ETAG, HeaderMap, IF_MATCH, RANGE};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Response, StatusCode, Url};

use crate::storage::cloud::client::{Surroundings, certificates, choose_tls};
use crate::storage::cloud::timeouts::{CONNECT_TIMEOUT, SILENCE_MAX};
use crate::storage::error;
use crate::storage::given::Location;
use crate::storage::read_only::{ReadOnly, Reads};

/// How often a request is sent again that was not answered, or by a server in trouble.
const RETRIES_MAX: u32 = 5;
/// The pause before the first repetition; each further one is twice as long.
const RETRY_PAUSE: Duration = Duration::from_millis(200);
/// How often a server may send a request on.
const REDIRECTS_MAX: usize = 5;
/// The only object that there is.
const NAME: &str = "archive";

/// The store for one URL.
pub(super) fn open(
    given: &Location,
    surroundings: &Surroundings,
) -> std::result::Result<(Arc<DynObjectStore>, Path), error::Error> {
    let unusable = |why: String| error::Error::WebUrl {
        location: given.shown().to_owned(),
        why,
    };
    let url = Url::parse(given.exposed()).map_err(|source| unusable(source.to_string()))?;
    choose_tls();
    // A URL that asked for encryption is not fetched without, whatever a redirection says. A redirection to
    // another host gets neither user nor password, which `reqwest` sees to, nor the URL that led there: it
    // may hold a signature.
    let mut builder = Client::builder()
        .https_only(url.scheme() == "https")
        .redirect(Policy::limited(REDIRECTS_MAX))
        .referer(false)
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(SILENCE_MAX);
    if let Some((_, pem)) = certificates(given.shown(), surroundings)? {
        let found = Certificate::from_pem_bundle(&pem);
        for certificate in found.map_err(|source| unusable(source.to_string()))? {
            builder = builder.add_root_certificate(certificate);
        }
    }
    let client = builder.build();
    let client = client.map_err(|source| unusable(source.without_url().to_string()))?;
    let shown = given.shown().to_owned();
    let store = ReadOnly(Web { client, url, shown });
    Ok((Arc::new(store), Path::from(NAME)))
}

#[derive(Debug)]
struct Web {
    client: Client,
    url: Url,
    /// Without possible secrets.
    shown: String,
}

impl fmt::Display for Web {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl Web {
    fn generic(&self, what: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        Error::Generic {
            store: "HTTPS",
            source: what.into(),
        }
    }

    fn refused(&self, status: StatusCode) -> Error {
        let path = self.shown.clone();
        let source = format!("the server answered {status}").into();
        match status {
            StatusCode::NOT_FOUND | StatusCode::GONE => Error::NotFound { path, source },
            StatusCode::UNAUTHORIZED => Error::Unauthenticated { path, source },
            StatusCode::FORBIDDEN => Error::PermissionDenied { path, source },
            StatusCode::PRECONDITION_FAILED => Error::Precondition { path, source },
            _ => self.generic(source),
        }
    }

    async fn get(&self, range: &str, if_match: Option<&str>) -> Result<Response> {
        let mut pause = RETRY_PAUSE;
        let mut left = RETRIES_MAX;
        loop {
            let mut request = self.client.get(self.url.clone()).header(RANGE, range);
            if let Some(etag) = if_match {
                request = request.header(IF_MATCH, etag);
            }
            let answer = request.send().await;
            let is_passing = match &answer {
                Ok(answer) => answer.status().is_server_error(),
                Err(error) => error.is_connect() || error.is_timeout() || error.is_request(),
            };
            if is_passing && left > 0 {
                tokio::time::sleep(pause).await;
                (pause, left) = (pause * 2, left - 1);
                continue;
            }
            let answer = answer.map_err(|error| self.generic(error.without_url()))?;
            return match answer.status() {
                StatusCode::PARTIAL_CONTENT => Ok(answer),
                StatusCode::OK => Err(self.generic(
                    "the server sends no parts of a file (HTTP ranges): download the archive first",
                )),
                status => Err(self.refused(status)),
            };
        }
    }

    /// Size and ETag, from the answer to a range.
    fn meta(&self, headers: &HeaderMap) -> Result<(ObjectMeta, Range<u64>)> {
        let text = |name| headers.get(name)?.to_str().ok();
        let range = text(CONTENT_RANGE).and_then(content_range);
        let (range, size) =
            range.ok_or_else(|| self.generic("the server does not say which range it sends"))?;
        let meta = ObjectMeta {
            location: Path::from(NAME),
            last_modified: chrono::DateTime::UNIX_EPOCH,
            size,
            e_tag: text(ETAG).map(str::to_owned),
            version: None,
        };
        Ok((meta, range))
    }
}

/// `bytes 0-99/1234`
fn content_range(text: &str) -> Option<(Range<u64>, u64)> {
    let (range, size) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
    Some((first..last.checked_add(1)?, size.parse().ok()?))
}

#[async_trait]
impl Reads for Web {
    const REFUSAL: &'static str = "an HTTPS location can only be read";

    async fn read(&self, _: &Path, options: GetOptions) -> Result<GetResult> {
        let range = match &options.range {
            _ if options.head => "bytes=0-0".to_owned(),
            Some(GetRange::Bounded(range)) => {
                format!("bytes={}-{}", range.start, range.end.saturating_sub(1))
            }
            Some(GetRange::Suffix(bytes)) => format!("bytes=-{bytes}"),
            Some(GetRange::Offset(start)) => format!("bytes={start}-"),
            None => "bytes=0-".to_owned(),
        };
        let answer = self.get(&range, options.if_match.as_deref()).await?;
        let (meta, range) = self.meta(answer.headers())?;
        let body = answer.bytes_stream().map(|piece| {
            piece.map_err(|error| Error::Generic {
                store: "HTTPS",
                source: error.without_url().into(),
            })
        });
        Ok(GetResult {
            payload: GetResultPayload::Stream(body.boxed()),
            meta,
            range,
            attributes: Attributes::default(),
            extensions: Default::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_says_where_it_is_and_of_how_much() {
        assert_eq!(content_range("bytes 0-99/1234"), Some((0..100, 1234)));
        for bad in [
            "bytes */1234",
            "bytes 1-2/*",
            "0-1/2",
            "bytes 0-18446744073709551615/1",
        ] {
            assert_eq!(content_range(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_query_is_never_shown() {
        let url = Location::new("https://joe:secret@host/snap.tar?X-Amz-Signature=secret");
        let opened = open(&url, &Surroundings::default()).map(|(store, _)| store.to_string());
        assert_eq!(
            opened.ok().as_deref(),
            Some("https://***@host/snap.tar?***")
        );
    }
}
