//! A worker: one task at a time, one session at a time, in the leader's snapshot.
//!
//! Rows go through once: socket, block, count and digest and compression in [`ChunkEncoder`], a finished
//! member to the writer. Memory is one chunk's compressed bytes and one block.

use std::sync::Arc;

use bstr::{BStr, ByteSlice};
use tokio::sync::mpsc;

use super::cancel::Holder;
use super::error::Error;
use super::follow::{self, Follower};
use super::job::Shared;
use super::large_objects::Statements;
use super::leader;
use super::plan::{Task, Work};
use super::queue::Job;
use super::written::ChunkKey;
use super::{prepare, writer};
use crate::archive::{ChunkEncoder, EncodedChunk};
use crate::monitor::Event;
use crate::pg::Session;
use crate::schema::large_object_rows;
use crate::schema::snapshot::BLOCK_BYTES;

pub(super) struct Worker {
    pub index: usize,
    pub shared: Arc<Shared>,
    pub out: mpsc::Sender<writer::Message>,
}

/// A session and the database it is connected to.
struct Connected {
    database: usize,
    session: Session,
}

/// A task's progress against its expected bytes.
struct Progress {
    expected_bytes: u64,
    reported_bytes: u64,
}

impl Worker {
    /// Works until there is nothing left to do.
    pub(super) async fn run(self) -> Result<(), Error> {
        let mut encoder = ChunkEncoder::new(self.shared.options.compression)?;
        let mut connected: Option<Connected> = None;
        while let Some(job) = self
            .shared
            .queue
            .next(connected.as_ref().map(|c| c.database))
            .await
        {
            let database = match job {
                Job::Begin(database) => {
                    self.started(format!("{}: plan", self.database(database)));
                    prepare::queue(&self.shared, database);
                    database
                }
                Job::Data(task) => {
                    let session = self.session(&mut connected, task.database).await?;
                    match self.data(session, &mut encoder, &task).await {
                        Err(error) if error.is_table_behind_a_lock() => {
                            self.by_leader(session, &mut encoder, &task).await?;
                        }
                        done => done?,
                    }
                    task.database
                }
            };
            self.shared
                .monitor
                .event(Event::Finished { worker: self.index });
            if self.shared.queue.done(database) {
                self.release(&mut connected, database).await?;
                self.send(writer::Message::DatabaseDone(database)).await?;
            }
        }
        if let Some(connected) = connected {
            connected.session.close().await;
        }
        Ok(())
    }

    async fn release(
        &self,
        connected: &mut Option<Connected>,
        database: usize,
    ) -> Result<(), Error> {
        let source = &self.shared.databases[database];
        let tables = &source.prepared.contents.tables;
        let oids: Vec<u32> = tables.iter().map(|table| table.oid).collect();
        let reader = if oids.is_empty() {
            None
        } else {
            Some(self.session(connected, database).await?)
        };
        let mut leader = source.leader.lock().await;
        leader::release(&mut leader, &oids, reader).await
    }

    /// Has the leader read a table that others wait for: who has the lock does not queue for it.
    async fn by_leader(
        &self,
        session: &mut Session,
        encoder: &mut ChunkEncoder,
        task: &Task,
    ) -> Result<(), Error> {
        let source = &self.shared.databases[task.database];
        follow::rejoin(session, &source.name, &source.snapshot.name).await?;
        let mut leader = source.leader.lock().await;
        self.data(&mut leader.session, encoder, task).await
    }

    fn database(&self, database: usize) -> &BStr {
        self.shared.databases[database].name.as_bstr()
    }

    fn started(&self, subject: String) {
        self.shared.monitor.event(Event::Started {
            worker: self.index,
            subject,
        });
    }

    async fn send(&self, message: writer::Message) -> Result<(), Error> {
        // The writer hangs up only after an error, which is then the one that is reported.
        self.out.send(message).await.map_err(|_| Error::Worker)
    }

