//! One read view over the archives there are: which databases, their tables of contents, their data.
//!
//! A [`Source`] is opened once and shared by all readers. [`Contents`] is one database's part of it, [`Data`]
//! the facts about an entry's data without reading it, and a [`DataReader`] gives that data block by block.
//! `ours` speaks for the container of `archive`, `pg_dump` for pg_dump's formats. Not here: whether an
//! archive is whole (`verify`), and the use of its data (`restore`).

mod contents;
mod data;
mod data_reader;
mod error;
mod facts;
mod ours;
mod pg_dump;

use std::sync::Arc;

use crate::archive::reader::README_BEGIN;
use crate::archive::{self, ArchiveReader, Foreign, names};
use crate::digest::Sha256;
use crate::storage::Store;
use crate::storage::{self, Folder};
use crate::toc::Toc;

use pg_dump::PgDump;

pub use contents::Contents;
pub use data::{Block, Content, Data, Fetched};
pub use data_reader::DataReader;
pub use error::Error;
pub use facts::{Database, Format, Locale, PgDumpFacts, Server};

/// An open archive. Cheap to clone.
#[derive(Clone)]
pub struct Source {
    kind: Arc<Kind>,
    server: Server,
    databases: Arc<[Database]>,
}

enum Kind {
    Ours(Arc<ArchiveReader>),
    PgDump(Arc<PgDump>),
}

/// The kinds of archives, with their differences.
pub enum Origin<'a> {
    /// Ours.
    Ours(&'a ArchiveReader),
    /// pg_dump's.
    #[allow(missing_docs)]
    PgDump {
        facts: PgDumpFacts,
        database: Database,
    },
}

impl Source {
    /// Recognizes the archive in `store`, which may be a folder, and reads as much of it as lists its
    /// databases.
    pub async fn open(store: Store) -> Result<Self, Error> {
        let (partial, location) = (store.partial(), store.describe().to_owned());
        let opened = Self::open_whole(store).await;
        opened.map_err(|error| match partial {
            Some(partial) => Error::Partial { location, partial },
            None => error,
        })
    }

    async fn open_whole(store: Store) -> Result<Self, Error> {
        // Some servers answer a request for a folder with a failure of their own.
        let opened = if store.names_folder() {
            Err(not_found(&store).into())
        } else {
            ArchiveReader::open(store.clone()).await
        };
        let why = match opened {
            Ok(reader) => return Ok(Self::ours(reader)),
            Err(why) => why,
        };
        match &why {
            archive::Error::NotAnArchive { foreign, .. } => match foreign {
                Foreign::PgDumpCustom => PgDump::custom(store).await.map(Self::pg_dump),
                Foreign::PgDumpTar => PgDump::tar(store).await.map(Self::pg_dump),
                _ => Err(why.into()),
            },
            archive::Error::Storage(
                storage::Error::NotAFile { .. } | storage::Error::NotFound { .. },
            ) => {
                let Some(folder) = store.folder().await? else {
                    return Err(why.into());
                };
                match folder.size(b"toc.dat") {
                    Some(_) => PgDump::directory(&store, folder).map(Self::pg_dump),
                    None if is_unpacked(&folder).await => Err(archive::Error::NotAnArchive {
                        location: store.describe().to_owned(),
                        foreign: Foreign::Unpacked,
                    }
                    .into()),
                    None => Err(why.into()),
                }
            }
            _ => Err(why.into()),
        }
    }

    fn ours(reader: ArchiveReader) -> Self {
        let manifest = reader.manifest();
        Self {
            server: ours::server(manifest),
            databases: manifest.databases.iter().map(ours::database).collect(),
            kind: Arc::new(Kind::Ours(Arc::new(reader))),
        }
    }

    fn pg_dump(archive: PgDump) -> Self {
        Self {
            server: archive.server(),
            databases: [archive.database()].into(),
            kind: Arc::new(Kind::PgDump(Arc::new(archive))),
        }
    }

