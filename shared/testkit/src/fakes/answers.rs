//! Answers that instances share, in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use domain::ports::{ShareAnswers, StoreError};
use tokio::time::Instant;

use super::unavailable;
use crate::lock;

/// A place for answers. Clones are the same place.
#[derive(Clone, Debug, Default)]
pub struct FakeAnswers(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    away: bool,
    answers: BTreeMap<String, (Vec<u8>, Instant)>,
    claims: BTreeMap<String, Instant>,
}

impl FakeAnswers {
    /// From now on the place is away, or back.
    pub fn set_away(&self, away: bool) {
        lock(&self.0).away = away;
    }

    /// How many answers were kept.
    pub fn kept(&self) -> usize {
        lock(&self.0).answers.len()
    }

    fn up(&self) -> Result<MutexGuard<'_, Inner>, StoreError> {
        let mut inner = lock(&self.0);
        let now = Instant::now();
        inner.answers.retain(|_, (_, until)| *until > now);
        inner.claims.retain(|_, until| *until > now);
        match inner.away {
            true => Err(unavailable()),
            false => Ok(inner),
        }
    }
}

impl ShareAnswers for FakeAnswers {
    async fn answer(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self
            .up()?
            .answers
            .get(name)
            .map(|(answer, _)| answer.clone()))
    }

    async fn keep_answer(
        &self,
        name: &str,
        answer: &[u8],
        kept: Duration,
    ) -> Result<(), StoreError> {
        let until = Instant::now() + kept;
        let kept = (answer.to_vec(), until);
        self.up()?.answers.insert(name.to_owned(), kept);
        Ok(())
    }

    async fn claim_answer(&self, name: &str, held: Duration) -> Result<bool, StoreError> {
        let mut inner = self.up()?;
        let is_free = !inner.claims.contains_key(name);
        if is_free {
            inner.claims.insert(name.to_owned(), Instant::now() + held);
        }
        Ok(is_free)
    }
}
