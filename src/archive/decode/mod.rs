//! One data member in, its rows out, block by block.
//!
//! The hot path of restore and of `verify --deep`. The caller has compared the SHA-256 already. This file
//! checks what a hash cannot say: the content is one frame, has exactly the length that the manifest names,
//! and ends as COPY data must. Output is bounded by that length, so a frame that claims more cannot fill
//! memory.

mod open;

use std::io;

use bytes::Bytes;
use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation, OutBuffer};

use super::chunk::{END_MARKER, WINDOW_LOG_MAX};

pub use open::{OpenDecoder, OpenEnd};

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
    #[error("its content is shorter than the manifest's raw size, by {missing} B")]
    Short { missing: u64 },
    /// The rows are not followed by the end of COPY data, or by nothing for SQL.
    #[error("its content does not end where the manifest says")]
    End,
    /// Something follows the frame.
    #[error("something follows its zstd frame")]
    Trailing,
}

/// Whether a piece of a member is its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// More will be fed.
    First,
    /// The member ends with it.
    Last,
}

/// Decodes one member, given whole or in pieces.
pub struct ChunkDecoder {
    stored: Bytes,
    at: usize,
    fed: Piece,
    codec: Option<Decoder<'static>>,
    buffer: Vec<u8>,
    left: u64,
    /// The end that must follow the rows, and the part of it found so far.
    marker: &'static [u8],
    found: Vec<u8>,
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
        let mut decoder = Self::in_pieces(compressed, content, raw_bytes)?;
        decoder.feed(stored, Piece::Last);
        Ok(decoder)
    }

    /// The same for a member that is [fed](Self::feed) piece by piece.
    pub fn in_pieces(
        compressed: bool,
        content: Content,
        raw_bytes: u64,
    ) -> Result<Self, DecodeError> {
        let codec = if compressed {
            Some(decoder().map_err(DecodeError::Frame)?)
        } else {
            None
        };
        Ok(Self {
            stored: Bytes::new(),
            at: 0,
            fed: Piece::First,
            codec,
            buffer: Vec::new(),
            left: raw_bytes,
            marker: match content {
                Content::Rows => END_MARKER,
                Content::Sql => b"",
            },
            found: Vec::new(),
            frame_ended: false,
            end_checked: false,
        })
    }

    /// Gives the next piece, after `next_block` returned `None` for the one before.
    pub fn feed(&mut self, stored: Bytes, piece: Piece) {
        self.stored = stored;
        self.at = 0;
        self.fed = piece;
    }

    /// The next block of content, at most [`BLOCK_BYTES_MAX`]. It may end inside a row. `None` when the fed
    /// bytes are used up; after the last piece that means that the end was correct.
    pub fn next_block(&mut self) -> Result<Option<&[u8]>, DecodeError> {
        if self.left == 0 {
            return self.check_end().map(|()| None);
        }
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX);
        let bytes = self.fill(wanted.min(BLOCK_BYTES_MAX))?;
        if bytes > 0 {
            self.left -= bytes as u64;
            return Ok(Some(self.block(bytes)));
        }
        match self.fed {
            Piece::First => Ok(None),
            Piece::Last => Err(DecodeError::Short { missing: self.left }),
        }
    }

    fn block(&self, bytes: usize) -> &[u8] {
        match self.codec {
            Some(_) => &self.buffer[..bytes],
            None => &self.stored[self.at - bytes..self.at],
        }
    }

    /// Produces up to `wanted` bytes; fewer only where the fed bytes end.
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
        if self.end_checked {
            return Ok(());
        }
        // One byte more than must be there, so that a longer content shows.
        let missing = self.marker.len() + 1 - self.found.len();
        let bytes = self.fill(missing)?;
        let mut found = std::mem::take(&mut self.found);
        found.extend_from_slice(self.block(bytes));
        self.found = found;
        if !self.marker.starts_with(&self.found) {
            return Err(DecodeError::End);
        }
        if self.at < self.stored.len() {
            return Err(DecodeError::Trailing);
        }
        if self.fed == Piece::Last {
            if self.found != self.marker || (self.codec.is_some() && !self.frame_ended) {
                return Err(DecodeError::End);
            }
            self.end_checked = true;
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
