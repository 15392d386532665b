//! What the calls of one process to one third party go through.

use std::fmt;
use std::time::Duration;

use futures::lock::Mutex;
use jiff::{SignedDuration, Timestamp};
use thiserror::Error;
use tokio::sync::Semaphore;
use tracing::warn;

use crate::row::{Gate, Row, State};
use crate::{Budget, PutError, Share, ShareError, Terms, Time};

/// So many writes for one report. Whoever is refused that often met as many others, who told the
/// same.
const TRIES: usize = 3;
/// Who finds it shut looks again after so long: a probe may have gone well before it had to.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(2);
/// Longest wait before a call is repeated.
const BACKOFF: Duration = Duration::from_millis(500);

/// What a call says about the third party.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It answered. A refusal is an answer.
    Good,
    /// It did not, or says itself that it is in trouble.
    Bad,
    /// The same, and the call may be repeated.
    BadAndSafeToRepeat,
}

/// Why there is no result.
#[derive(Debug, Error)]
pub enum Refused<E: std::error::Error + 'static> {
    /// Nobody called: the breaker is open.
    #[error("not called: it was in trouble, the next try is at {until}")]
    Shut {
        /// When to come again.
        until: Timestamp,
    },
    /// Nobody called: too many calls are under way.
    #[error("not called: too many calls are under way")]
    Busy,
    /// The call failed.
    #[error(transparent)]
    Failed(E),
}

/// What goes through to the third party, and how it went.
#[derive(Clone, Copy, Debug)]
enum Pass {
    Call,
    /// The version of the row that says that it is out.
    Probe(u64),
}

#[derive(Debug, Default)]
struct Known {
    row: Row,
    /// When the row was last read or written.
    looked: Option<Timestamp>,
    /// What went well and was not told, and since when.
    good: (u32, Option<Timestamp>),
    budget: Budget,
}

/// The calls of one process to one third party.
pub struct Guard<S> {
    name: String,
    share: S,
    terms: Terms,
    known: Mutex<Known>,
    slots: Semaphore,
}

impl<S> fmt::Debug for Guard<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Guard");
        shown.field("name", &self.name).finish_non_exhaustive()
    }
}

impl<S: Share> Guard<S> {
    /// Nothing is known yet of the third party of this name.
    pub fn new(name: &str, share: S, terms: Terms) -> Self {
        Self {
            name: name.to_owned(),
            share,
            terms,
            known: Mutex::default(),
            slots: Semaphore::new(terms.at_once),
        }
    }

