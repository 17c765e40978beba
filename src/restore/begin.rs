//! Before anything is done: the archive read, the target looked at, and the two compared.
//!
//! Reads only. [`Begun`] is what comes of it, with everything that the rest of a restore works from.

use std::collections::HashSet;
use std::time::Duration;

use bstr::BString;

use super::contents::Contents;
use super::error::Error;
use super::globals::GlobalsPlan;
use super::leave_out::leave_out;
use super::names::Filters;
use super::options::RestoreOptions;
use super::outcome::Skipped;
use super::plan::{self, DatabaseWork, Preparation};
use super::preflight::{self, Finding, Severity, Target, forbidden};
use super::retry::Pauses;
use super::statements::Owners;
use super::{journal, older, plain_user, roles};
use crate::digest::Sha256;
use crate::monitor::{Event, Monitor, Phase};
use crate::pg::{ServerConfig, Session};
use crate::source::Source;
use crate::storage::Store;

/// How often it is asked whether another restore is at work, and the first pause between.
const LOCK_TRIES: u32 = 8;
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// A restore that has looked and not touched.
pub(super) struct Begun {
    pub(super) source: Source,
    pub(super) contents: Contents,
    pub(super) work: Vec<DatabaseWork>,
    pub(super) server: ServerConfig,
    pub(super) session: Session,
    pub(super) target: Target,
    pub(super) globals: GlobalsPlan,
    pub(super) findings: Vec<Finding>,
    /// What the user may not do and does not want to be told of as a problem.
    pub(super) left_out: Vec<Skipped>,
}

/// Reads the archive's tables of contents, asks the target, and compares.
pub(super) async fn begin(
    server: &ServerConfig,
    store: &Store,
    options: &RestoreOptions,
    monitor: &Monitor,
) -> Result<Begun, Error> {
    options.check()?;
    monitor.event(Event::Phase(Phase::Schema));
    let source = Source::open(store.clone()).await?;
    let mut contents = Contents::read(&source, options).await?;
    let mut unknown = roles::map(&mut contents, &source, &options.map_roles).await?;
    let (filters, unknown_names) = plan::filters(&contents, options)?;
    unknown.extend(unknown_names);
    monitor.event(Event::Phase(Phase::Connect));
    let mut session = preflight::maintenance_session(server, options, &contents).await?;
    let server = server.pinned_to(&session);
    lock(&mut session, &contents, options).await?;
    let target = Target::look(&mut session, &server, options, &contents).await?;
    let mut findings = Vec::new();
    if source.server().version_num / 10_000 > target.version_num / 10_000 {
        let parameters = target_parameters(&mut session).await?;
        let lost = older::fit(&mut contents, target.version_num, &parameters);
        findings.extend(lost.into_iter().map(Finding::notice));
    }
    let mut work = database_work(&contents, options, &filters);
    let mut left_out = Vec::new();
    if !target.is_superuser {
        let suited = suit_user(&mut contents, &work, &target, options);
        findings.extend(suited.0);
        left_out = suited.1;
        let plans: Vec<Sha256> = work.iter().map(|work| work.plan).collect();
        work = database_work(&contents, options, &filters);
        // A journal belongs to what was asked for: what the user may do can change on the way.
        for (work, plan) in work.iter_mut().zip(plans) {
            work.plan = plan;
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
    })
}

/// Says which databases are being restored. To go on beside the restore that keeps the journal would be to
/// do its work twice; what is in the way of others, the journal shows.
async fn lock(
    session: &mut Session,
    contents: &Contents,
    options: &RestoreOptions,
) -> Result<(), Error> {
    for database in &contents.databases {
        let mut pauses = Pauses::new(LOCK_PAUSE);
        for last in (0..LOCK_TRIES).rev() {
            let locked = journal::store::lock(session, &database.target).await;
            let is_free =
                locked.map_err(Error::server("ask whether another restore is at work"))?;
            if is_free || !options.resume {
                break;
            }
            if last == 0 {
                let text = format!(
                    "database \"{}\" is being restored by another call",
                    database.target
                );
                let problem = Finding::problem(text, "Wait for its end, or end it.");
                return Err(Error::Preflight {
                    problems: vec![problem],
                });
            }
            // Of one that was killed the server may know in a moment.
            tokio::time::sleep(pauses.next()).await;
        }
    }
    Ok(())
}

/// Makes of the contents what a user that is no superuser can restore.
fn suit_user(
    contents: &mut Contents,
    work: &[DatabaseWork],
    target: &Target,
    options: &RestoreOptions,
) -> (Vec<Finding>, Vec<Skipped>) {
    let found = forbidden::find(contents, work, target, options);
    let findings = forbidden::findings(&found, contents, target, options);
    let left_out = match options.skip_forbidden {
        true => leave_out(contents, work, &found),
        false => Vec::new(),
    };
    plain_user::adapt(contents, options.role.as_ref());
    plain_user::order_row_security(contents);
    (findings, left_out)
}

async fn target_parameters(session: &mut Session) -> Result<HashSet<BString>, Error> {
    let sql = include_bytes!("sql/target_parameters.sql");
    let rows = session.query(sql, &[]).await;
    let names = rows.and_then(|rows| rows.iter().map(|row| Ok(row.text(0)?.into())).collect());
    names.map_err(Error::server(
        "ask which parameters the target server knows",
    ))
}

fn database_work(
    contents: &Contents,
    options: &RestoreOptions,
    filters: &Filters,
) -> Vec<DatabaseWork> {
    let databases = contents.databases.iter();
    databases
        .map(|database| DatabaseWork::new(database, options, filters))
        .collect()
}

/// Leaves out what journals say is done.
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
    /// What the user should know; an error if something stands in the way.
    pub(super) fn notices(&mut self, monitor: &Monitor) -> Result<Vec<String>, Error> {
        let findings = std::mem::take(&mut self.findings);
        let is_problem = |finding: &Finding| finding.severity == Severity::Problem;
        let (problems, notices): (Vec<_>, Vec<_>) = findings.into_iter().partition(is_problem);
        if !problems.is_empty() {
            return Err(Error::Preflight { problems });
        }
        let notices: Vec<String> = notices.into_iter().map(|notice| notice.text).collect();
        for notice in &notices {
            monitor.notice(notice);
        }
        Ok(notices)
    }
}
