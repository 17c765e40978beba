//! Large objects on both sides: their content, owners and grants.

use super::Worker;
use std::collections::HashSet;

use bstr::ByteSlice;

use crate::compare::error::Error;
use crate::compare::objects::{self, ObjectReader, Objects, SqlReader};
use crate::compare::rights::Rights;
use crate::monitor::units::counted;
use crate::pg::{self, Session};
use crate::schema::snapshot::BLOCK_BYTES;
use crate::schema::{Error as CatalogError, catalog, large_object_rows};
use crate::source::Content;
use crate::toc::DumpId;

const LARGE_OBJECTS: &[u8] = include_bytes!("../sql/large_objects.sql");

impl Worker<'_> {
    pub(super) async fn objects(&self, session: &mut Session) -> Result<(), Error> {
        self.started("large objects");
        let oids = &self.database.expected.objects;
        let (Some(&first), Some(&last)) = (oids.first(), oids.last()) else {
            return Ok(());
        };
        match self.read_objects(session, first, last).await {
            Ok((existing, objects)) => {
                self.note_objects(existing, objects);
                self.rights(session).await
            }
            Err(error) => {
                self.database.found().no_objects = true;
                self.sort(session, "large objects", error).await
            }
        }
    }

    pub(super) fn note_objects(&self, existing: HashSet<u32>, objects: Objects) {
        let oids = &self.database.expected.objects;
        let mut found = self.database.found();
        let strange = existing.iter().filter(|oid| !oids.contains(oid)).count();
        if strange > 0 {
            let strange = counted(strange as u64, "large object is", "large objects are");
            let text = format!("{strange} not in the archive");
            found.report.notices.push(text);
        }
        found.existing = existing;
        found.objects = objects;
    }

    /// Owners and grants, where the archive says them as we do.
    pub(super) async fn rights(&self, session: &mut Session) -> Result<(), Error> {
        let archived = Rights::of(self.database.wanted());
        if !self.shared.options.owners || archived.is_empty() {
            return Ok(());
        }
        match catalog::read_large_object_rights(session).await {
            Ok(entries) => {
                let differences = archived.differences(&Rights::of(entries.iter()));
                self.database.found().report.differences.extend(differences);
                Ok(())
            }
            Err(CatalogError::Query(error)) => self.sort(session, "large objects", error).await,
            Err(error) => {
                self.database.is_unknown("large objects", error.to_string());
                Ok(())
            }
        }
    }

    async fn read_objects(
        &self,
        session: &mut Session,
        first: u32,
        last: u32,
    ) -> Result<(HashSet<u32>, Objects), pg::Error> {
        let rows = session.query(LARGE_OBJECTS, &[]).await?;
        let existing = rows
            .iter()
            .map(|row| row.u32(0))
            .collect::<Result<_, _>>()?;
        let access = large_object_rows::access(session).await?;
        let sql = large_object_rows::copy_out(access, first, last);
        let mut copy = session.copy_out(sql.as_bytes()).await?;
        let mut found = Objects::new();
        let mut block = Vec::with_capacity(BLOCK_BYTES);
        loop {
            block.clear();
            let more = copy.read_rows(&mut block).await?;
            for line in block.lines() {
                let row = large_object_rows::parse(line);
                row.and_then(|(oid, offset, hex)| objects::add(&mut found, oid, offset, hex));
            }
            self.advanced(block.len() as u64, 0);
            if !more {
                return Ok((existing, found));
            }
        }
    }

    pub(super) async fn archived_objects(&self, entry: DumpId) -> Result<(), Error> {
        self.started("large objects of the archive");
        let mut found = Objects::new();
        let data = self.database.contents.data.get(&entry);
        let is_understood = match data.map(|data| data.content) {
            Some(Content::Sql) => {
                let mut reader = SqlReader::default();
                let mut is_understood = true;
                self.decode(entry, |block| {
                    is_understood &= reader.push(&mut found, block).is_some();
                })
                .await?;
                is_understood
            }
            Some(Content::LargeObjects) => self.whole_objects(entry, &mut found).await?,
            _ => false,
        };
        if !is_understood && !std::mem::replace(&mut self.database.found().no_objects, true) {
            let what = "large objects of this format are not compared";
            self.database.is_unknown("large objects", what);
        }
        let mut all = self.database.found();
        for (oid, sum) in found {
            all.archived.entry(oid).or_default().merge(sum);
        }
        Ok(())
    }

    /// Objects that come one after the other, as in pg_dump's archives.
    async fn whole_objects(&self, entry: DumpId, found: &mut Objects) -> Result<bool, Error> {
        let Some(data) = self.database.contents.data.get(&entry) else {
            return Ok(false);
        };
        let fetched = self.shared.source.fetch(data).await?;
        let mut reader = self.shared.source.read(data, fetched)?;
        let mut is_understood = true;
        while let Some(oid) = reader.next_object()? {
            let mut object = ObjectReader::new(oid);
            while let Some(block) = reader.next_block()? {
                is_understood &= object.push(found, block.content).is_some();
                self.advanced(block.weight, 0);
            }
            is_understood &= object.finish(found).is_some();
        }
        Ok(is_understood)
    }
}
