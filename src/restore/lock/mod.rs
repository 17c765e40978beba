//! The lock of a restore: one restore at a time works in a database.
//!
//! It has to hold between calls that know nothing of each other: with other options, as other users,
//! connected by way of other databases, before the database exists and while it is dropped and created
//! again. So it is a lock on the database's *name*. PostgreSQL has no lock on a name that every user may
//! take; advisory locks are the next best, and an advisory lock belongs to the database of the session
//! that takes it (`SET_LOCKTAG_INT32` in lockfuncs.c puts `MyDatabaseId` into it). The view `pg_locks`
//! shows those of all databases to everybody. A restore therefore takes its locks wherever it is
//! connected, looks whether another session of the server has the same, and goes on when none has:
//!
//! 1. It claims all its databases at once. Claims are shared locks, which do not keep each other out.
//! 2. It looks at the claims of others. As everybody claims before looking, of two restores one at least
//!    sees the other. What follows from that is [`claim`]'s business, which is pure.
//! 3. It marks its databases as held, by a second lock on each, which tells those who come later to give up.
//!
//! Nobody waits in a queue while it holds something, so the order of the databases does not matter.
//!
//! [`keep`] holds the lock in a session of its own, and tells when that is lost; [`waits`] asks there whom the
//! restore waits for. Each session that works in
//! a database has a second, shared lock on the name ([`mark`]): what a restore that was killed or cut off
//! has left at work is waited for before the next one begins.

mod claim;
mod holder;
mod keep;
mod waits;

use std::time::{Duration, Instant};

use bstr::BString;

use super::contents::Contents;
use super::error::Error;
use super::options::RestoreOptions;
use super::preflight::{self, Finding};
use super::retry::Pauses;
use crate::digest::Sha256;
use crate::monitor::Monitor;
use crate::pg::{self, ServerConfig, Session};
use claim::{Step, decide};
use holder::{Holder, holders};
use waits::Waits;

pub(super) use keep::Lock;

const TAKE: &[u8] = include_bytes!("../sql/lock_take.sql");
const PROCESS: &[u8] = include_bytes!("../sql/own_process.sql");
const RELEASE: &[u8] = include_bytes!("../sql/lock_release.sql");

/// The first number of an advisory lock says what it is about: holding a database, working in it, or
/// claiming it.
const HOLDER_CLASS: &[u8] = b"1885827691";
const WORKER_CLASS: &[u8] = b"1885827692";
const CLAIM_CLASS: &[u8] = b"1885827693";

/// How often a lock that is held is looked at again, and the first pause: of a holder that was killed the
/// server knows in a moment.
const LOOKS: u32 = 6;
const LOOK_PAUSE: Duration = Duration::from_millis(50);

/// The pause of one that makes way for another, or waits for another to make way.
const CLAIM_PAUSE: Duration = Duration::from_millis(20);

/// Between restores that begin at the same moment it is clear long before which one goes on.
const CLAIM_MAX: Duration = Duration::from_secs(10);

/// What is still at work in a database is told after this time.
const QUIET_MAX: Duration = Duration::from_secs(1);

const ASKING: &str = "ask whether another restore is at work";

/// Names and the numbers that stand for them in locks.
struct Names<'a> {
    names: Vec<&'a BString>,
    numbers: Vec<i32>,
}

impl<'a> Names<'a> {
    fn of(contents: &'a Contents, options: &RestoreOptions) -> Self {
        let databases = contents.databases.iter();
        let mut names: Vec<&BString> = databases
            .filter(|_| options.wants_databases())
            .map(|database| &database.target)
            .collect();
        names.sort();
        names.dedup();
        let numbers = names.iter().map(|name| number(name)).collect();
        Self { names, numbers }
    }

    /// Other sessions that have locks of the first class, or of the second, on one of the names.
    async fn holders(
        &self,
        session: &mut Session,
        classes: [&[u8]; 2],
    ) -> Result<Vec<Holder>, pg::Error> {
        holders(session, classes, &self.oids()).await
    }

