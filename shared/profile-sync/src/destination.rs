//! A service that keeps a copy of profiles, and the breaker that its calls go through.

use std::fmt;
use std::time::Duration;

use breaker::{Guard, Health, Refused, Share, Terms, Time};
use domain::ports::{ProviderError, SendProfile};
use domain::{Account, DestinationName, Sequence};
use jiff::Timestamp;

/// Nobody waits for an answer, so that no answer is too late: a service that is down is asked every ten minutes whether it is back.
pub const TERMS: Terms = Terms {
    window: Duration::from_secs(60),
    failures: 5,
    slow: Duration::from_secs(8),
    pause: Duration::from_secs(10),
    longest_pause: Duration::from_mins(10),
    probe: Duration::from_secs(15),
    closes_after: 2,
    at_once: 16,
};

/// A service that keeps a copy of profiles.
pub struct Destination<S, P> {
    name: DestinationName,
    per_minute: u16,
    guard: Guard<S>,
    service: P,
}

impl<S, P> fmt::Debug for Destination<S, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Destination");
        shown.field("name", &self.name).finish_non_exhaustive()
    }
}

impl<S: Share, P: SendProfile> Destination<S, P> {
    /// A service that is told so many profiles a minute at most when it catches up.
    pub fn new(name: DestinationName, per_minute: u16, share: S, service: P) -> Self {
        let guard = Guard::new(&Self::dependency(&name), share, TERMS);
        Self {
            name,
            per_minute,
            guard,
            service,
        }
    }

    /// What its breaker is called.
    pub fn dependency(name: &DestinationName) -> String {
        format!("profiles-{name}")
    }

    /// Its name.
    pub const fn name(&self) -> &DestinationName {
        &self.name
    }

    /// Most profiles of a minute.
    pub const fn per_minute(&self) -> u16 {
        self.per_minute
    }

    /// Whether it is not to be called now.
    pub async fn is_shut(&self, now: Timestamp) -> bool {
        self.guard.shut_until(now).await.is_some()
    }

    /// Since when it is not called but for probes, as far as this process knows.
    pub async fn open_since(&self) -> Option<Timestamp> {
        self.guard.open_since().await
    }

    /// Tells it the profile.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn send(
        &self,
        account: &Account,
        time: &impl Time,
    ) -> Result<Sequence, Refused<ProviderError>> {
        let call = || self.service.send_profile(account);
        self.guard.run(time, call, health).await
    }
}

/// Whatever it was, it may be repeated: the version is the key.
fn health(told: &Result<Sequence, ProviderError>) -> Health {
    match told {
        Ok(_) | Err(ProviderError::Refused(_)) => Health::Good,
        Err(ProviderError::Down(_) | ProviderError::Unknown(_)) => Health::BadAndSafeToRepeat,
        Err(ProviderError::Unexpected(_)) => Health::Bad,
    }
}
