//! Claims of idempotency keys.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use domain::ports::StoreError;
use idempotency::{Answer, Claim, ClaimError, KeepClaims, Key, Progress, Stored};
use jiff::Timestamp;
use uuid::Uuid;

use super::{Fault, unavailable};
use crate::lock;

/// The claims of the operations table.
#[derive(Clone, Debug, Default)]
pub struct FakeClaims(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    stored: BTreeMap<Key, Stored>,
    faults: VecDeque<Option<Fault>>,
}

type Written = Result<(), ClaimError<StoreError>>;

impl FakeClaims {
    /// What is stored under every key.
    pub fn all(&self) -> Vec<Stored> {
        lock(&self.0).stored.values().cloned().collect()
    }

    /// Lets the next write go wrong; several queue up.
    pub fn fail_next_write(&self, fault: Fault) {
        lock(&self.0).faults.push_back(Some(fault));
    }

    /// Lets the next write pass, before others that go wrong.
    pub fn pass_next_write(&self) {
        lock(&self.0).faults.push_back(None);
    }

    /// One write, around which a fault may strike.
    fn write(&self, change: impl FnOnce(&mut Inner) -> Written) -> Written {
        let mut inner = lock(&self.0);
        match inner.faults.pop_front().flatten() {
            Some(Fault::FailBefore) => Err(ClaimError::Store(unavailable())),
            Some(Fault::AppliedButError) => {
                change(&mut inner)?;
                Err(ClaimError::Store(unavailable()))
            }
            Some(Fault::Conflict) => Err(ClaimError::Taken(None)),
            None => change(&mut inner),
        }
    }
}

fn is_running(stored: &Stored, id: Uuid) -> bool {
    stored.claim.id == id && stored.progress == Progress::Running
}

fn taken(stored: Option<&Stored>) -> Written {
    Err(ClaimError::Taken(stored.cloned().map(Box::new)))
}

impl KeepClaims for FakeClaims {
    type Error = StoreError;

    async fn claim(&self, claim: &Claim, over: Option<Uuid>, now: Timestamp) -> Written {
        self.write(|inner| {
            let stored = inner.stored.get(&claim.key);
            let free = match (stored, over) {
                (Some(stored), Some(over)) => is_running(stored, over),
                (None, Some(_)) => false,
                (stored, None) => {
                    stored.is_none_or(|stored| stored.claim.expires.as_second() < now.as_second())
                }
            };
            if !free {
                return taken(stored);
            }
            let stored = Stored {
                claim: claim.clone(),
                progress: Progress::Running,
            };
            inner.stored.insert(claim.key, stored);
            Ok(())
        })
    }

    async fn complete(&self, claim: &Claim, answer: &Answer) -> Written {
        self.write(|inner| match inner.stored.get_mut(&claim.key) {
            Some(stored) if is_running(stored, claim.id) => {
                stored.progress = Progress::Done(answer.clone());
                Ok(())
            }
            stored => taken(stored.as_deref()),
        })
    }

    async fn release(&self, key: Key, id: Uuid) -> Result<(), StoreError> {
        let released = self.write(|inner| {
            if inner
                .stored
                .get(&key)
                .is_some_and(|stored| is_running(stored, id))
            {
                inner.stored.remove(&key);
            }
            Ok(())
        });
        match released {
            Err(ClaimError::Store(error)) => Err(error),
            Ok(()) | Err(ClaimError::Taken(_)) => Ok(()),
        }
    }
}
