//! The name of the file that an archive is written to before it gets its own, and the facts in that name.
//!
//! Pure. The file itself is [`partial`](super::partial)'s business.

use std::fmt;

use chrono::{DateTime, NaiveDateTime, Utc};

/// The mark of such names. It begins with a dot, so that listings pass over it.
const MARK: &str = ".pgark-partial-";
/// How much of the archive's name it repeats, and of the host's: file names end at 255 bytes.
const NAME_BYTES_KEPT: usize = 160;
const HOST_BYTES_KEPT: usize = 32;
/// The longest name of a file.
const NAME_BYTES_MAX: usize = 255;
/// A time without anything that a shell or a store minds.
const TIME_FORMAT: &str = "%Y%m%dT%H%M%SZ";

/// What the name of a partial file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartialName {
    /// The archive's name, or its beginning.
    pub of: String,
    /// Where the process that writes it runs.
    pub host: String,
    /// Its id there.
    pub process: u32,
    /// When it began, in seconds since 1970 UTC.
    pub since_unix: i64,
    /// Tells two of one process apart.
    pub number: u64,
}

impl PartialName {
    /// The name for the archive `of`.
    pub(super) fn new(of: &str, host: &str, process: u32, since_unix: i64, number: u64) -> Self {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '.';
        let host: String = host
            .chars()
            .map(|c| if is_plain(c) { c } else { '_' })
            .collect();
        Self {
            of: cut(of, NAME_BYTES_KEPT).to_owned(),
            host: cut(&host, HOST_BYTES_KEPT).to_owned(),
            process,
            since_unix,
            number,
        }
    }

    /// What the name of a file says, if it is that of a partial file.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let (of, rest) = name.strip_prefix('.')?.rsplit_once(MARK)?;
        let mut words = rest.rsplitn(4, '-');
        let since = NaiveDateTime::parse_from_str(words.next()?, TIME_FORMAT).ok()?;
        Some(Self {
            since_unix: since.and_utc().timestamp(),
            number: words.next()?.parse().ok()?,
            process: words.next()?.parse().ok()?,
            host: words.next()?.to_owned(),
            of: of.to_owned(),
        })
    }

    /// Whether it is of the archive of this name.
    pub(super) fn is_of(&self, name: &str) -> bool {
        self.of == cut(name, NAME_BYTES_KEPT)
    }

    /// The writer of the file, and since when, in words.
    pub fn writer(&self) -> String {
        let since = DateTime::<Utc>::from_timestamp(self.since_unix, 0).unwrap_or_default();
        format!(
            "process {} on {}, since {} UTC",
            self.process,
            self.host,
            since.format("%Y-%m-%d %H:%M:%S")
        )
    }
}

impl fmt::Display for PartialName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since = DateTime::<Utc>::from_timestamp(self.since_unix, 0).unwrap_or_default();
        let since = since.format(TIME_FORMAT);
        write!(
            f,
            ".{}{MARK}{}-{}-{}-{since}",
            self.of, self.host, self.process, self.number
        )
    }
}

/// The name of a finished archive that cannot have the name `of`: `snap-2.tar` for `snap.tar`.
pub(super) fn other(of: &str, number: usize) -> String {
    let (stem, ending) = match of.rfind('.') {
        Some(dot) if dot > 0 => of.split_at(dot),
        _ => (of, ""),
    };
    let ending = format!("-{number}{ending}");
    let stem = cut(stem, NAME_BYTES_MAX.saturating_sub(ending.len()));
    format!("{stem}{ending}")
}

/// As many whole characters as fit into `bytes_max`.
fn cut(text: &str, bytes_max: usize) -> &str {
    let mut end = text.len().min(bytes_max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_back() {
        let long = "é".repeat(127);
        for of in ["snap.tar", "a-b.pgark-partial-x.tar", "x", long.as_str()] {
            let name = PartialName::new(of, "db-1.example", 4711, 1_795_671_835, 3);
            let text = name.to_string();
            assert!(
                text.len() <= NAME_BYTES_MAX && !text.contains('#'),
                "{text}"
            );
            assert_eq!(PartialName::parse(&text).as_ref(), Some(&name), "{text}");
            assert!(name.is_of(of));
        }
        let name = PartialName::new("snap.tar", "db-1.example", 4711, 1_795_671_835, 0);
        assert_eq!(
            name.to_string(),
            ".snap.tar.pgark-partial-db_1.example-4711-0-20261126T054355Z"
        );
        assert_eq!(
            name.writer(),
            "process 4711 on db_1.example, since 2026-11-26 05:43:55 UTC"
        );
        for other in [
            "snap.tar",
            ".snap.tar",
            ".snap.tar.pgark-partial-1-0-ff",
            "x.pgark-partial-h-1-0-20261126T054355Z",
        ] {
            assert_eq!(PartialName::parse(other), None, "{other}");
        }
    }

    #[test]
    fn another_name_keeps_the_ending() {
        assert_eq!(other("snap.tar", 2), "snap-2.tar");
        assert_eq!(other("snap", 3), "snap-3");
        assert_eq!(other(".hidden", 2), ".hidden-2");
        let long = other(&format!("{}.tar", "é".repeat(125)), 2);
        assert!(
            long.len() <= NAME_BYTES_MAX && long.ends_with("é-2.tar"),
            "{long}"
        );
    }
}
