//! One worker: takes up a task, reads, and notes its findings.
//!
//! What an object's own error means is decided here: a table or a column that is not there is a
//! difference, all else that keeps it from being read is not comparable. A lost connection ends the
//! comparison.

mod large;

use std::sync::Arc;

use bstr::{BString, ByteSlice};

use crate::compare::database::{Database, Rows};
use crate::compare::error::Error;
use crate::compare::expected::{Group, Sequence};
use crate::compare::options::CompareOptions;
use crate::compare::schema;
use crate::compare::tasks::{Task, Tasks, Work};
use crate::digest::TextRows;
use crate::monitor::{Event, Monitor};
use crate::pg::{self, Session};
use crate::schema::contents::TableFacts;
use crate::schema::snapshot::BLOCK_BYTES;
use crate::source::Source;
use crate::toc::{DumpId, quote};

const UNPOPULATED: &[u8] = include_bytes!("../sql/unpopulated.sql");

/// The state that all workers share.
pub(super) struct Shared {
    pub(super) source: Source,
    pub(super) databases: Vec<Database>,
    pub(super) tasks: Tasks,
    pub(super) options: CompareOptions,
    pub(super) monitor: Monitor,
}

/// Works until there is nothing left to do.
pub(super) async fn run(shared: Arc<Shared>, number: usize) -> Result<(), Error> {
    let mut session: Option<(usize, Session)> = None;
    while let Some(task) = shared.tasks.next() {
        let database = &shared.databases[task.database];
        let name = &database.pair.target;
        if session
            .as_ref()
            .is_none_or(|(connected, _)| *connected != task.database)
        {
            let followed = database
                .target
                .follow()
                .await
                .map_err(Error::database(name))?;
            session = Some((task.database, followed));
        }
        let Some((_, session)) = &mut session else {
            return Ok(());
        };
        let worker = Worker {
            shared: &shared,
            database,
            number,
        };
        worker.perform(session, &task).await?;
        shared.monitor.event(Event::Finished { worker: number });
    }
    if let Some((_, session)) = session {
        session.close().await;
    }
    Ok(())
}

struct Worker<'a> {
    shared: &'a Shared,
    database: &'a Database,
    number: usize,
}

