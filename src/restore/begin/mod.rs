//! Before anything is done: the archive read, the target looked at, and the two compared.
//!
//! Reads only. [`Begun`] is the result: everything that the rest of a restore works from.

pub(crate) mod dropped;
pub(crate) mod suit;

use bstr::BString;

use super::adapt::{damage, roles};
use super::contents::Contents;
use super::error::Error;
use super::lock::{self, Lock};
use super::options::RestoreOptions;
use super::outcome::Skipped;
use super::plan::{self, DatabaseWork, Preparation};
use super::preflight;
use super::select::names::Filters;
use crate::monitor::{Event, Monitor, Phase};
use crate::pg::{ServerConfig, Session};
use crate::restore::adapt::older::Knows;
use crate::restore::finding::{Finding, Severity};
use crate::restore::plan::globals::GlobalsPlan;
use crate::restore::statements::Owners;
use crate::restore::target::facts::Target;
use crate::restore::target::session::maintenance_session;
use crate::source::Source;
use crate::storage::Store;
use suit::{Suited, suit};

/// What a restore is begun for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Intent {
    /// To be carried out: it locks its databases.
    Restore,
    /// To be shown: it is in nobody's way.
    Show,
}

/// A restore that has looked and not touched.
pub(crate) struct Begun {
    pub(crate) source: Source,
    pub(crate) contents: Contents,
    pub(crate) work: Vec<DatabaseWork>,
    pub(crate) server: ServerConfig,
    pub(crate) session: Session,
    pub(crate) target: Target,
    pub(crate) globals: GlobalsPlan,
    pub(crate) findings: Vec<Finding>,
    /// Objects that the user may not create or the target cannot have, which the options let pass.
    pub(crate) left_out: Vec<Skipped>,
    /// Unreadable parts of the archive, which are not restored (`--skip-damaged`).
    pub(crate) damaged: Vec<Skipped>,
    /// The lock of the databases: nothing is done without it.
    pub(crate) lock: Lock,
}

/// The facts known before the target's databases are looked at.
struct Read {
    source: Source,
    contents: Contents,
    filters: Filters,
    /// What the user named and the archive does not hold.
    unknown: Vec<String>,
}

/// Reads the archive's tables of contents, locks the target's databases, asks the server, and compares.
pub(crate) async fn begin(
    server: &ServerConfig,
    store: &Store,
    options: &RestoreOptions,
    intent: Intent,
    monitor: &Monitor,
) -> Result<Begun, Error> {
    options.check()?;
    monitor.event(Event::Phase(Phase::Schema));
    let source = Source::open(store.clone()).await?;
    let mut damaged = Vec::new();
    let mut contents = Contents::read_whole(&source, options, &mut damaged).await?;
    let mut unknown = roles::map(&mut contents, &source, &options.map_roles).await?;
    let (filters, unknown_names) = plan::filters(&contents, options)?;
    unknown.extend(unknown_names);
    monitor.event(Event::Phase(Phase::Connect));
    let mut session = maintenance_session(server, options, &contents).await?;
    let server = server.pinned_to(&session);
    let lock = match intent {
        Intent::Restore => lock::take(&mut session, &server, &contents, options, monitor).await?,
        Intent::Show => lock::look(&mut session, &contents, options).await?,
    };
    let read = Read {
        source,
        contents,
        filters,
        unknown,
    };
    let begun = match compare(read, server, session, lock.clone(), options).await {
        Ok(begun) => leave_out_damaged(begun, damaged, options, monitor).await,
        error => error,
    };
    if begun.is_err() {
        lock.release().await;
    }
    begun
}

/// `--skip-damaged`: reads everything, unless the restore is refused for another reason. `damaged` has the
/// damage found before.
async fn leave_out_damaged(
    mut begun: Begun,
    damaged: Vec<Skipped>,
    options: &RestoreOptions,
    monitor: &Monitor,
) -> Result<Begun, Error> {
    begun.damaged = damaged;
    let is_refused = |finding: &Finding| finding.severity == Severity::Problem;
    if options.skip_damaged && !begun.findings.iter().any(is_refused) {
        let (contents, work) = (&begun.contents, &mut begun.work);
        let found = damage::leave_out(&begun.source, contents, work, options.jobs, monitor);
        begun.damaged.extend(found.await?);
    }
    Ok(begun)
}

