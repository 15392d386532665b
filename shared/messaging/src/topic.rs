//! The topic itself.

use aws_sdk_sns::Client;
use aws_sdk_sns::operation::publish_batch::PublishBatchOutput;
use aws_sdk_sns::types::{BatchResultErrorEntry, MessageAttributeValue, PublishBatchRequestEntry};
use aws_types::SdkConfig;
use contracts::events::{AUTHOR, Envelope, PublishError, PublishEvents, PublishOutcome};
use domain::ports::Cause;

use crate::batch::{AGGREGATE, DATA_TYPE, Message, TYPE, hold_back, next_call};
use crate::failure::{is_passing, publish_error};

#[cfg(test)]
pub(crate) mod tests;

/// An SNS FIFO topic. Messages are CloudEvents in JSON; group = [`Envelope::group`], deduplication
/// id = the event's id; attributes `aggregate` and `type`, and `author` where somebody asked for the change. Limits of a call are those of the
/// configuration that it was made from.
#[derive(Clone, Debug)]
pub struct Topic {
    client: Client,
    arn: String,
    replay: Option<String>,
}

impl Topic {
    /// The topic with this ARN. Nothing is sent yet.
    pub fn connect(config: &SdkConfig, arn: impl Into<String>) -> Self {
        Self {
            client: Client::new(config),
            arn: arn.into(),
            replay: None,
        }
    }

    /// The same topic for a replay: events that it saw in the last five minutes are published once
    /// more per replay id.
    #[must_use]
    pub fn replaying(self, replay_id: impl Into<String>) -> Self {
        Self {
            replay: Some(replay_id.into()),
            ..self
        }
    }

    /// Sends the messages at these places and notes what became of each.
    async fn send(&self, messages: &mut [Message], places: &[usize]) -> Result<(), PublishError> {
        let entries = places
            .iter()
            .filter_map(|place| messages.get(*place).map(|message| (*place, message)))
            .map(|(place, message)| entry(place, message))
            .collect::<Result<Vec<_>, _>>()?;
        let answer = self
            .client
            .publish_batch()
            .topic_arn(&self.arn)
            .set_publish_batch_request_entries(Some(entries))
            .send()
            .await
            .map_err(|error| publish_error(&error))?;
        for place in places {
            if let Some(message) = messages.get_mut(*place) {
                message.outcome = Some(outcome_of(*place, &answer));
            }
        }
        Ok(())
    }
}

impl PublishEvents for Topic {
    async fn publish(&self, events: &[Envelope]) -> Result<Vec<PublishOutcome>, PublishError> {
        let message = |event| Message::new(event, self.replay.as_deref());
        let mut messages: Vec<_> = events.iter().map(message).collect();
        loop {
            hold_back(&mut messages);
            let call = next_call(&messages);
            if call.is_empty() {
                break;
            }
            self.send(&mut messages, &call).await?;
        }
        let outcome = |message: Message| message.outcome.unwrap_or(PublishOutcome::Held);
        Ok(messages.into_iter().map(outcome).collect())
    }
}

fn entry(place: usize, message: &Message) -> Result<PublishBatchRequestEntry, PublishError> {
    let mut entry = PublishBatchRequestEntry::builder()
        .id(place.to_string())
        .message(&message.body)
        .message_group_id(&message.group)
        .message_deduplication_id(&message.dedupe)
        .message_attributes(AGGREGATE, attribute(&message.aggregate)?)
        .message_attributes(TYPE, attribute(&message.event_type)?);
    if let Some(author) = &message.author {
        entry = entry.message_attributes(AUTHOR, attribute(author)?);
    }
    entry.build().map_err(incomplete)
}

fn attribute(value: &str) -> Result<MessageAttributeValue, PublishError> {
    MessageAttributeValue::builder()
        .data_type(DATA_TYPE)
        .string_value(value)
        .build()
        .map_err(incomplete)
}

fn incomplete(error: impl std::error::Error) -> PublishError {
    PublishError::Refused(Cause(format!("publish batch: {error}")))
}

/// An answer of *success* may hold failures. An entry that it does not mention was not published
/// as far as we know.
fn outcome_of(place: usize, answer: &PublishBatchOutput) -> PublishOutcome {
    let id = place.to_string();
    let is_published = answer
        .successful()
        .iter()
        .any(|entry| entry.id() == Some(id.as_str()));
    if is_published {
        return PublishOutcome::Published;
    }
    match answer.failed().iter().find(|entry| entry.id() == id) {
        Some(entry) => failed(entry),
        None => PublishOutcome::Failed(Cause("the answer does not mention it".to_owned())),
    }
}

fn failed(entry: &BatchResultErrorEntry) -> PublishOutcome {
    let cause = Cause(format!("the topic answered {}", entry.code()));
    if entry.sender_fault() && !is_passing(entry.code()) {
        PublishOutcome::Refused(cause)
    } else {
        PublishOutcome::Failed(cause)
    }
}
