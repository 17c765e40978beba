//! A store in memory that counts what is asked of it, and fails when it is told to.
//!
//! For tests of this layer and those above: "this takes two reads", "whichever call fails, no archive
//! appears".

use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    Attributes, CopyOptions, Error, Extensions, GetOptions, GetResult, GetResultPayload,
    ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMultipartOptions, PutOptions,
    PutPayload, PutResult, Result, UploadPart,
};

use super::Store;

/// What was asked, and what is to fail.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    count: AtomicU64,
    fail_at: AtomicU64,
    short_reads: AtomicBool,
    reads: Mutex<Vec<Range<u64>>>,
}

impl Calls {
    /// From now on the call with this number, from 1, fails, and every later one; 0 for none.
    pub(crate) fn fail_from(&self, call: u64) {
        self.count.store(0, Ordering::SeqCst);
        self.fail_at.store(call, Ordering::SeqCst);
    }

    /// From now on every read returns a byte less than was asked for.
    pub(crate) fn shorten_reads(&self) {
        self.short_reads.store(true, Ordering::SeqCst);
    }

    /// The calls since the last `fail_from`.
    pub(crate) fn count(&self) -> u64 {
        self.count.load(Ordering::SeqCst)
    }

    /// The ranges that were read since this was last asked.
    pub(crate) fn take_reads(&self) -> Vec<Range<u64>> {
        std::mem::take(&mut self.reads.lock().unwrap_or_else(|e| panic!("{e}")))
    }

    fn note(&self, ranges: &[Range<u64>]) {
        let mut reads = self.reads.lock().unwrap_or_else(|e| panic!("{e}"));
        reads.extend_from_slice(ranges);
    }

    fn call(&self) -> Result<()> {
        let number = self.count.fetch_add(1, Ordering::SeqCst) + 1;
        let fail_at = self.fail_at.load(Ordering::SeqCst);
        if fail_at == 0 || number < fail_at {
            return Ok(());
        }
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        Err(Error::Generic {
            store: "test",
            source: refused.into(),
        })
    }
}

/// A store over [`InMemory`] and what happens to it.
pub(crate) fn faulty() -> (Store, Arc<Calls>) {
    let calls = Arc::new(Calls::default());
    let objects = Faulty {
        inner: InMemory::new(),
        calls: Arc::clone(&calls),
    };
    let store = Store::over(Arc::new(objects), "snap.tar");
    (store.unwrap_or_else(|e| panic!("{e}")), calls)
}

#[derive(Debug)]
struct Faulty {
    inner: InMemory,
    calls: Arc<Calls>,
}

impl fmt::Display for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Faulty")
    }
}

#[derive(Debug)]
struct FaultyUpload {
    inner: Box<dyn MultipartUpload>,
    calls: Arc<Calls>,
}

#[async_trait]
impl MultipartUpload for FaultyUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        match self.calls.call() {
            Ok(()) => self.inner.put_part(data),
            Err(error) => Box::pin(async { Err(error) }),
        }
    }

    async fn complete(&mut self) -> Result<PutResult> {
        self.calls.call()?;
        self.inner.complete().await
    }

    async fn abort(&mut self) -> Result<()> {
        self.calls.call()?;
        self.inner.abort().await
    }
}

#[async_trait]
impl ObjectStore for Faulty {
    async fn put_opts(&self, to: &Path, bytes: PutPayload, o: PutOptions) -> Result<PutResult> {
        self.calls.call()?;
        self.inner.put_opts(to, bytes, o).await
    }

    async fn put_multipart_opts(
        &self,
        to: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.calls.call()?;
        let inner = self.inner.put_multipart_opts(to, options).await?;
        let calls = Arc::clone(&self.calls);
        Ok(Box::new(FaultyUpload { inner, calls }))
    }

    async fn get_opts(&self, from: &Path, options: GetOptions) -> Result<GetResult> {
        self.calls.call()?;
        let is_head = options.head;
        let mut answer = self.inner.get_opts(from, options).await?;
        if is_head {
            return Ok(answer);
        }
        self.calls.note(std::slice::from_ref(&answer.range));
        if self.calls.short_reads.load(Ordering::SeqCst) {
            let (meta, range) = (answer.meta.clone(), answer.range.clone());
            let bytes = answer.bytes().await?;
            let short = bytes.slice(..bytes.len() - 1);
            answer = GetResult {
                payload: GetResultPayload::Stream(futures::stream::iter([Ok(short)]).boxed()),
                meta,
                range,
                attributes: Attributes::default(),
                extensions: Extensions::default(),
            };
        }
        Ok(answer)
    }

    async fn get_ranges(&self, from: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.calls.call()?;
        self.calls.note(ranges);
        let mut parts = self.inner.get_ranges(from, ranges).await?;
        if self.calls.short_reads.load(Ordering::SeqCst) {
            parts
                .iter_mut()
                .for_each(|part| part.truncate(part.len() - 1));
        }
        Ok(parts)
    }

    fn delete_stream(
        &self,
        paths: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(paths)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.calls.call()?;
        self.inner.copy_opts(from, to, options).await
    }
}
