//! The item of an idempotency key: `IDEMPOTENCY#<hash>`. DynamoDB removes it some time after its
//! end; until then every read compares `expires` itself.

use std::fmt;

use idempotency::{Answer, Claim, Fingerprint, Key as Idempotency, Progress, Stored};
use jiff::Timestamp;
use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use super::parts::Nanos;
use super::{Image, ItemError, expect_entity, read, write};
use crate::key::Key;

const ENTITY: &str = "idempotency";

#[derive(Debug, Serialize, Deserialize)]
struct ClaimItem {
    pk: String,
    entity: String,
    claim: Uuid,
    asked: Bytes,
    deadline: Nanos,
    /// Seconds since 1970, as DynamoDB's time to live wants it.
    expires: i64,
    /// What was answered; the answer is whole or absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    headers: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<Bytes>,
}

/// The item of a claim, answered or not.
pub(crate) fn encode(claim: &Claim, answer: Option<&Answer>) -> Result<Image, ItemError> {
    write(ClaimItem {
        pk: Key::Idempotency(claim.key.0).pk(),
        entity: ENTITY.to_owned(),
        claim: claim.id,
        asked: Bytes(claim.fingerprint.0.to_vec()),
        deadline: Nanos(claim.deadline),
        expires: claim.expires.as_second(),
        status: answer.map(|answer| answer.status),
        headers: answer.map_or_else(Vec::new, |answer| answer.headers.clone()),
        body: answer.map(|answer| Bytes(answer.body.clone())),
    })
}

pub(crate) fn decode(image: Image) -> Result<Stored, ItemError> {
    let item: ClaimItem = read(image)?;
    expect_entity(&item.entity, ENTITY)?;
    let asked = <[u8; 32]>::try_from(item.asked.0);
    let asked = asked.map_err(|_| ItemError::of("asked")("it is no SHA-256"))?;
    let progress = match (item.status, item.body) {
        (Some(status), Some(Bytes(body))) => Progress::Done(Answer {
            status,
            headers: item.headers,
            body,
        }),
        (None, None) => Progress::Running,
        _ => return Err(ItemError::of("status")("half an answer")),
    };
    let claim = Claim {
        key: key_of(&item.pk)?,
        id: item.claim,
        fingerprint: Fingerprint(asked),
        deadline: item.deadline.0,
        expires: Timestamp::from_second(item.expires).map_err(ItemError::of("expires"))?,
    };
    Ok(Stored { claim, progress })
}

fn key_of(pk: &str) -> Result<Idempotency, ItemError> {
    match Key::parse(pk).map_err(ItemError::of("pk"))? {
        Key::Idempotency(key) => Ok(Idempotency(key)),
        _ => Err(ItemError::of("pk")("the key is no idempotency key")),
    }
}

/// Bytes as DynamoDB's binary; a plain `Vec<u8>` would become a list of numbers.
#[derive(Debug)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_byte_buf(BytesVisitor)
    }
}

struct BytesVisitor;

impl Visitor<'_> for BytesVisitor {
    type Value = Bytes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes")
    }

    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
        Ok(Bytes(bytes.to_vec()))
    }

    fn visit_byte_buf<E: serde::de::Error>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
        Ok(Bytes(bytes))
    }
}
