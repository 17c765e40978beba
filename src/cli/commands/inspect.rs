//! `pgark inspect`: one call, its description printed.

use std::io::ErrorKind;
use std::num::NonZeroUsize;

use crate::cli::args::{InspectArgs, RowFormat};
use crate::cli::run::Run;
use crate::cli::screen::output;
use crate::cli::screen::report::{Exit, Failure, OperationError};
use crate::inspect::copy_text::Format;
use crate::inspect::{self, Depth, InspectOptions, ObjectName, RowsOptions};
use crate::storage::{Location, Store};

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
    if let Some(name) = &args.sql {
        run.listen()?;
        let sql = run.finish(NonZeroUsize::MIN, inspect::sql(&store, name))?;
        run.say_reads(&store, &args.output);
        output::print_bytes(&sql.map_err(|error| run.failure(&error))?)?;
        return Ok(Exit::Done);
    }
    if let Some(table) = &args.rows {
        return rows(args, table, &store, run);
    }
    if let Some(other) = &args.diff {
        return diff(args, other, &store, run);
    }
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

/// As `diff` does, status 1 says that something differs.
fn diff(
    args: &InspectArgs,
    other: &Location,
    store: &Store,
    mut run: Run,
) -> Result<Exit, Failure> {
    let second = run.archive(other, &args.pace)?;
    run.listen()?;
    let monitor = run.monitor.clone();
    let found = inspect::diff(store, &second, &monitor);
    let found = run.finish(NonZeroUsize::MIN, found)?;
    run.say_reads(store, &args.output);
    let found = found.map_err(|error| run.failure(&error))?;
    if args.json {
        output::print_json(&found.to_json())?;
    } else if !args.output.quiet {
        output::print(&found.to_string())?;
    }
    Ok(if found.is_empty() {
        Exit::Done
    } else {
        Exit::Failed
    })
}

/// Rows are printed as they are read.
fn rows(
    args: &InspectArgs,
    table: &ObjectName,
    store: &Store,
    mut run: Run,
) -> Result<Exit, Failure> {
    let options = RowsOptions {
        table: table.clone(),
        format: match args.format {
            RowFormat::Copy => Format::Copy,
            RowFormat::Csv => Format::Csv,
            RowFormat::Jsonl => Format::JsonLines,
        },
        limit: args.limit,
    };
    run.listen()?;
    let monitor = run.monitor.clone();
    let mut lines = output::Lines::new();
    let mut write = |line: &[u8]| lines.write(line);
    let printed = inspect::rows(store, &options, &mut write, &monitor);
    let printed = run.finish(NonZeroUsize::MIN, printed)?;
    let printed = printed.and_then(|()| lines.end().map_err(inspect::Error::Write));
    run.say_reads(store, &args.output);
    match printed {
        // Its reader has seen enough.
        Err(inspect::Error::Write(error)) if error.kind() == ErrorKind::BrokenPipe => {
            Ok(Exit::Done)
        }
        Err(error) => Err(run.failure(&error)),
        Ok(()) => Ok(Exit::Done),
    }
}

impl OperationError for inspect::Error {
    fn exit(&self) -> Exit {
        match self {
            Self::Source(error) if error.is_damage() => Exit::Damaged,
            Self::Source(_) => Exit::Failed,
            Self::Toc { .. } | Self::LongRow { .. } => Exit::Damaged,
            Self::WhichDatabase { .. }
            | Self::WhichSchema { .. }
            | Self::NotOurs { .. }
            | Self::NoObject { .. }
            | Self::NoRows { .. }
            | Self::NoCopy { .. }
            | Self::NotUtf8 { .. }
            | Self::Write(_) => Exit::Failed,
            Self::Interrupted => Exit::Interrupted,
        }
    }

    fn hint(&self) -> Option<String> {
        self.hint()
    }
}
