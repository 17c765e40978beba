//! Roles, memberships and tablespaces: which of them are restored, and restoring them.
//!
//! A role or tablespace that the target has already is left exactly as it is: no attribute, password,
//! setting, comment or grant of it is touched. A membership is granted unless both its roles were
//! there before. What the entries of globals/toc.dat hold is described in FORMAT.md.

use std::collections::{HashMap, HashSet};

use bstr::BString;

use super::contents::Contents;
use super::lex::{self, TokenKind, words};
use super::options::RestoreOptions;
use super::outcome::{Failure, Skipped};
use super::preflight::Target;
use super::report::{Cause, Failed, Report};
use super::statements::Owners;
use super::statements::creation;
use crate::pg::{self, Session};
use crate::toc::{DumpId, ObjectKind, Toc, TocEntry};

/// What is done about the globals of an archive.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct GlobalsPlan {
    /// Positions of the entries that are restored, in TOC order.
    pub(super) entries: Vec<usize>,
    /// Roles of the archive that the target has.
    pub(super) existing: Vec<BString>,
    /// Memberships among `entries` whose member the target has: by position, the member.
    pub(super) joins: Vec<(usize, BString)>,
}

impl GlobalsPlan {
    /// What `target` lacks of `toc`.
    pub(super) fn new(toc: &Toc, target: &Target, options: &RestoreOptions) -> Self {
        let known = Known::new(toc, target);
        let wanted = |entry: &TocEntry| match entry.kind {
            ObjectKind::Role | ObjectKind::Tablespace => !known.is_present(entry),
            ObjectKind::RoleMembership => !known.has_both_roles(entry),
            ObjectKind::ParameterAcl => true,
            _ => !known.any_present(entry),
        };
        let positions = toc.entries.iter().enumerate();
        let restored: Vec<(usize, &TocEntry)> = positions
            .filter(|(_, entry)| is_asked_for(entry, options) && wanted(entry))
            .collect();
        let roles = toc
            .entries
            .iter()
            .filter(|entry| entry.kind == ObjectKind::Role);
        let existing = roles.filter(|entry| known.is_present(entry));
        let joins = restored.iter().filter_map(|(at, entry)| {
            let member = member(entry)?;
            target.roles.contains(&member).then_some((*at, member))
        });
        Self {
            existing: existing.map(|entry| entry.tag.clone()).collect(),
            joins: joins.collect(),
            entries: restored.into_iter().map(|(at, _)| at).collect(),
        }
    }
}

/// The member in `GRANT role TO member ..`.
fn member(membership: &TocEntry) -> Option<BString> {
    if membership.kind != ObjectKind::RoleMembership {
        return None;
    }
    let words = words(membership.definition());
    let at = words.iter().position(|word| *word == b"TO")?;
    Some(lex::name(words.get(at + 1)?).into())
}

/// Whether the options let the entry through, whatever the target has.
pub(super) fn is_asked_for(entry: &TocEntry, options: &RestoreOptions) -> bool {
    use ObjectKind as Kind;
    let selection = &options.selection;
    let is_about_tablespace = match entry.kind {
        Kind::Tablespace | Kind::TablespaceProperties => true,
        Kind::Acl | Kind::Comment | Kind::SecurityLabel => entry.tag.starts_with(b"TABLESPACE "),
        _ => false,
    };
    let is_let_through = match entry.kind {
        Kind::Encoding | Kind::StdStrings | Kind::SearchPath => false,
        Kind::RolePassword => options.role_passwords,
        Kind::ParameterAcl | Kind::Acl => selection.privileges,
        Kind::Comment => selection.comments,
        Kind::SecurityLabel => selection.security_labels,
        _ => true,
    };
    is_let_through && (selection.tablespaces || !is_about_tablespace)
}

/// What of the globals is there before the restore.
struct Known<'a> {
    by_id: HashMap<DumpId, &'a TocEntry>,
    /// All roles of the target.
    roles: &'a HashSet<BString>,
    /// Roles and tablespaces of the archive that the target has, or that it cannot be given.
    present: HashSet<DumpId>,
}

impl<'a> Known<'a> {
    fn new(toc: &'a Toc, target: &'a Target) -> Self {
        let is_present = |entry: &&TocEntry| match entry.kind {
            ObjectKind::Role => target.roles.contains(&entry.tag),
            ObjectKind::Tablespace => !target.lacks_tablespace(&entry.tag),
            _ => false,
        };
        let by_id = toc.entries.iter().map(|entry| (entry.dump_id, entry));
        let present = toc.entries.iter().filter(is_present);
        Self {
            present: present.map(|entry| entry.dump_id).collect(),
            by_id: by_id.collect(),
            roles: &target.roles,
        }
    }

    fn is_present(&self, entry: &TocEntry) -> bool {
        self.present.contains(&entry.dump_id)
    }

