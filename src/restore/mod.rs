//! Restore: from an archive into databases, in parallel, with the semantics of pg_restore.
//!
//! 1. [`contents`] reads the archive's tables of contents; [`select`] says which entries are wanted.
//! 2. [`lock`] takes the databases: one restore at a time in each.
//! 3. [`target`] asks the server for its objects and for our user's rights.
//! 4. [`adapt`] makes the contents fit: renamed roles, an older server, a plain user, damaged data.
//! 5. [`plan`] decides the steps and their order. [`preflight`] lists all obstacles at once: things that the
//!    target lacks, and things that are forbidden to a plain user.
//! 6. [`run`] carries the plan out, and notes its progress in the [`journal`] of each database.
//!
//! A lost session is replaced in [`run`] (`worker/attempt.rs`). After the loss of the whole server, this file
//! waits for it and begins anew from the journals.
//!
//! [`begin`] is steps 1 to 5, in which nothing is changed; `--dry-run` ends there. [`script`] writes the
//! statements of step 6 for psql, without a server. [`rehearse`] does all of it in databases of other names
//! and drops them.
//!
//! The rooms. Files of one import rooms of lower floors only, which `tests/tidy.rs` holds:
//!
//! ```text
//! 13  rehearse                             the whole, in databases that are dropped again
//! 12  run                                  the work
//! 11  begin    script                      all below together, nothing changed | the work written down for psql
//! 10  preflight                            the lacking, the forbidden           pure
//!  9  adapt                                contents that fit the target         pure, but for damage
//!  8  plan     lock                        what will be done                    pure | one restore at a time
//!  7  target                               what the server says                 asks the server
//!  6  journal                              what is done already                 its SQL and its words
//!  5  contents                             the chosen part of the archive       reads the archive
//!  4  statements                           SQL read and written                 pure
//!  3  options                              what the user wants
//!  2  error
//!  1  select                               which entries are wanted             pure
//!  0  selection  outcome  finding  retry   words that import nothing here
//! ```
//!
//! A chunk's SHA-256 is compared before the first of its bytes is decoded, and the server's row count with
//! the manifest's afterwards. A failed object is reported and the rest goes on, unless `-e` was given. Damage
//! in the archive ends everything. `UPSTREAM.md` says which function of pg_restore each piece follows.

mod adapt;
mod begin;
mod contents;
mod error;
mod finding;
mod journal;
mod lock;
mod options;
mod outcome;
mod plan;
mod preflight;
mod rehearse;
mod retry;
mod run;
mod script;
mod select;
mod selection;
mod statements;
mod target;
#[cfg(test)]
mod testing;

use std::time::{Duration, SystemTime};

use bstr::BString;

use crate::monitor::{Event, Monitor};
use crate::pg::{ServerConfig, Session};
use crate::source::Source;
use crate::storage::Store;

use crate::monitor::chain;
use begin::{Intent, begin};
use retry::Pauses;
use run::maintenance::Maintenance;

pub use crate::restore::finding::{Finding, Severity};
pub use error::Error;
pub use options::{
    DatabaseChoice, GlobalsChoice, RestoreOptions, RoleChoice, Statistics, Transactions,
};
pub use outcome::{DatabaseOutcome, Failure, PhaseTime, RestoreOutcome, RoleOutcome, Skipped};
pub use plan::losses::Dropped;
pub use plan::{DatabasePlan, Preparation, RestorePlan};
pub use rehearse::{Rehearsal, rehearse};
pub use script::{RestrictKey, script};
pub use select::filter_file::add_filters;
pub use select::list::{Detail, List, ListError};
pub use selection::{Content, Sections, Selection};

/// A restore goes on by itself this often after the server went down. The work itself may be the cause.
const SERVER_LOSSES_MAX: usize = 10;

/// The first pause before a server that went down is looked for.
const SERVER_PAUSE: Duration = Duration::from_millis(200);

/// Restores the part of the archive in `store` that `options` choose to `server`.
///
/// Failures of single objects come back in the outcome. An error means that nothing was done, or that the
/// restore could not go on. A server that goes down is waited for.
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
        // From here on the journals know the work done.
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
            // Other faults are reported where they are met.
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
    let outcome = run::carry_out(begun, options, monitor).await;
    tokio::select! {
        () = lock.release() => {}
        () = monitor.interrupted_for(run::stop::MOMENT) => {}
    }
    Ok(RestoreOutcome {
        reads: store.traffic(),
        ..outcome?
    })
}

/// The plan of [`restore`], and all obstacles to it. Changes nothing.
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
    let dropped =
        begin::dropped::look(&mut session, &begun.server, &begun.contents, &begun.work).await?;
    session.close().await;
    let maintenance = Maintenance::new(&begun.target.limits, options.jobs.get());
    Ok(RestorePlan {
        settings: maintenance.describe(),
        dropped,
        ..plan
    })
}

/// The part of the archive in `store` that `options` choose, as lists for `-L`: one for each database.
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
        lists.extend_from_slice(&select::list::render(
            &database.source,
            &database.toc,
            &needs,
            detail,
        ));
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
        Some(list) if options.databases.is_empty() => {
            list.spoken_of(chosen, |choice| &choice.source)
        }
        _ => chosen,
    })
}