impl Worker<'_> {
    async fn perform(&self, session: &mut Session, task: &Task) -> Result<(), Error> {
        match &task.work {
            Work::Table {
                group,
                member,
                pages,
            } => self.table(session, (*group, *member), *pages).await,
            Work::Archived { group, entry } => self.archived_rows(*group, *entry).await,
            Work::Objects => self.objects(session).await,
            Work::ArchivedObjects { entry } => self.archived_objects(*entry).await,
            Work::Sequences => self.sequences(session).await,
            Work::Schema => self.schema().await,
        }
    }

    fn started(&self, subject: impl std::fmt::Display) {
        self.shared.monitor.event(Event::Started {
            worker: self.number,
            subject: format!("{}: {subject}", self.database.pair.target),
        });
    }

    fn advanced(&self, bytes: u64, rows: u64) {
        self.shared.monitor.event(Event::Advanced {
            worker: self.number,
            bytes,
            rows,
        });
    }

    /// Turns an error of the server's into a fact about an object.
    async fn sort(
        &self,
        session: &mut Session,
        object: &str,
        error: pg::Error,
    ) -> Result<(), Error> {
        let Some(db) = error.db().filter(|_| !error.is_connection_lost()) else {
            return Err(Error::database(&self.database.pair.target)(error));
        };
        match db.code.as_str() {
            // undefined_table, undefined_column, invalid_schema_name, wrong_object_type
            "42P01" | "42703" | "3F000" | "42809" => {
                self.database.differs(object, db.message.clone())
            }
            _ => self.database.is_unknown(object, db.message.clone()),
        }
        // The transaction is lost, and with it the snapshot.
        let followed = self.database.target.follow().await;
        *session = followed.map_err(Error::database(&self.database.pair.target))?;
        Ok(())
    }

    async fn table(
        &self,
        session: &mut Session,
        (number, member): (usize, usize),
        pages: Option<(u64, Option<u64>)>,
    ) -> Result<(), Error> {
        let group: &Group = &self.database.expected.groups[number];
        let member = &group.members[member];
        self.started(&group.name);
        let settle = || self.database.found().settled.insert(number);
        if group
            .members
            .iter()
            .any(|other| other.columns != member.columns)
        {
            if settle() {
                let what = "its partitions have their columns in different orders";
                self.database.is_unknown(&group.name, what);
            }
            return Ok(());
        }
        let key = (member.schema.clone(), member.name.clone());
        let Some(table) = self.database.target.tables.get(&key) else {
            if settle() {
                self.database.differs(&group.name, "the table is missing");
            }
            return Ok(());
        };
        let facts = TableFacts {
            qualified: quote::qualified(&member.schema, &member.name),
            column_list: member.columns.clone(),
            condition: table
                .condition
                .clone()
                .filter(|condition| !condition.is_empty()),
            ..TableFacts::default()
        };
        match self.read(session, &facts.copy_out(pages)).await {
            Ok((rows, digest)) => {
                let sum = &mut self.database.found().sums[number].1;
                sum.0 += rows;
                sum.1.merge(digest);
                Ok(())
            }
            Err(error) => {
                if settle() {
                    return self.sort(session, &group.name, error).await;
                }
                Ok(())
            }
        }
    }

    async fn read(&self, session: &mut Session, sql: &[u8]) -> Result<Rows, pg::Error> {
        let mut copy = session.copy_out(sql).await?;
        let mut rows = TextRows::default();
        let mut block = Vec::with_capacity(BLOCK_BYTES);
        loop {
            block.clear();
            let more = copy.read_rows(&mut block).await?;
            let before = rows.rows();
            rows.push(&block);
            self.advanced(block.len() as u64, rows.rows() - before);
            if !more {
                return Ok((rows.rows(), rows.digest()));
            }
            block.shrink_to(BLOCK_BYTES);
        }
    }

    async fn archived_rows(&self, number: usize, entry: DumpId) -> Result<(), Error> {
        self.started(&self.database.expected.groups[number].name);
        let mut rows = TextRows::default();
        self.decode(entry, |block| rows.push(block)).await?;
        let sum = &mut self.database.found().sums[number].0;
        sum.0 += rows.rows();
        sum.1.merge(rows.digest());
        Ok(())
    }

    async fn decode(&self, entry: DumpId, mut take: impl FnMut(&[u8])) -> Result<(), Error> {
        let Some(data) = self.database.contents.data.get(&entry) else {
            return Ok(());
        };
        let fetched = self.shared.source.fetch(data).await?;
        let mut reader = self.shared.source.read(data, fetched)?;
        while let Some(block) = reader.next_block()? {
            take(block.content);
            self.advanced(block.weight, 0);
        }
        Ok(())
    }

    async fn sequences(&self, session: &mut Session) -> Result<(), Error> {
        self.started("sequences");
        for sequence in &self.database.expected.sequences {
            let object = format!(
                "SEQUENCE SET {}.{}",
                sequence.schema.as_bstr(),
                sequence.name
            );
            match where_it_stands(session, sequence).await {
                Ok(found) => {
                    let expected = (sequence.last_value.clone(), sequence.is_called);
                    self.database.found().report.sequences += 1;
                    if found != expected {
                        let show = |(value, is_called): &(BString, bool)| {
                            if *is_called {
                                format!("{value}")
                            } else {
                                format!("{value}, not yet given out")
                            }
                        };
                        let (there, here) = (show(&found), show(&expected));
                        let what = format!("it stands at {there}, in the archive at {here}");
                        self.database.differs(&object, what);
                    }
                }
                Err(error) => self.sort(session, &object, error).await?,
            }
        }
        Ok(())
    }

    /// Materialized views hold no rows of the archive's; whether they hold any is all there is to see.
    async fn views(&self, session: &mut Session) -> Result<(), pg::Error> {
        for row in session.query(UNPOPULATED, &[]).await? {
            let view = (row.text(0)?.into(), row.text(1)?.into());
            if self.database.expected.views.contains(&view) {
                let object = format!("MATERIALIZED VIEW DATA {}.{}", view.0, view.1);
                self.database
                    .differs(&object, "it is not populated: it was never refreshed");
            }
        }
        Ok(())
    }

    async fn schema(&self) -> Result<(), Error> {
        self.started("definitions");
        let options = &self.shared.options;
        let mut leader = self.database.target.leader.lock().await;
        self.views(&mut leader)
            .await
            .map_err(Error::database(&self.database.pair.target))?;
        let compared = schema::compare(self.database, &mut leader, options).await;
        let compared = compared.map_err(Error::database(&self.database.pair.target))?;
        let report = &mut self.database.found().report;
        report.definitions = compared.definitions;
        report.differences.extend(compared.differences);
        report.not_comparable.extend(compared.not_comparable);
        report.notices.extend(compared.notices);
        Ok(())
    }
}

async fn where_it_stands(
    session: &mut Session,
    sequence: &Sequence,
) -> Result<(BString, bool), pg::Error> {
    let mut sql = b"SELECT last_value, is_called FROM ".to_vec();
    sql.extend_from_slice(&quote::qualified(&sequence.schema, &sequence.name));
    let rows = session.query(&sql, &[]).await?;
    let row = rows.first().ok_or(pg::Error::Closed)?;
    Ok((row.text(0)?.into(), row.bool(1)?))
}
