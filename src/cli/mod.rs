//! The command line: arguments, terminal, results, exit statuses. The only layer that prints, reads
//! the environment or ends the process.
//!
//! Reading order: [`args`] is what the user typed; one file per subcommand turns it into an
//! operation's options, calls the operation and prints its outcome; [`report`] prints errors and
//! holds the exit statuses; [`progress`] shows events.

mod again;
mod args;
mod colour;
mod compare;
mod connection;
mod dump;
mod environment;
mod inspect;
mod output;
mod pipes;
mod programs;
mod progress;
mod report;
mod restore;
mod run;
mod signals;
mod summary;
mod swapped;
mod text;
mod verify;

use std::process::ExitCode;

use args::{Command, ProgressChoice, Request};
use report::{Exit, Failure};

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
    match command {
        Command::Dump(args) => dump::run(args),
        Command::Inspect(args) => inspect::run(args),
        Command::Verify(args) => verify::run(args),
        Command::Restore(args) => restore::run(args),
    }
}
