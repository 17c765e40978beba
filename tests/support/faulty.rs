//! A store over another that counts what is asked of it, and spoils the calls it is told to.
//!
//! For "this takes two reads" and "whichever call fails, no archive appears". The crate's own tests include
//! this file too (`src/storage/testing.rs`), so it knows nothing but `object_store`.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::BoxStream;
use object_store::path::Path;
use object_store::{
    Attributes, CopyOptions, DynObjectStore, Error, Extensions, GetOptions, GetResult,
    GetResultPayload, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMultipartOptions,
    PutOptions, PutPayload, PutResult, Result, UploadPart,
};

/// How long a late call is late.
const DELAY: Duration = Duration::from_millis(300);

/// The kinds of calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    Head,
    Get,
    List,
    Put,
    PutMultipart,
    PutPart,
    Complete,
    Abort,
    Delete,
    Copy,
}

/// What happens to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is not carried out.
    Refuse,
    /// It is carried out, and the answer is lost.
    Lose,
    /// It takes longer.
    Delay,
    /// Half of the body comes, and then an error.
    Cut,
    /// The body, or the part that is put, ends a byte early and says nothing.
    Shorten,
    /// One byte in the middle is another.
    Corrupt,
}

/// How long it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasting {
    /// That one call.
    Once,
    /// That call and every later one.
    FromThenOn,
}

#[derive(Debug, Clone, Copy)]
struct Plan {
    /// None for calls of any kind.
    call: Option<Call>,
    number: u64,
    fault: Fault,
    lasting: Lasting,
}

/// What was asked, and what is to be spoilt.
#[derive(Debug, Default)]
pub struct Calls {
    plan: Mutex<Option<Plan>>,
    counts: Mutex<BTreeMap<Call, u64>>,
    reads: Mutex<Vec<Range<u64>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|error| panic!("{error}"))
}

impl Calls {
    /// Counts anew, and from now on spoils the `number`th call of this kind, from 1.
    pub fn spoil(&self, call: Call, number: u64, fault: Fault, lasting: Lasting) {
        self.restart(Some(Plan {
            call: Some(call),
            number,
            fault,
            lasting,
        }));
    }

    /// Counts anew, and refuses the call with this number and every later one; 0 for none.
    pub fn fail_from(&self, number: u64) {
        self.restart((number > 0).then_some(Plan {
            call: None,
            number,
            fault: Fault::Refuse,
            lasting: Lasting::FromThenOn,
        }));
    }

    /// Counts anew, and spoils nothing.
    pub fn spoil_nothing(&self) {
        self.restart(None);
    }

    fn restart(&self, plan: Option<Plan>) {
        *lock(&self.plan) = plan;
        lock(&self.counts).clear();
        lock(&self.reads).clear();
    }

    /// The calls since then.
    pub fn count(&self) -> u64 {
        lock(&self.counts).values().sum()
    }

    /// The calls since then, by kind.
    pub fn counts(&self) -> BTreeMap<Call, u64> {
        lock(&self.counts).clone()
    }

    /// The ranges that were read since this was last asked.
    pub fn take_reads(&self) -> Vec<Range<u64>> {
        std::mem::take(&mut lock(&self.reads))
    }

    /// A call comes. Returns what else is to happen to it.
    async fn arrive(&self, call: Call) -> Result<Option<Fault>> {
        let fault = self.fault_of(call);
        match fault {
            Some(Fault::Refuse) => return Err(reset()),
            Some(Fault::Delay) => tokio::time::sleep(DELAY).await,
            _ => {}
        }
        Ok(fault)
    }

    fn fault_of(&self, call: Call) -> Option<Fault> {
        let (of_kind, of_all) = {
            let mut counts = lock(&self.counts);
            *counts.entry(call).or_default() += 1;
            (counts[&call], counts.values().sum())
        };
        let plan = (*lock(&self.plan))?;
        let number = match plan.call {
            Some(kind) if kind == call => of_kind,
            Some(_) => return None,
            None => of_all,
        };
        let is_hit = match plan.lasting {
            Lasting::Once => number == plan.number,
            Lasting::FromThenOn => number >= plan.number,
        };
        is_hit.then_some(plan.fault)
    }
}

fn reset() -> Error {
    let refused = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    Error::Generic {
        store: "test",
        source: refused.into(),
    }
}

/// The answer, unless it is to be lost.
fn answered<T>(fault: Option<Fault>, answer: T) -> Result<T> {
    match fault {
        Some(Fault::Lose) => Err(reset()),
        _ => Ok(answer),
    }
}

