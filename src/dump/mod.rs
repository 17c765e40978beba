//! Dump: databases in, one archive out.
//!
//! 1. [`begin`] has [`room`] asked, then [`leader`] open a session per database, export all snapshots back to
//!    back and take the locks, and [`prepare`] read the schemas; where definitions change meanwhile, all
//!    again.
//! 2. Workers read the data ([`worker`]). [`queue`] chooses the next of the tasks that [`plan`] has made.
//! 3. The one [`writer`] appends finished members, and each database's TOC when its data is done.
//! 4. [`manifest`] describes it all; `ArchiveWriter::finish` publishes. Any error or interrupt before that
//!    cancels the queries and leaves no file behind.

mod begin;
mod cancel;
mod clock;
mod databases;
mod error;
mod filters;
mod follow;
mod globals;
mod helpers;
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
mod room;
mod worker;
mod writer;
mod written;

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

pub use error::Error;
pub use options::{Content, Databases, DumpOptions, Filters, Globals, LargeObjects};
pub use outcome::{DatabaseOutcome, DumpOutcome};
pub use render::DumpPlan;

use crate::archive::ArchiveWriter;
use crate::archive::manifest::{Database, GlobalsFacts, Manifest, ServerFacts};
use crate::digest::Sha256;
use crate::monitor::units::{self, counted};
use crate::monitor::{Event, Monitor, Phase};
use crate::pg::ServerConfig;
use crate::storage::Store;
use crate::storage::{Leftover, Sink};

use begin::Begun;
use cancel::{ABORTED_BY, Cancellers, ENDED_BY};
use clock::now_unix;
use job::{Shared, Source, Total};
use leader::Leader;
use outcome::Ended;

/// Dumps databases and globals of `server` into `store`. Nothing appears under the store's name unless the
/// dump is complete.
pub async fn dump(
    server: &ServerConfig,
    store: &Store,
    options: &DumpOptions,
    monitor: &Monitor,
) -> Result<DumpOutcome, Error> {
    // Begun first: an archive that exists or a folder that cannot be written is said before any work.
    let beginning = store.upload(options.replace, options.upload);
    let upload = tokio::select! {
        biased;
        upload = beginning => upload?,
        // On a disk it takes no time, and given up midway it would leave its file behind.
        () = monitor.interrupted(), if store.is_remote() => return Err(Error::Interrupted),
    };
    for leftover in upload.leftovers() {
        monitor.notice(left_over(leftover));
    }
    dump_into(server, upload.into(), options, monitor).await
}

/// A killed dump cannot remove its file, and nobody looks for names that begin with a dot.
fn left_over(leftover: &Leftover) -> String {
    const HOUR_S: u64 = 3600;
    let age = match leftover.age.as_secs() {
        s if s >= 48 * HOUR_S => counted(s / (24 * HOUR_S), "day", "days"),
        s if s >= 2 * HOUR_S => counted(s / HOUR_S, "hour", "hours"),
        s => counted(s / 60, "minute", "minutes"),
    };
    format!(
        "a dump that was killed left its partial file behind, {} and {age} old: rm '{}'",
        units::bytes(leftover.bytes),
        leftover.path.display()
    )
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
        Ok((digest, ended)) => {
            let finished = writer.publish(digest).await?;
            Ok(DumpOutcome::new(finished, ended))
        }
        Err(error) => {
            // The error that led here is the one to report.
            tokio::select! {
                aborted = writer.abort() => {
                    if let Err(left) = aborted {
                        monitor.notice(left.to_string());
                    }
                }
                () = monitor.interrupted_for(ABORTED_BY) => monitor.notice(
                    "parts of the unfinished upload may still be in the store, which did not answer in time",
                ),
            }
            Err(error)
        }
    }
}

