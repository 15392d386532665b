//! A clock that a test moves.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use breaker::Time;
use jiff::{SignedDuration, Timestamp};

use crate::{build, lock, must};

/// A clock that stands still until a test moves it. Clones are the same clock.
#[derive(Clone, Debug)]
pub struct FakeClock(Arc<Mutex<Timestamp>>);

impl Default for FakeClock {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(build::at(0))))
    }
}

impl FakeClock {
    /// What it shows. Starts at [`build::at`] zero.
    pub fn now(&self) -> Timestamp {
        *lock(&self.0)
    }

    /// Moves it on, or back.
    pub fn advance(&self, by: SignedDuration) {
        let mut now = lock(&self.0);
        *now = must(now.checked_add(by));
    }
}

/// Whoever waits moves it on.
impl Time for FakeClock {
    fn now(&self) -> Timestamp {
        Self::now(self)
    }

    async fn sleep(&self, pause: Duration) {
        self.advance(must(SignedDuration::try_from(pause)));
    }
}
