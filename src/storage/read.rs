//! The reads: exactly the bytes that were asked for, all of one and the same object.
//!
//! A request that fails is repeated by the store's client (`cloud`). A body that breaks off is taken up
//! here where it broke, since not every client does so, and none without an ETag. Every answer must be of
//! the object that was looked at first; on local disk that is asked only where something does not fit
//! ([`Store::refuse_replaced`]), because file systems change inode numbers of files that stay the same.

use crate::storage::seen::Seen;
use std::ops::Range;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use object_store::{GetOptions, GetRange, GetResult, ObjectMeta, ObjectStoreExt};

use super::error::{self, Error};
use super::pace::PIECE_BYTES;
use crate::storage::{READ_BYTES_MAX, Store};

/// How often one read is taken up again.
const RESUMES_MAX: u32 = 6;
/// The pause before it is taken up for the first time; each further one is twice as long.
const RESUME_PAUSE: Duration = Duration::from_millis(50);

impl Store {
    /// The object's size in bytes.
    pub async fn size(&self) -> Result<u64, Error> {
        if let Some(local) = &self.local {
            local.refuse_what_is_no_file()?;
        }
        let meta = self.head().await;
        let meta = meta.map_err(|source| self.error("read", source))?;
        self.remember(&meta);
        Ok(meta.size)
    }

