//! The item of an API key: `APIKEY#<uuid>`. One that was taken back leaves the index, and DynamoDB
//! removes it some time later.

use domain::{ApiKey, ApiKeyId, CustomerId, SecretHash};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::account::role;
use super::note::NoteItem;
use super::parts::{Nanos, read_tenant};
use super::{Image, ItemError, expect_entity, read, write};
use crate::key::{Key, created_key, keys_of};

const ENTITY: &str = "api-key";
/// For how long a key that was taken back is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24);

#[derive(Serialize, Deserialize)]
struct ApiKeyItem {
    pk: String,
    entity: String,
    version: u64,
    tenant: String,
    name: String,
    roles: Vec<String>,
    /// SHA-256 of the secret, in hexadecimal digits. The secret is not stored.
    hash: String,
    created_by: String,
    created_at: Nanos,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revoked_at: Option<Nanos>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keys_of: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    created_key: Option<String>,
    /// Seconds since 1970, as DynamoDB's time to live wants it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<i64>,
    /// That it was made, or taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<NoteItem>,
    #[serde(default)]
    news: bool,
}

/// The item of the next version.
pub(crate) fn encode(key: &ApiKey) -> Result<Image, ItemError> {
    let live = key.revoked_at.is_none();
    let expiry = |at: Timestamp| at.checked_add(KEPT).unwrap_or(Timestamp::MAX).as_second();
    write(ApiKeyItem {
        pk: Key::ApiKey(key.id).pk(),
        entity: ENTITY.to_owned(),
        version: key.version.saturating_add(1),
        tenant: key.tenant.to_string(),
        name: key.name.clone(),
        roles: key.roles.iter().map(|role| role.name().into()).collect(),
        hash: key
            .hash
            .0
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect(),
        created_by: key.created_by.to_string(),
        created_at: Nanos(key.created_at),
        revoked_at: key.revoked_at.map(Nanos),
        keys_of: live.then(|| keys_of(&key.tenant)),
        created_key: live.then(|| created_key(key.created_at, &key.id.to_string())),
        expires: key.revoked_at.map(expiry),
        note: Some(note(key)),
        news: true,
    })
}

pub(crate) fn decode(image: Image) -> Result<ApiKey, ItemError> {
    let item: ApiKeyItem = read(image)?;
    expect_entity(&item.entity, ENTITY)?;
    let roles = item.roles.iter().map(|name| role(name));
    Ok(ApiKey {
        id: id_of(&item.pk)?,
        tenant: read_tenant(&item.tenant)?,
        name: item.name,
        roles: roles.collect::<Result<_, _>>()?,
        hash: hash_of(&item.hash)?,
        created_by: CustomerId::parse(&item.created_by).map_err(ItemError::of("created_by"))?,
        created_at: item.created_at.0,
        revoked_at: item.revoked_at.map(|at| at.0),
        version: item.version,
    })
}

fn note(key: &ApiKey) -> NoteItem {
    let (action, at) = match key.revoked_at {
        None => ("api-key.created", key.created_at),
        Some(at) => ("api-key.revoked", at),
    };
    let object = format!("api-key/{}", key.id);
    NoteItem::new(key.version.saturating_add(1), at, action, object)
}

/// The key that an item or an entry of the index is.
pub(crate) fn id_of(pk: &str) -> Result<ApiKeyId, ItemError> {
    match Key::parse(pk).map_err(ItemError::of("pk"))? {
        Key::ApiKey(id) => Ok(id),
        _ => Err(ItemError::of("pk")("the key names no API key")),
    }
}

fn hash_of(digits: &str) -> Result<SecretHash, ItemError> {
    let wrong = || ItemError::of("hash")("64 hexadecimal digits");
    if digits.len() != 64 {
        return Err(wrong());
    }
    let mut hash = [0; 32];
    for (place, start) in hash.iter_mut().zip((0..64).step_by(2)) {
        let pair = digits.get(start..start + 2).ok_or_else(wrong)?;
        *place = u8::from_str_radix(pair, 16).map_err(ItemError::of("hash"))?;
    }
    Ok(SecretHash(hash))
}
