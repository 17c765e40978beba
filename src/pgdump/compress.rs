//! Decompression of data, whole or nothing: a stream that is cut off, or followed by something else,
//! is an error and never merely shorter.
//!
//! Reading only. Which codec belongs to what: in the custom format the header says it
//! ([`Codec::of_blocks`]), in files their suffix does ([`Codec::SUFFIXES`]).

use std::io::{self, BufRead, Read};

use flate2::bufread::{MultiGzDecoder, ZlibDecoder};
use lz4_flex::frame::FrameDecoder;
use zstd::stream::read::Decoder as ZstdDecoder;

use super::header::Compression;

/// The largest zstd window that is allocated, as a power of two: what `pg_dump -Z zstd:long` uses.
const ZSTD_WINDOW_LOG_MAX: u32 = 27;

/// A form of compressed stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// The bytes themselves.
    Plain,
    /// RFC 1950, in blocks of the custom format.
    Zlib,
    /// RFC 1952, in files.
    Gzip,
    /// The LZ4 frame format.
    Lz4,
    /// RFC 8878.
    Zstd,
}

impl Codec {
    /// The suffixes of files, in the order in which pg_restore tries them
    /// (`InitDiscoverCompressFileHandle`).
    pub const SUFFIXES: [(&'static str, Codec); 4] = [
        ("", Codec::Plain),
        (".gz", Codec::Gzip),
        (".lz4", Codec::Lz4),
        (".zst", Codec::Zstd),
    ];

    /// The codec of the blocks of a custom archive.
    pub fn of_blocks(compression: Compression) -> Self {
        match compression {
            Compression::None => Codec::Plain,
            Compression::Gzip => Codec::Zlib,
            Compression::Lz4 => Codec::Lz4,
            Compression::Zstd => Codec::Zstd,
        }
    }
}

/// Reads the content of a compressed stream.
pub struct Decoder<R: BufRead> {
    /// Absent only while one state changes to the next.
    state: Option<State<R>>,
}

enum State<R: BufRead> {
    Plain(R),
    Zlib(ZlibDecoder<R>),
    Gzip(MultiGzDecoder<R>),
    Lz4(Box<FrameDecoder<Watched<R>>>),
    Zstd(ZstdDecoder<'static, R>),
    Done(R),
}

impl<R: BufRead> Decoder<R> {
    /// Reads what `source` holds, up to its end. An empty source has an empty content under every
    /// codec: pg_dump writes no frame for a large object without bytes.
    pub fn new(mut source: R, codec: Codec) -> io::Result<Self> {
        if source.fill_buf()?.is_empty() {
            return Ok(Self {
                state: Some(State::Done(source)),
            });
        }
        let state = match codec {
            Codec::Plain => State::Plain(source),
            Codec::Zlib => State::Zlib(ZlibDecoder::new(source)),
            Codec::Gzip => State::Gzip(MultiGzDecoder::new(source)),
            Codec::Lz4 => State::Lz4(Box::new(FrameDecoder::new(Watched::new(source)))),
            Codec::Zstd => {
                let mut decoder = ZstdDecoder::with_buffer(source)?;
                decoder.window_log_max(ZSTD_WINDOW_LOG_MAX)?;
                State::Zstd(decoder)
            }
        };
        Ok(Self { state: Some(state) })
    }

    /// The source.
    pub fn source(&self) -> Option<&R> {
        Some(match self.state.as_ref()? {
            State::Plain(source) | State::Done(source) => source,
            State::Zlib(decoder) => decoder.get_ref(),
            State::Gzip(decoder) => decoder.get_ref(),
            State::Lz4(decoder) => &decoder.get_ref().source,
            State::Zstd(decoder) => decoder.get_ref(),
        })
    }

    /// The source back, wherever it stands.
    pub fn into_source(self) -> Option<R> {
        self.state.map(State::into_source)
    }

