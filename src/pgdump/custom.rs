//! The custom format: header, TOC, and then the data in blocks, all in one file.
//!
//! An entry's data is a byte for its sort, the dump id, and blocks of a length and that many bytes,
//! ended by a length of zero. The blocks of one entry are one compressed stream. Large objects come
//! many to an entry: OID, blocks, OID, blocks, and an OID of zero at the end, each a stream of its
//! own. `pg_backup_custom.c` in pg_dump's source.
//!
//! [`CustomArchive`] knows where things are and holds no file, so that several readers can use one.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read, Seek};

use super::compress::{Codec, Decoder};
use super::error::{Error, Part, Place, Problem};
use super::header::{self, FORMAT_CUSTOM, Header};
use super::primitives::{Input, size_of};
use super::toc_dat::{self, DataPosition};
use crate::toc::{DumpId, Toc};

/// How much is read from the file at once.
const READ_BYTES: usize = 128 << 10;

/// `BLK_DATA`: rows, or whatever else a data dumper wrote.
const BLOCKS_OF_DATA: u8 = 1;
/// `BLK_BLOBS`: large objects.
const BLOCKS_OF_LARGE_OBJECTS: u8 = 3;

/// What is in a custom archive and where.
#[derive(Debug, Clone)]
pub struct CustomArchive {
    header: Header,
    toc: Toc,
    positions: HashMap<DumpId, DataPosition>,
    data_start: u64,
}

/// The data of one entry.
pub enum CustomData<R: Read + Seek> {
    /// Rows as COPY text, or SQL.
    Data(Data<R>),
    /// Large objects.
    LargeObjects(LargeObjects<R>),
}

impl CustomArchive {
    /// Reads header and TOC.
    pub fn open<R: Read + Seek>(mut source: R) -> Result<Self, Error> {
        let size_bytes = size_of(&mut source)?;
        let mut input = Input::new(BufReader::with_capacity(READ_BYTES, source), size_bytes);
        let header = header::read(&mut input, FORMAT_CUSTOM)?;
        let (entries, positions) = toc_dat::read_custom_entries(&mut input, &header)?;
        let ids = entries.iter().map(|entry| entry.dump_id);
        Ok(Self {
            positions: ids.zip(positions).collect(),
            toc: Toc {
                entries,
                ..header.clone().into_toc()
            },
            header,
            data_start: input.offset(),
        })
    }

    /// The header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The table of contents.
    pub fn toc(&self) -> &Toc {
        &self.toc
    }

    /// The data of an entry; none if it has none. `source` is the same archive as was opened.
    ///
    /// Where the archive went through a pipe the TOC does not know the position, and the blocks are
    /// gone through from the first: see [`CustomArchive::locate`].
    pub fn data<R: Read + Seek>(
        &self,
        mut source: R,
        id: DumpId,
    ) -> Result<Option<CustomData<R>>, Error> {
        let offset = match self.positions.get(&id) {
            None | Some(DataPosition::NoData) => return Ok(None),
            Some(&DataPosition::At(offset)) => offset,
            Some(DataPosition::Unknown) => self.find(&mut source, id)?,
        };
        let mut input = self.input(source)?;
        input.set_part(Part::Data(id));
        input.seek("data position", offset)?;
        let kind = read_kind(&mut input)?;
        match input.int32("dump id")? {
            found if found == id.0 => (),
            found => {
                let problem = Problem::OtherData {
                    found,
                    expected: id,
                };
                return Err(input.damaged("dump id", problem));
            }
        }
        let codec = Codec::of_blocks(self.header.compression);
        Ok(Some(match kind {
            Kind::Data => CustomData::Data(Data::new(Blocks::new(input), codec)?),
            Kind::LargeObjects => CustomData::LargeObjects(LargeObjects {
                blocks: Blocks::ended(input),
                codec,
                done: false,
            }),
        }))
    }

    /// Finds the data that the TOC does not know the position of, in one pass over the blocks'
    /// lengths. Without it, [`CustomArchive::data`] makes such a pass for every entry.
    pub fn locate<R: Read + Seek>(&mut self, source: R) -> Result<(), Error> {
        let unknown = |position: &DataPosition| *position == DataPosition::Unknown;
        if !self.positions.values().any(unknown) {
            return Ok(());
        }
        let mut found = Vec::new();
        self.scan(source, |id, offset| {
            found.push((id, offset));
            Scan::Continue
        })?;
        for (id, offset) in found {
            if let Some(position) = self.positions.get_mut(&id).filter(|p| unknown(p)) {
                *position = DataPosition::At(offset);
            }
        }
        Ok(())
    }

