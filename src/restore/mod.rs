//! Restore: from an archive into databases, in parallel, with the semantics of pg_restore.
//!
//! ```text
//! contents   which databases, their tables of contents      reads the archive
//! preflight  what is wrong with the target                  asks the server
//! select     which entries are wanted                       pure
//! graph      what waits for what                            pure
//! plan       all of it together; what --dry-run prints      pure
//! globals    roles and tablespaces                          one session
//! engine     the workers and what they share
//! schedule   the one queue over all databases               pure
//! worker     one task at a time, one session at a time
//! prepare, batch, apply, read_ahead   what a task consists of
//! report, outcome         what came of it
//! ```
//!
//! A chunk's SHA-256 is compared before the first of its bytes is decoded, and the server's row count
//! with the manifest's afterwards. What fails is reported and the rest goes on, unless `-e` was given;
//! damage in the archive ends everything.

mod apply;
mod batch;
mod contents;
mod engine;
mod error;
mod globals;
mod graph;
mod lex;
mod options;
mod outcome;
mod plan;
mod preflight;
mod prepare;
mod read_ahead;
mod rename;
mod report;
mod schedule;
mod select;
mod sessions;
mod statements;
mod stop;
#[cfg(test)]
mod testing;
mod worker;

use bstr::BString;

use crate::monitor::{Event, Monitor, Phase};
use crate::pg::{ServerConfig, Session};
use crate::source::Source;
use crate::storage::Store;

use contents::Contents;
use engine::{Engine, Parts, empty_outcomes};
use globals::GlobalsPlan;
use plan::DatabaseWork;
use preflight::Target;
use report::Report;

pub use error::Error;
pub use options::{Content, DatabaseChoice, GlobalsChoice, RestoreOptions, Sections, Selection};
pub use outcome::{DatabaseOutcome, Failure, RestoreOutcome, Skipped};
pub use plan::{DatabasePlan, Preparation, RestorePlan};
pub use preflight::{Finding, Severity};

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
    let mut report = Report::new(monitor.clone(), empty_outcomes(&begun.contents));
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
    Ok(plan)
}

/// The names of the databases that the archive in `store` holds, in its order.
pub async fn databases(store: &Store) -> Result<Vec<BString>, Error> {
    let source = Source::open(store.clone()).await?;
    let databases = source.databases().iter();
    Ok(databases.map(|database| database.name.clone()).collect())
}

/// A restore that has looked and not touched.
struct Begun {
    source: Source,
    contents: Contents,
    work: Vec<DatabaseWork>,
    server: ServerConfig,
    session: Session,
    target: Target,
    globals: GlobalsPlan,
    findings: Vec<Finding>,
}

async fn begin(
    server: &ServerConfig,
    store: &Store,
    options: &RestoreOptions,
    monitor: &Monitor,
) -> Result<Begun, Error> {
    options.check()?;
    monitor.event(Event::Phase(Phase::Schema));
    let source = Source::open(store.clone()).await?;
    let contents = Contents::read(&source, options).await?;
    let databases = contents.databases.iter();
    let work: Vec<DatabaseWork> = databases
        .map(|database| DatabaseWork::new(database, options))
        .collect();
    monitor.event(Event::Phase(Phase::Connect));
    let mut session = preflight::maintenance_session(server, options, &contents).await?;
    let server = server.pinned_to(&session);
    let target = Target::look(&mut session, &server, options, &contents).await?;
    let globals = match &contents.globals {
        Some(toc) => GlobalsPlan::new(toc, &target, options),
        None => GlobalsPlan::default(),
    };
    let findings = preflight::check(source.server(), &contents, &work, &target, options);
    Ok(Begun {
        source,
        contents,
        work,
        server,
        session,
        target,
        globals,
        findings,
    })
}

impl Begun {
    /// What the user should know; an error if something stands in the way.
    fn notices(&mut self, monitor: &Monitor) -> Result<Vec<String>, Error> {
        let findings = std::mem::take(&mut self.findings);
        let is_problem = |finding: &Finding| finding.severity == Severity::Problem;
        let (problems, notices): (Vec<_>, Vec<_>) = findings.into_iter().partition(is_problem);
        if !problems.is_empty() {
            return Err(Error::Preflight { problems });
        }
        let notices: Vec<String> = notices.into_iter().map(|notice| notice.text).collect();
        for notice in &notices {
            monitor.notice(notice);
        }
        Ok(notices)
    }
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
