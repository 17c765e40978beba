//! Data read before it is needed: while a worker loads one chunk, the next is on its way.
//!
//! Best effort: [`read`](ReadAhead::read) takes the bytes that were read ahead, and fetches them where there
//! are none. Memory is bounded by a count and a size.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::task::JoinHandle;

use crate::source::{Data, DataReader, Error, Fetched, Source};
use crate::toc::DumpId;

/// Data that takes more than this is not read ahead.
const STORED_BYTES_MAX: u64 = 16 << 20;
/// The number of reads under way for each worker: the data about to be loaded and the data after that. With
/// fewer, the hint of the second would drive out the first, which would then be read again.
const READINGS_PER_WORKER: usize = 2;

type Reading = JoinHandle<Result<Fetched, Error>>;

/// Which data: the position of its database, and its entry.
type Key = (usize, DumpId);

/// The readings under way, the latest hint last.
pub(crate) struct ReadAhead {
    source: Source,
    readings_max: usize,
    under_way: Mutex<VecDeque<(Key, Reading)>>,
}

impl ReadAhead {
    /// Nothing yet, for so many workers.
    pub(crate) fn new(source: Source, workers: usize) -> Self {
        Self {
            source,
            readings_max: workers.saturating_mul(READINGS_PER_WORKER),
            under_way: Mutex::default(),
        }
    }

    /// Begins to read the data that is likely to be needed next. The oldest hint gives way.
    pub(crate) fn hint(&self, database: usize, data: &Data) {
        let size = self.source.fetch_bytes(data);
        let key = (database, data.dump_id);
        let mut under_way = self.lock();
        let is_known = under_way.iter().any(|(known, _)| *known == key);
        if is_known || size.is_none_or(|size| size > STORED_BYTES_MAX) {
            return;
        }
        if under_way.len() >= self.readings_max
            && let Some((_, reading)) = under_way.pop_front()
        {
            reading.abort();
        }
        let (source, data) = (self.source.clone(), data.clone());
        let reading = tokio::spawn(async move { source.fetch(&data).await });
        under_way.push_back((key, reading));
    }

    /// A reader of the data that uses the bytes read ahead.
    pub(crate) async fn read(&self, database: usize, data: &Data) -> Result<DataReader, Error> {
        let fetched = match self.take((database, data.dump_id)) {
            Some(reading) => match reading.await {
                Ok(fetched) => fetched,
                // It panicked, or was cancelled with its runtime: not the hint's to explain.
                Err(_) => self.source.fetch(data).await,
            },
            None => self.source.fetch(data).await,
        };
        self.source.read(data, fetched?)
    }

    fn take(&self, key: Key) -> Option<Reading> {
        let mut under_way = self.lock();
        let position = under_way.iter().position(|(known, _)| *known == key)?;
        under_way.remove(position).map(|(_, reading)| reading)
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(Key, Reading)>> {
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
