//! Asks the catalogs, on as many sessions as there are.
//!
//! All sessions read in one snapshot. Functions of the server that write definitions fill their session's
//! cache of relations, which is most of their cost. So each session has a share of the relations, about which
//! it alone is asked; all other statements come from one queue.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::try_join_all;

use super::error::Error;
use super::fields::Rows;
use super::statements::{Parameter, Statement};
use super::version::for_major;
use crate::pg::Session;
use crate::schema::columns::oid_array;

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
    let work = std::iter::once(leader)
        .chain(helpers)
        .enumerate()
        .map(|(number, session)| work(number, session, &tasks, &next, major));
    let mut done: Vec<(usize, Rows)> = try_join_all(work).await?.into_iter().flatten().collect();
    done.sort_by_key(|(number, _)| *number);
    let mut answers = Answers::default();
    for (number, rows) in done {
        let own = answers.0.entry(tasks[number].statement).or_default();
        own.statement = rows.statement;
        own.rows.extend(rows.rows);
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
                let share = lists.relations.len().div_ceil(sessions).max(1);
                for (session, part) in lists.relations.chunks(share).enumerate() {
                    push(list(part), Some(session));
                }
            }
        }
    }
    tasks
}

async fn work(
    number: usize,
    session: &mut Session,
    tasks: &[Task],
    next: &AtomicUsize,
    major: u32,
) -> Result<Vec<(usize, Rows)>, Error> {
    let is_own = |at: &usize| tasks[*at].session == Some(number);
    let mut own = (0..tasks.len()).filter(is_own);
    let mut shared = || {
        let mut places = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
        let free = |at: &usize| tasks.get(*at).is_none_or(|task| task.session.is_none());
        places.find(free)
    };
    let mut done = vec![];
    while let Some(at) = own.next().or_else(&mut shared) {
        let Some(task) = tasks.get(at) else {
            break;
        };
        let statement = task.statement.name();
        let sql = for_major(task.statement.sql(), major);
        let parameter = [task.parameter.as_deref()];
        let parameters = if task.parameter.is_some() {
            &parameter[..]
        } else {
            &[]
        };
        let rows = session.query(sql.as_bytes(), parameters).await;
        let rows = rows.map_err(|source| Error::Query { statement, source })?;
        done.push((at, Rows { statement, rows }));
    }
    Ok(done)
}
