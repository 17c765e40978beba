//! Single values of the command line: sizes, times, worker counts, DBNAME=NEWNAME. Pure.
//!
//! Errors are sentences that stand behind clap's "invalid value '..' for '..': ".

use std::ffi::{OsStr, OsString};
use std::num::{NonZeroU64, NonZeroUsize};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

use bstr::BString;
use clap::builder::{OsStringValueParser, TypedValueParser, ValueParserFactory};

use crate::archive::chunk::{Compression, CompressionError};

/// More workers than this are a typing error: each is a session on the server.
const JOBS_MAX: usize = 512;

/// `-j N`.
pub(crate) fn jobs(text: &str) -> Result<NonZeroUsize, String> {
    text.parse()
        .ok()
        .filter(|jobs: &NonZeroUsize| jobs.get() <= JOBS_MAX)
        .ok_or_else(|| format!("not a number from 1 to {JOBS_MAX}"))
}

/// `--transaction-size N`.
pub(crate) fn transaction_size(text: &str) -> Result<NonZeroUsize, String> {
    text.parse()
        .map_err(|_| "not a number of at least 1".to_owned())
}

/// `-F FORMAT` of `restore`, whose values are pg_restore's.
pub(crate) fn format(text: &str) -> Result<String, String> {
    match text.to_ascii_lowercase().as_str() {
        "c" | "custom" | "d" | "directory" | "t" | "tar" => Ok(text.to_owned()),
        "p" | "plain" => Err("a plain script is restored with psql".into()),
        _ => Err("not one of c, d, t; formats are recognized without it".into()),
    }
}

/// `-Z METHOD`.
pub(crate) fn compression(text: &str) -> Result<Compression, String> {
    text.parse()
        .map_err(|error: CompressionError| error.to_string())
}

/// A chunk is held in memory whole, raw and compressed, once per worker.
const CHUNK_BYTES_MIN: u64 = 64 * 1024;
const CHUNK_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// `--chunk-size SIZE`, in bytes.
pub(crate) fn chunk_bytes(text: &str) -> Result<u64, String> {
    let bytes = size_bytes(text)?;
    if (CHUNK_BYTES_MIN..=CHUNK_BYTES_MAX).contains(&bytes) {
        Ok(bytes)
    } else {
        Err("not a size from 64kB to 1GB".into())
    }
}

/// What S3 takes as a part that is not the last, and what is held in memory.
const PART_BYTES_MIN: u64 = 5 << 20;
const PART_BYTES_MAX: u64 = 1 << 30;

/// `--part-size SIZE`, in bytes.
pub(crate) fn part_bytes(text: &str) -> Result<usize, String> {
    let bytes = size_bytes(text)?;
    let is_allowed = (PART_BYTES_MIN..=PART_BYTES_MAX).contains(&bytes);
    let bytes = usize::try_from(bytes).ok().filter(|_| is_allowed);
    bytes.ok_or_else(|| "not a size from 5MB to 1GB".into())
}

/// Less is no transfer but a standstill, and most likely a forgotten unit.
const BANDWIDTH_MIN: u64 = 1024;

/// `--bandwidth-limit RATE`, in bytes per second.
pub(crate) fn bandwidth(text: &str) -> Result<NonZeroU64, String> {
    let bytes = size_bytes(text.trim().strip_suffix("/s").unwrap_or(text))?;
    let allowed = NonZeroU64::new(bytes).filter(|bytes| bytes.get() >= BANDWIDTH_MIN);
    allowed.ok_or_else(|| "not a rate of at least 1kB per second".into())
}

/// A size with an optional unit. Units are powers of 1024 with and without the "i", as in
/// postgresql.conf (documentation, "Parameter Names and Values"); unlike there, case is ignored.
fn size_bytes(text: &str) -> Result<u64, String> {
    let (number, unit) = split_unit(text);
    let factor: u64 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        _ => {
            return Err(format!(
                "\"{unit}\" is not one of B, kB, MB, GB, KiB, MiB, GiB"
            ));
        }
    };
    let number: u64 = number
        .parse()
        .map_err(|_| "not a size such as 8MB".to_owned())?;
    number.checked_mul(factor).ok_or_else(|| "too large".into())
}

