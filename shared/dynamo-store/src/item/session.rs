//! The item of a session: `SESSION#<uuid>`. DynamoDB removes it some time after its end.

use domain::{CustomerId, Generation, Session, SessionEnd, SessionId};
use serde::{Deserialize, Serialize};

use super::parts::{Nanos, read_tenant};
use super::{Image, ItemError, expect_entity, read, write};
use crate::key::Key;

const ENTITY: &str = "session";

#[derive(Debug, Serialize, Deserialize)]
struct SessionItem {
    pk: String,
    entity: String,
    version: u64,
    account: String,
    tenant: String,
    epoch: u32,
    /// Number of the live token. No token is stored, nor a hash of one.
    live: u32,
    began_at: Nanos,
    rotated_at: Nanos,
    ends_at: Nanos,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended: Option<String>,
    /// Seconds since 1970, as DynamoDB's time to live wants it.
    expires: i64,
}

/// The item of the next version.
pub(crate) fn encode(session: &Session) -> Result<Image, ItemError> {
    write(SessionItem {
        pk: Key::Session(session.id).pk(),
        entity: ENTITY.to_owned(),
        version: session.version.saturating_add(1),
        account: session.account.to_string(),
        tenant: session.tenant.to_string(),
        epoch: session.epoch,
        live: session.live.0,
        began_at: Nanos(session.began_at),
        rotated_at: Nanos(session.rotated_at),
        ends_at: Nanos(session.ends_at),
        ended: session.ended.map(|end| end.name().to_owned()),
        expires: session.ends_at.as_second(),
    })
}

pub(crate) fn decode(image: Image) -> Result<Session, ItemError> {
    let item: SessionItem = read(image)?;
    expect_entity(&item.entity, ENTITY)?;
    Ok(Session {
        id: id_of(&item.pk)?,
        account: CustomerId::parse(&item.account).map_err(ItemError::of("account"))?,
        tenant: read_tenant(&item.tenant)?,
        epoch: item.epoch,
        live: Generation(item.live),
        began_at: item.began_at.0,
        rotated_at: item.rotated_at.0,
        ends_at: item.ends_at.0,
        ended: item.ended.as_deref().map(end).transpose()?,
        version: item.version,
    })
}

fn end(name: &str) -> Result<SessionEnd, ItemError> {
    SessionEnd::from_name(name).ok_or_else(|| ItemError::of("ended")("no known end"))
}

fn id_of(pk: &str) -> Result<SessionId, ItemError> {
    match Key::parse(pk).map_err(ItemError::of("pk"))? {
        Key::Session(id) => Ok(id),
        _ => Err(ItemError::of("pk")("the key names no session")),
    }
}
