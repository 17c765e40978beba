//! COPY ... FROM STDIN: rows to the server.
//!
//! Bytes may come in any slices; they leave in CopyData messages of [`FRAME_BYTES`], large ones
//! without being copied. Not here: the rows' format.

use super::error::Error;
use super::wire::backend::{HEADER_BYTES, rows_in_command_tag, tag};
use super::wire::frontend::Messages;
use super::wire::stream::Wire;

/// The payload of one CopyData message.
const FRAME_BYTES: usize = 128 * 1024;

/// A COPY that receives rows. Nothing is kept unless [`CopyIn::finish`] returns; dropped before, it
/// leaves the session unusable.
pub struct CopyIn<'a> {
    wire: &'a mut Wire,
    pending: Vec<u8>,
}

impl<'a> CopyIn<'a> {
    /// Takes over a session that answered a statement with CopyInResponse.
    pub(crate) fn new(wire: &'a mut Wire) -> Self {
        Self {
            wire,
            pending: Vec::with_capacity(FRAME_BYTES),
        }
    }

    /// Sends bytes, which need not end where a row does. An error that the server reported about
    /// earlier rows comes back as soon as it is seen; the COPY is over then, the session is not.
    pub async fn write(&mut self, data: &[u8]) -> Result<(), Error> {
        let mut data = data;
        while self.pending.len() + data.len() >= FRAME_BYTES {
            let (now, later) = data.split_at(FRAME_BYTES - self.pending.len());
            self.send_frame(now).await?;
            data = later;
        }
        self.pending.extend_from_slice(data);
        Ok(())
    }

    /// Ends the rows. Returns how many the server took.
    pub async fn finish(mut self) -> Result<u64, Error> {
        if !self.pending.is_empty() {
            self.send_frame(&[]).await?;
        }
        self.wire.send(&Messages::default().copy_done()?).await?;
        let mut rows = None;
        loop {
            let message = self.wire.message().await?;
            match message.tag {
                // Statements may follow the COPY in the same message; the first one that ends is the COPY.
                tag::COMMAND_COMPLETE => {
                    rows.get_or_insert(rows_in_command_tag(&message.body));
                }
                tag::READY_FOR_QUERY => return Ok(rows.unwrap_or(0)),
                _ => return Err(self.wire.unexpected(message, "in COPY FROM STDIN").await),
            }
        }
    }

    /// Takes everything back: the COPY fails on the server for the reason `why`, as intended. The session can
    /// be used again; its transaction has failed.
    pub async fn fail(self, why: &str) -> Result<(), Error> {
        self.wire.send(&Messages::default().copy_fail(why)?).await?;
        loop {
            let message = self.wire.message().await?;
            match message.tag {
                tag::READY_FOR_QUERY => return Ok(()),
                tag::ERROR | tag::COMMAND_COMPLETE => {}
                _ => return Err(self.wire.unexpected(message, "after CopyFail").await),
            }
        }
    }

    /// Sends the pending bytes and `more` as one CopyData message.
    async fn send_frame(&mut self, more: &[u8]) -> Result<(), Error> {
        if self.wire.error_arrived().await? {
            let message = self.wire.message().await?;
            return Err(self.wire.unexpected(message, "in COPY FROM STDIN").await);
        }
        let payload_bytes = self.pending.len() + more.len();
        let length = u32::try_from(payload_bytes + HEADER_BYTES - 1).map_err(|_| Error::TooLong)?;
        let mut header = [tag::COPY_DATA; HEADER_BYTES];
        header[1..].copy_from_slice(&length.to_be_bytes());
        let parts = [&header[..], &self.pending[..], more];
        self.wire.send_parts(parts).await?;
        self.pending.clear();
        Ok(())
    }
}
