//! A topic that keeps what was published.

use std::sync::{Arc, Mutex};

use contracts::events::Envelope;

use crate::lock;

/// A topic. It keeps repeats: whoever reads it is the consumer that has to recognise them.
#[derive(Clone, Debug, Default)]
pub struct FakeTopic(Arc<Mutex<Vec<Envelope>>>);

impl FakeTopic {
    /// Takes events.
    pub fn publish(&self, events: impl IntoIterator<Item = Envelope>) {
        lock(&self.0).extend(events);
    }

    /// What was published, oldest first.
    pub fn published(&self) -> Vec<Envelope> {
        lock(&self.0).clone()
    }
}
