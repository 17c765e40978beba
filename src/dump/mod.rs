//! Dump: databases in, one archive out.
//!
//! 1. [`leader`] opens a session per database, exports all snapshots back to back and takes the locks.
//! 2. Workers read schemas ([`prepare`]) and then data ([`worker`]), what next being decided by
//!    [`queue`] from the tasks of [`plan`].
//! 3. The one [`writer`] appends finished members, and each database's TOC when its data is done.
//! 4. [`manifest`] describes it all; `ArchiveWriter::finish` publishes. Any error or interrupt before that
//!    cancels the queries and leaves no file behind.

mod databases;
mod error;
mod globals;
mod job;
mod large_objects;
mod leader;
mod manifest;
mod options;
mod outcome;
mod plan;
mod prepare;
mod queue;
mod render;
mod worker;
mod writer;

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::mpsc;
use tokio::task::JoinSet;

pub use error::Error;
pub use options::{Content, Databases, DumpOptions, Filters, Globals, LargeObjects};
pub use outcome::{DatabaseOutcome, DumpOutcome};
pub use render::DumpPlan;

use crate::archive::ArchiveWriter;
use crate::archive::manifest::{Database, GlobalsFacts, Manifest, ServerFacts};
use crate::digest::Sha256;
use crate::monitor::{Event, Monitor, Phase};
use crate::pg::ServerConfig;
use crate::schema::program;
use crate::storage::{Sink, Store};

use job::{Cancellers, Shared, Source, Total};
use leader::Leader;

/// Dumps databases and globals of `server` into `store`. Nothing appears under the store's name unless the
/// dump is complete.
pub async fn dump(
    server: &ServerConfig,
    store: &Store,
    options: &DumpOptions,
    monitor: &Monitor,
) -> Result<DumpOutcome, Error> {
    // Begun first: an archive that exists or a folder that cannot be written is said before any work.
    let upload = store.upload(options.replace, options.upload).await?;
    dump_into(server, upload.into(), options, monitor).await
}

/// The same into a pipe, or into an upload that has begun.
pub async fn dump_into(
    server: &ServerConfig,
    sink: Sink,
    options: &DumpOptions,
    monitor: &Monitor,
) -> Result<DumpOutcome, Error> {
    let writer = ArchiveWriter::create(sink, now_unix()).await?;
    let (mut writer, result) = fill(writer, server, options, monitor).await;
    let result = match result {
        Ok(manifest) => end(&mut writer, manifest, monitor).await,
        Err(error) => Err(error),
    };
    match result {
        Ok((digest, databases, snapshot_spread)) => {
            let finished = writer.publish(digest).await?;
            Ok(DumpOutcome::new(&finished, databases, snapshot_spread))
        }
        Err(error) => {
            // The error that led here is the one to report.
            if let Err(left) = writer.abort().await {
                monitor.notice(left.to_string());
            }
            Err(error)
        }
    }
}

type Ended = (Sha256, Vec<DatabaseOutcome>, Duration);

/// Writes the archive's end, which takes long where a store is slow or a pipe's reader does not read.
async fn end(
    writer: &mut ArchiveWriter,
    manifest: Manifest,
    monitor: &Monitor,
) -> Result<Ended, Error> {
    monitor.event(Event::Phase(Phase::Finish));
    let databases = DatabaseOutcome::all(&manifest);
    let snapshot_spread = Duration::from_micros(manifest.snapshot_spread_us);
    tokio::select! {
        digest = writer.end(manifest) => Ok((digest?, databases, snapshot_spread)),
        () = monitor.interrupted() => Err(Error::Interrupted),
    }
}

/// Writes every member; returns the manifest. The writer comes back in any case, to be finished or aborted.
async fn fill(
    mut writer: ArchiveWriter,
    server: &ServerConfig,
    options: &DumpOptions,
    monitor: &Monitor,
) -> (ArchiveWriter, Result<Manifest, Error>) {
    monitor.event(Event::Phase(Phase::Connect));
    let cancellers = Arc::new(Cancellers::default());
    let begin = begin(&mut writer, server, options, monitor, &cancellers);
    let begun = until_interrupted(monitor, &cancellers, begin).await;
    let (leaders, program, globals) = match begun.and_then(|result| result) {
        Ok(begun) => begun,
        Err(error) => return (writer, Err(error)),
    };
    let mut manifest = Manifest {
        format: crate::archive::FORMAT_VERSION,
        creator: concat!("pgark ", env!("CARGO_PKG_VERSION")).into(),
        created_unix: 0,
        options: manifest::options(options),
        server: server_facts(server, &leaders),
        pg_dump_version: program.version.clone(),
        snapshot_spread_us: spread_us(&leaders),
        globals,
        databases: vec![],
        members: vec![],
    };
    let shared = Arc::new(share(leaders, program, options, monitor, cancellers));
    let (writer, result) = read_everything(writer, &shared).await;
    let result = result.map(|databases| {
        manifest.databases = databases;
        manifest
    });
    (writer, result)
}

type Begun = (Vec<Leader>, program::Program, Option<GlobalsFacts>);

/// Snapshots and globals.
async fn begin(
    writer: &mut ArchiveWriter,
    server: &ServerConfig,
    options: &DumpOptions,
    monitor: &Monitor,
    cancellers: &Cancellers,
) -> Result<Begun, Error> {
    let (mut leaders, program) = open(server, options, cancellers).await?;
    // Rows are smaller compressed than on the server's disk, and some are larger as text.
    writer.expect(leaders.iter().map(|leader| leader.size_bytes).sum());
    let globals = match leaders.first_mut() {
        Some(leader) => globals::dump(writer, leader, options, monitor).await?,
        None => None,
    };
    Ok((leaders, program, globals))
}

