//! The item of a message that goes out over a third party: `SENDING#<channel>#<event>`. DynamoDB
//! removes it when the notification that it says has left its list.

use domain::{Channel, CustomerId, Notification, Says, Sending, SendingState, TenantId};
use serde::{Deserialize, Serialize};

use super::parts::Nanos;
use super::{Image, ItemError, expect_entity, read, write};
use crate::key::{Key, parse_time_key, sendings_of, time_key};

const SENDING: &str = "sending";

#[derive(Debug, Serialize, Deserialize)]
struct SendingItem {
    pk: String,
    entity: String,
    version: u64,
    tenant: String,
    reader: String,
    number: u64,
    /// Whether the number is that of a code; absent where it is that of a notification.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    code: bool,
    since: Nanos,
    #[serde(default)]
    open: u32,
    #[serde(default)]
    failed: u32,
    /// Absent where it is false.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    declined: bool,
    /// How it ended; absent before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended: Option<Ended>,
    /// Why it can never be sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
    /// The index `sendings` has the items with this and the next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sendings_of: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next_try: Option<String>,
    /// Seconds since 1970, as DynamoDB's time to live wants it.
    expires: i64,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Ended {
    Sent,
    Refused,
    GivenUp,
}

/// The item of its next version.
pub(crate) fn encode(sending: &Sending) -> Result<Image, ItemError> {
    let (ended, refused) = match &sending.state {
        SendingState::Waiting { .. } => (None, None),
        SendingState::Sent => (Some(Ended::Sent), None),
        SendingState::Refused(why) => (Some(Ended::Refused), Some(why.clone())),
        SendingState::GivenUp => (Some(Ended::GivenUp), None),
    };
    let (number, code) = match sending.says {
        Says::Notification(number) => (number, false),
        Says::PhoneCode(number) => (number, true),
    };
    let next_try = sending.next_try();
    let end = sending.since.checked_add(Notification::KEPT);
    write(SendingItem {
        pk: Key::Sending(sending.channel, sending.message.clone()).pk(),
        entity: SENDING.to_owned(),
        version: sending.version.saturating_add(1),
        tenant: sending.tenant.to_string(),
        reader: sending.reader.to_string(),
        number,
        code,
        since: Nanos(sending.since),
        open: sending.open,
        failed: sending.failed,
        declined: sending.declined,
        ended,
        refused,
        sendings_of: next_try.map(|_| sendings_of(sending.channel)),
        next_try: next_try.map(time_key),
        expires: end.map_or(i64::MAX, jiff::Timestamp::as_second),
    })
}

pub(crate) fn decode(image: Image) -> Result<Sending, ItemError> {
    let item: SendingItem = read(image)?;
    expect_entity(&item.entity, SENDING)?;
    let (channel, message) = key_of(&item.pk)?;
    let next = item.next_try.as_deref().map(parse_time_key).transpose();
    let next = next.map_err(ItemError::of("next_try"))?;
    let state = match (item.ended, next) {
        (Some(Ended::Sent), _) => SendingState::Sent,
        (Some(Ended::Refused), _) => SendingState::Refused(item.refused.unwrap_or_default()),
        (Some(Ended::GivenUp), _) => SendingState::GivenUp,
        (None, Some(next)) => SendingState::Waiting { next },
        (None, None) => return Err(ItemError::of("next_try")("it neither waits nor has ended")),
    };
    Ok(Sending {
        message,
        channel,
        tenant: TenantId::parse(&item.tenant).map_err(ItemError::of("tenant"))?,
        reader: CustomerId::parse(&item.reader).map_err(ItemError::of("reader"))?,
        says: match item.code {
            true => Says::PhoneCode(item.number),
            false => Says::Notification(item.number),
        },
        since: item.since.0,
        state,
        open: item.open,
        failed: item.failed,
        declined: item.declined,
        version: item.version,
    })
}

/// Which message the item is of.
pub(crate) fn key_of(pk: &str) -> Result<(Channel, String), ItemError> {
    match Key::parse(pk).map_err(ItemError::of("pk"))? {
        Key::Sending(channel, message) => Ok((channel, message)),
        _ => Err(ItemError::of("pk")("the key is of no message")),
    }
}
