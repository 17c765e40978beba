//! Bytes, integers, texts and file offsets as pg_dump stores them.
//!
//! An integer is a sign byte and then as many bytes as the header says, least significant first. A
//! text is its length and its bytes; an absent one has the length -1. An offset is a state byte and
//! then its bytes, least significant first.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

use bstr::BString;

use super::error::{Error, Part, Place, Problem};
use super::limits::MAX_TEXT_BYTES;

/// A source of fields that knows how much of it is left, and where it is for the sake of errors.
#[derive(Debug)]
pub struct Input<R> {
    source: R,
    offset: u64,
    end: u64,
    int_bytes: u8,
    part: Part,
}

impl<R: Read> Input<R> {
    /// Reads from `source`, which is at its start and is `size_bytes` long.
    pub fn new(source: R, size_bytes: u64) -> Self {
        Self {
            source,
            offset: 0,
            end: size_bytes,
            int_bytes: 4,
            part: Part::Header,
        }
    }

    /// Sets how wide integers are from here on.
    pub fn set_int_bytes(&mut self, bytes: u8) {
        self.int_bytes = bytes;
    }

    /// Says what the following fields belong to.
    pub fn set_part(&mut self, part: Part) {
        self.part = part;
    }

    /// How many bytes were read.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// How many bytes are left.
    pub fn left(&self) -> u64 {
        self.end.saturating_sub(self.offset)
    }

    /// The place of `field`, were it to begin here.
    pub fn place(&self, field: &'static str) -> Place {
        Place {
            offset: self.offset,
            part: self.part,
            field,
        }
    }

    /// An error about `field`, at the current offset.
    pub fn damaged(&self, field: &'static str, problem: Problem) -> Error {
        Error::Damaged {
            place: self.place(field),
            problem,
        }
    }

    /// Fills `buffer`.
    pub fn bytes(&mut self, field: &'static str, buffer: &mut [u8]) -> Result<(), Error> {
        let place = self.place(field);
        self.source
            .read_exact(buffer)
            .map_err(|source| read_error(place, source))?;
        self.offset += buffer.len() as u64;
        Ok(())
    }

    /// One byte.
    pub fn byte(&mut self, field: &'static str) -> Result<u8, Error> {
        let mut byte = [0];
        self.bytes(field, &mut byte)?;
        Ok(byte[0])
    }

    /// An integer of any width (`ReadInt`).
    pub fn int(&mut self, field: &'static str) -> Result<i64, Error> {
        let place = self.place(field);
        let negative = self.byte(field)? != 0;
        let magnitude = self.magnitude(field, self.int_bytes)?;
        let value = i64::try_from(magnitude).map_err(|_| Error::Damaged {
            place,
            problem: Problem::Wide,
        })?;
        Ok(if negative { -value } else { value })
    }

    /// An integer that fits in the C `int` which pg_dump keeps it in.
    pub fn int32(&mut self, field: &'static str) -> Result<i32, Error> {
        let place = self.place(field);
        let value = self.int(field)?;
        i32::try_from(value).map_err(|_| Error::Damaged {
            place,
            problem: Problem::Value(value),
        })
    }

    /// An unsigned number of `width` bytes, of which those beyond the eighth must be zero.
    pub fn magnitude(&mut self, field: &'static str, width: u8) -> Result<u64, Error> {
        let place = self.place(field);
        let mut buffer = [0; u8::MAX as usize];
        let bytes = &mut buffer[..usize::from(width)];
        self.bytes(field, bytes)?;
        if bytes.iter().skip(8).any(|&byte| byte != 0) {
            let problem = Problem::Wide;
            return Err(Error::Damaged { place, problem });
        }
        let low = bytes.iter().take(8).rev();
        Ok(low.fold(0, |value, &byte| value << 8 | u64::from(byte)))
    }

