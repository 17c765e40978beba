//! The state behind every view: work done, rate, time left. Pure: time comes in as the span since the
//! operation began.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::cli::screen::text;
use crate::monitor::{Event, Phase, units};

/// Rates are measured over this span: long enough to smooth chunks, short enough to notice a stall.
const WINDOW: Duration = Duration::from_secs(30);

/// One sample a second is enough for such a window.
const SAMPLE_EVERY: Duration = Duration::from_secs(1);

/// A rate over less than this is noise.
const RATE_AFTER: Duration = Duration::from_millis(500);

/// What a worker is doing.
#[derive(Debug, Clone)]
pub(crate) struct Worker {
    /// For instance `metrics: public.samples`.
    pub(crate) subject: String,
    /// Bytes done of this task.
    pub(crate) bytes: u64,
    /// When it began.
    pub(crate) since: Duration,
}

impl Worker {
    /// `metrics: public.samples (2.0 s, 5.0 MiB)`
    pub(crate) fn describe(&self, now: Duration) -> String {
        let time = text::duration(now.saturating_sub(self.since));
        match self.bytes {
            0 => format!("{} ({time})", self.subject),
            bytes => format!("{} ({time}, {})", self.subject, units::bytes(bytes)),
        }
    }
}

/// Everything that views show.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    phase: Option<Phase>,
    total_tasks: u64,
    total_bytes: u64,
    tasks: u64,
    bytes: u64,
    /// Work that moves no bytes, in bytes that it is worth: done and in all.
    other: u64,
    total_other: u64,
    rows: u64,
    problems: u64,
    workers: BTreeMap<usize, Worker>,
    /// The task that ended last, and who did it.
    ended: Option<(usize, Worker)>,
    /// Time, bytes done and all work done, oldest first; the first is never older than [`WINDOW`] but for
    /// one.
    samples: VecDeque<(Duration, u64, u64)>,
}

impl Progress {
    /// Takes an event in.
    pub(crate) fn apply(&mut self, event: &Event, now: Duration) {
        match event {
            Event::Phase(phase) => {
                self.phase = Some(*phase);
                if *phase == Phase::Connect {
                    self.begin();
                }
            }
            Event::Total { tasks, bytes } => {
                (self.total_tasks, self.total_bytes) = (*tasks, *bytes);
                self.sample(now, true);
            }
            Event::OtherTotal(total) => self.total_other = *total,
            Event::OtherWork(work) => {
                self.other = self.other.saturating_add(*work);
                self.sample(now, self.samples.is_empty());
            }
            Event::Started { worker, subject } => {
                let subject = text::printable_line(subject);
                let task = Worker {
                    subject,
                    bytes: 0,
                    since: now,
                };
                self.workers.insert(*worker, task);
            }
            Event::Advanced {
                worker,
                bytes,
                rows,
            } => {
                self.bytes = self.bytes.saturating_add(*bytes);
                self.rows = self.rows.saturating_add(*rows);
                if let Some(task) = self.workers.get_mut(worker) {
                    task.bytes = task.bytes.saturating_add(*bytes);
                }
                self.sample(now, self.samples.is_empty());
            }
            Event::Finished { worker } => {
                // Of a task that is several entries each is told; the first ends it.
                self.ended = self.workers.remove(worker).map(|task| (*worker, task));
                self.tasks += u64::from(self.ended.is_some());
            }
            Event::Problem(_) => self.problems += 1,
            Event::Notice(_) => {}
        }
    }

    /// An operation begins, perhaps anew: a restore whose server went down counts only the remaining work.
    fn begin(&mut self) {
        (self.tasks, self.bytes, self.rows) = (0, 0, 0);
        (self.other, self.total_other) = (0, 0);
        self.workers.clear();
        self.samples.clear();
    }

    fn sample(&mut self, now: Duration, force: bool) {
        let last = self
            .samples
            .back()
            .map_or(Duration::ZERO, |(time, ..)| *time);
        if force || now.saturating_sub(last) >= SAMPLE_EVERY {
            self.samples.push_back((now, self.bytes, self.work().0));
        }
        // one sample older than the window stays, so that a rate over the whole window is known
        while self
            .samples
            .get(1)
            .is_some_and(|(time, ..)| now.saturating_sub(*time) >= WINDOW)
        {
            self.samples.pop_front();
        }
    }

    /// The phase last announced.
    pub(crate) fn phase(&self) -> Option<Phase> {
        self.phase
    }

    /// Tasks done and in all, where a total is known.
    pub(crate) fn tasks(&self) -> (u64, u64) {
        (self.tasks, self.total_tasks)
    }

    /// Bytes done and, by estimate, in all.
    pub(crate) fn bytes(&self) -> (u64, u64) {
        (self.bytes, self.total_bytes)
    }

    /// Work done and in all: bytes, and what the rest is worth of them.
    pub(crate) fn work(&self) -> (u64, u64) {
        let done = self.bytes.saturating_add(self.other);
        (done, self.total_bytes.saturating_add(self.total_other))
    }

