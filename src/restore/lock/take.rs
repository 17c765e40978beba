//! How a restore takes the lock of its databases, or finds the holder. [`claim`](super::claim) judges the
//! claims seen.

use crate::monitor::Monitor;
use crate::pg::{self, ServerConfig, Session};
use crate::restore::contents::Contents;
use crate::restore::error::Error;
use crate::restore::finding::Finding;
use crate::restore::lock::advisory::{
    CLAIM_CLASS, HOLDER_CLASS, Names, WORKER_CLASS, name_of, release, take_class,
};
use crate::restore::lock::claim::{Step, decide};
use crate::restore::lock::holder::Holder;
use crate::restore::lock::keep::{Lock, keep};
use crate::restore::lock::waits::Waits;
use crate::restore::options::RestoreOptions;
use crate::restore::retry::Pauses;
use crate::restore::target::session::maintenance_session;
use std::time::{Duration, Instant};

const PROCESS: &[u8] = include_bytes!("sql/own_process.sql");

/// How often a lock that is held is looked at again, and the first pause: of a holder that was killed the
/// server knows in a moment.
const LOOKS: u32 = 6;
const LOOK_PAUSE: Duration = Duration::from_millis(50);

/// The pause of one that makes way for another, or waits for another to make way.
const CLAIM_PAUSE: Duration = Duration::from_millis(20);

/// Between restores that begin at the same moment it is clear long before which one goes on.
const CLAIM_MAX: Duration = Duration::from_secs(10);

/// Other sessions that are still at work in a database are named after this time.
const QUIET_MAX: Duration = Duration::from_secs(1);

const ASKING: &str = "ask whether another restore is at work";

/// Takes the locks of all databases of the restore, on a session of its own, or says who has one.
/// `maintenance` is the session that creates roles and databases.
pub(crate) async fn take(
    maintenance: &mut Session,
    server: &ServerConfig,
    contents: &Contents,
    options: &RestoreOptions,
    monitor: &Monitor,
) -> Result<Lock, Error> {
    let names = Names::of(contents, options);
    let maintenance_pid = process(maintenance).await;
    let maintenance_pid = maintenance_pid.map_err(Error::server(ASKING))?;
    let mut session = maintenance_session(server, options, contents).await?;
    let taken = take_on(&mut session, &names, options, monitor).await;
    match taken {
        Ok(()) => {
            let waits = Waits::new(
                server.clone(),
                names.oids(),
                maintenance_pid,
                monitor.clone(),
            );
            Ok(keep(session, waits))
        }
        Err(error) => {
            session.close().await;
            Err(error)
        }
    }
}

pub(crate) async fn process(session: &mut Session) -> Result<i32, pg::Error> {
    let rows = session.query(PROCESS, &[]).await?;
    rows.first().map_or(Ok(0), |row| row.i32(0))
}

async fn take_on(
    session: &mut Session,
    names: &Names<'_>,
    options: &RestoreOptions,
    monitor: &Monitor,
) -> Result<(), Error> {
    let claimed = win(session, names, looks(options)).await;
    if let Some(other) = claimed.map_err(Error::server(ASKING))? {
        return Err(refusal(names, &other));
    }
    await_workers(session, names, monitor).await
}

/// Says who has the lock of one of the databases, and takes none: for a restore that is only shown.
pub(crate) async fn look(
    session: &mut Session,
    contents: &Contents,
    options: &RestoreOptions,
) -> Result<Lock, Error> {
    let names = Names::of(contents, options);
    let mut pauses = Pauses::new(LOOK_PAUSE);
    for left in (0..LOOKS).rev() {
        let others = names.holders(session, [HOLDER_CLASS, HOLDER_CLASS]).await;
        let others = others.map_err(Error::server(ASKING))?;
        match others.into_iter().find(|other| other.is_established) {
            None => break,
            Some(other) if left == 0 => return Err(refusal(&names, &other)),
            Some(_) => tokio::time::sleep(pauses.next()).await,
        }
    }
    Ok(Lock::of_nothing())
}

