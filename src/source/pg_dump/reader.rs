//! The data of one entry of an archive of pg_dump's, block by block.
//!
//! Rows come without the mark that ends them in the archive; that it is there is the one sign that
//! nothing is missing where data is not compressed.

use std::io::{self, BufReader, Read, Take};
use std::ops::Range;
use std::sync::Arc;
use std::vec;

use super::{Archive, PgDump};
use crate::archive::chunk::END_MARKER;
use crate::pgdump;
use crate::pgdump::compress::Decoder;
use crate::pgdump::custom::{self, CustomArchive, CustomData, LargeObjects};
use crate::pgdump::files::{FileArchive, Files, LargeObjectFile};
use crate::source::data::{Block, Content, Data, DataLocation};
use crate::source::error::Error;
use crate::storage::RangeReader;
use crate::toc::TocEntry;

/// How much a block holds at most.
const BLOCK_BYTES: usize = 256 << 10;

/// Reads the data of one entry.
pub(in crate::source) struct Reader {
    archive: Arc<PgDump>,
    /// The entry's place in the TOC.
    position: usize,
    stream: Stream,
    buffer: Vec<u8>,
    /// The bytes read and not handed out.
    held: Range<usize>,
    /// The end mark, which is no part of the content.
    mark: &'static [u8],
    /// Where the stream stood at first.
    begin: u64,
    /// How much of the archive was told of.
    told: u64,
    stored_bytes: Option<u64>,
}

enum Stream {
    /// The entry has no data.
    Nothing,
    Bytes(Box<dyn Bytes>),
    Objects(Box<dyn Objects>),
}

/// Decompressed content that knows where in the archive it comes from.
trait Bytes: Read + Send {
    /// A byte of the archive, or of the file, near to which it stands.
    fn place(&self) -> u64;
}

impl Bytes for Decoder<BufReader<RangeReader>> {
    fn place(&self) -> u64 {
        self.source().map_or(0, |file| file.get_ref().position())
    }
}

impl Bytes for Decoder<BufReader<Take<RangeReader>>> {
    fn place(&self) -> u64 {
        let file = self.source().map(BufReader::get_ref);
        file.map_or(0, |file| file.get_ref().position())
    }
}

impl Bytes for custom::Data<RangeReader> {
    fn place(&self) -> u64 {
        self.position()
    }
}

/// Large objects one after the other; as [`Bytes`] they are the content of the current one.
trait Objects: Bytes {
    /// Goes on to the next one and says its OID; none after the last.
    fn next_object(&mut self) -> Result<Option<u32>, pgdump::Error>;
}

impl Bytes for LargeObjects<RangeReader> {
    fn place(&self) -> u64 {
        self.position()
    }
}

impl Objects for LargeObjects<RangeReader> {
    fn next_object(&mut self) -> Result<Option<u32>, pgdump::Error> {
        LargeObjects::next_object(self)
    }
}

/// Large objects that are a file each.
struct ObjectFiles<F: Files> {
    archive: Arc<PgDump>,
    files: fn(&Archive) -> Option<&FileArchive<F>>,
    rest: vec::IntoIter<LargeObjectFile>,
    current: Option<Decoder<F::File>>,
    /// What the files before took.
    done: u64,
}

impl<F: Files> Read for ObjectFiles<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.current {
            Some(content) => content.read(buffer),
            None => Ok(0),
        }
    }
}

impl<F: Files> Bytes for ObjectFiles<F>
where
    F::File: Send,
{
    fn place(&self) -> u64 {
        self.done
    }
}

impl<F: Files> Objects for ObjectFiles<F>
where
    F::File: Send,
{
    fn next_object(&mut self) -> Result<Option<u32>, pgdump::Error> {
        self.current = None;
        let files = (self.files)(&self.archive.archive);
        let (Some(object), Some(files)) = (self.rest.next(), files) else {
            return Ok(None);
        };
        self.done += files.stored_bytes(&object.name).unwrap_or(0);
        self.current = Some(files.large_object(&object)?);
        Ok(Some(object.oid))
    }
}

impl Reader {
    /// Opens the data of an entry of this archive.
    /// See [`crate::source::Source::read`].
    pub(in crate::source) fn open(archive: &Arc<PgDump>, data: &Data) -> Result<Self, Error> {
        let position = match data.location {
            DataLocation::Entry(position) => position,
            DataLocation::Member(_) => usize::MAX,
        };
        let entry = archive.toc().entries.get(position);
        let stream = match entry {
            Some(entry) => open(archive, entry, data.content),
            None => Ok(Stream::Nothing),
        };
        let stream = stream.map_err(|source| archive.failure(position, source))?;
        let is_rows = data.content == Content::Rows && !matches!(stream, Stream::Nothing);
        Ok(Self {
            begin: stream.place(),
            archive: Arc::clone(archive),
            position,
            stream,
            buffer: Vec::new(),
            held: 0..0,
            mark: if is_rows { END_MARKER } else { b"" },
            told: 0,
            stored_bytes: data.stored_bytes,
        })
    }