    /// A text (`ReadStr`); none if it is absent.
    pub fn text(&mut self, field: &'static str) -> Result<Option<BString>, Error> {
        let place = self.place(field);
        let damaged = |problem| Error::Damaged { place, problem };
        let Ok(bytes) = u64::try_from(self.int(field)?) else {
            return Ok(None);
        };
        let left = self.left();
        if bytes > left {
            return Err(damaged(Problem::PastEnd { bytes, left }));
        }
        if bytes > MAX_TEXT_BYTES {
            let (found, limit) = (bytes, MAX_TEXT_BYTES);
            return Err(damaged(Problem::Limit { found, limit }));
        }
        // Beyond this it grows with the bytes that arrive, so a false size costs no memory.
        const FIRST_BYTES: u64 = 64 << 10;
        let mut text = Vec::with_capacity(bytes.min(FIRST_BYTES) as usize);
        let read = (&mut self.source).take(bytes).read_to_end(&mut text);
        read.map_err(|source| read_error(place, source))?;
        self.offset += text.len() as u64;
        if text.len() as u64 != bytes {
            return Err(damaged(Problem::End));
        }
        if text.contains(&0) {
            return Err(damaged(Problem::ZeroByte));
        }
        Ok(Some(text.into()))
    }
}

impl<R: BufRead> Input<R> {
    /// Up to `most` bytes that are at hand, not empty unless `most` is 0. The end of the input is an
    /// error.
    pub fn peek(&mut self, field: &'static str, most: u64) -> Result<&[u8], Error> {
        let place = self.place(field);
        let buffer = self.source.fill_buf();
        let buffer = buffer.map_err(|source| read_error(place, source))?;
        if buffer.is_empty() && most > 0 {
            let problem = Problem::End;
            return Err(Error::Damaged { place, problem });
        }
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        Ok(&buffer[..buffer.len().min(most)])
    }

    /// Takes `bytes` bytes off the result of [`Input::peek`].
    pub fn consume(&mut self, bytes: usize) {
        self.source.consume(bytes);
        self.offset += bytes as u64;
    }
}

impl<R: Read + Seek> Input<BufReader<R>> {
    /// Goes to `offset`, which must not lie behind the end.
    pub fn seek(&mut self, field: &'static str, offset: u64) -> Result<(), Error> {
        let place = self.place(field);
        let outside = Problem::Outside(offset);
        let steps = i64::try_from(i128::from(offset) - i128::from(self.offset));
        let Some(steps) = steps.ok().filter(|_| offset <= self.end) else {
            return Err(self.damaged(field, outside));
        };
        let moved = self.source.seek_relative(steps);
        moved.map_err(|source| read_error(place, source))?;
        self.offset = offset;
        Ok(())
    }
}

/// The size of a source, which is at its start afterwards.
pub fn size_of<R: Seek>(source: &mut R) -> Result<u64, Error> {
    let size_bytes = source.seek(SeekFrom::End(0)).and_then(|size_bytes| {
        source.rewind()?;
        Ok(size_bytes)
    });
    let place = Place {
        offset: 0,
        part: Part::Header,
        field: "size",
    };
    size_bytes.map_err(|source| Error::Read { place, source })
}

fn read_error(place: Place, source: io::Error) -> Error {
    match source.kind() {
        io::ErrorKind::UnexpectedEof => Error::Damaged {
            place,
            problem: Problem::End,
        },
        _ => Error::Read { place, source },
    }
}

/// Appends an integer in four bytes and a sign, as `WriteInt` does on every machine of today.
pub fn put_int(out: &mut Vec<u8>, value: i32) {
    out.push(u8::from(value < 0));
    out.extend_from_slice(&value.unsigned_abs().to_le_bytes());
}

/// Appends a text (`WriteStr`). Says why where it cannot be expressed: with a zero byte, or too long.
pub fn put_text(out: &mut Vec<u8>, text: Option<&[u8]>) -> Result<(), &'static str> {
    let Some(text) = text else {
        put_int(out, -1);
        return Ok(());
    };
    if text.contains(&0) {
        return Err("a text has a zero byte in it");
    }
    match i32::try_from(text.len()) {
        Ok(len) if text.len() as u64 <= MAX_TEXT_BYTES => put_int(out, len),
        _ => return Err("a text is longer than the server's limit of 1 GiB"),
    }
    out.extend_from_slice(text);
    Ok(())
}