    /// Rows done.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// What the workers are doing, by their numbers.
    pub(crate) fn workers(&self) -> impl Iterator<Item = (usize, &Worker)> {
        self.workers
            .iter()
            .map(|(number, worker)| (*number, worker))
    }

    /// The task that this worker ended, if it was the last to end one.
    pub(crate) fn ended(&self, worker: usize) -> Option<&Worker> {
        let (number, task) = self.ended.as_ref()?;
        (*number == worker).then_some(task)
    }

    /// How much is done, in percent. The total is an estimate, and may grow while schemas are read: only
    /// when every task is finished and every byte passed may 100 be said, until then nothing above 99.
    pub(crate) fn percent(&self) -> Option<u8> {
        if self.total_tasks == 0 {
            return None;
        }
        if self.tasks >= self.total_tasks && self.bytes >= self.total_bytes {
            return Some(100);
        }
        let (done, total) = match self.work() {
            (_, 0) => (self.tasks, self.total_tasks),
            work => work,
        };
        let percent = u128::from(done) * 100 / u128::from(total);
        Some(u8::try_from(percent).unwrap_or(99).min(99))
    }

    /// The rate of late, in bytes per second.
    pub(crate) fn bytes_per_second(&self, now: Duration) -> Option<u64> {
        let (since, before, _) = self.samples.front()?;
        rate(self.bytes.saturating_sub(*before), *since, now)
    }

    /// How long yet at that rate; unknown while nothing moves, and once the estimate is exceeded.
    pub(crate) fn time_left(&self, now: Duration) -> Option<Duration> {
        let (done, total) = self.work();
        let left = total.checked_sub(done).filter(|left| *left > 0)?;
        let (since, _, before) = self.samples.front()?;
        let rate = rate(done.saturating_sub(*before), *since, now).filter(|rate| *rate > 0)?;
        Some(Duration::from_secs(left / rate + 1))
    }

    /// The whole state on one line:
    /// `42 %, 80.0 MiB/s, 28 s left, 1.2 GiB of about 3.4 GiB, 12 of 90 tasks`.
    pub(crate) fn summary(&self, now: Duration) -> String {
        self.parts(now).join(", ")
    }

    /// As many whole parts of [`Progress::summary`] as `columns` have room for: a number that is cut in two
    /// is another number.
    pub(crate) fn summary_within(&self, now: Duration, columns: usize) -> String {
        let mut text = String::new();
        for part in self.parts(now) {
            let comma = if text.is_empty() { "" } else { ", " };
            if text.chars().count() + comma.len() + part.chars().count() > columns {
                break;
            }
            text = text + comma + &part;
        }
        text
    }

    /// The facts to show, the most important first.
    fn parts(&self, now: Duration) -> Vec<String> {
        let mut parts = Vec::new();
        if let Some(percent) = self.percent() {
            parts.push(format!("{percent:>2} %"));
        }
        if let Some(rate) = self.bytes_per_second(now).filter(|rate| *rate > 0) {
            parts.push(format!("{}/s", units::bytes(rate)));
        }
        if let Some(left) = self.time_left(now) {
            parts.push(format!("{} left", text::whole_duration(left)));
        }
        if self.problems > 0 {
            parts.push(units::counted(self.problems, "problem", "problems"));
        }
        let (bytes, total_bytes) = self.bytes();
        if total_bytes > 0 {
            // an estimate that is exceeded is no longer worth printing
            let total = units::bytes(total_bytes.max(bytes));
            parts.push(format!("{} of about {total}", units::bytes(bytes)));
        }
        let (tasks, total_tasks) = self.tasks();
        if total_tasks > 0 {
            let total = units::count(total_tasks.max(tasks));
            let tasks = units::count(tasks);
            parts.push(format!("{tasks} of {total} tasks"));
        }
        parts
    }
}

/// The rate since then, per second.
fn rate(done: u64, since: Duration, now: Duration) -> Option<u64> {
    let span = now.checked_sub(since).filter(|span| *span >= RATE_AFTER)?;
    Some((done as f64 / span.as_secs_f64()) as u64)
}

