//! One data member in, its rows out, block by block.
//!
//! The hot path of restore and of `verify --deep`. The caller has compared the SHA-256 already; what
//! is checked here is what a hash cannot say: that the content is one frame, has exactly the length
//! that the manifest names and ends as COPY data must. Output is bounded by that length, so a frame
//! that claims more cannot fill memory.

use std::io;

use bytes::Bytes;
use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation, OutBuffer};

use super::chunk::{END_MARKER, WINDOW_LOG_MAX};

/// The most that one block holds.
pub const BLOCK_BYTES_MAX: usize = 1 << 20;

/// What a data member holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// COPY text with its end marker.
    Rows,
    /// SQL without one.
    Sql,
}

/// Why a member is not what the manifest says, although its hash is.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields are")]
pub enum DecodeError {
    /// Not a zstd frame, or one with a window beyond the format's bound.
    #[error("its zstd frame cannot be decoded")]
    Frame(#[source] io::Error),
    /// The content ends early.
    #[error("its content ends {missing} bytes before the manifest's raw size")]
    Short { missing: u64 },
    /// The rows are not followed by the end of COPY data, or by nothing for SQL.
    #[error("its content does not end where the manifest says")]
    End,
    /// Something follows the frame.
    #[error("something follows its zstd frame")]
    Trailing,
}

/// Decodes one member.
pub struct ChunkDecoder {
    stored: Bytes,
    at: usize,
    codec: Option<Decoder<'static>>,
    buffer: Vec<u8>,
    marker: &'static [u8],
    left: u64,
    frame_ended: bool,
    end_checked: bool,
}

impl ChunkDecoder {
    /// A decoder of `stored`, compressed or not, that must hold `raw_bytes` (without the marker).
    pub fn new(
        stored: Bytes,
        compressed: bool,
        content: Content,
        raw_bytes: u64,
    ) -> Result<Self, DecodeError> {
        let codec = match compressed {
            true => Some(decoder().map_err(DecodeError::Frame)?),
            false => None,
        };
        Ok(Self {
            stored,
            at: 0,
            codec,
            buffer: Vec::new(),
            marker: match content {
                Content::Rows => END_MARKER,
                Content::Sql => b"",
            },
            left: raw_bytes,
            frame_ended: false,
            end_checked: false,
        })
    }

    /// The next block of content, at most [`BLOCK_BYTES_MAX`], which may end inside a row; `None` after
    /// the last, when the end was found as it must be.
    pub fn next_block(&mut self) -> Result<Option<&[u8]>, DecodeError> {
        if self.left == 0 {
            if !self.end_checked {
                self.check_end()?;
                self.end_checked = true;
            }
            return Ok(None);
        }
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX);
        let block = self.fill(wanted.min(BLOCK_BYTES_MAX))?;
        if block == 0 {
            return Err(DecodeError::Short { missing: self.left });
        }
        self.left -= block as u64;
        Ok(Some(self.block(block)))
    }

    fn block(&self, bytes: usize) -> &[u8] {
        match self.codec {
            Some(_) => &self.buffer[..bytes],
            None => &self.stored[self.at - bytes..self.at],
        }
    }

    /// Produces up to `wanted` bytes, fewer only at the end.
    fn fill(&mut self, wanted: usize) -> Result<usize, DecodeError> {
        let Some(codec) = &mut self.codec else {
            let bytes = wanted.min(self.stored.len() - self.at);
            self.at += bytes;
            return Ok(bytes);
        };
        if self.buffer.len() < wanted {
            self.buffer.resize(wanted, 0);
        }
        let mut output = OutBuffer::around(&mut self.buffer[..wanted]);
        while output.pos() < wanted && !self.frame_ended {
            let before = (self.at, output.pos());
            let mut input = InBuffer::around(&self.stored[self.at..]);
            let run = codec.run(&mut input, &mut output);
            self.frame_ended = run.map_err(DecodeError::Frame)? == 0;
            self.at += input.pos();
            if (self.at, output.pos()) == before {
                break;
            }
        }
        Ok(output.pos())
    }

    /// After the last row: the marker, the end of the frame, the end of the member.
    fn check_end(&mut self) -> Result<(), DecodeError> {
        let marker = self.marker;
        if self.frame_ended && marker.is_empty() {
            return self.check_nothing_follows();
        }
        // One byte more than must be there, so that a longer content shows.
        let found = self.fill(marker.len() + 1)?;
        if self.block(found) != marker || (self.codec.is_some() && !self.frame_ended) {
            return Err(DecodeError::End);
        }
        self.check_nothing_follows()
    }

    fn check_nothing_follows(&self) -> Result<(), DecodeError> {
        if self.at != self.stored.len() {
            return Err(DecodeError::Trailing);
        }
        Ok(())
    }
}

fn decoder() -> io::Result<Decoder<'static>> {
    let mut decoder = Decoder::new()?;
    decoder.set_parameter(DParameter::WindowLogMax(WINDOW_LOG_MAX))?;
    Ok(decoder)
}

#[cfg(test)]
mod tests;
