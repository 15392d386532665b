//! Answers that are made once: kept in the process, and beside all processes where there is such a place.
//!
//! The name of an answer has in it what it is made of (a version, another after each change), so no answer is
//! ever taken back: what is new has another name, and the old one is forgotten in time. Whoever asks while
//! an answer is being made waits for it, in this process and, for a while, in others. What the shared
//! place does not say in time, or says wrong, is made here: it never fails anybody.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use domain::TenantId;
use domain::ports::{ShareAnswers, StoreError};
use moka::future::Cache;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, sleep_until};
use tracing::debug;

#[cfg(test)]
mod tests;

/// Most bytes of answers in a process.
const NEAR_BYTES: u64 = 8 * 1024 * 1024;
/// How long an answer stays in a process, however often it is asked for.
const NEAR: Duration = Duration::from_secs(600);
/// How long it stays beside all of them.
const FAR: Duration = Duration::from_secs(3_600);
/// For how long one process alone makes an answer.
const MAKING: Duration = Duration::from_secs(2);
/// How long another waits for it before it makes its own.
const WAITS: Duration = Duration::from_secs(1);
/// How often it looks meanwhile.
const LOOKS: Duration = Duration::from_millis(40);
/// How answers are written; another number for another way.
const FORM: u32 = 1;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question<'a> {
    /// Whose answer it is: nobody else's question has it.
    pub tenant: &'a TenantId,
    /// What is asked for, with every bound; no colon in it.
    pub what: String,
    /// What the answer is made of: another text after each change of that; no colon in it.
    pub version: String,
}

impl Question<'_> {
    /// Its parts have no colon but for the last, so no two questions have one name.
    fn name(&self) -> String {
        format!("{FORM}:{}:{}:{}", self.version, self.what, self.tenant)
    }
}

type Bytes = Arc<[u8]>;

/// The answers.
pub struct Answers<S> {
    near: Cache<String, Bytes>,
    far: Option<S>,
}

impl<S> fmt::Debug for Answers<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answers").finish_non_exhaustive()
    }
}

impl<S: ShareAnswers + Sync> Answers<S> {
    /// With a place beside all processes, or without.
    pub fn new(far: Option<S>) -> Self {
        let size = |name: &String, answer: &Bytes| {
            u32::try_from(name.len() + answer.len()).unwrap_or(u32::MAX)
        };
        let near = Cache::builder()
            .max_capacity(NEAR_BYTES)
            .weigher(size)
            .time_to_live(NEAR)
            .build();
        Self { near, far }
    }

    /// The answer to a question: one that was made, or what `make` makes. Its failure is told to all who wait
    /// for it, and kept by nobody.
    ///
    /// # Errors
    /// That of `make`; Broken where the answer cannot be written.
    pub async fn of<T, F>(&self, question: &Question<'_>, make: F) -> Result<T, StoreError>
    where
        T: Serialize + DeserializeOwned,
        F: Future<Output = Result<T, StoreError>>,
    {
        let name = question.name();
        let made = async { self.shared_or_made(&question.name(), make).await };
        let answer = self.near.try_get_with(name, made).await;
        let answer = answer.map_err(|error| (*error).clone())?;
        serde_json::from_slice(&answer).map_err(broken)
    }

    async fn shared_or_made<T, F>(&self, name: &str, make: F) -> Result<Bytes, StoreError>
    where
        T: Serialize + DeserializeOwned,
        F: Future<Output = Result<T, StoreError>>,
    {
        if let Some(far) = &self.far
            && let Some(answer) = shared::<T>(far, name).await
        {
            return Ok(answer.into());
        }
        let made = serde_json::to_vec(&make.await?).map_err(broken)?;
        if let Some(far) = &self.far {
            let kept = far.keep_answer(name, &made, FAR).await;
            kept.unwrap_or_else(|error| note(&error));
        }
        Ok(made.into())
    }
}

/// The answer that is shared, or that somebody else is making; nothing where it is for us to make.
async fn shared<T: DeserializeOwned>(far: &impl ShareAnswers, name: &str) -> Option<Vec<u8>> {
    let until = Instant::now() + WAITS;
    let mut claimed = false;
    loop {
        match far.answer(name).await {
            Ok(Some(answer)) => {
                let is_one = serde_json::from_slice::<T>(&answer).is_ok();
                return is_one.then_some(answer);
            }
            Ok(None) if claimed => {}
            Ok(None) => match far.claim_answer(name, MAKING).await {
                // Nobody else makes it now.
                Ok(true) => return None,
                Ok(false) => claimed = true,
                Err(error) => {
                    note(&error);
                    return None;
                }
            },
            Err(error) => {
                note(&error);
                return None;
            }
        }
        if Instant::now() >= until {
            return None;
        }
        sleep_until(Instant::now() + LOOKS).await;
    }
}

/// Whoever looks after the place has metrics of its own.
fn note(error: &StoreError) {
    debug!(%error, "an answer is not shared");
}

fn broken(error: serde_json::Error) -> StoreError {
    StoreError::Broken(domain::ports::Cause(format!("an answer: {error}")))
}