/// What a phase is called.
pub(crate) fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Connect => "connecting",
        Phase::Schema => "reading the schema",
        Phase::Globals => "roles and tablespaces",
        Phase::PreData => "definitions",
        Phase::Data => "rows",
        Phase::PostData => "indexes and constraints",
        Phase::Analyze => "statistics",
        Phase::Verify => "checking",
        Phase::Finish => "finishing",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn with_total(tasks: u64, bytes: u64) -> Progress {
        let mut progress = Progress::default();
        progress.apply(&Event::Total { tasks, bytes }, seconds(0));
        progress
    }

    fn advance(progress: &mut Progress, bytes: u64, now: Duration) {
        progress.apply(
            &Event::Advanced {
                worker: 0,
                bytes,
                rows: 1,
            },
            now,
        );
    }

    #[test]
    fn a_steady_rate_gives_the_time_left() {
        let mut progress = with_total(2, 1000);
        for second in 1..=4 {
            advance(&mut progress, 100, seconds(second));
        }
        assert_eq!(progress.percent(), Some(40));
        assert_eq!(progress.bytes_per_second(seconds(4)), Some(100));
        assert_eq!(progress.time_left(seconds(4)), Some(seconds(7)));
        assert_eq!(
            progress.summary(seconds(4)),
            "40 %, 100 bytes/s, 7 s left, 400 bytes of about 1000 bytes, 0 of 2 tasks"
        );
    }

    #[test]
    fn the_rate_is_that_of_the_last_half_minute_and_falls_when_nothing_moves() {
        let mut progress = with_total(1, 1_000_000);
        for second in 1..=100 {
            advance(
                &mut progress,
                if second <= 50 { 1000 } else { 10 },
                seconds(second),
            );
        }
        assert_eq!(progress.bytes_per_second(seconds(100)), Some(10));
        assert_eq!(progress.bytes_per_second(seconds(400)), Some(0));
        assert_eq!(progress.time_left(seconds(400)), None);
        assert!(progress.samples.len() <= 32);
    }

    #[test]
    fn an_exceeded_estimate_does_not_reach_100_before_the_tasks_do() {
        let mut progress = with_total(1, 100);
        progress.apply(
            &Event::Started {
                worker: 0,
                subject: "a: t".into(),
            },
            seconds(0),
        );
        advance(&mut progress, 250, seconds(1));
        assert_eq!(progress.percent(), Some(99));
        assert_eq!(progress.time_left(seconds(1)), None);
        progress.apply(&Event::Finished { worker: 0 }, seconds(2));
        assert_eq!(progress.percent(), Some(100));
    }

    #[test]
    fn what_begins_anew_counts_anew() {
        let mut progress = with_total(4, 1000);
        advance(&mut progress, 900, seconds(1));
        progress.apply(&Event::Phase(Phase::Connect), seconds(2));
        let (tasks, bytes) = (2, 100);
        progress.apply(&Event::Total { tasks, bytes }, seconds(3));
        assert_eq!((progress.bytes(), progress.tasks()), ((0, 100), (0, 2)));
        advance(&mut progress, 50, seconds(4));
        assert_eq!(progress.percent(), Some(50));
    }

    #[test]
    fn indexes_are_work_too() {
        let mut progress = with_total(2, 1000);
        progress.apply(&Event::OtherTotal(500), seconds(0));
        for second in 1..=10 {
            advance(&mut progress, 100, seconds(second));
        }
        // All rows are there, the indexes are not.
        assert_eq!(progress.percent(), Some(66));
        assert_eq!(progress.bytes_per_second(seconds(10)), Some(100));
        assert_eq!(progress.time_left(seconds(10)), Some(seconds(6)));
        progress.apply(&Event::OtherWork(250), seconds(12));
        assert_eq!(progress.percent(), Some(83));
        assert_eq!(progress.work(), (1250, 1500));
        assert_eq!(progress.bytes(), (1000, 1000));
    }

    #[test]
    fn what_has_no_room_is_left_out_whole() {
        let mut progress = with_total(1200, 5 << 30);
        for second in 1..=4 {
            advance(&mut progress, 300 << 20, seconds(second));
        }
        let whole = progress.summary(seconds(4));
        assert_eq!(
            whole,
            "23 %, 300.0 MiB/s, 14 s left, 1.2 GiB of about 5.0 GiB, 0 of 1,200 tasks"
        );
        let within = |columns| progress.summary_within(seconds(4), columns);
        assert_eq!(within(whole.len()), whole);
        assert_eq!(
            within(71),
            "23 %, 300.0 MiB/s, 14 s left, 1.2 GiB of about 5.0 GiB"
        );
        assert_eq!(within(40), "23 %, 300.0 MiB/s, 14 s left");
        assert_eq!(within(3), "");
    }

    #[test]
    fn nothing_known_is_nothing_said() {
        let progress = Progress::default();
        assert_eq!(progress.percent(), None);
        assert_eq!(progress.summary(seconds(9)), "");
        assert_eq!(with_total(0, 0).percent(), None);
    }

    #[test]
    fn workers_come_and_go_and_their_subjects_are_harmless() {
        let mut progress = with_total(3, 0);
        let subject = "a\n\x1b[2J".to_owned();
        progress.apply(&Event::Started { worker: 1, subject }, seconds(1));
        let subjects: Vec<_> = progress
            .workers()
            .map(|(_, task)| task.subject.clone())
            .collect();
        assert_eq!(subjects, ["a\\x0a\\x1b[2J"]);
        progress.apply(&Event::Finished { worker: 1 }, seconds(2));
        progress.apply(&Event::Finished { worker: 1 }, seconds(2));
        assert_eq!((progress.workers().count(), progress.tasks()), (0, (1, 3)));
        assert_eq!(progress.percent(), Some(33));
    }
}
