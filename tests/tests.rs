//! The one test binary: a line per topic.

#![allow(
    clippy::unwrap_used,
    unreachable_pub,
    reason = "a test that cannot go on fails, and its modules are nobody's API"
)]

// What the tests stand on: servers, stock clients, fixtures, equality.
#[allow(dead_code, reason = "a helper is there before its first test")]
mod support;

// Servers start, answer, and are gone afterwards.
mod clusters;

// pg_dump's own formats: every pg_dump and pg_restore at hand, and the crate libpgdump.
mod pgdump_formats;