    /// The session on `database`: the present one, or a new one in its place.
    async fn session<'a>(
        &self,
        connected: &'a mut Option<Connected>,
        database: usize,
    ) -> Result<&'a mut Session, Error> {
        if connected
            .as_ref()
            .is_none_or(|connected| connected.database != database)
        {
            if let Some(old) = connected.take() {
                old.session.close().await;
            }
            let source = &self.shared.databases[database];
            let session = follow::follow(
                Follower::Worker,
                (&source.name, &source.server),
                &source.snapshot.name,
                &self.shared.options,
            )
            .await?;
            let holder = Holder::Worker(self.index);
            self.shared.cancellers.set(holder, session.canceller());
            *connected = Some(Connected { database, session });
        }
        connected
            .as_mut()
            .map(|connected| &mut connected.session)
            .ok_or(Error::Internal("a worker without a session"))
    }

    async fn data(
        &self,
        session: &mut Session,
        encoder: &mut ChunkEncoder,
        task: &Task,
    ) -> Result<(), Error> {
        let mut progress = Progress {
            expected_bytes: task.size_bytes,
            reported_bytes: 0,
        };
        match &task.work {
            Work::Table { table, part, pages } => {
                let key = ChunkKey {
                    database: task.database,
                    table: Some(*table),
                    part: *part,
                    sequence: 0,
                };
                self.table(session, encoder, key, *pages, &mut progress)
                    .await?;
            }
            Work::LargeObjects {
                part,
                from_oid,
                to_oid,
            } => {
                let key = ChunkKey {
                    database: task.database,
                    table: None,
                    part: *part,
                    sequence: 0,
                };
                self.large_objects(session, encoder, key, (*from_oid, *to_oid), &mut progress)
                    .await?;
            }
        }
        self.advanced(progress.rest(), 0);
        Ok(())
    }

    fn advanced(&self, bytes: u64, rows: u64) {
        self.shared.monitor.event(Event::Advanced {
            worker: self.index,
            bytes,
            rows,
        });
    }

    async fn table(
        &self,
        session: &mut Session,
        encoder: &mut ChunkEncoder,
        mut key: ChunkKey,
        pages: Option<(u64, Option<u64>)>,
        progress: &mut Progress,
    ) -> Result<(), Error> {
        let database = &self.shared.databases[key.database];
        let prepared = &database.prepared;
        let table = &prepared.contents.tables[key.table.unwrap_or_default()];
        self.started(format!("{}: {}", database.name, table.qualified));
        let failed = |source| Error::Table {
            database: database.name.clone(),
            table: table.qualified.clone(),
            source,
        };
        let mut rows = session
            .copy_out(&table.copy_out(pages))
            .await
            .map_err(failed)?;
        let mut block = Vec::with_capacity(BLOCK_BYTES);
        loop {
            block.clear();
            if !rows.read_rows(&mut block).await.map_err(failed)? {
                break;
            }
            let before = encoder.rows();
            encoder.push_rows(&block)?;
            self.advanced(progress.add(block.len() as u64), encoder.rows() - before);
            if encoder.raw_bytes() >= self.shared.options.chunk_bytes {
                self.send_chunk(&mut key, encoder.finish()?).await?;
            }
            // A block that held one huge row is not kept for the small ones after it.
            block.shrink_to(BLOCK_BYTES);
        }
        // An empty table has an entry too. An empty range of pages has not, unless it is the first.
        if encoder.rows() > 0 || (key.sequence == 0 && key.part == 0) {
            self.send_chunk(&mut key, encoder.finish()?).await?;
        }
        Ok(())
    }

    async fn large_objects(
        &self,
        session: &mut Session,
        encoder: &mut ChunkEncoder,
        mut key: ChunkKey,
        (from_oid, to_oid): (u32, u32),
        progress: &mut Progress,
    ) -> Result<(), Error> {
        let database = &self.shared.databases[key.database].name;
        self.started(format!("{database}: large objects {from_oid} to {to_oid}"));
        let failed = |source| Error::LargeObjects {
            database: database.clone(),
            source,
        };
        let access = large_object_rows::access(session).await.map_err(failed)?;
        let sql = large_object_rows::copy_out(access, from_oid, to_oid);
        let mut rows = session.copy_out(sql.as_bytes()).await.map_err(failed)?;
        let mut statements = Statements::default();
        let mut block = Vec::with_capacity(BLOCK_BYTES);
        loop {
            block.clear();
            let more = rows.read_rows(&mut block).await.map_err(failed)?;
            let before = statements.bytes();
            if !statements.push_rows(&block) {
                let what = "a row is not object, offset and bytes";
                return Err(Error::LargeObjectRow {
                    database: database.clone(),
                    what,
                });
            }
            self.advanced(progress.add(statements.bytes() - before), 0);
            if statements.is_full() || !more {
                encoder.push_sql(&statements.take())?;
            }
            let full = encoder.raw_bytes() >= self.shared.options.chunk_bytes;
            if full || (!more && encoder.raw_bytes() > 0) {
                self.send_chunk(&mut key, encoder.finish_sql()?).await?;
            }
            if !more {
                break;
            }
        }
        self.send(writer::Message::LargeObjectBytes {
            database: key.database,
            bytes: statements.bytes(),
        })
        .await
    }

    async fn send_chunk(&self, key: &mut ChunkKey, chunk: EncodedChunk) -> Result<(), Error> {
        let dump_id = self.shared.databases[key.database].prepared.next_id();
        self.send(writer::Message::Chunk {
            key: *key,
            dump_id,
            chunk,
        })
        .await?;
        key.sequence += 1;
        Ok(())
    }
}

impl Progress {
    /// The bytes to report for `bytes` more: in all never more than the expected sum.
    fn add(&mut self, bytes: u64) -> u64 {
        let report = bytes.min(self.expected_bytes - self.reported_bytes);
        self.reported_bytes += report;
        report
    }

    /// The expected bytes that did not come.
    fn rest(&mut self) -> u64 {
        self.add(u64::MAX)
    }
}
