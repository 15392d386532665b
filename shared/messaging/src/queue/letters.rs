//! A queue's messages as they are: received, deleted, given back, sent and counted.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::ports::{
    Attribute, Cause, CountMessages, Depth, Letter, ReceiveMessages, Received, SendMessages,
    StoreError,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Queue;

/// Most that one call receives.
const AT_ONCE: u32 = 10;
/// How long the service looks for messages, in seconds: without it, it asks some of its servers only,
/// and may find none where there are some
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html>).
const LOOKS: u32 = 1;

/// A queue as whoever looks after it sees it.
#[derive(Clone, Debug)]
pub struct Letters {
    queue: Queue,
    clock: fn() -> Timestamp,
}

impl Queue {
    /// The messages of this queue. Calls are signed for the time that this clock shows.
    pub const fn letters(self, clock: fn() -> Timestamp) -> Letters {
        Letters { queue: self, clock }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ReceivedBody {
    #[serde(default)]
    messages: Vec<MessageBody>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MessageBody {
    message_id: String,
    receipt_handle: String,
    body: String,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    #[serde(default)]
    message_attributes: BTreeMap<String, AttributeBody>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SentBody<'a> {
    message_body: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_group_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_deduplication_id: Option<&'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    message_attributes: BTreeMap<&'a str, AttributeBody>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct AttributeBody {
    data_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    string_value: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    binary_value: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CountedBody {
    attributes: BTreeMap<String, String>,
}

impl From<AttributeBody> for Attribute {
    fn from(body: AttributeBody) -> Self {
        let value = body.string_value.or(body.binary_value);
        Self {
            data_type: body.data_type,
            value: value.unwrap_or_default(),
        }
    }
}

impl From<&Attribute> for AttributeBody {
    fn from(attribute: &Attribute) -> Self {
        let value = attribute.value.clone();
        let (string_value, binary_value) = match attribute.data_type.starts_with("Binary") {
            true => (None, Some(value)),
            false => (Some(value), None),
        };
        Self {
            data_type: attribute.data_type.clone(),
            string_value,
            binary_value,
        }
    }
}

impl TryFrom<MessageBody> for Received {
    type Error = StoreError;

    fn try_from(mut body: MessageBody) -> Result<Self, StoreError> {
        let attributes = body.message_attributes.into_iter();
        let letter = Letter {
            body: body.body,
            group: body.attributes.remove("MessageGroupId"),
            dedupe: body.attributes.remove("MessageDeduplicationId"),
            attributes: attributes.map(|(name, it)| (name, it.into())).collect(),
        };
        let sent = number(&body.attributes, "SentTimestamp")?;
        let receipts = number(&body.attributes, "ApproximateReceiveCount")?;
        Ok(Self {
            id: body.message_id,
            handle: body.receipt_handle,
            letter,
            sent_at: Timestamp::from_millisecond(sent).map_err(|error| unreadable(&error))?,
            receipts: u32::try_from(receipts).map_err(|error| unreadable(&error))?,
        })
    }
}

fn number(attributes: &BTreeMap<String, String>, name: &str) -> Result<i64, StoreError> {
    let text = attributes.get(name).map_or("", String::as_str);
    text.parse().map_err(|error| unreadable(&error))
}

fn unreadable(error: &dyn std::error::Error) -> StoreError {
    StoreError::Broken(Cause(format!("the queue's answer: {error}")))
}

fn read<'a, T: Deserialize<'a>>(answer: &'a str) -> Result<T, StoreError> {
    serde_json::from_str(answer).map_err(|error| unreadable(&error))
}

impl Letters {
    async fn ask(&self, operation: &str, question: Value) -> Result<String, StoreError> {
        self.queue.ask(operation, question, (self.clock)()).await
    }
}

impl ReceiveMessages for Letters {
    async fn receive(&self, hidden: Duration) -> Result<Vec<Received>, StoreError> {
        let question = json!({
            "MaxNumberOfMessages": AT_ONCE,
            "VisibilityTimeout": hidden.as_secs(),
            "WaitTimeSeconds": LOOKS,
            "AttributeNames": ["All"],
            "MessageAttributeNames": ["All"],
        });
        let answer = self.ask("ReceiveMessage", question).await?;
        let received: ReceivedBody = read(&answer)?;
        received
            .messages
            .into_iter()
            .map(TryInto::try_into)
            .collect()
    }

    async fn delete(&self, message: &Received) -> Result<(), StoreError> {
        let question = json!({"ReceiptHandle": message.handle});
        self.ask("DeleteMessage", question).await.map(drop)
    }

    async fn give_back(&self, message: &Received) -> Result<(), StoreError> {
        let question = json!({"ReceiptHandle": message.handle, "VisibilityTimeout": 0});
        self.ask("ChangeMessageVisibility", question)
            .await
            .map(drop)
    }
}

impl SendMessages for Letters {
    async fn send(&self, letter: &Letter) -> Result<(), StoreError> {
        let attributes = letter.attributes.iter();
        let question = json!(SentBody {
            message_body: &letter.body,
            message_group_id: letter.group.as_deref(),
            message_deduplication_id: letter.dedupe.as_deref(),
            message_attributes: attributes
                .map(|(name, it)| (name.as_str(), it.into()))
                .collect(),
        });
        self.ask("SendMessage", question).await.map(drop)
    }
}

impl CountMessages for Letters {
    async fn depth(&self) -> Result<Depth, StoreError> {
        const WAITING: &str = "ApproximateNumberOfMessages";
        const HIDDEN: &str = "ApproximateNumberOfMessagesNotVisible";
        let question = json!({"AttributeNames": [WAITING, HIDDEN]});
        let answer = self.ask("GetQueueAttributes", question).await?;
        let counted: CountedBody = read(&answer)?;
        Ok(Depth {
            waiting: count(&counted, WAITING)?,
            hidden: count(&counted, HIDDEN)?,
        })
    }
}

fn count(counted: &CountedBody, name: &str) -> Result<u64, StoreError> {
    let count = number(&counted.attributes, name)?;
    u64::try_from(count).map_err(|error| unreadable(&error))
}

#[cfg(test)]
mod tests;
