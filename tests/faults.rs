//! A store that fails, delays, cuts or corrupts: every call of every kind, over a whole dump, a whole
//! verification and a whole restore, in the process of the test.
//!
//! Each ends well, with equal content, or in a clean failure with nothing published, never in between.

mod dumps;
mod reads;

use pgark::archive::manifest::Manifest;
use pgark::archive::{ArchiveReader, Compression};
use pgark::dump::{self, DumpOptions, DumpOutcome};
use pgark::monitor::Monitor;
use pgark::storage::{Replace, Store};

use crate::support::cluster::Cluster;
use crate::support::fixtures;
use crate::support::in_process::{options, server};
use crate::support::peers::{self, Missing};

/// Tables of some chunks each; their rows are numbered from 1 as they lie in the table.
const TABLES: [&str; 3] = ["a", "b", "c"];

/// A database of them, an index and a view.
fn source(database: &str) -> Result<&'static Cluster, Missing> {
    let cluster = fixtures::source(peers::installed_major()?)?;
    cluster.create_database(database);
    let tables = TABLES.into_iter().zip([500, 250, 50]).map(|(table, rows)| {
        format!(
            "CREATE TABLE {table} AS SELECT i AS id, repeat(md5(i::text), 64) AS noise FROM generate_series(1, {rows}) AS i;"
        )
    });
    let rest = "CREATE INDEX ON a (id); CREATE VIEW v AS SELECT * FROM b";
    cluster.psql(database, tables.collect::<String>() + rest);
    Ok(cluster)
}

async fn dump(
    cluster: &Cluster,
    database: &str,
    store: &Store,
    replace: Replace,
) -> Result<DumpOutcome, dump::Error> {
    let options = DumpOptions {
        compression: Compression::None,
        ..options(&[database], replace)
    };
    dump::dump(&server(cluster), store, &options, &Monitor::void()).await
}

async fn manifest(store: &Store) -> Manifest {
    let reader = ArchiveReader::open(store.clone()).await.unwrap();
    reader.manifest().clone()
}

/// What all the rows are, whatever the chunks.
fn digests(manifest: &Manifest) -> Vec<String> {
    let tables = manifest
        .databases
        .iter()
        .flat_map(|database| &database.tables);
    let digests = tables.map(|table| format!("{:?} {} {:?}", table.name, table.rows, table.digest));
    digests.collect()
}
