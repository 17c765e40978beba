//! Dumping, restoring and comparing, as the tests of a restore need them.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use pgark::dump::{self, Databases, DumpOptions, Filters, Globals, LargeObjects};
use pgark::monitor::Monitor;
use pgark::pg::{ConnectionArgs, Environment, ServerConfig, resolve};
use pgark::restore::{
    DatabaseChoice, Error, Failure, GlobalsChoice, RestoreOptions, RestoreOutcome, RestorePlan,
    plan, restore,
};
use pgark::schema::reader::SchemaReader;
use pgark::storage::{Replace, Store, UploadOptions};

use crate::support::cluster::Cluster;
use crate::support::fixtures;
use crate::support::peers;

/// A folder for archives, removed at the end.
pub struct Ground {
    folder: tempfile::TempDir,
}

impl Ground {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Dumps these databases in chunks of `chunk_bytes` into a new archive.
    pub fn dump(&self, source: &Cluster, databases: &[&str], chunk_bytes: u64) -> Store {
        let name = format!("{}.tar", databases.len());
        let store = open(&self.path(&name));
        let options = DumpOptions {
            planner_statistics: true,
            databases: Databases::Listed(databases.iter().map(|&name| name.into()).collect()),
            jobs: NonZeroUsize::new(2).unwrap(),
            compression: pgark::archive::Compression::default(),
            filters: Filters::default(),
            content: dump::Content::All,
            large_objects: LargeObjects::Default,
            globals: Globals::All,
            role: None,
            lock_wait_timeout_ms: None,
            serializable_deferrable: false,
            chunk_bytes,
            replace: Replace::Existing,
            upload: UploadOptions {
                sync: false,
                ..UploadOptions::default()
            },
            schema_reader: SchemaReader::Catalogs,
        };
        let config = config(source, "postgres");
        let dumped = block_on(dump::dump(&config, &store, &options, &Monitor::void()));
        dumped.unwrap_or_else(|error| panic!("{}", chain(&error)));
        store
    }
}

pub fn open(path: &Path) -> Store {
    Store::open(path.to_str().unwrap()).unwrap()
}

pub fn config(cluster: &Cluster, user: &str) -> ServerConfig {
    let args = ConnectionArgs {
        host: Some(cluster.socket_dir().to_str().unwrap().to_owned()),
        port: Some(cluster.port().to_string()),
        username: Some(user.to_owned()),
        dbname: Some("postgres".to_owned()),
        ..ConnectionArgs::default()
    };
    resolve(&args, &Environment::default()).unwrap()
}

/// A restore of everything but roles into databases that are there, with two workers. Roles belong to
/// the whole server, which tests share.
pub fn options() -> RestoreOptions {
    RestoreOptions {
        jobs: NonZeroUsize::new(2).unwrap(),
        globals: GlobalsChoice::Without,
        ..RestoreOptions::default()
    }
}

/// A restore of everything into databases that it makes, roles included.
pub fn everything() -> RestoreOptions {
    RestoreOptions {
        globals: GlobalsChoice::With,
        ..creating()
    }
}

pub fn creating() -> RestoreOptions {
    RestoreOptions {
        create: true,
        ..options()
    }
}

/// `source` under the name `target`.
pub fn under(source: &str, target: &str) -> Vec<DatabaseChoice> {
    vec![DatabaseChoice {
        source: source.into(),
        target: target.into(),
    }]
}

pub fn try_restore(
    target: &Cluster,
    store: &Store,
    options: &RestoreOptions,
) -> Result<RestoreOutcome, Error> {
    let config = config(target, "postgres");
    block_on(restore(&config, store, options, &Monitor::void()))
}

