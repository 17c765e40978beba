//! The time at which a dump is made.

use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Datelike, Timelike};

use crate::toc::CreatedAt;

/// Seconds since 1970; 0 for a clock that is set before.
pub(super) fn now_unix() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(0)
}

/// The date as a TOC holds it, in UTC.
pub(super) fn created_at(unix: i64) -> CreatedAt {
    let time = DateTime::from_timestamp(unix, 0).unwrap_or_default();
    let int = |value: u32| i32::try_from(value).unwrap_or(0);
    CreatedAt {
        sec: int(time.second()),
        min: int(time.minute()),
        hour: int(time.hour()),
        mday: int(time.day()),
        mon: int(time.month0()),
        year: time.year() - 1900,
        isdst: 0,
    }
}
