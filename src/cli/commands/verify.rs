//! `pgark verify`: arguments to options, one call, the verdict printed.

use std::num::NonZeroUsize;

use crate::cli::aftermath::Aftermath;
use crate::cli::args::VerifyArgs;
use crate::cli::run::Run;
use crate::cli::screen::report::{Exit, Failure, OperationError};
use crate::cli::screen::{output, summary};
use crate::cli::surroundings::{pipes, programs};
use crate::compare::{self, CompareOptions, Comparison, Pair, SharedGrants};
use crate::schema::program::PgDump;
use crate::schema::reader::SchemaReader;
use crate::verify::{self, Mode, Verdict, VerifyOptions, VerifyOutcome, render};

/// Runs `pgark verify`.
pub(crate) fn run(args: &VerifyArgs, after: &Aftermath<'_>) -> Result<Exit, Failure> {
    let mut run = Run::new(&args.output)?;
    if args.archive.is_pipe() {
        return run_on_pipe(args, &mut run, after);
    }
    // a location that cannot be an archive cannot be verified either
    let store = run
        .archive(&args.archive, &args.pace)
        .map_err(|failure| match failure.exit {
            Exit::Usage => failure,
            _ => Failure {
                exit: Exit::Unverified,
                ..failure
            },
        })?;
    let against = match &args.against {
        Some(dbname) => Some(run.server(&args.connection, Some(dbname))?),
        None => None,
    };
    let jobs = args.jobs.number();
    let options = options(args);
    let compare_options = compare_options(args, programs::pg_dump(None, &run.environment));
    run.listen()?;
    let monitor = run.monitor.clone();
    let done = run.finish(jobs, async {
        let outcome = verify::verify(&store, &options, &monitor).await?;
        // A damaged archive, or another one, proves nothing about a server.
        let is_wrong = matches!(
            outcome.verdict,
            Verdict::Damaged { .. } | Verdict::OtherArchive { .. }
        );
        let compared = match against.filter(|_| !is_wrong) {
            Some(server) => {
                Some(compare::compare(&server, &store, &compare_options, &monitor).await)
            }
            None => None,
        };
        Ok::<_, verify::Error>((outcome, compared))
    })?;
    run.say_reads(&store, &args.output);
    let (outcome, compared) = done.map_err(|error| run.failure(&error))?;
    let compared = compared.transpose().map_err(|error| run.failure(&error));
    print(
        args,
        &outcome,
        compared.as_ref().ok().and_then(Option::as_ref),
        after,
    )?;
    let judged = compared.and_then(|compared| match compared {
        Some(comparison) => super::compare::judge(&comparison),
        None => Ok(Exit::Done),
    });
    match judged {
        Ok(_) => judge(&outcome),
        Err(failure) => Err(failure),
    }
}

/// The same for an archive on standard input, which is held against no server.
fn run_on_pipe(args: &VerifyArgs, run: &mut Run, after: &Aftermath<'_>) -> Result<Exit, Failure> {
    let pipe = pipes::standard_input(&args.pace)?;
    let options = options(args);
    run.listen()?;
    let monitor = run.monitor.clone();
    // It comes in one order, and is read in it by one worker.
    let verify = verify::verify_pipe(pipe, &options, &monitor);
    let outcome = run.finish(NonZeroUsize::MIN, verify)?;
    let outcome = outcome.map_err(|error| run.failure(&error))?;
    print(args, &outcome, None, after)?;
    judge(&outcome)
}

fn options(args: &VerifyArgs) -> VerifyOptions {
    VerifyOptions {
        mode: match (args.quick, args.deep) {
            (true, _) => Mode::Quick,
            (_, true) => Mode::Deep,
            _ => Mode::Full,
        },
        jobs: args.jobs.number().get(),
        digest: args.digest,
    }
}

fn compare_options(args: &VerifyArgs, pg_dump: PgDump) -> CompareOptions {
    let databases = args.databases.iter().map(|database| Pair {
        source: database.source.clone(),
        target: database.target().clone(),
        entries: None,
        left_out: 0,
    });
    CompareOptions {
        databases: databases.collect(),
        jobs: args.jobs.number(),
        schema_reader: SchemaReader::Catalogs,
        pg_dump,
        owners: true,
        shared: SharedGrants::All,
    }
}

fn print(
    args: &VerifyArgs,
    outcome: &VerifyOutcome,
    comparison: Option<&Comparison>,
    after: &Aftermath<'_>,
) -> Result<(), Failure> {
    let text = render::json(outcome).map_err(|error| Failure::of(Exit::Failed, &error))?;
    let mut json: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| Failure::of(Exit::Failed, &error))?;
    if let Some(comparison) = comparison {
        json["against"] = summary::compare::to_json(comparison);
    }
    after.keep(&json);
    if args.json {
        return match comparison {
            Some(_) => output::print_json(&json),
            None => output::print(&text),
        };
    }
    let is_equal =
        comparison.is_none_or(|comparison| comparison.verdict() == compare::Verdict::Equal);
    if args.output.quiet && matches!(outcome.verdict, Verdict::Whole) && is_equal {
        return Ok(());
    }
    let compared = comparison.map(summary::compare::render).unwrap_or_default();
    output::print(&(render::text(outcome) + &compared))
}

/// The verdict is on standard output with all findings; that it is bad is on standard error too.
fn judge(outcome: &VerifyOutcome) -> Result<Exit, Failure> {
    let location = &outcome.location;
    let failure = match &outcome.verdict {
        Verdict::Whole => return Ok(Exit::Done),
        Verdict::Damaged { .. } => {
            Failure::new(Exit::Damaged, format!("\"{location}\" is damaged"))
        }
        Verdict::OtherArchive { demanded } => {
            let message =
                format!("\"{location}\" is whole, and not the archive with digest {demanded}");
            Failure::new(Exit::Damaged, message)
        }
        Verdict::NotVerifiable { .. } => {
            let message = format!("\"{location}\" could not be verified");
            Failure::new(Exit::Unverified, message)
        }
    };
    Err(failure.with_hint_if(outcome.hint()))
}

impl OperationError for verify::Error {
    fn exit(&self) -> Exit {
        match self {
            Self::Interrupted => Exit::Interrupted,
            Self::Worker(_) => Exit::Unverified,
        }
    }

    fn hint(&self) -> Option<String> {
        None
    }
}
