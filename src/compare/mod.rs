//! Does a server hold what an archive holds? Answered by reading the databases back.
//!
//! ```text
//! options    which databases, and how                  words
//! expected   what the archive says must be there           pure
//! target     one database of the server, in one snapshot   asks the server
//! database   both sides of one, as they are read           pure
//! tasks      who reads what                                pure
//! worker     tables, sequences, large objects, read back   one session at a time
//! objects    large objects in a form that can be compared  pure
//! own_entries  what is said about the database itself      pure
//! schema     one table of contents held against another    pure
//! shared     grants on tablespaces and parameters          asks the server
//! report     what came of it
//! ```
//!
//! Rows are compared by number and digest, which do not depend on their order; so a difference is a
//! number of rows, not the rows themselves. Where the archive has no digests its data is decoded. Each
//! database is read in one snapshot, so that others may go on working in it.

mod database;
mod error;
mod expected;
mod major;
mod objects;
mod options;
mod own_entries;
mod report;
mod rights;
mod schema;
mod shared;
mod target;
mod tasks;
mod worker;

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::monitor::{Event, Monitor, Phase};
use crate::pg::ServerConfig;
use crate::source::Source;
use crate::storage::Store;

use expected::Expected;
use target::Target;
use tasks::Tasks;
use worker::Shared;

pub use error::Error;
pub use options::{CompareOptions, Pair, SharedGrants};
pub use report::{Comparison, DatabaseComparison, Difference, Verdict};

/// Holds the databases of `server` against the archive in `store`.
///
/// Differences, and objects that cannot be compared, come back in the outcome. An error means that no
/// comparison took place.
pub async fn compare(
    server: &ServerConfig,
    store: &Store,
    options: &CompareOptions,
    monitor: &Monitor,
) -> Result<Comparison, Error> {
    tokio::select! {
        compared = compare_all(server, store, options, monitor) => compared,
        () = monitor.interrupted() => Err(Error::Interrupted),
    }
}

async fn compare_all(
    server: &ServerConfig,
    store: &Store,
    options: &CompareOptions,
    monitor: &Monitor,
) -> Result<Comparison, Error> {
    monitor.event(Event::Phase(Phase::Verify));
    let source = Source::open(store.clone()).await?;
    // It may go through the whole archive, so it must not hold up a stop.
    let indexed = source.clone();
    let indexed = tokio::spawn(async move { indexed.index() }).await;
    indexed.map_err(Error::Worker)??;
    let mut databases = Vec::new();
    for pair in pairs(&source, options) {
        let contents = source.contents(&pair.source).await?;
        let expected = Expected::new(&contents, pair.entries.as_ref());
        let archived = major::major_of(&contents.toc.server_version);
        let encoding = contents.toc.encoding();
        let target = Target::open(server, &pair.target, encoding, archived).await?;
        databases.push(database::Database::new(pair, contents, expected, target));
    }
    let globals = match &options.shared {
        SharedGrants::Nothing => None,
        _ => source.globals().await?,
    };
    let differences = match (globals, databases.first()) {
        (Some(globals), Some(first)) => {
            shared::compare(&globals, &options.shared, server, &first.pair.target).await?
        }
        _ => Vec::new(),
    };
    let tasks = Tasks::new(&databases, options.jobs);
    monitor.event(Event::Total {
        tasks: tasks.count(),
        bytes: tasks.bytes(),
    });
    let shared = Arc::new(Shared {
        source,
        databases,
        tasks,
        options: options.clone(),
        monitor: monitor.clone(),
    });
    let mut workers = JoinSet::new();
    for number in 0..options.jobs.get() {
        workers.spawn(worker::run(Arc::clone(&shared), number));
    }
    while let Some(ended) = workers.join_next().await {
        ended.map_err(Error::Worker)??;
    }
    Ok(Comparison {
        globals: differences,
        databases: shared
            .databases
            .iter()
            .map(database::Database::outcome)
            .collect(),
    })
}

fn pairs(source: &Source, options: &CompareOptions) -> Vec<Pair> {
    if !options.databases.is_empty() {
        return options.databases.clone();
    }
    let all = source.databases().iter().map(|database| Pair {
        source: database.name.clone(),
        target: database.name.clone(),
        entries: None,
        left_out: 0,
    });
    all.collect()
}
