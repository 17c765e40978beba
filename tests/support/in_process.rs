//! The operations called in the process of a test, and a store in memory that can be spoilt.

use std::num::NonZeroUsize;
use std::sync::Arc;

use object_store::DynObjectStore;
use object_store::memory::InMemory;

use pgark::archive::Compression;
use pgark::dump::{
    self, Content, Databases, DumpOptions, DumpOutcome, Filters, Globals, LargeObjects,
};
use pgark::monitor::Monitor;
use pgark::pg::{self, ConnectionArgs, ServerConfig};
use pgark::schema::reader::SchemaReader;
use pgark::storage::{Replace, Store, UploadOptions};

use super::cluster::Cluster;
use super::faulty::{self, Calls};

/// How a server is connected to.
pub fn server(cluster: &Cluster) -> ServerConfig {
    let args = ConnectionArgs {
        dbname: Some(cluster.socket_url("postgres")),
        ..ConnectionArgs::default()
    };
    pg::resolve(&args, &pg::Environment::default()).unwrap()
}

/// What is under it, a store in memory, and what happens to that.
pub struct Faulty {
    pub memory: Arc<InMemory>,
    objects: Arc<DynObjectStore>,
    pub calls: Arc<Calls>,
}

impl Faulty {
    pub fn new() -> Self {
        let memory = Arc::new(InMemory::new());
        let (objects, calls) = faulty::over(memory.clone());
        Self {
            memory,
            objects,
            calls,
        }
    }

    /// The archive in it. What one of these has seen is not another's.
    pub fn store(&self) -> Store {
        Store::over(self.objects.clone(), "snap.tar").unwrap()
    }
}

/// A dump into a store.
pub async fn dump(
    cluster: &Cluster,
    databases: &[&str],
    store: &Store,
    replace: Replace,
) -> Result<DumpOutcome, dump::Error> {
    let options = options(databases, replace);
    dump::dump(&server(cluster), store, &options, &Monitor::void()).await
}

/// By one worker, in small chunks and small parts.
pub fn options(databases: &[&str], replace: Replace) -> DumpOptions {
    DumpOptions {
        planner_statistics: true,
        databases: Databases::Listed(databases.iter().map(|&name| name.into()).collect()),
        jobs: NonZeroUsize::MIN,
        compression: Compression::default(),
        filters: Filters::default(),
        content: Content::All,
        large_objects: LargeObjects::Default,
        globals: Globals::None,
        lock_wait_timeout_ms: None,
        serializable_deferrable: false,
        chunk_bytes: 256 << 10,
        replace,
        role: None,
        upload: UploadOptions {
            part_bytes: 300 << 10,
            ..UploadOptions::default()
        },
        schema_reader: SchemaReader::Catalogs,
    }
}
