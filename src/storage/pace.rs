//! How fast bytes may come and go: one bucket of tokens for all who read and write through the same store.
//!
//! The bucket is pure: it says until when to wait, and [`Pace`] waits. A newcomer waits behind those who
//! came before, so no reader of a large range keeps the others from theirs, as long as each pays in pieces.

use std::num::NonZeroU64;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::monitor::Monitor;

/// The most that is paid for at once, and so the most that goes by at full speed.
pub(super) const PIECE_BYTES: usize = 64 << 10;
/// How much time may be made up for after a pause: little more than a timer's inaccuracy.
const CREDIT: Duration = Duration::from_millis(50);

/// A limit that several readers and writers share, or none. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Pace(Option<Limited>);

#[derive(Clone)]
struct Limited {
    bucket: Arc<Mutex<Bucket>>,
    monitor: Monitor,
}

impl Pace {
    /// So many bytes per second, all clones together, until `monitor` is asked to stop.
    pub(super) fn limited(bytes_per_second: NonZeroU64, monitor: Monitor) -> Self {
        let bucket = Bucket::new(bytes_per_second, Instant::now());
        let bucket = Arc::new(Mutex::new(bucket));
        Self(Some(Limited { bucket, monitor }))
    }

    /// Whether there is a limit at all.
    pub(super) fn is_limited(&self) -> bool {
        self.0.is_some()
    }

    /// Waits until this many bytes are paid for. Call it with at most [`PIECE_BYTES`], or with the bytes that
    /// came at once anyway. After a wish to stop nobody waits: a reader that cannot be interrupted must come
    /// to the place where it sees the wish.
    pub(super) async fn pay(&self, bytes: usize) {
        let Some(Limited { bucket, monitor }) = &self.0 else {
            return;
        };
        let until = bucket
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .reserve(Instant::now(), bytes as u64);
        tokio::select! {
            () = tokio::time::sleep_until(until.into()) => {}
            () = monitor.interrupted() => {}
        }
    }
}

struct Bucket {
    bytes_per_second: NonZeroU64,
    /// Until when time is spoken for.
    reserved: Instant,
}

impl Bucket {
    fn new(bytes_per_second: NonZeroU64, now: Instant) -> Self {
        Self {
            bytes_per_second,
            reserved: now,
        }
    }

    /// When this many bytes may have gone by.
    fn reserve(&mut self, now: Instant, bytes: u64) -> Instant {
        let earliest = now.checked_sub(CREDIT).unwrap_or(now);
        let begin = self.reserved.max(earliest);
        let nanos = u128::from(bytes) * 1_000_000_000 / u128::from(self.bytes_per_second.get());
        let cost = Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
        self.reserved = begin.checked_add(cost).unwrap_or(begin);
        self.reserved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u64 = 1_000_000;

    fn bucket(now: Instant) -> Bucket {
        Bucket::new(NonZeroU64::new(RATE).unwrap_or(NonZeroU64::MIN), now)
    }

    #[test]
    fn bytes_take_their_time_however_many_come_at_once() {
        let start = Instant::now();
        let mut bucket = bucket(start);
        let until: Vec<Duration> = (0..4)
            .map(|_| bucket.reserve(start, RATE / 2) - start)
            .collect();
        assert_eq!(until, [500, 1000, 1500, 2000].map(Duration::from_millis));
    }

    #[test]
    fn a_pause_is_made_up_for_by_the_credit_and_no_more() {
        let start = Instant::now();
        let mut bucket = bucket(start);
        bucket.reserve(start, RATE);
        let later = start + Duration::from_secs(60);
        assert_eq!(
            bucket.reserve(later, RATE),
            later + Duration::from_secs(1) - CREDIT
        );
        // A timer that fires late costs nothing.
        let late = later + Duration::from_secs(1);
        assert_eq!(
            bucket.reserve(late, RATE),
            late + Duration::from_secs(1) - CREDIT
        );
    }

    #[test]
    fn the_rate_is_kept_over_many_pieces_of_any_size() {
        let start = Instant::now();
        let (mut bucket, mut now, mut paid) = (bucket(start), start, 0_u64);
        for piece in (1..2000_u64).map(|n| n * 37 % 65_536) {
            // Waits that are up to 7 ms too long.
            now = now.max(bucket.reserve(now, piece)) + Duration::from_millis(piece % 8);
            paid += piece;
        }
        let least = Duration::from_micros(paid) - CREDIT;
        assert!(now - start >= least, "{:?} {least:?}", now - start);
    }

    #[tokio::test]
    async fn without_a_limit_nobody_waits() {
        let begun = Instant::now();
        Pace::default().pay(usize::MAX).await;
        assert!(begun.elapsed() < Duration::from_secs(3600));
        let rate = NonZeroU64::new(10 << 20).unwrap_or(NonZeroU64::MIN);
        let limited = Pace::limited(rate, Monitor::void());
        let begun = Instant::now();
        limited.clone().pay(1 << 20).await;
        limited.pay(1 << 20).await;
        assert!(begun.elapsed() >= Duration::from_millis(200) - CREDIT);
    }

    struct Deaf;

    impl crate::monitor::Sink for Deaf {
        fn event(&self, _event: crate::monitor::Event) {}
    }

    /// An hour's worth of bytes: the test ends because of the wish, or not at all.
    #[tokio::test]
    async fn a_wish_to_stop_ends_the_waiting() {
        let (monitor, interrupt) = Monitor::new(Arc::new(Deaf));
        let slow = Pace::limited(NonZeroU64::MIN, monitor);
        let waiting = tokio::spawn(async move { slow.pay(3600).await });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        interrupt.interrupt();
        assert!(waiting.await.is_ok());
    }
}
