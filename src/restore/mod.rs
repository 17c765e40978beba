//! Restore: from an archive into databases, in parallel, with the semantics of pg_restore.
//!
//! ```text
//! contents   which databases, their tables of contents      reads the archive
//! preflight  what is wrong with the target                  asks the server
//! damage     what of the archive cannot be read             reads the archive
//! selection, names, filter_file, list, dependants, select   which entries are wanted   pure
//! lock       one restore at a time in each database          one session
//! graph      what waits for what                            pure
//! plan, plan_text   all of it together; what --dry-run prints   pure
//! globals    roles and tablespaces                          one session
//! engine     the workers and what they share
//! schedule   the one queue over all databases               pure
//! worker     one task at a time, one session at a time
//! prepare, clean, batch, apply, sql_data, read_ahead   what a task consists of
//! firing, local_tables   what the target says about triggers and foreign tables beforehand
//! report, outcome         what came of it
//! script     all of it as a script for psql instead         no server
//! ```
//!
//! A chunk's SHA-256 is compared before the first of its bytes is decoded, and the server's row count
//! with the manifest's afterwards. What fails is reported and the rest goes on, unless `-e` was given;
//! damage in the archive ends everything.

mod apply;
mod batch;
mod begin;
mod clean;
mod contents;
mod damage;
mod define;
mod dependants;
mod dropped;
mod engine;
mod error;
mod extension_schema;
mod filter_file;
mod firing;
mod foreign_keys;
mod full_disk;
mod globals;
mod graph;
mod journal;
mod leave_out;
mod list;
mod local_tables;
mod lock;
mod lookup;
mod losses;
mod maintenance;
mod names;
mod older;
mod options;
mod outcome;
mod plain_user;
mod plan;
mod plan_text;
mod preflight;
mod prepare;
mod read_ahead;
mod rehearse;
mod rename;
mod report;
mod resume;
mod retry;
mod roles;
mod schedule;
mod script;
mod select;
mod selection;
mod sessions;
mod sql_data;
mod standard_strings;
mod statements;
mod statistics;
mod stop;
mod suit;
#[cfg(test)]
mod testing;
mod timing;
mod worker;

use std::pin::pin;
use std::time::{Duration, SystemTime};

use bstr::BString;

// `super::lex` for every module here.
use crate::toc::lex;

use crate::monitor::{Event, Monitor, Phase};
use crate::pg::{ServerConfig, Session};
use crate::source::Source;
use crate::storage::{Store, Traffic};

use begin::{Begun, Intent, begin};
use engine::{Engine, Parts, empty_outcomes};
use maintenance::Maintenance;
use report::{Report, chain};
use retry::Pauses;

pub use error::Error;
pub use filter_file::{FilterError, add_filters};
pub use list::{Detail, List, ListError};
pub use losses::Dropped;
pub use options::{
    DatabaseChoice, GlobalsChoice, RestoreOptions, RoleChoice, Statistics, Transactions,
};
pub use outcome::{DatabaseOutcome, Failure, PhaseTime, RestoreOutcome, RoleOutcome, Skipped};
pub use plan::{DatabasePlan, Preparation, RestorePlan};
pub use preflight::{Finding, Severity};
pub use rehearse::{Rehearsal, rehearse};
pub use script::{RestrictKey, script};
pub use selection::{Content, Sections, Selection};

/// How often a restore goes on by itself after the server went down: what is restored may be what brings it
/// down.
const SERVER_LOSSES_MAX: usize = 10;

/// The first pause before a server that went down is looked for.
const SERVER_PAUSE: Duration = Duration::from_millis(200);

