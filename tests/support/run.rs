//! Runs a program to its end with a time limit and collects what it said.

use std::io::{Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use bstr::ByteSlice;

/// How long a program of a test may take before it counts as hanging.
pub const TIMEOUT: Duration = Duration::from_secs(300);

/// A program that ended.
#[derive(Debug)]
pub struct Finished {
    /// The command line, for messages.
    pub command: String,
    /// How it ended.
    pub status: ExitStatus,
    /// Its whole standard output.
    pub stdout: Vec<u8>,
    /// Its whole standard error.
    pub stderr: Vec<u8>,
}

impl Finished {
    /// Standard error as text, for searching.
    pub fn stderr(&self) -> String {
        self.stderr.to_str_lossy().into_owned()
    }

    /// Standard output as text, for searching.
    pub fn stdout(&self) -> String {
        self.stdout.to_str_lossy().into_owned()
    }

    /// Demands exit status 0.
    #[track_caller]
    pub fn success(self) -> Self {
        self.code(0)
    }

    /// Demands this exit status.
    #[track_caller]
    pub fn code(self, expected: i32) -> Self {
        assert!(
            self.status.code() == Some(expected),
            "expected exit status {expected}, got {}\n{}",
            self.status,
            self.describe()
        );
        self
    }

    /// Everything about it, for a failure message; long output is cut in the middle.
    pub fn describe(&self) -> String {
        format!(
            "$ {}\n--- stdout\n{}\n--- stderr\n{}",
            self.command,
            shorten(&self.stdout()),
            shorten(&self.stderr())
        )
    }
}

fn shorten(text: &str) -> String {
    const KEPT_CHARS: usize = 4000;
    let count = text.chars().count();
    if count <= 2 * KEPT_CHARS {
        return text.to_owned();
    }
    let head: String = text.chars().take(KEPT_CHARS).collect();
    let tail: String = text.chars().skip(count - KEPT_CHARS).collect();
    format!("{head}\n[...]\n{tail}")
}

/// Runs `command` with `stdin` as its input, for at most [`TIMEOUT`].
#[track_caller]
pub fn run(command: &mut Command, stdin: &[u8]) -> Finished {
    Running::start(command, stdin).finish(TIMEOUT)
}

/// A program that runs, with its output being collected meanwhile, so that no pipe fills up.
pub struct Running {
    command: String,
    child: Child,
    stdout: thread::JoinHandle<()>,
    stderr: thread::JoinHandle<()>,
    output: [Arc<Mutex<Vec<u8>>>; 2],
}

impl Running {
    /// Starts `command`; `stdin` is written to it and then closed.
    #[track_caller]
    pub fn start(command: &mut Command, stdin: &[u8]) -> Self {
        let text = format!("{command:?}");
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {text}: {error}"));
        let mut input = child.stdin.take().unwrap();
        let stdin = stdin.to_vec();
        // A program may end without reading its input: that is its own affair.
        thread::spawn(move || drop(input.write_all(&stdin)));
        let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let output: [Arc<Mutex<Vec<u8>>>; 2] = Default::default();
        let [of_stdout, of_stderr] = output.clone();
        Self {
            command: text,
            child,
            stdout: thread::spawn(move || collect(stdout, &of_stdout)),
            stderr: thread::spawn(move || collect(stderr, &of_stderr)),
            output,
        }
    }

    /// How often this stands in its standard error so far.
    pub fn said(&self, text: &str) -> usize {
        self.output[1].lock().unwrap().find_iter(text).count()
    }

    /// Its process id, for signals.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by its name, for instance `INT` or `KILL`.
    pub fn signal(&self, name: &str) {
        let id = self.id().to_string();
        let status = Command::new("kill").args(["-s", name, &id]).status();
        assert!(status.unwrap().success(), "kill -s {name} {id}");
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits for its end; kills it and fails the test after `timeout`.
    #[track_caller]
    pub fn finish(mut self, timeout: Duration) -> Finished {
        let deadline = Instant::now() + timeout;
        let mut late = false;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if !late && Instant::now() > deadline {
                late = true;
                self.child.kill().unwrap();
            }
            thread::sleep(Duration::from_millis(5));
        };
        self.stdout.join().unwrap();
        self.stderr.join().unwrap();
        let [stdout, stderr] = self
            .output
            .map(|output| std::mem::take(&mut *output.lock().unwrap()));
        let finished = Finished {
            command: self.command,
            status,
            stdout,
            stderr,
        };
        assert!(
            !late,
            "still running after {timeout:?}\n{}",
            finished.describe()
        );
        finished
    }
}

fn collect(mut pipe: impl Read, output: &Mutex<Vec<u8>>) {
    let mut buffer = [0; 1 << 16];
    loop {
        match pipe.read(&mut buffer).unwrap() {
            0 => return,
            count => output.lock().unwrap().extend_from_slice(&buffer[..count]),
        }
    }
}
