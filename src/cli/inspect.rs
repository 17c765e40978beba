//! `pgark inspect`: one call, its description printed.

use std::num::NonZeroUsize;

use super::args::InspectArgs;
use super::output;
use super::report::{Exit, Failure, OperationError};
use super::run::Run;
use crate::inspect::{self, Depth, InspectOptions};

/// Runs `pgark inspect`.
pub(super) fn run(args: &InspectArgs) -> Result<Exit, Failure> {
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
