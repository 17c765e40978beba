//! Data in a script: rows after their COPY statement, large objects as the statements that write them.
//!
//! The chunks of a table follow one another under one COPY.

use super::output::Rows;
use super::{Script, Wanted};
use crate::monitor::Event;
use crate::restore::error::Error;
use crate::restore::statements::Triggers;
use crate::restore::statements::joined;
use crate::restore::statements::sql_data::{Pending, Puts};
use crate::source::{self, Content, Data, Fetched};
use crate::toc::{ObjectKind, TocEntry, quote};

impl Script<'_> {
    /// Writes the data of one entry.
    pub(crate) async fn data(&mut self, wanted: Wanted<'_>, entry: &TocEntry) -> Result<(), Error> {
        let data = wanted.database.chunks.get(&entry.dump_id);
        let data = data.ok_or_else(|| source::Error::NoData {
            place: Box::default(),
        })?;
        match data.content {
            Content::Rows => self.rows(wanted, entry, data).await,
            Content::Sql | Content::Statements | Content::EscapedStatements => {
                self.statements(wanted, entry, data).await
            }
            Content::LargeObjects => self.large_objects(entry, data),
        }
    }

    async fn rows(
        &mut self,
        wanted: Wanted<'_>,
        entry: &TocEntry,
        data: &Data,
    ) -> Result<(), Error> {
        let rows = Rows {
            schema: entry.schema().into(),
            table: entry.tag.clone(),
            copy: entry.copy_stmt.clone().unwrap_or_default(),
            afterwards: match wanted.triggers {
                Triggers::Disable => triggers(entry, b" ENABLE"),
                Triggers::Leave => b"".into(),
            },
            superuser: self.options.superuser.clone(),
        };
        if self.out.rows() != Some(&rows) {
            self.heading(entry)?;
            if wanted.triggers == Triggers::Disable {
                self.disable_triggers(entry)?;
                self.become_owner(entry)?;
            }
            self.out.begin_rows(rows)?;
        }
        self.content(data).await
    }

    fn disable_triggers(&mut self, entry: &TocEntry) -> Result<(), Error> {
        self.out.become_user(self.options.superuser.as_ref())?;
        self.out.sql(&triggers(entry, b" DISABLE"))
    }

    /// Large objects of ours, or the rows of a table as INSERT statements.
    async fn statements(
        &mut self,
        wanted: Wanted<'_>,
        entry: &TocEntry,
        data: &Data,
    ) -> Result<(), Error> {
        self.heading(entry)?;
        let is_table = entry.kind == ObjectKind::TableData;
        let is_disabled = is_table && wanted.triggers == Triggers::Disable;
        if is_disabled {
            self.disable_triggers(entry)?;
            self.become_owner(entry)?;
        }
        self.content(data).await?;
        self.out.raw(b"\n")?;
        if is_disabled {
            self.out.become_user(self.options.superuser.as_ref())?;
            self.out.sql(&triggers(entry, b" ENABLE"))?;
        }
        Ok(())
    }

    /// As in a restore, they are written by the statements of [`Puts`].
    fn large_objects(&mut self, entry: &TocEntry, data: &Data) -> Result<(), Error> {
        self.heading(entry)?;
        let mut reader = self.source.read(data, Fetched::Piecewise)?;
        let mut puts = Puts::default();
        while let Some(oid) = reader.next_object()? {
            puts.object(oid);
            while let Some(block) = reader.next_block()? {
                puts.push(block.content);
                self.advanced(block.weight)?;
                if let Some(sql) = puts.take() {
                    self.out.raw(&sql)?;
                }
            }
        }
        self.out.raw(&puts.rest().unwrap_or_default())?;
        self.out.raw(b"\n")
    }

    fn heading(&mut self, entry: &TocEntry) -> Result<(), Error> {
        self.become_owner(entry)?;
        self.out.switch_defaults(entry)?;
        let owners = self.owners();
        self.out.data_heading(entry, owners)
    }

    /// The content as it is, but for the string constants of an archive with escapes in them.
    async fn content(&mut self, data: &Data) -> Result<(), Error> {
        let fetched = self.source.fetch(data).await?;
        let mut reader = self.source.read(data, fetched)?;
        let is_escaped = data.content == Content::EscapedStatements;
        let mut pending = Pending::default();
        while let Some(block) = reader.next_block()? {
            let weight = block.weight;
            if is_escaped {
                pending.push(block.content);
                self.out
                    .raw(&pending.take(data.content).unwrap_or_default())?;
            } else {
                self.out.raw(block.content)?;
            }
            self.advanced(weight)?;
        }
        self.out
            .raw(&pending.rest(data.content).unwrap_or_default())
    }

    /// Tells of progress, and ends where a stop was asked for.
    fn advanced(&self, bytes: u64) -> Result<(), Error> {
        self.monitor.event(Event::Advanced {
            worker: 0,
            bytes,
            rows: 0,
        });
        if self.monitor.is_interrupted() {
            Err(Error::Interrupted)
        } else {
            Ok(())
        }
    }
}

/// `ALTER TABLE .. DISABLE TRIGGER ALL`, or ENABLE.
fn triggers(entry: &TocEntry, verb: &[u8]) -> bstr::BString {
    let table = quote::qualified(entry.schema(), &entry.tag);
    joined(&[b"ALTER TABLE ", &table, verb, b" TRIGGER ALL;"])
}
