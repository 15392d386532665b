//! The topic's subscription and the FIFO queue of `notify`, with the real runner and handler at
//! its end.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use contracts::events::{Envelope, PublishError, PublishEvents, PublishOutcome};
use identity::LinkTokens;
use jiff::Timestamp;
use lambda_boot::queue;
use serde_json::{Value, json};
use telling::{Links, Mails};
use testkit::fakes::{FakeMailer, FakeTopic};
use testkit::must;

use super::kernel::{Pace, Slot, after, lock};
use super::ports::Far;
use super::shop::Shop;
use super::texts::{MAIL_PATIENCE, Noted};
use super::wire::{Answer, Wire};
use crate::asl::TaskError;

/// How long a message stays away once it was received.
const INVISIBLE: Duration = Duration::from_secs(90);
/// How long a copy with the same id is dropped.
const DEDUPE: Duration = Duration::from_secs(300);
/// Most messages of a batch.
const BATCH: usize = 10;

/// A FIFO queue.
#[derive(Clone, Debug, Default)]
pub struct Queue(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    messages: Vec<Message>,
    sent: u64,
    known: Vec<(String, Timestamp)>,
    busy: bool,
}

#[derive(Clone, Debug)]
struct Message {
    id: String,
    group: String,
    body: String,
    visible: Timestamp,
}

impl Queue {
    /// Whether nothing is left in it.
    pub fn is_empty(&self) -> bool {
        lock(&self.0).messages.is_empty()
    }

    fn send(&self, event: &Envelope, now: Timestamp) {
        let mut inner = lock(&self.0);
        let fresh = |(_, since): &(String, Timestamp)| after(*since, DEDUPE) > now;
        inner.known.retain(fresh);
        if inner.known.iter().any(|(id, _)| *id == event.id) {
            return;
        }
        inner.known.push((event.id.clone(), now));
        inner.sent += 1;
        let message = Message {
            id: format!("message-{}", inner.sent),
            group: event.group(),
            body: must(serde_json::to_string(event)),
            visible: now,
        };
        inner.messages.push(message);
    }

    /// When the consumer should look, unless it is looking; nothing on an empty queue.
    pub(super) fn claim(&self) -> Option<Timestamp> {
        let mut inner = lock(&self.0);
        if inner.busy {
            return None;
        }
        let due = inner.messages.iter().map(|message| message.visible).min()?;
        inner.busy = true;
        Some(due)
    }

    /// The next messages; none of a group of which one is still invisible.
    fn receive(&self, now: Timestamp) -> Vec<Message> {
        let mut inner = lock(&self.0);
        let mut waiting = BTreeSet::new();
        let mut batch = Vec::new();
        for message in &mut inner.messages {
            if message.visible > now {
                waiting.insert(message.group.clone());
            } else if !waiting.contains(&message.group) && batch.len() < BATCH {
                message.visible = after(now, INVISIBLE);
                batch.push(message.clone());
            }
        }
        batch
    }

    fn delete(&self, ids: &[String]) {
        lock(&self.0).messages.retain(|it| !ids.contains(&it.id));
    }

    fn done(&self) {
        lock(&self.0).busy = false;
    }
}

/// An invocation of `notify`, which only the thread of the world can run.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    event: Value,
    wire: Wire,
    answer: Slot<Answer>,
}

/// The topic with its one subscription, filtered by aggregate.
#[derive(Clone, Debug)]
struct Topic {
    topic: FakeTopic,
    queue: Queue,
    now: Timestamp,
}

impl PublishEvents for Topic {
    async fn publish(&self, events: &[Envelope]) -> Result<Vec<PublishOutcome>, PublishError> {
        for event in events.iter().filter(|it| it.aggregate_kind() == "order") {
            self.queue.send(event, self.now);
        }
        self.topic.publish(events).await
    }
}

impl Shop {
    /// The topic by way of a wire.
    pub(super) fn topic(
        &self,
        wire: Wire,
    ) -> Far<impl PublishEvents + Clone + Send + Sync + use<>> {
        let end = Topic {
            topic: self.topic.clone(),
            queue: self.queue.clone(),
            now: self.kernel.now(),
        };
        Far { end, wire }
    }

    /// Delivers one batch to `notify`.
    pub(super) async fn deliver(self, pace: Pace, due: Timestamp) {
        pace.sleep_until(due).await;
        pace.sleep(self.kernel.between(5, 200)).await;
        let batch = self.queue.receive(self.kernel.now());
        let records: Vec<Value> = batch.iter().map(record).collect();
        let event = json!({ "Records": records });
        let shop = self.clone();
        let work = move |wire: Wire| {
            let job = Job {
                event: event.clone(),
                wire: wire.clone(),
                answer: Slot::default(),
            };
            let answer = job.answer.clone();
            lock(&shop.jobs).push(job);
            Box::pin(async move { wire.answer_of(&answer).await }) as super::shop::Work
        };
        let answer = self.visit(&pace, ("Notify", "queue"), work).await;
        if let Some(Ok(returned)) = answer {
            let back: Vec<&str> = returned
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            let gone = batch.iter().map(|message| message.id.clone());
            let gone: Vec<String> = gone.filter(|id| !back.contains(&id.as_str())).collect();
            self.queue.delete(&gone);
        }
        self.queue.done();
    }

    /// Mails by way of a wire, of a process that knows nothing of how the mail service is.
    pub(super) fn mails(&self, wire: &Wire) -> Mails<Far<Noted>, Far<FakeMailer>, Wire> {
        let links = Links::new(
            must(LinkTokens::new(&"0".repeat(64))),
            "https://shop.example",
            "https://api.shop.example",
        );
        let mailer = Far {
            end: self.mailer.clone(),
            wire: wire.clone().patient(MAIL_PATIENCE),
        };
        Mails::new(self.breakers(wire), mailer, links, wire.clone())
    }

    /// The invocations of `notify` that were asked for since the last call.
    pub(super) fn take_jobs(&self) -> Vec<Job> {
        std::mem::take(&mut *lock(&self.jobs))
    }

    /// Runs one, in a process of its own.
    pub(super) async fn work_on(self, job: Job, pace: Pace) {
        let wire = job.wire.at(pace);
        job.answer.answer(self.notify(job.event, wire).await);
    }

    async fn notify(self, event: Value, wire: Wire) -> Answer {
        let realtime = Far {
            end: self.realtime.clone(),
            wire: wire.clone(),
        };
        let mails = self.mails(&wire);
        let now = self.kernel.now();
        let handle = |event| notify::handle(&realtime, &mails, event, now);
        match queue::answer_of_inbox(notify::has_inbox, handle, event).await {
            Ok(answer) => Ok(json!(answer.returned().collect::<Vec<_>>())),
            Err(error) => Err(TaskError::lambda(&error.error_type, "")),
        }
    }
}

fn record(message: &Message) -> Value {
    json!({
        "messageId": message.id,
        "body": message.body,
        "attributes": { "MessageGroupId": message.group },
    })
}
