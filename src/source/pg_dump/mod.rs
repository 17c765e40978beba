//! The view of pg_dump's archives, in all three formats: one database, no globals, no checksums.
//!
//! [`reader`] reads an entry's data, [`database`] finds out about the database. The formats themselves
//! are `pgdump`'s business; its readers block, and reach the storage through [`RangeReader`].

mod database;
mod reader;

use std::collections::HashMap;
use std::io::{self, BufReader};
use std::sync::OnceLock;

use bstr::ByteSlice;

use crate::digest::{Sha256, Sha256Hasher};
use crate::pgdump::custom::CustomArchive;
use crate::pgdump::files::{FileArchive, Files};
use crate::pgdump::header::Header;
use crate::pgdump::tar::Members;
use crate::pgdump::{self, Compression};
use crate::source::contents::Contents;
use crate::source::data::{Content, Data, DataLocation};
use crate::source::error::Error;
use crate::source::facts::{Database, Format, PgDumpFacts, Server};
use crate::storage::Store;
use crate::storage::{Folder, RangeReader};
use crate::toc::{DumpId, ObjectKind, Toc, TocEntry};

pub(super) use reader::Reader;

/// How much of a table of contents is hashed at once.
const HASHED_BYTES: u64 = 1 << 20;

/// The files of a directory archive.
pub(super) struct Directory(Folder);

impl Files for Directory {
    type File = BufReader<RangeReader>;

    fn open(&self, name: &[u8]) -> io::Result<Option<Self::File>> {
        let file = self.0.file(name);
        Ok(file.map(|(store, size)| BufReader::new(RangeReader::new(store, size))))
    }

    fn size(&self, name: &[u8]) -> Option<u64> {
        self.0.size(name)
    }
}

/// An open archive of pg_dump's.
pub(super) struct PgDump {
    location: String,
    file_bytes: u64,
    archive: Archive,
    identity: Sha256,
    /// Where data is that the TOC of a custom archive does not know the position of.
    found: OnceLock<HashMap<DumpId, u64>>,
}

enum Archive {
    Custom(CustomArchive, RangeReader),
    Tar(FileArchive<Members<RangeReader>>),
    Directory(FileArchive<Directory>),
}

impl PgDump {
    /// Opens a file in custom format.
    pub(super) async fn custom(store: Store) -> Result<Self, Error> {
        let fail = failure(store.describe());
        let size = store.size().await?;
        let reader = RangeReader::new(store.clone(), size);
        let archive = CustomArchive::open(reader.clone()).map_err(fail)?;
        let mut hasher = Sha256Hasher::new();
        let mut at = 0;
        while at < archive.toc_bytes() {
            let end = archive.toc_bytes().min(at + HASHED_BYTES);
            hasher.update(&store.read_range(at..end).await?);
            at = end;
        }
        Ok(Self::new(
            &store,
            size,
            Archive::Custom(archive, reader),
            hasher,
        ))
    }

    /// Opens a file in tar format.
    pub(super) async fn tar(store: Store) -> Result<Self, Error> {
        let fail = failure(store.describe());
        let size = store.size().await?;
        let members = Members::open(RangeReader::new(store.clone(), size));
        let archive = members.and_then(FileArchive::open).map_err(fail)?;
        let hasher = hash_toc(&archive).map_err(failure(store.describe()))?;
        Ok(Self::new(&store, size, Archive::Tar(archive), hasher))
    }

    /// Opens a folder in directory format.
    pub(super) fn directory(store: &Store, folder: Folder) -> Result<Self, Error> {
        let size = folder.sizes().map(|(_, size)| size);
        let size = size.fold(0, u64::saturating_add);
        let archive = FileArchive::open(Directory(folder));
        let archive = archive.map_err(failure(store.describe()))?;
        let hasher = hash_toc(&archive).map_err(failure(store.describe()))?;
        Ok(Self::new(store, size, Archive::Directory(archive), hasher))
    }

    /// The identity is the hash of the table of contents, which holds the date, and the size.
    fn new(store: &Store, file_bytes: u64, archive: Archive, mut hasher: Sha256Hasher) -> Self {
        hasher.update(&file_bytes.to_le_bytes());
        Self {
            location: store.describe().to_owned(),
            file_bytes,
            archive,
            identity: hasher.finish(),
            found: OnceLock::new(),
        }
    }

    fn toc(&self) -> &Toc {
        match &self.archive {
            Archive::Custom(archive, _) => archive.toc(),
            Archive::Tar(archive) => archive.toc(),
            Archive::Directory(archive) => archive.toc(),
        }
    }

    fn header(&self) -> &Header {
        match &self.archive {
            Archive::Custom(archive, _) => archive.header(),
            Archive::Tar(archive) => archive.header(),
            Archive::Directory(archive) => archive.header(),
        }
    }

    pub(super) fn identity(&self) -> Sha256 {
        self.identity
    }

    pub(super) fn server(&self) -> Server {
        let version = self.toc().server_version.to_string();
        Server {
            version_num: database::version_num(&version),
            version,
            system_identifier: None,
        }
    }

    pub(super) fn database(&self) -> Database {
        database::of(self.toc())
    }

    /// What the header says, and what kind of archive this is.
    pub(super) fn facts(&self) -> PgDumpFacts {
        let header = self.header();
        PgDumpFacts {
            format: match self.archive {
                Archive::Custom(..) => Format::Custom,
                Archive::Tar(_) => Format::Tar,
                Archive::Directory(_) => Format::Directory,
            },
            file_bytes: self.file_bytes,
            version: (header.version.0, header.version.1, header.revision),
            int_bytes: header.int_bytes,
            offset_bytes: header.offset_bytes,
            compression: match header.compression {
                Compression::None => "none",
                Compression::Gzip => "gzip",
                Compression::Lz4 => "lz4",
                Compression::Zstd => "zstd",
            },
        }
    }