    /// The roles and tablespaces among an entry's dependencies.
    fn subjects(&self, entry: &'a TocEntry) -> impl Iterator<Item = &'a TocEntry> {
        let found = entry
            .dependencies
            .iter()
            .filter_map(|id| self.by_id.get(id));
        found
            .copied()
            .filter(|entry| matches!(entry.kind, ObjectKind::Role | ObjectKind::Tablespace))
    }

    fn any_present(&self, entry: &'a TocEntry) -> bool {
        self.subjects(entry).any(|subject| self.is_present(subject))
    }

    /// Whether both roles of `GRANT role TO member ..` were there before. The grantor does not count.
    fn has_both_roles(&self, entry: &TocEntry) -> bool {
        let words = words(entry.definition());
        let mut roles = words.iter().zip(words.iter().skip(1));
        let is_there = |name: &[u8]| self.roles.contains(&BString::from(lex::name(name)));
        roles
            .by_ref()
            .filter(|(keyword, _)| matches!(**keyword, b"GRANT" | b"TO"))
            .take(2)
            .all(|(_, name)| is_there(name))
    }
}

/// Restores the planned entries one after the other. An error that is returned is the connection's.
///
/// Roles with all that is said about them are one transaction: what is there afterwards is taken for
/// whole, so a restore that ends early must not leave a role without its password or its memberships.
pub(super) async fn apply(
    session: &mut Session,
    toc: &Toc,
    plan: &GlobalsPlan,
    report: &mut Report,
) -> Result<(), pg::Error> {
    report.roles.existed = plan.existing.clone();
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
            Ok(()) => count(report, plan, position, entry),
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

fn count(report: &mut Report, plan: &GlobalsPlan, position: usize, entry: &TocEntry) {
    report.globals += 1;
    if entry.kind == ObjectKind::Tablespace {
        report.tablespaces.push(entry.tag.clone());
    }
    let roles = &mut report.roles;
    if entry.kind == ObjectKind::Role {
        roles.created.push(entry.tag.clone());
    }
    let join = plan.joins.iter().find(|(at, _)| *at == position);
    if let Some((_, member)) = join
        && !roles.changed.contains(member)
    {
        roles.changed.push(member.clone());
    }
}

/// The tablespaces that could not be created: their folder may be of no use in a way that no look shows.
pub(super) fn failed_tablespaces(failures: &[Failure]) -> Vec<BString> {
    let objects = failures.iter().map(|failure| failure.object.as_str());
    objects
        .filter_map(|object| object.strip_prefix("TABLESPACE "))
        .map(BString::from)
        .collect()
}

/// Takes everything out of these tablespaces, to be created in the database's own. Returns what that is about.
pub(super) fn move_out(contents: &mut Contents, tablespaces: &[BString]) -> Vec<Skipped> {
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

/// CREATE TABLESPACE refuses to run in a transaction, so what is open is committed first.
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

/// The folder in `CREATE TABLESPACE .. LOCATION '..'`; none for one that PostgreSQL places itself.
pub(super) fn tablespace_folder(sql: &[u8]) -> Option<BString> {
    let tokens = lex::tokens(sql).filter(|token| token.kind != TokenKind::Blank);
    let mut is_location = false;
    for token in tokens {
        let text = &sql[token.range];
        if is_location && token.kind == TokenKind::Text {
            return lex::literal_value(text)
                .filter(|folder| !folder.is_empty())
                .map(BString::from);
        }
        is_location = text == b"LOCATION";
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::restore::testing::{entry, options, toc};

    fn on(id: i32, kind: ObjectKind, tag: &str, dependencies: &[i32]) -> TocEntry {
        let mut entry = entry(id, kind, None, tag);
        entry.dependencies = dependencies.iter().copied().map(DumpId).collect();
        entry
    }

    fn grant(id: i32, sql: &str) -> TocEntry {
        let mut entry = on(id, ObjectKind::RoleMembership, "", &[]);
        entry.defn = Some(sql.into());
        entry
    }

    fn sample() -> Toc {
        toc(vec![
            on(1, ObjectKind::Role, "old", &[]),
            on(2, ObjectKind::Role, "old2", &[]),
            on(3, ObjectKind::Role, "new", &[]),
            on(4, ObjectKind::RolePassword, "old", &[1]),
            on(5, ObjectKind::RolePassword, "new", &[3]),
            on(6, ObjectKind::RoleSettings, "old", &[1]),
            on(7, ObjectKind::RoleSettings, "new", &[3]),
            on(8, ObjectKind::Comment, "ROLE old", &[1]),
            grant(9, "GRANT old TO old2 GRANTED BY new;\n"),
            grant(10, "GRANT old TO new;\n"),
            grant(11, "GRANT pg_monitor TO old WITH ADMIN OPTION;\n"),
            on(12, ObjectKind::Tablespace, "fast", &[]),
            on(13, ObjectKind::TablespaceProperties, "fast", &[12]),
            on(14, ObjectKind::Acl, "TABLESPACE fast", &[12]),
            on(15, ObjectKind::ParameterAcl, "work_mem", &[]),
        ])
    }

    fn planned(target: &Target, options: &RestoreOptions) -> Vec<i32> {
        let toc = sample();
        let plan = GlobalsPlan::new(&toc, target, options);
        let ids = plan.entries.iter().map(|&at| toc.entries[at].dump_id.0);
        ids.collect()
    }

    #[test]
    fn what_is_there_is_left_alone() {
        let mut target = Target::default();
        target
            .roles
            .extend(["old", "old2", "pg_monitor"].map(BString::from));
        target.tablespaces.insert("fast".into());
        assert_eq!(planned(&target, &options()), [3, 5, 7, 10, 15]);
        let without = RestoreOptions {
            role_passwords: false,
            ..options()
        };
        assert_eq!(planned(&target, &without), [3, 7, 10, 15]);
    }

    #[test]
    fn a_superuser_of_an_empty_server_restores_everything() {
        let target = Target {
            is_superuser: true,
            roles: ["pg_monitor".into()].into(),
            ..Target::default()
        };
        assert_eq!(planned(&target, &options()), (1..=15).collect::<Vec<_>>());
    }

    #[test]
    fn the_folder_of_a_tablespace_is_found() {
        let folder = |sql: &str| tablespace_folder(sql.as_bytes()).map(|f| f.to_string());
        let sql = "CREATE TABLESPACE \"LOCATION\" OWNER x LOCATION '/mnt/it''s';";
        assert_eq!(folder(sql).as_deref(), Some("/mnt/it's"));
        assert_eq!(folder("CREATE TABLESPACE t LOCATION '';"), None);
    }
}
