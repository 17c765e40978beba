//! Members read before they are needed: while a worker loads one chunk, the next is on its way.
//!
//! A hint, never a claim: whoever comes to load a member takes what was read ahead, and reads it
//! himself where nothing was. Memory is bounded by a count and a size.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::task::JoinHandle;

use crate::archive::{ArchiveReader, Error};

/// Members larger than this are not read ahead.
const MEMBER_BYTES_MAX: u64 = 16 << 20;

type Reading = JoinHandle<Result<Bytes, Error>>;

/// The members under way, the latest hint last.
pub(super) struct ReadAhead {
    archive: Arc<ArchiveReader>,
    members_max: usize,
    under_way: Mutex<VecDeque<(String, Reading)>>,
}

impl ReadAhead {
    /// Nothing yet; `members_max` at once.
    pub(super) fn new(archive: Arc<ArchiveReader>, members_max: usize) -> Self {
        Self {
            archive,
            members_max,
            under_way: Mutex::default(),
        }
    }

    /// Begins to read a member that is likely to be needed next. The oldest hint gives way.
    pub(super) fn hint(&self, member: &str) {
        let size = self.archive.find(member).map_or(0, |member| member.size);
        let mut under_way = self.lock();
        let is_known = under_way.iter().any(|(name, _)| name == member);
        if is_known || size > MEMBER_BYTES_MAX {
            return;
        }
        if under_way.len() >= self.members_max
            && let Some((_, reading)) = under_way.pop_front()
        {
            reading.abort();
        }
        let (archive, name) = (Arc::clone(&self.archive), member.to_owned());
        let reading = tokio::spawn(async move { archive.member(&name).await });
        under_way.push_back((member.to_owned(), reading));
    }

    /// A member's content, compared with its SHA-256.
    pub(super) async fn member(&self, member: &str) -> Result<Bytes, Error> {
        match self.take(member) {
            Some(reading) => match reading.await {
                Ok(content) => content,
                // It panicked, or was cancelled with its runtime: not the hint's to explain.
                Err(_) => self.archive.member(member).await,
            },
            None => self.archive.member(member).await,
        }
    }

    fn take(&self, member: &str) -> Option<Reading> {
        let mut under_way = self.lock();
        let position = under_way.iter().position(|(name, _)| name == member)?;
        under_way.remove(position).map(|(_, reading)| reading)
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(String, Reading)>> {
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ReadAhead {
    fn drop(&mut self) {
        self.lock().iter().for_each(|(_, reading)| reading.abort());
    }
}
