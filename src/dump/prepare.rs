//! Before the data: a database's schema and its catalogs.

use bstr::{BStr, BString, ByteSlice};

use super::cancel::Cancellers;
use super::clock::{created_at, now_unix};
use super::error::Error;
use super::helpers::{self, Crew};
use super::job::{Prepared, Shared};
use super::leader::{self, Leader};
use super::options::{Content, DumpOptions};
use super::plan;
use crate::monitor::Event;
use crate::schema::catalog::{self, Wanted};
use crate::schema::contents::Contents;
use crate::schema::definitions::{self, Definitions};
use crate::schema::program::{self, Program};
use crate::schema::reader::Reader;
use crate::schema::{hidden_rows, not_null, older};
use crate::toc::{JOURNAL_SCHEMA, Toc};
use crate::{pgdump, schema};

/// How often the schema is read again after another session got in between with a lock.
const LOCK_ATTEMPTS: usize = 3;
/// How long pg_dump waits for a lock before the leader lets the others go first.
const PG_DUMP_LOCK_TIMEOUT_MS: u64 = 10_000;

/// Queues the data of one database.
pub(super) fn queue(shared: &Shared, index: usize) {
    let source = &shared.databases[index];
    let contents = &source.prepared.contents;
    let tasks = plan::tasks(index, contents, shared.major, shared.cut);
    if let Ok(mut total) = shared.total.lock() {
        total.tasks += tasks.len() as u64;
        total.bytes += tasks.iter().map(|task| task.size_bytes).sum::<u64>();
        shared.monitor.event(Event::Total {
            tasks: total.tasks,
            bytes: total.bytes,
        });
    }
    shared.queue.add(index, tasks);
}

/// The sessions that help a leader while it reads definitions.
pub(super) struct Helpers<'a> {
    /// The leader's number.
    pub(super) index: usize,
    pub(super) crew: Crew,
    pub(super) cancellers: &'a Cancellers,
}

/// The schema and contents of the leader's database, and what the user should know.
pub(super) async fn read(
    leader: &mut Leader,
    reader: &Reader,
    helpers: Helpers<'_>,
    options: &DumpOptions,
) -> Result<(Prepared, Vec<String>), Error> {
    let name = leader.database.clone();
    let mut notices = vec![];
    if leader.selected.has_journal {
        notices.push(format!(
            "{name}: schema {JOURNAL_SCHEMA}, the journal of a restore that has not come to its end, is left out"
        ));
    }
    let facts = std::mem::take(&mut leader.facts);
    let (mut toc, said) = match reader {
        Reader::Catalogs => from_catalogs(leader, &facts.encoding, helpers, options).await?,
        Reader::PgDump(program) => by_pg_dump(leader, &facts.encoding, program, options).await?,
    };
    notices.extend(said.into_iter().map(|said| format!("{name}: {said}")));
    older::fit_for(leader.session.server_version().major(), &mut toc);
    hidden_rows::forget_statistics(&mut toc, &leader.selected.excluded_data_oids);
    let contents = contents(leader, &toc, options)
        .await
        .map_err(Error::catalog(name.as_bstr()))?;
    if contents.unlogged_skipped > 0 {
        notices.push(format!(
            "{name}: rows of unlogged tables are left out, since a standby does not have them: {}",
            contents.unlogged_skipped
        ));
    }
    Ok((Prepared::new(facts, toc, contents), notices))
}

/// We read the catalogs, on as many sessions as there is room for.
async fn from_catalogs(
    leader: &mut Leader,
    encoding: &BString,
    helpers: Helpers<'_>,
    options: &DumpOptions,
) -> Result<(Toc, Vec<String>), Error> {
    let Helpers {
        index,
        crew,
        cancellers,
    } = helpers;
    let mut sessions = std::mem::take(&mut leader.helpers);
    if sessions.is_empty() {
        let place = leader.place();
        sessions = helpers::open_late(crew, index, &place, options, cancellers).await?;
    }
    let wanted = definitions::Wanted {
        chosen: &leader.selected.chosen,
        encoding,
        has_statistics: options.planner_statistics,
    };
    let read = definitions::read(&mut leader.session, &mut sessions, &wanted).await;
    helpers::close(sessions, index, cancellers).await;
    let Definitions { toc, notices } = read.map_err(|source| Error::Definitions {
        database: leader.database.clone(),
        source,
    })?;
    let created = created_at(now_unix());
    Ok((Toc { created, ..toc }, notices))
}

/// A pg_dump reads them.
async fn by_pg_dump(
    leader: &mut Leader,
    encoding: &BString,
    program: &Program,
    options: &DumpOptions,
) -> Result<(Toc, Vec<String>), Error> {
    let name = leader.database.clone();
    let schema = schema_archive(leader, encoding, program, options).await?;
    let said = schema.warnings.iter();
    let said = said.map(|warning| format!("pg_dump: {warning}")).collect();
    let mut toc = pgdump::read_custom_toc(&schema.archive).map_err(|source| Error::Schema {
        database: name.clone(),
        source,
    })?;
    not_null::quote_names(&mut leader.session, &mut toc)
        .await
        .map_err(Error::catalog(name.as_bstr()))?;
    Ok((toc, said))
}

async fn contents(
    leader: &mut Leader,
    toc: &Toc,
    options: &DumpOptions,
) -> Result<Contents, schema::Error> {
    if options.content == Content::SchemaOnly {
        return Ok(Contents::default());
    }
    let wanted = Wanted {
        chosen: &leader.selected.chosen,
        excluded_oids: &leader.selected.excluded_data_oids,
        large_objects: options.wants_large_objects(),
        standby: leader.snapshot.standby,
    };
    let mut contents = catalog::read(&mut leader.session, toc, wanted).await?;
    if options.content == Content::DataOnly {
        catalog::read_foreign_keys(&mut leader.session, &mut contents).await?;
        contents.forget_entries();
    }
    Ok(contents)
}

/// Runs pg_dump. It takes the locks we already hold, but behind sessions that wait for an exclusive one: then
/// the leader steps back, lets the other finish, and both begin again. The snapshot stays.
async fn schema_archive(
    leader: &mut Leader,
    encoding: &BString,
    program: &Program,
    options: &DumpOptions,
) -> Result<program::Schema, Error> {
    // Zero would mean to wait for ever, for somebody who waits for the leader.
    let lock_wait_timeout_ms = options
        .lock_wait_timeout_ms
        .filter(|&limit_ms| limit_ms > 0)
        .unwrap_or(PG_DUMP_LOCK_TIMEOUT_MS)
        .min(PG_DUMP_LOCK_TIMEOUT_MS);
    let mut attempt = 1;
    loop {
        let request = program::Request {
            database: BStr::new(&leader.database),
            environment: leader.server.libpq_env(),
            snapshot: &leader.snapshot.name,
            encoding: encoding.as_bstr(),
            lock_wait_timeout_ms,
            role: options.role.as_ref().map(|role| role.as_bstr()),
            planner_statistics: options.planner_statistics,
            filters: leader.selected.pg_dump_options.clone(),
        };
        match program::read_schema(program, request).await {
            Err(error) if error.is_lock_timeout() && attempt < LOCK_ATTEMPTS => {
                attempt += 1;
                leader::yield_locks(leader).await?;
            }
            result => return Ok(result?),
        }
    }
}
