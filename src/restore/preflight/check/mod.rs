//! The target compared with the contents to restore. Pure.

use std::collections::{BTreeSet, HashSet};

use bstr::{BString, ByteSlice};

use crate::digest::Sha256;
use crate::monitor::nearest;
use crate::monitor::units::counted;
use crate::restore::contents::{Contents, DatabaseContents};
use crate::restore::finding::Finding;
use crate::restore::options::RestoreOptions;
use crate::restore::plan::DatabaseWork;
use crate::restore::select::{holds_journal, is_of_journal_schema};
use crate::restore::statements::standard_strings::Constants;
use crate::restore::target::facts::{Target, TargetDatabase};
use crate::restore::target::limits::IDLE_MAX;
use crate::source::Server;
use crate::toc::{JOURNAL_SCHEMA, ObjectKind, TocEntry, quote};

/// Sessions beside the workers': the one that creates databases, the one that holds the lock, and those
/// kept unused.
const SPARE_SESSIONS: usize = 2 + IDLE_MAX;

/// Everything that is wrong, and what the user should know. `work` says for each database which of
/// its entries are wanted.
pub(crate) fn check(
    source: &Server,
    contents: &Contents,
    work: &[DatabaseWork],
    target: &Target,
    options: &RestoreOptions,
) -> Vec<Finding> {
    let wanted = Wanted::new(contents, work);
    let mut findings = Vec::new();
    check_server(source, target, options, &mut findings);
    for (database, work) in contents.databases.iter().zip(work) {
        findings.extend(check_database(database, &work.plan, target, options));
        findings.extend(check_constants(database, target));
        findings.extend(check_origin(database, source, target, options));
        findings.extend(check_journal(database, work));
    }
    unused_tablespaces(&wanted, contents, target, options, &mut findings);
    check_names(contents, target, options, &mut findings);
    check_privileges(contents, target, options, &mut findings);
    findings
}

/// The treatment of a schema in the archive whose name is that of the journal.
fn check_journal(database: &DatabaseContents, work: &DatabaseWork) -> Option<Finding> {
    let source = &database.source;
    if holds_journal(&database.toc) {
        return Some(Finding::notice(format!(
            "database \"{source}\" of the archive holds the journal of another restore (schema \
             {JOURNAL_SCHEMA}), which is left out"
        )));
    }
    let entries = database.toc.entries.iter().zip(&work.needs);
    let mut wanted = entries.filter(|(_, need)| need.any());
    wanted
        .any(|(entry, _)| is_of_journal_schema(entry))
        .then(|| {
            Finding::notice(format!(
                "database \"{source}\" of the archive has a schema {JOURNAL_SCHEMA} of its own: no journal is \
                 kept, and a restore that stops cannot be resumed"
            ))
        })
}

/// The wanted entries of all databases.
struct Wanted<'a> {
    databases: Vec<(&'a DatabaseContents, Vec<&'a TocEntry>)>,
}

impl<'a> Wanted<'a> {
    fn new(contents: &'a Contents, work: &[DatabaseWork]) -> Self {
        let databases = contents.databases.iter().zip(work).map(|(database, work)| {
            let entries = database.toc.entries.iter().zip(&work.needs);
            let wanted = entries
                .filter(|(_, need)| need.definition)
                .map(|(entry, _)| entry);
            (database, wanted.collect())
        });
        Self {
            databases: databases.collect(),
        }
    }

    fn entries(&self) -> impl Iterator<Item = &'a TocEntry> {
        self.databases
            .iter()
            .flat_map(|(_, entries)| entries.iter().copied())
    }
}

fn check_server(
    source: &Server,
    target: &Target,
    options: &RestoreOptions,
    findings: &mut Vec<Finding>,
) {
    if source.version_num / 10_000 > target.version_num / 10_000 {
        findings.push(Finding::notice(format!(
            "the archive comes from PostgreSQL {}, newer than the target's {}: some objects may fail",
            source.version, target.version
        )));
    }
    let wanted = options.jobs.get() + SPARE_SESSIONS;
    // Those that asked are counted among those in use and stay ours.
    let free = target.free_sessions + target.own_sessions;
    if options.wants_databases() && free < i64::try_from(wanted).unwrap_or(i64::MAX) {
        findings.push(Finding::problem(
            format!(
                "{} needed and the target server has room for {free}",
                counted(wanted as u64, "session is", "sessions are")
            ),
            "Use fewer --jobs, or raise max_connections.",
        ));
    }
}

