//! Carrying out the plan: workers share one queue over all databases.
//!
//! 1. [`globals`] makes roles and tablespaces.
//! 2. [`crew`] starts the workers, which share the [`engine`] and take tasks from the [`schedule`].
//! 3. A [`worker`] does one task at a time: [`prepare`] makes a database and its journal, [`clean`] drops the
//!    objects to be restored, [`define`] and [`load`] restore an entry, [`batch`] many small ones at once.
//! 4. [`finish`] makes all of it durable and drops the journals.
//!
//! [`report`] collects failures meanwhile; [`failed`] and [`failing`] are their forms. [`sessions`] keeps
//! sessions, [`read_ahead`] fetches the archive's data early, [`maintenance`] sizes index builds, [`timing`]
//! takes times and [`stop`] stops.

pub(crate) mod batch;
pub(crate) mod clean;
pub(crate) mod crew;
pub(crate) mod define;
pub(crate) mod engine;
pub(crate) mod extension_schema;
pub(crate) mod failed;
pub(crate) mod failing;
pub(crate) mod finish;
pub(crate) mod full_disk;
pub(crate) mod globals;
pub(crate) mod load;
pub(crate) mod local_tables;
pub(crate) mod maintenance;
pub(crate) mod prepare;
pub(crate) mod read_ahead;
pub(crate) mod report;
pub(crate) mod schedule;
pub(crate) mod sessions;
pub(crate) mod stop;
pub(crate) mod timing;
pub(crate) mod worker;

use std::pin::pin;

use crate::monitor::{Event, Monitor, Phase};

use super::begin::Begun;
use super::error::Error;
use super::options::RestoreOptions;
use super::outcome::RestoreOutcome;
use engine::{Engine, empty_outcomes};
use report::Report;

/// Carries out the plan, unless an obstacle was found.
pub(crate) async fn carry_out(
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
    report.skip_all(std::mem::take(&mut begun.left_out));
    report.miss(std::mem::take(&mut begun.damaged));
    restore_globals(&mut begun, &mut report, monitor).await?;
    let failed = globals::failed_tablespaces(report.failures());
    let is_needed = !failed.is_empty() && !options.skip_unavailable;
    if is_needed || !report.failures().is_empty() && options.stops_at_errors() {
        return Ok(report.into_outcome(notices));
    }
    let moved = globals::move_out(&mut begun.contents, &failed);
    report.skip_all(moved);
    monitor.event(Event::Phase(Phase::Data));
    let engine = Engine::new(begun, report, options, monitor);
    Ok(engine.run().await?.into_outcome(notices))
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