/// Writes the archive's end, which takes long where a store is slow or a pipe's reader does not read.
async fn end(
    writer: &mut ArchiveWriter,
    manifest: Manifest,
    monitor: &Monitor,
) -> Result<(Sha256, Ended), Error> {
    monitor.event(Event::Phase(Phase::Finish));
    let ended = Ended::of(&manifest);
    tokio::select! {
        digest = writer.end(manifest) => Ok((digest?, ended)),
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
    let cancellers = Arc::new(Cancellers::default());
    let begin = begin::begin(server, options, &cancellers, monitor);
    let begun = until_interrupted(monitor, &cancellers, begin).await;
    let mut begun = match begun.and_then(|result| result) {
        Ok(begun) => begun,
        Err(error) => return (writer, Err(error)),
    };
    // Rows are smaller compressed than on the server's disk, and some are larger as text.
    writer.expect(begun.leaders.iter().map(|leader| leader.size_bytes).sum());
    let globals = write_globals(&mut writer, &mut begun, monitor);
    let globals = until_interrupted(monitor, &cancellers, globals).await;
    let globals = match globals.and_then(|result| result) {
        Ok(globals) => globals,
        Err(error) => return (writer, Err(error)),
    };
    let mut manifest = Manifest {
        format: crate::archive::FORMAT_VERSION,
        creator: concat!("pgark ", env!("CARGO_PKG_VERSION")).into(),
        created_unix: 0,
        options: manifest::options(&begun.options),
        server: server_facts(server, &begun.leaders),
        pg_dump_version: begun.reader.dialect().to_owned(),
        schema_reader: Some(begun.reader.name().to_owned()),
        snapshot_spread_us: spread_us(&begun.leaders),
        globals,
        databases: vec![],
        left_out: std::mem::take(&mut begun.left_out),
        members: vec![],
    };
    let shared = Arc::new(share(begun, monitor, cancellers));
    let (writer, result) = read_everything(writer, &shared).await;
    let result = result.map(|databases| {
        manifest.databases = databases;
        manifest
    });
    (writer, result)
}

async fn write_globals(
    writer: &mut ArchiveWriter,
    begun: &mut Begun,
    monitor: &Monitor,
) -> Result<Option<GlobalsFacts>, Error> {
    match begun.leaders.first_mut() {
        Some(leader) => globals::dump(writer, leader, &begun.options, monitor).await,
        None => Ok(None),
    }
}

/// What a dump would do, without doing it: the same snapshots and locks, and then nothing.
pub async fn plan(
    server: &ServerConfig,
    options: &DumpOptions,
    monitor: &Monitor,
) -> Result<DumpPlan, Error> {
    let cancellers = Cancellers::default();
    let begin = begin::begin(server, options, &cancellers, monitor);
    let begun = until_interrupted(monitor, &cancellers, begin).await??;
    let first = begun.leaders.first().ok_or(Error::NoDatabases)?;
    let major = first.session.server_version().major();
    let mut plan = DumpPlan::new(&begun.reader, &first.session, begun.left_out);
    let total_bytes = begun.leaders.iter().map(|leader| leader.size_bytes).sum();
    let cut = plan::Cut::new(total_bytes, begun.options.jobs.get());
    for prepared in &begun.prepared {
        plan.add(prepared, major, cut);
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
    cancellers.cancel_all(monitor).await;
    Err(Error::Interrupted)
}

fn share(begun: Begun, monitor: &Monitor, cancellers: Arc<Cancellers>) -> Shared {
    let (leaders, options) = (begun.leaders, begun.options);
    // Each database's plan is a task too; its data is added with it.
    let total = Total {
        tasks: leaders.len() as u64,
        bytes: 0,
    };
    let total_bytes = leaders.iter().map(|leader| leader.size_bytes).sum();
    let first = leaders.first();
    Shared {
        cut: plan::Cut::new(total_bytes, options.jobs.get()),
        major: first.map_or(0, |leader| leader.session.server_version().major()),
        options,
        monitor: monitor.clone(),
        queue: queue::Queue::new(leaders.len()),
        databases: leaders
            .into_iter()
            .zip(begun.prepared)
            .map(|(leader, prepared)| Source::new(leader, prepared))
            .collect(),
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
        shared.cancellers.cancel_all(&shared.monitor).await;
        workers.abort_all();
        // One that compresses ends when its block is done.
        tokio::select! {
            () = workers.shutdown() => {}
            () = shared.monitor.interrupted_for(ENDED_BY) => workers.detach_all(),
        }
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
