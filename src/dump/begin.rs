//! The beginning: sessions, snapshots, locks and schemas, begun again where definitions changed meanwhile.
//!
//! PostgreSQL reads some definitions as they are now and not as the snapshot has them. An object that is
//! dropped before it is locked cannot be locked. All of this precedes the first row, so a few new snapshots
//! cost nothing but time.

use std::time::Duration;

use bstr::BString;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use super::cancel::Cancellers;
use super::databases;
use super::error::Error;
use super::helpers::Crew;
use super::job::Prepared;
use super::leader::{self, Leader};
use super::options::{ATTEMPTS, DumpOptions};
use super::prepare::{self, Helpers};
use crate::archive::manifest::LeftOut;
use crate::monitor::{Event, Monitor, Phase};
use crate::pg::{ServerConfig, Session};
use crate::schema::reader::Reader;

/// How long who changes definitions is left alone before the second attempt; longer before each later one.
const PAUSE: Duration = Duration::from_millis(100);

/// A dump before its first row.
pub(super) struct Begun {
    /// The options, with no more workers than the server has room for.
    pub(super) options: DumpOptions,
    pub(super) leaders: Vec<Leader>,
    /// The content of each leader's database.
    pub(super) prepared: Vec<Prepared>,
    pub(super) reader: Reader,
    pub(super) left_out: Vec<LeftOut>,
}

/// Begins, several times if it must be.
pub(super) async fn begin(
    server: &ServerConfig,
    options: &DumpOptions,
    cancellers: &Cancellers,
    monitor: &Monitor,
) -> Result<Begun, Error> {
    let choice = databases::choose(server, options).await?;
    if choice.jobs < options.jobs {
        monitor.notice(format!(
            "{} at work instead of {}: the server has no room for more sessions",
            crate::monitor::units::counted(choice.jobs.get() as u64, "worker", "workers"),
            options.jobs
        ));
    }
    let options = DumpOptions {
        jobs: choice.jobs,
        ..options.clone()
    };
    let (server, databases) = (&choice.server, &choice.databases);
    let mut asked = Some(choice.asked);
    let mut attempt = 1;
    loop {
        let begun = once(
            server,
            databases,
            asked.take(),
            &options,
            cancellers,
            monitor,
        );
        match begun.await {
            Err(error) if error.is_beside_changes() && attempt < ATTEMPTS => {
                tokio::time::sleep(PAUSE * attempt).await;
                attempt += 1;
            }
            Err(error) => return Err(error),
            Ok((leaders, prepared, reader)) => {
                return Ok(Begun {
                    options,
                    leaders,
                    prepared,
                    reader,
                    left_out: choice.left_out,
                });
            }
        }
    }
}

async fn once(
    server: &ServerConfig,
    databases: &[BString],
    asked: Option<(BString, Session)>,
    options: &DumpOptions,
    cancellers: &Cancellers,
    monitor: &Monitor,
) -> Result<(Vec<Leader>, Vec<Prepared>, Reader), Error> {
    monitor.event(Event::Phase(Phase::Connect));
    let crew = Crew::of(options, databases.len());
    let opened = leader::open_all(server, databases, asked, options, crew, cancellers).await;
    let (mut leaders, notices) = opened?;
    let version = leaders
        .first()
        .map(|leader| leader.session.server_version())
        .ok_or(Error::NoDatabases)?;
    let reader = options.schema_reader.find(version).await?;
    monitor.event(Event::Phase(Phase::Schema));
    let reads = leaders.iter_mut().enumerate().map(|(index, leader)| {
        let helpers = Helpers {
            index,
            crew,
            cancellers,
        };
        prepare::read(leader, &reader, helpers, options)
    });
    let reads = stream::iter(reads).buffered(options.jobs.get());
    let read: Vec<(Prepared, Vec<String>)> = reads.try_collect().await?;
    let (prepared, more): (Vec<Prepared>, Vec<Vec<String>>) = read.into_iter().unzip();
    // Said once, about the final choice.
    for notice in notices.into_iter().chain(more.into_iter().flatten()) {
        monitor.notice(notice);
    }
    Ok((leaders, prepared, reader))
}
