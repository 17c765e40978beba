//! Rows in, one finished member out: count, digest, compress, hash, in one pass over each block.
//!
//! This is dump's hot path. Blocks of some hundred KiB keep the rows in the processor's cache for all
//! four steps. Not here: where a chunk ends (`dump::worker`), and the way back ([`super::decode`]).

use std::fmt;
use std::io;
use std::str::FromStr;

use bstr::ByteSlice;
use zstd::stream::raw::{CParameter, Encoder, InBuffer, Operation, OutBuffer};

use crate::digest::{RowDigest, Sha256, Sha256Hasher};

use super::error::Error;

/// How pg_dump ends the data of a COPY statement in every archive format: the end marker of the text
/// protocol and two empty lines (`dumpTableData_copy` in pg_dump.c).
pub const END_MARKER: &[u8] = b"\\.\n\n\n";

/// The largest zstd window, as a power of two: what a decoder must be ready to hold.
pub const WINDOW_LOG_MAX: u32 = 23;

const LEVEL_MAX: i32 = 22;
const LEVEL_DEFAULT: i32 = 1;
/// Room for what the compressor puts out in one go (`ZSTD_CStreamOutSize` is a little over 128 KiB).
const ROOM_BYTES: usize = 256 << 10;
/// The output grows by at least this much at a time; doubling would waste a third of it.
const GROWTH_BYTES: usize = 1 << 20;

/// How data members are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// One zstd frame of this level, 1 to 22.
    Zstd(i32),
    /// As they are.
    None,
}

impl Compression {
    /// Whether members are compressed, and named `.zst`.
    pub fn is_compressed(self) -> bool {
        self != Self::None
    }
}

impl Default for Compression {
    fn default() -> Self {
        Self::Zstd(LEVEL_DEFAULT)
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Zstd(level) => write!(f, "zstd:{level}"),
            Self::None => f.write_str("none"),
        }
    }
}

/// A text that is no [`Compression`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is neither none nor zstd nor zstd:LEVEL with a level from 1 to {LEVEL_MAX}")]
pub struct CompressionError {
    text: String,
}

impl FromStr for Compression {
    type Err = CompressionError;

    fn from_str(text: &str) -> Result<Self, CompressionError> {
        let error = || CompressionError {
            text: text.to_owned(),
        };
        match text {
            "none" => return Ok(Self::None),
            "zstd" => return Ok(Self::default()),
            _ => {}
        }
        let level = text.strip_prefix("zstd:").ok_or_else(error)?;
        match level.parse() {
            Ok(level @ 1..=LEVEL_MAX) => Ok(Self::Zstd(level)),
            _ => Err(error()),
        }
    }
}

/// A finished chunk: the member's content and what the manifest says about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedChunk {
    /// The member's content.
    pub stored: Vec<u8>,
    /// Its SHA-256.
    pub sha256: Sha256,
    /// Bytes that were pushed: without the end marker.
    pub raw_bytes: u64,
    /// Bytes that the content decodes to: with the end marker, if there is one.
    pub member_raw_bytes: u64,
    /// Rows.
    pub rows: u64,
    /// Their digest.
    pub digest: RowDigest,
}

/// Makes chunks, one after the other. Use one kind of push for each chunk, and its way to finish.
pub struct ChunkEncoder {
    codec: Option<Encoder<'static>>,
    chunk: EncodedChunkParts,
}

#[derive(Default)]
struct EncodedChunkParts {
    stored: Vec<u8>,
    hasher: Sha256Hasher,
    hashed: usize,
    raw_bytes: u64,
    rows: u64,
    digest: RowDigest,
}

impl ChunkEncoder {
    /// An encoder; its compressor is used for every chunk it makes.
    pub fn new(compression: Compression) -> Result<Self, Error> {
        let codec = match compression {
            Compression::None => None,
            Compression::Zstd(level) => Some(encoder(level).map_err(compress_error)?),
        };
        Ok(Self {
            codec,
            chunk: EncodedChunkParts::default(),
        })
    }

    /// Adds whole rows of COPY text, each ended by its newline.
    pub fn push_rows(&mut self, rows: &[u8]) -> Result<(), Error> {
        let mut rest = rows;
        while let Some(end) = rest.find_byte(b'\n') {
            self.chunk.digest.add_row(&rest[..end]);
            self.chunk.rows += 1;
            rest = &rest[end + 1..];
        }
        if !rest.is_empty() {
            return Err(Error::PartialRow);
        }
        self.push_raw(rows)
    }

    /// Adds SQL, for large objects. Nothing is counted but bytes.
    pub fn push_sql(&mut self, sql: &[u8]) -> Result<(), Error> {
        self.push_raw(sql)
    }

    /// Bytes pushed since the last chunk.
    pub fn raw_bytes(&self) -> u64 {
        self.chunk.raw_bytes
    }

    /// Rows pushed since the last chunk.
    pub fn rows(&self) -> u64 {
        self.chunk.rows
    }

    /// Ends a chunk of rows as pg_dump ends COPY data. The encoder is ready for the next.
    pub fn finish(&mut self) -> Result<EncodedChunk, Error> {
        self.end(END_MARKER)
    }

    /// Ends a chunk of SQL. The encoder is ready for the next.
    pub fn finish_sql(&mut self) -> Result<EncodedChunk, Error> {
        self.end(b"")
    }

    fn push_raw(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.chunk.raw_bytes += bytes.len() as u64;
        self.store(bytes)
    }

