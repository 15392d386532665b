//! Where time and random ids come from. Nothing else reads the system clock; handlers take a
//! [`Clock`], the domain takes the time itself.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

/// A source of the present time. Cheap to clone.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    System,
    Driven(Arc<dyn Fn() -> Timestamp + Send + Sync>),
}

impl Clock {
    /// The clock of this machine.
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still, for tests.
    pub fn fixed(at: Timestamp) -> Self {
        Self::driven(move || at)
    }

    /// A clock that somebody else turns, for virtual time.
    pub fn driven(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Source::Driven(Arc::new(now)))
    }

    /// The present time, in whole microseconds: PostgreSQL keeps no more, and what was read from there
    /// is to equal what was written.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the clock"
    )]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System => in_microseconds(Timestamp::now()),
            Source::Driven(now) => now(),
        }
    }
}

fn in_microseconds(time: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(time.as_microsecond()).unwrap_or(time)
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = match &self.0 {
            Source::System => "system",
            Source::Driven(_) => "driven",
        };
        f.debug_tuple("Clock").field(&source).finish()
    }
}

/// A new random id (UUID version 4), for requests and traces; what is stored has a derived one.
#[expect(
    clippy::disallowed_methods,
    reason = "a request has nothing that its id could be derived from"
)]
pub fn new_id() -> Uuid {
    Uuid::new_v4()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    #[test]
    fn a_fixed_clock_stands_still() {
        let clock = Clock::fixed(Timestamp::UNIX_EPOCH);
        assert_eq!(clock.now(), Timestamp::UNIX_EPOCH);
        assert_eq!(clock.clone().now(), Timestamp::UNIX_EPOCH);
    }

    #[test]
    fn a_time_is_cut_to_what_a_database_keeps() {
        let time: Timestamp = "2026-11-22T10:00:00.123456789Z".parse().unwrap();
        let cut: Timestamp = "2026-11-22T10:00:00.123456Z".parse().unwrap();
        assert_eq!(in_microseconds(time), cut);
        assert_eq!(Clock::system().now().subsec_nanosecond() % 1_000, 0);
    }

    #[test]
    fn a_driven_clock_follows_its_driver() {
        let seconds = Arc::new(AtomicI64::new(1));
        let hand = Arc::clone(&seconds);
        let clock = Clock::driven(move || {
            Timestamp::from_second(hand.load(Ordering::SeqCst)).unwrap_or_default()
        });
        seconds.store(7, Ordering::SeqCst);
        assert_eq!(clock.now().as_second(), 7);
    }
}