/// Restores what `options` chooses from the archive in `store` to `server`.
///
/// What fails for single objects comes back in the outcome; an error means that nothing was done, or
/// that the restore could not go on. A server that goes down is waited for.
pub async fn restore(
    server: &ServerConfig,
    store: &Store,
    options: &RestoreOptions,
    monitor: &Monitor,
) -> Result<RestoreOutcome, Error> {
    let mut options = options.clone();
    let mut stopped_by = None;
    for _ in 0..SERVER_LOSSES_MAX {
        let error = match restore_once(server, store, &options, monitor).await {
            Err(error) if error.is_transient() => error,
            done => return done.map_err(|error| error.after(stopped_by)),
        };
        if matches!(error, Error::ServerLost { .. } | Error::LockLost { .. }) {
            stopped_by = Some(chain(&error));
        }
        let is_under_way = stopped_by.is_some();
        let is_back = is_under_way && is_back(server, &error, monitor).await;
        if is_under_way && monitor.is_interrupted() {
            return Err(Error::InterruptedMidway);
        }
        if !is_back {
            return Err(error);
        }
        // From here on the journals say what is done.
        options.resume = true;
    }
    let last = restore_once(server, store, &options, monitor).await;
    last.map_err(|error| error.after(stopped_by))
}

/// Waits for a server that went down. Returns whether it is there again.
async fn is_back(server: &ServerConfig, why: &Error, monitor: &Monitor) -> bool {
    if let Error::LockLost { .. } = why {
        monitor.notice(format!("{why}; the restore begins anew"));
        return answers(server, monitor).await;
    }
    let (since, until) = (SystemTime::now(), SystemTime::now() + retry::TOTAL_MAX);
    let (since, until) = (clock(since), clock(until));
    monitor.notice(format!(
        "{}; the restore goes on when it is back, and waits for it from {since} until {until}",
        chain(why)
    ));
    // No worker is at work, so the first one's line is free.
    monitor.event(Event::Started {
        worker: 0,
        // So short that a line of 80 columns has room for how long already.
        subject: format!(
            "waiting for the server, gone since {}, until {until}",
            since.trim_end_matches(" UTC")
        ),
    });
    let is_back = answers(server, monitor).await;
    monitor.event(Event::Finished { worker: 0 });
    is_back
}

/// The time of day in UTC.
fn clock(time: SystemTime) -> String {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    let of_day = since.map_or(0, |since| since.as_secs() % 86_400);
    let (hours, minutes, seconds) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02} UTC")
}

/// Whether a server answers before it was waited for long enough.
async fn answers(server: &ServerConfig, monitor: &Monitor) -> bool {
    let mut pauses = Pauses::new(SERVER_PAUSE);
    while !pauses.is_over() {
        tokio::select! {
            () = tokio::time::sleep(pauses.next()) => {}
            () = monitor.interrupted() => return false,
        }
        let connected = tokio::select! {
            connected = Session::connect(server) => connected,
            () = monitor.interrupted() => return false,
        };
        match connected {
            Err(error) if error.is_transient() => {}
            // Whatever else is wrong will be said by whoever meets it.
            _ => return true,
        }
    }
    false
}

async fn restore_once(
    server: &ServerConfig,
    store: &Store,
    options: &RestoreOptions,
    monitor: &Monitor,
) -> Result<RestoreOutcome, Error> {
    let begun = tokio::select! {
        begun = begin(server, store, options, Intent::Restore, monitor) => begun?,
        () = monitor.interrupted() => return Err(Error::Interrupted),
    };
    let lock = begun.lock.clone();
    let outcome = carry_out(begun, options, monitor).await;
    tokio::select! {
        () = lock.release() => {}
        () = monitor.interrupted_for(stop::MOMENT) => {}
    }
    Ok(RestoreOutcome {
        reads: store.traffic(),
        ..outcome?
    })
}