    /// See [`super::Source::index`].
    pub(super) fn index(&self) -> Result<(), Error> {
        let Archive::Custom(archive, reader) = &self.archive else {
            return Ok(());
        };
        if self.found.get().is_none() {
            let found = archive.locate(reader.clone());
            let found = found.map_err(failure(&self.location))?;
            // Another caller came first, and has found the same.
            let _ = self.found.set(found);
        }
        Ok(())
    }

    /// See [`super::Source::contents`].
    pub(super) fn contents(&self, database: &[u8]) -> Result<Contents, Error> {
        let toc = self.toc();
        if toc.database != database {
            let name = database.into();
            return Err(Error::NoDatabase { name });
        }
        let sizes = self.stored_sizes();
        let mut of_tables: HashMap<_, usize> = HashMap::new();
        let with_data = toc.entries.iter().enumerate();
        let mut data: Vec<Data> = Vec::new();
        for (position, entry) in with_data.filter(|(_, entry)| entry.had_dumper) {
            let number = of_tables.entry((&entry.namespace, &entry.tag)).or_default();
            *number += 1;
            let content = content(entry);
            data.push(Data {
                dump_id: entry.dump_id,
                content,
                rows: (content != Content::Rows).then_some(0),
                raw_bytes: None,
                stored_bytes: sizes.get(&entry.dump_id).copied(),
                digest: None,
                chunk_number: *number,
                chunk_count: 1,
                location: DataLocation::Entry(position),
            });
        }
        for data in &mut data {
            if let DataLocation::Entry(position) = data.location {
                let entry = &toc.entries[position];
                data.chunk_count = of_tables[&(&entry.namespace, &entry.tag)];
            }
        }
        Ok(Contents {
            toc: toc.clone(),
            data: data.into_iter().map(|data| (data.dump_id, data)).collect(),
            in_order: Vec::new(),
        })
    }

    /// How many bytes of the archive the data of each entry takes, as far as that can be known without
    /// reading it. In a custom archive it ends where that of another entry begins, or the file.
    fn stored_sizes(&self) -> HashMap<DumpId, u64> {
        match &self.archive {
            Archive::Custom(archive, _) => {
                let known = || archive.known_positions();
                let found = self.found.get().cloned().unwrap_or_else(known);
                let mut positions: Vec<(u64, DumpId)> =
                    found.into_iter().map(|(id, at)| (at, id)).collect();
                positions.sort_unstable();
                let ends = positions.iter().skip(1).map(|(at, _)| *at);
                let ends = ends.chain([self.file_bytes]);
                let sizes = positions.iter().zip(ends);
                sizes
                    .map(|(&(at, id), end)| (id, end.saturating_sub(at)))
                    .collect()
            }
            Archive::Tar(archive) => file_sizes(archive),
            Archive::Directory(archive) => file_sizes(archive),
        }
    }

    /// An error about the data of the entry at this position of the TOC.
    fn failure(&self, position: usize, source: pgdump::Error) -> Error {
        Error::PgDump {
            location: self.location.clone(),
            what: self.describe(position),
            source,
        }
    }

    /// The rows of the entry at this position end where rows do not.
    fn cut_off(&self, position: usize) -> Error {
        Error::CutOff {
            location: self.location.clone(),
            what: self.describe(position).unwrap_or_default(),
        }
    }

    fn describe(&self, position: usize) -> Option<String> {
        let entry = self.toc().entries.get(position)?;
        Some(match entry.schema() {
            b"" => format!("{} {}", entry.kind, entry.tag),
            schema => format!("{} {}.{}", entry.kind, schema.as_bstr(), entry.tag),
        })
    }
}

fn hash_toc<F: Files>(archive: &FileArchive<F>) -> Result<Sha256Hasher, pgdump::Error> {
    let mut hasher = Sha256Hasher::new();
    hasher.update(&archive.toc_dat()?);
    Ok(hasher)
}

fn file_sizes<F: Files>(archive: &FileArchive<F>) -> HashMap<DumpId, u64> {
    let entries = archive.toc().entries.iter();
    let sizes = entries
        .filter(|entry| entry.had_dumper)
        .filter_map(|entry| {
            let size = match content(entry) {
                // A list that cannot be read shows when it is needed.
                Content::LargeObjects => {
                    let objects = archive.large_objects(entry).ok()?;
                    let sizes = objects
                        .iter()
                        .map(|object| archive.stored_bytes(&object.name));
                    sizes.flatten().fold(0, u64::saturating_add)
                }
                _ => archive.stored_bytes(entry.data_file.as_ref()?)?,
            };
            Some((entry.dump_id, size))
        });
    sizes.collect()
}

/// pg_restore looks at the same (`restore_toc_entry`): an entry with a COPY statement is rows.
fn content(entry: &TocEntry) -> Content {
    let has_copy = entry.copy_stmt.as_ref().is_some_and(|sql| !sql.is_empty());
    match entry.kind {
        ObjectKind::Blobs => Content::LargeObjects,
        _ if has_copy => Content::Rows,
        _ => Content::Statements,
    }
}

fn failure(location: &str) -> impl Fn(pgdump::Error) -> Error {
    let location = location.to_owned();
    move |source| Error::PgDump {
        location: location.clone(),
        what: None,
        source,
    }
}
