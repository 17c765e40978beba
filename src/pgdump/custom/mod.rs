//! The custom format: header, TOC, and then the data in blocks, all in one file.
//!
//! An entry's data is a byte for its sort, the dump id, and blocks of a length and that many bytes,
//! ended by a length of zero. The blocks of one entry are one compressed stream. Large objects come
//! many to an entry: OID, blocks, OID, blocks, and an OID of zero at the end, each a stream of its
//! own. `pg_backup_custom.c` in pg_dump's source.
//!
//! [`CustomArchive`] knows where things are and holds no file, so that several readers can use one.

mod data;

use std::collections::HashMap;
use std::io::{BufReader, Read, Seek};

use super::compress::Codec;
use super::error::{Error, Part, Place, Problem};
use super::header::{self, FORMAT_CUSTOM, Header};
use super::primitives::{Input, size_of};
use super::toc_dat::{self, DataPosition};
use crate::toc::{DumpId, Toc};

use data::{Blocks, read_oid, skip_blocks};
pub use data::{CustomData, Data, LargeObjects};

/// How much is read from the file at once.
const READ_BYTES: usize = 128 << 10;

/// `BLK_DATA`: rows, or whatever else a data dumper wrote.
const BLOCKS_OF_DATA: u8 = 1;
/// `BLK_BLOBS`: large objects.
const BLOCKS_OF_LARGE_OBJECTS: u8 = 3;

/// The contents of a custom archive, with their positions.
#[derive(Debug, Clone)]
pub struct CustomArchive {
    header: Header,
    toc: Toc,
    positions: HashMap<DumpId, DataPosition>,
    data_start: u64,
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

    /// How many bytes header and TOC take.
    pub fn toc_bytes(&self) -> u64 {
        self.data_start
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
        self.data_at(source, id, offset).map(Some)
    }

    /// The data of an entry, of which [`CustomArchive::locate`] said that it is at this byte.
    pub fn data_at<R: Read + Seek>(
        &self,
        source: R,
        id: DumpId,
        offset: u64,
    ) -> Result<CustomData<R>, Error> {
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
        Ok(match kind {
            Kind::Data => CustomData::Data(Data::new(Blocks::new(input), codec)?),
            Kind::LargeObjects => CustomData::LargeObjects(LargeObjects::new(input, codec)),
        })
    }

    /// The place of each entry's data. The data whose place the TOC does not know is found in one pass over
    /// the blocks' lengths. An entry whose data was not found is not in the map.
    pub fn locate<R: Read + Seek>(&self, source: R) -> Result<HashMap<DumpId, u64>, Error> {
        let mut found = self.known_positions();
        let is_unknown = |position: &DataPosition| *position == DataPosition::Unknown;
        if self.positions.values().any(is_unknown) {
            self.scan(source, |id, offset| {
                if self.positions.get(&id).is_some_and(is_unknown) {
                    found.entry(id).or_insert(offset);
                }
                Scan::Continue
            })?;
        }
        Ok(found)
    }

    /// Where the data of those entries is that the TOC knows the position of.
    pub fn known_positions(&self) -> HashMap<DumpId, u64> {
        let known = self.positions.iter();
        let known = known.filter_map(|(&id, position)| match position {
            DataPosition::At(offset) => Some((id, *offset)),
            DataPosition::Unknown | DataPosition::NoData => None,
        });
        known.collect()
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
