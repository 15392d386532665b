//! Going through a queue without taking anything away: what was looked at stays hidden until the end,
//! so that what is behind it can be seen, and is given back then.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::ports::{ReceiveMessages, Received, StoreError};
use futures::StreamExt;
use futures::stream;

/// How long a message is hidden: longer than a call's messages take, not longer than somebody would wait
/// for those of a command that was stopped in the middle.
const HIDDEN: Duration = Duration::from_secs(120);
/// How many are given back at one time.
const AT_ONCE: usize = 10;

/// A way through a queue.
#[derive(Debug)]
pub(super) struct Walk<'a, Q> {
    queue: &'a Q,
    /// By its id.
    kept: BTreeMap<String, Received>,
}

impl<'a, Q: ReceiveMessages> Walk<'a, Q> {
    pub(super) const fn through(queue: &'a Q) -> Self {
        Self {
            queue,
            kept: BTreeMap::new(),
        }
    }

    /// Some that were not looked at before; none at the end. On a long way, what was looked at comes
    /// again, and is hidden again: the end is where everything did and nothing else comes.
    pub(super) async fn next(&mut self) -> Result<Vec<Received>, StoreError> {
        let mut again = 0;
        loop {
            let received = self.queue.receive(HIDDEN).await?;
            if received.is_empty() {
                return Ok(received);
            }
            let is_known = |message: &Received| self.kept.contains_key(&message.id);
            let (known, unknown): (Vec<_>, Vec<_>) = received.into_iter().partition(is_known);
            again += known.len();
            known.into_iter().for_each(|message| self.keep(message));
            if !unknown.is_empty() || again > self.kept.len() {
                return Ok(unknown);
            }
        }
    }

    /// Leaves it where it is.
    pub(super) fn keep(&mut self, message: Received) {
        self.kept.insert(message.id.clone(), message);
    }

    /// Takes it away.
    pub(super) async fn delete(&self, message: &Received) -> Result<(), StoreError> {
        self.queue.delete(message).await
    }

    /// Lets others see what was left where it is. Where that fails they do in two minutes.
    pub(super) async fn end(self) {
        let back = self.kept.values().map(|it| self.queue.give_back(it));
        let given: Vec<_> = stream::iter(back).buffer_unordered(AT_ONCE).collect().await;
        drop(given);
    }
}
