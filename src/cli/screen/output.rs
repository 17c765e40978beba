//! Standard output: results, and nothing else.
//!
//! A reader that goes away (`| head`) is not an error: the rest is not printed, and the exit status does not
//! change. Any other failure to write is an error, for a result was lost.

use std::io::{self, IsTerminal as _, Write};

use super::report::{Exit, Failure};
use super::text::printable;

/// Prints a text as it is, or made harmless where a terminal reads it.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let stdout = io::stdout();
    let harmless = if stdout.is_terminal() {
        printable(text)
    } else {
        text.into()
    };
    write(stdout.lock(), harmless.as_bytes())
}

/// Prints a text to standard error, where standard output has something else in it.
pub(crate) fn print_aside(text: &str) -> Result<(), Failure> {
    let harmless = printable(text);
    let mut out = io::stderr().lock();
    // Nowhere is left to say that standard error is gone.
    let _ = out
        .write_all(harmless.as_bytes())
        .and_then(|()| out.flush());
    Ok(())
}

/// The same for text that may not be UTF-8: names from a database are bytes.
pub(crate) fn print_bytes(bytes: &[u8]) -> Result<(), Failure> {
    if io::stdout().is_terminal() {
        return print(&String::from_utf8_lossy(bytes));
    }
    write(io::stdout().lock(), bytes)
}

/// Prints a value as indented JSON and a newline.
pub(crate) fn print_json(value: &serde_json::Value) -> Result<(), Failure> {
    print(&format!("{value:#}\n"))
}

/// Lines that are printed as they come, as they are, or made harmless where a terminal reads them.
pub(crate) struct Lines {
    out: io::BufWriter<io::StdoutLock<'static>>,
    is_terminal: bool,
}

impl Lines {
    /// None yet.
    pub(crate) fn new() -> Self {
        Self {
            out: io::BufWriter::new(io::stdout().lock()),
            is_terminal: io::stdout().is_terminal(),
        }
    }

    /// Prints a line, with its end.
    pub(crate) fn write(&mut self, line: &[u8]) -> io::Result<()> {
        if self.is_terminal {
            let text = String::from_utf8_lossy(line);
            return self.out.write_all(printable(&text).as_bytes());
        }
        self.out.write_all(line)
    }

    /// All lines are printed.
    pub(crate) fn end(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn write(mut out: impl Write, bytes: &[u8]) -> Result<(), Failure> {
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure {
            causes: vec![error.to_string()],
            ..Failure::new(Exit::Failed, "cannot write to standard output")
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Failing(io::ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _bytes: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_left_is_no_error_and_a_full_disk_is_one() {
        assert_eq!(write(Failing(io::ErrorKind::BrokenPipe), b"x"), Ok(()));
        let failure = write(Failing(io::ErrorKind::StorageFull), b"x").unwrap_err();
        assert_eq!(failure.exit, Exit::Failed);
    }
}
