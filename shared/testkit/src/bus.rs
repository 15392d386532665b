//! Publish and subscribe within one process: what topic and queues are to the shop, for tests and tools
//! that have neither.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use contracts::events::Envelope;
use domain::ports::{Letter, ReceiveMessages, Received, SendMessages};

use crate::fakes::FakeQueue;
use crate::must;

/// Longer than a round of deliveries takes.
const HIDDEN: Duration = Duration::from_secs(60);

/// What a handler says of an event: that it was taken in, or why not.
pub type Handled = Result<(), Box<dyn Error>>;

/// Lets one part tell others without knowing them.
pub trait EventBus {
    /// Hands everything that is published under this name to the handler from now on.
    fn subscribe<H, F>(&mut self, name: &str, handler: H)
    where
        H: Fn(Envelope) -> F + 'static,
        F: Future<Output = Handled> + 'static;

    /// Tells whoever subscribed to the name. It waits for none of them, and none of them can fail it.
    fn publish(&self, name: &str, event: &Envelope) -> impl Future<Output = ()>;
}

type Handler = Box<dyn Fn(Envelope) -> Pin<Box<dyn Future<Output = Handled>>>>;

/// A bus in memory. Each subscription has a queue of its own: an event is handed over at least once,
/// those of one aggregate in their order, and what failed too often lies in the dead letters.
pub struct MemoryBus {
    tries: u32,
    subscriptions: Vec<Subscription>,
}

struct Subscription {
    name: String,
    handler: Handler,
    queue: FakeQueue,
    dead_letters: FakeQueue,
}

impl MemoryBus {
    /// A bus without subscriptions that gives an event up after so many tries.
    pub const fn giving_up_after(tries: u32) -> Self {
        Self {
            tries,
            subscriptions: Vec::new(),
        }
    }

    /// Hands over what was published, until nothing is left.
    pub async fn deliver(&self) {
        for subscription in &self.subscriptions {
            subscription.drain().await;
        }
    }

    /// The ids of what those who subscribed to this name could not take in.
    pub fn dead_letters(&self, name: &str) -> Vec<String> {
        let named = self.subscriptions.iter().filter(|it| it.name == name);
        let letters = named.flat_map(|it| it.dead_letters.letters());
        letters.map(|letter| event_in(&letter).id).collect()
    }
}

impl EventBus for MemoryBus {
    fn subscribe<H, F>(&mut self, name: &str, handler: H)
    where
        H: Fn(Envelope) -> F + 'static,
        F: Future<Output = Handled> + 'static,
    {
        let dead_letters = FakeQueue::default();
        self.subscriptions.push(Subscription {
            name: name.to_owned(),
            handler: Box::new(move |event| Box::pin(handler(event))),
            queue: FakeQueue::default().giving_up_after(self.tries, &dead_letters),
            dead_letters,
        });
    }

    async fn publish(&self, name: &str, event: &Envelope) {
        let letter = Letter {
            body: must(serde_json::to_string(event)),
            group: Some(event.group()),
            dedupe: Some(event.id.clone()),
            ..Letter::default()
        };
        for subscription in self.subscriptions.iter().filter(|it| it.name == name) {
            must(subscription.queue.send(&letter).await);
        }
    }
}

impl Subscription {
    async fn drain(&self) {
        loop {
            let batch = must(self.queue.receive(HIDDEN).await);
            if batch.is_empty() {
                break;
            }
            self.hand_over(batch).await;
        }
    }

    /// Behind one that failed the rest of its aggregate goes back untried.
    async fn hand_over(&self, batch: Vec<Received>) {
        let mut failed = Vec::new();
        for message in batch {
            let group = message.letter.group.clone();
            let is_done =
                !failed.contains(&group) && (self.handler)(event_in(&message.letter)).await.is_ok();
            if is_done {
                must(self.queue.delete(&message).await);
            } else {
                must(self.queue.give_back(&message).await);
                failed.push(group);
            }
        }
    }
}

fn event_in(letter: &Letter) -> Envelope {
    must(Envelope::parse(&letter.body))
}

impl std::fmt::Debug for MemoryBus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = self.subscriptions.iter().map(|it| it.name.as_str());
        f.debug_list().entries(names).finish()
    }
}

#[cfg(test)]
mod tests;
