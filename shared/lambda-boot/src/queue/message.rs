//! An SQS event as Lambda sends it, as far as we need it. The names are AWS's:
//! <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>.

use std::collections::BTreeMap;

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize};

#[derive(Debug, Deserialize)]
pub(super) struct Batch {
    #[serde(rename = "Records")]
    pub(super) records: Vec<Message>,
}

/// A message of a queue.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    pub(super) message_id: MessageId,
    body: String,
    #[serde(default)]
    attributes: System,
    #[serde(default)]
    message_attributes: BTreeMap<String, Attribute>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attribute {
    string_value: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct System {
    #[serde(rename = "MessageGroupId")]
    group: Option<String>,
}

impl Message {
    /// The FIFO message group; a message of a standard queue has none.
    pub(super) fn group(&self) -> Option<&str> {
        self.attributes.group.as_deref()
    }

    /// What the body says of itself.
    pub(super) fn labels(&self) -> Labels {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// The body.
    pub(super) fn decode<M: DeserializeOwned>(&self) -> Result<M, String> {
        let mut json = serde_json::Deserializer::from_str(&self.body);
        let body = serde_path_to_error::deserialize(&mut json)
            .map_err(|error| format!("cannot read the message at {}", error.path()))?;
        json.end()
            .map_err(|_| "the message goes on after its end".to_owned())?;
        Ok(body)
    }
}

/// What a handler takes of a message.
pub trait FromMessage: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// Where it cannot be read, never what it says.
    fn from_message(message: &Message) -> Result<Self, String>;
}

impl<M: DeserializeOwned> FromMessage for M {
    fn from_message(message: &Message) -> Result<Self, String> {
        message.decode()
    }
}

/// A message's body with the attributes that its sender gave it.
#[derive(Debug)]
pub struct Labelled<M> {
    /// The body.
    pub body: M,
    attributes: BTreeMap<String, Attribute>,
}

impl<M> Labelled<M> {
    /// A body without attributes.
    pub fn bare(body: M) -> Self {
        let attributes = BTreeMap::new();
        Self { body, attributes }
    }

    /// With an attribute more.
    #[must_use]
    pub fn with(mut self, name: &str, text: String) -> Self {
        let string_value = Some(text);
        let attribute = Attribute { string_value };
        self.attributes.insert(name.to_owned(), attribute);
        self
    }

    /// The text of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name)?.string_value.as_deref()
    }
}

impl<M: DeserializeOwned> FromMessage for Labelled<M> {
    fn from_message(message: &Message) -> Result<Self, String> {
        Ok(Self {
            body: message.decode()?,
            attributes: message.message_attributes.clone(),
        })
    }
}

/// A message that nobody has read yet: for a handler that does something else with one that cannot be
/// read than to give it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// What the queue calls it.
    pub id: String,
    /// The text.
    pub body: String,
}

impl FromMessage for Unread {
    fn from_message(message: &Message) -> Result<Self, String> {
        Ok(Self {
            id: message.message_id.as_str().to_owned(),
            body: message.body.clone(),
        })
    }
}

/// What an envelope (CloudEvents) says of itself, for the log. A message that is no envelope has
/// none of it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Labels {
    pub(super) id: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) subject: Option<String>,
    pub(super) traceparent: Option<String>,
}

/// Never empty.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct MessageId(String);

impl MessageId {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for MessageId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = String::deserialize(deserializer)?;
        if id.is_empty() {
            return Err(D::Error::custom("a message without an id"));
        }
        Ok(Self(id))
    }
}
