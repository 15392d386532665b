//! A FIFO queue with its dead letters, as far as a consumer sees it.

use contracts::events::Envelope;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::Consumer;

/// Receives after which a message is parked.
const RECEIVES: u32 = 10;
/// Most messages of a batch.
const BATCH: usize = 10;
/// A body that no program reads.
const SPOILT: &str = "{";

#[derive(Clone, Debug)]
struct Message {
    id: String,
    event: String,
    group: String,
    body: String,
    is_spoilt: bool,
    received: u32,
}

/// The messages in it, and those that were parked.
#[derive(Debug, Default)]
pub(super) struct Fifo {
    waiting: Vec<Message>,
    parked: Vec<Message>,
    sent: u32,
}

impl Fifo {
    pub(super) fn send(&mut self, event: &Envelope) {
        self.put(event, false);
    }

    /// As a message that cannot be read until it is sent again.
    pub(super) fn send_spoilt(&mut self, event: &Envelope) {
        self.put(event, true);
    }

    fn put(&mut self, event: &Envelope, is_spoilt: bool) {
        self.sent += 1;
        self.waiting.push(Message {
            id: format!("message-{}", self.sent),
            event: event.id.clone(),
            group: event.group(),
            body: serde_json::to_string(event).unwrap(),
            is_spoilt,
            received: 0,
        });
    }

    /// The events that were parked.
    pub(super) fn dead(&self) -> Vec<String> {
        self.parked.iter().map(|it| it.event.clone()).collect()
    }

    /// Sends what was parked again; it can be read now.
    pub(super) fn redrive(&mut self) {
        for mut message in self.parked.drain(..) {
            message.is_spoilt = false;
            message.received = 0;
            self.waiting.push(message);
        }
    }

    /// One batch: which events went back.
    pub(super) async fn step<C: Consumer>(&mut self, consumer: &C, now: Timestamp) -> Vec<String> {
        let batch: Vec<Message> = self.waiting.iter().take(BATCH).cloned().collect();
        let records: Vec<Value> = batch.iter().map(record).collect();
        let answer = consumer.work(json!({ "Records": records }), now).await;
        let back: Vec<&str> = answer.returned().collect();
        let is_done = |message: &Message| {
            batch.iter().any(|it| it.id == message.id) && !back.contains(&message.id.as_str())
        };
        self.waiting.retain(|message| !is_done(message));
        for message in &mut self.waiting {
            message.received += u32::from(back.contains(&message.id.as_str()));
        }
        let over = |message: &mut Message| message.received >= RECEIVES;
        self.parked.extend(self.waiting.extract_if(.., over));
        let events = batch.iter().filter(|it| back.contains(&it.id.as_str()));
        events.map(|it| it.event.clone()).collect()
    }

    /// Until nothing is left that was not parked.
    pub(super) async fn run<C: Consumer>(&mut self, consumer: &C, now: Timestamp) {
        let mut steps = 0;
        while !self.waiting.is_empty() {
            self.step(consumer, now).await;
            steps += 1;
            assert!(steps < 1_000, "it does not end: {:?}", self.waiting);
        }
    }
}

fn record(message: &Message) -> Value {
    let body = if message.is_spoilt {
        SPOILT
    } else {
        &message.body
    };
    json!({
        "messageId": message.id,
        "body": body,
        "attributes": { "MessageGroupId": message.group },
    })
}
