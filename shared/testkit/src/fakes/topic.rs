//! A topic that keeps what was published.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use contracts::events::{Envelope, PublishError, PublishEvents, PublishOutcome};
use domain::ports::Cause;

use crate::lock;

/// A topic. It keeps repeats: whoever reads it is the consumer that has to recognise them.
#[derive(Clone, Debug, Default)]
pub struct FakeTopic(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    published: Vec<Envelope>,
    trouble: BTreeMap<String, PublishOutcome>,
    is_down: bool,
}

impl FakeTopic {
    /// An event, by its id, of which something else becomes than that it is published.
    #[must_use]
    pub fn with_trouble(self, event: &str, outcome: PublishOutcome) -> Self {
        self.lock().trouble.insert(event.to_owned(), outcome);
        self
    }

    /// Lets it answer no more, or again.
    pub fn set_down(&self, is_down: bool) {
        self.lock().is_down = is_down;
    }

    /// What was published, oldest first.
    pub fn published(&self) -> Vec<Envelope> {
        self.lock().published.clone()
    }

    /// Ids of what was published, oldest first.
    pub fn ids(&self) -> Vec<String> {
        let published = self.published();
        published.into_iter().map(|event| event.id).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        lock(&self.0)
    }
}

impl PublishEvents for FakeTopic {
    async fn publish(&self, events: &[Envelope]) -> Result<Vec<PublishOutcome>, PublishError> {
        let mut inner = self.lock();
        if inner.is_down {
            return Err(PublishError::Unavailable(Cause("throttled".to_owned())));
        }
        let mut held = BTreeSet::new();
        let outcome = |event: &Envelope| {
            if held.contains(&event.group()) {
                return PublishOutcome::Held;
            }
            if let Some(outcome) = inner.trouble.get(&event.id) {
                held.insert(event.group());
                return outcome.clone();
            }
            inner.published.push(event.clone());
            PublishOutcome::Published
        };
        Ok(events.iter().map(outcome).collect())
    }
}
