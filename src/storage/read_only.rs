//! The other half of `object_store`'s trait for stores that can only be read: nothing is listed, and every
//! write is refused.

use std::fmt;

use async_trait::async_trait;
use futures::stream::{self, BoxStream, StreamExt};
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

/// The operations of such a store itself.
#[async_trait]
pub(super) trait Reads: fmt::Debug + fmt::Display + Send + Sync + 'static {
    /// What a write is answered with.
    const REFUSAL: &'static str;

    /// As [`ObjectStore::get_opts`].
    async fn read(&self, location: &Path, options: GetOptions) -> Result<GetResult>;
}

/// The store made of it.
#[derive(Debug)]
pub(super) struct ReadOnly<R>(pub(super) R);

impl<R: fmt::Display> fmt::Display for ReadOnly<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn refusal<R: Reads>() -> Error {
    Error::NotSupported {
        source: R::REFUSAL.into(),
    }
}

#[async_trait]
impl<R: Reads> ObjectStore for ReadOnly<R> {
    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.0.read(location, options).await
    }

    async fn put_opts(&self, _: &Path, _: PutPayload, _: PutOptions) -> Result<PutResult> {
        Err(refusal::<R>())
    }

    async fn put_multipart_opts(
        &self,
        _: &Path,
        _: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        Err(refusal::<R>())
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        locations.map(|_| Err(refusal::<R>())).boxed()
    }

    fn list(&self, _: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        stream::empty().boxed()
    }

    async fn list_with_delimiter(&self, _: Option<&Path>) -> Result<ListResult> {
        Ok(ListResult {
            common_prefixes: Vec::new(),
            objects: Vec::new(),
            extensions: Default::default(),
        })
    }

    async fn copy_opts(&self, _: &Path, _: &Path, _: CopyOptions) -> Result<()> {
        Err(refusal::<R>())
    }
}
