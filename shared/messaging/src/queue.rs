//! The queue of one consumer: SQS, first in, first out per aggregate. Most events come to it by the
//! topic; this is for those that one consumer lacks and the others have, and for those who look after
//! queues.

use aws_calls::{Calls, ConnectError, Service};
use aws_types::SdkConfig;
use contracts::events::{Envelope, PublishError, PublishEvents, PublishOutcome};
use domain::ports::StoreError;
use https::Roots;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::batch::{Message, hold_back, next_call};

mod letters;

pub use letters::Letters;

#[cfg(test)]
mod tests;

/// The service, as botocore's model of it has it (`sqs/2012-11-05`, protocol `json`).
const SQS: Service = Service {
    signing_name: "sqs",
    label: "sqs",
    paths_as_they_are: false,
    // Ten messages of the largest size, as a text of a text.
    longest_answer: 16 * 1024 * 1024,
};

/// A queue that takes events as the topic hands them on: the envelope as it is.
#[derive(Clone, Debug)]
pub struct Queue {
    calls: Calls,
    address: String,
    url: String,
    replay: String,
    now: Timestamp,
}

impl Queue {
    /// The queue with this URL. Trusts these roots. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub fn connect(config: &SdkConfig, roots: &Roots, url: &str) -> Result<Self, ConnectError> {
        let calls = Calls::connect(config, roots, SQS)?;
        Ok(Self {
            address: format!("{}/", calls.address(config, "")),
            calls,
            url: url.to_owned(),
            replay: String::new(),
            now: Timestamp::UNIX_EPOCH,
        })
    }

    /// The same queue at a time: events that it saw in the last five minutes are taken once more
    /// per time, to the millisecond.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> Self {
        Self {
            replay: format!("again-{}", now.as_millisecond()),
            now,
            ..self.clone()
        }
    }

    /// Asks the service about this queue.
    async fn ask(
        &self,
        operation: &str,
        mut question: Value,
        now: Timestamp,
    ) -> Result<String, StoreError> {
        if let Value::Object(fields) = &mut question {
            fields.insert("QueueUrl".to_owned(), json!(self.url));
        }
        let target = format!("AmazonSQS.{operation}");
        let question = question.to_string();
        self.calls.ask(&self.address, &target, question, now).await
    }

    async fn send(&self, message: &Message) -> Result<PublishOutcome, PublishError> {
        let question = json!({
            "MessageBody": message.body,
            "MessageGroupId": message.group,
            "MessageDeduplicationId": message.dedupe,
        });
        match self.ask("SendMessage", question, self.now).await {
            Ok(_) => Ok(PublishOutcome::Published),
            Err(StoreError::Unavailable(cause)) => Err(PublishError::Unavailable(cause)),
            Err(StoreError::Broken(cause)) => Err(PublishError::Refused(cause)),
        }
    }
}

impl PublishEvents for Queue {
    async fn publish(&self, events: &[Envelope]) -> Result<Vec<PublishOutcome>, PublishError> {
        let message = |event| Message::new(event, Some(&self.replay));
        let mut messages: Vec<_> = events.iter().map(message).collect();
        loop {
            hold_back(&mut messages);
            let Some(place) = next_call(&messages).first().copied() else {
                break;
            };
            if let Some(message) = messages.get_mut(place) {
                message.outcome = Some(self.send(message).await?);
            }
        }
        let outcome = |message: Message| message.outcome.unwrap_or(PublishOutcome::Held);
        Ok(messages.into_iter().map(outcome).collect())
    }
}
