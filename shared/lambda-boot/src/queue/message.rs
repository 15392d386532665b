//! An SQS event as Lambda sends it, as far as we need it. The names are AWS's:
//! <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>.

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize};

use crate::invocation::Failure;

#[derive(Debug, Deserialize)]
pub(super) struct Batch {
    #[serde(rename = "Records")]
    pub(super) records: Vec<Message>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Message {
    pub(super) message_id: MessageId,
    body: String,
    #[serde(default)]
    attributes: Attributes,
}

#[derive(Debug, Default, Deserialize)]
struct Attributes {
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

    /// The body. The failure says where it cannot be read, never what it says.
    pub(super) fn decode<M: DeserializeOwned>(&self) -> Result<M, Failure> {
        let mut json = serde_json::Deserializer::from_str(&self.body);
        let body = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            Failure::bad_input(format!("cannot read the message at {}", error.path()))
        })?;
        json.end()
            .map_err(|_| Failure::bad_input("the message goes on after its end"))?;
        Ok(body)
    }
}

/// What an envelope (CloudEvents) says of itself, for the log. A message that is no envelope has
/// none of it.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Labels {
    pub(super) id: Option<String>,
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
