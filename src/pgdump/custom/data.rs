//! The data of an entry in a custom archive: its blocks as one stream, or as many.

use std::io::{self, BufRead, BufReader, Read, Seek};

use crate::pgdump::compress::{Codec, Decoder};
use crate::pgdump::error::{Error, Place, Problem};
use crate::pgdump::primitives::Input;

/// The data of one entry.
pub enum CustomData<R: Read + Seek> {
    /// Rows as COPY text, or SQL.
    Data(Data<R>),
    /// Large objects.
    LargeObjects(LargeObjects<R>),
}

/// An OID goes through C's `int` on its way to the file, so the upper half of them is negative.
pub(super) fn read_oid<R: Read>(input: &mut Input<R>) -> Result<Option<u32>, Error> {
    let place = input.place("OID of a large object");
    let value = input.int("OID of a large object")?;
    let oid = u32::try_from(value).or_else(|_| i32::try_from(value).map(i32::cast_unsigned));
    let oid = oid.map_err(|_| Error::Damaged {
        place,
        problem: Problem::Value(value),
    })?;
    Ok(Some(oid).filter(|&oid| oid != 0))
}

/// The length of the next block; zero after the last.
fn read_length<R: Read>(input: &mut Input<R>) -> Result<u64, Error> {
    let place = input.place("block length");
    let value = input.int("block length")?;
    let damaged = |problem| Error::Damaged { place, problem };
    let bytes = u64::try_from(value).map_err(|_| damaged(Problem::Value(value)))?;
    let left = input.left();
    if bytes > left {
        return Err(damaged(Problem::PastEnd { bytes, left }));
    }
    Ok(bytes)
}

pub(super) fn skip_blocks<R: Read + Seek>(input: &mut Input<BufReader<R>>) -> Result<(), Error> {
    loop {
        match read_length(input)? {
            0 => return Ok(()),
            bytes => input.seek("block", input.offset() + bytes)?,
        }
    }
}

/// The bytes of the blocks of one stream, one after the other.
pub(super) struct Blocks<R: Read + Seek> {
    input: Input<BufReader<R>>,
    /// The bytes left of the current block.
    left: u64,
    ended: bool,
}

impl<R: Read + Seek> Blocks<R> {
    pub(super) fn new(input: Input<BufReader<R>>) -> Self {
        let (left, ended) = (0, false);
        Self { input, left, ended }
    }

    /// Blocks of which none is left, before the first large object.
    fn ended(input: Input<BufReader<R>>) -> Self {
        let (left, ended) = (0, true);
        Self { input, left, ended }
    }

    fn position(&self) -> u64 {
        self.input.offset()
    }

    fn available(&mut self) -> Result<&[u8], Error> {
        if self.left == 0 && !self.ended {
            self.left = read_length(&mut self.input)?;
            self.ended = self.left == 0;
        }
        if self.ended {
            return Ok(&[]);
        }
        self.input.peek("block", self.left)
    }

    fn skip(&mut self) -> Result<(), Error> {
        if !self.ended {
            let end = self.input.offset() + self.left;
            self.input.seek("block", end)?;
            skip_blocks(&mut self.input)?;
        }
        (self.left, self.ended) = (0, true);
        Ok(())
    }
}

impl<R: Read + Seek> BufRead for Blocks<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.available().map_err(into_io)
    }

    fn consume(&mut self, bytes: usize) {
        self.left = self.left.saturating_sub(bytes as u64);
        self.input.consume(bytes);
    }
}

impl<R: Read + Seek> Read for Blocks<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut available = self.fill_buf()?;
        let count = available.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

/// [`Read`] has errors of its own; ours travels inside.
fn into_io(error: Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

/// Takes our error out of one that came through a codec, or says where the codec failed.
fn out_of_io(error: io::Error, place: Place) -> Error {
    Error::within(error).unwrap_or_else(|source| Error::Stream { place, source })
}

/// Reads on in a decoder over blocks; an error is one of ours inside.
fn read_blocks<B: BufRead>(
    decoder: &mut Decoder<B>,
    buffer: &mut [u8],
    place: impl Fn(&B) -> Place,
) -> io::Result<usize> {
    let count = decoder.read(buffer);
    count.map_err(|error| match decoder.source() {
        Some(source) if error.kind() != io::ErrorKind::Interrupted => {
            into_io(out_of_io(error, place(source)))
        }
        _ => error,
    })
}

/// The decompressed data of one entry. Its errors are [`Error`] inside: see [`Error::within`].
pub struct Data<R: Read + Seek>(Decoder<Blocks<R>>);

impl<R: Read + Seek> Data<R> {
    /// Where in the archive it stands.
    pub fn position(&self) -> u64 {
        self.0.source().map_or(0, Blocks::position)
    }
}

impl<R: Read + Seek> Data<R> {
    pub(super) fn new(blocks: Blocks<R>, codec: Codec) -> Result<Self, Error> {
        let place = blocks.input.place("data");
        let decoder = Decoder::new(blocks, codec);
        Ok(Self(decoder.map_err(|error| out_of_io(error, place))?))
    }
}

impl<R: Read + Seek> Read for Data<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        read_blocks(&mut self.0, buffer, |blocks| blocks.input.place("data"))
    }
}

/// The large objects of one entry, in the order of the file; reading gives the content of the one that
/// [`LargeObjects::next_object`] named last. Errors of reading are [`Error`] inside.
pub struct LargeObjects<R: Read + Seek> {
    /// None only while it changes, and after an error.
    state: Option<Reading<R>>,
    codec: Codec,
    done: bool,
}

enum Reading<R: Read + Seek> {
    Between(Blocks<R>),
    Content(Decoder<Blocks<R>>),
}

impl<R: Read + Seek> LargeObjects<R> {
    /// The objects that begin where `input` stands.
    pub(super) fn new(input: Input<BufReader<R>>, codec: Codec) -> Self {
        Self {
            state: Some(Reading::Between(Blocks::ended(input))),
            codec,
            done: false,
        }
    }

    /// Where in the archive it stands; zero after the last.
    pub fn position(&self) -> u64 {
        match &self.state {
            Some(Reading::Between(blocks)) => blocks.position(),
            Some(Reading::Content(content)) => content.source().map_or(0, Blocks::position),
            None => 0,
        }
    }

    /// The OID of the next one; none after the last. The unread rest of the one before is skipped.
    pub fn next_object(&mut self) -> Result<Option<u32>, Error> {
        let blocks = match self.state.take() {
            Some(Reading::Between(blocks)) => Some(blocks),
            Some(Reading::Content(content)) => content.into_source(),
            None => None,
        };
        let Some(mut blocks) = blocks.filter(|_| !self.done) else {
            return Ok(None);
        };
        blocks.skip()?;
        let Some(oid) = read_oid(&mut blocks.input)? else {
            self.done = true;
            return Ok(None);
        };
        blocks.ended = false;
        let place = blocks.input.place("large object");
        let content = Decoder::new(blocks, self.codec);
        let content = content.map_err(|error| out_of_io(error, place))?;
        self.state = Some(Reading::Content(content));
        Ok(Some(oid))
    }
}

impl<R: Read + Seek> Read for LargeObjects<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.state {
            Some(Reading::Content(content)) => {
                read_blocks(content, buffer, |blocks| blocks.input.place("large object"))
            }
            _ => Ok(0),
        }
    }
}
