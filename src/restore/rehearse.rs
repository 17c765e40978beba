//! A restore into scratch databases, which are dropped afterwards: whether it would work, and how long
//! it would take.
//!
//! Nothing is left behind. Databases get names of their own; roles that the target lacks are made for
//! the time of the rehearsal, without a login, and dropped with their memberships; tablespaces and grants
//! on parameters are not made. The scratch databases are dropped whatever happened, a Ctrl-C included.

use std::collections::HashSet;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use bstr::{BString, ByteSlice};

use super::adapt::plain_user;
use super::begin::{Begun, Intent, begin};
use super::options::{DatabaseChoice, GlobalsChoice, RestoreOptions};
use super::outcome::RestoreOutcome;
use super::run::carry_out;
use super::{Error, contents};
use crate::monitor::Monitor;
use crate::pg::{self, ServerConfig, Session};
use crate::restore::finding::Finding;
use crate::restore::statements::joined;
use crate::restore::target::session::any_session;
use crate::source::Source;
use crate::storage::Store;
use crate::toc::{ObjectKind, Toc, TocEntry, lex, quote};

const SUBSCRIPTIONS: &[u8] = include_bytes!("target/sql/own_subscriptions.sql");

/// How long after a Ctrl-C scratch databases may take to be dropped: longer than anything else, for nobody
/// comes back to them.
const CLEANING_MAX: Duration = Duration::from_secs(5);

/// `NAMEDATALEN` less one: longer names are cut by the server.
const NAME_BYTES_MAX: usize = 63;

/// What a rehearsal came to.
#[derive(Debug)]
pub struct Rehearsal {
    /// The restored objects and the failures. The databases are the scratch ones.
    pub outcome: RestoreOutcome,
    /// Roles that were made for it.
    pub roles: Vec<BString>,
    /// The objects that could not be dropped, and why.
    pub left_behind: Vec<String>,
}

/// Restores into scratch databases of `server` and drops them again.
///
/// An error means that the rehearsal has no result. Objects that could not be dropped then go to the monitor.
pub async fn rehearse(
    server: &ServerConfig,
    store: &Store,
    options: &RestoreOptions,
    monitor: &Monitor,
) -> Result<Rehearsal, Error> {
    let options = scratch_options(store, options).await?;
    let mut begun = tokio::select! {
        begun = begin(server, store, &options, Intent::Restore, monitor) => begun?,
        () = monitor.interrupted() => return Err(Error::Interrupted),
    };
    let lock = begun.lock.clone();
    if let Err(error) = begun.stands_in_the_way() {
        lock.release().await;
        return Err(error);
    }
    let (roles, more) = leave_nothing_else(&mut begun);
    begun.findings.extend(more.into_iter().map(Finding::notice));
    let server = begun.server.clone();
    let databases: Vec<BString> = options.databases.iter().map(|d| d.target.clone()).collect();
    let done = carry_out(begun, &options, monitor).await;
    // A server that does not answer would hold up a user who wants to stop. The databases that may be left
    // are then named.
    let left_behind = tokio::select! {
        left_behind = clean_up(&server, &options, &databases, &roles) => left_behind,
        () = monitor.interrupted_for(CLEANING_MAX) => {
            let named = |name: &BString| format!("database \"{name}\": the server did not answer in time");
            databases.iter().map(named).collect()
        }
    };
    tokio::select! {
        () = lock.release() => {}
        () = monitor.interrupted_for(CLEANING_MAX) => {}
    }
    match done {
        Ok(outcome) => Ok(Rehearsal {
            // its databases are gone, and with them their journals
            outcome: RestoreOutcome {
                is_resumable: false,
                reads: store.traffic(),
                ..outcome
            },
            roles,
            left_behind,
        }),
        Err(error) => {
            left_behind
                .iter()
                .for_each(|left| monitor.notice(format!("left behind: {left}")));
            Err(error)
        }
    }
}