    fn find<R: Read + Seek>(&self, source: R, id: DumpId) -> Result<u64, Error> {
        let mut position = None;
        let end = self.scan(source, |found, offset| {
            if found != id {
                return Scan::Continue;
            }
            position = Some(offset);
            Scan::Stop
        })?;
        position.ok_or(Error::Damaged {
            place: Place {
                offset: end,
                part: Part::Data(id),
                field: "data",
            },
            problem: Problem::NoBlocks,
        })
    }

    /// Shows the dump id and the offset of each entry's blocks in the order of the file, until there
    /// are no more or `visit` has seen enough. Returns the offset of the end.
    fn scan<R: Read + Seek>(
        &self,
        source: R,
        mut visit: impl FnMut(DumpId, u64) -> Scan,
    ) -> Result<u64, Error> {
        let mut input = self.input(source)?;
        input.set_part(Part::Blocks);
        input.seek("data", self.data_start)?;
        while input.left() > 0 {
            let offset = input.offset();
            let kind = read_kind(&mut input)?;
            let id = DumpId(input.int32("dump id")?);
            if visit(id, offset) == Scan::Stop {
                break;
            }
            match kind {
                Kind::Data => skip_blocks(&mut input)?,
                Kind::LargeObjects => {
                    while read_oid(&mut input)?.is_some() {
                        skip_blocks(&mut input)?;
                    }
                }
            }
        }
        Ok(input.offset())
    }

    fn input<R: Read + Seek>(&self, mut source: R) -> Result<Input<BufReader<R>>, Error> {
        let size_bytes = size_of(&mut source)?;
        let mut input = Input::new(BufReader::with_capacity(READ_BYTES, source), size_bytes);
        input.set_int_bytes(self.header.int_bytes);
        Ok(input)
    }
}

#[derive(PartialEq)]
enum Scan {
    Continue,
    Stop,
}

enum Kind {
    Data,
    LargeObjects,
}

fn read_kind<R: Read>(input: &mut Input<R>) -> Result<Kind, Error> {
    let place = input.place("block type");
    match input.byte("block type")? {
        BLOCKS_OF_DATA => Ok(Kind::Data),
        BLOCKS_OF_LARGE_OBJECTS => Ok(Kind::LargeObjects),
        kind => Err(Error::Damaged {
            place,
            problem: Problem::Value(kind.into()),
        }),
    }
}

/// An OID goes through C's `int` on its way to the file, so the upper half of them is negative.
fn read_oid<R: Read>(input: &mut Input<R>) -> Result<Option<u32>, Error> {
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

fn skip_blocks<R: Read + Seek>(input: &mut Input<BufReader<R>>) -> Result<(), Error> {
    loop {
        match read_length(input)? {
            0 => return Ok(()),
            bytes => input.seek("block", input.offset() + bytes)?,
        }
    }
}

/// The bytes of the blocks of one stream, one after the other.
struct Blocks<R: Read + Seek> {
    input: Input<BufReader<R>>,
    /// What is left of the current block.
    left: u64,
    ended: bool,
}

impl<R: Read + Seek> Blocks<R> {
    fn new(input: Input<BufReader<R>>) -> Self {
        let (left, ended) = (0, false);
        Self { input, left, ended }
    }

    /// Blocks of which none is left, before the first large object.
    fn ended(input: Input<BufReader<R>>) -> Self {
        let (left, ended) = (0, true);
        Self { input, left, ended }
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
    fn new(blocks: Blocks<R>, codec: Codec) -> Result<Self, Error> {
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

/// The large objects of one entry, in the order of the file.
pub struct LargeObjects<R: Read + Seek> {
    blocks: Blocks<R>,
    codec: Codec,
    done: bool,
}

/// One large object; reading gives its content. Its errors are [`Error`] inside.
pub struct LargeObject<'a, R: Read + Seek> {
    oid: u32,
    content: Decoder<&'a mut Blocks<R>>,
}

impl<R: Read + Seek> LargeObjects<R> {
    /// The next one; none after the last. What was not read of the one before is skipped.
    pub fn next_object(&mut self) -> Result<Option<LargeObject<'_, R>>, Error> {
        if self.done {
            return Ok(None);
        }
        self.blocks.skip()?;
        let Some(oid) = read_oid(&mut self.blocks.input)? else {
            self.done = true;
            return Ok(None);
        };
        self.blocks.ended = false;
        let place = self.blocks.input.place("large object");
        let content = Decoder::new(&mut self.blocks, self.codec);
        let content = content.map_err(|error| out_of_io(error, place))?;
        Ok(Some(LargeObject { oid, content }))
    }
}

impl<R: Read + Seek> LargeObject<'_, R> {
    /// Its OID.
    pub fn oid(&self) -> u32 {
        self.oid
    }
}

impl<R: Read + Seek> Read for LargeObject<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        read_blocks(&mut self.content, buffer, |blocks| {
            blocks.input.place("large object")
        })
    }
}
