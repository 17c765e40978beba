//! The content of an entry's data, block by block, whichever archive it is in.

use super::data::Block;
use super::error::Error;
use super::{ours, pg_dump};

/// Reads the data of one entry. Archives of pg_dump's are read on a runtime of several threads only.
pub struct DataReader(Kind);

enum Kind {
    Ours(Box<ours::Reader>),
    PgDump(Box<pg_dump::Reader>),
}

impl DataReader {
    pub(super) fn ours(reader: ours::Reader) -> Self {
        Self(Kind::Ours(Box::new(reader)))
    }

    pub(super) fn pg_dump(reader: pg_dump::Reader) -> Self {
        Self(Kind::PgDump(Box::new(reader)))
    }

    /// Goes on to the next large object and returns its OID; none after the last one, and where the data is
    /// not [`Content::LargeObjects`]. The unread rest of the one before is passed over.
    pub fn next_object(&mut self) -> Result<Option<u32>, Error> {
        match &mut self.0 {
            Kind::Ours(_) => Ok(None),
            Kind::PgDump(reader) => reader.next_object(),
        }
    }

    /// The next block of the data, or of the large object that was named last; none at the end, which was
    /// as it must be.
    pub fn next_block(&mut self) -> Result<Option<Block<'_>>, Error> {
        match &mut self.0 {
            Kind::Ours(reader) => reader.next_block(),
            Kind::PgDump(reader) => reader.next_block(),
        }
    }

    /// Bytes of the archive that were read for it.
    pub fn stored_bytes(&self) -> u64 {
        match &self.0 {
            Kind::Ours(reader) => reader.stored_bytes(),
            Kind::PgDump(reader) => reader.stored_bytes(),
        }
    }
}