/// The same restore into databases with names that nobody has.
async fn scratch_options(store: &Store, options: &RestoreOptions) -> Result<RestoreOptions, Error> {
    let source = Source::open(store.clone()).await?;
    let mut chosen = contents::choices(&source, &options.databases)?;
    // Scratch databases bear names, and a list must have a part for every database that is named.
    if let Some(list) = options
        .list
        .as_ref()
        .filter(|_| options.databases.is_empty())
    {
        chosen = list.spoken_of(chosen, |choice| &choice.source);
    }
    let random = RandomState::new().build_hasher().finish();
    let scratch = |(number, choice): (u64, DatabaseChoice)| DatabaseChoice {
        target: scratch_name(&choice.source, random.wrapping_add(number)),
        source: choice.source,
    };
    let globals = match options.globals {
        GlobalsChoice::Only => GlobalsChoice::With,
        other => other,
    };
    Ok(RestoreOptions {
        databases: (0..).zip(chosen).map(scratch).collect(),
        create: true,
        clean: false,
        if_exists: false,
        resume: false,
        role_passwords: false,
        globals,
        ..options.clone()
    })
}

/// `NAME_pgark_rehearsal_xxxx`, the name cut where it would be too long.
fn scratch_name(name: &[u8], random: u64) -> BString {
    let ending = format!("_pgark_rehearsal_{:04x}", random & 0xffff);
    let room = NAME_BYTES_MAX - ending.len();
    let starts = name.char_indices().map(|(start, end, _)| (start, end));
    let fitting = starts.take_while(|(_, end)| *end <= room).last();
    let end = fitting.map_or(0, |(_, end)| end);
    joined(&[&name[..end], ending.as_bytes()])
}

/// Removes the objects that would outlive the databases, roles apart. Returns the roles, and the notices for
/// the user.
fn leave_nothing_else(begun: &mut Begun) -> (Vec<BString>, Vec<String>) {
    let tablespaces = &begun.target.tablespaces;
    let mut missing: HashSet<BString> = HashSet::new();
    for toc in begun
        .contents
        .databases
        .iter_mut()
        .map(|database| &mut database.toc)
    {
        for entry in &mut toc.entries {
            missing.extend(into_default_tablespace(entry, tablespaces));
        }
    }
    let mut roles = Vec::new();
    if let Some(toc) = &mut begun.contents.globals {
        begun
            .globals
            .entries
            .retain(|&position| dies_with_its_role(&toc.entries[position]));
        roles = temporary_roles(toc, &begun.globals.entries);
    }
    let mut missing: Vec<String> = missing.iter().map(|name| format!("\"{name}\"")).collect();
    missing.sort();
    let notice = (!missing.is_empty()).then(|| {
        format!(
            "a rehearsal makes no tablespaces: the objects of {} go into the default one",
            missing.join(", ")
        )
    });
    (roles, notice.into_iter().collect())
}

/// The tablespace that is not there, which the entry then does without.
fn into_default_tablespace(entry: &mut TocEntry, present: &HashSet<BString>) -> Option<BString> {
    if entry.kind == ObjectKind::Database {
        let (name, without) = lex::without_tablespace(entry.definition())?;
        if present.contains(&name) {
            return None;
        }
        entry.defn = Some(without);
        return Some(name);
    }
    let name = entry.tablespace.clone().filter(|name| !name.is_empty())?;
    if present.contains(&name) {
        return None;
    }
    entry.tablespace = Some(BString::default());
    Some(name)
}

/// Whether dropping the role takes it away too. Grants on parameters would keep the role from being dropped.
fn dies_with_its_role(entry: &TocEntry) -> bool {
    match entry.kind {
        ObjectKind::Role | ObjectKind::RoleMembership | ObjectKind::RoleSettings => true,
        ObjectKind::Comment | ObjectKind::SecurityLabel => entry.tag.starts_with(b"ROLE "),
        _ => false,
    }
}

