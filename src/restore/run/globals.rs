//! Roles, memberships and tablespaces: which of them are restored, and restoring them.
//!
//! A role or tablespace that the target has already is left exactly as it is: no attribute, password,
//! setting, comment or grant of it is touched. A membership is granted unless both its roles were
//! there before. What the entries of globals/toc.dat hold is described in FORMAT.md.

use crate::restore::plan::globals::GlobalsPlan;

use bstr::BString;

use super::failed::Failed;
use super::report::Report;
use crate::pg::{self, Session};
use crate::restore::contents::Contents;
use crate::restore::outcome::{Failure, Skipped};
use crate::restore::run::failing::Cause;
use crate::restore::statements::{Owners, creation};
use crate::toc::{ObjectKind, Toc, TocEntry, lex};

/// Restores the planned entries one after the other. An error that is returned is the connection's.
///
/// Roles with their attributes, passwords and memberships are one transaction. An existing role is taken for
/// complete, so a restore that ends early must not leave a role without its password or its memberships.
pub(crate) async fn apply(
    session: &mut Session,
    toc: &Toc,
    plan: &GlobalsPlan,
    report: &mut Report,
) -> Result<(), pg::Error> {
    report.roles_existed(plan.existing.clone());
    let mut settings = BString::default();
    for kind in [ObjectKind::Encoding, ObjectKind::StdStrings] {
        if let Some(entry) = toc.entries.iter().find(|entry| entry.kind == kind) {
            settings.extend_from_slice(entry.definition());
        }
    }
    session.execute(&settings).await?;
    session.execute(b"BEGIN").await?;
    for &position in &plan.entries {
        let entry = &toc.entries[position];
        let done = match entry.kind {
            ObjectKind::Tablespace => alone(session, toc, entry).await,
            _ => with_others(session, toc, entry).await,
        };
        match done {
            Ok(()) => report.global_done(entry, plan.joined(position)),
            Err((_, error)) if error.is_connection_lost() => return Err(error),
            Err((statement, error)) => report.fail(
                BString::default(),
                Failed {
                    object: format!("{} {}", entry.kind, entry.tag),
                    kind: &entry.kind,
                    statement: &statement,
                    cause: Cause::Server(error),
                },
            ),
        }
    }
    // COMMIT of a transaction that has failed rolls it back without an error; any other statement says so.
    session.execute(b"SELECT").await?;
    session.execute(b"COMMIT").await
}

/// The tablespaces that could not be created: their folder may be of no use in a way that no look shows.
pub(crate) fn failed_tablespaces(failures: &[Failure]) -> Vec<BString> {
    let objects = failures.iter().map(|failure| failure.object.as_str());
    objects
        .filter_map(|object| object.strip_prefix("TABLESPACE "))
        .map(BString::from)
        .collect()
}

/// Moves everything out of these tablespaces into the database's own. Returns the objects that move.
pub(crate) fn move_out(contents: &mut Contents, tablespaces: &[BString]) -> Vec<Skipped> {
    let mut skipped = Vec::new();
    for database in &mut contents.databases {
        let target = database.target.clone();
        for entry in &mut database.toc.entries {
            let of_database = match entry.kind {
                ObjectKind::Database => lex::without_tablespace(entry.definition()),
                _ => None,
            };
            let name = match &of_database {
                Some((name, _)) => Some(name.clone()),
                None => entry.tablespace.clone(),
            };
            let Some(name) = name.filter(|name| tablespaces.contains(name)) else {
                continue;
            };
            match of_database {
                Some((_, without)) => entry.defn = Some(without),
                None => entry.tablespace = Some(BString::default()),
            }
            skipped.push(Skipped {
                database: target.clone(),
                object: format!("tablespace of {} {}", entry.kind, entry.tag),
                because: format!("tablespace \"{name}\" could not be created"),
            });
        }
    }
    skipped
}

/// An entry in the transaction that is open, which goes on where it fails.
async fn with_others(
    session: &mut Session,
    toc: &Toc,
    entry: &TocEntry,
) -> Result<(), (BString, pg::Error)> {
    for sql in creation(toc, entry, Owners::Skip) {
        // By itself: in one message with a statement that the server cannot even parse it would not be
        // executed, and the whole transaction would be lost.
        let saved = session.execute(b"SAVEPOINT pgark").await;
        saved.map_err(|error| ("SAVEPOINT pgark".into(), error))?;
        let released = [&sql[..], b";\nRELEASE SAVEPOINT pgark"].concat();
        if let Err(error) = session.execute(&released).await {
            // Where this fails the connection is lost, which the next statement shows.
            let _ = session.execute(b"ROLLBACK TO SAVEPOINT pgark").await;
            return Err((sql, error));
        }
    }
    Ok(())
}

/// CREATE TABLESPACE refuses to run in a transaction, so the open one is committed first.
async fn alone(
    session: &mut Session,
    toc: &Toc,
    entry: &TocEntry,
) -> Result<(), (BString, pg::Error)> {
    let failed = |statement: &[u8]| {
        let statement = BString::from(statement);
        |error| (statement, error)
    };
    session
        .execute(b"COMMIT")
        .await
        .map_err(failed(b"COMMIT"))?;
    let mut done = Ok(());
    for sql in creation(toc, entry, Owners::Skip) {
        for statement in lex::statements(&sql) {
            if done.is_ok() {
                done = session.execute(statement).await.map_err(failed(statement));
            }
        }
    }
    session.execute(b"BEGIN").await.map_err(failed(b"BEGIN"))?;
    done
}
