//! A stream event as Lambda sends it, as far as we need it. The names are AWS's:
//! <https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html>.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

#[derive(Debug, Deserialize)]
pub(super) struct Batch {
    #[serde(rename = "Records")]
    pub(super) records: Vec<Record>,
}

impl Batch {
    pub(super) fn sequence_numbers(&self) -> Vec<SequenceNumber> {
        let number = |record: &Record| record.sequence_number.clone();
        self.records.iter().map(number).collect()
    }
}

/// What happened to an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Change {
    /// It came into being.
    Insert,
    /// It changed.
    Modify,
    /// It is gone.
    Remove,
}

/// One change of one item. Keys and images are in DynamoDB's own JSON form (`{"pk": {"S":
/// "ORDER#…"}}`); the store's crate reads them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "Outer")]
pub struct Record {
    /// What happened.
    pub change: Change,
    /// Place in the shard.
    pub sequence_number: SequenceNumber,
    /// Key of the item.
    pub keys: Value,
    /// The item after the change, none when it was removed.
    pub new_image: Option<Value>,
    /// The item before the change, none when it was inserted.
    pub old_image: Option<Value>,
    /// Stream that it comes from, and so the table.
    pub source_arn: Option<String>,
    /// When the item changed, by the table's clock, to about a second.
    pub created: Option<Timestamp>,
}

/// Place of a record in its shard: decimal digits, never empty.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SequenceNumber(String);

impl SequenceNumber {
    /// The number as DynamoDB writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SequenceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for SequenceNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = String::deserialize(deserializer)?;
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(D::Error::custom("not a sequence number"));
        }
        Ok(Self(number))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outer {
    event_name: Change,
    #[serde(rename = "eventSourceARN")]
    source_arn: Option<String>,
    dynamodb: Inner,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Inner {
    sequence_number: SequenceNumber,
    keys: Value,
    new_image: Option<Value>,
    old_image: Option<Value>,
    /// Seconds since 1970.
    approximate_creation_date_time: Option<f64>,
}

impl From<Outer> for Record {
    fn from(outer: Outer) -> Self {
        let seconds = outer.dynamodb.approximate_creation_date_time;
        let seconds = seconds.and_then(|it| SignedDuration::try_from_secs_f64(it).ok());
        let created = seconds.and_then(|it| Timestamp::from_duration(it).ok());
        Self {
            created,
            change: outer.event_name,
            sequence_number: outer.dynamodb.sequence_number,
            keys: outer.dynamodb.keys,
            new_image: outer.dynamodb.new_image,
            old_image: outer.dynamodb.old_image,
            source_arn: outer.source_arn,
        }
    }
}