    /// Nothing may follow the ended stream. From here on nothing more is read: some decoders would begin anew
    /// when asked again.
    fn end(&mut self) -> io::Result<()> {
        let Some(state) = self.state.take() else {
            return Ok(());
        };
        let mut source = state.into_source();
        let is_end = source.fill_buf().map(<[u8]>::is_empty);
        self.state = Some(State::Done(source));
        if is_end? {
            Ok(())
        } else {
            let message = "more bytes follow the compressed data";
            Err(io::Error::new(io::ErrorKind::InvalidData, message))
        }
    }
}

impl<R: BufRead> State<R> {
    fn into_source(self) -> R {
        match self {
            State::Plain(source) | State::Done(source) => source,
            State::Zlib(decoder) => decoder.into_inner(),
            State::Gzip(decoder) => decoder.into_inner(),
            State::Lz4(decoder) => decoder.into_inner().source,
            State::Zstd(decoder) => decoder.finish(),
        }
    }
}

impl<R: BufRead> Read for Decoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let count = match &mut self.state {
            Some(State::Plain(source)) => source.read(buffer)?,
            Some(State::Zlib(decoder)) => decoder.read(buffer)?,
            Some(State::Gzip(decoder)) => decoder.read(buffer)?,
            Some(State::Lz4(decoder)) => read_lz4(decoder, buffer)?,
            Some(State::Zstd(decoder)) => decoder.read(buffer)?,
            Some(State::Done(_)) | None => return Ok(0),
        };
        if count == 0 {
            self.end()?;
        }
        Ok(count)
    }
}

/// The frame decoder takes the end of its source between two blocks for the end of the frame, so a
/// frame without its end mark has to be noticed here.
fn read_lz4<R: BufRead>(
    decoder: &mut FrameDecoder<Watched<R>>,
    buffer: &mut [u8],
) -> io::Result<usize> {
    let count = decoder.read(buffer)?;
    if count == 0 && decoder.get_ref().hit_end {
        let message = "the LZ4 frame has no end mark";
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, message));
    }
    Ok(count)
}

/// A source that remembers whether anyone read past its end.
struct Watched<R> {
    source: R,
    hit_end: bool,
}

impl<R> Watched<R> {
    fn new(source: R) -> Self {
        let hit_end = false;
        Self { source, hit_end }
    }
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.hit_end |= count == 0 && !buffer.is_empty();
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn compressed(codec: Codec, content: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let level = flate2::Compression::fast();
        match codec {
            Codec::Plain => out.extend_from_slice(content),
            Codec::Zlib => {
                let mut encoder = flate2::write::ZlibEncoder::new(&mut out, level);
                encoder.write_all(content).expect("zlib");
            }
            Codec::Gzip => {
                let mut encoder = flate2::write::GzEncoder::new(&mut out, level);
                encoder.write_all(content).expect("gzip");
            }
            Codec::Lz4 => {
                let mut encoder = lz4_flex::frame::FrameEncoder::new(&mut out);
                encoder.write_all(content).expect("lz4");
                encoder.finish().expect("lz4");
            }
            Codec::Zstd => out = zstd::encode_all(content, 1).expect("zstd"),
        }
        out
    }

    fn decoded(codec: Codec, stored: &[u8]) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        // A buffer of a few bytes, so that the decoders see many short reads.
        let source = io::BufReader::with_capacity(7, stored);
        Decoder::new(source, codec)?.read_to_end(&mut content)?;
        Ok(content)
    }

    const COMPRESSED: [Codec; 4] = [Codec::Zlib, Codec::Gzip, Codec::Lz4, Codec::Zstd];

    fn content() -> Vec<u8> {
        let numbers = (0..3000u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes());
        numbers.collect()
    }

    #[test]
    fn every_codec_gives_back_what_went_in() {
        for codec in COMPRESSED.into_iter().chain([Codec::Plain]) {
            for content in [content(), b"x".to_vec(), Vec::new()] {
                let stored = compressed(codec, &content);
                assert_eq!(
                    decoded(codec, &stored).expect("decodes"),
                    content,
                    "{codec:?}"
                );
            }
            assert_eq!(decoded(codec, b"").expect("empty"), b"", "{codec:?}");
        }
    }

    #[test]
    fn a_stream_cut_anywhere_is_an_error() {
        for codec in COMPRESSED {
            let stored = compressed(codec, &content());
            for end in (1..stored.len()).filter(|end| end % 37 == 0 || stored.len() - end < 20) {
                assert!(decoded(codec, &stored[..end]).is_err(), "{codec:?} {end}");
            }
        }
    }

    #[test]
    fn what_follows_a_stream_is_an_error() {
        for codec in COMPRESSED {
            let mut stored = compressed(codec, b"content");
            stored.extend_from_slice(b"more");
            assert!(decoded(codec, &stored).is_err(), "{codec:?}");
        }
    }
}
