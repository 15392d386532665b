//! Messages as a queue keeps them, whatever is in them: for those who look after queues. Consumers
//! get theirs from the runner, and events are published.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use jiff::Timestamp;

use super::StoreError;

/// What is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Letter {
    /// The text.
    pub body: String,
    /// What is kept in order; nothing in a queue that keeps no order.
    pub group: Option<String>,
    /// A repeat of this within five minutes is dropped; nothing in a queue that drops none.
    pub dedupe: Option<String>,
    /// What stands beside the text, by name.
    pub attributes: BTreeMap<String, Attribute>,
}

/// What stands beside a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// `String`, `Number` or `Binary`, and perhaps more behind a dot.
    pub data_type: String,
    /// The value; of bytes, in Base64.
    pub value: String,
}

/// What was received. It is hidden from others for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// What the queue calls it: the same at each receipt.
    pub id: String,
    /// What this receipt is called: to delete the message, or to give it back.
    pub handle: String,
    /// What was sent.
    pub letter: Letter,
    /// When.
    pub sent_at: Timestamp,
    /// How often it was received, this time included.
    pub receipts: u32,
}

/// How many messages a queue has, roughly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Depth {
    /// Those that can be received.
    pub waiting: u64,
    /// Those that somebody has received, and neither deleted nor given back.
    pub hidden: u64,
}

/// Takes messages out of a queue.
pub trait ReceiveMessages {
    /// Up to ten messages, hidden from now on for so long; none when nothing can be received. Those of
    /// one group come in their order, and none while others of it are hidden.
    fn receive(
        &self,
        hidden: Duration,
    ) -> impl Future<Output = Result<Vec<Received>, StoreError>> + Send;

    /// Deletes it. Fails when it is not hidden any more.
    fn delete(&self, message: &Received) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Hides it no longer.
    fn give_back(&self, message: &Received) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Puts messages into a queue.
pub trait SendMessages {
    /// Sends it. After an error it may have been sent.
    fn send(&self, letter: &Letter) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Counts messages.
pub trait CountMessages {
    /// How many there are.
    fn depth(&self) -> impl Future<Output = Result<Depth, StoreError>> + Send;
}
