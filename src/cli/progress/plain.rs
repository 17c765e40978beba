//! Progress as lines of text: a line every ten seconds, one for each phase, notices and problems.

use std::io::Write;
use std::time::Duration;

use super::state::{Progress, phase_name};
use super::{Verbosity, View};
use crate::cli::text;
use crate::monitor::Event;

const LINE_EVERY: Duration = Duration::from_secs(10);

/// Lines on `out`. That a line cannot be written stops nothing.
pub(super) struct Plain<W> {
    out: W,
    verbosity: Verbosity,
}

impl<W: Write + Send> Plain<W> {
    pub(super) fn new(out: W, verbosity: Verbosity) -> Self {
        Self { out, verbosity }
    }

    fn write(&mut self, text: &str) {
        let _ = writeln!(self.out, "pgark: {text}");
    }
}

/// The line that an event deserves at this verbosity, the same for lines and bars.
pub(super) fn line_for(event: &Event, progress: &Progress, verbosity: Verbosity) -> Option<String> {
    let verbose = verbosity >= Verbosity::Verbose;
    let indent = |label: &str, message: &str| {
        let message = text::printable(message.trim_end()).replace('\n', "\n    ");
        format!("{label}: {message}")
    };
    match event {
        Event::Notice(message) => Some(indent("notice", message)),
        Event::Problem(message) => Some(indent("problem", message)),
        Event::Phase(phase) if verbosity >= Verbosity::Normal => {
            Some(phase_name(*phase).to_owned())
        }
        Event::Started { worker, .. } if verbose => {
            let task = progress.workers().find(|(number, _)| number == worker)?.1;
            Some(format!("worker {worker} begins {}", task.subject))
        }
        Event::Finished { worker } if verbose => Some(format!("worker {worker} is done")),
        _ => None,
    }
}

impl<W: Write + Send> View for Plain<W> {
    fn event(&mut self, event: &Event, progress: &Progress, _now: Duration) {
        if let Some(line) = line_for(event, progress, self.verbosity) {
            self.write(&line);
        }
    }

    fn tick(&mut self, progress: &Progress, now: Duration) {
        let summary = progress.summary(now);
        if self.verbosity >= Verbosity::Normal && !summary.is_empty() {
            self.write(&summary);
        }
    }

    fn interval(&self) -> Duration {
        LINE_EVERY
    }

    fn line(&mut self, text: &str, _now: Duration) {
        self.write(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::Phase;

    fn lines(verbosity: Verbosity) -> String {
        let mut plain = Plain::new(Vec::new(), verbosity);
        let mut progress = Progress::default();
        let subject = "jobs: public.job".to_owned();
        let events = [
            Event::Phase(Phase::Data),
            Event::Total {
                tasks: 2,
                bytes: 2048,
            },
            Event::Started { worker: 0, subject },
            Event::Advanced {
                worker: 0,
                bytes: 1024,
                rows: 9,
            },
            Event::Notice("first\nsecond".into()),
            Event::Finished { worker: 0 },
            Event::Problem("table is gone".into()),
        ];
        for event in events {
            let now = Duration::from_secs(1);
            progress.apply(&event, now);
            plain.event(&event, &progress, now);
        }
        plain.tick(&progress, Duration::from_secs(11));
        String::from_utf8(plain.out).unwrap()
    }

    #[test]
    fn phases_notices_problems_and_a_line_at_times() {
        insta::assert_snapshot!(lines(Verbosity::Normal), @r"
        pgark: rows
        pgark: notice: first
            second
        pgark: problem: table is gone
        pgark: 50 %, 102 bytes/s, 11 s left, 1 problem, 1.0 KiB of about 2.0 KiB, 1 of 2 tasks
        ");
    }

    #[test]
    fn verbose_adds_the_tasks_and_quiet_leaves_what_is_missing() {
        insta::assert_snapshot!(lines(Verbosity::Verbose), @r"
        pgark: rows
        pgark: worker 0 begins jobs: public.job
        pgark: notice: first
            second
        pgark: worker 0 is done
        pgark: problem: table is gone
        pgark: 50 %, 102 bytes/s, 11 s left, 1 problem, 1.0 KiB of about 2.0 KiB, 1 of 2 tasks
        ");
        insta::assert_snapshot!(lines(Verbosity::Quiet), @r"
        pgark: notice: first
            second
        pgark: problem: table is gone
        ");
    }
}
