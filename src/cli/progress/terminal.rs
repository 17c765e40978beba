//! Progress on a terminal: one bar for the whole, below it a line per worker.
//!
//! Bars are redrawn by the ticker from the state, ten times a second at most, so that a step of a
//! worker costs no drawing. Lines (phases, notices, problems) are printed above the bars.

use std::time::Duration;

use console::Term;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::plain::line_for;
use super::state::{Progress, Worker, phase_name};
use super::view::{Verbosity, View};
use crate::cli::screen::{colour, text};
use crate::monitor::{Event, units};

const REDRAW_EVERY: Duration = Duration::from_millis(100);
const REDRAW_HERTZ: u8 = 10;

/// More workers than this would fill the screen; the bar still counts the work of all.
const WORKER_LINES_MAX: usize = 16;

/// The bar's own line, and one for what is printed above it.
const OTHER_LINES: usize = 2;

/// The symbol in front of the words on the bar's line.
const BAR_COLUMNS: usize = "* [========================] ".len();

/// The bar's length inside: a thousand steps look smooth at any width.
const STEPS: u64 = 1000;

/// Bars on standard error.
pub(crate) struct Terminal {
    verbosity: Verbosity,
    is_coloured: bool,
    bars: MultiProgress,
    whole: ProgressBar,
    workers: Vec<ProgressBar>,
}

/// A template of ours that indicatif does not take would only cost the looks.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
}

impl Terminal {
    pub(crate) fn new(verbosity: Verbosity) -> Self {
        let target = ProgressDrawTarget::stderr_with_hz(REDRAW_HERTZ);
        let bars = MultiProgress::with_draw_target(target);
        let whole = bars.add(ProgressBar::new(STEPS));
        whole.set_style(style("{spinner} {wide_msg}"));
        Self {
            verbosity,
            is_coloured: colour::is_wanted(),
            bars,
            whole,
            workers: Vec::new(),
        }
    }

    fn write(&self, text: &str) {
        let _ = self.bars.println(format!("pgark: {text}"));
    }

    fn draw_whole(&self, progress: &Progress, now: Duration) {
        let phase = progress.phase().map_or("starting", phase_name);
        let end = format!(" ({phase})");
        let room = size().0.saturating_sub(BAR_COLUMNS);
        let summary = progress.summary_within(now, room.saturating_sub(end.len()));
        if summary.is_empty() {
            self.whole
                .set_message(format!("{phase} ({})", text::duration(now)));
        } else {
            self.whole
                .set_style(style("{spinner} [{bar:24}] {wide_msg}"));
            self.whole.set_position(steps_done(progress));
            self.whole.set_message(summary + &end);
        }
        self.whole.tick();
    }

    fn draw_workers(&mut self, progress: &Progress, now: Duration) {
        let room = size().1.saturating_sub(OTHER_LINES);
        let lines = worker_lines(progress, now, room.clamp(1, WORKER_LINES_MAX));
        while self.workers.len() < lines.len() {
            let line = self.bars.add(ProgressBar::new(0));
            line.set_style(style("  {wide_msg}"));
            self.workers.push(line);
        }
        // a line once used stays, empty: bars that come and go make the screen jump
        for (index, bar) in self.workers.iter().enumerate() {
            bar.set_message(lines.get(index).cloned().unwrap_or_default());
        }
    }
}

fn steps_done(progress: &Progress) -> u64 {
    let (done, total) = progress.work();
    if progress.percent() == Some(100) {
        return STEPS;
    }
    let steps = u128::from(done) * u128::from(STEPS) / u128::from(total.max(1));
    let by_bytes = u64::try_from(steps).unwrap_or(STEPS).min(STEPS - 1);
    let by_percent = progress
        .percent()
        .map_or(0, |percent| u64::from(percent) * STEPS / 100);
    if total > 0 { by_bytes } else { by_percent }
}

fn worker_line(number: usize, task: &Worker, now: Duration) -> String {
    format!("{number:>2}  {}", task.describe(now))
}