    /// The kind of the archive, with the facts that only this kind has.
    pub fn origin(&self) -> Origin<'_> {
        match &*self.kind {
            Kind::Ours(reader) => Origin::Ours(reader),
            Kind::PgDump(archive) => Origin::PgDump {
                facts: archive.facts(),
                database: archive.database(),
            },
        }
    }

    /// The server that the databases came from.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// The databases, in the order of the archive.
    pub fn databases(&self) -> &[Database] {
        &self.databases
    }

    /// The database of this name.
    pub fn database(&self, name: &[u8]) -> Option<&Database> {
        self.databases.iter().find(|database| database.name == name)
    }

    /// The identity of this archive: for ours its digest, for pg_dump's a hash of the table of contents and
    /// the size.
    pub fn identity(&self) -> Sha256 {
        match &*self.kind {
            Kind::Ours(reader) => reader.digest(),
            Kind::PgDump(archive) => archive.identity(),
        }
    }

    /// Finds the data that the table of contents does not know the place of, which is so where pg_dump wrote
    /// to a pipe: that reads the archive from one end to the other, once, and blocks meanwhile. Without it
    /// that is done for every entry that is read.
    pub fn index(&self) -> Result<(), Error> {
        match &*self.kind {
            Kind::Ours(_) => Ok(()),
            Kind::PgDump(archive) => archive.index(),
        }
    }

    /// The contents of the database of this name. An entry without the data that it should have is an
    /// error, and so is a database that [`Source::databases`] does not list.
    pub async fn contents(&self, database: &[u8]) -> Result<Contents, Error> {
        match &*self.kind {
            Kind::Ours(reader) => ours::contents(reader, database).await,
            Kind::PgDump(archive) => archive.contents(database),
        }
    }

    /// Roles, memberships and tablespaces; none where the archive has no such part.
    pub async fn globals(&self) -> Result<Option<Toc>, Error> {
        match &*self.kind {
            Kind::Ours(reader) => ours::globals(reader).await,
            Kind::PgDump(_) => Ok(None),
        }
    }

    /// How many bytes it would cost to have the data [at hand](Source::fetch); none where that cannot be.
    pub fn fetch_bytes(&self, data: &Data) -> Option<u64> {
        match &*self.kind {
            Kind::Ours(_) => data.stored_bytes,
            Kind::PgDump(_) => None,
        }
    }

    /// The data as it is stored, whole and compared with its hash, for [`Source::read`] to decode.
    pub async fn fetch(&self, data: &Data) -> Result<Fetched, Error> {
        match &*self.kind {
            Kind::Ours(reader) => ours::fetch(reader, data).await.map(Fetched::Whole),
            Kind::PgDump(_) => Ok(Fetched::Piecewise),
        }
    }

    /// A reader of the data that uses the result of [`Source::fetch`].
    pub fn read(&self, data: &Data, fetched: Fetched) -> Result<DataReader, Error> {
        match (&*self.kind, fetched) {
            (Kind::Ours(reader), Fetched::Whole(stored)) => {
                Ok(DataReader::ours(ours::read(reader, data, stored)?))
            }
            // Nobody reads before it fetches; an archive of ours must not look damaged for that.
            (Kind::Ours(_), Fetched::Piecewise) => Err(Error::NotFetched),
            (Kind::PgDump(archive), _) => {
                Ok(DataReader::pg_dump(pg_dump::Reader::open(archive, data)?))
            }
        }
    }
}

/// Whether an archive of ours was unpacked into this folder.
async fn is_unpacked(folder: &Folder) -> bool {
    let Some((readme, size)) = folder.file(names::README.as_bytes()) else {
        return false;
    };
    let begin = README_BEGIN.len() as u64;
    let found = readme.read_range(0..begin.min(size)).await;
    found.is_ok_and(|found| found == README_BEGIN)
}

fn not_found(store: &Store) -> storage::Error {
    storage::Error::NotFound {
        location: store.describe().to_owned(),
    }
}