    fn store(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let Some(codec) = &mut self.codec else {
            self.chunk.with_room(bytes.len()).extend_from_slice(bytes);
            self.chunk.hash_new();
            return Ok(());
        };
        let mut input = InBuffer::around(bytes);
        while input.pos() < bytes.len() {
            let stored = self.chunk.with_room(ROOM_BYTES);
            let at = stored.len();
            let mut output = OutBuffer::around_pos(stored, at);
            codec.run(&mut input, &mut output).map_err(compress_error)?;
        }
        self.chunk.hash_new();
        Ok(())
    }

    fn end(&mut self, marker: &[u8]) -> Result<EncodedChunk, Error> {
        self.store(marker)?;
        if let Some(codec) = &mut self.codec {
            loop {
                let stored = self.chunk.with_room(ROOM_BYTES);
                let at = stored.len();
                let mut output = OutBuffer::around_pos(stored, at);
                if codec.finish(&mut output, true).map_err(compress_error)? == 0 {
                    break;
                }
            }
            codec.reinit().map_err(compress_error)?;
        }
        self.chunk.hash_new();
        let chunk = std::mem::take(&mut self.chunk);
        Ok(EncodedChunk {
            stored: chunk.stored,
            sha256: chunk.hasher.finish(),
            raw_bytes: chunk.raw_bytes,
            member_raw_bytes: chunk.raw_bytes + marker.len() as u64,
            rows: chunk.rows,
            digest: chunk.digest,
        })
    }
}

impl EncodedChunkParts {
    fn with_room(&mut self, bytes: usize) -> &mut Vec<u8> {
        if self.stored.capacity() - self.stored.len() < bytes {
            let growth = GROWTH_BYTES.max(self.stored.len() / 4).max(bytes);
            self.stored.reserve_exact(growth);
        }
        &mut self.stored
    }

    /// Hashes the bytes stored since the last call, while the processor still has them at hand.
    fn hash_new(&mut self) {
        self.hasher.update(&self.stored[self.hashed..]);
        self.hashed = self.stored.len();
    }
}

fn encoder(level: i32) -> io::Result<Encoder<'static>> {
    let mut encoder = Encoder::new(level)?;
    // SHA-256 covers every stored byte already.
    encoder.set_parameter(CParameter::ChecksumFlag(false))?;
    if level > 19 {
        // The highest levels would ask every decoder for a window of up to 128 MiB.
        encoder.set_parameter(CParameter::WindowLog(WINDOW_LOG_MAX))?;
    }
    Ok(encoder)
}

fn compress_error(source: io::Error) -> Error {
    Error::Compress { source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(compression: Compression, blocks: &[&[u8]]) -> EncodedChunk {
        let mut encoder = ChunkEncoder::new(compression).unwrap_or_else(|e| panic!("{e}"));
        for block in blocks {
            encoder.push_rows(block).unwrap_or_else(|e| panic!("{e}"));
        }
        encoder.finish().unwrap_or_else(|e| panic!("{e}"))
    }

    #[test]
    fn a_chunk_is_its_rows_and_pg_dumps_end() {
        let plain = chunk(Compression::None, &[b"1\ta\n2\tb\n", b"3\tc\n"]);
        assert_eq!(plain.stored, b"1\ta\n2\tb\n3\tc\n\\.\n\n\n");
        assert_eq!(
            (plain.rows, plain.raw_bytes, plain.member_raw_bytes),
            (3, 12, 17)
        );
        assert_eq!(plain.sha256, Sha256::of(&plain.stored));
        let packed = chunk(Compression::Zstd(1), &[b"1\ta\n2\tb\n3\tc\n"]);
        assert_eq!(packed.sha256, Sha256::of(&packed.stored));
        assert_eq!(packed.digest, plain.digest);
        let unpacked = zstd::decode_all(&packed.stored[..]).unwrap_or_default();
        assert_eq!(unpacked, plain.stored);
    }

    #[test]
    fn rows_without_columns_count() {
        let empty_rows = chunk(Compression::None, &[b"\n\n"]);
        assert_eq!((empty_rows.rows, empty_rows.raw_bytes), (2, 2));
        let no_rows = chunk(Compression::None, &[]);
        assert_eq!(no_rows.stored, END_MARKER);
        assert_eq!(no_rows.digest, RowDigest::default());
    }

    #[test]
    fn an_encoder_starts_every_chunk_afresh() {
        for compression in [
            Compression::None,
            Compression::Zstd(3),
            Compression::Zstd(22),
        ] {
            let mut encoder = ChunkEncoder::new(compression).unwrap_or_else(|e| panic!("{e}"));
            let mut once = || {
                encoder.push_rows(b"1\n").ok()?;
                encoder.finish().ok()
            };
            let first = once();
            assert!(first.is_some());
            assert_eq!(once(), first);
        }
    }

    #[test]
    fn a_row_without_its_newline_is_refused() {
        let mut encoder = ChunkEncoder::new(Compression::None).unwrap_or_else(|e| panic!("{e}"));
        assert!(matches!(encoder.push_rows(b"1\n2"), Err(Error::PartialRow)));
    }

    #[test]
    fn compression_is_said_as_on_the_command_line() {
        for text in ["none", "zstd:1", "zstd:22"] {
            let compression: Result<Compression, _> = text.parse();
            assert_eq!(compression.map(|c| c.to_string()), Ok(text.to_owned()));
        }
        assert_eq!("zstd".parse(), Ok(Compression::Zstd(1)));
        for text in ["", "gzip", "zstd:", "zstd:0", "zstd:23", "zstd:x", "none:1"] {
            assert!(text.parse::<Compression>().is_err(), "{text}");
        }
    }
}
