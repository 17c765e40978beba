//! Asks the catalogs, on as many sessions as there are.
//!
//! All sessions read in one snapshot. Functions of the server that write definitions fill their session's
//! cache of relations, which is most of their cost. So each session has a share of the relations, about which
//! it alone is asked; all other statements come from one queue. Few relations are not shared out: to plan a
//! statement in two sessions would cost more.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::try_join_all;
use tokio::try_join;

use super::error::Error;
use super::fields::Rows;
use super::statements::{Parameter, Statement};
use super::version::for_major;
use crate::pg::{Session, TransactionStatus};
use crate::schema::columns::oid_array;

/// The fewest relations that are a session's share. Planning is most of the time that fewer take.
const SHARE_MIN: usize = 200;

/// The SQLSTATE of a lock that was not granted in time.
const LOCK_NOT_AVAILABLE: &str = "55P03";

/// The lists of OIDs that statements are about.
#[derive(Debug, Default)]
pub(super) struct Lists {
    pub(super) schemas: Vec<u32>,
    pub(super) relations: Vec<u32>,
}

/// The answers, by statement.
#[derive(Debug, Default)]
pub(super) struct Answers(HashMap<Statement, Rows>);

impl Answers {
    /// Rows that a test writes.
    #[cfg(test)]
    pub(super) fn rows_mut(&mut self, statement: Statement) -> &mut Rows {
        self.0.entry(statement).or_default()
    }

    /// Those to other statements.
    pub(super) fn add(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// Hands out the rows of a statement, so that they are gone when they are read; none if it was not asked.
    pub(super) fn take(&mut self, statement: Statement) -> Rows {
        self.0.remove(&statement).unwrap_or_default()
    }
}

/// A statement with its parameter.
struct Task {
    statement: Statement,
    parameter: Option<Vec<u8>>,
    /// The number of the session that must do it; none for any.
    session: Option<usize>,
}

/// Asks all statements.
pub(super) async fn ask(
    leader: &mut Session,
    helpers: &mut [Session],
    statements: &[Statement],
    lists: &Lists,
    major: u32,
) -> Result<Answers, Error> {
    let tasks = tasks(statements, lists, 1 + helpers.len());
    let next = AtomicUsize::new(0);
    let own = work(0, leader, &tasks, &next, major);
    let others = helpers.iter_mut().enumerate();
    let others = others.map(|(number, helper)| help(number + 1, helper, &tasks, &next, major));
    let (mut done, others) = try_join!(own, try_join_all(others))?;
    done.extend(others.into_iter().flatten());
    // What a helper could not do is left to the leader.
    let is_done: HashSet<usize> = done.iter().map(|(at, _)| *at).collect();
    for at in (0..tasks.len()).filter(|at| !is_done.contains(at)) {
        done.push((at, one(leader, &tasks[at], major).await?));
    }
    done.sort_by_key(|(number, _)| *number);
    let mut answers = Answers::default();
    for (number, rows) in done {
        let own = answers.0.entry(tasks[number].statement).or_default();
        own.statement = rows.statement;
        own.rows.append(rows.rows);
    }
    Ok(answers)
}

fn tasks(statements: &[Statement], lists: &Lists, sessions: usize) -> Vec<Task> {
    let list = |oids: &[u32]| Some(oid_array(oids.iter().copied()));
    let mut tasks = vec![];
    for &statement in statements {
        let mut push = |parameter, session| {
            tasks.push(Task {
                statement,
                parameter,
                session,
            });
        };
        match statement.parameter() {
            Parameter::No => push(None, None),
            Parameter::Schemas => push(list(&lists.schemas), None),
            Parameter::Relations => push(list(&lists.relations), None),
            Parameter::SomeRelations => {
                let share = lists.relations.len().div_ceil(sessions).max(SHARE_MIN);
                if share >= lists.relations.len() {
                    push(list(&lists.relations), None);
                    continue;
                }
                for (session, part) in lists.relations.chunks(share).enumerate() {
                    push(list(part), Some(session));
                }
            }
        }
    }
    tasks
}

/// What was done, by the place of the task.
type Done = Vec<(usize, Rows)>;

async fn work(
    number: usize,
    session: &mut Session,
    tasks: &[Task],
    next: &AtomicUsize,
    major: u32,
) -> Result<Done, Error> {
    let mut done = vec![];
    while let Some(at) = take(number, &done, tasks, next) {
        done.push((at, one(session, &tasks[at], major).await?));
    }
    Ok(done)
}

/// The same in a helper, which gives up where it waits too long for a lock. Views are written with their
/// tables locked, and an `ALTER TABLE` that waits for the leader's lock keeps everybody but the leader out.
async fn help(
    number: usize,
    session: &mut Session,
    tasks: &[Task],
    next: &AtomicUsize,
    major: u32,
) -> Result<Done, Error> {
    let mut done = vec![];
    // It gave up before.
    if session.transaction_status() == TransactionStatus::Failed {
        return Ok(done);
    }
    while let Some(at) = take(number, &done, tasks, next) {
        match one(session, &tasks[at], major).await {
            Ok(rows) => done.push((at, rows)),
            Err(error) if error.sqlstate() == Some(LOCK_NOT_AVAILABLE) => break,
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

/// The next task for a session: those that it alone must do first.
fn take(number: usize, done: &Done, tasks: &[Task], next: &AtomicUsize) -> Option<usize> {
    let is_own = |at: &usize| tasks[*at].session == Some(number);
    let mut own = (0..tasks.len()).filter(is_own);
    let own = own.find(|at| !done.iter().any(|(before, _)| before == at));
    own.or_else(|| {
        let mut places = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
        let free = |at: &usize| tasks.get(*at).is_none_or(|task| task.session.is_none());
        places.find(free).filter(|&at| at < tasks.len())
    })
}

async fn one(session: &mut Session, task: &Task, major: u32) -> Result<Rows, Error> {
    let statement = task.statement.name();
    let sql = for_major(task.statement.sql(), major);
    let parameter = [task.parameter.as_deref()];
    let parameters = if task.parameter.is_some() {
        &parameter[..]
    } else {
        &[]
    };
    let rows = session.query_packed(sql.as_bytes(), parameters).await;
    let rows = rows.map_err(|source| Error::Query { statement, source })?;
    Ok(Rows { statement, rows })
}