    /// See [`crate::source::DataReader::next_object`].
    pub(in crate::source) fn next_object(&mut self) -> Result<Option<u32>, Error> {
        let Stream::Objects(objects) = &mut self.stream else {
            return Ok(None);
        };
        let next = objects.next_object();
        next.map_err(|source| self.archive.failure(self.position, source))
    }

    /// See [`crate::source::DataReader::next_block`].
    pub(in crate::source) fn next_block(&mut self) -> Result<Option<Block<'_>>, Error> {
        if self.buffer.is_empty() {
            self.buffer.resize(BLOCK_BYTES, 0);
        }
        self.buffer.copy_within(self.held.clone(), 0);
        let mut filled = self.held.len();
        while filled < self.buffer.len() {
            match self.stream.read(&mut self.buffer[filled..]) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.unreadable(error)),
            }
        }
        // Possible beginnings of the mark are kept until it is known whether anything follows.
        let end = filled.saturating_sub(self.mark.len());
        self.held = end..filled;
        if end == 0 && self.buffer[..filled] != *self.mark {
            return Err(self.archive.cut_off(self.position));
        }
        if end == 0 {
            return Ok(None);
        }
        let weight = self.weigh();
        let content = &self.buffer[..end];
        Ok(Some(Block { content, weight }))
    }

    /// How much more of the archive was read since this was last asked.
    fn weigh(&mut self) -> u64 {
        let most = self.stored_bytes.unwrap_or(0);
        let read = self.stream.place().saturating_sub(self.begin).min(most);
        let more = read.saturating_sub(self.told);
        self.told += more;
        more
    }

    fn unreadable(&self, error: io::Error) -> Error {
        let entry = self.archive.toc().entries.get(self.position);
        let name = entry.and_then(|entry| entry.data_file.clone());
        let source = pgdump::Error::within(error).unwrap_or_else(|source| pgdump::Error::File {
            name: name.unwrap_or_default(),
            source,
        });
        self.archive.failure(self.position, source)
    }

    pub(in crate::source) fn stored_bytes(&self) -> u64 {
        self.stored_bytes.unwrap_or(self.told)
    }
}

impl Stream {
    fn place(&self) -> u64 {
        match self {
            Self::Nothing => 0,
            Self::Bytes(bytes) => bytes.place(),
            Self::Objects(objects) => objects.place(),
        }
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Nothing => Ok(0),
            Self::Bytes(bytes) => bytes.read(buffer),
            Self::Objects(objects) => objects.read(buffer),
        }
    }
}

fn open(
    archive: &Arc<PgDump>,
    entry: &TocEntry,
    content: Content,
) -> Result<Stream, pgdump::Error> {
    match &archive.archive {
        Archive::Custom(custom, reader) => {
            let found = archive.found.get();
            let offset = found.and_then(|found| found.get(&entry.dump_id)).copied();
            open_custom(custom, reader.clone(), entry, offset)
        }
        Archive::Tar(files) => open_file(archive, files, entry, content, |archive| match archive {
            Archive::Tar(files) => Some(files),
            _ => None,
        }),
        Archive::Directory(files) => {
            open_file(archive, files, entry, content, |archive| match archive {
                Archive::Directory(files) => Some(files),
                _ => None,
            })
        }
    }
}

fn open_custom(
    archive: &CustomArchive,
    reader: RangeReader,
    entry: &TocEntry,
    offset: Option<u64>,
) -> Result<Stream, pgdump::Error> {
    let data = match offset {
        Some(offset) => Some(archive.data_at(reader, entry.dump_id, offset)?),
        None => archive.data(reader, entry.dump_id)?,
    };
    Ok(match data {
        None => Stream::Nothing,
        Some(CustomData::Data(data)) => Stream::Bytes(Box::new(data)),
        Some(CustomData::LargeObjects(objects)) => Stream::Objects(Box::new(objects)),
    })
}

fn open_file<F: Files + 'static>(
    archive: &Arc<PgDump>,
    files: &FileArchive<F>,
    entry: &TocEntry,
    content: Content,
    find: fn(&Archive) -> Option<&FileArchive<F>>,
) -> Result<Stream, pgdump::Error>
where
    F::File: Send,
    Decoder<F::File>: Bytes,
{
    if content == Content::LargeObjects {
        return Ok(Stream::Objects(Box::new(ObjectFiles {
            archive: Arc::clone(archive),
            files: find,
            rest: files.large_objects(entry)?.into_iter(),
            current: None,
            done: 0,
        })));
    }
    Ok(match files.data(entry)? {
        None => Stream::Nothing,
        Some(content) => Stream::Bytes(Box::new(content)),
    })
}