/// What a dump would do, without doing it: the same snapshots and locks, and then nothing.
pub async fn plan(
    server: &ServerConfig,
    options: &DumpOptions,
    monitor: &Monitor,
) -> Result<DumpPlan, Error> {
    let cancellers = Cancellers::default();
    let open = open(server, options, &cancellers);
    let (mut leaders, program) = until_interrupted(monitor, &cancellers, open).await??;
    let first = leaders.first().ok_or(Error::NoDatabases)?;
    let mut plan = DumpPlan::new(&program, &first.session);
    let total_bytes = leaders.iter().map(|leader| leader.size_bytes).sum();
    let cut = plan::Cut::new(total_bytes, options.jobs.get());
    for leader in &mut leaders {
        let read = prepare::read(leader, &program, options, monitor);
        let prepared = until_interrupted(monitor, &cancellers, read).await??;
        plan.add(&prepared, leader.session.server_version().major(), cut);
    }
    Ok(plan)
}

/// Runs `work` unless an interrupt comes first, which cancels what the sessions are doing.
async fn until_interrupted<T>(
    monitor: &Monitor,
    cancellers: &Cancellers,
    work: impl Future<Output = T>,
) -> Result<T, Error> {
    tokio::select! {
        result = work => return Ok(result),
        () = monitor.interrupted() => {}
    }
    cancellers.cancel_all().await;
    Err(Error::Interrupted)
}

async fn open(
    server: &ServerConfig,
    options: &DumpOptions,
    cancellers: &Cancellers,
) -> Result<(Vec<Leader>, program::Program), Error> {
    let (databases, server) = databases::choose(server, options).await?;
    let leaders = leader::open_all(&server, &databases, options, cancellers).await?;
    let version = leaders
        .first()
        .map(|leader| leader.session.server_version())
        .ok_or(Error::NoDatabases)?;
    Ok((leaders, program::find(&options.pg_dump, version).await?))
}

fn share(
    leaders: Vec<Leader>,
    program: program::Program,
    options: &DumpOptions,
    monitor: &Monitor,
    cancellers: Arc<Cancellers>,
) -> Shared {
    // Each database's schema is a task too; its data is added when the schema is known.
    let total = Total {
        tasks: leaders.len() as u64,
        bytes: 0,
    };
    let total_bytes = leaders.iter().map(|leader| leader.size_bytes).sum();
    Shared {
        cut: plan::Cut::new(total_bytes, options.jobs.get()),
        options: options.clone(),
        program,
        monitor: monitor.clone(),
        queue: queue::Queue::new(leaders.len()),
        databases: leaders.into_iter().map(Source::new).collect(),
        cancellers,
        total: std::sync::Mutex::new(total),
    }
}

/// Workers and writer. The writer comes back in any case, to be finished or aborted.
async fn read_everything(
    writer: ArchiveWriter,
    shared: &Arc<Shared>,
) -> (ArchiveWriter, Result<Vec<Database>, Error>) {
    shared.monitor.event(Event::Phase(Phase::Data));
    // One finished chunk may wait for the writer; more would only be memory.
    let (sender, receiver) = mpsc::channel(1);
    let writing = tokio::spawn(writer::run(writer, shared.clone(), receiver));
    let mut workers = JoinSet::new();
    for index in 0..shared.options.jobs.get() {
        workers.spawn(
            worker::Worker {
                index,
                shared: shared.clone(),
                out: sender.clone(),
            }
            .run(),
        );
    }
    drop(sender);
    let read = join(&mut workers, shared).await;
    if read.is_err() {
        shared.cancellers.cancel_all().await;
        workers.shutdown().await;
    }
    let (writer, written) = match writing.await {
        Ok(end) => end,
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    };
    let result = match (read, written) {
        // A worker that lost its writer says nothing; the writer says why.
        (Err(Error::Worker) | Ok(()), Err(error)) | (Err(error), _) => Err(error),
        (Ok(()), Ok(databases)) => databases
            .into_iter()
            .collect::<Option<Vec<_>>>()
            .ok_or(Error::Internal("a database without a table of contents")),
    };
    (writer, result)
}

async fn join(workers: &mut JoinSet<Result<(), Error>>, shared: &Shared) -> Result<(), Error> {
    loop {
        let joined =
            until_interrupted(&shared.monitor, &shared.cancellers, workers.join_next()).await?;
        match joined {
            None => return Ok(()),
            Some(Ok(result)) => result?,
            Some(Err(_)) => return Err(Error::Worker),
        }
    }
}

fn server_facts(server: &ServerConfig, leaders: &[Leader]) -> ServerFacts {
    let session = leaders.first().map(|leader| &leader.session);
    ServerFacts {
        version_num: session.map_or(0, |session| session.server_version().num()),
        version: session.map_or_else(String::new, |session| {
            session.server_version_text().to_owned()
        }),
        host: Some(server.describe()),
        system_identifier: leaders
            .first()
            .and_then(|leader| leader.system_identifier.clone()),
    }
}

fn spread_us(leaders: &[Leader]) -> u64 {
    let times = leaders.iter().map(|leader| leader.snapshot.taken_at_us);
    match (times.clone().min(), times.max()) {
        (Some(first), Some(last)) => last.abs_diff(first),
        _ => 0,
    }
}

fn now_unix() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(0)
}
