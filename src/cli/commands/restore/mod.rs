//! `pgark restore`: arguments to options, one call, the outcome and all that failed printed.

mod options;
mod patient;
mod place;
mod script;

use bstr::{BString, ByteSlice as _};

use super::swapped;
use crate::cli::aftermath::Aftermath;
use crate::cli::args::{RestoreArgs, again};
use crate::cli::run::Run;
use crate::cli::screen::report::{Exit, Failure, OperationError};
use crate::cli::screen::{output, summary};
use crate::cli::surroundings::programs;
use crate::compare::{self, CompareOptions, Comparison, Pair, SharedGrants};
use crate::monitor::Monitor;
use crate::monitor::units::counted;
use crate::restore::{
    self, DatabaseChoice, DatabaseOutcome, GlobalsChoice, Rehearsal, RestoreOptions,
    RestoreOutcome, RestorePlan,
};
use crate::schema::program::PgDump;
use crate::schema::reader::SchemaReader;
use crate::storage::Store;

/// The outcome.
enum Done {
    Planned(RestorePlan),
    Restored(RestoreOutcome, Option<Compared>),
    Rehearsed(Rehearsal),
}

/// The outcome of reading everything back.
type Compared = Result<Comparison, compare::Error>;

/// Runs `pgark restore`.
pub(crate) fn run(args: &RestoreArgs, after: &Aftermath<'_>) -> Result<Exit, Failure> {
    swapped::refuse(args.archive.shown(), &args.databases, std::env::args_os())?;
    let mut run = Run::new(&args.output)?;
    if args.output_as.list || args.output_as.file.is_some() {
        let store = run.archive(&args.archive, &args.pace)?;
        let options = options::options(args)?;
        return if args.output_as.list {
            script::list(args, &mut run, (&store, &options))
        } else {
            script::script(args, &mut run, (&store, &options))
        };
    }
    let server = run.server(&args.connection, args.dbname.as_deref())?;
    let store = run.archive(&args.archive, &args.pace)?;
    let into = run.named_database(&args.connection, args.dbname.as_deref())?;
    // Files that options name may be pipes; until they are read a signal just ends the process.
    let mut options = options::options(args)?;
    run.listen()?;
    let monitor = run.monitor.clone();
    let pg_dump = programs::pg_dump(None, &run.environment);
    let done = run.finish(options.jobs, async {
        if args.target.rehearse {
            let rehearsal = restore::rehearse(&server, &store, &options, &monitor).await;
            return rehearsal.map(Done::Rehearsed);
        }
        if let Some(into) = into {
            let named = args
                .databases
                .iter()
                .filter(|database| database.target.is_some());
            let are_all_named = !args.databases.is_empty() && named.count() == args.databases.len();
            if !are_all_named {
                name_target(&store, into, &mut options, &monitor).await?;
            }
        }
        if args.dry_run {
            let plan = restore::plan(&server, &store, &options, &monitor).await;
            return plan.map(Done::Planned);
        }
        let outcome = restore::restore(&server, &store, &options, &monitor).await?;
        let compared = if args.target.verify {
            let options = compare_options(&options, &outcome, pg_dump);
            Some(compare::compare(&server, &store, &options, &monitor).await)
        } else {
            None
        };
        Ok(Done::Restored(outcome, compared))
    })?;
    run.say_reads(&store, &args.output);
    match done.map_err(|error| run.failure(&error))? {
        Done::Planned(plan) => print_plan(&plan),
        Done::Rehearsed(rehearsal) => print_rehearsal(args, &rehearsal, &run, after),
        Done::Restored(outcome, compared) => {
            let compared = compared.transpose().map_err(|error| run.failure(&error));
            print(args, &outcome, compared, &run, after)
        }
    }
}

/// The restored part is compared; owners and grants only where they were to be the archive's.
fn compare_options(
    options: &RestoreOptions,
    outcome: &RestoreOutcome,
    pg_dump: PgDump,
) -> CompareOptions {
    let databases = outcome.databases.iter().map(|database| Pair {
        source: database.source.clone(),
        target: database.target.clone(),
        entries: Some(database.wanted.iter().copied().collect()),
        left_out: left_out(outcome, database),
    });
    let owners = options.selection.owners
        && options.role.is_none()
        && options.map_roles.is_empty()
        && !options.skip_forbidden
        && !options.skip_unavailable;
    // Where no grant was to be restored, none is looked for.
    let is_granted = owners && options.selection.privileges && outcome.globals > 0;
    CompareOptions {
        databases: databases.collect(),
        jobs: options.jobs,
        schema_reader: SchemaReader::Catalogs,
        pg_dump,
        owners,
        shared: if is_granted {
            SharedGrants::Tablespaces(outcome.tablespaces.clone())
        } else {
            SharedGrants::Nothing
        },
    }
}

fn left_out(outcome: &RestoreOutcome, database: &DatabaseOutcome) -> u64 {
    let skipped = outcome.skipped.iter();
    skipped
        .filter(|skipped| skipped.database == database.target)
        .count() as u64
}

fn print_rehearsal(
    args: &RestoreArgs,
    rehearsal: &Rehearsal,
    run: &Run,
    after: &Aftermath<'_>,
) -> Result<Exit, Failure> {
    let elapsed = run.display.elapsed();
    let json = summary::rehearse::to_json(&args.archive, rehearsal, elapsed);
    after.keep(&json);
    if args.json {
        output::print_json(&json)?
    } else {
        output::print(&summary::rehearse::render(rehearsal, elapsed))?
    }
    if !rehearsal.left_behind.is_empty() {
        let message = "not everything that the rehearsal made could be dropped";
        return Err(
            Failure::new(Exit::Failed, message).with_hint("See the list, and drop it by hand.")
        );
    }
    if rehearsal.outcome.failures.is_empty() {
        return Ok(Exit::Done);
    }
    let count = summary::restore::failure_count(&rehearsal.outcome.failures);
    Err(Failure::new(
        Exit::Failed,
        format!("the rehearsal finished with {count}"),
    ))
}

