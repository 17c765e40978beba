//! Poolers between us and the server: which sessions keep their server process, and which do not.
//!
//! A pooler answers the startup message itself, with a BackendKeyData of its own making. So the process that
//! it names is not `pg_backend_pid()`, and that shows the pooler. In session mode a process belongs to one
//! session until that ends, and all is well. In transaction or statement mode the next transaction may be
//! another process's: what we set would be lost for us and be found by an application that gets the process
//! next.
//!
//! An experiment tells the modes apart, once for an address and database. It sets nothing, so that it has
//! nothing to take back. Three sessions ask for their process again and again. In session mode each has one
//! for good, and no two have the same, whatever other clients do. In the other modes
//!
//! - an idle process goes to the next client that asks. Pools hand out the process that was used last
//!   (pgbouncer's default), or the one that waited longest (`server_round_robin`). First the sessions ask one
//!   after the other: the former order gives two sessions the same process, and so does the latter in a pool
//!   of one or two.
//! - then each asks in a transaction that it holds open, so that three processes are taken, and the first
//!   session gives its process back between the other two. Neither order can give it the same one again.
//!   Other clients only add to the change, and there are several rounds.
//! - statement mode refuses a transaction that stays open.
//!
//! Whatever goes wrong in the experiment counts as a refusal. Not here: what a session does first
//! ([`super::opening`]).

use std::time::Duration;

use super::opening::{self, AtStart};
use super::startup::{self, Encryption, Place};
use crate::pg::error::Error;
use crate::pg::wire::query::simple;
use crate::pg::wire::stream::Wire;
use crate::pg::wire::transaction::TransactionStatus;

const PID: &[u8] = include_bytes!("sql/process.sql");
/// In a transaction that is open.
const PID_INSIDE: &[u8] = b"SELECT pg_catalog.pg_backend_pid()";
const BEGIN: &[u8] = b"BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED";
const COMMIT: &[u8] = b"COMMIT";
const ROLLBACK: &[u8] = b"ROLLBACK";
const DISCARD: &[u8] = b"DISCARD ALL";

const ROUNDS: usize = 6;
/// How long the experiment may take: a pool that has no process left lets us wait.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long the way out may take.
const GOODBYE: Duration = Duration::from_secs(5);

/// How a session was opened, so that another one can be opened likewise.
#[derive(Clone, Copy)]
pub(crate) struct Way<'a> {
    pub(crate) place: Place<'a>,
    pub(crate) encryption: Encryption,
    pub(crate) at_start: AtStart,
}

/// A session of the experiment and the server process that it began with.
struct Subject<'a> {
    wire: &'a mut Wire,
    pid: i32,
}

/// The first statement of a session. Returns whether a pooler is in between; one that is not in session mode
/// is an error, and then no session of the server's was changed.
pub(crate) async fn empty_path(
    way: Way<'_>,
    wire: &mut Wire,
    cancel_key: &[u8],
) -> Result<bool, Error> {
    let pid = opening::empty_path(wire, cancel_key).await?;
    if opening::key_pid(cancel_key) == Some(pid) {
        return Ok(false);
    }
    let config = way.place.config;
    let key = (way.place.address.to_string(), config.database().to_owned());
    // Held meanwhile: sessions that are opened beside this one need the answer too.
    let mut known = config.session_poolers.lock().await;
    if !known.contains(&key) {
        experiment(
            way,
            Subject {
                wire: &mut *wire,
                pid,
            },
        )
        .await?;
        known.insert(key);
    }
    drop(known);
    opening::keep_path_empty(wire).await?;
    Ok(true)
}

/// Restores the server's session to its state before us, for its next client. Best effort.
pub(crate) async fn leave_as_found(wire: &mut Wire) {
    let leaving = async {
        if wire.status() != TransactionStatus::Idle {
            simple(wire, ROLLBACK).await?;
        }
        simple(wire, DISCARD).await
    };
    // A failure leaves it to the pooler, which also closes a connection that is in an unknown state.
    drop(tokio::time::timeout(GOODBYE, leaving).await);
}

async fn experiment(way: Way<'_>, first: Subject<'_>) -> Result<(), Error> {
    let trying = async {
        let (mut second, second_pid) = another(way).await?;
        let (mut third, third_pid) = another(way).await?;
        let mut subjects = [
            first,
            Subject {
                wire: &mut second,
                pid: second_pid,
            },
            Subject {
                wire: &mut third,
                pid: third_pid,
            },
        ];
        let result = all_rounds(&mut subjects).await;
        second.close().await;
        third.close().await;
        result
    };
    match tokio::time::timeout(PATIENCE, trying).await {
        Ok(result) => result,
        Err(_) => Err(pooler("it did not serve three connections at once")),
    }
}

/// Another session, opened in the same way.
async fn another(way: Way<'_>) -> Result<(Wire, i32), Error> {
    let config = way.place.config;
    let socket = startup::dial(way.place).await?;
    let dialled = startup::secure(way.place, socket, way.encryption).await?;
    let password = config.known_password(way.place.host).await?;
    let secret = password.as_ref().map(|known| &known.secret);
    let mut started = startup::start(config, dialled, secret, way.at_start).await?;
    let pid = opening::empty_path(&mut started.wire, &started.cancel_key).await?;
    Ok((started.wire, pid))
}

async fn all_rounds(subjects: &mut [Subject<'_>; 3]) -> Result<(), Error> {
    let [first, second, third] = &*subjects;
    if first.pid == second.pid || second.pid == third.pid || first.pid == third.pid {
        return Err(pooler("two connections have the same server process"));
    }
    for _ in 0..2 {
        for subject in &mut *subjects {
            check(subject, PID).await?;
        }
    }
    for _ in 0..ROUNDS {
        for subject in &mut *subjects {
            run(subject.wire, BEGIN).await?;
            check(subject, PID_INSIDE).await?;
        }
        // In an order in which the first is neither the one that was used last nor the one that waited
        // longest.
        for index in [1, 0, 2] {
            run(subjects[index].wire, COMMIT).await?;
        }
    }
    Ok(())
}

/// Fails where a session is on another server process than before.
async fn check(subject: &mut Subject<'_>, sql: &[u8]) -> Result<(), Error> {
    let rows = simple(subject.wire, sql).await.map_err(statement_failed)?;
    let pid = rows.first().and_then(|row| row.i32(0).ok());
    if pid == Some(subject.pid) {
        Ok(())
    } else {
        Err(pooler("the server process changed between two statements"))
    }
}

async fn run(wire: &mut Wire, sql: &[u8]) -> Result<(), Error> {
    simple(wire, sql).await.map(drop).map_err(statement_failed)
}

fn statement_failed(_: Error) -> Error {
    pooler("it ended a transaction that was open")
}

fn pooler(why: &'static str) -> Error {
    Error::Pooler { why }
}
