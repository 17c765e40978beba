//! Asks the catalogs: statements from one queue, on as many sessions as there are.
//!
//! All sessions read in one snapshot. Functions of the server that write definitions fill the session's
//! cache, which is most of their cost, so that it divides by the sessions.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::try_join_all;

use super::error::Error;
use super::fields::Rows;
use super::statements::{Parameter, Statement};
use super::version::for_major;
use crate::pg::Session;
use crate::schema::columns::oid_array;

/// How many relations one statement is asked about where several sessions share them.
const RELATIONS_PER_QUERY: usize = 2_000;

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
    /// The rows of a statement; none if it was not asked.
    pub(super) fn of(&self, statement: Statement) -> &Rows {
        const NONE: &Rows = &Rows {
            statement: "",
            rows: Vec::new(),
        };
        self.0.get(&statement).unwrap_or(NONE)
    }
}

/// A statement with its parameter.
struct Task {
    statement: Statement,
    parameter: Option<Vec<u8>>,
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
        .map(|session| work(session, &tasks, &next, major));
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
        let mut push = |parameter| {
            tasks.push(Task {
                statement,
                parameter,
            });
        };
        match statement.parameter() {
            Parameter::No => push(None),
            Parameter::Schemas => push(list(&lists.schemas)),
            Parameter::SomeRelations if sessions > 1 => {
                for part in lists.relations.chunks(RELATIONS_PER_QUERY) {
                    push(list(part));
                }
            }
            Parameter::Relations | Parameter::SomeRelations => push(list(&lists.relations)),
        }
    }
    tasks
}

async fn work(
    session: &mut Session,
    tasks: &[Task],
    next: &AtomicUsize,
    major: u32,
) -> Result<Vec<(usize, Rows)>, Error> {
    let mut done = vec![];
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let Some(task) = tasks.get(number) else {
            return Ok(done);
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
        done.push((number, Rows { statement, rows }));
    }
}
