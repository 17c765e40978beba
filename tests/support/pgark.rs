//! Runs the pgark program that Cargo built for the tests.

use std::ffi::OsStr;
use std::process::Command;
use std::time::Duration;

use super::cluster::{Cluster, clean_command};
use super::peers;
use super::run::{Finished, Running, TIMEOUT};

/// A call of pgark to be: arguments, environment, input.
pub struct Pgark {
    command: Command,
    stdin: Vec<u8>,
}

impl Pgark {
    /// A call with these arguments, with no `PG*` variable and no terminal.
    pub fn new<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Self {
        let mut command = clean_command(env!("CARGO_BIN_EXE_pgark"));
        command.args(arguments);
        Self {
            command,
            stdin: Vec::new(),
        }
    }

    /// Points it at a server by the `PG*` variables, with a pg_dump in front of PATH that suits that
    /// server's version.
    pub fn at(mut self, cluster: &Cluster) -> Self {
        self.command.envs(cluster.env());
        if let Ok(bin) = peers::client_for(cluster.major()) {
            let path = std::env::var("PATH").unwrap();
            self.command
                .env("PATH", format!("{}:{path}", bin.display()));
        }
        self
    }

    /// One more argument.
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// More arguments.
    pub fn args<S: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.command.args(arguments);
        self
    }

    /// One more variable.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// What it reads on its standard input.
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = bytes.into();
        self
    }

    /// Runs it in a shell after this command, for instance `ulimit -f 2048`.
    pub fn under(self, shell_command: &str) -> Self {
        let mut command = Command::new("bash");
        for (name, value) in self.command.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let script = format!("{shell_command}; exec \"$@\"");
        command.args(["-c", &script, "bash"]);
        command.arg(self.command.get_program());
        command.args(self.command.get_args());
        Self { command, ..self }
    }

    /// Starts it, for tests that signal it or look while it works.
    #[track_caller]
    pub fn start(mut self) -> Running {
        Running::start(&mut self.command, &self.stdin)
    }

    /// Runs it to its end.
    #[track_caller]
    pub fn run(self) -> Finished {
        self.run_for(TIMEOUT)
    }

    /// Runs it to its end, which must come within `timeout`.
    #[track_caller]
    pub fn run_for(self, timeout: Duration) -> Finished {
        self.start().finish(timeout)
    }
}
