//! The cost of reading an object, counted where the requests are sent.
//!
//! All clones of a [`Store`] count together. A request that the store's own client sends again counts
//! once.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

/// The traffic so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Traffic {
    /// Requests that read: of bytes, of a size, of a list.
    pub requests: u64,
    /// Bytes that came.
    pub bytes: u64,
    /// Repeated reads: broken off, or not the stored bytes.
    pub repeated: u64,
}

/// The counters.
#[derive(Debug, Default)]
pub(super) struct Counters {
    requests: AtomicU64,
    bytes: AtomicU64,
    repeated: AtomicU64,
}

impl Counters {
    /// A request is being sent.
    pub(super) fn request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    /// Bytes came.
    pub(super) fn received(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// The counts so far.
    pub(super) fn read(&self) -> Traffic {
        let counted = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Traffic {
            requests: counted(&self.requests),
            bytes: counted(&self.bytes),
            repeated: counted(&self.repeated),
        }
    }

    pub(super) fn repeat(&self) {
        self.repeated.fetch_add(1, Ordering::Relaxed);
    }
}
