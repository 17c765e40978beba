//! One read view over the archives there are: which databases, their tables of contents, their data.
//!
//! A [`Source`] is opened once and shared by all who read; [`Contents`] is one database's part of it,
//! [`Data`] what is known of an entry's data without reading it, and a [`DataReader`] gives that data
//! block by block. `ours` speaks for the container of `archive`. Not here: whether an archive is whole
//! (`verify`), and what is to become of it (`restore`).

mod data;
mod error;
mod facts;
mod ours;

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;

use crate::archive::ArchiveReader;
use crate::digest::Sha256;
use crate::storage::Store;
use crate::toc::{DumpId, Toc};

pub use data::{Block, Content, Data, DataReader};
pub use error::Error;
pub use facts::{Database, Locale, Server};

/// An open archive. Cheap to clone.
#[derive(Clone)]
pub struct Source {
    kind: Arc<Kind>,
    server: Server,
    databases: Arc<[Database]>,
}

enum Kind {
    Ours(Arc<ArchiveReader>),
}

/// One database's part of an archive.
#[derive(Debug, Clone, Default)]
pub struct Contents {
    /// Its table of contents.
    pub toc: Toc,
    /// The data of every entry that has some.
    pub data: HashMap<DumpId, Data>,
    /// The entries of each table whose rows must arrive in order, in that order.
    pub in_order: Vec<Vec<DumpId>>,
}

impl Source {
    /// Finds out what is in `store` and reads as much of it as says which databases there are.
    pub async fn open(store: Store) -> Result<Self, Error> {
        let reader = ArchiveReader::open(store).await?;
        let manifest = reader.manifest();
        Ok(Self {
            server: ours::server(manifest),
            databases: manifest.databases.iter().map(ours::database).collect(),
            kind: Arc::new(Kind::Ours(Arc::new(reader))),
        })
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

    /// What tells this archive from every other: for ours its digest.
    pub fn identity(&self) -> Sha256 {
        match &*self.kind {
            Kind::Ours(reader) => reader.digest(),
        }
    }

    /// The contents of the database of this name. An entry without the data that it should have is an
    /// error, and so is a database that [`Source::databases`] does not list.
    pub async fn contents(&self, database: &[u8]) -> Result<Contents, Error> {
        match &*self.kind {
            Kind::Ours(reader) => ours::contents(reader, database).await,
        }
    }

    /// Roles, memberships and tablespaces; none where the archive has no such part.
    pub async fn globals(&self) -> Result<Option<Toc>, Error> {
        match &*self.kind {
            Kind::Ours(reader) => ours::globals(reader).await,
        }
    }

    /// How many bytes it would cost to have the data [at hand](Source::fetch); none where that cannot be.
    pub fn fetch_bytes(&self, data: &Data) -> Option<u64> {
        match &*self.kind {
            Kind::Ours(_) => data.stored_bytes,
        }
    }

    /// The data as it is stored, whole and compared with its hash, for [`Source::read`] to decode.
    /// Nothing where data is read piece by piece.
    pub async fn fetch(&self, data: &Data) -> Result<Option<Bytes>, Error> {
        match &*self.kind {
            Kind::Ours(reader) => ours::fetch(reader, data).await.map(Some),
        }
    }

    /// A reader of the data, for which what [`Source::fetch`] returned is used.
    pub fn read(&self, data: &Data, fetched: Option<Bytes>) -> Result<DataReader, Error> {
        match &*self.kind {
            Kind::Ours(reader) => {
                let stored = fetched.unwrap_or_default();
                ours::read(reader, data, stored).map(DataReader)
            }
        }
    }
}
