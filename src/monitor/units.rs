//! Numbers for people: sizes, counts, ratios, times.
//!
//! The one place that decides how they look, so that progress, summaries and errors agree.

/// A size, in binary units: `512 bytes`, `1.5 KiB`, `23.4 MiB`.
pub fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes < 1024 {
        return format!("{bytes} bytes");
    }
    // Below the unit's digits, the precision lost in f64 does not show.
    let mut value = bytes as f64 / 1024.0;
    let mut unit = 0;
    // 1023.95 would be printed as 1024.0 of the smaller unit.
    while value >= 1023.95 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

/// A count with its thousands apart: `1,234,567`.
pub fn count(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `one` or `many` with its count: `1 row`, `2 rows`.
pub fn counted(number: u64, one: &str, many: &str) -> String {
    let noun = if number == 1 { one } else { many };
    format!("{} {noun}", count(number))
}

/// How many times smaller the stored bytes are: `4.2x`; `-` where there is nothing to compare.
pub fn ratio(raw_bytes: u64, stored_bytes: u64) -> String {
    if raw_bytes == 0 || stored_bytes == 0 {
        return "-".to_owned();
    }
    format!("{:.1}x", raw_bytes as f64 / stored_bytes as f64)
}

/// A span of time: `17 µs`, `4.1 ms`, `2.5 s`, `3 min 7 s`.
pub fn span(us: u64) -> String {
    match us {
        0..1_000 => format!("{us} µs"),
        1_000..1_000_000 => format!("{:.1} ms", us as f64 / 1e3),
        1_000_000..60_000_000 => format!("{:.1} s", us as f64 / 1e6),
        _ => format!("{} min {} s", us / 60_000_000, us / 1_000_000 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_change_their_unit_where_the_number_would_grow_a_digit() {
        let cases = [
            (0, "0 bytes"),
            (1023, "1023 bytes"),
            (1024, "1.0 KiB"),
            (1_048_524, "1023.9 KiB"),
            (1_048_525, "1.0 MiB"),
            (5 << 30, "5.0 GiB"),
            (u64::MAX, "16.0 EiB"),
        ];
        for (number, text) in cases {
            assert_eq!(bytes(number), text);
        }
    }

    #[test]
    fn counts_ratios_and_times() {
        assert_eq!((count(0), count(999)), ("0".to_owned(), "999".to_owned()));
        assert_eq!(count(1000), "1,000");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(counted(1, "row", "rows"), "1 row");
        assert_eq!(counted(1000, "row", "rows"), "1,000 rows");
        assert_eq!(
            (ratio(10, 4), ratio(0, 4)),
            ("2.5x".to_owned(), "-".to_owned())
        );
        let spans = [17, 4_100, 2_500_000, 187_000_000].map(span);
        assert_eq!(spans, ["17 µs", "4.1 ms", "2.5 s", "3 min 7 s"]);
    }
}