/// `--lock-wait-timeout TIMEOUT`, in milliseconds: as `pg_dump` has it, a whole number of them or
/// a number with one of the units PostgreSQL's settings take.
pub(crate) fn timeout_ms(text: &str) -> Result<u64, String> {
    let (number, unit) = split_unit(text);
    let factor: u64 = match unit {
        "" | "ms" => 1,
        "s" => 1_000,
        "min" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(format!("\"{unit}\" is not one of ms, s, min, h, d")),
    };
    let number: u64 = number
        .parse()
        .map_err(|_| "not a time such as 10s".to_owned())?;
    // statement_timeout and lock_timeout are 32-bit integers of milliseconds
    number
        .checked_mul(factor)
        .filter(|ms| i32::try_from(*ms).is_ok())
        .ok_or_else(|| "longer than PostgreSQL can wait, 24 days".into())
}

fn split_unit(text: &str) -> (&str, &str) {
    let text = text.trim();
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    (number, unit.trim())
}

/// `DBNAME` or `DBNAME=NEWNAME`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DatabaseArg {
    /// The database's name in the archive.
    pub source: BString,
    /// The name to restore it under, if another.
    pub target: Option<BString>,
}

impl DatabaseArg {
    /// The name to restore under.
    pub(crate) fn target(&self) -> &BString {
        self.target.as_ref().unwrap_or(&self.source)
    }

    fn parse(text: &[u8]) -> Result<Self, String> {
        let mut names = vec![BString::default()];
        let mut rest = text.iter().copied().peekable();
        while let Some(byte) = rest.next() {
            if byte == b'=' && rest.next_if_eq(&b'=').is_none() {
                names.push(BString::default());
            } else if let Some(name) = names.last_mut() {
                name.push(byte);
            }
        }
        let mut names = names.into_iter();
        let (source, target) = (names.next().unwrap_or_default(), names.next());
        if names.next().is_some() {
            return Err("more than one =; write == for a = that belongs to a name".into());
        }
        if source.is_empty() || target.as_ref().is_some_and(|name| name.is_empty()) {
            return Err("a database name is empty".into());
        }
        Ok(Self { source, target })
    }
}

/// `OLD=NEW`: a role, and the one in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RoleArg {
    /// The role's name in the archive.
    pub source: BString,
    /// The role in its place.
    pub target: BString,
}

/// Permissions in octal, as chmod takes them.
pub(crate) fn file_mode(text: &str) -> Result<u32, String> {
    let is_octal = (3..=4).contains(&text.len()) && text.bytes().all(|b| matches!(b, b'0'..=b'7'));
    let mode = u32::from_str_radix(text, 8).ok();
    mode.filter(|&mode| is_octal && mode <= 0o777)
        .ok_or_else(|| "permissions in octal are expected, for instance 0640".to_owned())
}

/// The parser of `--map-role OLD=NEW`, written as `DBNAME=NEWNAME` is.
pub(crate) fn role_parser() -> impl TypedValueParser<Value = RoleArg> {
    OsStringValueParser::new().try_map(|value: OsString| {
        let names = DatabaseArg::parse(value.as_bytes()).map_err(|_| NOT_ROLES)?;
        let target = names.target.ok_or(NOT_ROLES)?;
        Ok::<RoleArg, &str>(RoleArg {
            source: names.source,
            target,
        })
    })
}

const NOT_ROLES: &str = "not OLD=NEW; write == for a = that belongs to a name";

/// Names are bytes: not every database name is valid in the terminal's encoding.
#[derive(Clone, Debug)]
pub(crate) struct DatabaseArgParser;

impl TypedValueParser for DatabaseArgParser {
    type Value = DatabaseArg;

