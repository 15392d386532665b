//! The items of the audit log: `AUDIT#<chain>#<position>`, an entry, and `AUDITED#<message>`, which
//! says where the entry of a message is.

use audit::{
    Actor, ActorKind, Entry, Hash, Opened, Origin, Outcome, Personal, Record, Salt, Shard,
};
use serde::{Deserialize, Serialize};

use super::claim::Bytes;
use super::parts::Nanos;
use super::{Image, ItemError, expect_entity, read, write};
use crate::key::Key;

const ENTRY: &str = "audit";
const MESSAGE: &str = "audited";
/// Attributes that are erased: who, and from which address.
pub(crate) const PERSONAL: [&str; 2] = ["who", "address"];

#[derive(Debug, Serialize, Deserialize)]
struct EntryItem {
    pk: String,
    entity: String,
    previous: Bytes,
    hash: Bytes,
    message: String,
    at: Nanos,
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tenant: Option<String>,
    /// Commitment to who it was, which stays, and the value, which may be erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    who_hash: Option<Bytes>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    who: Option<OpenedItem>,
    action: String,
    object: String,
    /// As `who_hash` and `who`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address_hash: Option<Bytes>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<OpenedItem>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    request: Option<String>,
    /// Why it was refused; absent where it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refused: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
struct OpenedItem {
    salt: Bytes,
    value: String,
}

/// Where the entry of a message is, if it is anywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) message: String,
    pub(crate) shard: Shard,
    pub(crate) position: u64,
}

impl Mark {
    pub(crate) fn of(entry: &Entry) -> Self {
        Self {
            message: entry.record.message.clone(),
            shard: entry.shard,
            position: entry.position,
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct MessageItem {
    pk: String,
    entity: String,
    shard: u8,
    position: u64,
}

pub(crate) fn encode(entry: &Entry) -> Result<Image, ItemError> {
    let record = &entry.record;
    let (actor, from) = (&record.actor, &record.from);
    let (who_hash, who) = sealed(actor.subject.as_ref());
    let (address_hash, address) = sealed(from.address.as_ref());
    write(EntryItem {
        pk: Key::Audit(entry.shard, entry.position).pk(),
        entity: ENTRY.to_owned(),
        previous: bytes(entry.previous),
        hash: bytes(entry.hash),
        message: record.message.clone(),
        at: Nanos(record.at),
        kind: actor.kind.name().to_owned(),
        tenant: actor.tenant.clone(),
        who_hash,
        who,
        action: record.action.clone(),
        object: record.object.clone(),
        address_hash,
        address,
        request: from.request.clone(),
        refused: match &record.outcome {
            Outcome::Done => None,
            Outcome::Refused(reason) => Some(reason.clone()),
        },
    })
}

pub(crate) fn encode_mark(mark: &Mark) -> Result<Image, ItemError> {
    write(MessageItem {
        pk: Key::Audited(mark.message.clone()).pk(),
        entity: MESSAGE.to_owned(),
        shard: mark.shard.number(),
        position: mark.position,
    })
}

pub(crate) fn decode_mark(image: Image) -> Result<Mark, ItemError> {
    let item: MessageItem = read(image)?;
    expect_entity(&item.entity, MESSAGE)?;
    let Ok(Key::Audited(message)) = Key::parse(&item.pk) else {
        return Err(ItemError::of("pk")("the key names no message"));
    };
    let shard = Shard::new(item.shard);
    Ok(Mark {
        message,
        shard: shard.ok_or_else(|| ItemError::of("shard")("there is no such chain"))?,
        position: item.position,
    })
}

pub(crate) fn decode(image: Image) -> Result<Entry, ItemError> {
    let item: EntryItem = read(image)?;
    expect_entity(&item.entity, ENTRY)?;
    let Ok(Key::Audit(shard, position)) = Key::parse(&item.pk) else {
        return Err(ItemError::of("pk")("the key names no place in a chain"));
    };
    let kind = ActorKind::from_name(&item.kind);
    let actor = Actor {
        kind: kind.ok_or_else(|| ItemError::of("kind")("no known kind"))?,
        tenant: item.tenant,
        subject: personal("who", item.who_hash, item.who)?,
    };
    let from = Origin {
        address: personal("address", item.address_hash, item.address)?,
        request: item.request,
    };
    let record = Record {
        message: item.message,
        at: item.at.0,
        actor,
        action: item.action,
        object: item.object,
        from,
        outcome: item.refused.map_or(Outcome::Done, Outcome::Refused),
    };
    Ok(Entry {
        shard,
        position,
        previous: hash("previous", item.previous)?,
        record,
        hash: hash("hash", item.hash)?,
    })
}

fn bytes(hash: Hash) -> Bytes {
    Bytes(hash.0.to_vec())
}

fn hash(attribute: &'static str, Bytes(bytes): Bytes) -> Result<Hash, ItemError> {
    let hash = <[u8; 32]>::try_from(bytes);
    hash.map(Hash)
        .map_err(|_| ItemError::of(attribute)("it is no SHA-256"))
}

fn sealed(personal: Option<&Personal>) -> (Option<Bytes>, Option<OpenedItem>) {
    let opened = |opened: &Opened| OpenedItem {
        salt: Bytes(opened.salt.0.to_vec()),
        value: opened.value.clone(),
    };
    let committed = personal.map(|personal| bytes(personal.commitment));
    let value = personal.and_then(|personal| personal.opened.as_ref());
    (committed, value.map(opened))
}

fn personal(
    attribute: &'static str,
    commitment: Option<Bytes>,
    opened: Option<OpenedItem>,
) -> Result<Option<Personal>, ItemError> {
    let Some(commitment) = commitment else {
        return match opened {
            None => Ok(None),
            Some(_) => Err(ItemError::of(attribute)("a value without its commitment")),
        };
    };
    let salt = |Bytes(salt): Bytes| {
        let salt = <[u8; 16]>::try_from(salt);
        salt.map(Salt)
            .map_err(|_| ItemError::of(attribute)("no salt"))
    };
    let opened = match opened {
        None => None,
        Some(OpenedItem { salt: bytes, value }) => Some(Opened {
            salt: salt(bytes)?,
            value,
        }),
    };
    Ok(Some(Personal {
        commitment: hash(attribute, commitment)?,
        opened,
    }))
}