/// The workers' lines, as many as there is room for; the others as a number.
fn worker_lines(progress: &Progress, now: Duration, lines_max: usize) -> Vec<String> {
    let count = progress.workers().count();
    let shown = if count > lines_max {
        lines_max.saturating_sub(1)
    } else {
        count
    };
    let mut lines: Vec<String> = progress
        .workers()
        .take(shown)
        .map(|(number, task)| worker_line(number, task, now))
        .collect();
    let more = count - shown;
    if more > 0 {
        lines.push(format!(
            "    and {}",
            units::counted(more as u64, "more worker", "more workers")
        ));
    }
    lines
}

/// Columns and rows of the terminal; those of old where it does not say.
fn size() -> (usize, usize) {
    let (rows, columns) = Term::stderr().size_checked().unwrap_or((24, 80));
    (usize::from(columns), usize::from(rows))
}

impl View for Terminal {
    fn event(&mut self, event: &Event, progress: &Progress, now: Duration) {
        // the bar tells the phase already
        if matches!(event, Event::Phase(_)) && self.verbosity < Verbosity::Verbose {
            return;
        }
        if let Some(line) = line_for(event, progress, (self.verbosity, self.is_coloured), now) {
            self.write(&line);
        }
    }

    fn tick(&mut self, progress: &Progress, now: Duration) {
        self.draw_whole(progress, now);
        self.draw_workers(progress, now);
    }

    fn interval(&self) -> Duration {
        REDRAW_EVERY
    }

    fn line(&mut self, text: &str, _now: Duration) {
        self.write(text);
    }

    fn pause(&mut self) {
        let _ = self.bars.clear();
    }

    fn close(&mut self) {
        self.whole.finish_and_clear();
        for bar in &self.workers {
            bar.finish_and_clear();
        }
        let _ = self.bars.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_s_line_says_what_how_long_and_how_much() {
        let since = Duration::from_secs(10);
        let mut task = Worker {
            subject: "jobs: public.job".into(),
            bytes: 0,
            since,
        };
        let now = Duration::from_secs(12);
        assert_eq!(worker_line(3, &task, now), " 3  jobs: public.job (2.0 s)");
        task.bytes = 5 << 20;
        assert_eq!(
            worker_line(3, &task, now),
            " 3  jobs: public.job (2.0 s, 5.0 MiB)"
        );
    }

    #[test]
    fn workers_beyond_the_screen_are_a_number() {
        let mut progress = Progress::default();
        for worker in 0..20 {
            let subject = format!("a: t{worker}");
            progress.apply(&Event::Started { worker, subject }, Duration::ZERO);
        }
        let lines = worker_lines(&progress, Duration::from_secs(1), 16);
        assert_eq!(lines.len(), 16);
        assert_eq!(lines[14], "14  a: t14 (1.0 s)");
        assert_eq!(lines[15], "    and 5 more workers");
        assert_eq!(worker_lines(&progress, Duration::ZERO, 20).len(), 20);
    }

    #[test]
    fn the_bar_is_full_only_when_all_is_done() {
        let mut progress = Progress::default();
        progress.apply(
            &Event::Total {
                tasks: 1,
                bytes: 10,
            },
            Duration::ZERO,
        );
        progress.apply(
            &Event::Started {
                worker: 0,
                subject: "x".into(),
            },
            Duration::ZERO,
        );
        let step = Event::Advanced {
            worker: 0,
            bytes: 99,
            rows: 0,
        };
        progress.apply(&step, Duration::ZERO);
        assert_eq!(steps_done(&progress), STEPS - 1);
        progress.apply(&Event::Finished { worker: 0 }, Duration::ZERO);
        assert_eq!(steps_done(&progress), STEPS);
    }

    #[test]
    fn the_templates_are_ones_indicatif_takes() {
        for template in [
            "{spinner} {wide_msg}",
            "{spinner} [{bar:24}] {wide_msg}",
            "  {wide_msg}",
        ] {
            assert!(ProgressStyle::with_template(template).is_ok());
        }
    }
}