/// Asks the server, and compares its answers with the archive.
async fn compare(
    read: Read,
    server: ServerConfig,
    mut session: Session,
    lock: Lock,
    options: &RestoreOptions,
) -> Result<Begun, Error> {
    let Read {
        source,
        mut contents,
        filters,
        unknown,
    } = read;
    let mut target = Target::look(&mut session, &server, options, &contents).await?;
    target.own_sessions = 1 + lock.sessions();
    let knows = ask_what_it_knows(&mut session, &target).await?;
    let Suited {
        mut work,
        mut findings,
        lacking,
        left_out,
    } = suit(&mut contents, (&target, &knows), options, &filters);
    for (database, work) in contents.databases.iter().zip(&mut work) {
        if options.fills(&database.target) && target.databases.contains_key(&database.target) {
            work.preparation = Preparation::Fill;
        }
    }
    let globals = match &contents.globals {
        Some(toc) => GlobalsPlan::new(toc, &target, options),
        None => GlobalsPlan::default(),
    };
    findings.extend(preflight::check(
        source.server(),
        &contents,
        &work,
        &target,
        options,
    ));
    findings.extend(lacking);
    let archive = source.identity();
    let journals = preflight::check_journals(archive, &contents, &work, &target, options);
    findings.extend(journals);
    if options.resume {
        go_on(&contents, &mut work, &target, options);
    }
    findings.extend(unknown.into_iter().map(Finding::notice));
    Ok(Begun {
        source,
        contents,
        work,
        server,
        session,
        target,
        globals,
        findings,
        left_out,
        damaged: Vec::new(),
        lock,
    })
}

async fn ask_what_it_knows(session: &mut Session, target: &Target) -> Result<Knows, Error> {
    let sql = include_bytes!("sql/parameters.sql");
    let doing = "ask which parameters the target server knows";
    let rows = session
        .query(sql, &[])
        .await
        .map_err(Error::server(doing))?;
    let mut knows = Knows {
        version_num: target.version_num,
        ..Knows::default()
    };
    for row in &rows {
        let name = row.text(0).map_err(Error::server(doing))?;
        knows.parameters.insert(name.into());
        let methods = row.get(1).unwrap_or_default().split(|&byte| byte == b',');
        let methods = methods.filter(|method| !method.is_empty());
        knows.compressions.extend(methods.map(BString::from));
    }
    Ok(knows)
}

/// Leaves out the entries that journals note as done.
fn go_on(
    contents: &Contents,
    work: &mut [DatabaseWork],
    target: &Target,
    options: &RestoreOptions,
) {
    for (database, work) in contents.databases.iter().zip(work) {
        let there = target.databases.get(&database.target);
        let journal = there.and_then(|there| there.journal.as_ref());
        if target.is_complete(&work.plan) {
            work.leave_out_all(journal.is_some());
        } else if let Some(found) = journal {
            work.go_on(database, found, Owners::of(options));
        } else if work.preparation == Preparation::Create && there.is_some() {
            // It was created, and no more.
            work.preparation = Preparation::Resume;
        }
    }
}

impl Begun {
    /// An error if something stands in the way.
    pub(crate) fn stands_in_the_way(&self) -> Result<(), Error> {
        let findings = self.findings.iter();
        let problems = findings.filter(|finding| finding.severity == Severity::Problem);
        let problems: Vec<Finding> = problems.cloned().collect();
        if problems.is_empty() {
            Ok(())
        } else {
            Err(Error::Preflight { problems })
        }
    }

    /// What the user should know; an error if something stands in the way.
    pub(crate) fn notices(&mut self, monitor: &Monitor) -> Result<Vec<String>, Error> {
        self.stands_in_the_way()?;
        let findings = std::mem::take(&mut self.findings);
        let notices: Vec<String> = findings.into_iter().map(|notice| notice.text).collect();
        for notice in &notices {
            monitor.notice(notice);
        }
        Ok(notices)
    }
}
