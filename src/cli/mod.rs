//! The command line: arguments, terminal, results, exit statuses. The only layer that prints, reads
//! the environment or ends the process.
//!
//! The rooms. Files of one import rooms of lower floors only:
//!
//! ```text
//! 5  commands        one file per subcommand
//! 4  run             an operation under signals, with progress
//! 4  aftermath       who is told of its end
//! 3  surroundings    environment, pipes, other programs, signals
//! 2  progress        events as bars, lines or JSON
//! 1  args            what the user typed
//! 0  screen          outcomes and errors in words
//! ```

mod aftermath;
mod args;
mod commands;
mod progress;
mod run;
mod screen;
mod surroundings;

use std::process::ExitCode;

use aftermath::Aftermath;
use args::{Command, ProgressChoice, Request};
use commands::{dump, inspect, restore, verify};
use screen::report::{Exit, Failure};
use screen::{output, report};

/// The definition of the command line, for manual pages and completions.
pub fn command() -> clap::Command {
    args::definition()
}

/// Runs the program and returns its exit status.
pub fn main() -> ExitCode {
    let (result, json) = match args::parse(std::env::args_os()) {
        Ok(Request::Run(command)) => {
            let json = command.output().progress == ProgressChoice::Json;
            (run(&command), json)
        }
        Ok(Request::Print(text)) => (output::print(&text).map(|()| Exit::Done), false),
        Ok(Request::Nothing(help)) => {
            let printed = output::print_aside(&format!("{help}\n"));
            // A script whose command is an empty variable must not take this for a success.
            let failure = Failure::usage("no command is given");
            (printed.and(Err(failure)), false)
        }
        Err(failure) => (Err(failure), false),
    };
    let exit = result.unwrap_or_else(|failure| {
        report::print(&failure, json);
        failure.exit
    });
    exit.into()
}

fn run(command: &Command) -> Result<Exit, Failure> {
    let begin = Aftermath::new;
    match command {
        Command::Dump(args) => {
            let after = begin("dump", &args.file, &args.after);
            after.told(|after| dump::run(args, after))
        }
        Command::Inspect(args) => inspect::run(args),
        Command::Verify(args) => {
            let after = begin("verify", &args.archive, &args.after);
            after.told(|after| verify::run(args, after))
        }
        Command::Restore(args) => {
            let after = begin("restore", &args.archive, &args.after);
            after.told(|after| restore::run(args, after))
        }
    }
}
