//! An upload to an object store: several parts, of which nothing is visible until they are put together.
//!
//! An archive that fits into one part is put at once. Stores can make that conditional, and it can get
//! another name when its own is taken by then. Parts belong to a name from the first of them on. So for those
//! the store is asked on the way, and an object that appears meanwhile ends the upload early.

use std::time::{Duration, Instant};

use bytes::Bytes;
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStoreExt, PutMode, PutPayload, WriteMultipart};

use super::pace::PIECE_BYTES;
use super::partial_name::other;
use super::{Error, error};
use crate::storage::Store;
use crate::storage::upload_options::{OTHER_NAMES_MAX, Replace, UploadOptions};

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
/// How often it is asked whether something has got the name meanwhile.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// Parts under way.
pub(super) struct Parts {
    /// Taken when it ends.
    sent: Option<Sent>,
    options: UploadOptions,
    looked: Instant,
    end: End,
}

/// What the end of an upload depends on.
struct End {
    store: Store,
    replace: Replace,
    written: u64,
    /// The end of the written bytes, at most [`LAST_BYTES`].
    last: Vec<u8>,
}

/// The parts sent.
enum Sent {
    /// Nothing yet: less than a part has come.
    None {
        upload: Box<dyn MultipartUpload>,
        waiting: Vec<Bytes>,
    },
    /// Whole parts.
    Some(WriteMultipart),
}

impl Parts {
    /// Begins an upload, which needs the store's permission.
    pub(super) async fn begin(
        store: &Store,
        replace: Replace,
        options: UploadOptions,
    ) -> Result<Self, Error> {
        let upload = store.objects.put_multipart(&store.path).await;
        let upload = upload.map_err(|source| store.error("write", source))?;
        Ok(Self {
            sent: Some(Sent::None {
                upload,
                waiting: Vec::new(),
            }),
            options,
            looked: Instant::now(),
            end: End {
                store: store.clone(),
                replace,
                written: 0,
                last: Vec::new(),
            },
        })
    }

    /// About how much is going to be written. Has no effect once a part was sent, because all parts but the
    /// last must be equal (R2 demands it).
    pub(super) fn expect(&mut self, bytes: u64) {
        let needed = bytes.div_ceil(self.options.parts_max.max(1));
        let is_too_few = needed > self.options.part_bytes as u64;
        if is_too_few && matches!(self.sent, Some(Sent::None { .. })) {
            let needed = needed.next_multiple_of(PART_STEP_BYTES).min(PART_BYTES_MAX);
            self.options.part_bytes = usize::try_from(needed).unwrap_or(usize::MAX);
        }
    }

    /// Adds bytes; waits while `max_in_flight` parts are under way.
    pub(super) async fn write(&mut self, bytes: Bytes) -> Result<(), Error> {
        self.end.written += bytes.len() as u64;
        self.end.remember_last(&bytes);
        let part_bytes = self.options.part_bytes.max(1) as u64;
        if self.end.written.div_ceil(part_bytes) > self.options.parts_max {
            return Err(Error::TooManyParts {
                location: self.end.store.describe().to_owned(),
                parts_max: self.options.parts_max,
                part_bytes,
            });
        }
        if let Some(Sent::None { waiting, .. }) = &mut self.sent
            && self.end.written < part_bytes
        {
            waiting.push(bytes);
            return Ok(());
        }
        if self.looked.elapsed() >= LOOK_EVERY {
            self.looked = Instant::now();
            self.end.refuse_what_appeared().await?;
        }
        let earlier = self.begin_parts();
        for waiting in earlier {
            self.send(waiting).await?;
        }
        self.send(bytes).await
    }

    /// From here on parts are sent. Returns the bytes before.
    fn begin_parts(&mut self) -> Vec<Bytes> {
        let (sent, waiting) = match self.sent.take() {
            Some(Sent::None { upload, waiting }) => {
                let part_bytes = self.options.part_bytes.max(1);
                let parts = WriteMultipart::new_with_chunk_size(upload, part_bytes);
                (Some(Sent::Some(parts)), waiting)
            }
            sent => (sent, Vec::new()),
        };
        self.sent = sent;
        waiting
    }

    async fn send(&mut self, bytes: Bytes) -> Result<(), Error> {
        let Some(Sent::Some(parts)) = &mut self.sent else {
            return Ok(());
        };
        let mut rest = bytes;
        let part_bytes = self.options.part_bytes.max(1);
        let store = &self.end.store;
        let piece_bytes = if store.pace.is_limited() {
            part_bytes.min(PIECE_BYTES)
        } else {
            part_bytes
        };
        // Piece by piece, because `put` would start every part of a large buffer at once.
        while !rest.is_empty() {
            let piece = rest.split_to(rest.len().min(piece_bytes));
            store.pace.pay(piece.len()).await;
            let capacity = parts.wait_for_capacity(self.options.max_in_flight.max(1));
            let waited = capacity.await;
            waited.map_err(|source| store.error("write", source))?;
            parts.put(piece);
        }
        Ok(())
    }

