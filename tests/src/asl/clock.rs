//! The time that every execution, task and scheduler of one test shares. It moves only when told.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

/// A clock that stands still until it is moved forward. Clones share the time.
#[derive(Debug, Clone)]
pub struct VirtualClock {
    now: Arc<Mutex<Timestamp>>,
}

impl VirtualClock {
    /// A clock that stands at `start`.
    #[must_use]
    pub fn at(start: Timestamp) -> Self {
        Self {
            now: Arc::new(Mutex::new(start)),
        }
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves to `moment`; a moment that has passed changes nothing.
    pub fn advance_to(&self, moment: Timestamp) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        *now = moment.max(*now);
    }

    /// Moves forward by `step`.
    pub fn advance_by(&self, step: Duration) {
        self.advance_to(later(self.now(), step));
    }
}

/// `moment` plus `after`; past the end of time it is the end of time.
pub(crate) fn later(moment: Timestamp, after: Duration) -> Timestamp {
    moment.checked_add(after).unwrap_or(Timestamp::MAX)
}
