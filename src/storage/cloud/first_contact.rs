//! A store that is asked with little patience until it has answered once.
//!
//! A wrong endpoint or a missing network is to be told within seconds; a store that was there and is gone in
//! the middle of an hour's work is waited for. So there are two clients that differ in their repetitions
//! only. And a refusal is asked for its reason: the answer to HEAD has no body that could say it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use futures::stream::BoxStream;
use object_store::path::Path;
use object_store::{
    CopyOptions, DynObjectStore, Error, GetOptions, GetRange, GetResult, ListResult,
    MultipartUpload, ObjectMeta, ObjectStore, PutMultipartOptions, PutOptions, PutPayload,
    PutResult, Result,
};

/// One store behind both clients.
#[derive(Debug)]
pub(super) struct FirstContact {
    brief: Arc<DynObjectStore>,
    patient: Arc<DynObjectStore>,
    has_answered: AtomicBool,
}

impl FirstContact {
    pub(super) fn new(brief: Arc<DynObjectStore>, patient: Arc<DynObjectStore>) -> Self {
        Self {
            brief,
            patient,
            has_answered: AtomicBool::new(false),
        }
    }

    fn client(&self) -> &DynObjectStore {
        if self.has_answered.load(Ordering::Relaxed) {
            &*self.patient
        } else {
            &*self.brief
        }
    }

    /// Remembers an answer that shows that the store can be used.
    fn note<T>(&self, answer: Result<T>) -> Result<T> {
        if matches!(answer, Ok(_) | Err(Error::NotFound { .. })) {
            self.has_answered.store(true, Ordering::Relaxed);
        }
        answer
    }

    /// The same refusal with its reason, where a request for content is refused as well.
    async fn with_reason(&self, location: &Path, refused: Error) -> Error {
        let options = GetOptions {
            range: Some(GetRange::Bounded(0..1)),
            ..GetOptions::default()
        };
        match self.client().get_opts(location, options).await {
            Ok(_) => refused,
            Err(error) => error,
        }
    }
}

impl fmt::Display for FirstContact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.patient.fmt(f)
    }
}

/// Whether the store has answered, with another answer than the wanted one.
fn is_refusal(error: &Error) -> bool {
    match error {
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => true,
        // A bad request: S3's answer to a wrong region.
        Error::Generic { source, .. } => source.to_string().contains("status code: 400"),
        _ => false,
    }
}

#[async_trait]
impl ObjectStore for FirstContact {
    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        let is_head = options.head;
        match self.note(self.client().get_opts(location, options).await) {
            Err(error) if is_head && is_refusal(&error) => {
                Err(self.with_reason(location, error).await)
            }
            answer => answer,
        }
    }

    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        self.note(self.client().put_opts(location, payload, options).await)
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.patient.put_multipart_opts(location, options).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.patient.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.client().list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.note(self.client().list_with_delimiter(prefix).await)
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.client().copy_opts(from, to, options).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use object_store::ObjectStoreExt;
    use object_store::memory::InMemory;

    #[tokio::test]
    async fn the_first_answer_decides_who_is_asked_from_then_on() -> Result<()> {
        let name = |name| Path::from(name);
        let (brief, patient) = (InMemory::new(), InMemory::new());
        brief.put(&name("of brief"), "1".into()).await?;
        patient.put(&name("of patient"), "2".into()).await?;
        let store = FirstContact::new(Arc::new(brief), Arc::new(patient));
        assert_eq!(store.head(&name("of brief")).await?.size, 1);
        assert_eq!(store.head(&name("of patient")).await?.size, 1);
        assert!(store.head(&name("of brief")).await.is_err());
        Ok(())
    }
}
