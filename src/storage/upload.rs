//! The write: bounded parts, then one commit point.
//!
//! On local disk the parts go to a temporary file in the target's own folder; [`Upload::finish`]
//! syncs it and publishes it under its name in one step. Elsewhere a multipart upload has the same
//! property by itself, and what fits into one part is put at once, which stores can make conditional. An
//! upload that is dropped publishes nothing.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use object_store::path::Path;
use object_store::{
    DynObjectStore, MultipartUpload, ObjectStoreExt, PutMode, PutPayload, WriteMultipart,
};

use super::pace::PIECE_BYTES;
use super::{Error, Store, error};

/// What to do about an object that has the name already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replace {
    /// Refuse, at the beginning and again at the end.
    Never,
    /// Put the new one in its place.
    Existing,
}

/// How many parts an upload to S3 may have.
pub const PARTS_MAX: u64 = 10_000;
/// Parts are made larger by whole steps of this size.
const PART_STEP_BYTES: u64 = 1 << 20;
/// How much of the end is kept, to recognize the object by.
const LAST_BYTES: usize = 2048;
/// How long a store may take to remove the parts of an upload that is given up.
const ABORT_TIMEOUT: Duration = Duration::from_secs(15);
/// How long of it the parts under way may take to arrive.
const PARTS_TIMEOUT: Duration = Duration::from_secs(5);
/// The largest part: it is held in memory.
const PART_BYTES_MAX: u64 = 1 << 30;

/// How to write.
#[derive(Debug, Clone, Copy)]
pub struct UploadOptions {
    /// The size of every part but the last. Stores have a minimum (5 MiB).
    pub part_bytes: usize,
    /// How many parts the store takes: [`Upload::expect`] makes them larger where that is too few.
    pub parts_max: u64,
    /// How many parts may be under way at once; memory is bounded by both together.
    pub max_in_flight: usize,
    /// Whether the file and its folder are synced before and after it gets its name.
    pub sync: bool,
}

impl Default for UploadOptions {
    fn default() -> Self {
        Self {
            part_bytes: 8 << 20,
            parts_max: PARTS_MAX,
            max_in_flight: 2,
            sync: true,
        }
    }
}

/// An upload under way. [`finish`](Self::finish) is the only thing that makes it visible.
pub struct Upload {
    store: Store,
    objects: Arc<DynObjectStore>,
    /// Taken when it ends.
    parts: Option<Parts>,
    options: UploadOptions,
    replace: Replace,
    /// Where the parts go when that is not the target itself.
    partial: Option<Path>,
    written: u64,
    /// The last of what was written, at most [`LAST_BYTES`].
    last: Vec<u8>,
}

/// What has been sent.
enum Parts {
    /// Nothing yet: less than a part has come.
    None {
        upload: Box<dyn MultipartUpload>,
        waiting: Vec<Bytes>,
    },
    /// Whole parts.
    Some(WriteMultipart),
}

impl Store {
    /// Starts to write the object. Fails at once where it exists and may not be replaced.
    pub async fn upload(&self, replace: Replace, options: UploadOptions) -> Result<Upload, Error> {
        if self.describe().starts_with("http") && self.is_remote() {
            let location = self.describe().to_owned();
            return Err(Error::ReadOnly { location });
        }
        if let Some(local) = &self.local {
            local.refuse_what_is_no_file()?;
        }
        self.refuse_existing(replace).await?;
        let (objects, partial) = match &self.local {
            None => (Arc::clone(&self.objects), None),
            Some(local) => {
                let partial = Path::parse(local.partial_name());
                let partial = partial.map_err(|source| self.error("write", source.into()))?;
                (local.objects_for_writing(options.sync)?, Some(partial))
            }
        };
        let target = partial.as_ref().unwrap_or(&self.path);
        let parts = objects.put_multipart(target).await;
        let parts = parts.map_err(|source| self.error("write", source))?;
        Ok(Upload {
            store: self.clone(),
            objects,
            parts: Some(Parts::None {
                upload: parts,
                waiting: Vec::new(),
            }),
            options,
            replace,
            partial,
            written: 0,
            last: Vec::new(),
        })
    }

    async fn refuse_existing(&self, replace: Replace) -> Result<(), Error> {
        if replace == Replace::Never && self.exists().await? {
            return Err(Error::AlreadyExists {
                location: self.describe().to_owned(),
            });
        }
        Ok(())
    }
}

