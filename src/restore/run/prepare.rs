//! The steps before a database's own entries: creating or replacing it, its journal, and questions about its
//! content. `clean` drops the objects to be restored.

use bstr::ByteSlice;

use super::clean;
use super::engine::{Engine, Journal};
use super::failed::DISK_FULL;
use crate::pg::{self, Session};
use crate::restore::error::Error;
use crate::restore::journal::{self, Identity};
use crate::restore::options::Transactions;
use crate::restore::plan::Preparation;
use crate::restore::run::failing::Halt;
use crate::restore::select::is_of_journal_schema;
use crate::restore::statements::{IfExists, Triggers, creation_by_owner, drop, joined};
use crate::restore::target::firing;
use crate::toc::{ObjectKind, lex, quote};

/// Prepares a database and tells the queue. A database that cannot be made is given up.
pub(crate) async fn prepare(engine: &Engine, database: usize) -> Result<(), Halt> {
    let preparation = engine.work[database].preparation;
    let is_there = match preparation {
        Preparation::Create => create(engine, database, Creation::Whole).await?,
        Preparation::Replace => {
            drop_database(engine, database).await?
                && create(engine, database, Creation::Whole).await?
        }
        Preparation::Resume | Preparation::Fill => {
            create(engine, database, Creation::Properties).await?
        }
        Preparation::Clean | Preparation::Use => true,
    };
    if is_there {
        open_journal(engine, database).await?;
        if preparation == Preparation::Clean {
            clean::drop_objects(engine, database).await?;
        }
        if engine.work[database].triggers == Triggers::Disable {
            find_firing(engine, database).await?;
        }
        engine.schedule().prepared(database);
        return Ok(());
    }
    let left_out = engine.schedule().abandon(database);
    engine.report().abandon(database, left_out);
    Ok(())
}

/// `--disable-triggers`: finds the triggers that fire all the same.
async fn find_firing(engine: &Engine, database: usize) -> Result<(), Halt> {
    let contents = engine.database(database);
    let mut seat = engine.seat(database).await?;
    let canceller = seat.session.canceller();
    let needs = &engine.work[database].needs;
    let finding = firing::find(&mut seat.session, contents, needs);
    match engine.stop.guard(&canceller, finding).await? {
        Ok(found) => engine.silence(database, found),
        Err(error) if error.is_connection_lost() => return Err(Halt::ServerLost(error)),
        Err(error) => {
            let doing = format!(
                "ask database \"{}\" for triggers that fire always",
                contents.target
            );
            return Err(Error::server(doing)(error).into());
        }
    }
    engine.sessions.give_back(seat);
    Ok(())
}

/// Begins the journal of a database, or goes on with the one that is there. Without one the restore goes on
/// all the same, but cannot be resumed.
async fn open_journal(engine: &Engine, database: usize) -> Result<(), Halt> {
    let work = &engine.work[database];
    let is_nothing_left = work.count() == 0 && work.of_database.is_empty();
    let journal = if work.earlier.has_journal {
        Journal::Kept
    } else if is_nothing_left {
        Journal::NotNeeded
    } else if engine.options.transactions == Transactions::Database
        || restores_such_a_schema(engine, database)
    {
        Journal::None
    } else {
        create_journal(engine, database).await?
    };
    engine.journals()[database] = journal;
    Ok(())
}

/// Whether the archive brings a schema of the journal's name that is none. The preflight says so.
fn restores_such_a_schema(engine: &Engine, database: usize) -> bool {
    let entries = &engine.database(database).toc.entries;
    let wanted = entries.iter().zip(&engine.work[database].needs);
    wanted
        .filter(|(_, need)| need.any())
        .any(|(entry, _)| is_of_journal_schema(entry))
}

