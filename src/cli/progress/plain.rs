//! Progress as lines of text: a line every ten seconds, one for each phase, notices and problems. Each has
//! the time in front, in UTC, for these lines end up in logs; with `--progress none` and `-q` only notices
//! and problems are left, without it.

use std::io::Write;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chrono::DateTime;

use super::state::{Progress, phase_name};
use super::view::{Verbosity, View};
use crate::cli::screen::colour::{self, Label};
use crate::cli::screen::text;
use crate::monitor::Event;

const LINE_EVERY: Duration = Duration::from_secs(10);

/// Lines on `out`. That a line cannot be written stops nothing.
pub(crate) struct Plain<W> {
    out: W,
    verbosity: Verbosity,
    is_coloured: bool,
    clock: fn() -> SystemTime,
}

impl<W: Write + Send> Plain<W> {
    pub(crate) fn new(out: W, verbosity: Verbosity) -> Self {
        Self {
            out,
            verbosity,
            is_coloured: colour::is_wanted(),
            clock: SystemTime::now,
        }
    }

    fn write(&mut self, text: &str) {
        let stamp = match self.verbosity {
            Verbosity::Quiet => String::new(),
            _ => stamp((self.clock)()),
        };
        // Written at once: lines of this thread and others must not mix.
        let _ = self
            .out
            .write_all(format!("pgark: {stamp}{text}\n").as_bytes());
    }
}

/// `2026-11-26 06:50:12Z `; nothing where the clock is beyond all dates.
fn stamp(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(since.as_secs()).ok();
    let time = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    time.map_or_else(String::new, |time| {
        time.format("%Y-%m-%d %H:%M:%SZ ").to_string()
    })
}

/// The line that an event deserves at this verbosity, the same for lines and bars.
pub(crate) fn line_for(
    event: &Event,
    progress: &Progress,
    (verbosity, is_coloured): (Verbosity, bool),
    now: Duration,
) -> Option<String> {
    let verbose = verbosity >= Verbosity::Verbose;
    let indent = |label: Label, message: &str| {
        let message = text::printable(message.trim_end()).replace('\n', "\n    ");
        format!("{} {message}", label.render(is_coloured))
    };
    match event {
        Event::Notice(message) => Some(indent(Label::Notice, message)),
        Event::Problem(message) => Some(indent(Label::Problem, message)),
        Event::Phase(phase) if verbosity >= Verbosity::Normal => {
            Some(phase_name(*phase).to_owned())
        }
        Event::Started { worker, .. } if verbose => {
            let task = progress.workers().find(|(number, _)| number == worker)?.1;
            Some(format!("worker {worker} begins {}", task.subject))
        }
        Event::Finished { worker } if verbose => {
            let task = progress.ended(*worker)?;
            Some(format!(
                "worker {worker} is done with {}",
                task.describe(now)
            ))
        }
        _ => None,
    }
}

impl<W: Write + Send> View for Plain<W> {
    fn event(&mut self, event: &Event, progress: &Progress, now: Duration) {
        if let Some(line) = line_for(event, progress, (self.verbosity, self.is_coloured), now) {
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
        let mut plain = Plain {
            clock: || UNIX_EPOCH + Duration::from_secs(1_795_675_812),
            is_coloured: false,
            ..Plain::new(Vec::new(), verbosity)
        };
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
        pgark: 2026-11-26 06:50:12Z rows
        pgark: 2026-11-26 06:50:12Z notice: first
            second
        pgark: 2026-11-26 06:50:12Z problem: table is gone
        pgark: 2026-11-26 06:50:12Z 50 %, 102 bytes/s, 11 s left, 1 problem, 1.0 KiB of about 2.0 KiB, 1 of 2 tasks
        ");
    }

    #[test]
    fn verbose_adds_the_tasks_and_quiet_leaves_what_is_missing() {
        insta::assert_snapshot!(lines(Verbosity::Verbose), @r"
        pgark: 2026-11-26 06:50:12Z rows
        pgark: 2026-11-26 06:50:12Z worker 0 begins jobs: public.job
        pgark: 2026-11-26 06:50:12Z notice: first
            second
        pgark: 2026-11-26 06:50:12Z worker 0 is done with jobs: public.job (0 µs, 1.0 KiB)
        pgark: 2026-11-26 06:50:12Z problem: table is gone
        pgark: 2026-11-26 06:50:12Z 50 %, 102 bytes/s, 11 s left, 1 problem, 1.0 KiB of about 2.0 KiB, 1 of 2 tasks
        ");
        insta::assert_snapshot!(lines(Verbosity::Quiet), @r"
        pgark: notice: first
            second
        pgark: problem: table is gone
        ");
    }
}