/// Does what was begun, unless something stands in the way.
async fn carry_out(
    mut begun: Begun,
    options: &RestoreOptions,
    monitor: &Monitor,
) -> Result<RestoreOutcome, Error> {
    let notices = begun.notices(monitor)?;
    let mut report = Report::new(
        monitor.clone(),
        empty_outcomes(&begun.contents, &begun.work),
    );
    let databases = begun.contents.databases.iter().zip(&begun.work);
    for (position, (contents, work)) in databases.enumerate() {
        report.earlier(position, contents, &work.earlier);
    }
    report.skipped = std::mem::take(&mut begun.left_out);
    report.damaged = std::mem::take(&mut begun.damaged);
    restore_globals(&mut begun, &mut report, monitor).await?;
    let failed = globals::failed_tablespaces(&report.failures);
    let is_needed = !failed.is_empty() && !options.skip_unavailable;
    if is_needed || !report.failures.is_empty() && options.stops_at_errors() {
        return Ok(outcome(report, notices));
    }
    let moved = globals::move_out(&mut begun.contents, &failed);
    report.skipped.extend(moved);
    monitor.event(Event::Phase(Phase::Data));
    let engine = Engine::new(Parts {
        archive: begun.source.identity(),
        source: begun.source,
        contents: begun.contents,
        work: begun.work,
        options: options.clone(),
        target: begun.target,
        server: begun.server,
        maintenance: begun.session,
        report,
        lock: begun.lock,
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
        begun = begin(server, store, options, Intent::Show, monitor) => begun?,
        () = monitor.interrupted() => return Err(Error::Interrupted),
    };
    let mut findings = begun.findings;
    findings.extend(begun.damaged.iter().map(|damaged| {
        let (object, because) = (&damaged.object, &damaged.because);
        Finding::notice(format!(
            "{}: {object} is left out: {because}",
            damaged.database
        ))
    }));
    let plan = RestorePlan::new(
        options,
        &begun.contents,
        &begun.work,
        &begun.globals,
        findings,
    );
    let mut session = begun.session;
    let dropped = dropped::look(&mut session, &begun.server, &begun.contents, &begun.work).await?;
    session.close().await;
    let maintenance = Maintenance::new(&begun.target.limits, options.jobs.get());
    Ok(RestorePlan {
        settings: maintenance.describe(),
        dropped,
        ..plan
    })
}

/// What of the archive in `store` `options` choose, as lists for `-L`: one for each database.
pub async fn list(
    store: &Store,
    options: &RestoreOptions,
    detail: Detail,
    monitor: &Monitor,
) -> Result<BString, Error> {
    options.check()?;
    let reading = async {
        let source = Source::open(store.clone()).await?;
        contents::Contents::read(&source, options).await
    };
    let contents = tokio::select! {
        contents = reading => contents?,
        () = monitor.interrupted() => return Err(Error::Interrupted),
    };
    let (filters, _) = plan::filters(&contents, options)?;
    let mut lists = BString::default();
    for database in &contents.databases {
        let needs = plan::needs(database, options, &filters);
        lists.extend_from_slice(&list::render(database, &needs, detail));
    }
    Ok(lists)
}

/// The databases of the archive in `store` that `options` choose.
pub async fn databases(
    store: &Store,
    options: &RestoreOptions,
) -> Result<Vec<DatabaseChoice>, Error> {
    let source = Source::open(store.clone()).await?;
    let chosen = contents::choices(&source, &options.databases)?;
    Ok(match &options.list {
        Some(list) if options.databases.is_empty() => list.spoken_of(chosen),
        _ => chosen,
    })
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
    let lost = async {
        let why = begun.lock.lost().await;
        stop.ask();
        why
    };
    let (mut work, mut lost) = (pin!(stop.guard(&canceller, work)), pin!(lost));
    tokio::select! {
        biased;
        done = &mut work => match done {
            Ok(done) => done.map_err(Error::server("restore roles and tablespaces")),
            Err(stop::Stopped) => Err(Error::Interrupted),
        },
        why = &mut lost => {
            // Cancelled, and waited for.
            let _ = work.await;
            Err(Error::LockLost { why, can_go_on: false })
        }
    }
}

fn outcome(report: Report, mut notices: Vec<String>) -> RestoreOutcome {
    notices.extend(report.notices);
    RestoreOutcome {
        databases: report.databases,
        failures: report.failures,
        skipped: report.skipped,
        notices,
        globals: report.globals,
        roles: report.roles,
        tablespaces: report.tablespaces,
        archive_bytes_read: report.archive_bytes_read,
        reads: Traffic::default(),
        full: report.full,
        damaged: report.damaged,
        is_resumable: report.is_resumable,
    }
}
