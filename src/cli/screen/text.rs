//! Times and foreign text as people read them. Pure; nothing here prints. Sizes and counts:
//! `monitor::units`.

use std::borrow::Cow;
use std::time::Duration;

use crate::monitor::units;

/// The time something took: as [`units::span`], with hours where there are any.
pub(crate) fn duration(time: Duration) -> String {
    let minutes = time.as_secs() / 60;
    if minutes < 60 {
        return units::span(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    }
    format!("{} h {} min", minutes / 60, minutes % 60)
}

/// A time that is only an estimate: the same without parts of seconds.
pub(crate) fn whole_duration(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds => duration(Duration::from_secs(seconds)),
    }
}

/// Text from a server or an archive, made harmless for a terminal: control characters but the
/// newline come out as `\x1b`, and so do those that reorder the text around them.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
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
pub(crate) fn printable_line(text: &str) -> String {
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
    fn durations() {
        let text = |seconds: f64| duration(Duration::from_secs_f64(seconds));
        assert_eq!(text(0.0421), "42.1 ms");
        assert_eq!(text(42.04), "42.0 s");
        assert_eq!(text(187.9), "3 min 7 s");
        assert_eq!(text(3723.0), "1 h 2 min");
        assert_eq!(whole_duration(Duration::from_millis(7500)), "7 s");
        assert_eq!(whole_duration(Duration::from_secs(67)), "1 min 7 s");
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