    /// Whether the object exists.
    pub async fn exists(&self) -> Result<bool, Error> {
        if let Some(local) = &self.local {
            return Ok(local.exists());
        }
        match self.head().await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(source) => Err(self.error("look for", source)),
        }
    }

    /// The last `bytes` of the object, or all of it, and its size: one request where the store can answer
    /// it (Azure cannot).
    pub async fn tail(&self, bytes: u64) -> Result<(Bytes, u64), Error> {
        if self.local.is_none() {
            match self.get(GetRange::Suffix(bytes)).await {
                Ok(answer) => {
                    self.remember(&answer.meta);
                    self.expect_same(&answer.meta)?;
                    let (range, size) = (answer.range.clone(), answer.meta.size);
                    return Ok((self.gather(Some(answer), range).await?, size));
                }
                Err(source) if is_final(&source) || error::is_unreachable(&source) => {
                    return Err(self.read_error(source));
                }
                Err(_) => {}
            }
        }
        let size = self.size().await?;
        let tail = self.read_range(size.saturating_sub(bytes)..size).await?;
        Ok((tail, size))
    }

    /// Reads exactly `range`, at most [`READ_BYTES_MAX`] bytes of it; a shorter object is an error.
    pub async fn read_range(&self, range: Range<u64>) -> Result<Bytes, Error> {
        let bytes = range.end.saturating_sub(range.start);
        if bytes == 0 {
            return Ok(Bytes::new());
        }
        if bytes > READ_BYTES_MAX {
            return Err(Error::ReadTooLarge {
                location: self.description.to_string(),
                bytes,
            });
        }
        match self.local {
            Some(_) if self.pace.is_limited() => self.read_file_slowly(range).await,
            Some(_) => self.read_file(range).await,
            None => self.gather(None, range).await,
        }
    }

    /// An error if the object under this name is not the one that was looked at first. A store that does not
    /// answer now has said nothing.
    pub async fn refuse_replaced(&self) -> Result<(), Error> {
        let seen = self.seen().clone();
        let (Some(seen), Ok(meta)) = (seen, self.head().await) else {
            return Ok(());
        };
        let is_same = match self.local {
            None => seen.is_same(&meta),
            Some(_) => {
                let now = Seen::new(&meta);
                (seen.size, seen.modified_unix_ms) == (now.size, now.modified_unix_ms)
            }
        };
        if is_same { Ok(()) } else { Err(self.changed()) }
    }

    /// Whether the object comes over a network, where damage on the way does not mean damage in the store.
    pub fn is_remote(&self) -> bool {
        self.local.is_none()
    }

    async fn head(&self) -> object_store::Result<ObjectMeta> {
        self.counters.request();
        self.objects.head(&self.path).await
    }

    async fn read_file(&self, range: Range<u64>) -> Result<Bytes, Error> {
        self.counters.request();
        let ranges = [range.clone()];
        let parts = self.objects.get_ranges(&self.path, &ranges).await;
        let part = parts.map(|mut parts| parts.pop().unwrap_or_default());
        match part {
            Ok(part) if part.len() as u64 == range.end - range.start => {
                self.counters.received(part.len());
                Ok(part)
            }
            Ok(_) => Err(self.short(&range)),
            Err(source) => Err(error::of_read(self.describe(), source, self.short(&range))),
        }
    }

    async fn read_file_slowly(&self, range: Range<u64>) -> Result<Bytes, Error> {
        let mut gathered = BytesMut::with_capacity(length(&range));
        for start in range.clone().step_by(PIECE_BYTES) {
            let end = range.end.min(start.saturating_add(PIECE_BYTES as u64));
            let piece = self.read_file(start..end).await?;
            self.pace.pay(piece.len()).await;
            gathered.extend_from_slice(&piece);
        }
        Ok(gathered.freeze())
    }

    /// Reads `range`, of which an `answer` may be there already. The range lies within the object, or no
    /// memory is taken for it.
    async fn gather(
        &self,
        mut answer: Option<GetResult>,
        range: Range<u64>,
    ) -> Result<Bytes, Error> {
        let mut gathered = BytesMut::new();
        let mut pause = RESUME_PAUSE;
        let mut resumes = 0;
        loop {
            let rest = range.start + gathered.len() as u64..range.end;
            let body = match answer.take() {
                Some(answer) => answer,
                None => self.ask(rest.clone()).await?,
            };
            gathered.reserve(length(&rest));
            let broken = self.receive(body, &mut gathered, length(&range)).await;
            if gathered.len() == length(&range) {
                return Ok(gathered.freeze());
            }
            if broken.as_ref().is_some_and(is_final) || resumes == RESUMES_MAX {
                return Err(self.broken(broken));
            }
            self.repeats();
            tokio::time::sleep(pause).await;
            (pause, resumes) = (pause * 2, resumes + 1);
        }
    }

    /// Adds a body to `gathered` until that has `bytes`. Returns the error that broke it off.
    async fn receive(
        &self,
        answer: GetResult,
        gathered: &mut BytesMut,
        bytes: usize,
    ) -> Option<object_store::Error> {
        let mut body = answer.into_stream();
        while let Some(piece) = body.next().await {
            let piece = match piece {
                Ok(piece) => piece,
                Err(source) => return Some(source),
            };
            self.counters.received(piece.len());
            self.pace.pay(piece.len()).await;
            let wanted = piece.len().min(bytes - gathered.len());
            gathered.extend_from_slice(&piece[..wanted]);
            if wanted < piece.len() {
                // More than was asked for: it may never end.
                return None;
            }
        }
        None
    }

    /// Sends a request for bytes that the object must have.
    async fn ask(&self, range: Range<u64>) -> Result<GetResult, Error> {
        let known = self.seen().as_ref().map(|seen| seen.size);
        if known.is_some_and(|size| range.end > size) {
            return Err(self.short(&range));
        }
        match self.get(GetRange::Bounded(range.clone())).await {
            Ok(answer) => {
                self.remember(&answer.meta);
                self.expect_same(&answer.meta)?;
                if answer.range == range {
                    Ok(answer)
                } else {
                    Err(self.short(&range))
                }
            }
            // Stores have no error of their own for a range beyond the end.
            Err(source) if known.is_none() && !is_final(&source) => match self.size().await {
                Ok(size) if range.end > size => Err(self.short(&range)),
                _ => Err(self.read_error(source)),
            },
            Err(source) => Err(self.read_error(source)),
        }
    }

    async fn get(&self, range: GetRange) -> object_store::Result<GetResult> {
        let options = GetOptions {
            range: Some(range),
            if_match: self.seen().as_ref().and_then(Seen::strong_etag),
            ..GetOptions::default()
        };
        self.counters.request();
        self.objects.get_opts(&self.path, options).await
    }

    /// Whatever is read from now on has to be of the same object.
    fn remember(&self, meta: &ObjectMeta) {
        self.seen().get_or_insert_with(|| Seen::new(meta));
    }

    /// The object is about to become another one, by our own hand.
    pub(super) fn forget(&self) {
        *self.seen() = None;
    }

    fn expect_same(&self, meta: &ObjectMeta) -> Result<(), Error> {
        let is_same = self.seen().as_ref().is_none_or(|seen| seen.is_same(meta));
        if is_same { Ok(()) } else { Err(self.changed()) }
    }

    fn changed(&self) -> Error {
        Error::Changed {
            location: self.description.to_string(),
        }
    }

    fn short(&self, range: &Range<u64>) -> Error {
        Error::Short {
            location: self.description.to_string(),
            start: range.start,
            end: range.end,
        }
    }

    fn read_error(&self, source: object_store::Error) -> Error {
        match source {
            object_store::Error::Precondition { .. } => self.changed(),
            source => self.error("read", source),
        }
    }

    /// A body that could not be had to its end.
    fn broken(&self, source: Option<object_store::Error>) -> Error {
        let ended = || object_store::Error::Generic {
            store: "store",
            source: "its answers end before they are complete".into(),
        };
        self.read_error(source.unwrap_or_else(ended))
    }
}

/// At most [`READ_BYTES_MAX`], which a usize holds.
fn length(range: &Range<u64>) -> usize {
    usize::try_from(range.end - range.start).unwrap_or(usize::MAX)
}

/// Whether the store has answered, and would answer the same again.
fn is_final(error: &object_store::Error) -> bool {
    use object_store::Error as E;
    matches!(
        error,
        E::NotFound { .. }
            | E::InvalidPath { .. }
            | E::Precondition { .. }
            | E::NotModified { .. }
            | E::PermissionDenied { .. }
            | E::Unauthenticated { .. }
            | E::AlreadyExists { .. }
    )
}