    fn parse_ref(
        &self,
        command: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<DatabaseArg, clap::Error> {
        let parser = OsStringValueParser::new()
            .try_map(|value: OsString| DatabaseArg::parse(value.as_bytes()));
        parser.parse_ref(command, arg, value)
    }
}

impl ValueParserFactory for DatabaseArg {
    type Parser = DatabaseArgParser;

    fn value_parser() -> DatabaseArgParser {
        DatabaseArgParser
    }
}

/// The bytes of arguments, for operations, which know no `OsString`.
pub(crate) fn bytes(args: &[OsString]) -> Vec<BString> {
    args.iter()
        .map(|arg| BString::from(arg.clone().into_vec()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_mode_is_octal_and_nothing_else() {
        assert_eq!(file_mode("0640"), Ok(0o640));
        assert_eq!(file_mode("644"), Ok(0o644));
        for bad in ["", "64", "0648", "u=rw", "+640", "4755", "00640", "-640"] {
            assert!(file_mode(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn sizes_are_powers_of_1024_with_any_spelling_of_the_unit() {
        for text in ["8MB", "8MiB", "8m", "8 mb", "8192kB", "8388608", "8388608B"] {
            assert_eq!(chunk_bytes(text), Ok(8 << 20), "{text}");
        }
        for text in [
            "",
            "MB",
            "-1MB",
            "1.5MB",
            "8TB",
            "0",
            "63kB",
            "2GB",
            "99999999999999999999",
        ] {
            assert!(chunk_bytes(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_rate_is_a_size_per_second() {
        let rate = |text| bandwidth(text).map(NonZeroU64::get);
        for text in ["20MB", "20MB/s", "20 mib/s", "20480kB"] {
            assert_eq!(rate(text), Ok(20 << 20), "{text}");
        }
        for text in ["", "0", "20", "1023", "fast", "/s", "20MB/min"] {
            assert!(rate(text).is_err(), "{text}");
        }
    }

    #[test]
    fn times_have_postgresql_s_units() {
        assert_eq!(timeout_ms("1500"), Ok(1_500));
        assert_eq!(timeout_ms("10s"), Ok(10_000));
        assert_eq!(timeout_ms("2 min"), Ok(120_000));
        for text in ["", "s", "10m", "-1", "100d", "18446744073709551615d"] {
            assert!(timeout_ms(text).is_err(), "{text}");
        }
    }

    #[test]
    fn formats_are_pg_restores() {
        for text in ["c", "Custom", "d", "directory", "t", "TAR"] {
            assert!(format(text).is_ok(), "{text}");
        }
        for text in ["p", "plain", "", "x"] {
            assert!(format(text).is_err(), "{text}");
        }
    }

    #[test]
    fn jobs_are_at_least_one_and_not_absurd() {
        assert_eq!(jobs("1").map(NonZeroUsize::get), Ok(1));
        assert_eq!(jobs("512").map(NonZeroUsize::get), Ok(512));
        for text in ["0", "-1", "513", "x", ""] {
            assert!(jobs(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_first_single_equals_sign_separates() {
        let parse = |text: &str| {
            DatabaseArg::parse(text.as_bytes()).map(|arg| {
                (
                    arg.source.to_string(),
                    arg.target.map(|name| name.to_string()),
                )
            })
        };
        let pair = |source: &str, target: &str| Ok((source.to_owned(), Some(target.to_owned())));
        assert_eq!(parse("jobs"), Ok(("jobs".into(), None)));
        assert_eq!(parse("jobs=copy"), pair("jobs", "copy"));
        assert_eq!(parse("a==b"), Ok(("a=b".into(), None)));
        assert_eq!(parse("a==b=c==d"), pair("a=b", "c=d"));
        assert_eq!(parse("a===b"), pair("a=", "b"));
        for text in ["", "=", "a=", "=b", "a=b=c"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn names_may_be_any_bytes() {
        let arg = DatabaseArg::parse(b"caf\xe9=x");
        assert_eq!(arg.map(|arg| arg.source), Ok(BString::from(b"caf\xe9")));
    }
}