/// Restores without a failure.
#[track_caller]
pub fn restored(target: &Cluster, store: &Store, options: &RestoreOptions) -> RestoreOutcome {
    match try_restore(target, store, options) {
        Ok(outcome) => {
            assert!(outcome.failures.is_empty(), "{:#?}", outcome.failures);
            assert!(outcome.skipped.is_empty(), "{:#?}", outcome.skipped);
            outcome
        }
        Err(error) => panic!("{}", chain(&error)),
    }
}

/// The error that keeps the restore from beginning.
#[track_caller]
pub fn refused(target: &Cluster, store: &Store, options: &RestoreOptions) -> Error {
    match try_restore(target, store, options) {
        Ok(outcome) => panic!("it was restored: {outcome:#?}"),
        Err(error) => error,
    }
}

pub fn planned(target: &Cluster, store: &Store, options: &RestoreOptions) -> RestorePlan {
    let config = config(target, "postgres");
    let planned = block_on(plan(&config, store, options, &Monitor::void()));
    planned.unwrap_or_else(|error| panic!("{}", chain(&error)))
}

pub fn objects(failures: &[Failure]) -> Vec<&str> {
    failures
        .iter()
        .map(|failure| failure.object.as_str())
        .collect()
}

pub fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.unwrap().block_on(work)
}

pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

/// An archive of one small database (`small.sql`) in chunks of a few KiB, and where it came from.
pub struct Small {
    pub ground: Ground,
    pub store: Store,
    source: Source,
    /// The database's name on the source; also how its two roles' names begin.
    name: String,
}

enum Source {
    Shared(&'static Cluster),
    Own(Box<Cluster>),
}

impl Small {
    /// Makes the database `name`, which is the test's own, on the shared source.
    pub fn new(name: &str) -> Result<Self, peers::Missing> {
        let source = fixtures::source(peers::installed_major()?)?;
        Ok(Self::make(Source::Shared(source), name))
    }

    /// Makes it on a server of its own, so that the archive's globals are its two roles. The second
    /// server is a target that knows neither.
    pub fn alone(name: &str) -> Result<(Self, Cluster), peers::Missing> {
        let major = peers::installed_major()?;
        let source = Source::Own(Box::new(Cluster::start(major)?));
        Ok((Self::make(source, name), Cluster::start(major)?))
    }

    fn make(source: Source, name: &str) -> Self {
        let mut small = Self {
            ground: Ground::new(),
            store: open(Path::new("/tmp/nothing")),
            source,
            name: name.to_owned(),
        };
        let source = small.source();
        source.drop_database(name);
        small.drop_roles(source);
        source.create_database(name);
        let variables = format!("\\set role_a {name}_a\n\\set role_b {name}_b\n");
        source.psql(name, variables + include_str!("small.sql"));
        small.store = small.ground.dump(source, &[name], 16 << 10);
        small
    }

    pub fn source(&self) -> &Cluster {
        match &self.source {
            Source::Shared(cluster) => cluster,
            Source::Own(cluster) => cluster,
        }
    }

    /// The shared target with the test's roles and without its databases: `name` and these.
    pub fn target(&self, databases: &[&str]) -> &'static Cluster {
        let target = fixtures::target(self.source().major());
        let target = target.unwrap_or_else(|missing| panic!("{}", missing.0));
        for database in databases.iter().chain([&self.name.as_str()]) {
            target.drop_database(database);
        }
        self.drop_roles(target);
        let name = &self.name;
        target.psql(
            "postgres",
            format!("CREATE ROLE {name}_a; CREATE ROLE {name}_b"),
        );
        target
    }

    fn drop_roles(&self, cluster: &Cluster) {
        let name = &self.name;
        let sql = format!("DROP ROLE IF EXISTS {name}_a, {name}_b");
        cluster.psql("postgres", sql);
    }
}

#[track_caller]
pub fn problems(error: &Error) -> Vec<String> {
    match error {
        Error::Preflight { problems } => {
            let texts = problems.iter().map(|problem| problem.text.clone());
            texts.collect()
        }
        other => panic!("{other}"),
    }
}
