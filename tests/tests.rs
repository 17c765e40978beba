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
// Stock tools copy the fixtures without loss, and the yardstick of equality measures.
mod fixtures;