fn print_plan(plan: &RestorePlan) -> Result<Exit, Failure> {
    output::print(&summary::plan::render(plan))?;
    if plan.is_possible() {
        return Ok(Exit::Done);
    }
    let message = "the restore would be refused: see the problems in the plan";
    Err(Failure::new(Exit::Failed, message))
}

fn print(
    args: &RestoreArgs,
    outcome: &RestoreOutcome,
    compared: Result<Option<Comparison>, Failure>,
    run: &Run,
    after: &Aftermath<'_>,
) -> Result<Exit, Failure> {
    let elapsed = run.display.elapsed();
    let again = again::resume(std::env::args_os());
    let comparison = compared.as_ref().ok().and_then(Option::as_ref);
    let mut json = summary::restore::to_json(&args.archive, outcome, elapsed, &again);
    json["verify"] = comparison.map(summary::compare::to_json).into();
    after.keep(&json);
    if args.json {
        output::print_json(&json)?;
    } else if !args.output.quiet || !outcome.failures.is_empty() {
        let mut text = summary::restore::render(outcome, elapsed, &again);
        if let Some(comparison) = comparison {
            text = format!("{text}\n{}", summary::compare::render(comparison));
        }
        output::print(&text)?;
    } else {
        output::print(&summary::restore::damaged(outcome))?;
        output::print(&summary::restore::others(outcome))?;
    }
    let judged = compared.and_then(|compared| match compared {
        Some(comparison) => super::compare::judge(&comparison),
        None => Ok(Exit::Done),
    });
    // That something is missing or differs says more than that something failed.
    if let Some(failure) = incomplete(outcome, &again) {
        return Err(failure);
    }
    if outcome.failures.is_empty()
        || matches!(&judged, Err(failure) if failure.exit == Exit::Damaged)
    {
        return judged;
    }
    let count = summary::restore::failure_count(&outcome.failures);
    Err(Failure::new(Exit::Failed, format!("finished with {count}")))
}

/// Why the restore ended before its end, or without all that was wanted, other than by failures of objects.
fn incomplete(outcome: &RestoreOutcome, again: &str) -> Option<Failure> {
    if let Some(full) = &outcome.full {
        let then = if outcome.is_resumable {
            format!("then: {again}")
        } else {
            "start over".to_owned()
        };
        let failure = Failure::new(Exit::Failed, format!("the target's disk is full: {full}"));
        return Some(failure.with_hint(format!("Free space there, {then}")));
    }
    let missing = match outcome.damaged.len() as u64 {
        0 => return None,
        missing => counted(missing, "object is", "objects are"),
    };
    let hint = if outcome.is_resumable {
        format!(
            "With a whole copy of the archive in its place, this adds what is missing: {again}\nWithout one, DROP \
             SCHEMA pgark_restore CASCADE in each database ends the restore."
        )
    } else {
        "They can only come from a whole copy of the archive.".to_owned()
    };
    let message = format!("the archive is damaged: {missing} missing for that reason");
    Some(Failure::new(Exit::Damaged, message).with_hint(hint))
}

/// `-d` without `--create`, as in `pg_restore`: the database restored into, where there is only one.
/// To load (or `--clean`) another one than was named would be the worst of surprises, so several are refused.
async fn name_target(
    store: &Store,
    into: BString,
    options: &mut RestoreOptions,
    monitor: &Monitor,
) -> Result<(), restore::Error> {
    if options.create || options.globals == GlobalsChoice::Only {
        return Ok(());
    }
    // One that is named needs no look into the archive, which costs requests in a store.
    if options.databases.len() != 1 {
        // that it cannot be opened the restore itself says better
        let chosen = tokio::select! {
            chosen = restore::databases(store, options) => chosen,
            () = monitor.interrupted() => return Ok(()),
        };
        let Ok(chosen) = chosen else {
            return Ok(());
        };
        match chosen.as_slice() {
            [only] => options.databases = vec![only.clone()],
            several => return Err(one_for_several(&into, several)),
        }
    }
    if let [only] = options.databases.as_mut_slice()
        && only.target == only.source
        && only.target != into
    {
        let (source, target) = (only.source.as_bstr(), into.as_bstr());
        monitor.notice(format!(
            "database \"{source}\" is restored into \"{target}\", as -d says"
        ));
        only.target = into;
    }
    Ok(())
}

/// How many databases an error names before it only counts.
const NAMED_MAX: usize = 10;

fn one_for_several(into: &BString, several: &[DatabaseChoice]) -> restore::Error {
    let mut names: Vec<String> = several
        .iter()
        .take(NAMED_MAX)
        .map(|choice| format!("\"{}\"", choice.source))
        .collect();
    if several.len() > NAMED_MAX {
        names.push("...".to_owned());
    }
    restore::Error::TargetOfSeveral {
        into: into.clone(),
        count: several.len(),
        names: names.join(", "),
    }
}

impl OperationError for restore::Error {
    fn exit(&self) -> Exit {
        if self.is_interrupted() {
            Exit::Interrupted
        } else if self.is_damage() {
            Exit::Damaged
        } else if self.is_usage() {
            Exit::Usage
        } else {
            Exit::Failed
        }
    }

    fn hint(&self) -> Option<String> {
        self.hint()
    }
}