async fn create_journal(engine: &Engine, database: usize) -> Result<Journal, Halt> {
    let work = &engine.work[database];
    let identity = Identity {
        archive: engine.archive,
        plan: work.plan,
    };
    let mut seat = engine.seat(database).await?;
    let created = journal::store::create(&mut seat.session, &identity, work.count()).await;
    match created {
        Ok(true) => {
            engine.sessions.give_back(seat);
            Ok(Journal::Kept)
        }
        // The preflight has said so.
        Ok(false) => {
            engine.sessions.give_back(seat);
            Ok(Journal::None)
        }
        Err(error) if error.is_connection_lost() => Err(Halt::ServerLost(error)),
        Err(error) if error.sqlstate() == Some(DISK_FULL) => {
            let object = "SCHEMA pgark_restore".to_owned();
            engine.failed(database, (object, &ObjectKind::Schema), b"", error)?;
            Err(Halt::Stopped)
        }
        Err(error) => {
            let target = &engine.database(database).target;
            engine.report().no_journal(format!(
                "no journal can be kept in database \"{target}\" ({error}): a restore that stops there \
                 cannot be resumed"
            ));
            engine.sessions.give_back(seat);
            Ok(Journal::None)
        }
    }
}

/// How much of a database is created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Creation {
    /// The database, and then its properties.
    Whole,
    /// The properties of one that is there: set twice they are the same.
    Properties,
}

/// Creates the database and sets its properties. Returns whether it is there.
async fn create(engine: &Engine, database: usize, much: Creation) -> Result<bool, Halt> {
    let contents = engine.database(database);
    let mut session = engine.maintenance.lock().await;
    let mut is_there = true;
    for &position in &engine.work[database].of_database {
        let entry = &contents.toc.entries[position];
        for sql in creation_by_owner(&contents.toc, entry, engine.owners()) {
            // CREATE DATABASE must come alone; and one setting that the target does not know must
            // not keep the others out.
            for statement in lex::statements(&sql) {
                if much == Creation::Properties && statement.starts_with(b"CREATE DATABASE ") {
                    continue;
                }
                let done = execute(engine, &mut session, database, statement).await?;
                if let Err(error) = done {
                    is_there &= entry.kind != ObjectKind::Database || is_owner(statement);
                    fail(engine, database, position, statement, error)?;
                }
                if !is_there {
                    return Ok(false);
                }
            }
        }
        engine.report().entry_done(database);
    }
    Ok(is_there)
}

/// Whether this is an entry about a database that was created.
fn is_owner(statement: &[u8]) -> bool {
    statement.starts_with(b"ALTER ")
}

/// Drops the database if it is there. Returns whether it is gone.
async fn drop_database(engine: &Engine, database: usize) -> Result<bool, Halt> {
    let contents = engine.database(database);
    if !engine.target.databases.contains_key(&contents.target) {
        return Ok(true);
    }
    let mut session = engine.maintenance.lock().await;
    for &position in engine.work[database].of_database.iter().rev() {
        let entry = &contents.toc.entries[position];
        let Some(mut sql) = drop(entry, IfExists::Fail) else {
            continue;
        };
        if entry.kind == ObjectKind::Database && engine.options.force_drop {
            sql = joined(&[
                sql.trim_end_with(|c| matches!(c, ';' | '\n')),
                b" WITH (FORCE);\n",
            ]);
        }
        for statement in lex::statements(&sql) {
            let done = execute(engine, &mut session, database, statement).await?;
            if let Err(error) = done {
                fail(engine, database, position, statement, error)?;
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Executes one statement on the maintenance session. Its texts are in the database's encoding.
async fn execute(
    engine: &Engine,
    session: &mut Session,
    database: usize,
    statement: &[u8],
) -> Result<Result<(), pg::Error>, Halt> {
    let canceller = session.canceller();
    let encoding = engine.database(database).toc.encoding();
    let work = async {
        if let Some(encoding) = encoding {
            let sql = joined(&[b"SET client_encoding = ", &quote::literal(encoding)]);
            session.execute(&sql).await?;
        }
        session.execute(statement).await
    };
    match engine.stop.guard(&canceller, work).await? {
        Err(error) if error.is_connection_lost() => Err(Halt::ServerLost(error)),
        done => Ok(done),
    }
}

fn fail(
    engine: &Engine,
    database: usize,
    position: usize,
    statement: &[u8],
    error: pg::Error,
) -> Result<(), Halt> {
    let contents = engine.database(database);
    let entry = &contents.toc.entries[position];
    let object = contents.describe(entry);
    engine.failed(database, (object, &entry.kind), statement, error)
}
