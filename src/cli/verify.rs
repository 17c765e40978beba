//! `pgark verify`: arguments to options, one call, the verdict printed.

use super::args::VerifyArgs;
use super::output;
use super::report::{Exit, Failure, OperationError};
use super::run::Run;
use crate::verify::{self, Mode, Verdict, VerifyOptions, VerifyOutcome, render};

/// Runs `pgark verify`.
pub(super) fn run(args: &VerifyArgs) -> Result<Exit, Failure> {
    let mut run = Run::new(&args.output)?;
    // a location that cannot be an archive cannot be verified either
    let store = run.store(&args.archive).map_err(|failure| Failure {
        exit: Exit::Unverified,
        ..failure
    })?;
    let jobs = args.jobs.number();
    let options = VerifyOptions {
        mode: match (args.quick, args.deep) {
            (true, _) => Mode::Quick,
            (_, true) => Mode::Deep,
            _ => Mode::Full,
        },
        jobs: jobs.get(),
        digest: args.digest,
    };
    run.listen()?;
    let monitor = run.monitor.clone();
    let outcome = run.finish(jobs, verify::verify(&store, &options, &monitor))?;
    let outcome = outcome.map_err(|error| run.failure(&error))?;
    print(args, &outcome)?;
    judge(&outcome)
}

fn print(args: &VerifyArgs, outcome: &VerifyOutcome) -> Result<(), Failure> {
    if args.json {
        let json = render::json(outcome).map_err(|error| Failure::of(Exit::Failed, &error))?;
        return output::print(&json);
    }
    if args.output.quiet && matches!(outcome.verdict, Verdict::Whole) {
        return Ok(());
    }
    output::print(&render::text(outcome))
}

/// The verdict is on standard output with all findings; that it is bad is on standard error too.
fn judge(outcome: &VerifyOutcome) -> Result<Exit, Failure> {
    let location = &outcome.location;
    let failure = match &outcome.verdict {
        Verdict::Whole => return Ok(Exit::Done),
        Verdict::Damaged { .. } => {
            Failure::new(Exit::Damaged, format!("\"{location}\" is damaged"))
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