fn check_database(
    database: &DatabaseContents,
    plan: &Sha256,
    target: &Target,
    options: &RestoreOptions,
) -> Option<Finding> {
    let name = &database.target;
    let found = target.databases.get(name);
    let is_left_over = |found: &TargetDatabase| {
        if options.resume {
            found.journal.is_some() || found.is_empty() || target.is_complete(plan)
        } else {
            found.journal.is_some() && !(options.create && options.clean)
        }
    };
    // What an earlier restore left is judged by its journal.
    if found.is_some_and(is_left_over) {
        return None;
    }
    match (found, options.create) {
        (None, false) => Some(missing(name, target)),
        (None, true) => check_creation(database, target),
        (Some(found), true) if options.fills(name) => check_existing(name, found),
        (Some(_), true) if !options.clean => Some(Finding::problem(
            format!("database \"{name}\" exists on the target server already"),
            "Restore it under another name (NAME=NEWNAME), without --create into the one that is \
             there, or with --create --clean to replace that.",
        )),
        (Some(found), true) if found.sessions > 0 && !options.force_drop => {
            Some(in_the_way(name, found))
        }
        (Some(_), true) => check_creation(database, target),
        (Some(found), false) => check_existing(name, found),
    }
}

/// A database that is not there, with the one that was meant, perhaps, and all that are there.
fn missing(name: &BString, target: &Target) -> Finding {
    let of_use = target
        .databases
        .iter()
        .filter(|(_, found)| found.allows_connections);
    let mut present: Vec<&[u8]> = of_use.map(|(name, _)| name.as_slice()).collect();
    present.sort_unstable();
    let near = nearest::nearest(name, present.iter().copied());
    let near = near.map(|near| format!(", which has \"{}\"", near.as_bstr()));
    Finding::problem(
        format!(
            "database \"{name}\" does not exist on the target server{}",
            near.unwrap_or_default()
        ),
        format!(
            "Use --create, or create it first. The server has {}.",
            nearest::listed(present)
        ),
    )
}

/// An archive may be written with escapes in plain string constants.
fn check_constants(database: &DatabaseContents, target: &Target) -> Option<Finding> {
    const ALWAYS_STANDARD_SINCE: u32 = 190_000;
    let name = &database.source;
    match database.constants {
        Constants::Standard => None,
        Constants::Rewritten if target.version_num < ALWAYS_STANDARD_SINCE => None,
        Constants::Rewritten => Some(Finding::notice(format!(
            "database \"{name}\" was dumped with standard_conforming_strings = off, which PostgreSQL {} does not \
             have: look at backslashes in the bodies of its functions",
            target.version_num / 10_000
        ))),
        Constants::Unclear => Some(Finding::problem(
            format!(
                "database \"{name}\" was dumped with standard_conforming_strings = off, and where its string \
                 constants end cannot be told for certain"
            ),
            "Dump it again with standard_conforming_strings = on: PGOPTIONS='-c standard_conforming_strings=on'.",
        )),
    }
}

/// Others' sessions in a database that is to be dropped.
fn in_the_way(name: &BString, found: &TargetDatabase) -> Finding {
    let sessions = counted(found.sessions.unsigned_abs(), "session", "sessions");
    let who = match found.who.as_slice() {
        [] => String::new(),
        who => format!(": {}", who.join("; ")),
    };
    Finding::problem(
        format!("database \"{name}\" cannot be dropped: others have {sessions} in it{who}"),
        format!(
            "End them with SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {} AND pid <> \
             pg_backend_pid(); or restore with --force-drop, which ends them.",
            quote::literal(name)
        ),
    )
}

/// The objects to drop are on the very server that was dumped: said before that is done.
fn check_origin(
    database: &DatabaseContents,
    source: &Server,
    target: &Target,
    options: &RestoreOptions,
) -> Option<Finding> {
    let name = &database.target;
    let identifier = source.system_identifier.as_ref()?;
    let is_there = target.databases.contains_key(name);
    // To clean a copy beside the original is nothing to be warned of.
    let is_original = options.create || database.source == *name;
    let drops = options.clean && !options.resume && is_there && is_original;
    (drops && target.system_identifier.as_ref() == Some(identifier)).then(|| {
        let what = if options.create {
            format!("database \"{name}\" is dropped")
        } else {
            format!("the objects to be restored are dropped first from database \"{name}\"")
        };
        Finding::notice(format!(
            "{what} on the very server that the archive was taken from, or a physical copy of it (system \
             identifier {identifier})"
        ))
    })
}

fn check_existing(name: &BString, found: &TargetDatabase) -> Option<Finding> {
    if !found.allows_connections {
        return Some(Finding::problem(
            format!("database \"{name}\" on the target server allows no connections"),
            "ALTER DATABASE .. ALLOW_CONNECTIONS changes that.",
        ));
    }
    match &found.objects {
        Some((count, example)) if *count > 0 => Some(Finding::problem(
            format!(
                "database \"{name}\" on the target server is not empty: it holds {}, {example} among them",
                counted(count.unsigned_abs(), "object", "objects")
            ),
            "Use --clean to drop the objects first, --data-only to add rows, or --allow-non-empty.",
        )),
        _ => None,
    }
}

fn check_creation(database: &DatabaseContents, target: &Target) -> Option<Finding> {
    let name = &database.target;
    let locale = database.facts.locale.as_ref();
    let provider = locale.map_or("libc", |locale| &locale.provider);
    if !target.has_provider(provider) {
        return Some(Finding::problem(
            format!(
                "database \"{name}\" has the locale provider {provider}, which the target lacks"
            ),
            "Create the database with another locale and restore without --create.",
        ));
    }
    let error = target.locale_errors.get(name)?;
    Some(Finding::problem(
        format!("database \"{name}\" cannot have its locale on the target server: {error}"),
        "Install the locale there, or create the database with another one and restore without \
         --create.",
    ))
}

