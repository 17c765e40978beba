//! `pgark inspect`: one call, its description printed.

use std::num::NonZeroUsize;

use crate::cli::args::InspectArgs;
use crate::cli::run::Run;
use crate::cli::screen::output;
use crate::cli::screen::report::{Exit, Failure, OperationError};
use crate::inspect::{self, Depth, InspectOptions};

/// Runs `pgark inspect`.
pub(crate) fn run(args: &InspectArgs) -> Result<Exit, Failure> {
    let mut run = Run::new(&args.output)?;
    let store = run.archive(&args.archive, &args.pace)?;
    let options = InspectOptions {
        depth: if args.list {
            Depth::Contents
        } else {
            Depth::Summary
        },
    };
    run.listen()?;
    let monitor = run.monitor.clone();
    let description = run.finish(
        NonZeroUsize::MIN,
        inspect::inspect(&store, &options, &monitor),
    )?;
    run.say_reads(&store, &args.output);
    let description = description.map_err(|error| run.failure(&error))?;
    if args.list {
        output::print_bytes(&description.list())?;
    } else if args.json {
        let json = description
            .json()
            .map_err(|error| Failure::of(Exit::Failed, &error))?;
        output::print(&json)?;
    } else {
        output::print(&description.summary())?;
    }
    Ok(Exit::Done)
}

impl OperationError for inspect::Error {
    fn exit(&self) -> Exit {
        match self {
            Self::Source(error) if error.is_damage() => Exit::Damaged,
            Self::Source(_) => Exit::Failed,
            Self::Toc { .. } => Exit::Damaged,
            Self::Interrupted => Exit::Interrupted,
        }
    }

    fn hint(&self) -> Option<String> {
        self.hint()
    }
}