    /// The numbers as `pg_locks` shows them.
    fn oids(&self) -> String {
        array(self.numbers.iter().map(|number| number.cast_unsigned()))
    }
}

fn array(numbers: impl Iterator<Item = impl ToString>) -> String {
    let numbers: Vec<String> = numbers.map(|number| number.to_string()).collect();
    format!("{{{}}}", numbers.join(","))
}

/// What stands for a database's name in a lock.
fn number(name: &[u8]) -> i32 {
    let digest = Sha256::of(name);
    let [first, second, third, fourth, ..] = *digest.as_bytes();
    i32::from_be_bytes([first, second, third, fourth])
}

/// The statement by which a session says that it works in this database, until its end.
pub(super) fn mark(name: &[u8]) -> BString {
    let class = String::from_utf8_lossy(WORKER_CLASS);
    format!(
        "SELECT pg_catalog.pg_try_advisory_lock_shared({class}, {});\n",
        number(name)
    )
    .into()
}

/// The statement that bounds how long a session waits for somebody's lock.
pub(super) fn wait(options: &RestoreOptions) -> BString {
    let limit_ms = options.lock_wait_timeout_ms;
    let sql = limit_ms.map(|limit_ms| format!("SET lock_timeout = {limit_ms};\n"));
    sql.unwrap_or_default().into()
}

/// Takes the locks of all databases of the restore, on a session of its own, or says who has one. `maintenance` is the
/// session that creates roles and databases.
pub(super) async fn take(
    maintenance: &mut Session,
    server: &ServerConfig,
    contents: &Contents,
    options: &RestoreOptions,
    monitor: &Monitor,
) -> Result<Lock, Error> {
    let names = Names::of(contents, options);
    let maintenance_pid = process(maintenance).await;
    let maintenance_pid = maintenance_pid.map_err(Error::server(ASKING))?;
    let mut session = preflight::maintenance_session(server, options, contents).await?;
    let taken = take_on(&mut session, &names, options, monitor).await;
    match taken {
        Ok(()) => {
            let waits = Waits::new(
                server.clone(),
                names.oids(),
                maintenance_pid,
                monitor.clone(),
            );
            Ok(keep::keep(session, waits))
        }
        Err(error) => {
            session.close().await;
            Err(error)
        }
    }
}

async fn process(session: &mut Session) -> Result<i32, pg::Error> {
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
pub(super) async fn look(
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

/// How often a lock that is held is looked at. Who adds rows to what is there does not come after a restore
/// that has just ended by itself: the rows of both would be there.
fn looks(options: &RestoreOptions) -> u32 {
    let adds = options.allow_non_empty || !options.creates_objects();
    match adds && !options.clean && !options.resume {
        true => 1,
        false => LOOKS,
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
async fn attempt(
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

/// Gives all locks of the session back. Returns its process.
async fn release(session: &mut Session) -> Result<i32, pg::Error> {
    let rows = session.query(RELEASE, &[]).await?;
    rows.first().ok_or(pg::Error::Closed)?.i32(0)
}

/// Locks every name in one class. Returns whether all of them could be: shared locks can, unless somebody
/// else's program uses the same numbers.
async fn take_class(
    session: &mut Session,
    class: &[u8],
    names: &Names<'_>,
) -> Result<bool, pg::Error> {
    let array = array(names.numbers.iter());
    let params = [Some(class), Some(array.as_bytes())];
    let mut all = true;
    for row in session.query(TAKE, &params).await? {
        all &= row.bool(0)?;
    }
    Ok(all)
}

/// Waits for the sessions of restores that are gone: what they do yet they do in these databases.
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

fn name_of<'a>(names: &Names<'a>, holder: &Holder) -> &'a BString {
    let is_it = |number: &i32| number.cast_unsigned() == holder.number;
    let position = names.numbers.iter().position(is_it).unwrap_or(0);
    names.names[position]
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
