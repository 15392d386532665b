//! The item of a session: `SESSION#<uuid>`. DynamoDB removes it some time after its end.

use domain::{CustomerId, Generation, Session, SessionEnd, SessionId};
use serde::{Deserialize, Serialize};

use super::note::NoteItem;
use super::parts::{Nanos, read_tenant};
use super::{Image, ItemError, expect_entity, read, write};
use crate::key::Key;

pub(crate) const ENTITY: &str = "session";

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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended_at: Option<Nanos>,
    /// Seconds since 1970, as DynamoDB's time to live wants it.
    expires: i64,
    /// Its beginning and its end; its refreshes are not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<NoteItem>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    news: bool,
}

/// The item of the next version.
pub(crate) fn encode(session: &Session) -> Result<Image, ItemError> {
    let note = note(session);
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
        ended_at: session.ended_at.map(Nanos),
        expires: session.ends_at.as_second(),
        news: note.is_some(),
        note,
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
        ended_at: item.ended_at.map(|at| at.0),
        version: item.version,
    })
}

/// Of the account whose it is, so that all that was done with one is in one list.
fn note(session: &Session) -> Option<NoteItem> {
    let version = session.version.saturating_add(1);
    let at = session.ended_at.unwrap_or(session.rotated_at);
    let object = format!("account/{}", session.account);
    match session.ended {
        None if session.version > 0 => None,
        None => Some(NoteItem::new(version, at, "session.began", object)),
        Some(end) => {
            let action = format!("session.{}", end.name());
            let note = NoteItem::new(version, at, &action, object);
            Some(match end {
                SessionEnd::SignedOut => note,
                SessionEnd::Reused => note.refused("a refresh token was used twice"),
            })
        }
    }
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
