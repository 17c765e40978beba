//! An object as [`Read`] and [`Seek`], for readers that block: `pgdump`'s.
//!
//! Each read of the object is awaited on the spot, so this works on a runtime with several threads and
//! nowhere else. The size of a read grows while the reading goes on in one direction, by short jumps as well,
//! so that looking at headers costs little and a long way few requests.

use std::io::{self, Read, Seek, SeekFrom};

use bytes::Bytes;
use tokio::runtime::{Handle, RuntimeFlavor};

use super::error::Error;
use crate::storage::Store;

/// How much is read after a jump.
const PIECE_BYTES_MIN: u64 = 64 << 10;
/// How much is read at once at most, and kept: as much as makes the way to a distant store a small part of
/// the time.
const PIECE_BYTES_MAX: u64 = 8 << 20;

/// A place in an object. Clones read by themselves.
#[derive(Clone)]
pub struct RangeReader {
    store: Store,
    size: u64,
    at: u64,
    piece: Bytes,
    piece_at: u64,
    next_bytes: u64,
}

impl RangeReader {
    /// Reads the object, which is `size` bytes long, from its start.
    pub fn new(store: Store, size: u64) -> Self {
        Self {
            store,
            size,
            at: 0,
            piece: Bytes::new(),
            piece_at: 0,
            next_bytes: PIECE_BYTES_MIN,
        }
    }

    /// The size of the object in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Where it stands.
    pub fn position(&self) -> u64 {
        self.at
    }

    /// The bytes at hand, from this position on.
    fn at_hand(&self) -> &[u8] {
        let skipped = self.at.checked_sub(self.piece_at);
        let skipped = skipped.and_then(|bytes| usize::try_from(bytes).ok());
        let rest = skipped.and_then(|bytes| self.piece.get(bytes..));
        rest.unwrap_or_default()
    }

    fn fill(&mut self) -> io::Result<()> {
        let end = self.piece_at + self.piece.len() as u64;
        // A jump no longer than one read passes over a block or a small file.
        let is_near = (end..=end.saturating_add(self.next_bytes)).contains(&self.at);
        let goes_on = is_near && !self.piece.is_empty();
        self.next_bytes = if goes_on {
            (self.next_bytes * 2).min(PIECE_BYTES_MAX)
        } else {
            PIECE_BYTES_MIN
        };
        let end = self.size.min(self.at.saturating_add(self.next_bytes));
        self.piece = wait_for(self.store.read_range(self.at..end))?;
        self.piece_at = self.at;
        Ok(())
    }
}

/// Waits for a read without keeping other tasks of the runtime from going on.
fn wait_for(read: impl Future<Output = Result<Bytes, Error>>) -> io::Result<Bytes> {
    let handle = Handle::try_current().map_err(io::Error::other)?;
    if handle.runtime_flavor() == RuntimeFlavor::CurrentThread {
        let message = "an archive of pg_dump is read on a runtime with several threads only";
        return Err(io::Error::other(message));
    }
    let read = tokio::task::block_in_place(|| handle.block_on(read));
    read.map_err(io::Error::other)
}

impl Read for RangeReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.size || buffer.is_empty() {
            return Ok(0);
        }
        if self.at_hand().is_empty() {
            self.fill()?;
        }
        let count = self.at_hand().read(buffer)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for RangeReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.size.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        let message = "a place before the start of the archive";
        self.at = at.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, message))?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::testing::faulty;
    use crate::storage::{Replace, UploadOptions};

    async fn written(content: &[u8]) -> Store {
        let (store, _) = faulty();
        let options = UploadOptions::default();
        let upload = store.upload(Replace::Never, options).await;
        let mut upload = upload.unwrap_or_else(|error| panic!("{error}"));
        let written = upload.write(Bytes::copy_from_slice(content)).await;
        written.unwrap_or_else(|error| panic!("{error}"));
        let finished = upload.finish().await;
        finished.unwrap_or_else(|error| panic!("{error}"));
        store
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn it_reads_as_a_file_does() -> io::Result<()> {
        let content: Vec<u8> = (0..500_000_u32).flat_map(u32::to_le_bytes).collect();
        let size = content.len() as u64;
        let mut reader = RangeReader::new(written(&content).await, size);
        let mut read = Vec::new();
        reader.read_to_end(&mut read)?;
        assert!(read == content);
        assert_eq!(reader.position(), size);
        for at in [0, 7, 64 << 10, 1_999_990, 65_536, 3] {
            let mut four = [0; 4];
            assert_eq!(reader.seek(SeekFrom::Start(at))?, at);
            reader.read_exact(&mut four)?;
            assert_eq!(four, content[at as usize..][..4]);
        }
        assert_eq!(reader.seek(SeekFrom::End(5))?, size + 5);
        assert_eq!(reader.read(&mut [0; 4])?, 0);
        assert_eq!(reader.seek(SeekFrom::Current(-9))?, size - 4);
        assert!(reader.seek(SeekFrom::End(-3_000_000)).is_err());
        Ok(())
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn looking_costs_little_and_a_long_way_few_requests() -> io::Result<()> {
        const FAR: usize = 64 << 20;
        let (store, calls) = {
            let (store, calls) = faulty();
            let upload = store.upload(Replace::Never, UploadOptions::default()).await;
            let mut upload = upload.unwrap_or_else(|error| panic!("{error}"));
            let content = Bytes::from(vec![7; FAR]);
            upload
                .write(content)
                .await
                .unwrap_or_else(|e| panic!("{e}"));
            upload.finish().await.unwrap_or_else(|e| panic!("{e}"));
            (store, calls)
        };
        let mut reader = RangeReader::new(store, FAR as u64);
        calls.take_reads();
        reader.seek(SeekFrom::Start(1000))?;
        reader.read_exact(&mut [0; 10])?;
        let first = 1000..1000 + PIECE_BYTES_MIN;
        assert_eq!(calls.take_reads(), std::slice::from_ref(&first));
        io::copy(&mut reader, &mut io::sink())?;
        let lengths = calls.take_reads().into_iter().map(|r| r.end - r.start);
        assert_eq!(lengths.clone().max(), Some(PIECE_BYTES_MAX));
        assert!(lengths.count() < 16);
        // From block to block, none of which is looked at.
        for at in (0..FAR as u64).step_by(20_000) {
            reader.seek(SeekFrom::Start(at))?;
            reader.read_exact(&mut [0; 5])?;
        }
        assert!(calls.take_reads().len() < 20);
        Ok(())
    }

    #[tokio::test]
    async fn a_runtime_of_one_thread_is_refused_not_blocked() {
        let mut reader = RangeReader::new(written(b"content").await, 7);
        assert!(reader.read(&mut [0; 4]).is_err());
    }
}