impl Upload {
    /// About how much is going to be written: parts are made so large that their number suffices. Has no
    /// effect once a part was sent, because all parts but the last must be equal (R2 demands it).
    pub fn expect(&mut self, bytes: u64) {
        let needed = bytes.div_ceil(self.options.parts_max.max(1));
        let is_too_few = needed > self.options.part_bytes as u64;
        if is_too_few && matches!(self.parts, Some(Parts::None { .. })) {
            let needed = needed.next_multiple_of(PART_STEP_BYTES).min(PART_BYTES_MAX);
            self.options.part_bytes = usize::try_from(needed).unwrap_or(usize::MAX);
        }
    }

    /// Adds bytes; waits while `max_in_flight` parts are under way.
    pub async fn write(&mut self, bytes: Bytes) -> Result<(), Error> {
        self.written += bytes.len() as u64;
        self.remember_last(&bytes);
        let part_bytes = self.options.part_bytes.max(1) as u64;
        if self.written.div_ceil(part_bytes) > self.options.parts_max && self.partial.is_none() {
            return Err(Error::TooManyParts {
                location: self.store.describe().to_owned(),
                parts_max: self.options.parts_max,
                part_bytes,
            });
        }
        if let Some(Parts::None { waiting, .. }) = &mut self.parts
            && self.written < part_bytes
        {
            waiting.push(bytes);
            return Ok(());
        }
        let earlier = self.begin_parts();
        for waiting in earlier {
            self.send(waiting).await?;
        }
        self.send(bytes).await
    }

    fn remember_last(&mut self, bytes: &[u8]) {
        let new = &bytes[bytes.len().saturating_sub(LAST_BYTES)..];
        let old = (self.last.len() + new.len()).saturating_sub(LAST_BYTES);
        self.last.drain(..old);
        self.last.extend_from_slice(new);
    }

    /// From here on parts are sent. Returns what came before.
    fn begin_parts(&mut self) -> Vec<Bytes> {
        let (parts, waiting) = match self.parts.take() {
            Some(Parts::None { upload, waiting }) => {
                let part_bytes = self.options.part_bytes.max(1);
                let parts = WriteMultipart::new_with_chunk_size(upload, part_bytes);
                (Some(Parts::Some(parts)), waiting)
            }
            parts => (parts, Vec::new()),
        };
        self.parts = parts;
        waiting
    }

    async fn send(&mut self, bytes: Bytes) -> Result<(), Error> {
        let Some(Parts::Some(parts)) = &mut self.parts else {
            return Ok(());
        };
        let mut rest = bytes;
        let part_bytes = self.options.part_bytes.max(1);
        let piece_bytes = match self.store.pace.is_limited() {
            true => part_bytes.min(PIECE_BYTES),
            false => part_bytes,
        };
        // Piece by piece, because `put` would start every part of a large buffer at once.
        while !rest.is_empty() {
            let piece = rest.split_to(rest.len().min(piece_bytes));
            self.store.pace.pay(piece.len()).await;
            let capacity = parts.wait_for_capacity(self.options.max_in_flight.max(1));
            let waited = capacity.await;
            waited.map_err(|source| self.store.error("write", source))?;
            parts.put(piece);
        }
        Ok(())
    }

    /// Writes what is buffered, syncs, and publishes the object under its name.
    pub async fn finish(mut self) -> Result<(), Error> {
        if self.partial.is_some() {
            return self.finish_file().await;
        }
        // No conditional completion of multipart uploads: look again as late as possible.
        if let Err(error) = self.store.refuse_existing(self.replace).await {
            // The first error is the one to report.
            let _ = self.abort().await;
            return Err(error);
        }
        let (store, written) = (self.store.clone(), self.written);
        let last = std::mem::take(&mut self.last);
        let published = match self.parts.take() {
            Some(Parts::None { upload, waiting }) => self.put_at_once(upload, waiting).await,
            parts => complete(&self.store, parts).await,
        };
        store.forget();
        match published {
            Ok(()) => check_stored(&store, written).await,
            Err(error) if !is_stored(&store, written, &last).await => Err(error),
            Err(_) => Ok(()),
        }
    }

