//! An archive on its way through a pipe: bytes in their order, once, with no name at which they appear.
//!
//! The format allows it, because an archive is only ever appended to and is none without its last member. Who
//! writes faster than the other side reads waits, so memory stays bounded. Which pipe it is, says the caller.

use std::io;
use std::num::NonZeroU64;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::error::Error;
use super::pace::{PIECE_BYTES, Pace};
use super::upload::{Published, Upload};
use crate::monitor::Monitor;

/// How much is read at once at most.
pub const PIPE_PIECE_BYTES: usize = 1 << 20;

/// Where an archive is written.
pub enum Sink {
    /// To an object, which appears at the end.
    Upload(Box<Upload>),
    /// To a pipe.
    Pipe(PipeWriter),
}

impl From<Upload> for Sink {
    fn from(upload: Upload) -> Self {
        Self::Upload(Box::new(upload))
    }
}

impl Sink {
    /// About how much is going to be written: see [`Upload::expect`].
    pub fn expect(&mut self, bytes: u64) {
        if let Self::Upload(upload) = self {
            upload.expect(bytes);
        }
    }

    /// Adds bytes; waits while the store or the reader of the pipe is slower.
    pub async fn write(&mut self, bytes: Bytes) -> Result<(), Error> {
        match self {
            Self::Upload(upload) => upload.write(bytes).await,
            Self::Pipe(pipe) => pipe.write(bytes).await,
        }
    }

    /// Publishes the object, or sees that the pipe took all of it.
    pub async fn finish(self) -> Result<Published, Error> {
        match self {
            Self::Upload(upload) => upload.finish().await,
            Self::Pipe(pipe) => pipe.finish().await.map(|()| Published::default()),
        }
    }

    /// Removes everything written so far. Bytes in a pipe are gone; the pipe has no proper end, which tells
    /// its reader.
    pub async fn abort(self) -> Result<(), Error> {
        match self {
            Self::Upload(upload) => upload.abort().await,
            Self::Pipe(_) => Ok(()),
        }
    }
}

/// The pace of a pipe. A future that waits for it is dropped when a stop is asked for.
fn paced(bytes_per_second: Option<NonZeroU64>) -> Pace {
    match bytes_per_second {
        Some(limit) => Pace::limited(limit, Monitor::void()),
        None => Pace::default(),
    }
}

/// The end of a pipe that an archive goes into.
pub struct PipeWriter {
    output: Box<dyn AsyncWrite + Send + Unpin>,
    pace: Pace,
}

impl PipeWriter {
    /// Writes to `output`, no more than so many bytes per second.
    pub fn new(
        output: impl AsyncWrite + Send + Unpin + 'static,
        bytes_per_second: Option<NonZeroU64>,
    ) -> Self {
        Self {
            output: Box::new(output),
            pace: paced(bytes_per_second),
        }
    }

    async fn write(&mut self, bytes: Bytes) -> Result<(), Error> {
        for piece in bytes.chunks(PIECE_BYTES) {
            self.pace.pay(piece.len()).await;
            let written = self.output.write_all(piece).await;
            written.map_err(|source| Error::PipeWrite { source })?;
        }
        Ok(())
    }

    async fn finish(mut self) -> Result<(), Error> {
        let flushed = self.output.flush().await;
        flushed.map_err(|source| Error::PipeWrite { source })
    }
}

/// The end of a pipe that an archive comes out of.
pub struct PipeReader {
    input: Box<dyn AsyncRead + Send + Unpin>,
    pace: Pace,
    buffer: BytesMut,
}

impl PipeReader {
    /// Reads from `input`, no more than so many bytes per second.
    pub fn new(
        input: impl AsyncRead + Send + Unpin + 'static,
        bytes_per_second: Option<NonZeroU64>,
    ) -> Self {
        Self {
            input: Box::new(input),
            pace: paced(bytes_per_second),
            buffer: BytesMut::new(),
        }
    }

    /// The next bytes, at most [`PIPE_PIECE_BYTES`]; nothing at the end.
    pub async fn next(&mut self) -> Result<Bytes, Error> {
        // A pipe gives a little at a time; the same memory serves until somebody keeps a piece.
        if self.buffer.capacity() < PIECE_BYTES {
            self.buffer.reserve(PIPE_PIECE_BYTES);
        }
        loop {
            match self.input.read_buf(&mut self.buffer).await {
                Ok(_) => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => return Err(Error::PipeRead { source }),
            }
        }
        let piece = self.buffer.split().freeze();
        self.pace.pay(piece.len()).await;
        Ok(piece)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_goes_in_comes_out() -> Result<(), Error> {
        let (output, input) = tokio::io::duplex(1000);
        let content: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
        let sent = Bytes::from(content.clone());
        let writing = async move {
            let mut sink = Sink::Pipe(PipeWriter::new(output, None));
            sink.expect(u64::MAX);
            sink.write(sent.slice(..7)).await?;
            sink.write(sent.slice(7..)).await?;
            sink.finish().await
        };
        let reading = async {
            let mut reader = PipeReader::new(input, None);
            let mut received = Vec::new();
            loop {
                let piece = reader.next().await?;
                if piece.is_empty() {
                    return Ok::<_, Error>(received);
                }
                received.extend_from_slice(&piece);
            }
        };
        let (written, received) = tokio::join!(writing, reading);
        written?;
        assert!(received? == content);
        Ok(())
    }

    #[tokio::test]
    async fn who_writes_waits_for_who_reads() {
        let (output, input) = tokio::io::duplex(1000);
        let mut sink = Sink::Pipe(PipeWriter::new(output, None));
        let write = sink.write(Bytes::from(vec![0; 1001]));
        // Polled once, it has put in as much as fits and waits.
        let poll = futures::poll!(Box::pin(write));
        assert!(poll.is_pending());
        drop(input);
    }

    #[tokio::test]
    async fn a_reader_that_is_gone_is_an_error() {
        let (output, input) = tokio::io::duplex(1000);
        drop(input);
        let mut sink = Sink::Pipe(PipeWriter::new(output, None));
        let written = sink.write(Bytes::from_static(b"x")).await;
        let Err(error @ Error::PipeWrite { .. }) = written else {
            panic!("{written:?}");
        };
        assert!(error.hint().is_some_and(|hint| hint.contains("no archive")));
        assert!(sink.abort().await.is_ok());
    }
}
