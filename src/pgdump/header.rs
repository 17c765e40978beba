//! The head of an archive: magic, version, widths, format, compression, date and names.
//!
//! `WriteHead` and `ReadHead` in pg_dump's source.

use std::io::Read;

use bstr::BString;

use super::error::{Error, Problem};
use super::limits::MAX_INT_BYTES;
use super::primitives::{Input, put_int, put_text};
use crate::toc::{CreatedAt, Toc};

/// The beginning of every archive and every toc.dat.
pub const MAGIC: &[u8; 5] = b"PGDMP";

/// An archive version; the third number, the revision, changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u8, pub u8);

impl Version {
    /// PostgreSQL 9.0 to 10.2: each large object is an entry.
    pub const V1_12: Self = Self(1, 12);
    /// PostgreSQL 12 to 15: table access methods.
    pub const V1_14: Self = Self(1, 14);
    /// PostgreSQL 16: a compression algorithm where a level was.
    pub const V1_15: Self = Self(1, 15);
    /// PostgreSQL 17 to 19: relkind, large objects in groups.
    pub const V1_16: Self = Self(1, 16);
}

/// `ArchiveFormat`'s code of the custom format.
pub const FORMAT_CUSTOM: u8 = 1;
/// `ArchiveFormat`'s code of the tar format. A directory's toc.dat says the same: the two are meant
/// to be interchangeable (`_CloseArchive` in `pg_backup_directory.c`).
pub const FORMAT_TAR: u8 = 3;

/// How data is compressed; the numbers are `pg_compress_algorithm`'s.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// The data is not compressed.
    None = 0,
    /// zlib streams in the custom format, gzip files in a directory.
    Gzip = 1,
    /// LZ4 frames.
    Lz4 = 2,
    /// Zstandard frames.
    Zstd = 3,
}

/// The compression that a toc.dat of ours announces. pg_restore recognises data files by their
/// suffix and warns if it was built without what the header names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TocCompression {
    /// Files `<id>.dat`.
    None,
    /// Files `<id>.dat.zst`.
    Zstd,
}

impl From<TocCompression> for Compression {
    fn from(compression: TocCompression) -> Self {
        match compression {
            TocCompression::None => Self::None,
            TocCompression::Zstd => Self::Zstd,
        }
    }
}

/// All that precedes the entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The archive's version.
    pub version: Version,
    /// The third number of it.
    pub revision: u8,
    /// Width of integers, in bytes.
    pub int_bytes: u8,
    /// Width of file offsets, in bytes.
    pub offset_bytes: u8,
    /// How data is compressed.
    pub compression: Compression,
    /// When the archive was made.
    pub created: CreatedAt,
    /// The database's name.
    pub database: BString,
    /// The server's version.
    pub server_version: BString,
    /// pg_dump's version.
    pub dump_version: BString,
}

impl Header {
    /// A TOC with this header and no entries.
    pub fn into_toc(self) -> Toc {
        Toc {
            created: self.created,
            database: self.database,
            server_version: self.server_version,
            dump_version: self.dump_version,
            entries: Vec::new(),
        }
    }
}

/// Reads the header of an archive whose format code must be `format`. The integers after it have the width it
/// gives.
pub fn read<R: Read>(input: &mut Input<R>, format: u8) -> Result<Header, Error> {
    let (version, revision) = read_version(input)?;
    let int_bytes = read_width(input, "intSize")?;
    input.set_int_bytes(int_bytes);
    let offset_bytes = read_width(input, "offSize")?;
    let found = input.byte("format")?;
    if found != format {
        let expected = format;
        return Err(Error::Format { found, expected });
    }
    Ok(Header {
        version,
        revision,
        int_bytes,
        offset_bytes,
        compression: read_compression(input, version)?,
        created: read_created(input)?,
        database: input.text("archdbname")?.unwrap_or_default(),
        server_version: input.text("archiveRemoteVersion")?.unwrap_or_default(),
        dump_version: input.text("archiveDumpVersion")?.unwrap_or_default(),
    })
}

fn read_version<R: Read>(input: &mut Input<R>) -> Result<(Version, u8), Error> {
    let mut magic = [0; MAGIC.len()];
    match input.bytes("magic", &mut magic) {
        Ok(()) if &magic == MAGIC => (),
        Err(error @ Error::Read { .. }) => return Err(error),
        _ => return Err(Error::NotAnArchive),
    }
    let major = input.byte("vmaj")?;
    let minor = input.byte("vmin")?;
    let version = Version(major, minor);
    if !(Version::V1_12..=Version::V1_16).contains(&version) {
        return Err(Error::Version { major, minor });
    }
    Ok((version, input.byte("vrev")?))
}

fn read_width<R: Read>(input: &mut Input<R>, field: &'static str) -> Result<u8, Error> {
    let place = input.place(field);
    let width = input.byte(field)?;
    if width == 0 || width > MAX_INT_BYTES {
        let problem = Problem::Value(width.into());
        return Err(Error::Damaged { place, problem });
    }
    Ok(width)
}

fn read_compression<R: Read>(input: &mut Input<R>, version: Version) -> Result<Compression, Error> {
    if version < Version::V1_15 {
        // A zlib level, where 0 meant that nothing was compressed.
        return Ok(match input.int("compression level")? {
            0 => Compression::None,
            _ => Compression::Gzip,
        });
    }
    match input.byte("compression algorithm")? {
        0 => Ok(Compression::None),
        1 => Ok(Compression::Gzip),
        2 => Ok(Compression::Lz4),
        3 => Ok(Compression::Zstd),
        code => Err(Error::Compression(code)),
    }
}

fn read_created<R: Read>(input: &mut Input<R>) -> Result<CreatedAt, Error> {
    Ok(CreatedAt {
        sec: input.int32("tm_sec")?,
        min: input.int32("tm_min")?,
        hour: input.int32("tm_hour")?,
        mday: input.int32("tm_mday")?,
        mon: input.int32("tm_mon")?,
        year: input.int32("tm_year")?,
        isdst: input.int32("tm_isdst")?,
    })
}

/// Appends the header of a toc.dat of version 1.15.
pub fn write(out: &mut Vec<u8>, toc: &Toc, compression: Compression) -> Result<(), Error> {
    const INT_BYTES: u8 = 4;
    const OFFSET_BYTES: u8 = 8;
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&[Version::V1_15.0, Version::V1_15.1, 0]);
    out.extend_from_slice(&[INT_BYTES, OFFSET_BYTES, FORMAT_TAR, compression as u8]);
    write_created(out, &toc.created)?;
    let texts = [
        ("database's name", &toc.database),
        ("server's version", &toc.server_version),
        ("dump's version", &toc.dump_version),
    ];
    for (field, text) in texts {
        put_text(out, Some(text)).map_err(|reason| Error::UnwritableHeader { field, reason })?;
    }
    Ok(())
}

/// pg_restore hands the numbers to `mktime`, which would quietly make another date of a wrong one.
fn write_created(out: &mut Vec<u8>, created: &CreatedAt) -> Result<(), Error> {
    let fields = [
        ("tm_sec", created.sec, 0..=60),
        ("tm_min", created.min, 0..=59),
        ("tm_hour", created.hour, 0..=23),
        ("tm_mday", created.mday, 1..=31),
        ("tm_mon", created.mon, 0..=11),
        ("tm_year", created.year, 0..=8099),
        ("tm_isdst", created.isdst, -1..=1),
    ];
    for (field, value, range) in fields {
        if !range.contains(&value) {
            return Err(Error::Date { field, value });
        }
        put_int(out, value);
    }
    Ok(())
}