    /// Publishes the object. Returns where it is, if that is not where it was to be.
    pub(super) async fn finish(mut self) -> Result<Option<String>, Error> {
        let sent = match self.sent.take() {
            Some(Sent::None { upload, waiting }) => {
                return self.end.put_at_once(upload, waiting).await;
            }
            sent => sent,
        };
        // No conditional completion of multipart uploads: look again as late as possible.
        if let Err(error) = self.end.refuse_what_appeared().await {
            self.sent = sent;
            // The first error is the one to report.
            let _ = self.abort().await;
            return Err(error);
        }
        let (end, store) = (&self.end, &self.end.store);
        let published = complete(store, sent).await;
        end.confirm(store, published).await.map(|()| None)
    }

    /// Removes everything sent so far.
    pub(super) async fn abort(self) -> Result<(), Error> {
        let (store, sent) = (self.end.store, self.sent);
        let abort = async {
            let aborted = match sent {
                Some(Sent::None { mut upload, .. }) => upload.abort().await,
                Some(Sent::Some(mut parts)) => {
                    // A part that arrives after the abort could stay for good (S3's AbortMultipartUpload says
                    // so).
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

impl End {
    fn remember_last(&mut self, bytes: &[u8]) {
        let new = &bytes[bytes.len().saturating_sub(LAST_BYTES)..];
        let old = (self.last.len() + new.len()).saturating_sub(LAST_BYTES);
        self.last.drain(..old);
        self.last.extend_from_slice(new);
    }

    async fn refuse_what_appeared(&self) -> Result<(), Error> {
        if self.replace == Replace::Never && self.store.exists().await? {
            let location = self.store.describe().to_owned();
            return Err(Error::Appeared { location });
        }
        Ok(())
    }

    /// An object of less than a part: one request, which refuses to replace where the store can.
    async fn put_at_once(
        &self,
        mut upload: Box<dyn MultipartUpload>,
        waiting: Vec<Bytes>,
    ) -> Result<Option<String>, Error> {
        // It holds no part; a store that fails now will say so to the next request.
        let _ = upload.abort().await;
        let payload: PutPayload = waiting.into_iter().collect();
        self.store.pace.pay(payload.content_length()).await;
        if self.replace == Replace::Existing {
            let put = put(&self.store, payload, PutMode::Overwrite).await;
            return self.confirm(&self.store, put).await.map(|()| None);
        }
        let others = (2..OTHER_NAMES_MAX).map(|number| self.store.other(number));
        for store in std::iter::once(Ok(self.store.clone())).chain(others) {
            let store = store?;
            // Some stores accept the condition and replace all the same.
            if store.exists().await? {
                continue;
            }
            match put(&store, payload.clone(), PutMode::Create).await {
                Err(Error::AlreadyExists { .. }) if !self.is_stored(&store).await => {}
                put => {
                    self.confirm(&store, put).await?;
                    let is_elsewhere = store.path != self.store.path;
                    return Ok(is_elsewhere.then(|| store.describe().to_owned()));
                }
            }
        }
        let location = self.store.describe().to_owned();
        Err(Error::AlreadyExists { location })
    }

    /// An upload whose end was answered with an error has ended well all the same if the object is there.
    async fn confirm(&self, store: &Store, published: Result<(), Error>) -> Result<(), Error> {
        store.forget();
        match published {
            Ok(()) => check_stored(store, self.written).await,
            Err(error) if !self.is_stored(store).await => Err(error),
            Err(_) => Ok(()),
        }
    }

    /// Whether the object is there: the first answer was lost, and to the repeated request there was nothing
    /// left to complete. An archive's last bytes pin all others, so no other object has them.
    async fn is_stored(&self, store: &Store) -> bool {
        store.forget();
        let tail = store.tail(self.last.len() as u64).await;
        tail.is_ok_and(|(tail, size)| size == self.written && tail == self.last)
    }
}

impl Store {
    /// The object beside this one that has the name that is taken when this one's is.
    fn other(&self, number: usize) -> Result<Self, Error> {
        let beside = |text: &str| match text.rsplit_once('/') {
            Some((folder, name)) => format!("{folder}/{}", other(name, number)),
            None => other(text, number),
        };
        let description = beside(self.describe());
        let path = Path::parse(beside(self.path.as_ref()));
        let path = path.map_err(|error| error::of_name(&description, &error.into()))?;
        Ok(Self {
            path,
            description: description.into(),
            seen: Default::default(),
            ..self.clone()
        })
    }
}

async fn put(store: &Store, payload: PutPayload, mode: PutMode) -> Result<(), Error> {
    let mut put = store
        .objects
        .put_opts(&store.path, payload.clone(), mode.into())
        .await;
    if let Err(object_store::Error::NotImplemented { .. }) = put {
        let always = PutMode::Overwrite.into();
        put = store.objects.put_opts(&store.path, payload, always).await;
    }
    put.map_err(|source| store.error("write", source))?;
    Ok(())
}

/// Compares the size of the stored object with the bytes written, and removes another object. A store that
/// does not answer now has confirmed the upload all the same.
async fn check_stored(store: &Store, written: u64) -> Result<(), Error> {
    match store.size().await {
        Ok(stored) if stored != written => {
            // The stored object is the error to report.
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

async fn complete(store: &Store, sent: Option<Sent>) -> Result<(), Error> {
    if let Some(Sent::Some(parts)) = sent {
        let complete = parts.finish().await;
        complete.map_err(|source| store.error("write", source))?;
    }
    Ok(())
}
