//! What the directory and the tar format have in common: a toc.dat, and files that it names.
//!
//! Where the files are is the business of a [`Files`]: [`super::directory`] and [`super::tar`].
//! A file of a directory may be compressed and then has a suffix that the TOC does not mention.

use std::io::{self, BufRead, Read};

use bstr::{BString, ByteSlice};

use super::compress::{Codec, Decoder};
use super::error::Error;
use super::header::{self, FORMAT_TAR, Header, Version};
use super::limits::{MAX_FILE_NAME_BYTES, MAX_LARGE_OBJECTS, MAX_TOC_BYTES};
use super::primitives::Input;
use super::read_toc_dat;
use crate::toc::{Toc, TocEntry};

/// The table of contents.
const TOC: &[u8] = b"toc.dat";

/// Files by name.
pub trait Files {
    /// Reads one file.
    type File: BufRead;

    /// Opens a file; none if there is none of that name, which has been checked to be no path.
    fn open(&self, name: &[u8]) -> io::Result<Option<Self::File>>;

    /// The size of the file of that name in bytes; none if there is none.
    fn size(&self, name: &[u8]) -> Option<u64>;
}

/// An archive of several files.
#[derive(Debug, Clone)]
pub struct FileArchive<F> {
    files: F,
    toc: Toc,
    header: Header,
}

/// A large object and the file that holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LargeObjectFile {
    /// The OID.
    pub oid: u32,
    /// The file, to be read with [`FileArchive::large_object`].
    pub name: BString,
}

impl<F: Files> FileArchive<F> {
    /// Reads the TOC.
    pub fn open(files: F) -> Result<Self, Error> {
        let bytes = read_bounded(&files, TOC, MAX_TOC_BYTES)?;
        let toc = read_toc_dat(&bytes)?;
        let mut input = Input::new(bytes.as_slice(), bytes.len() as u64);
        let header = header::read(&mut input, FORMAT_TAR)?;
        Ok(Self { files, toc, header })
    }

    /// The header.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The table of contents.
    pub fn toc(&self) -> &Toc {
        &self.toc
    }

    /// The bytes that the table of contents was read from, once more.
    pub fn toc_dat(&self) -> Result<Vec<u8>, Error> {
        read_bounded(&self.files, TOC, MAX_TOC_BYTES)
    }

    /// The data of an entry, decompressed; none if it has no file. Not for an entry of kind BLOBS:
    /// see [`FileArchive::large_objects`].
    pub fn data(&self, entry: &TocEntry) -> Result<Option<Decoder<F::File>>, Error> {
        match &entry.data_file {
            Some(name) => open(&self.files, name).map(Some),
            None => Ok(None),
        }
    }

    /// How many bytes the file of an entry takes, or that of a large object, compressed as it is; none
    /// where it is missing.
    pub fn stored_bytes(&self, name: &[u8]) -> Option<u64> {
        let (stored, _) = find(&self.files, name)?;
        self.files.size(&stored)
    }

    /// The large objects of an entry of kind BLOBS.
    pub fn large_objects(&self, entry: &TocEntry) -> Result<Vec<LargeObjectFile>, Error> {
        let name = self.list_name(entry);
        let mut list = io::BufReader::new(open(&self.files, &name)?);
        let mut objects = Vec::new();
        loop {
            let line_error = || Error::LargeObjectList {
                name: name.clone(),
                line: objects.len() as u64 + 1,
            };
            let line = read_line(&mut list).map_err(|source| file_error(&name, source))?;
            if line.is_empty() {
                return Ok(objects);
            }
            if objects.len() == MAX_LARGE_OBJECTS {
                return Err(line_error());
            }
            objects.push(parse_line(&line).ok_or_else(line_error)?);
        }
    }

    /// Until 1.16 there was one list, and the TOC could give another name for it than it had
    /// (`_LoadLOs` in `pg_backup_directory.c`); in a tar that is so to this day (`_StartLOs` in
    /// `pg_backup_tar.c`).
    fn list_name(&self, entry: &TocEntry) -> BString {
        match &entry.data_file {
            _ if self.header.version < Version::V1_16 => "blobs.toc".into(),
            Some(name) if name.ends_with(b".toc") => name.clone(),
            _ => format!("blobs_{}.toc", entry.dump_id).into(),
        }
    }

    /// The content of a large object.
    pub fn large_object(&self, object: &LargeObjectFile) -> Result<Decoder<F::File>, Error> {
        open(&self.files, &object.name)
    }
}

/// The name under which a file is stored: its own, or with a suffix of compressed files.
fn find<F: Files>(files: &F, name: &[u8]) -> Option<(Vec<u8>, Codec)> {
    Codec::SUFFIXES.iter().find_map(|(suffix, codec)| {
        let stored = [name, suffix.as_bytes()].concat();
        files.size(&stored).map(|_| (stored, *codec))
    })
}

fn open<F: Files>(files: &F, name: &[u8]) -> Result<Decoder<F::File>, Error> {
    check_name(name)?;
    let (stored, codec) = find(files, name).ok_or_else(|| Error::NoFile(name.into()))?;
    let file = files.open(&stored);
    let file = file.map_err(|source| file_error(&stored, source))?;
    let file = file.ok_or_else(|| Error::NoFile(name.into()))?;
    Decoder::new(file, codec).map_err(|source| file_error(&stored, source))
}

/// A name from a TOC goes to the file system, so it must not lead out of the archive.
fn check_name(name: &[u8]) -> Result<(), Error> {
    let plain = !name.is_empty()
        && name.len() <= MAX_FILE_NAME_BYTES
        && name != b"."
        && name != b".."
        && !name.contains_str("/")
        && !name.contains_str("\\")
        && !name.contains(&0);
    if plain {
        Ok(())
    } else {
        Err(Error::FileName(name.into()))
    }
}

fn read_bounded<F: Files>(files: &F, name: &[u8], most: u64) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let file = open(files, name)?;
    let read = file.take(most + 1).read_to_end(&mut bytes);
    read.map_err(|source| file_error(name, source))?;
    if bytes.len() as u64 <= most {
        Ok(bytes)
    } else {
        Err(Error::TooLarge(most))
    }
}

/// A line with its newline; empty at the end. A line that is too long comes cut, and then does not
/// name a large object.
fn read_line(list: &mut impl BufRead) -> io::Result<Vec<u8>> {
    const MAX_LINE_BYTES: u64 = 1024;
    let mut line = Vec::new();
    list.take(MAX_LINE_BYTES).read_until(b'\n', &mut line)?;
    Ok(line)
}

/// A line reads `1001 blob_1001.dat`.
fn parse_line(line: &[u8]) -> Option<LargeObjectFile> {
    let (oid, name) = line.strip_suffix(b"\n")?.split_once_str(" ")?;
    let oid = oid.to_str().ok()?.parse().ok()?;
    let name = BString::from(name);
    (oid != 0 && check_name(&name).is_ok()).then_some(LargeObjectFile { oid, name })
}

fn file_error(name: &[u8], source: io::Error) -> Error {
    let name = name.into();
    Error::File { name, source }
}