/// Bytes that are put, as they arrive.
fn on_the_way(fault: Option<Fault>, payload: PutPayload) -> PutPayload {
    let bytes: Vec<u8> = payload.iter().flatten().copied().collect();
    match fault {
        Some(Fault::Shorten) => Bytes::from(bytes)
            .slice(..payload.content_length() - 1)
            .into(),
        Some(Fault::Corrupt) => corrupted(&bytes).into(),
        _ => payload,
    }
}

fn corrupted(bytes: &[u8]) -> Bytes {
    let mut bytes = bytes.to_vec();
    let middle = bytes.len() / 2;
    if let Some(byte) = bytes.get_mut(middle) {
        *byte ^= 0x10;
    }
    bytes.into()
}

/// `inner`, counted and spoilt.
pub fn over(inner: Arc<DynObjectStore>) -> (Arc<DynObjectStore>, Arc<Calls>) {
    let calls = Arc::new(Calls::default());
    let faulty = Faulty {
        inner,
        calls: Arc::clone(&calls),
    };
    (Arc::new(faulty), calls)
}

#[derive(Debug)]
struct Faulty {
    inner: Arc<DynObjectStore>,
    calls: Arc<Calls>,
}

impl fmt::Display for Faulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Faulty({})", self.inner)
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
        let fault = self.calls.fault_of(Call::PutPart);
        if fault == Some(Fault::Refuse) {
            return Box::pin(async { Err(reset()) });
        }
        let put = self.inner.put_part(on_the_way(fault, data));
        Box::pin(async move {
            if fault == Some(Fault::Delay) {
                tokio::time::sleep(DELAY).await;
            }
            put.await.and_then(|()| answered(fault, ()))
        })
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let fault = self.calls.arrive(Call::Complete).await?;
        answered(fault, self.inner.complete().await?)
    }

    async fn abort(&mut self) -> Result<()> {
        let fault = self.calls.arrive(Call::Abort).await?;
        answered(fault, self.inner.abort().await?)
    }
}

/// The answer with another body.
async fn spoilt(answer: GetResult, fault: Option<Fault>) -> Result<GetResult> {
    let (meta, range) = (answer.meta.clone(), answer.range.clone());
    let pieces = match fault {
        Some(Fault::Lose) => return Err(reset()),
        Some(Fault::Cut) => {
            let body = answer.bytes().await?;
            vec![Ok(body.slice(..body.len() / 2)), Err(reset())]
        }
        Some(Fault::Shorten) => {
            let body = answer.bytes().await?;
            vec![Ok(body.slice(..body.len().saturating_sub(1)))]
        }
        Some(Fault::Corrupt) => vec![Ok(corrupted(&answer.bytes().await?))],
        _ => return Ok(answer),
    };
    Ok(GetResult {
        payload: GetResultPayload::Stream(futures::stream::iter(pieces).boxed()),
        meta,
        range,
        attributes: Attributes::default(),
        extensions: Extensions::default(),
    })
}

#[async_trait]
impl ObjectStore for Faulty {
    async fn put_opts(&self, to: &Path, bytes: PutPayload, o: PutOptions) -> Result<PutResult> {
        let fault = self.calls.arrive(Call::Put).await?;
        let bytes = on_the_way(fault, bytes);
        answered(fault, self.inner.put_opts(to, bytes, o).await?)
    }

    async fn put_multipart_opts(
        &self,
        to: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        let fault = self.calls.arrive(Call::PutMultipart).await?;
        let inner = self.inner.put_multipart_opts(to, options).await?;
        let calls = Arc::clone(&self.calls);
        answered(fault, Box::new(FaultyUpload { inner, calls }))
    }

    async fn get_opts(&self, from: &Path, options: GetOptions) -> Result<GetResult> {
        if options.head {
            let fault = self.calls.arrive(Call::Head).await?;
            return answered(fault, self.inner.get_opts(from, options).await?);
        }
        let fault = self.calls.arrive(Call::Get).await?;
        let answer = self.inner.get_opts(from, options).await?;
        lock(&self.calls.reads).push(answer.range.clone());
        spoilt(answer, fault).await
    }

    fn delete_stream(
        &self,
        paths: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        let calls = Arc::clone(&self.calls);
        let deleted = self.inner.delete_stream(paths);
        let deleted = deleted.map(move |path| match calls.fault_of(Call::Delete) {
            None | Some(Fault::Delay) => path,
            Some(_) => Err(reset()),
        });
        deleted.boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        match self.calls.fault_of(Call::List) {
            None | Some(Fault::Delay) => self.inner.list(prefix),
            Some(_) => futures::stream::iter([Err(reset())]).boxed(),
        }
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        let fault = self.calls.arrive(Call::List).await?;
        answered(fault, self.inner.list_with_delimiter(prefix).await?)
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        let fault = self.calls.arrive(Call::Copy).await?;
        self.inner.copy_opts(from, to, options).await?;
        answered(fault, ())
    }
}
