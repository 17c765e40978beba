//! How long to wait before something is tried again. Pure.

use std::time::Duration;

/// No pause is longer.
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// A server that is not back after all these pauses is not waited for any longer.
pub(crate) const TOTAL_MAX: Duration = Duration::from_secs(5 * 60);

/// Pauses that grow.
#[derive(Debug)]
pub(crate) struct Pauses {
    next: Duration,
    total: Duration,
}

impl Pauses {
    /// The first one is this long.
    pub(crate) fn new(first: Duration) -> Self {
        Self {
            next: first,
            total: Duration::ZERO,
        }
    }

    /// The next pause, twice as long as the one before.
    pub(crate) fn next(&mut self) -> Duration {
        let pause = self.next;
        self.total += pause;
        self.next = (pause * 2).min(PAUSE_MAX);
        pause
    }

    /// Whether it was waited long enough.
    pub(crate) fn is_over(&self) -> bool {
        self.total > TOTAL_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_come_to_an_end() {
        let mut pauses = Pauses::new(Duration::from_millis(100));
        assert_eq!(pauses.next(), Duration::from_millis(100));
        assert_eq!(pauses.next(), Duration::from_millis(200));
        let more = std::iter::from_fn(|| (!pauses.is_over()).then(|| pauses.next()));
        let longest = more.inspect(|_| {}).collect::<Vec<_>>();
        assert!(
            longest.len() > 50 && longest.len() < 100,
            "{}",
            longest.len()
        );
        assert_eq!(longest.last(), Some(&PAUSE_MAX));
    }
}
