//! Has the definitions of a database on the server read: by us, or by a pg_dump where that was asked for,
//! where the archive is in its words, or where we refuse.

use bstr::{BStr, ByteSlice};

use super::super::database::Database;
use super::super::major::major_of;
use super::super::options::CompareOptions;
use crate::monitor::chain;
use crate::pg::{self, Session};
use crate::pgdump;
use crate::schema::chosen::Chosen;
use crate::schema::definitions;
use crate::schema::program::{self, PgDump, Program, Request};
use crate::schema::reader::{Reader, SchemaReader};
use crate::schema::{self, not_null};
use crate::toc::Toc;

/// How long pg_dump waits for a lock that somebody else holds.
const LOCK_WAIT_TIMEOUT_MS: u64 = 60_000;

/// The server's definitions.
pub(super) struct Read {
    pub(super) toc: Toc,
    /// The version of pg_dump whose words they are.
    pub(super) dialect: String,
    pub(super) notices: Vec<String>,
}

/// Reads them, or says why that cannot be.
pub(super) async fn read(
    database: &Database,
    session: &mut Session,
    options: &CompareOptions,
) -> Result<Result<Read, String>, pg::Error> {
    if let SchemaReader::PgDump(pg_dump) = &options.schema_reader {
        return by_pg_dump(database, session, pg_dump).await;
    }
    if let Some(program) = same_words(database, session, &options.pg_dump).await {
        let pg_dump = PgDump::Path(program.path);
        return by_pg_dump(database, session, &pg_dump).await;
    }
    let refusal = match from_catalogs(database, session).await {
        Ok(read) => return Ok(Ok(read)),
        Err(definitions::Error::Query { source, .. }) => return Err(source),
        Err(error) => chain(&error),
    };
    match by_pg_dump(database, session, &options.pg_dump).await? {
        Ok(mut read) => {
            let notice = format!("pg_dump {} read the definitions: {refusal}", read.dialect);
            read.notices.push(notice);
            Ok(Ok(read))
        }
        Err(_) => Ok(Err(refusal)),
    }
}

/// An archive in the words of another pg_dump is compared by that one, if it is there: other words may mean
/// the same.
async fn same_words(database: &Database, session: &Session, pg_dump: &PgDump) -> Option<Program> {
    let archived = major_of(&database.contents.toc.dump_version)?;
    if Some(archived) == major_of(definitions::DIALECT.as_bytes()) {
        return None;
    }
    let found = program::find(pg_dump, session.server_version())
        .await
        .ok()?;
    (found.major == archived).then_some(found)
}

async fn from_catalogs(
    database: &Database,
    session: &mut Session,
) -> Result<Read, definitions::Error> {
    let encoding = database.contents.toc.encoding().unwrap_or(b"UTF8");
    let mut helpers =
        [database
            .target
            .follow()
            .await
            .map_err(|source| definitions::Error::Query {
                statement: "SET TRANSACTION SNAPSHOT",
                source,
            })?];
    let all = Chosen::default();
    let wanted = definitions::Wanted {
        chosen: &all,
        encoding,
        has_statistics: false,
    };
    let read = definitions::read(session, &mut helpers, &wanted).await?;
    Ok(Read {
        toc: read.toc,
        dialect: definitions::DIALECT.to_owned(),
        notices: vec![],
    })
}

async fn by_pg_dump(
    database: &Database,
    session: &mut Session,
    pg_dump: &PgDump,
) -> Result<Result<Read, String>, pg::Error> {
    let reader = SchemaReader::PgDump(pg_dump.clone());
    let program = match reader.find(session.server_version()).await {
        Ok(Reader::PgDump(program)) => program,
        Ok(Reader::Catalogs) => return Ok(Err("no pg_dump was found".to_owned())),
        Err(error) => return Ok(Err(chain(&error))),
    };
    let encoding = database.contents.toc.encoding().unwrap_or(b"UTF8");
    let request = Request {
        planner_statistics: false,
        database: BStr::new(&database.pair.target),
        environment: database.target.server.libpq_env(),
        snapshot: &database.target.snapshot,
        encoding: encoding.as_bstr(),
        lock_wait_timeout_ms: LOCK_WAIT_TIMEOUT_MS,
        role: None,
        filters: Vec::new(),
    };
    let read = program::read_schema(&program, request).await;
    let read = read.map_err(|error| chain(&error));
    let toc = read
        .and_then(|schema| pgdump::read_custom_toc(&schema.archive).map_err(|error| chain(&error)));
    let mut toc = match toc {
        Ok(toc) => toc,
        Err(why) => return Ok(Err(why)),
    };
    match not_null::quote_names(session, &mut toc).await {
        Ok(()) => Ok(Ok(Read {
            toc,
            dialect: program.version,
            notices: vec![],
        })),
        Err(schema::Error::Query(error)) => Err(error),
        Err(other) => Ok(Err(chain(&other))),
    }
}