    /// Makes the call, if it may be made, and once more where `judge` allows it and the budget does.
    /// The call has a time limit of its own.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn run<T, E: std::error::Error + 'static>(
        &self,
        time: &impl Time,
        call: impl AsyncFn() -> Result<T, E>,
        judge: impl Fn(&Result<T, E>) -> Health,
    ) -> Result<T, Refused<E>> {
        let slot = self.slots.try_acquire().map_err(|_| Refused::Busy)?;
        let result = self.tried(time, call, judge).await;
        drop(slot);
        result
    }

    async fn tried<T, E: std::error::Error + 'static>(
        &self,
        time: &impl Time,
        call: impl AsyncFn() -> Result<T, E>,
        judge: impl Fn(&Result<T, E>) -> Health,
    ) -> Result<T, Refused<E>> {
        self.known.lock().await.budget.earn();
        let error = match self.once(time, &call, &judge).await {
            (Err(Refused::Failed(error)), Health::BadAndSafeToRepeat) => error,
            (result, _) => return result,
        };
        if !self.known.lock().await.budget.spend() {
            return Err(Refused::Failed(error));
        }
        time.sleep(backoff(time.now())).await;
        match self.once(time, &call, &judge).await.0 {
            Err(Refused::Shut { .. } | Refused::Busy) => Err(Refused::Failed(error)),
            result => result,
        }
    }

    /// One call, and what it says.
    async fn once<T, E: std::error::Error + 'static>(
        &self,
        time: &impl Time,
        call: &impl AsyncFn() -> Result<T, E>,
        judge: &impl Fn(&Result<T, E>) -> Health,
    ) -> (Result<T, Refused<E>>, Health) {
        let began = time.now();
        let pass = match self.enter(began).await {
            Ok(pass) => pass,
            Err(until) => return (Err(Refused::Shut { until }), Health::Bad),
        };
        let result = call().await;
        let health = judge(&result);
        let now = time.now();
        let slow = now.duration_since(began) > signed(self.terms.slow);
        self.leave(pass, health == Health::Good && !slow, now).await;
        (result.map_err(Refused::Failed), health)
    }

    /// When to come again, where calls do not go through now.
    pub async fn shut_until(&self, now: Timestamp) -> Option<Timestamp> {
        let mut known = self.known.lock().await;
        self.look(&mut known, now).await;
        match known.row.gate(now) {
            Gate::Shut(until) => Some(until),
            Gate::Pass | Gate::Probe => None,
        }
    }

    /// Since when calls do not go through, as far as this process knows.
    pub async fn open_since(&self) -> Option<Timestamp> {
        self.known.lock().await.row.open_since()
    }

    /// The first time, and while it is shut, what others know is read; else it is told by whatever
    /// they changed first.
    async fn look(&self, known: &mut Known, now: Timestamp) {
        let is_fresh = known.looked.is_some_and(|looked| {
            known.row.gate(now) == Gate::Pass || now.duration_since(looked) < LOOK_AGAIN
        });
        if is_fresh {
            return;
        }
        match self.share.breaker(&self.name).await {
            Ok(row) => known.row = row,
            Err(error) => self.alone(&error),
        }
        known.looked = Some(now);
    }

    async fn enter(&self, now: Timestamp) -> Result<Pass, Timestamp> {
        let mut known = self.known.lock().await;
        self.look(&mut known, now).await;
        for _ in 0..TRIES {
            match known.row.gate(now) {
                Gate::Pass => return Ok(Pass::Call),
                Gate::Shut(until) => return Err(until),
                Gate::Probe => {}
            }
            let mut row = known.row.clone();
            row.probing(now, &self.terms);
            if self.put(&mut known, row).await {
                return Ok(Pass::Probe(known.row.version));
            }
        }
        Err(now)
    }

    async fn leave(&self, pass: Pass, good: bool, now: Timestamp) {
        let mut known = self.known.lock().await;
        match pass {
            Pass::Call if good => self.went_well(&mut known, now),
            Pass::Call => self.report(&mut known, now).await,
            Pass::Probe(version) if version == known.row.version => {
                let mut row = known.row.clone();
                row.probed(good, now, &self.terms);
                // Whoever took it over meanwhile tells what they saw.
                self.put(&mut known, row).await;
            }
            Pass::Probe(_) => {}
        }
    }

    fn went_well(&self, known: &mut Known, now: Timestamp) {
        let lately = self.good_lately(known, now);
        let since = known.good.1.filter(|_| lately > 0).unwrap_or(now);
        known.good = (lately.saturating_add(1), Some(since));
    }

    /// What went well long ago says nothing of now.
    fn good_lately(&self, known: &Known, now: Timestamp) -> u32 {
        let (good, since) = known.good;
        let is_over = |since| now.duration_since(since) > signed(self.terms.window);
        match since {
            Some(since) if !is_over(since) => good,
            _ => 0,
        }
    }

    async fn report(&self, known: &mut Known, now: Timestamp) {
        let good = self.good_lately(known, now);
        known.good = (0, None);
        for _ in 0..TRIES {
            let mut row = known.row.clone();
            if matches!(row.state, State::Open(_)) {
                return;
            }
            row.count(good, now, &self.terms);
            if self.put(known, row).await {
                return;
            }
        }
    }

    /// Whether the row is written, or at least noted where the store is away. Where others were
    /// first, theirs is known then.
    async fn put(&self, known: &mut Known, mut row: Row) -> bool {
        match self.share.put_breaker(&self.name, &row).await {
            Ok(()) => row.version = row.version.saturating_add(1),
            Err(PutError::Taken(stored)) => {
                known.row = stored;
                return false;
            }
            Err(PutError::Share(error)) => self.alone(&error),
        }
        if known.row.open_since() != row.open_since() {
            let open = row.open_since().is_some();
            warn!(dependency = %self.name, open, "the breaker opens or closes");
        }
        known.row = row;
        true
    }

    fn alone(&self, error: &ShareError) {
        let error = error as &dyn std::error::Error;
        warn!(dependency = %self.name, error, "what others know of it is not known");
    }
}

/// Between nothing and the longest wait, by the microseconds that the clock shows: those who failed
/// together do not come again together.
fn backoff(now: Timestamp) -> Duration {
    let part = u32::try_from(now.subsec_microsecond()).unwrap_or_default() % 1_000;
    BACKOFF.mul_f64(f64::from(part) / 1_000.0)
}

fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By a clock that shows microseconds, as ours does.
    #[test]
    fn those_who_failed_together_do_not_come_again_together() {
        let at = |microsecond| Timestamp::from_microsecond(microsecond).unwrap();
        assert_ne!(backoff(at(1)), backoff(at(2)));
        assert!(backoff(at(999)) < BACKOFF);
    }
}