/// The roles among these entries, which nobody shall be able to log in as.
fn temporary_roles(globals: &mut Toc, positions: &[usize]) -> Vec<BString> {
    let mut roles = Vec::new();
    for &position in positions {
        let entry = &mut globals.entries[position];
        if entry.kind == ObjectKind::Role {
            entry.defn = Some(plain_user::without_attributes(
                entry.definition(),
                &["LOGIN"],
            ));
            roles.push(entry.tag.clone());
        }
    }
    roles
}

/// Drops everything, and goes on when something cannot be dropped. Returns the rest, and why it is left.
async fn clean_up(
    server: &ServerConfig,
    options: &RestoreOptions,
    databases: &[BString],
    roles: &[BString],
) -> Vec<String> {
    let mut left = Vec::new();
    let session = any_session(server, options).await;
    let mut session = match session {
        Ok(session) => session,
        Err(error) => {
            let why = crate::monitor::chain(&error);
            let named = |name: &BString| format!("database \"{name}\": {why}");
            left.extend(databases.iter().map(named));
            left.extend(roles.iter().map(|name| format!("role \"{name}\": {why}")));
            return left;
        }
    };
    for name in databases {
        let dropped = drop_database(server, &mut session, name).await;
        left.extend(
            dropped
                .err()
                .map(|error| format!("database \"{name}\": {error}")),
        );
    }
    // One role may own an object that another one granted on. Roles without either go first.
    let mut waiting: Vec<&BString> = roles.iter().collect();
    while !waiting.is_empty() {
        let mut held = Vec::new();
        for name in &waiting {
            let sql = joined(&[b"DROP ROLE IF EXISTS ", &quote::ident(name)]);
            if let Err(error) = session.execute(&sql).await {
                held.push((*name, error));
            }
        }
        if held.len() == waiting.len() {
            left.extend(
                held.iter()
                    .map(|(name, error)| format!("role \"{name}\": {error}")),
            );
            break;
        }
        waiting = held.into_iter().map(|(name, _)| name).collect();
    }
    session.close().await;
    left
}

/// A database with subscriptions cannot be dropped. They are parted from their slots first, so that
/// nothing is dropped on the publisher.
async fn drop_database(
    server: &ServerConfig,
    session: &mut Session,
    name: &BString,
) -> Result<(), pg::Error> {
    if let Ok(mut inside) = Session::connect(&server.with_dbname(name)).await {
        for row in inside.query(SUBSCRIPTIONS, &[]).await? {
            let subscription = quote::ident(row.text(0)?);
            for (before, after) in [
                (&b"ALTER SUBSCRIPTION "[..], &b" DISABLE"[..]),
                (b"ALTER SUBSCRIPTION ", b" SET (slot_name = NONE)"),
                (b"DROP SUBSCRIPTION ", b""),
            ] {
                inside
                    .execute(&joined(&[before, &subscription, after]))
                    .await?;
            }
        }
        inside.close().await;
    }
    let quoted = quote::ident(name);
    // A template cannot be dropped. That the database is not there at all is no failure.
    let no_template = joined(&[b"ALTER DATABASE ", &quoted, b" IS_TEMPLATE false"]);
    let _ = session.execute(&no_template).await;
    let sql = joined(&[b"DROP DATABASE IF EXISTS ", &quoted, b" WITH (FORCE)"]);
    session.execute(&sql).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scratch_name_fits_and_says_what_it_is_of() {
        assert_eq!(scratch_name(b"jobs", 0x1_00ab), "jobs_pgark_rehearsal_00ab");
        let long = scratch_name("ü".repeat(31).as_bytes(), 7);
        assert_eq!(
            long,
            format!("{}_pgark_rehearsal_0007", "ü".repeat(21)).as_str()
        );
        assert!(scratch_name(&[0xff; 63], 1).len() <= NAME_BYTES_MAX);
    }
}
