//! Numbers, times and foreign text as people read them. Pure; nothing here prints.

use std::borrow::Cow;
use std::time::Duration;

/// A byte count in binary units, three digits or so: `0 B`, `999 B`, `1.2 MiB`.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64 / 1024.0;
    let mut unit = 0;
    // 1023.95 would print as 1024.0
    while value >= 1023.95 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

/// A count with separators: `1,234,567`.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count with its noun: `1 table`, `2 tables`.
pub(super) fn counted(number: u64, singular: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {singular}{plural}", count(number))
}

/// A time for people: `0.4 s`, `42.0 s`, `3:07 min`, `1:02:03 h`.
pub(super) fn duration(time: Duration) -> String {
    let seconds = (time + Duration::from_millis(500)).as_secs();
    if time < Duration::from_millis(59_950) {
        format!("{:.1} s", time.as_secs_f64())
    } else if seconds < 3600 {
        format!("{}:{:02} min", seconds / 60, seconds % 60)
    } else {
        format!(
            "{}:{:02}:{:02} h",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        )
    }
}

/// A time that is only an estimate: as [`duration`], without parts of seconds.
pub(super) fn whole_duration(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds => duration(Duration::from_secs(seconds)),
    }
}

/// A short span such as the one between two snapshots: `640 µs`, `3.2 ms`, else as [`duration`].
pub(super) fn short_duration(time: Duration) -> String {
    if time < Duration::from_millis(1) {
        format!("{} µs", time.as_micros())
    } else if time < Duration::from_secs(1) {
        format!("{:.1} ms", time.as_secs_f64() * 1e3)
    } else {
        duration(time)
    }
}

/// Text from a server or an archive, made harmless for a terminal: control characters but the
/// newline come out as `\x1b`, and so do those that reorder the text around them.
pub(super) fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if is_harmful(character) {
            let code = u32::from(character);
            safe.push_str(&if code < 0x100 {
                format!("\\x{code:02x}")
            } else {
                format!("\\u{{{code:x}}}")
            });
        } else {
            safe.push(character);
        }
    }
    Cow::Owned(safe)
}

/// The same for a name or subject that must stay on one line.
pub(super) fn printable_line(text: &str) -> String {
    printable(text).replace('\n', "\\x0a")
}

/// Control characters, and Unicode's explicit directional formatting (UAX #9, section 2).
fn is_harmful(character: char) -> bool {
    (character.is_control() && character != '\n')
        || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        let cases = [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1_048_575, "1.0 MiB"),
            (5 << 30, "5.0 GiB"),
            (u64::MAX, "16.0 EiB"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(size(bytes), expected);
        }
    }

    #[test]
    fn counts() {
        let cases = [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (1_234_567, "1,234,567"),
        ];
        for (number, expected) in cases {
            assert_eq!(count(number), expected);
        }
        assert_eq!(counted(1, "table"), "1 table");
        assert_eq!(counted(0, "table"), "0 tables");
    }

    #[test]
    fn durations() {
        let cases = [
            (0.04, "0.0 s"),
            (59.94, "59.9 s"),
            (59.96, "1:00 min"),
            (61.0, "1:01 min"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(duration(Duration::from_secs_f64(seconds)), expected);
        }
        assert_eq!(duration(Duration::from_secs(3723)), "1:02:03 h");
        assert_eq!(whole_duration(Duration::from_secs(7)), "7 s");
        assert_eq!(whole_duration(Duration::from_secs(67)), "1:07 min");
        assert_eq!(short_duration(Duration::from_micros(640)), "640 µs");
        assert_eq!(short_duration(Duration::from_micros(3210)), "3.2 ms");
    }

    #[test]
    fn foreign_text_cannot_drive_a_terminal() {
        assert_eq!(printable("plain ü\n"), "plain ü\n");
        assert_eq!(
            printable("a\x1b]0;x\x07\r\u{9b}\u{202e}"),
            "a\\x1b]0;x\\x07\\x0d\\x9b\\u{202e}"
        );
        assert_eq!(printable_line("a\nb"), "a\\x0ab");
    }
}
