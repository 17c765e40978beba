//! Restore: from an archive into databases, in parallel, with the semantics of pg_restore.
//!
//! ```text
//! contents   which databases, their tables of contents      reads the archive
//! preflight  what is wrong with the target                  asks the server
//! selection, names, select   which entries are wanted       pure
//! graph      what waits for what                            pure
//! plan       all of it together; what --dry-run prints      pure
//! globals    roles and tablespaces                          one session
//! engine     the workers and what they share
//! schedule   the one queue over all databases               pure
//! worker     one task at a time, one session at a time
//! prepare, batch, apply, sql_data, read_ahead   what a task consists of
//! report, outcome         what came of it
//! ```
//!
//! A chunk's SHA-256 is compared before the first of its bytes is decoded, and the server's row count
//! with the manifest's afterwards. What fails is reported and the rest goes on, unless `-e` was given;
//! damage in the archive ends everything.

mod apply;
mod batch;
mod begin;
mod contents;
mod dependants;
mod engine;
mod error;
mod filter_file;
mod foreign_keys;
mod globals;
mod graph;
mod leave_out;
mod lex;
mod list;
mod lookup;
mod maintenance;
mod names;
mod options;
mod outcome;
mod plain_user;
mod plan;
mod preflight;
mod prepare;
mod read_ahead;
mod rename;
mod report;
mod roles;
mod schedule;
mod script;
mod select;
mod selection;
mod sessions;
mod sql_data;
mod statements;
mod statistics;
mod stop;
#[cfg(test)]
mod testing;
mod worker;

use bstr::BString;

use crate::monitor::{Event, Monitor, Phase};
use crate::pg::ServerConfig;
use crate::source::Source;
use crate::storage::Store;

use begin::{Begun, begin};
use engine::{Engine, Parts, empty_outcomes};
use maintenance::Maintenance;
use report::Report;

pub use error::Error;
pub use filter_file::{FilterError, add_filters};
pub use list::{Detail, List, ListError};
pub use options::{DatabaseChoice, GlobalsChoice, RestoreOptions, RoleChoice, Statistics};
pub use outcome::{DatabaseOutcome, Failure, RestoreOutcome, Skipped};
pub use plan::{DatabasePlan, Preparation, RestorePlan};
pub use preflight::{Finding, Severity};
pub use script::{RestrictKey, script};
pub use selection::{Content, Sections, Selection};

/// Restores what `options` chooses from the archive in `store` to `server`.
///
/// What fails for single objects comes back in the outcome; an error means that nothing was done, or
/// that the restore could not go on.
pub async fn restore(
    server: &ServerConfig,
    store: &Store,
    options: &RestoreOptions,
    monitor: &Monitor,
) -> Result<RestoreOutcome, Error> {
    let mut begun = tokio::select! {
        begun = begin(server, store, options, monitor) => begun?,
        () = monitor.interrupted() => return Err(Error::Interrupted),
    };
    let notices = begun.notices(monitor)?;
    let mut report = Report::new(
        monitor.clone(),
        empty_outcomes(&begun.contents, &begun.work),
    );
    report.skipped = std::mem::take(&mut begun.left_out);
    restore_globals(&mut begun, &mut report, monitor).await?;
    if !report.failures.is_empty() && options.exit_on_error {
        return Ok(outcome(report, notices));
    }
    monitor.event(Event::Phase(Phase::Data));
    let engine = Engine::new(Parts {
        source: begun.source,
        contents: begun.contents,
        work: begun.work,
        options: options.clone(),
        target: begun.target,
        server: begun.server,
        maintenance: begun.session,
        report,
        monitor: monitor.clone(),
    });
    Ok(outcome(engine.run().await?, notices))
}

/// What [`restore`] would do, and everything that speaks against it. Changes nothing.
pub async fn plan(
    server: &ServerConfig,
    store: &Store,
    options: &RestoreOptions,
    monitor: &Monitor,
) -> Result<RestorePlan, Error> {
    let begun = tokio::select! {
        begun = begin(server, store, options, monitor) => begun?,
        () = monitor.interrupted() => return Err(Error::Interrupted),
    };
    let plan = RestorePlan::new(
        options,
        &begun.contents,
        &begun.work,
        &begun.globals,
        begun.findings,
    );
    begun.session.close().await;
    let maintenance = Maintenance::new(&begun.target.limits, options.jobs.get());
    Ok(RestorePlan {
        settings: maintenance.describe(),
        ..plan
    })
}

/// What of the archive in `store` `options` choose, as lists for `-L`: one for each database.
pub async fn list(
    store: &Store,
    options: &RestoreOptions,
    detail: Detail,
) -> Result<BString, Error> {
    options.check()?;
    let source = Source::open(store.clone()).await?;
    let contents = contents::Contents::read(&source, options).await?;
    let filters = plan::filters(&contents, options)?;
    let mut lists = BString::default();
    for database in &contents.databases {
        let needs = plan::needs(database, options, &filters);
        lists.extend_from_slice(&list::render(database, &needs, detail));
    }
    Ok(lists)
}

/// The names of the databases that the archive in `store` holds, in its order.
pub async fn databases(store: &Store) -> Result<Vec<BString>, Error> {
    let source = Source::open(store.clone()).await?;
    let databases = source.databases().iter();
    Ok(databases.map(|database| database.name.clone()).collect())
}

async fn restore_globals(
    begun: &mut Begun,
    report: &mut Report,
    monitor: &Monitor,
) -> Result<(), Error> {
    let Some(toc) = &begun.contents.globals else {
        return Ok(());
    };
    monitor.event(Event::Phase(Phase::Globals));
    let canceller = begun.session.canceller();
    let stop = stop::Stop::new(monitor.clone());
    let work = globals::apply(&mut begun.session, toc, &begun.globals, report);
    match stop.guard(&canceller, work).await {
        Ok(done) => done.map_err(Error::server("restore roles and tablespaces")),
        Err(stop::Stopped) => Err(Error::Interrupted),
    }
}

fn outcome(report: Report, notices: Vec<String>) -> RestoreOutcome {
    RestoreOutcome {
        databases: report.databases,
        failures: report.failures,
        skipped: report.skipped,
        notices,
        globals: report.globals,
        archive_bytes_read: report.archive_bytes_read,
    }
}
