//! Progress for programs: one JSON object a line.
//!
//! Every object has `event` and `elapsed_s`. Steps of workers are too many to be told one by one:
//! they come summed up in a `progress` object, at most one a second.

use std::io::Write;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use super::state::Progress;
use super::view::{Verbosity, View};
use crate::monitor::{Event, Phase};

const PROGRESS_EVERY: Duration = Duration::from_secs(1);

#[derive(Serialize)]
struct Line<'a> {
    event: &'a str,
    elapsed_s: f64,
    #[serde(flatten)]
    fields: Value,
}

/// JSON lines on `out`.
pub(crate) struct Json<W> {
    out: W,
    verbosity: Verbosity,
    /// Bytes and tasks last told.
    told: Option<(u64, u64)>,
}

impl<W: Write + Send> Json<W> {
    pub(crate) fn new(out: W, verbosity: Verbosity) -> Self {
        Self {
            out,
            verbosity,
            told: None,
        }
    }

    fn write(&mut self, name: &str, fields: Value, now: Duration) {
        let elapsed_s = (now.as_secs_f64() * 1e3).round() / 1e3;
        let line = Line {
            event: name,
            elapsed_s,
            fields,
        };
        let Ok(mut text) = serde_json::to_string(&line) else {
            return;
        };
        text.push('\n');
        // written at once: lines of this thread and others must not mix
        let _ = self.out.write_all(text.as_bytes());
    }

    fn write_progress(&mut self, progress: &Progress, now: Duration) {
        let ((bytes, total_bytes), (tasks, total_tasks)) = (progress.bytes(), progress.tasks());
        if total_tasks == 0 || self.told == Some((bytes, tasks)) {
            return;
        }
        self.told = Some((bytes, tasks));
        let fields = json!({
            "tasks": tasks,
            "tasks_total": total_tasks,
            "bytes": bytes,
            "bytes_total": total_bytes,
            "rows": progress.rows(),
            "percent": progress.percent(),
            "bytes_per_s": progress.bytes_per_second(now),
            "left_s": progress.time_left(now).map(|left| left.as_secs()),
        });
        self.write("progress", fields, now);
    }
}

/// The names of phases, part of the output's contract.
fn phase_key(phase: Phase) -> &'static str {
    match phase {
        Phase::Connect => "connect",
        Phase::Schema => "schema",
        Phase::Globals => "globals",
        Phase::PreData => "pre-data",
        Phase::Data => "data",
        Phase::PostData => "post-data",
        Phase::Analyze => "analyze",
        Phase::Verify => "verify",
        Phase::Finish => "finish",
    }
}

impl<W: Write + Send> View for Json<W> {
    fn event(&mut self, event: &Event, progress: &Progress, now: Duration) {
        let is_said = matches!(event, Event::Notice(_) | Event::Problem(_));
        if self.verbosity == Verbosity::Quiet && !is_said {
            return;
        }
        match event {
            Event::Phase(phase) => {
                self.write_progress(progress, now);
                self.write("phase", json!({ "phase": phase_key(*phase) }), now);
            }
            Event::Total { tasks, bytes } => {
                self.write("total", json!({ "tasks": tasks, "bytes": bytes }), now);
            }
            Event::Started { worker, subject } => {
                self.write(
                    "started",
                    json!({ "worker": worker, "subject": subject }),
                    now,
                );
            }
            Event::Finished { worker } => self.write("finished", json!({ "worker": worker }), now),
            Event::Notice(message) => self.write("notice", json!({ "message": message }), now),
            Event::Problem(message) => self.write("problem", json!({ "message": message }), now),
            Event::Advanced { .. } | Event::OtherTotal(_) | Event::OtherWork(_) => {}
        }
    }

    fn tick(&mut self, progress: &Progress, now: Duration) {
        if self.verbosity > Verbosity::Quiet {
            self.write_progress(progress, now);
        }
    }

    fn interval(&self) -> Duration {
        PROGRESS_EVERY
    }

    fn line(&mut self, text: &str, now: Duration) {
        self.write("notice", json!({ "message": text }), now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_an_object_and_steps_are_summed_up() {
        let mut json = Json::new(Vec::new(), Verbosity::Normal);
        let mut progress = Progress::default();
        let now = Duration::from_millis(1500);
        let step = || Event::Advanced {
            worker: 0,
            bytes: 512,
            rows: 3,
        };
        let events = [
            Event::Phase(Phase::PreData),
            Event::Total {
                tasks: 1,
                bytes: 2048,
            },
            Event::Started {
                worker: 0,
                subject: "a: t\n".into(),
            },
            step(),
            step(),
        ];
        for event in events {
            progress.apply(&event, now);
            json.event(&event, &progress, now);
        }
        json.tick(&progress, now);
        json.tick(&progress, now);
        let text = String::from_utf8(json.out).unwrap();
        for line in text.lines() {
            assert!(
                serde_json::from_str::<Value>(line).is_ok_and(|value| value.is_object()),
                "{line}"
            );
        }
        insta::assert_snapshot!(text, @r#"
        {"event":"phase","elapsed_s":1.5,"phase":"pre-data"}
        {"event":"total","elapsed_s":1.5,"bytes":2048,"tasks":1}
        {"event":"started","elapsed_s":1.5,"subject":"a: t\n","worker":0}
        {"event":"progress","elapsed_s":1.5,"bytes":1024,"bytes_per_s":null,"bytes_total":2048,"left_s":null,"percent":50,"rows":6,"tasks":0,"tasks_total":1}
        "#);
    }
}
