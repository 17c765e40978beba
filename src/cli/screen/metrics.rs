//! The end of an operation as metrics, in the text format that Prometheus reads (documentation, "Exposition
//! formats"). Pure.
//!
//! A failure does not forget the last success: its time is taken over from the file that is replaced.

use std::fmt::Write as _;

use serde_json::Value;

use super::report::Exit;

/// How an operation ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct End<'a> {
    /// `dump`, `verify` or `restore`.
    pub(crate) command: &'a str,
    /// The archive, without secrets.
    pub(crate) archive: &'a str,
    pub(crate) exit: Exit,
    /// Seconds since 1970.
    pub(crate) ended_unix: u64,
    pub(crate) elapsed_s: f64,
    /// What `--json` prints, where there is an outcome.
    pub(crate) result: Option<&'a Value>,
}

const LAST_SUCCESS: &str = "pgark_last_success_timestamp_seconds";

/// Names, meanings, and where a number stands in the outcome.
const OF_RESULT: [(&str, &str, &str); 3] = [
    (
        "pgark_archive_bytes",
        "Size of the archive.",
        "archive_bytes",
    ),
    (
        "pgark_raw_bytes",
        "Size of the rows and large objects.",
        "raw_bytes",
    ),
    ("pgark_rows", "Number of rows.", "rows"),
];

/// The whole file. `before` is the one that it replaces.
pub(crate) fn render(end: &End<'_>, before: &str) -> String {
    let labels = format!(
        "{{command=\"{}\",archive=\"{}\"}}",
        end.command,
        escaped(end.archive)
    );
    let mut out = String::new();
    let mut gauge = |name: &str, help: &str, value: &str| {
        let _ = write!(
            out,
            "# HELP {name} {help}\n# TYPE {name} gauge\n{name}{labels} {value}\n"
        );
    };
    let ended = end.ended_unix.to_string();
    gauge(
        "pgark_last_run_timestamp_seconds",
        "When the last run ended.",
        &ended,
    );
    let success = match end.exit {
        Exit::Done => Some(ended),
        _ => last_success(before, &labels).map(str::to_owned),
    };
    if let Some(success) = success {
        gauge(
            LAST_SUCCESS,
            "When the last run ended that did all it was asked for.",
            &success,
        );
    }
    let status = end.exit.status().to_string();
    gauge(
        "pgark_last_exit_status",
        "Exit status of the last run; 0 is success.",
        &status,
    );
    let elapsed = end.elapsed_s.to_string();
    gauge(
        "pgark_last_duration_seconds",
        "How long the last run took.",
        &elapsed,
    );
    for (name, help, key) in OF_RESULT {
        if let Some(number) = end.result.and_then(|result| result.get(key)?.as_u64()) {
            gauge(name, help, &number.to_string());
        }
    }
    out
}

/// The time of the last success of the same command on the same archive.
fn last_success<'a>(before: &'a str, labels: &str) -> Option<&'a str> {
    let mut values = before.lines().filter_map(|line| {
        let value = line.strip_prefix(LAST_SUCCESS)?.strip_prefix(labels)?;
        Some(value.trim())
    });
    values.find(|value| value.parse::<f64>().is_ok())
}

/// A label's value: backslash, quote and line end have an escape.
fn escaped(text: &str) -> String {
    text.replace('\\', r"\\")
        .replace('"', r#"\""#)
        .replace('\n', r"\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn end(exit: Exit, result: Option<&Value>) -> End<'_> {
        End {
            command: "dump",
            archive: "a \"b\"\\c.tar",
            exit,
            ended_unix: 1_700_000_000,
            elapsed_s: 1.5,
            result,
        }
    }

    #[test]
    fn a_failure_keeps_the_time_of_the_last_success() {
        let result = json!({"rows": 7, "archive_bytes": 100, "raw_bytes": 300});
        let done = render(&end(Exit::Done, Some(&result)), "");
        assert!(done.contains("pgark_rows{command=\"dump\",archive=\"a \\\"b\\\"\\\\c.tar\"} 7\n"));
        assert!(done.contains("pgark_last_exit_status{command=\"dump\","));
        let later = End {
            ended_unix: 1_700_009_999,
            ..end(Exit::Failed, None)
        };
        let failed = render(&later, &done);
        let value = |text: &str, name: &str| {
            let line = text
                .lines()
                .find(|line| line.starts_with(&format!("{name}{{")));
            line.map(|line| line.rsplit(' ').next().unwrap().to_owned())
        };
        assert_eq!(value(&failed, LAST_SUCCESS).unwrap(), "1700000000");
        assert_eq!(
            value(&failed, "pgark_last_run_timestamp_seconds").unwrap(),
            "1700009999"
        );
        assert_eq!(value(&failed, "pgark_last_exit_status").unwrap(), "1");
        assert_eq!(value(&failed, "pgark_rows"), None);
        // Another archive's success is not this one's, and neither is what cannot be read.
        for before in [
            done.replace("c.tar", "d.tar"),
            done.replace("1700000000", "soon"),
        ] {
            assert_eq!(value(&render(&later, &before), LAST_SUCCESS), None);
        }
    }
}
