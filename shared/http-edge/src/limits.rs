//! How many requests somebody may send in any 60 seconds: customers by their account, everybody
//! else by the address that API Gateway saw. What a client says of its address is not looked at.

mod quota;
mod rates;
mod whose;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use domain::{Account, CustomerId, Email, PasswordHash, TenantId};
use jiff::Timestamp;
use limits::{CounterError, Counters, Limit, Limiter, Time, Verdict};
use tracing::warn;

use crate::Problem;
pub(crate) use quota::Quota;
pub use rates::{InvalidRates, Rates};
pub(crate) use whose::{Whose, address};

/// How long the counters may take. An order does not wait for them longer.
const PATIENCE: Duration = Duration::from_secs(2);
/// Nor does it ask them again for so long after they failed.
const LEFT_ALONE_MS: u64 = 5_000;

type Passing<'a> = Pin<Box<dyn Future<Output = Result<Verdict, CounterError>> + Send + 'a>>;

/// [`Limiter`] with any counters, and a clock.
trait Gate: Send + Sync {
    fn pass<'a>(&'a self, key: &'a str, limit: Limit) -> Passing<'a>;
    fn now(&self) -> Time;
}

struct Counted<C, N> {
    limiter: Limiter<C>,
    now: N,
}

impl<C, N> Gate for Counted<C, N>
where
    C: Counters + Send + Sync,
    N: Fn() -> Timestamp + Send + Sync,
{
    fn pass<'a>(&'a self, key: &'a str, limit: Limit) -> Passing<'a> {
        Box::pin(self.limiter.pass(key, limit, || self.now()))
    }

    fn now(&self) -> Time {
        Time(u64::try_from((self.now)().as_millisecond()).unwrap_or_default())
    }
}

/// The limits of one function. Clones share what this process holds of them.
#[derive(Clone)]
pub struct Limits {
    gate: Arc<dyn Gate>,
    /// Until when the counters are left alone, in milliseconds since 1970.
    down_until: Arc<AtomicU64>,
    rates: Rates,
}

impl fmt::Debug for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut limits = f.debug_struct("Limits");
        limits.field("rates", &self.rates).finish_non_exhaustive()
    }
}

impl Limits {
    /// Limits whose rows are kept there.
    pub fn new<C, N>(counters: C, rates: Rates, now: N) -> Self
    where
        C: Counters + Send + Sync + 'static,
        N: Fn() -> Timestamp + Send + Sync + 'static,
    {
        let limiter = Limiter::new(counters);
        Self {
            gate: Arc::new(Counted { limiter, now }),
            down_until: Arc::default(),
            rates,
        }
    }

    /// Counts a frame of a socket like a request of whoever has the socket.
    ///
    /// # Errors
    /// 429.
    pub async fn count_frame(&self, tenant: &TenantId, reader: &CustomerId) -> Result<(), Problem> {
        let whose = Whose::User(format!("{tenant}#{reader}"));
        self.count(&whose).await.map(drop)
    }

    /// Counts one request. While nobody can count, those pass who do not come to get in.
    pub(crate) async fn count(&self, whose: &Whose) -> Result<Quota, Problem> {
        let quota = Quota::of(whose.name(), whose.limit(&self.rates));
        let is_down = self.gate.now().0 < self.down_until.load(Ordering::Relaxed);
        if is_down && !whose.is_way_in() {
            return Ok(quota);
        }
        let key = whose.key();
        let passing = self.gate.pass(&key, Limit::new(quota.limit));
        let error = match tokio::time::timeout(PATIENCE, passing).await {
            Ok(Ok(Verdict::Passed { left })) => return Ok(quota.left(left)),
            Ok(Ok(Verdict::Refused { until })) => {
                let wait_ms = until.since(self.gate.now());
                return Err(quota.refusal(wait_ms.div_ceil(1_000).max(1)));
            }
            Ok(Err(error)) => crate::problem::chain(&error),
            Err(_) => "no answer in time".to_owned(),
        };
        let alone_until = self.gate.now().plus(LEFT_ALONE_MS);
        self.down_until.store(alone_until.0, Ordering::Relaxed);
        warn!(
            limits_down = true,
            limit = whose.name(),
            error,
            "not counted"
        );
        match whose.is_way_in() {
            true => Err(Problem::unavailable().because(error)),
            false => Ok(quota),
        }
    }
}

/// Tries at the password of an account, and texts to a number that may be anybody's. An extractor for
/// routes that are a way in, and for those behind a token.
#[derive(Clone, Debug)]
pub struct Guesses(pub(crate) Option<(Limits, String)>);

impl Guesses {
    /// Counts a try at an account: so many from one address, and more from all together, so that
    /// nobody keeps the owner out from one address alone. A try counts whatever comes of it: tries
    /// that are sent at once would all be let through before the first is known to have failed.
    ///
    /// # Errors
    /// 429; 503 while nobody can count.
    pub async fn at(&self, shop: &TenantId, email: &Email) -> Result<(), Problem> {
        let Some((limits, address)) = &self.0 else {
            return Ok(());
        };
        let account = format!("{shop}#{}", email.folded());
        let here = Whose::guesses_from(address, &account);
        limits.count(&here).await?;
        limits.count(&Whose::guesses_of(&account)).await.map(drop)
    }

    /// Counts a text to a telephone number that may be a stranger's: one a minute, whatever accounts
    /// say that it is theirs.
    ///
    /// # Errors
    /// 429; 503 while nobody can count.
    pub async fn count_text(&self, phone: &str) -> Result<(), Problem> {
        let Some((limits, _)) = &self.0 else {
            return Ok(());
        };
        limits.count(&Whose::texts_to(phone)).await.map(drop)
    }

    /// Asks for the password behind a token, which may be somebody else's by now: whoever stole it
    /// guesses no faster than at the door.
    ///
    /// # Errors
    /// 403 where it does not fit; and as [`Guesses::at`], before that is looked at.
    pub async fn prove(
        &self,
        account: &Account,
        fits: impl FnOnce(&PasswordHash) -> bool + Send,
    ) -> Result<(), Problem> {
        self.at(&account.tenant, &account.email).await?;
        if fits(&account.password) {
            return Ok(());
        }
        let wrong = "the current password is another";
        Err(Problem::new(StatusCode::FORBIDDEN, "wrong-password", "Wrong password").detail(wrong))
    }
}

impl<S: Sync> FromRequestParts<S> for Guesses {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let outside = || Problem::internal().because("nobody counts tries at this route");
        parts.extensions.get().cloned().ok_or_else(outside)
    }
}

#[cfg(test)]
mod tests;