    /// An object of less than a part: one request, which refuses to replace where the store can.
    async fn put_at_once(
        self,
        mut upload: Box<dyn MultipartUpload>,
        waiting: Vec<Bytes>,
    ) -> Result<(), Error> {
        let (store, objects) = (self.store, self.objects);
        // It holds no part; a store that fails now will say so to the next request.
        let _ = upload.abort().await;
        let payload: PutPayload = waiting.into_iter().collect();
        store.pace.pay(payload.content_length()).await;
        let mode = match self.replace {
            Replace::Never => PutMode::Create,
            Replace::Existing => PutMode::Overwrite,
        };
        let mut put = objects
            .put_opts(&store.path, payload.clone(), mode.into())
            .await;
        if let Err(object_store::Error::NotImplemented { .. }) = put {
            let always = PutMode::Overwrite.into();
            put = objects.put_opts(&store.path, payload, always).await;
        }
        put.map_err(|source| store.error("write", source))?;
        Ok(())
    }

    async fn finish_file(mut self) -> Result<(), Error> {
        for waiting in self.begin_parts() {
            self.send(waiting).await?;
        }
        let (store, objects) = (self.store.clone(), Arc::clone(&self.objects));
        let (partial, replace) = (self.partial.clone(), self.replace);
        complete(&store, self.parts.take()).await?;
        let Some(partial) = partial else {
            return Ok(());
        };
        let published = publish(&store, &objects, &partial, replace).await;
        if published.is_err() {
            // The first error is the one to report.
            let _ = objects.delete(&partial).await;
        }
        published
    }

    /// Removes everything written so far. A store that has gone away is not waited for as long as otherwise.
    pub async fn abort(self) -> Result<(), Error> {
        let Self { store, parts, .. } = self;
        let abort = async {
            let aborted = match parts {
                Some(Parts::None { mut upload, .. }) => upload.abort().await,
                Some(Parts::Some(mut parts)) => {
                    // A part that arrives after the abort could stay for good (S3's AbortMultipartUpload says so).
                    let arrived = parts.wait_for_capacity(0);
                    let _ = tokio::time::timeout(PARTS_TIMEOUT, arrived).await;
                    parts.abort().await
                }
                None => Ok(()),
            };
            match aborted {
                // Some stores give up an upload by themselves when another object gets its name.
                Err(object_store::Error::NotFound { .. }) => Ok(()),
                aborted => aborted,
            }
        };
        if store.local.is_some() {
            return abort.await.map_err(|source| store.error("abort", source));
        }
        let left = |source| Error::PartsLeft {
            location: store.describe().to_owned(),
            source,
        };
        match tokio::time::timeout(ABORT_TIMEOUT, abort).await {
            Ok(aborted) => aborted.map_err(|source| left(error::cause(&source))),
            Err(late) => Err(left(late.into())),
        }
    }
}

/// Compares the size of what is stored with what was written; something else does not stay. A store that
/// does not answer now has confirmed the upload all the same.
async fn check_stored(store: &Store, written: u64) -> Result<(), Error> {
    match store.size().await {
        Ok(stored) if stored != written => {
            // What is stored is the error to report.
            let _ = store.objects.delete(&store.path).await;
            Err(Error::Stored {
                location: store.describe().to_owned(),
                written,
                stored,
            })
        }
        _ => Ok(()),
    }
}

/// Whether an upload whose end was answered with an error has ended well all the same: the first answer was
/// lost, and to the repeated request there was nothing left to complete. An archive's last bytes pin all
/// others, so no other object has them.
async fn is_stored(store: &Store, written: u64, last: &[u8]) -> bool {
    let tail = store.tail(last.len() as u64).await;
    tail.is_ok_and(|(tail, size)| size == written && tail == last)
}

async fn complete(store: &Store, parts: Option<Parts>) -> Result<(), Error> {
    if let Some(Parts::Some(parts)) = parts {
        let complete = parts.finish().await;
        complete.map_err(|source| store.error("write", source))?;
    }
    Ok(())
}

/// Gives the complete temporary file its name: a hard link fails where something appeared in the
/// meantime, a rename replaces it.
async fn publish(
    store: &Store,
    objects: &Arc<DynObjectStore>,
    partial: &Path,
    replace: Replace,
) -> Result<(), Error> {
    let named = match replace {
        Replace::Existing => objects.rename(partial, &store.path).await,
        Replace::Never => match objects.rename_if_not_exists(partial, &store.path).await {
            Err(object_store::Error::Generic { .. }) => {
                // A file system without hard links: look, then rename.
                store.refuse_existing(replace).await?;
                objects.rename(partial, &store.path).await
            }
            other => other,
        },
    };
    named.map_err(|source| error::of("write", store.describe(), source))
}