/// The pause between two looks at a held lock. A restore that adds rows does not wait for a lock that has
/// just become free: the rows of both restores would be there.
fn looks(options: &RestoreOptions) -> u32 {
    let adds = options.allow_non_empty || !options.creates_objects();
    if adds && !options.clean && !options.resume {
        1
    } else {
        LOOKS
    }
}

/// Takes the lock; returns who has it where that fails.
async fn win(
    session: &mut Session,
    names: &Names<'_>,
    looks: u32,
) -> Result<Option<Holder>, pg::Error> {
    let deadline = Instant::now() + CLAIM_MAX;
    let mut pauses = Pauses::new(LOOK_PAUSE);
    let mut left = looks;
    loop {
        let (step, others) = attempt(session, names).await?;
        if step == Step::Hold {
            return Ok(None);
        }
        let named = |other: &Holder| match step {
            Step::GiveUp => other.is_established,
            _ => true,
        };
        let is_over = match step {
            Step::GiveUp => {
                left = left.saturating_sub(1);
                left == 0
            }
            _ => Instant::now() > deadline,
        };
        if is_over && let Some(other) = others.into_iter().find(named) {
            return Ok(Some(other));
        }
        let pause = match step {
            Step::GiveUp => pauses.next(),
            _ => CLAIM_PAUSE,
        };
        tokio::time::sleep(pause).await;
    }
}

/// One round: claims, looks, and holds everything or nothing.
pub(crate) async fn attempt(
    session: &mut Session,
    names: &Names<'_>,
) -> Result<(Step, Vec<Holder>), pg::Error> {
    let own_pid = release(session).await?;
    let others = names.holders(session, [HOLDER_CLASS, CLAIM_CLASS]).await?;
    let step = decide(own_pid, true, &others);
    if matches!(step, Step::MakeWay | Step::GiveUp) {
        return Ok((step, others));
    }
    let is_claimed = take_class(session, CLAIM_CLASS, names).await?;
    let deadline = Instant::now() + CLAIM_MAX;
    loop {
        let others = names.holders(session, [HOLDER_CLASS, CLAIM_CLASS]).await?;
        let mut step = decide(own_pid, is_claimed, &others);
        if step == Step::Hold && !take_class(session, HOLDER_CLASS, names).await? {
            step = Step::MakeWay;
        }
        match step {
            Step::Hold => return Ok((step, others)),
            Step::Await if Instant::now() < deadline => tokio::time::sleep(CLAIM_PAUSE).await,
            _ => {
                release(session).await?;
                return Ok((step, others));
            }
        }
    }
}

/// Waits for the sessions of restores that are gone. They may still change these databases.
async fn await_workers(
    session: &mut Session,
    names: &Names<'_>,
    monitor: &Monitor,
) -> Result<(), Error> {
    let mut pauses = Pauses::new(CLAIM_PAUSE);
    let mut told: Option<i32> = None;
    let begun = Instant::now();
    loop {
        let others = names.holders(session, [WORKER_CLASS, WORKER_CLASS]).await;
        let others = others.map_err(Error::server(ASKING))?;
        let Some(other) = others.first() else {
            return Ok(());
        };
        let what = format!(
            "a session of an earlier restore is still at work in database \"{}\": {other}",
            name_of(names, other)
        );
        if pauses.is_over() {
            let hint = format!(
                "SELECT pg_terminate_backend({}) ends that session.",
                other.pid
            );
            return Err(Error::Preflight {
                problems: vec![Finding::problem(what, hint)],
            });
        }
        if told != Some(other.pid) && begun.elapsed() > QUIET_MAX {
            told = Some(other.pid);
            monitor.notice(format!("{what}; it is waited for"));
        }
        tokio::time::sleep(pauses.next()).await;
    }
}

fn refusal(names: &Names<'_>, holder: &Holder) -> Error {
    let text = format!(
        "database \"{}\" is being restored by another call: {holder}",
        name_of(names, holder)
    );
    let hint = format!(
        "Wait for its end, or stop it where it runs (Ctrl-C). If it is not there any more, SELECT \
         pg_terminate_backend({}) ends its session on the server.",
        holder.pid
    );
    Error::Preflight {
        problems: vec![Finding::problem(text, hint)],
    }
}