fn tags_of<'a>(contents: &'a Contents, kind: &ObjectKind) -> HashSet<&'a BString> {
    let entries = contents.globals.iter().flat_map(|toc| &toc.entries);
    entries
        .filter(|entry| entry.kind == *kind)
        .map(|entry| &entry.tag)
        .collect()
}

fn unused_tablespaces(
    wanted: &Wanted<'_>,
    contents: &Contents,
    target: &Target,
    options: &RestoreOptions,
    findings: &mut Vec<Finding>,
) {
    let of_entries = wanted
        .entries()
        .filter_map(|entry| entry.tablespace.clone());
    let of_databases = wanted
        .databases
        .iter()
        .filter(|_| options.create)
        .filter_map(|(database, _)| database.facts.tablespace.clone());
    let used: BTreeSet<BString> = of_entries.chain(of_databases).collect();
    let created = tags_of(contents, &ObjectKind::Tablespace).into_iter();
    for name in created.filter(|name| !used.contains(*name)) {
        if let Some(why) = target.why_no_tablespace(name) {
            findings.push(Finding::notice(format!(
                "tablespace \"{name}\" is left out, nothing restored is in it: {why}"
            )));
        }
    }
}

/// Since 19 the names of databases, roles and tablespaces are one line each (`createdb`, `CreateRole`,
/// `CreateTableSpace`), and the encoding MULE_INTERNAL is gone.
fn check_names(
    contents: &Contents,
    target: &Target,
    options: &RestoreOptions,
    findings: &mut Vec<Finding>,
) {
    const ONE_LINE_SINCE: u32 = 190_000;
    if target.version_num < ONE_LINE_SINCE {
        return;
    }
    let major = target.version_num / 10_000;
    let has_line_end = |name: &&BString| name.iter().any(|byte| matches!(byte, b'\r' | b'\n'));
    let mut refuse = |what: &str, name: &BString, hint: &str| {
        let text = format!(
            "{what} {name:?} cannot be made on PostgreSQL {major}: its name holds a line end"
        );
        findings.push(Finding::problem(text, hint));
    };
    let databases = contents.databases.iter().map(|database| &database.target);
    for name in databases.filter(has_line_end).filter(|_| options.create) {
        refuse(
            "database",
            name,
            "Restore it under another name: NAME=NEWNAME.",
        );
    }
    let roles: BTreeSet<&BString> = tags_of(contents, &ObjectKind::Role).into_iter().collect();
    for name in roles.into_iter().filter(has_line_end) {
        refuse(
            "role",
            name,
            "Put another role in its place: --map-role OLD=NEW.",
        );
    }
    let spaces: BTreeSet<&BString> = tags_of(contents, &ObjectKind::Tablespace)
        .into_iter()
        .collect();
    for name in spaces.into_iter().filter(has_line_end) {
        refuse("tablespace", name, "Restore without it: --no-tablespaces.");
    }
    for database in &contents.databases {
        let encoding = database.toc.encoding().unwrap_or_default();
        if encoding.eq_ignore_ascii_case(b"MULE_INTERNAL") {
            let text = format!(
                "database \"{}\" of the archive is in the encoding MULE_INTERNAL, which PostgreSQL {major} does \
                 not know",
                database.source
            );
            let hint =
                "Restore it into an older server, and dump it there with pg_dump --encoding=UTF8.";
            findings.push(Finding::problem(text, hint));
        }
    }
}

fn check_privileges(
    contents: &Contents,
    target: &Target,
    options: &RestoreOptions,
    findings: &mut Vec<Finding>,
) {
    if target.is_superuser {
        return;
    }
    let user = &target.user;
    if options.create && !target.may_create_databases && !contents.databases.is_empty() {
        findings.push(Finding::problem(
            format!("role \"{user}\" may not create databases on the target server"),
            "Use a role with CREATEDB, or create the databases first and restore without --create.",
        ));
    }
    if options.session_authorization && options.selection.owners {
        findings.push(Finding::problem(
            format!("role \"{user}\" may not become the owners of objects on the target server"),
            "--use-set-session-authorization takes a superuser. Without it, owners are set by ALTER .. OWNER TO.",
        ));
    }
    if options.disable_triggers && !options.selection.content.definitions {
        findings.push(Finding::problem(
            format!("role \"{user}\" may not disable triggers on the target server"),
            "--disable-triggers takes a superuser, as those of foreign keys are the system's.",
        ));
    }
    let mut roles = tags_of(contents, &ObjectKind::Role).into_iter();
    if !target.may_create_roles && roles.any(|role| !target.roles.contains(role)) {
        findings.push(Finding::problem(
            format!("role \"{user}\" may not create roles on the target server"),
            "Use a role with CREATEROLE, or --no-globals once the roles are there.",
        ));
    }
}

#[cfg(test)]
mod tests;
