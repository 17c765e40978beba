//! The tar format: [`super::files`] as the members of a tar, never compressed.
//!
//! Header parsing is the tar crate's. The members are found in one pass over the headers, so that
//! they can be read in any order.

use std::collections::HashMap;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Take};
use std::sync::Arc;

use tar::Header as TarHeader;

use super::error::{Error, Problem};
use super::files::Files;
use super::limits::MAX_TAR_MEMBERS;
use super::primitives::{Input, size_of};

/// The unit of a tar.
const BLOCK_BYTES: usize = 512;

/// Where a member's content is.
#[derive(Debug, Clone, Copy)]
struct Extent {
    offset: u64,
    size_bytes: u64,
}

/// The members of a tar. Clones of the source must be able to read by themselves, or one after the
/// other.
#[derive(Debug, Clone)]
pub struct Members<R> {
    source: R,
    index: Arc<HashMap<Vec<u8>, Extent>>,
}

impl<R: Read + Seek> Members<R> {
    /// Reads all headers. Ends with an error where the tar does not end with a block of zeros.
    pub fn open(mut source: R) -> Result<Self, Error> {
        let size_bytes = size_of(&mut source)?;
        let mut input = Input::new(BufReader::new(&mut source), size_bytes);
        let index = Arc::new(read_index(&mut input)?);
        Ok(Self { source, index })
    }
}

fn read_index<R: Read + Seek>(
    input: &mut Input<BufReader<R>>,
) -> Result<HashMap<Vec<u8>, Extent>, Error> {
    let mut index = HashMap::new();
    loop {
        let place = input.place("tar header");
        let mut block = [0; BLOCK_BYTES];
        input.bytes("tar header", &mut block)?;
        if block == [0; BLOCK_BYTES] {
            return Ok(index);
        }
        let damaged = |problem| Error::Damaged { place, problem };
        let parsed = parse_header(&block);
        let (name, size_bytes) = parsed.ok_or_else(|| damaged(Problem::TarHeader))?;
        let offset = input.offset();
        if size_bytes > input.left() {
            let (bytes, left) = (size_bytes, input.left());
            return Err(damaged(Problem::PastEnd { bytes, left }));
        }
        if index.len() == MAX_TAR_MEMBERS {
            let limit = MAX_TAR_MEMBERS as u64;
            let found = limit + 1;
            return Err(damaged(Problem::Limit { found, limit }));
        }
        index.insert(name, Extent { offset, size_bytes });
        let padded = size_bytes.next_multiple_of(BLOCK_BYTES as u64);
        input.seek("tar member", offset + padded)?;
    }
}

/// Name and size of a member; none for a block that is no header.
fn parse_header(block: &[u8; BLOCK_BYTES]) -> Option<(Vec<u8>, u64)> {
    let header = TarHeader::from_byte_slice(block);
    let mut summed = header.clone();
    summed.set_cksum();
    if header.cksum().ok()? != summed.cksum().ok()? {
        return None;
    }
    Some((header.path_bytes().into_owned(), header.entry_size().ok()?))
}

impl<R: Read + Seek + Clone> Files for Members<R> {
    type File = BufReader<Take<R>>;

    fn open(&self, name: &[u8]) -> io::Result<Option<Self::File>> {
        let Some(extent) = self.index.get(name) else {
            return Ok(None);
        };
        let mut source = self.source.clone();
        source.seek(SeekFrom::Start(extent.offset))?;
        Ok(Some(BufReader::new(source.take(extent.size_bytes))))
    }

    fn size(&self, name: &[u8]) -> Option<u64> {
        self.index.get(name).map(|extent| extent.size_bytes)
    }
}
